"""How one fact of many cases is held: whole numbers, days, codes, flags, words, sets of words."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from evernormal.domain.policy import (
    ApplicantType,
    CapCount,
    CostCategory,
    DeviceOrigin,
    FirmSize,
    Route,
    Side,
    Use,
)

IntColumn = NDArray[np.int64]
"""Whole numbers: fen, counts. [n]"""

DayColumn = NDArray[np.int32]
"""Days as `date.toordinal` numbers them, from 1; 0 is no day. [n]"""

CodeColumn = NDArray[np.int8]
"""Members of an enumeration, as `code_of` numbers them. [n]"""

FlagColumn = NDArray[np.bool_]
"""Yes or no. [n]"""

NOT_STATED = int(np.iinfo(np.int64).min)
"""Stands in an IntColumn for a figure that the applicant did not state."""

_ENUMS: tuple[type[Enum], ...] = (
    ApplicantType,
    FirmSize,
    Use,
    CostCategory,
    DeviceOrigin,
    Route,
    Side,
    CapCount,
)
_CODES = {member: code for kind in _ENUMS for code, member in enumerate(kind)}
_BITS = 64
BITS_MAX = 63
"""Bits of the size of a whole number in an IntColumn, beside its sign."""


def code_of(member: Enum) -> int:
    """The number that stands for a member in a CodeColumn: its place in its enumeration."""
    return _CODES[member]


@dataclass(frozen=True, slots=True, eq=False)
class WordColumn:
    """One word a row, as a place or a kind of facility.

    words  the words there are
    codes  place of the row's word in `words`, int32 [n]
    """

    words: tuple[str, ...]
    codes: NDArray[np.int32]

    @classmethod
    def of(cls, column: Sequence[str]) -> "WordColumn":
        """Number the words of a column."""
        words = tuple(sorted(set(column)))
        numbers = {word: number for number, word in enumerate(words)}
        return cls(words, np.array([numbers[word] for word in column], dtype=np.int32))


@dataclass(frozen=True, slots=True, eq=False)
class WordSetColumn:
    """A set of words a row, as sectors or documents.

    words  the words there are
    masks  uint64 [ceil(len(words) / 64), n]: bit i % 64 of row i // 64 says that word i is in
    """

    words: tuple[str, ...]
    masks: NDArray[np.uint64]

    @classmethod
    def of(cls, column: Sequence[Iterable[str]]) -> "WordSetColumn":
        """Number the words of a column, and set their bits."""
        words = tuple(sorted({word for row in column for word in row}))
        numbers = {word: number for number, word in enumerate(words)}
        masks = np.zeros((-(-len(words) // _BITS), len(column)), dtype=np.uint64)
        for row, members in enumerate(column):
            for word in members:
                block, bit = divmod(numbers[word], _BITS)
                masks[block, row] |= np.uint64(1 << bit)
        return cls(words, masks)

    @classmethod
    def of_flags(cls, count: int, **flags: FlagColumn) -> "WordSetColumn":
        """Make the column of one flag [count] a word: whether the word is in the row's set."""
        masks = np.zeros((-(-len(flags) // _BITS), count), dtype=np.uint64)
        for number, is_in in enumerate(flags.values()):
            block, bit = divmod(number, _BITS)
            masks[block] |= is_in.astype(np.uint64) << np.uint64(bit)
        return cls(tuple(flags), masks)

    def bits_of(self, words: Collection[str]) -> list[np.uint64]:
        """The bits of the words, by block; words that no row has are left out."""
        bits = [0] * len(self.masks)
        for number, word in enumerate(self.words):
            if word in words:
                bits[number // _BITS] |= 1 << number % _BITS
        return [np.uint64(block) for block in bits]

    def words_at(self, row: int) -> frozenset[str]:
        """The words of one row."""
        blocks = [int(mask) for mask in self.masks[:, row]]
        return frozenset(
            word
            for number, word in enumerate(self.words)
            if blocks[number // _BITS] >> number % _BITS & 1
        )


def all_of(masks: Iterable[FlagColumn | None]) -> FlagColumn | None:
    """Rows in every mask; None is every row."""
    narrowing = [mask for mask in masks if mask is not None]
    return reduce(np.logical_and, narrowing) if narrowing else None
