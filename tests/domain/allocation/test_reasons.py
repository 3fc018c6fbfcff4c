"""Reasons: what bound, and the smallest change, which is tried before it is said."""

from dataclasses import replace
from fractions import Fraction

import pytest

from evernormal.domain.allocation import (
    Bound,
    BoundKind,
    Change,
    ChangeKind,
    Clear,
    Grant,
    Mechanism,
    Outcome,
    Reason,
    Request,
    RequestNotInRound,
    Round,
    bound_of,
    clear_in_turn,
    why,
)
from evernormal.domain.values import Fen
from tests.engines.clearing.rounds import arc, pool, request


def by(mechanism: Mechanism) -> Clear:
    return lambda round_: clear_in_turn(round_, mechanism)


def reason(
    *requests: Request, id_: str, mechanism: Mechanism = Mechanism.RANKED, cards: int = 4
) -> Reason:
    round_ = Round("RD1", 4, (pool("A", cards=cards),), requests, seed="s", tiers=(50,))
    return why(round_, by(mechanism)(round_), id_, clear=by(mechanism))


def changes(found: Reason) -> dict[ChangeKind, tuple[int | None, int]]:
    return {change.kind: (change.amount, change.tried) for change in found.changes}


def test_who_has_all_is_told_so_and_nothing_is_tried() -> None:
    found = reason(request("R1", arc("A"), work=6), id_="R1")

    assert found.bound == Bound(BoundKind.REQUEST)
    assert (found.card_hours, found.work, found.missed, found.cost) == (6, 6, 0, Fen(6))
    assert found.changes == ()
    assert (found.pools[0].used, found.pools[0].shadow) == (Fraction(6, 16), None)


def test_a_budget_that_is_short_is_told_with_the_fen_that_it_lacks() -> None:
    found = reason(request("R1", arc("A", gang=2), work=9, budget=7), id_="R1")

    assert found.bound == Bound(BoundKind.BUDGET, "A")
    assert (found.work, found.missed) == (6, 3)
    assert changes(found) == {
        ChangeKind.BUDGET: (3, 2),
        ChangeKind.CARDS: (None, 68),
        ChangeKind.GANG: (None, 1),
    }
    assert [one.is_smallest for one in found.changes] == [True, False, False]


def test_who_came_before_is_named_with_the_score_that_would_have_been_enough() -> None:
    first, second = request("R1", arc("A"), score=8), request("R2", arc("A"), score=5)

    found = reason(first, second, id_="R2")

    assert found.bound == Bound(BoundKind.RANK, "A", place=2, before=("R1",))
    assert changes(found) == {
        ChangeKind.BUDGET: (None, 10_200),
        ChangeKind.CARDS: (22, 21),
        ChangeKind.SCORE: (9, 8),
    }
    assert found.target == 1


def test_by_arrival_it_is_the_place() -> None:
    others = [request(f"R{n}", arc("A"), work=6) for n in range(1, 4)]

    found = reason(*others, request("R9", arc("A"), work=4), id_="R9", mechanism=FIRST)

    assert found.bound == Bound(BoundKind.RANK, "A", place=4, before=("R1", "R2", "R3"))
    assert changes(found)[ChangeKind.PLACE] == (3, 4)
    alone = reason(request("R9", arc("A"), work=99), id_="R9", mechanism=FIRST)
    assert alone.bound == Bound(BoundKind.CAPACITY, "A", place=1)
    assert ChangeKind.PLACE not in changes(alone)


FIRST = Mechanism.FIRST_COME


def test_by_lot_only_the_tier_counts() -> None:
    first, second = request("R1", arc("A"), score=60), request("R2", arc("A"), score=1)

    found = reason(first, second, id_="R2", mechanism=Mechanism.LOTTERY)
    assert found.bound == Bound(BoundKind.LOTTERY, "A", place=2, before=("R1",))
    drawn = changes(found).get(ChangeKind.SCORE)
    assert drawn in {(50, 49), (None, 50)}
    same = reason(first, replace(second, score=60), id_="R2", mechanism=Mechanism.LOTTERY)
    assert ChangeKind.SCORE not in changes(same)


