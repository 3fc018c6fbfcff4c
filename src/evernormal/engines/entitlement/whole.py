"""Columns of whole numbers of which it is known, before each operation, that 64 bits suffice."""

from dataclasses import dataclass

import numpy as np

from evernormal.engines.entitlement.arrays import FlagColumn, IntColumn

_MOST = 2**63 - 1


class Beyond64Bits(Exception):
    """A number could need more than 64 bits. Caught by whoever set the limits of the facts."""


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """Whole numbers, each from `low` to `high`: the ends are followed exactly through every step.

    values   [n], or a single number for all rows
    raises   Beyond64Bits by every operation, before it computes, when a result could overflow
    """

    values: IntColumn
    low: int
    high: int

    @classmethod
    def constant(cls, number: int) -> "Whole":
        """The same number in every row."""
        if abs(number) > _MOST:
            raise Beyond64Bits
        return cls(np.asarray(number, dtype=np.int64), low=number, high=number)

    def __add__(self, other: "Whole") -> "Whole":
        if self.is_always(0):
            return other
        if other.is_always(0):
            return self
        low, high = _within(self.low + other.low, self.high + other.high)
        return Whole(self.values + other.values, low=low, high=high)

    def __sub__(self, other: "Whole") -> "Whole":
        if other.is_always(0):
            return self
        low, high = _within(self.low - other.high, self.high - other.low)
        return Whole(self.values - other.values, low=low, high=high)

    def __mul__(self, other: "Whole") -> "Whole":
        if self.is_always(1):
            return other
        if other.is_always(1):
            return self
        corners = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        low, high = _within(min(corners), max(corners))
        return Whole(self.values * other.values, low=low, high=high)

    def times(self, number: int) -> "Whole":
        """Multiplied by one number."""
        return self * Whole.constant(number)

    def __floordiv__(self, other: "Whole") -> "Whole":
        """Rounded down; neither may be negative, and the divisor not 0."""
        if other.is_always(1):
            return self
        return Whole(
            self.values // other.values, low=self.low // other.high, high=self.high // other.low
        )

    def __abs__(self) -> "Whole":
        if self.low >= 0:
            return self
        return Whole(np.abs(self.values), low=0, high=max(-self.low, self.high))

    def least(self, other: "Whole") -> "Whole":
        """The lesser of two, row by row."""
        return Whole(
            np.minimum(self.values, other.values),
            low=min(self.low, other.low),
            high=min(self.high, other.high),
        )

    def most(self, other: "Whole") -> "Whole":
        """The greater of two, row by row."""
        if self.low >= other.high:
            return self
        return Whole(
            np.maximum(self.values, other.values),
            low=max(self.low, other.low),
            high=max(self.high, other.high),
        )

    def where(self, rows: FlagColumn | None, other: "Whole") -> "Whole":
        """These numbers in the rows, the others elsewhere. None: every row."""
        if rows is None:
            return self
        return Whole(
            np.where(rows, self.values, other.values),
            low=min(self.low, other.low),
            high=max(self.high, other.high),
        )

    def is_always(self, number: int) -> bool:
        """Whether every row is known to hold the number."""
        return self.low == number == self.high


def _within(low: int, high: int) -> tuple[int, int]:
    if low < -_MOST or high > _MOST:
        raise Beyond64Bits
    return low, high


ZERO, ONE = Whole.constant(0), Whole.constant(1)
