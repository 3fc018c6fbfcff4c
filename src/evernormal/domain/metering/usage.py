"""Usage records: what identifies one, which version of it counts, and its use by day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from evernormal.domain.errors import DomainError
from evernormal.domain.values import CardSeconds, Period


@dataclass(frozen=True, slots=True, order=True)
class UsageKey:
    """What makes two readings the same use. A requeued job runs again from another start."""

    provider_id: str
    cluster: str
    job: str
    device_class: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """One meter reading: cards of one class, held from start to end.

    account    the name under which the data centre meters the buyer
    ends_at    end of use, or the moment of reading while the job still runs
    is_final   the job has ended; a reading of a running job is provisional
    state      what the meter called the job's state, upper case
    """

    key: UsageKey
    account: str
    cards: int
    ends_at: datetime
    is_final: bool
    state: str


class ConflictingUsage(DomainError):
    """Two final readings of the same use differ."""

    code = "usage.conflicting"

    def __init__(self, *, known: UsageRecord, incoming: UsageRecord) -> None:
        self.known, self.incoming = known, incoming
        super().__init__(
            f"Job {known.key.job} started {known.key.starts_at.isoformat()} was read as ended "
            f"{known.ends_at.isoformat()} with {known.cards} cards, and again as ended "
            f"{incoming.ends_at.isoformat()} with {incoming.cards} cards. Keep the right one."
        )


@dataclass(frozen=True, slots=True)
class Metered:
    """What a batch of readings changed: records to keep now, and how many said nothing new."""

    kept: tuple[UsageRecord, ...]
    duplicates: int


def meter(known: Mapping[UsageKey, UsageRecord], incoming: Iterable[UsageRecord]) -> Metered:
    """Count every use once, whatever the order, number and split of readings.

    known     the version that counts now, by key
    incoming  readings of one batch, in any order
    returns   the new or better versions, by key order: a final reading beats a provisional
              one, of two provisional ones the later beats the earlier
    raises    ConflictingUsage
    source    docs/rules/metering.md
    """
    best: dict[UsageKey, UsageRecord] = {}
    readings = 0
    for record in incoming:
        readings += 1
        before = best.get(record.key, known.get(record.key))
        if before is None or _is_better(record, before):
            best[record.key] = record
    kept = tuple(best[key] for key in sorted(best))
    return Metered(kept=kept, duplicates=readings - len(kept))


def day_slices(
    record: UsageRecord, *, within: Period, zone: tzinfo
) -> list[tuple[date, CardSeconds]]:
    """Cut a record at local midnight and clip it to a period.

    within   days that count, local to `zone`
    returns  (day, card-seconds > 0) in order; [] when the record is outside
    """
    # In UTC, because days on which clocks change have 23 or 25 hours.
    start = max(record.key.starts_at.astimezone(UTC), _midnight(within.starts_on, zone))
    end = min(record.ends_at.astimezone(UTC), _midnight(within.ends_on, zone))
    slices = []
    while start < end:
        day = start.astimezone(zone).date()
        cut = min(end, _midnight(day + timedelta(days=1), zone))
        seconds = (cut - start) // timedelta(seconds=1)
        if seconds * record.cards:
            slices.append((day, CardSeconds(seconds * record.cards)))
        start = cut
    return slices


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def _is_better(incoming: UsageRecord, known: UsageRecord) -> bool:
    if incoming.is_final and known.is_final and incoming != known:
        raise ConflictingUsage(known=known, incoming=incoming)
    return _rank(incoming) > _rank(known)


def _rank(record: UsageRecord) -> tuple[bool, datetime, int, str, str]:
    """A total order, so that of any two readings the same one wins whichever came first."""
    return record.is_final, record.ends_at, record.cards, record.account, record.state
