"""What the service counts of itself, as Prometheus reads it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from evernormal.actions.live import Taken
from evernormal.actions.live_orders import TakenOrder
from evernormal.api.problems import Refusal

Labels = tuple[tuple[str, str], ...]


class Metrics:
    """Counts since the service started. Of the event loop alone."""

    def __init__(self) -> None:
        """Start at zero."""
        self._orders: Counter[Labels] = Counter()
        self._held: Counter[Labels] = Counter()
        self._batches: Counter[Labels] = Counter()
        self._readings: Counter[Labels] = Counter()
        self._duplicates: Counter[Labels] = Counter()
        self._charged: Counter[Labels] = Counter()
        self._refused: Counter[Labels] = Counter()
        self._lag: dict[Labels, int] = {}
        self._received: dict[Labels, int] = {}

    def count_taken(self, taken: Taken) -> None:
        """Count a batch that was taken in, or had been before."""
        provider = ("provider", taken.batch.provider_id)
        self._batches[provider, ("outcome", "taken" if taken.is_new else "known")] += 1
        if not taken.is_new:
            return
        outcome = taken.outcome
        self._readings[provider,] += outcome.records
        self._duplicates[provider,] += outcome.duplicates
        self._charged[provider,] += outcome.charged_fen
        received = int(outcome.at.timestamp())
        self._received[provider,] = received
        self._lag[provider,] = received - max(r.ends_at for r in taken.batch.readings)

    def count_order(self, taken: TakenOrder) -> None:
        """Count an order that was taken in, or had been before; applicants are not named."""
        provider = ("provider", taken.request.provider_id)
        self._orders[provider, ("outcome", "taken" if taken.is_new else "known")] += 1
        if taken.is_new:
            self._held[provider,] += taken.outcome.facts["amount_fen"]

    def count_refused(self, refusal: Refusal) -> None:
        """Count a request that was refused."""
        self._refused[("reason", refusal.name.lower()),] += 1

    def encode(self, *, worked_until: datetime | None, is_stuck: bool) -> str:
        """All of it, in the text format of version 0.0.4."""
        tables: list[tuple[str, str, str, Mapping[Labels, int]]] = [
            ("batches_total", "counter", "Batches that were acknowledged.", self._batches),
            ("readings_total", "counter", "Readings in batches that were new.", self._readings),
            (
                "duplicates_total",
                "counter",
                "Readings that said nothing new.",
                self._duplicates,
            ),
            ("charged_fen_total", "counter", "Charged at once, less taken back.", self._charged),
            ("orders_total", "counter", "Orders that were acknowledged.", self._orders),
            ("held_fen_total", "counter", "Voucher value held for new orders.", self._held),
            ("refused_total", "counter", "Requests that were refused.", self._refused),
            (
                "usage_lag_seconds",
                "gauge",
                "From the last reading's end to the receipt of the last batch.",
                self._lag,
            ),
            (
                "last_batch_timestamp_seconds",
                "gauge",
                "When the last new batch came in.",
                self._received,
            ),
            (
                "worked_until_timestamp_seconds",
                "gauge",
                "Up to when everything due was done.",
                {(): int(worked_until.timestamp())} if worked_until else {},
            ),
            ("stuck", "gauge", "1 while what is due cannot be done.", {(): int(is_stuck)}),
        ]
        return "".join(line for table in tables for line in _lines(*table))


def _lines(name: str, kind: str, about: str, values: Mapping[Labels, int]) -> Iterator[str]:
    yield f"# HELP evernormal_{name} {about}\n# TYPE evernormal_{name} {kind}\n"
    for labels, value in sorted(values.items()):
        # Labels are ids and words of ours: nothing in them has to be escaped.
        shown = ",".join(f'{label}="{text}"' for label, text in labels)
        yield f"evernormal_{name}{{{shown}}} {value}\n" if shown else f"evernormal_{name} {value}\n"
