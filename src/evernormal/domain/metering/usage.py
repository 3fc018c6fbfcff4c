"""Usage records: what identifies one, which version of it counts, and its use by day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from evernormal.domain.errors import DomainError
from evernormal.domain.metering.cutting import instant_of
from evernormal.domain.values import CardSeconds, Period

_DAY = timedelta(days=1)


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
    revision   0 as first read; a correction of the same use has a higher one, and may be of no
               cards when there was no such use
    """

    key: UsageKey
    account: str
    cards: int
    ends_at: datetime
    is_final: bool
    state: str
    revision: int = 0


class ConflictingUsage(DomainError):
    """Two final readings of the same use, neither a correction of the other, differ."""

    code = "usage.conflicting"

    def __init__(self, *, known: UsageRecord, incoming: UsageRecord) -> None:
        self.known, self.incoming = known, incoming
        super().__init__(
            f"Job {known.key.job} started {known.key.starts_at.isoformat()} was read as ended "
            f"{known.ends_at.isoformat()} with {known.cards} cards, and again as ended "
            f"{incoming.ends_at.isoformat()} with {incoming.cards} cards. Keep the right one, or "
            "send it with a higher revision."
        )


@dataclass(frozen=True, slots=True)
class Metered:
    """What a batch of readings changed.

    kept        new or better versions, by key order
    superseded  the versions known before that they take the place of
    duplicates  readings that said nothing new
    """

    kept: tuple[UsageRecord, ...]
    superseded: tuple[UsageRecord, ...]
    duplicates: int


def meter(known: Mapping[UsageKey, UsageRecord], incoming: Iterable[UsageRecord]) -> Metered:
    """Count every use once, whatever the order, number and split of readings.

    known     the version that counts now, by key
    incoming  readings of one batch, in any order
    returns   the new or better versions, by key order: a higher revision beats a lower one, then
              a final reading a provisional one, then of two provisional ones the later the earlier
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
    superseded = tuple(known[record.key] for record in kept if record.key in known)
    return Metered(kept=kept, superseded=superseded, duplicates=readings - len(kept))


def day_slices(
    record: UsageRecord, *, within: Period, zone: tzinfo
) -> list[tuple[date, CardSeconds]]:
    """Cut a record at local midnight and clip it to a period.

    within   days that count, local to `zone`
    returns  (day, card-seconds > 0) in order; [] when the record is outside
    """
    # In UTC, because days on which clocks change have 23 or 25 hours.
    start = max(record.key.starts_at.astimezone(UTC), instant_of(within.starts_on, 0, zone=zone))
    end = min(record.ends_at.astimezone(UTC), instant_of(within.ends_on, 0, zone=zone))
    slices = []
    while start < end:
        day = start.astimezone(zone).date()
        if instant_of(day + _DAY, 0, zone=zone) <= start:
            day += _DAY  # clocks went back over midnight: they show a day again that has ended
        cut = min(end, instant_of(day + _DAY, 0, zone=zone))
        seconds = (cut - start) // timedelta(seconds=1)
        if seconds * record.cards:
            slices.append((day, CardSeconds(seconds * record.cards)))
        start = cut
    return slices


def _is_better(incoming: UsageRecord, known: UsageRecord) -> bool:
    is_same_claim = incoming.revision == known.revision and incoming.is_final and known.is_final
    if is_same_claim and incoming != known:
        raise ConflictingUsage(known=known, incoming=incoming)
    return _rank(incoming) > _rank(known)


def _rank(record: UsageRecord) -> tuple[int, bool, datetime, int, str, str]:
    """A total order, so that of any two readings the same one wins whichever came first."""
    return (
        record.revision,
        record.is_final,
        record.ends_at,
        record.cards,
        record.account,
        record.state,
    )
