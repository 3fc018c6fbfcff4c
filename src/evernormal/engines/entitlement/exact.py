"""Exact amounts by column: whole numbers over a denominator, as `Fraction` row by row."""

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import assert_never

import numpy as np

from evernormal.domain.values import Rounding, RoundingMode
from evernormal.engines.entitlement.arrays import FlagColumn
from evernormal.engines.entitlement.whole import ONE, Whole


@dataclass(frozen=True, slots=True, eq=False)
class Exact:
    """`over / (scale * days)`: not in lowest terms, so that rows share a denominator.

    over     numerator
    scale    what rates divide by, the same in every row, >= 1
    days     what cost windows divide by, each row its own, >= 1
    """

    over: Whole
    scale: int = 1
    days: Whole = ONE

    @property
    def under(self) -> Whole:
        """The whole denominator."""
        return self.days.times(self.scale)

    def times(self, ratio: Fraction) -> "Exact":
        """Multiplied by one ratio."""
        return Exact(self.over.times(ratio.numerator), self.scale * ratio.denominator, self.days)

    def of(self, number: Whole) -> Whole:
        """A whole number over this denominator: the numerator it would have."""
        return number * self.under

    def is_less(self, other: "Exact") -> FlagColumn:
        """Rows where this is less."""
        mine, theirs, _, _ = alike(self, other)
        less: FlagColumn = mine.values < theirs.values
        return less

    def least(self, other: "Exact", *, where: FlagColumn | None = None) -> "Exact":
        """The lesser of the two in some rows, this in the others. None: every row."""
        mine, theirs, scale, days = alike(self, other)
        return Exact(mine.least(theirs).where(where, mine), scale, days)


def alike(one: Exact, other: Exact) -> tuple[Whole, Whole, int, Whole]:
    """The numerators of two amounts over a denominator of both, and that denominator's parts."""
    scale = lcm(one.scale, other.scale)
    mine = one.over.times(scale // one.scale)
    theirs = other.over.times(scale // other.scale)
    if one.days is other.days:
        return mine, theirs, scale, one.days
    return mine * other.days, theirs * one.days, scale, one.days * other.days


def rounded(exact: Exact, rounding: Rounding, *, room: Whole | None) -> Whole:
    """Whole fen, by `Rounding.to_fen`; cut instead of rounded where that would exceed the room.

    room     fen that caps leave; None: no cap in any row
    """
    to_unit = _to_unit(exact, rounding)
    if room is None:
        return to_unit
    cut = _to_unit(exact, Rounding(RoundingMode.TRUNCATE, rounding.unit_fen))
    return to_unit.where(to_unit.values <= room.values, cut)


def _to_unit(exact: Exact, rounding: Rounding) -> Whole:
    unit = exact.under.times(rounding.unit_fen)
    if unit.is_always(1):
        return exact.over
    sizes = _units(abs(exact.over), unit, rounding.mode).times(rounding.unit_fen)
    if exact.over.low >= 0:
        return sizes
    minus = sizes.times(-1)
    return minus.where(exact.over.values < 0, sizes)


def _units(size: Whole, unit: Whole, mode: RoundingMode) -> Whole:
    """How many units there are in a size that is not negative."""
    match mode:
        case RoundingMode.TRUNCATE:
            return size // unit
        case RoundingMode.HALF_UP:
            return (size.times(2) + unit) // unit.times(2)
        case RoundingMode.HALF_EVEN:
            units = size // unit
            twice_left = (size - units * unit).times(2).values
            is_odd = (units.values & 1) == 1
            up = (twice_left > unit.values) | ((twice_left == unit.values) & is_odd)
            return units + Whole(up.astype(np.int64), low=0, high=1)
        case _:
            assert_never(mode)
