"""Each mechanism on rounds small enough to work out by hand, and reasons from real clearings."""

from dataclasses import replace
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import given

from evernormal.domain.allocation import (
    BoundKind,
    ChangeKind,
    Mechanism,
    Round,
    check_outcome,
    why,
    work_of,
)
from evernormal.engines.clearing.maxmin import clear_max_min
from evernormal.engines.clearing.mechanisms import clear, market_for, share
from tests.engines.clearing.rounds import arc, pool, request, rounds

SHARING = [mechanism for mechanism in Mechanism if not mechanism.is_sequential]


def golden(*, voucher: int = 40) -> Round:
    """The two-chip market: 10 and 20 card-hours, values (1, 0.9) and (1, 0.5)."""
    return Round(
        "RD1",
        10,
        (pool("A", cards=1, price=0), pool("B", cards=2, price=0)),
        (
            request("R1", arc("A", speed=10), arc("B", speed=9), budget=60),
            request("R2", arc("A", speed=10), arc("B", speed=5), budget=voucher),
        ),
    )


@pytest.mark.parametrize(
    ("voucher", "prices"), [(40, (4.0, 3.0)), (50, (5.0, 3.0)), (80, (7.0, 3.5))]
)
def test_the_golden_market_clears_at_its_prices(voucher: int, prices: tuple[float, float]) -> None:
    round_ = golden(voucher=voucher)
    market = market_for(round_, Mechanism.PROPORTIONAL)

    found = share(round_, market, Mechanism.PROPORTIONAL, gap=1e-9)

    assert found.prices == pytest.approx(prices, rel=1e-3)


def test_the_golden_market_in_whole_cards() -> None:
    round_ = golden()
    outcome = clear(round_, Mechanism.PROPORTIONAL)

    assert [(g.request_id, g.pool_id, g.card_hours) for g in outcome.grants] == [
        ("R1", "B", 20),
        ("R2", "A", 10),
    ]
    assert outcome.gap is not None
    assert outcome.gap < Fraction(1, 1000)
    assert outcome.prices["A"] == pytest.approx(4, rel=1e-2)


def test_max_min_gives_everyone_the_same_progress_then_raises_who_can_go_on() -> None:
    """R3 needs 2 of A at most; R1 and R2 share the rest, and R2 has B to itself."""
    round_ = Round(
        "RD1",
        1,
        (pool("A", cards=12), pool("B", cards=6)),
        (
            request("R1", arc("A")),
            request("R2", arc("B")),
            request("R3", arc("A"), work=2),
        ),
    )
    market = market_for(round_, Mechanism.MAX_MIN)

    found = clear_max_min(market)

    assert found.shares == pytest.approx([10, 6, 2], rel=1e-6)
    # Equal budgets of 100: R1 alone is held by A, R2 by B.
    assert found.prices == pytest.approx([10, 100 / 6], rel=1e-6)


@given(round_=rounds())
def test_max_min_with_few_programmes_keeps_the_lowest_level_and_wastes_nothing(
    round_: Round,
) -> None:
    market = market_for(round_, Mechanism.MAX_MIN)
    owners = np.repeat(np.arange(market.budgets.size), np.diff(market.starts))
    rooms = market.speeds * market.capacity[market.pools] * market.budgets[owners]
    yardsticks = np.bincount(owners, rooms, market.budgets.size)
    has = yardsticks > 0

    lowest = []
    for levels in (1, 64):
        shares = clear_max_min(market, levels_max=levels).shares
        work = np.bincount(owners, shares * market.speeds, market.budgets.size)
        lowest.append(float((work[has] / yardsticks[has]).min(initial=np.inf)))

    assert lowest[0] == pytest.approx(lowest[1], rel=1e-6, abs=1e-12)


def test_drf_shares_the_preferred_pool_by_budget_and_lets_a_group_fill_its_own() -> None:
    """12 cards, 6 kept for g, whose one member has the least budget: it fills its own alone."""
    kept = pool("A", cards=12, reserved={"g": 6}, price=0)
    round_ = Round(
        "RD1",
        1,
        (kept,),
        (
            request("R1", arc("A"), budget=40),
            request("R2", arc("A"), budget=20),
            request("R3", arc("A"), budget=10, group="g"),
            request("R4", arc("A"), budget=0),
        ),
    )
    market = market_for(round_, Mechanism.DRF)

    found = share(round_, market, Mechanism.DRF)

    # Arcs by request, the open lot before the group's: R1, R2, R3 open, R3 own, R4.
    assert found.shares == pytest.approx([4, 2, 0, 6, 0])
    assert found.prices == pytest.approx([10, 10 / 6])


@pytest.mark.parametrize("mechanism", SHARING)
def test_a_reason_from_a_real_clearing_holds_when_its_change_is_made(mechanism: Mechanism) -> None:
    requests = [
        request(f"R{n}", arc("A", gang=4, most=8), work=8, budget=20 + n) for n in range(1, 6)
    ]
    round_ = Round("RD1", 1, (pool("A", cards=8),), tuple(requests))
    outcome = clear(round_, mechanism)
    missing = [one for one in requests if not outcome.of(one.id)]
    assert missing
    assert check_outcome(round_, outcome) == []

    found = why(round_, outcome, missing[0].id, clear=partial(clear, mechanism=mechanism))

    assert found.bound.kind is BoundKind.CAPACITY
    assert found.pools[0].used == 1
    more = next(one for one in found.changes if one.kind is ChangeKind.CARDS)
    assert more.amount is not None
    assert more.is_smallest
    larger = replace(round_, pools=(pool("A", cards=8 + more.amount),))
    assert work_of(missing[0], clear(larger, mechanism).of(missing[0].id)) == more.work > 0
    smaller = replace(round_, pools=(pool("A", cards=7 + more.amount),))
    assert not clear(smaller, mechanism).of(missing[0].id)


def test_a_pool_without_open_cards_is_priced_by_its_reserved_ones() -> None:
    kept = pool("A", cards=4, reserved={"g": 4, "h": 0})
    round_ = Round("RD1", 1, (kept,), (request("R1", arc("A"), budget=40, group="g"),))

    assert clear(round_, Mechanism.DRF).prices == {"A": Fraction(10)}


def test_a_mechanism_with_turns_does_not_share() -> None:
    round_ = golden()
    with pytest.raises(ValueError, match="RANKED has turns"):
        share(round_, market_for(round_, Mechanism.RANKED), Mechanism.RANKED)
