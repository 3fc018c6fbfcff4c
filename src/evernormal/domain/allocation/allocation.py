"""First-come allocation of a pool's cards, in whole gangs, within the voucher's value."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from evernormal.domain.market import Order, ProviderAnswer
from evernormal.domain.values import Fen, Period


class AllocationLimb(Enum):
    """What bound an allocation."""

    REQUEST = "REQUEST"
    CAPACITY = "CAPACITY"
    VOUCHER = "VOUCHER"
    GANG = "GANG"
    PROVIDER = "PROVIDER"


@dataclass(frozen=True, slots=True)
class Purse:
    """A voucher as an order sees it.

    part       fen that it would pay of the whole order, by its quote
    available  fen that it has left
    """

    part: Fen
    available: Fen

    @property
    def reach(self) -> Fraction:
        """How much of the order it can pay for, 0 to 1; without a part in it, nothing."""
        if not self.part.amount:
            return Fraction(0)
        return min(Fraction(self.available.amount, self.part.amount), Fraction(1))


@dataclass(frozen=True, slots=True)
class Allocation:
    """Cards reserved for an order, and the value that its hold on each voucher needs.

    holds  fen, one for each purse, in their order
    """

    order_id: str
    cards: int
    holds: tuple[Fen, ...]
    limb: AllocationLimb


def peak_cards(booked: Iterable[tuple[Period, int]], *, during: Period) -> int:
    """The most cards booked on any day of a period.

    booked   (period, cards) of the pool's allocations
    """
    inside = [(p, cards) for p, cards in booked if p.overlap(during)]
    days = [during.starts_on, *(p.starts_on for p, _ in inside if during.holds(p.starts_on))]
    return max(sum(cards for p, cards in inside if p.holds(day)) for day in days)


def allocate(order: Order, *, free_cards: int, purses: Sequence[Purse]) -> Allocation:
    """Give whole gangs, as many as request, free cards and vouchers allow.

    free_cards  cards of the pool that are free on every day of the order, >= 0
    purses      the vouchers that pay, at least one, in the order of burning: each is held to its
                end before the next; where none has a part in the order, none limits it
    returns     cards a multiple of the gang, each hold at most what its voucher has left; limb
                names what bound
    source      docs/rules/allocation.md
    """
    nothing = tuple(Fen(0) for _ in purses)
    if order.answer is ProviderAnswer.DECLINED:
        return Allocation(order.id, cards=0, holds=nothing, limb=AllocationLimb.PROVIDER)
    afforded = order.cards
    if any(purse.part.amount for purse in purses):
        reach = sum((purse.reach for purse in purses), Fraction(0))
        afforded = min(int(order.cards * reach), order.cards)
    most, limb = min(
        (order.cards, AllocationLimb.REQUEST),
        (free_cards, AllocationLimb.CAPACITY),
        (afforded, AllocationLimb.VOUCHER),
        key=lambda option: option[0],
    )
    cards = most - most % order.gang_cards
    if cards < most:
        limb = AllocationLimb.GANG
    return Allocation(order.id, cards=cards, holds=_holds(order, cards, purses), limb=limb)


def _holds(order: Order, cards: int, purses: Sequence[Purse]) -> tuple[Fen, ...]:
    """Lay the voucher's part of the cards on one purse after the other."""
    left, holds = Fraction(cards, order.cards), []
    for purse in purses:
        laid = min(left, purse.reach)
        holds.append(Fen(int(purse.part.amount * laid)))
        left -= laid
    return tuple(holds)
