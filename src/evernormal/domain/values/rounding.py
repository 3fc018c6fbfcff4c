"""The three roundings found in published rules, each to a named unit of money."""

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import assert_never

from evernormal.domain.values.money import Fen


class RoundingMode(Enum):
    """How a fraction of the unit is treated."""

    TRUNCATE = "TRUNCATE"
    HALF_UP = "HALF_UP"
    HALF_EVEN = "HALF_EVEN"


@dataclass(frozen=True, slots=True)
class Rounding:
    """A rounding to whole units.

    mode      TRUNCATE drops towards zero; HALF_UP moves a half away from zero;
              HALF_EVEN moves a half to the even neighbour
    unit_fen  size of the unit in fen: 1 = fen, 100 = yuan
    """

    mode: RoundingMode
    unit_fen: int = 1

    def __post_init__(self) -> None:
        if type(self.unit_fen) is not int or self.unit_fen < 1:
            raise ValueError(f"A rounding unit is a whole number of fen, got {self.unit_fen!r}")

    def to_fen(self, exact: Fraction) -> Fen:
        """Round an exact amount once.

        exact    fen, any sign
        returns  whole fen, a multiple of unit_fen
        source   docs/rules/rounding.md
        """
        whole = self._whole(abs(exact.numerator), exact.denominator * self.unit_fen)
        return Fen(whole * self.unit_fen * (-1 if exact < 0 else 1))

    def _whole(self, top: int, bottom: int) -> int:
        """Round top / bottom, top >= 0: whole numbers, because most of charging is this."""
        match self.mode:
            case RoundingMode.TRUNCATE:
                return top // bottom
            case RoundingMode.HALF_UP:
                return (2 * top + bottom) // (2 * bottom)
            case RoundingMode.HALF_EVEN:
                return round(Fraction(top, bottom))
            case _:
                assert_never(self.mode)
