"""First-come allocation of a pool's cards, in whole gangs, within the voucher's value."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from evernormal.domain.market import Order, ProviderAnswer, Quote
from evernormal.domain.values import Fen, Period


class AllocationLimb(Enum):
    """What bound an allocation."""

    REQUEST = "REQUEST"
    CAPACITY = "CAPACITY"
    VOUCHER = "VOUCHER"
    GANG = "GANG"
    PROVIDER = "PROVIDER"


@dataclass(frozen=True, slots=True)
class Allocation:
    """Cards reserved for an order, and the voucher value that its hold needs."""

    order_id: str
    cards: int
    hold: Fen
    limb: AllocationLimb


def peak_cards(booked: Iterable[tuple[Period, int]], *, during: Period) -> int:
    """The most cards booked on any day of a period.

    booked   (period, cards) of the pool's allocations
    """
    inside = [(p, cards) for p, cards in booked if p.overlap(during)]
    days = [during.starts_on, *(p.starts_on for p, _ in inside if during.holds(p.starts_on))]
    return max(sum(cards for p, cards in inside if p.holds(day)) for day in days)


def allocate(order: Order, *, free_cards: int, quote: Quote, available: Fen) -> Allocation:
    """Give whole gangs, as many as request, free cards and voucher allow.

    free_cards  cards of the pool that are free on every day of the order, >= 0
    quote       the whole order's voucher part in fen
    available   fen the voucher has left
    returns     cards a multiple of the gang, hold <= available; limb names what bound
    source      docs/rules/allocation.md
    """
    if order.answer is ProviderAnswer.DECLINED:
        return Allocation(order.id, cards=0, hold=Fen(0), limb=AllocationLimb.PROVIDER)
    afforded = order.cards
    if quote.voucher_part > available:
        afforded = order.cards * available.amount // quote.voucher_part.amount
    most, limb = min(
        (order.cards, AllocationLimb.REQUEST),
        (free_cards, AllocationLimb.CAPACITY),
        (afforded, AllocationLimb.VOUCHER),
        key=lambda option: option[0],
    )
    cards = most - most % order.gang_cards
    if cards < most:
        limb = AllocationLimb.GANG
    hold = quote.voucher_part.amount * cards // order.cards
    return Allocation(order_id=order.id, cards=cards, hold=Fen(hold), limb=limb)
