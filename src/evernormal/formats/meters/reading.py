"""What every meter's file comes to: readings, in one shape for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from evernormal.formats.problems import Problem

# Three times the largest cluster there is.
CARDS_MAX = 1_000_000
# Beyond this an epoch second is no year that a calendar of four digits has.
EPOCH_MAX = 7_258_118_400


@dataclass(frozen=True, slots=True)
class Reading:
    """One run on one type of card, as the data centre's meter tells it.

    line       where it stands in its file, from 1; 0 when it comes from no file
    cluster    the data centre's name of the cluster
    job        what ran, in the meter's own words; with the cluster, the card type and the start
               it names this use and no other
    account    the name under which the data centre meters the buyer; "" when it tells none
    card_type  the data centre's name of the card, e.g. "a100"; a part of a card is a type of its
               own, e.g. "shard" or "1g.10gb"
    cards      how many were held, over all nodes
    starts_at  UTC, whole seconds
    ends_at    UTC, whole seconds: end of the run, or of what had elapsed when it was read
    state      the meter's word for the state, upper case
    is_final   the run is over; a later reading takes the place of one that is not
    revision   0 as first read; a correction of the same use has a higher one
    """

    line: int
    cluster: str
    job: str
    account: str
    card_type: str
    cards: int
    starts_at: datetime
    ends_at: datetime
    state: str
    is_final: bool
    revision: int = 0


@dataclass(frozen=True, slots=True)
class MeterReadings:
    """All readings of a file, in its order; how many rows used no card; what could not be read."""

    readings: tuple[Reading, ...]
    without_cards: int
    problems: tuple[Problem, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the file told of nothing at all: no use, nothing without use, no problem."""
        return not (self.readings or self.without_cards or self.problems)


def moment_of(text: str, zone: tzinfo | None = None) -> datetime:
    """Read a time as meters write it: epoch seconds, or an ISO time.

    text     "1772323200", "2026-03-01T08:00:00+08:00", or local "2026-03-01T08:00:00"
    zone     where a time without offset is local; without a zone it is refused
    returns  the moment in UTC, so that all forms compare
    raises   ValueError when it is no time, no whole second, or not the only one of its name
    """
    moments = moments_of(text, zone)
    if len(moments) > 1:
        raise ValueError(f'"{text}" is in an hour that clocks repeated, so it is two moments')
    return moments[0]


def moments_of(text: str, zone: tzinfo | None = None) -> tuple[datetime, ...]:
    """The moments that a time can mean: two where clocks were put back over it.

    raises   ValueError as moment_of; also when clocks were put forward over it
    """
    if text.isascii() and text.isdigit():
        if len(text) > len(str(EPOCH_MAX)) or int(text) > EPOCH_MAX:
            raise ValueError(f'"{text[:40]}" is no time of this age')
        return (datetime.fromtimestamp(int(text), UTC),)
    try:
        moment = datetime.fromisoformat(text)
        if moment.microsecond:
            raise ValueError(f'"{text[:40]}" is not a whole second')
        if moment.tzinfo:
            return (moment.astimezone(UTC),)
        if zone is None:
            raise ValueError(f'"{text[:40]}" has no offset')
        passes = {moment.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    except OverflowError as error:
        raise ValueError(f'"{text[:40]}" is no time of this age') from error
    real = [each for each in passes if each.astimezone(zone).replace(tzinfo=None) == moment]
    if not real:
        raise ValueError(f'"{text[:40]}" is in an hour that clocks skipped')
    return tuple(sorted(real))


def text_at(fields: Mapping[str, object], key: str) -> str:
    """The text of a key; "" when there is none."""
    value = fields.get(key)
    return value if isinstance(value, str) else ""


def part_at(fields: Mapping[str, object], key: str) -> Mapping[str, object]:
    """The object of a key; an empty one when there is none."""
    value = fields.get(key)
    return value if isinstance(value, Mapping) else {}
