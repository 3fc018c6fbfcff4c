"""The exact check: every limit, and nothing but limits."""

from fractions import Fraction

from evernormal.domain.allocation import (
    Breach,
    Grant,
    Mechanism,
    Outcome,
    Pool,
    Round,
    Violation,
    check_outcome,
)
from evernormal.domain.values import Fen
from tests.engines.clearing.rounds import arc, pool, request

POOLS = (pool("A", cards=4, price=2, reserved={"g": 3}), pool("B", cards=4))


def found(
    *grants: Grant,
    mechanism: Mechanism = Mechanism.RANKED,
    prices: dict[str, Fraction] | None = None,
    pools: tuple[Pool, ...] = POOLS,
) -> list[Violation]:
    requests = (
        request("R1", arc("A", gang=2, most=2), arc("B"), work=6, budget=8, own=Fen(20)),
        request("R2", arc("B"), work=99, earliest=1, deadline=3),
        request("R3", arc("A"), work=99, group="g"),
    )
    round_ = Round("RD1", 4, pools, requests)
    return check_outcome(round_, Outcome("RD1", mechanism, grants, prices or {}))


def test_an_outcome_within_all_limits_has_no_violation() -> None:
    assert found(Grant("R2", "B", 4, 1, 2), Grant("R3", "A", 4, 0, 2)) == []
    assert found(Grant("R3", "A", 4, 0, 1), Grant("R3", "A", 4, 3, 1)) == []
    assert found(prices={"A": Fraction(5, 2)}) == []


def test_each_limit_is_told_with_what_there_is_and_may_be() -> None:
    assert found(Grant("R2", "B", 5, 1, 1)) == [Violation(Breach.CAPACITY, "", "B", 1, 5, 4)]
    assert found(Grant("R1", "A", 2, 0, 1)) == [Violation(Breach.RESERVED, "", "A", 0, 2, 1)]
    assert found(Grant("R3", "A", 3, 0, 1), Grant("R2", "B", 1, 0, 4)) == [
        Violation(Breach.WINDOW, "R2", "B", 0, 4, 3)
    ]
    assert found(Grant("R2", "B", 1, 2, 2)) == [Violation(Breach.WINDOW, "R2", "B", 3, 4, 3)]


def test_gangs_and_cards_at_once_are_counted_over_all_grants_of_an_hour() -> None:
    open_ = (pool("A", cards=9, price=1), pool("B", cards=9))
    one, two = Grant("R1", "A", 1, 0, 2), Grant("R1", "A", 1, 0, 1)

    assert found(one, two, pools=open_) == [Violation(Breach.GANG, "R1", "A", 1, 1, 2)]
    assert found(Grant("R1", "A", 4, 0, 1), pools=open_) == [
        Violation(Breach.CARD_LIMIT, "R1", "A", 0, 4, 2)
    ]


def test_money_is_that_of_the_mechanism_and_work_ends() -> None:
    dear = (pool("A", cards=9, price=5), pool("B", cards=9, price=5))
    grant = Grant("R1", "B", 2, 0, 2)

    assert found(grant, pools=dear) == [Violation(Breach.BUDGET, "R1", "", 0, 20, 8)]
    assert found(grant, pools=dear, mechanism=Mechanism.PROPORTIONAL_WITH_OWN_MONEY) == []
    assert found(Grant("R1", "B", 4, 0, 2)) == []
    assert found(Grant("R1", "B", 2, 0, 4)) == [Violation(Breach.WORK, "R1", "", 0, 8, 7)]


def test_what_the_round_does_not_know_is_told() -> None:
    assert found(Grant("R9", "A", 1, 0, 1), Grant("R2", "A", 1, 0, 1)) == [
        Violation(Breach.UNKNOWN, "R2", "A", 0, 1, 0),
        Violation(Breach.UNKNOWN, "R9", "A", 0, 1, 0),
    ]
    assert found(prices={"A": Fraction(3, 2), "Z": Fraction(7)}) == [
        Violation(Breach.PRICE, "", "A", 0, 1, 2),
        Violation(Breach.PRICE, "", "Z", 0, 7, 0),
    ]
    other = Outcome("RD2", Mechanism.RANKED, ())
    assert check_outcome(Round("RD1", 4, POOLS, ()), other) == [
        Violation(Breach.UNKNOWN, "", "", 0, 0, 0)
    ]
