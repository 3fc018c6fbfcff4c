"""Who has a turn, and in which order, when a pot is too small."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists, none, permutations, sampled_from, text, tuples

from evernormal.domain.policy import Shortage, ShortageRule
from evernormal.domain.policy.terms import Candidate, ticket_of

DAYS = [date(2026, 1, day) for day in (1, 2, 3)]


def candidate(number: int, *, day: int = 1, score: int | None = None) -> Candidate:
    return Candidate(f"C{number}", date(2026, 1, day), score)


def numbers(turns: list[Candidate]) -> list[int]:
    return [int(turn.contract_id[1:]) for turn in turns]


WAITING = [
    candidate(1, day=3, score=70),
    candidate(2, day=1, score=60),
    candidate(3, day=1, score=90),
    candidate(4, day=2, score=70),
    candidate(5, day=2),
]


@pytest.mark.parametrize("shortage", [Shortage.FIRST_COME, Shortage.PRO_RATA])
def test_who_came_first_goes_first_whatever_the_score(shortage: Shortage) -> None:
    assert numbers(ShortageRule(shortage).turns(WAITING, seed="")) == [2, 3, 4, 5, 1]


def test_the_higher_score_goes_first_then_who_came_first() -> None:
    assert numbers(ShortageRule(Shortage.RANKED).turns(WAITING, seed="")) == [3, 4, 1, 2, 5]


@pytest.mark.parametrize("shortage", [Shortage.RANKED, Shortage.LOTTERY])
def test_below_the_least_score_or_without_one_there_is_no_turn(shortage: Shortage) -> None:
    rule = ShortageRule(shortage, least_score=70)

    assert sorted(numbers(rule.turns(WAITING, seed="seed"))) == [1, 3, 4]
    assert [rule.admits(c) for c in WAITING] == [True, False, True, True, False]
    assert all(ShortageRule(shortage).admits(c) for c in WAITING)


@pytest.mark.parametrize(
    ("contract_id", "ticket"),
    [
        ("C1", "09e48cc766e5f00d8790f1f8340f71925c29bc5acdcafa206babddfe46e8c374"),
        ("C2", "1cc0720dd6d7fad9da13446c2144a56f3989e2e48d15be44c475e20b1c73b97d"),
    ],
)
def test_a_lot_is_what_sha256sum_prints_for_the_seed_and_the_id(
    contract_id: str, ticket: str
) -> None:
    assert ticket_of(contract_id, seed="seed") == ticket


@pytest.mark.parametrize(("seed", "drawn"), [("seed", [1, 4, 2, 3]), ("other", [2, 3, 4, 1])])
def test_the_lowest_lot_goes_first(seed: str, drawn: list[int]) -> None:
    waiting = [candidate(n, score=n) for n in (1, 2, 3, 4)]

    assert numbers(ShortageRule(Shortage.LOTTERY).turns(waiting, seed=seed)) == drawn


def test_from_the_sure_score_on_there_is_no_draw() -> None:
    rule = ShortageRule(Shortage.LOTTERY, least_score=60, sure_score=70)

    assert numbers(rule.turns([*WAITING, candidate(6, score=69)], seed="seed")) == [
        3, 4, 1, *sorted((2, 6), key=lambda n: ticket_of(f"C{n}", seed="seed")),
    ]  # fmt: skip


@given(
    waiting=lists(
        tuples(integers(1, 40), sampled_from([1, 2, 3]), none() | integers(0, 100)),
        max_size=12,
        unique_by=lambda row: row[0],
    ).flatmap(lambda rows: tuples(permutations(rows), permutations(rows))),
    rule=sampled_from(
        [
            ShortageRule(Shortage.FIRST_COME),
            ShortageRule(Shortage.PRO_RATA),
            ShortageRule(Shortage.RANKED, least_score=20),
            ShortageRule(Shortage.LOTTERY, least_score=20, sure_score=60),
        ]
    ),
    seed=text(max_size=8),
)
def test_the_order_of_the_input_changes_no_turn(
    waiting: tuple[list[tuple[int, int, int | None]], list[tuple[int, int, int | None]]],
    rule: ShortageRule,
    seed: str,
) -> None:
    one, other = ([candidate(n, day=day, score=s) for n, day, s in rows] for rows in waiting)

    turns = rule.turns(one, seed=seed)

    assert turns == rule.turns(other, seed=seed)
    assert sorted(numbers(turns)) == sorted(numbers([c for c in one if rule.admits(c)]))
