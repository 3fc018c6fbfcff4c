"""Turns, and what each request takes at its turn."""

from dataclasses import replace

import pytest

from evernormal.domain.allocation import (
    DrawWithoutSeed,
    Grant,
    Mechanism,
    Outcome,
    Request,
    Round,
    clear_in_turn,
    tier_of,
    turns,
)
from evernormal.domain.policy import ticket_of
from tests.engines.clearing.rounds import arc, pool, request


def round_of(*requests: Request, hours: int = 4, **cards: int) -> Round:
    pools = tuple(pool(name, cards=count) for name, count in cards.items())
    return Round("RD1", hours, pools, requests, seed="2026-03-31 4021.97", tiers=(70, 40))


def first_come(round_: Round) -> list[tuple[str, str, int, int, int]]:
    grants = clear_in_turn(round_, Mechanism.FIRST_COME).grants
    return [(g.request_id, g.pool_id, g.cards, g.starts, g.hours) for g in grants]


def test_turns_go_by_number_by_score_and_by_tier_and_lot() -> None:
    scores = {"R1": 50, "R2": 90, "R3": 50, "R4": 10}
    round_ = round_of(*(request(name, score=score) for name, score in scores.items()))
    drawn = sorted(("R1", "R3"), key=lambda one: ticket_of(f"A-{one}", seed=round_.seed))

    assert [one.id for one in turns(round_, Mechanism.FIRST_COME)] == ["R1", "R2", "R3", "R4"]
    assert [one.id for one in turns(round_, Mechanism.RANKED)] == ["R2", "R1", "R3", "R4"]
    assert [one.id for one in turns(round_, Mechanism.LOTTERY)] == ["R2", *drawn, "R4"]
    assert [tier_of(round_, score) for score in (70, 69, 40, 39)] == [0, 1, 1, 2]


def test_an_applicant_draws_once_however_many_requests_it_makes() -> None:
    round_ = round_of(*(request(f"R{n}", applicant_id=f"A{n % 2}") for n in range(1, 6)))

    order = [one.applicant_id for one in turns(round_, Mechanism.LOTTERY)]

    assert order in (["A0"] * 2 + ["A1"] * 3, ["A1"] * 3 + ["A0"] * 2)


def test_a_draw_needs_a_seed_and_a_sharing_mechanism_has_no_turns() -> None:
    round_ = replace(round_of(request("R1")), seed="")

    with pytest.raises(DrawWithoutSeed, match="RD1 is drawn"):
        clear_in_turn(round_, Mechanism.LOTTERY)
    with pytest.raises(ValueError, match="MAX_MIN has no turns"):
        turns(round_, Mechanism.MAX_MIN)


def test_tiers_go_from_high_to_low() -> None:
    with pytest.raises(ValueError, match="not from high to low"):
        replace(round_of(), tiers=(40, 70))


def test_the_last_hour_may_have_fewer_gangs() -> None:
    round_ = round_of(request("R1", arc("A", gang=2), work=13), A=5)

    assert first_come(round_) == [("R1", "A", 4, 0, 3), ("R1", "A", 2, 3, 1)]


def test_the_next_takes_what_is_left_hour_by_hour_and_the_same_number_is_one_grant() -> None:
    first = request("R1", arc("A", most=3), work=3)
    second = request("R2", arc("A"), work=8, earliest=0)
    third = request("R3", arc("A", most=1), work=9, earliest=1)
    round_ = round_of(first, second, third, A=4)

    assert first_come(round_) == [
        ("R1", "A", 3, 0, 1),
        ("R2", "A", 1, 0, 1),
        ("R2", "A", 4, 1, 1),
        ("R2", "A", 3, 2, 1),
        ("R3", "A", 1, 2, 2),
    ]


def test_pools_are_filled_by_work_per_fen_then_speed_then_id() -> None:
    pools = tuple(
        pool(name, cards=1, price=price) for name, price in {"A": 1, "B": 2, "C": 1, "D": 1}.items()
    )
    arcs = (arc("A"), arc("B", speed=2), arc("C"), arc("D", speed=3))
    round_ = Round("RD1", 1, pools, (request("R1", *arcs, work=6),))

    assert [grant.pool_id for grant in clear_in_turn(round_, Mechanism.RANKED).grants] == [
        "A",
        "B",
        "D",
    ]


def test_a_budget_ends_where_it_cannot_pay_a_gang_for_an_hour() -> None:
    pools = (pool("A", cards=8, price=3), pool("F", cards=1, price=0))
    arcs = (arc("A", gang=2), arc("F"))
    round_ = Round("RD1", 4, pools, (request("R1", *arcs, budget=17),))

    assert first_come(round_) == [("R1", "A", 4, 0, 1), ("R1", "F", 1, 0, 4)]


def test_reserved_cards_are_the_groups_own_and_are_used_first() -> None:
    kept = pool("A", cards=4, reserved={"g": 3})
    mine = request("R1", arc("A", most=2), group="g", work=2)
    open_ = request("R2", arc("A"), work=9)
    late = request("R3", arc("A"), group="g", work=9)
    round_ = Round("RD1", 1, (kept,), (mine, open_, late))

    assert first_come(round_) == [("R1", "A", 2, 0, 1), ("R2", "A", 1, 0, 1), ("R3", "A", 1, 0, 1)]


def test_an_outcome_gives_the_grants_of_one() -> None:
    grant = Grant("R1", "A", 2, 3, 4)
    outcome = Outcome("RD1", Mechanism.RANKED, (grant, Grant("R2", "A", 1, 0, 1)))

    assert outcome.of("R1") == (grant,)
    assert (grant.ends, grant.card_hours) == (7, 8)
    with pytest.raises(ValueError, match="No grant is"):
        Grant("R1", "A", 0, 0, 1)
    assert Mechanism.PROPORTIONAL_WITH_OWN_MONEY.spends_own_money
