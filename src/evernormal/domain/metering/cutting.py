"""Instants at which local days and their bands begin, and use cut there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from evernormal.domain.market import PriceKey, PriceList

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cell:
    """A stretch of one local day with one price. Instants are in UTC."""

    starts_at: datetime
    ends_at: datetime
    day: date
    band: str


def instant_of(day: date, minute: int, *, zone: tzinfo) -> datetime:
    """The first instant at which the clocks of a zone show a time of a day, or have passed it.

    minute   of the local day, 0 to 1,440
    returns  UTC. A time that clocks show twice begins the first time; one that they leap over
             begins when they leap.
    """
    day, minute = day + timedelta(days=minute // 1440), minute % 1440
    local = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone)
    instant = local.astimezone(UTC)
    wall = local.replace(tzinfo=None)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # Clocks leap over it: halve until the leap is found.
    before, after = local.replace(fold=1).astimezone(UTC), instant
    while after - before > _SECOND:
        middle = before + (after - before) // 2 // _SECOND * _SECOND
        has_leapt = middle.astimezone(zone).replace(tzinfo=None) >= wall
        before, after = (before, middle) if has_leapt else (middle, after)
    return after


def cells_on(key: PriceKey, day: date, *, prices: PriceList, zone: tzinfo) -> tuple[Cell, ...]:
    """A local day cut at the edges of its bands.

    returns  cells in order, none empty; together they are the day, of 23 to 25 hours
    """
    hours = prices.hours_on(key, day)
    edges = [instant_of(day, minute, zone=zone) for minute, _ in hours]
    ends = [*edges[1:], instant_of(day + _DAY, 0, zone=zone)]
    return tuple(
        Cell(start, end, day, band)
        for (_, band), start, end in zip(hours, edges, ends, strict=True)
        if start < end
    )


class DayCells:
    """The cells of a price key, each day cut when it is first asked for."""

    def __init__(self, key: PriceKey, *, prices: PriceList, zone: tzinfo) -> None:
        """Keep what the days are cut by."""
        self._key, self._prices, self._zone = key, prices, zone
        self._days: dict[date, tuple[Cell, ...]] = {}

    def between(self, start: datetime, end: datetime) -> Iterator[tuple[Cell, int]]:
        """Give the cells that a stretch of time meets, each with the seconds in it.

        start, end   in UTC
        """
        day = start.astimezone(self._zone).date()
        # A clock that goes back over midnight shows the day before again, which has ended.
        while instant_of(day + _DAY, 0, zone=self._zone) <= start:
            day += _DAY
        while start < end:
            for cell in self._on(day):
                seconds = (min(end, cell.ends_at) - max(start, cell.starts_at)) // _SECOND
                if seconds > 0:
                    yield cell, seconds
            day += _DAY
            start = instant_of(day, 0, zone=self._zone)

    def _on(self, day: date) -> tuple[Cell, ...]:
        known = self._days.get(day)
        if known is None:
            known = cells_on(self._key, day, prices=self._prices, zone=self._zone)
            self._days[day] = known
        return known
