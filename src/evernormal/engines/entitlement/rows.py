"""Some rows of a table of cases, as conditions, selectors and amount forms read them."""

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from evernormal.domain.policy import CapScope, CostCategory
from evernormal.engines.entitlement.arrays import (
    NOT_STATED,
    FlagColumn,
    IntColumn,
    WordColumn,
    WordSetColumn,
    code_of,
)
from evernormal.engines.entitlement.calendar import (
    DAYS_A_MONTH,
    NO_SUCH_DAY,
    DayTable,
    month_places,
)
from evernormal.engines.entitlement.columns import CODES, CaseColumns
from evernormal.engines.entitlement.whole import Whole

T = TypeVar("T")
Index = slice | NDArray[np.int64]
_COMPARED_MAX = 6
"""Up to so many comparisons of codes beat one look-up."""

COSTS, ALREADY = "costs", "already"


@dataclass(frozen=True, slots=True)
class Limits:
    """How large the facts of a row may be, in bits, for amounts to stay within 64 bits.

    fen    sums of money
    count  measured capacity
    """

    fen: int
    count: int


WIDEST = Limits(fen=63, count=63)


class Sheet:
    """A table of cases, with what is worked out once for all of its rows."""

    __slots__ = ("_found", "columns", "read")

    def __init__(self, columns: CaseColumns) -> None:
        self.columns = columns
        self.read: dict[tuple[str, Hashable], IntColumn] = {}
        self._found: dict[Hashable, Any] = {}

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made the first time only."""
        if key not in self._found:
            self._found[key] = make()
        found: T = self._found[key]
        return found

    def extent(self, name: str, part: Hashable, column: IntColumn) -> tuple[int, int]:
        """The least and the greatest of a column of amounts, which is noted as read."""
        self.read[name, part] = column
        return self.once(("extent", name, part), lambda: _extent(column))


def _extent(column: IntColumn) -> tuple[int, int]:
    if not len(column):
        return 0, 0
    if column.strides == (0,):
        return int(column[0]), int(column[0])
    return int(column.min()), int(column.max())


class Rows:
    """The rows of a sheet at an index. None as an answer means: every row.

    size      how many rows
    uncertain rows that only the plain function can decide
    """

    __slots__ = ("_columns", "_index", "_limits", "_sheet", "size", "uncertain")

    def __init__(self, sheet: Sheet, index: Index, size: int, limits: Limits = WIDEST) -> None:
        self._sheet, self._index, self._limits = sheet, index, limits
        self._columns = sheet.columns
        self.size = size
        self.uncertain: FlagColumn | None = None

    def read(self, name: str) -> Any:
        """A column of days, codes, flags or figures."""
        return getattr(self._columns, name)[self._index]

    def scale(self, measure: str) -> IntColumn:
        """The provider's size by a measure."""
        found = self._columns.scale.get(measure)
        return np.zeros(self.size, dtype=np.int64) if found is None else found[self._index]

    def nowhere(self) -> FlagColumn:
        """No row."""
        return np.zeros(self.size, dtype=np.bool_)

    def is_one_of(self, name: str, members: Collection[Enum]) -> FlagColumn | None:
        """Rows whose code stands for one of the members."""
        kind, _ = CODES[name]
        return self._codes_in(self.read(name), {code_of(m) for m in members}, len(kind))

    def starts_with(self, name: str, prefixes: tuple[str, ...]) -> FlagColumn | None:
        """Rows whose word starts with one of the prefixes."""
        return self._words_that(name, ("starts", prefixes), lambda word: word.startswith(prefixes))

    def is_word_of(self, name: str, words: tuple[str, ...]) -> FlagColumn | None:
        """Rows whose word is one of the words."""
        return self._words_that(name, ("is", words), lambda word: word in words)

    def _words_that(
        self, name: str, key: Hashable, test: Callable[[str], bool]
    ) -> FlagColumn | None:
        column: WordColumn = getattr(self._columns, name)
        wanted = self._sheet.once(
            (name, key), lambda: {code for code, word in enumerate(column.words) if test(word)}
        )
        return self._codes_in(column.codes[self._index], wanted, len(column.words))

    def _codes_in(self, codes: Any, wanted: set[int], count: int) -> FlagColumn | None:
        if len(wanted) == count:
            return None
        if len(wanted) <= _COMPARED_MAX:
            found = self.nowhere()
            for code in wanted:
                found |= codes == code
            return found
        is_wanted = np.zeros(count, dtype=np.bool_)
        is_wanted[list(wanted)] = True
        picked: FlagColumn = is_wanted[codes]
        return picked

    def meets(self, name: str, words: tuple[str, ...]) -> FlagColumn:
        """Rows that have at least one of the words."""
        found = self.nowhere()
        for mask, bits in self._blocks(name, words):
            if bits:
                found |= (mask & bits) != 0
        return found

    def has_all(self, name: str, words: tuple[str, ...]) -> FlagColumn:
        """Rows that have each of the words."""
        if not set(words) <= set(getattr(self._columns, name).words):
            return self.nowhere()
        found = ~self.nowhere()
        for mask, bits in self._blocks(name, words):
            if bits:
                found &= (mask & bits) == bits
        return found

    def has_others(self, name: str, words: tuple[str, ...]) -> FlagColumn:
        """Rows that have a word beside these."""
        found = self.nowhere()
        for mask, bits in self._blocks(name, words):
            found |= (mask & ~bits) != 0
        return found

    def _blocks(
        self, name: str, words: tuple[str, ...]
    ) -> list[tuple[NDArray[np.uint64], np.uint64]]:
        column: WordSetColumn = getattr(self._columns, name)
        bits = self._sheet.once((name, "bits", words), lambda: column.bits_of(words))
        return [(mask[self._index], block) for mask, block in zip(column.masks, bits, strict=True)]

    def is_stated_at_most(self, name: str, limit: int) -> FlagColumn:
        """Rows whose figure is stated, and at most the limit."""
        figures = self.read(name)
        at_most: FlagColumn = (figures != NOT_STATED) & (figures <= limit)
        return at_most

    def age_at_most(self, months: int) -> FlagColumn:
        """Rows whose applicant is at most so many full months old."""
        if months < 0:
            return self.nowhere()
        at_most: FlagColumn = self._age() < (months + 1) * DAYS_A_MONTH
        return at_most

    def age_at_least(self, months: int) -> FlagColumn:
        """Rows whose applicant is at least so many full months old."""
        if months <= 0:
            return ~self.nowhere()
        at_least: FlagColumn = self._age() >= months * DAYS_A_MONTH
        return at_least

    def _age(self) -> NDArray[np.int32]:
        return self.days("applied_on", "place", month_places) - self.days(
            "founded_on", "place", month_places
        )

    def days(
        self, name: str, key: Hashable, function: Callable[[Any], NDArray[np.int32]]
    ) -> NDArray[np.int32]:
        """A function of a column of days; `key` names the function."""
        column = getattr(self._columns, name)
        table = self._sheet.once((name, "days", key), lambda: DayTable(column, function))
        return table.of(column[self._index])

    def later_days(
        self, name: str, key: Hashable, function: Callable[[Any], NDArray[np.int32]]
    ) -> NDArray[np.int32]:
        """The same; rows without such a day become uncertain."""
        found = self.days(name, key, function)
        missing = found == NO_SUCH_DAY
        if missing.any():
            self.uncertain = missing if self.uncertain is None else self.uncertain | missing
        return found

    @property
    def days_most(self) -> int:
        """Days of the longest term of all requests."""
        columns = self._columns
        return self._sheet.once(
            "days_most",
            lambda: int((columns.request_ends_on - columns.request_starts_on).max(initial=1)),
        )

    def cost(self, category: CostCategory) -> Whole:
        """Fen of the request's cost in a category."""
        return self._of_mapping(COSTS, category, self._columns.costs)

    def already(self, scope: CapScope) -> Whole:
        """Fen given before under a scope of cap."""
        return self._of_mapping(ALREADY, scope, self._columns.already)

    def _of_mapping(self, name: str, key: Any, columns: Mapping[Any, IntColumn]) -> Whole:
        column = columns.get(key)
        return Whole.constant(0) if column is None else self._whole(name, key, column)

    def figure(self, name: str) -> Whole:
        """Fen of a column of amounts, or the measured capacity."""
        return self._whole(name, None, getattr(self._columns, name))

    def _whole(self, name: str, part: Hashable, column: IntColumn) -> Whole:
        least, most = self._sheet.extent(name, part, column)
        widest = width_of(name, self._limits)
        low, high = (min(max(end, -widest), widest) for end in (least, most))
        return Whole.constant(low) if low == high else Whole(column[self._index], low, high)


def width_of(name: str, limits: Limits) -> int:
    """The greatest figure that a column may hold under the limits."""
    bits: int = limits.count if name == "capacity_pflops" else limits.fen
    return (1 << bits) - 1
