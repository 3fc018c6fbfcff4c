"""Law 12: more eligible cost never lowers what a scheme without notches pays."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import event, given
from hypothesis.strategies import integers, lists, one_of, sampled_from

from evernormal.domain.award import assess
from evernormal.domain.award.notches import Edge, find_edges
from evernormal.domain.policy import CostCategory, EligibleCost, Scheme
from evernormal.domain.values import Fen
from evernormal.simulator import Application
from tests.simulator.generated import BOUNDS, applications, schemes

NEAR_BOUNDS = sampled_from([fen + step for fen in BOUNDS for step in (0, 1, 2)])
COSTS = lists(one_of(NEAR_BOUNDS, integers(0, 10**10)), min_size=2, max_size=8, unique=True)


def paid(scheme: Scheme, one: Application, fen: int) -> int:
    """What the rules give a case whose whole cost is so many fen in a category that counts."""
    eligible = scheme.find_all(EligibleCost, one.applied_on)
    category = eligible[-1][1].categories[0] if eligible else CostCategory.COMPUTE
    costs = {category: Fen(fen)}
    case = replace(one.case, contract=replace(one.case.contract, costs=costs))
    request = replace(one.request, case=case, costs=costs)
    found = assess(scheme, case=case, request=request, on=one.applied_on)
    return found.entitlement.amount.amount if found.is_eligible else 0


def edges_of(scheme: Scheme, one: Application) -> tuple[Edge, ...]:
    return find_edges(scheme, case=one.case, request=one.request, on=one.applied_on)


@given(scheme=schemes(), one=applications(), costs=COSTS)
def test_more_cost_gets_less_only_across_a_notch(
    scheme: Scheme, one: Application, costs: list[int]
) -> None:
    notches = [edge for edge in edges_of(scheme, one) if edge.is_notch]
    event(f"notches: {len(notches)}")
    costs.sort()
    supports = [paid(scheme, one, fen) for fen in costs]

    if not notches:
        assert supports == sorted(supports)
    for (low, before), (high, after) in pairwise(zip(costs, supports, strict=True)):
        if after < before:
            assert any(low <= notch.at.cost.amount < high for notch in notches)


@given(scheme=schemes(), one=applications(), further=integers(1, 10**6))
def test_an_edge_is_where_it_says_and_what_it_says(
    scheme: Scheme, one: Application, further: int
) -> None:
    for edge in edges_of(scheme, one):
        for point in (edge.yuan_before, edge.at, edge.fen_beyond, edge.yuan_beyond):
            assert paid(scheme, one, point.cost.amount) == point.support.amount
        assert edge.fen_beyond.cost - edge.at.cost == Fen(1)
        assert edge.yuan_beyond.cost - edge.at.cost == Fen(100)
        if not edge.is_notch:
            continue
        kept, again = edge.at.support.amount, edge.regained_at
        if again is None:
            assert paid(scheme, one, edge.at.cost.amount + further) < kept
        else:
            assert paid(scheme, one, again.amount) >= kept
            between = edge.fen_beyond.cost.amount + further
            assert between >= again.amount or paid(scheme, one, between) < kept
