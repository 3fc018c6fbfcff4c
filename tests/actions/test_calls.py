"""Calls: who waits for their end, in which order they are awarded, and who has no turn."""

from dataclasses import replace
from datetime import date

import pytest

from evernormal.actions.calls import call_of, decided_on, is_shared, turns_of
from evernormal.domain.policy import Shortage, ShortageRule, ticket_of
from evernormal.store.models import Award, Voucher
from tests.actions.office import Year
from tests.actions.reading import acts, books_hold, run
from tests.actions.years import CALL
from tests.domain.sample import contract

pytestmark = pytest.mark.django_db

D = date
CALL_ENDS_ON = D(2026, 1, 31)
SEED = "draw of 30 January"


def called(shortage: Shortage | ShortageRule, scores: dict[int, int | None], pot: int) -> Year:
    """One contract of 500.00 a score, each applied for a day after the other."""
    return Year(
        shortage=shortage,
        lottery_seed=SEED,
        pot=pot,
        rules=(CALL,),
        contracts=tuple(
            contract(n, score=score, applied_on=D(2026, 1, 10 + n)) for n, score in scores.items()
        ),
    )


def awards() -> list[tuple[str, int, str]]:
    """In the order in which they were decided."""
    rows = Award.objects.order_by("act__number")
    return list(rows.values_list("decision__contract_id", "amount_fen", "reason"))


def test_the_higher_score_goes_first_and_equal_ones_by_arrival() -> None:
    run(called(Shortage.RANKED, {1: 70, 2: 90, 3: 90, 4: 10}, pot=120_000).desk())

    assert awards() == [
        ("C2", 50_000, "ENTITLED"),
        ("C3", 50_000, "ENTITLED"),
        ("C1", 20_000, "CUT_TO_POT"),
        ("C4", 0, "POT_EXHAUSTED"),
    ]
    assert set(Voucher.objects.values_list("issued_on", flat=True)) == {CALL_ENDS_ON}
    books_hold()


def test_below_the_least_score_there_is_no_turn_also_when_money_is_left() -> None:
    rule = ShortageRule(Shortage.RANKED, least_score=60)

    run(called(rule, {1: 59, 2: 60, 3: None}, pot=500_000).desk())

    assert awards() == [
        ("C2", 50_000, "ENTITLED"),
        ("C1", 0, "NOT_ADMITTED"),
        ("C3", 0, "NOT_ADMITTED"),
    ]


def test_lots_follow_the_published_seed_and_no_score_is_needed() -> None:
    year = called(Shortage.LOTTERY, dict.fromkeys((1, 2, 3, 4, 5)), pot=120_000)
    drawn = sorted((c.id for c in year.contracts), key=lambda i: ticket_of(i, seed=SEED))

    run(year.desk())

    assert [contract_id for contract_id, _, _ in awards()] == drawn
    assert [fen for _, fen, _ in awards()] == [50_000, 50_000, 20_000, 0, 0]


def test_another_seed_draws_another_order() -> None:
    year = called(Shortage.LOTTERY, dict.fromkeys(range(1, 9)), pot=120_000)
    orders = set()
    for seed in ("a", "b", "c"):
        desk = replace(year, lottery_seed=seed).desk()
        turns = turns_of(desk, call_of(desk, CALL_ENDS_ON))
        orders.add(tuple(one.id for one, _ in turns))
        assert all(has_turn for _, has_turn in turns)

    assert len(orders) == 3


def test_a_sure_score_is_not_drawn() -> None:
    rule = ShortageRule(Shortage.LOTTERY, least_score=60, sure_score=90)
    year = called(rule, {1: 61, 2: 95, 3: 62, 4: 97, 5: 50}, pot=500_000)
    lots = sorted(("C1", "C3"), key=lambda i: ticket_of(i, seed=SEED))

    run(year.desk())

    assert [contract_id for contract_id, _, _ in awards()] == ["C4", "C2", *lots, "C5"]


def test_only_what_is_first_come_is_decided_on_its_day() -> None:
    year = called(Shortage.FIRST_COME, {1: 70}, pot=120_000)
    for shortage, expected in (
        (Shortage.FIRST_COME, D(2026, 1, 11)),
        (Shortage.PRO_RATA, CALL_ENDS_ON),
        (Shortage.RANKED, CALL_ENDS_ON),
        (Shortage.LOTTERY, CALL_ENDS_ON),
    ):
        desk = replace(year, shortage=shortage).desk()
        (one,) = desk.year.contracts.values()
        assert decided_on(desk, one) == expected
        waits = call_of(desk, CALL_ENDS_ON)
        assert waits == ([] if shortage is Shortage.FIRST_COME else [one])
        assert is_shared(desk, [one]) is (shortage is Shortage.PRO_RATA)


def test_an_application_after_the_call_is_decided_on_its_day_and_does_not_qualify() -> None:
    year = called(Shortage.RANKED, {1: 70}, pot=120_000)
    late = contract(2, score=99, applied_on=D(2026, 2, 3))

    run(replace(year, contracts=(*year.contracts, late)).desk())

    assert awards() == [("C1", 50_000, "ENTITLED"), ("C2", 0, "NOT_ELIGIBLE")]
    assert acts("AWARD") == ["AWARD/C1", "AWARD/C2"]


def test_without_a_call_the_year_itself_is_one() -> None:
    year = replace(called(Shortage.RANKED, {1: 70, 2: 80}, pot=60_000), rules=())

    run(year.desk())

    assert awards() == [("C2", 50_000, "ENTITLED"), ("C1", 10_000, "CUT_TO_POT")]
    assert set(Voucher.objects.values_list("issued_on", flat=True)) == {year.closes_on}
