"""What a mechanism that shares decides, before it is cut to whole gangs."""

from dataclasses import dataclass

from evernormal.engines.clearing.market import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Sharing:
    """Fractional shares of card-hours, and what a card-hour is worth in them.

    shares   float64 [m], card-hours per arc of the market
    prices   float64 [k], fen per card-hour of each lot, none below the posted price
    gap      part of all money by which the shares may be short of the mechanism's objective, at
             most; 0 where it is reached but for the last bits of a float
    """

    shares: Floats
    prices: Floats
    gap: float = 0.0