def test_a_gang_a_deadline_and_a_group_are_told() -> None:
    first = request("R1", arc("A", most=3), score=9, work=6)
    gang = reason(first, request("R2", arc("A", gang=4), work=4, deadline=2), id_="R2")
    assert gang.bound == Bound(BoundKind.DEADLINE, "A")
    assert changes(gang)[ChangeKind.DEADLINE] == (3, 2)
    assert changes(gang)[ChangeKind.GANG] == (1, 2)
    assert changes(gang)[ChangeKind.CARDS] == (3, 2)

    late = reason(request("R1", arc("A"), earliest=4), id_="R1")
    assert late.bound == Bound(BoundKind.DEADLINE)

    small = reason(request("R1", arc("A", gang=8)), id_="R1")
    assert small.bound == Bound(BoundKind.GANG, "A")

    kept = Round("RD1", 1, (pool("A", cards=2, reserved={"g": 2}),), (request("R1", arc("A")),))
    assert bound_of(kept, by(FIRST)(kept), kept.requests[0]) == Bound(BoundKind.RESERVED, "A")


def test_cards_at_once_and_a_share_are_told() -> None:
    most = reason(request("R1", arc("A", most=2), work=99), id_="R1")
    assert most.bound == Bound(BoundKind.CARD_LIMIT, "A")

    round_ = Round("RD1", 4, (pool("A"),), (request("R1", arc("A"), work=99),))
    outcome = Outcome("RD1", Mechanism.DRF, (), {"A": Fraction(7, 2)})
    found = why(round_, outcome, "R1", clear=lambda _: outcome)
    assert found.bound == Bound(BoundKind.SHARE, "A")
    assert found.pools[0].shadow == Fraction(5, 2)
    assert {change.amount for change in found.changes} == {None}


def test_full_pools_of_a_mechanism_without_turns_are_capacity_and_grants_have_a_worth() -> None:
    requests = (request("R1", arc("A"), work=99), request("R2", arc("A"), work=99))
    round_ = Round("RD1", 1, (pool("A", cards=3),), requests)
    outcome = Outcome("RD1", Mechanism.DRF, (Grant("R1", "A", 3, 0, 1),), {"A": Fraction(7, 2)})

    assert bound_of(round_, outcome, requests[1]) == Bound(BoundKind.CAPACITY, "A")
    found = why(round_, outcome, "R1", clear=lambda _: outcome)
    assert (found.cost, found.worth, found.target) == (Fen(3), Fen(10), 99)


def test_without_an_arc_it_is_memory_and_a_pool_that_it_could_accept_is_tried() -> None:
    pools = (pool("A"), pool("B", cards=0))
    round_ = Round("RD1", 1, pools, (request("R1"),))

    found = why(round_, by(FIRST)(round_), "R1", clear=by(FIRST), accepts=(arc("A"), arc("B")))

    assert found.bound == Bound(BoundKind.MEMORY)
    assert found.changes == (
        Change(ChangeKind.ACCEPT, "A", amount=1, tried=0, work=8),
        Change(ChangeKind.ACCEPT, "B", amount=None, tried=1, work=0),
    )


def test_a_reason_for_nobody_is_refused() -> None:
    round_ = Round("RD1", 1, (), ())
    with pytest.raises(RequestNotInRound, match="no request R1"):
        why(round_, by(FIRST)(round_), "R1", clear=by(FIRST))


def test_the_runs_for_a_change_are_bounded() -> None:
    runs = 0

    def clear(round_: Round) -> Outcome:
        nonlocal runs
        runs += 1
        return clear_in_turn(round_, FIRST)

    huge = request("R1", arc("A"), work=10**18, budget=10**3)
    round_ = Round("RD1", 10**17, (pool("A", cards=64),), (huge,))
    found = why(round_, clear_in_turn(round_, FIRST), "R1", clear=clear)

    budget = found.changes[0]
    assert (budget.kind, budget.is_smallest) == (ChangeKind.BUDGET, False)
    assert budget.amount is not None
    assert budget.tried < 10**18 - 10**3 <= budget.amount
    assert runs <= 2 * 40
