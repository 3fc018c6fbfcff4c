"""The gang plan: it keeps every limit, does not depend on order, and is near what HiGHS proves."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import randoms

from evernormal.domain.allocation import (
    Block,
    Mechanism,
    Outcome,
    Placements,
    Round,
    check_outcome,
    place_plan,
)
from evernormal.engines.clearing.bound import ProvedBound, highs_bound
from evernormal.engines.clearing.market import Market, market_of
from evernormal.engines.clearing.plan import GangPlan, plan_gangs, seats_of_shares
from evernormal.engines.clearing.proportional import Clearing, clear_proportionally
from tests.engines.clearing.rounds import arc, pool, request, rounds

SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)


def cleared(round_: Round) -> tuple[Market, Clearing]:
    market = market_of(round_)
    return market, clear_proportionally(market, gap=1e-3, rounds_max=2_000, threads=1)


def planned(round_: Round) -> GangPlan:
    market, clearing = cleared(round_)
    return plan_gangs(round_, market, clearing.shares, clearing.prices)


def proved(round_: Round) -> ProvedBound:
    market, clearing = cleared(round_)
    return highs_bound(
        seats_of_shares(round_, market, clearing.shares, clearing.prices), seconds=10
    )


@SLOW
@given(round_=rounds(), chance=randoms(use_true_random=False))
def test_a_plan_keeps_every_limit_and_does_not_depend_on_order(
    round_: Round, chance: object
) -> None:
    plan = planned(round_)

    _demand_limits(round_, plan)
    placements = place_plan(round_, plan.blocks)
    outcome = Outcome(round_.id, Mechanism.PROPORTIONAL, placements.grants)
    assert check_outcome(round_, outcome) == []
    missing = sum(block.card_hours for block in plan.blocks)
    missing -= sum(grant.card_hours for grant in placements.grants)
    assert missing == sum(one.card_hours for one in placements.unplaced)
    requests, pools, blocks = list(round_.requests), list(round_.pools), list(plan.blocks)
    for items in (requests, pools, blocks):
        chance.shuffle(items)  # type: ignore[attr-defined]
    again = replace(round_, requests=tuple(requests), pools=tuple(pools))
    assert planned(again) == plan
    assert place_plan(again, blocks) == placements


def _demand_limits(round_: Round, plan: GangPlan) -> None:
    requests = {r.id: r for r in round_.requests}
    assert len({block.request_id for block in plan.blocks}) == len(plan.blocks)
    for block in plan.blocks:
        asked = requests[block.request_id]
        way = next(a for a in asked.arcs if a.pool_id == block.pool_id)
        one = next(p for p in round_.pools if p.id == block.pool_id)
        ends = round_.hours if asked.deadline is None else min(asked.deadline, round_.hours)
        assert block.cards % way.gang_cards == 0
        assert 0 < block.cards <= way.cards_max
        assert 0 < block.hours <= ends - asked.earliest
        assert block.card_hours * one.price.amount <= asked.budget.amount
        assert block.card_hours * way.speed < asked.work + way.gang_cards * way.speed
    for one in round_.pools:
        over = 0
        for group in {r.group for r in round_.requests}:
            took = sum(
                b.card_hours
                for b in plan.blocks
                if b.pool_id == one.id and requests[b.request_id].group == group
            )
            over += max(took - one.reserved.get(group, 0) * round_.hours, 0)
        assert over <= (one.cards - sum(one.reserved.values())) * round_.hours


@SLOW
@given(round_=rounds())
def test_no_plan_counts_more_than_either_bound(round_: Round) -> None:
    plan, proof = planned(round_), proved(round_)

    assert plan.value <= proof.bound * (1 + 1e-6) + 1e-6
    assert plan.value <= plan.bound * (1 + 1e-6) + 1e-6
    assert proof.found <= plan.bound * (1 + 1e-6) + 1e-6
    assert plan.gap >= -1e-6


def test_two_requests_share_a_pool_in_whole_gangs() -> None:
    both = [request(f"R{n}", arc("P1", gang=4, most=8), budget=10**6) for n in (1, 2)]
    round_ = Round("RD1", 10, (pool("P1", cards=8),), tuple(both))

    plan = planned(round_)

    assert plan.blocks == (Block("R1", "P1", 4, 10), Block("R2", "P1", 4, 10))
    assert plan.gap == pytest.approx(0, abs=1e-2)
    assert isinstance(place_plan(round_, plan.blocks), Placements)


def test_where_a_gang_is_more_than_a_fair_share_fewer_get_one_and_none_gets_a_part() -> None:
    three = [request(f"R{n}", arc("P1", gang=8, most=8), budget=10**6) for n in (1, 2, 3)]
    round_ = Round("RD1", 2, (pool("P1", cards=8),), tuple(three))

    plan = planned(round_)

    assert [block.card_hours for block in plan.blocks] == [8, 8]
    assert plan.value == pytest.approx(proved(round_).found, rel=1e-6)


def test_an_empty_round_has_an_empty_plan() -> None:
    round_ = Round("RD1", 2, (pool("P1"),), (request("R1", budget=5),))

    assert planned(round_).blocks == ()
