"""Scorecards are sums of events, class by class; reserved cards never exceed those there are."""

from datetime import date
from fractions import Fraction

import pytest

from evernormal.domain.allocation import Pool
from evernormal.domain.market import (
    CancelledByProvider,
    CapacityReported,
    CapacityStage,
    CustomerGroup,
    PriceCharged,
    ReservedBeyondCapacity,
    ReservedShares,
    ScoreEvent,
    ScoreLine,
    reserve_shares,
    score,
)
from evernormal.domain.values import CardSeconds, Fen, Period

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))


def reported(stage: CapacityStage, hours: int, day: int = 1, device: str = "card") -> ScoreEvent:
    return CapacityReported("P1", device, date(2026, 3, day), stage, CardSeconds(hours * 3600))


def cancelled(order_id: str, day: int, hours: int) -> ScoreEvent:
    lost = CardSeconds(hours * 3600)
    return CancelledByProvider("P1", "card", date(2026, 3, day), order_id, lost, days_lost=day)


EVENTS = [
    reported(CapacityStage.OFFERED, 100),
    reported(CapacityStage.OFFERED, 100, day=31),
    reported(CapacityStage.DELIVERED, 120),
    reported(CapacityStage.USED, 90),
    reported(CapacityStage.USED, 5, device="other"),
    cancelled("O2", 4, 30),
    cancelled("O1", 9, 99),
    cancelled("O1", 3, 10),
    PriceCharged("P1", "card", date(2026, 3, 9), Fen(1200), Fen(1000)),
    PriceCharged("P1", "card", date(2026, 4, 1), Fen(99), Fen(1)),
]


@pytest.mark.parametrize("events", [EVENTS, EVENTS[::-1]])
def test_a_line_sums_one_class_whatever_the_order(events: list[ScoreEvent]) -> None:
    card, other = score(events, period=MARCH)

    assert card == ScoreLine(
        "P1",
        "card",
        offered=CardSeconds(200 * 3600),
        delivered=CardSeconds(120 * 3600),
        used=CardSeconds(90 * 3600),
        cancelled_orders=2,
        cancelled=CardSeconds(40 * 3600),
        days_lost=7,
        charged=Fen(1200),
        benchmark=Fen(1000),
    )
    assert (card.delivered_share, card.used_share, card.cancelled_share, card.price_ratio) == (
        Fraction(3, 5),
        Fraction(3, 4),
        Fraction(1, 4),
        Fraction(6, 5),
    )
    assert (other.device_class, other.used) == ("other", CardSeconds(5 * 3600))
    assert (other.delivered_share, other.used_share, other.cancelled_share) == (None, None, None)
    assert other.price_ratio is None


def test_reserved_cards_are_what_a_pool_takes() -> None:
    shares = {CustomerGroup.VOUCHER: Fraction(1, 3), CustomerGroup.INTERNAL: Fraction(1, 2)}

    kept = reserve_shares(10, {**shares, CustomerGroup.PUBLIC: Fraction(0)})

    assert kept.by_group_name == {"INTERNAL": 5, "VOUCHER": 3}
    assert kept.open_cards == 2
    pool = Pool("a", "P1", "site", "card", kept.cards, Fen(100), kept.by_group_name)
    assert sum(pool.reserved.values()) <= pool.cards


def test_more_than_there_is_cannot_be_reserved() -> None:
    half = Fraction(1, 2)
    with pytest.raises(ReservedBeyondCapacity, match="3/2 are kept for groups, of 1"):
        reserve_shares(10, dict.fromkeys(list(CustomerGroup)[:3], half))
    with pytest.raises(ReservedBeyondCapacity, match="11 are kept"):
        ReservedShares(10, {CustomerGroup.PUBLIC: 11})
    assert ReservedShares(10, {CustomerGroup.PUBLIC: 10}).open_cards == 0


@pytest.mark.parametrize(("cards", "kept"), [(10, -1), (-1, 0)])
def test_fewer_than_no_cards_are_a_mistake_of_the_program(cards: int, kept: int) -> None:
    with pytest.raises(ValueError, match="fewer than none"):
        ReservedShares(cards, {CustomerGroup.PRIORITY: kept})
