"""What a plan costs, and who pays which part of it."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from evernormal.domain.allocation import Pool
from evernormal.domain.policy import Entitlement
from evernormal.domain.values import Fen

Support = Callable[[Fen], Entitlement]
"""The rules, asked what they give for a cost: rate, caps and pot together."""


@dataclass(frozen=True, slots=True)
class CostShare:
    """A cost, and who pays it.

    limb    what decided the voucher's part: the rate, or the cap or pot that lowered it; "" where
            there is no voucher
    """

    cost: Fen
    voucher_part: Fen
    limb: str

    @property
    def own(self) -> Fen:
        """What the user pays."""
        return self.cost - self.voucher_part


@dataclass(frozen=True, slots=True)
class PlanCost:
    """What a plan costs at one offer, at the least, most likely and at the most."""

    offer: Pool
    low: CostShare
    mid: CostShare
    high: CostShare


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a voucher buys at one offer.

    contract    the cost that the voucher and its user's own part pay together
    card_hours  whole ones that the contract pays for
    tokens      trained on, or given out, at the low, middle and high speed
    """

    contract: CostShare
    card_hours: int
    tokens: tuple[int, int, int]


def share_cost(cost: Fen, support: Support | None) -> CostShare:
    """Divide a cost between voucher and user.

    support  None without a voucher
    returns  never more support than cost, whatever the rules say of one
    """
    if support is None:
        return CostShare(cost, Fen(0), "")
    given = support(cost)
    return CostShare(cost, min(given.amount, cost), given.limb)


def price_card_hours(card_hours: int, offer: Pool) -> Fen:
    """Whole card-hours at the posted price of an offer: exact, so nothing is rounded."""
    return Fen(card_hours * offer.price.amount)


def contract_of(voucher: Fen, rate: Fraction) -> Fen:
    """The largest cost of which a voucher pays its rate in full: a voucher is no wallet.

    rate     above 0, at most 1
    returns  whole fen, rounded down: RMB 1m at 30 % is 3.33m, of which 2.33m is own money
    """
    return Fen(int(voucher.amount / rate))
