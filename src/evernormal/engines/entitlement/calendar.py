"""Days and months of whole columns, by the proleptic Gregorian calendar, as `datetime.date`."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from evernormal.engines.entitlement.arrays import DayColumn

NO_SUCH_DAY = 0
"""Stands for a day before year 1 or after year 9999."""

_EPOCH = 719_163
"""1970-01-01 as `date.toordinal` numbers it."""

_FIRST_MONTH, _LAST_MONTH = (1 - 1970) * 12, (9999 - 1970) * 12 + 11
DAYS_A_MONTH = 32


def month_places(days: DayColumn) -> NDArray[np.int32]:
    """Each day's place in a calendar whose months all have 32 days: month * 32 + day of month.

    The difference of two places, divided by 32 and rounded down, is the number of full months
    from one day to the other.
    """
    dates = _dates(days)
    months = dates.astype("datetime64[M]")
    days_into = (dates - months.astype("datetime64[D]")).astype(np.int32)
    places: NDArray[np.int32] = months.astype(np.int32) * np.int32(DAYS_A_MONTH) + days_into
    return places


def months_later(days: DayColumn, months: int, *, spill: bool = False) -> DayColumn:
    """As `add_months`; NO_SUCH_DAY where that has no date.

    spill    where the month is shorter, the first day of the next one instead of its last day
    """
    dates = _dates(days)
    own = dates.astype("datetime64[M]")
    numbers = own.astype(np.int64) + months
    is_dated = (numbers >= _FIRST_MONTH) & (numbers <= _LAST_MONTH)
    aimed = np.where(is_dated, numbers, 0).astype("datetime64[M]")
    first = aimed.astype("datetime64[D]")
    length = ((aimed + np.timedelta64(1, "M")).astype("datetime64[D]") - first).astype(np.int64)
    into = (dates - own.astype("datetime64[D]")).astype(np.int64)
    into = np.minimum(into, length if spill else length - 1)
    later = first.astype(np.int64) + _EPOCH + into
    return np.where(is_dated, later, NO_SUCH_DAY).astype(np.int32)


def _dates(days: DayColumn) -> NDArray[np.datetime64]:
    return (days.astype(np.int64) - _EPOCH).astype("datetime64[D]")


class DayTable:
    """A function of days, worked out once for each day from a column's first to its last.

    A column whose days lie further apart than it has rows is worked out row by row instead.
    """

    __slots__ = ("_first", "_function", "_values")

    def __init__(self, column: DayColumn, function: Callable[[DayColumn], DayColumn]) -> None:
        self._function = function
        self._first = int(column.min()) if len(column) else 1
        last = int(column.max()) if len(column) else 1
        self._values: NDArray[np.int32] | None = None
        if last - self._first < len(column):
            self._values = function(np.arange(self._first, last + 1, dtype=np.int32))

    def of(self, days: DayColumn) -> NDArray[np.int32]:
        """The function's values for some days of the column."""
        if self._values is None:
            return self._function(days)
        return self._values.take(days - self._first)
