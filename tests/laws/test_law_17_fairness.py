"""Law 17: a clearing mechanism keeps what `PROMISES` says, and only what is not said there fails.

Promises about shares are measured before shares are cut to whole gangs; limits and order on the
grants themselves.
"""

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis.strategies import DataObject, integers, permutations, sampled_from
from hypothesis.strategies import data as drawing

from evernormal.domain.allocation import (
    PROMISES,
    Mechanism,
    Outcome,
    Promise,
    Request,
    Round,
    check_outcome,
    work_of,
)
from evernormal.domain.values import Fen
from evernormal.engines.clearing.mechanisms import clear
from tests.engines.clearing.rounds import arc, pool, request, rounds
from tests.laws.fairness import (
    doubled,
    envy,
    gain_by_id,
    halves,
    improvement,
    with_cards,
    with_one,
    work_by_id,
)

TOLERANCE = 2e-3
"""Part of the work that a request wants; far above what a certified gap of 1e-9 leaves open."""


def promising(promise: Promise) -> list[Mechanism]:
    return [mechanism for mechanism in Mechanism if promise in PROMISES[mechanism]]


def test_the_table_names_every_mechanism_and_only_sharing_ones_promise_more_than_limits() -> None:
    assert set(PROMISES) == set(Mechanism)
    for mechanism, made in PROMISES.items():
        assert {Promise.LIMITS, Promise.ANY_ORDER} <= made
        assert (len(made) > 2) == (not mechanism.is_sequential)


@given(round_=rounds(), mechanism=sampled_from(promising(Promise.LIMITS)))
def test_no_limit_is_ever_broken(round_: Round, mechanism: Mechanism) -> None:
    assert check_outcome(round_, clear(round_, mechanism)) == []


@given(round_=rounds(), mechanism=sampled_from(promising(Promise.ANY_ORDER)), data=drawing())
def test_the_order_of_the_input_does_not_matter(
    round_: Round, mechanism: Mechanism, data: DataObject
) -> None:
    turned = [replace(one, arcs=one.arcs[::-1]) for one in round_.requests]
    other = replace(
        round_,
        pools=tuple(data.draw(permutations(round_.pools))),
        requests=tuple(data.draw(permutations(turned))),
    )

    assert clear(other, mechanism) == clear(round_, mechanism)


@given(round_=rounds(), mechanism=sampled_from(promising(Promise.NO_ENVY)))
def test_nobody_envies_an_equal_budget(round_: Round, mechanism: Mechanism) -> None:
    assert envy(round_, mechanism) <= TOLERANCE


@given(round_=rounds(), mechanism=sampled_from(promising(Promise.PARETO)))
def test_nobody_can_be_improved_for_free(round_: Round, mechanism: Mechanism) -> None:
    assert improvement(round_, mechanism) <= TOLERANCE


WITH_OWN_MONEY = Mechanism.PROPORTIONAL_WITH_OWN_MONEY
WORTH_ITS_PRICE = Round(
    "RD1",
    1,
    (pool("P0", cards=2, price=4, reserved={"g1": 0, "g2": 1}),),
    (request("R0", arc("P0", most=1), work=10, budget=0, own=Fen(40), group="g2"),),
    seed="x",
)
"""A unit of work costs the 4 fen that it is worth: whether it is bought is all the same."""


@settings(max_examples=settings().max_examples // 2)
@example(round_=WORTH_ITS_PRICE, mechanism=WITH_OWN_MONEY, where=0, more=1)
@example(round_=WORTH_ITS_PRICE, mechanism=WITH_OWN_MONEY, where=0, more=5)
@given(
    round_=rounds(),
    mechanism=sampled_from(promising(Promise.CAPACITY_HURTS_NOBODY)),
    where=integers(0, 3),
    more=integers(1, 20),
)
def test_more_cards_hurt_nobody(round_: Round, mechanism: Mechanism, where: int, more: int) -> None:
    larger = with_cards(round_, round_.pools[where % len(round_.pools)], more)

    before, after = gain_by_id(round_, mechanism), gain_by_id(larger, mechanism)

    for one in round_.requests:
        assert after[one.id] >= before[one.id] - TOLERANCE * one.work, one.id


@settings(max_examples=settings().max_examples // 2)
@given(
    round_=rounds(),
    mechanism=sampled_from(promising(Promise.SPLITTING_GAINS_NOTHING)),
    which=integers(0, 5),
)
def test_halves_get_no_more_than_the_whole(round_: Round, mechanism: Mechanism, which: int) -> None:
    one = round_.requests[which % len(round_.requests)]

    whole = gain_by_id(with_one(round_, doubled(one)), mechanism)[one.id]
    split = gain_by_id(with_one(round_, *halves(one)), mechanism)

    assert split[one.id] + split[f"{one.id}-b"] <= whole + 2 * TOLERANCE * one.work


# --- What is not promised: a counterexample each --------------------------------------------------


def market(*requests: Request, **cards: int) -> Round:
    """A round of one hour; pools by name with their cards, at a fen a card-hour."""
    pools = tuple(pool(name, cards=count) for name, count in cards.items())
    return Round("RD1", 1, pools, requests, seed="s")


def works(outcome: Outcome, round_: Round) -> list[int]:
    return [work_of(one, outcome.of(one.id)) for one in round_.requests]


IN_TURN = (Mechanism.FIRST_COME, Mechanism.RANKED)


@pytest.mark.parametrize("mechanism", IN_TURN)
def test_in_turn_a_card_more_can_hurt(mechanism: Mechanism) -> None:
    """The first takes a second gang, and the card that the second had."""
    first, second = request("R1", arc("A", gang=2)), request("R2", arc("A"))

    tight, wide = market(first, second, A=3), market(first, second, A=4)

    assert works(clear(tight, mechanism), tight) == [2, 1]
    assert works(clear(wide, mechanism), wide) == [4, 0]


@pytest.mark.parametrize("mechanism", [*IN_TURN, Mechanism.LOTTERY])
def test_in_turn_there_is_envy(mechanism: Mechanism) -> None:
    round_ = market(request("R1", arc("A")), request("R2", arc("A")), A=1)

    assert sorted(works(clear(round_, mechanism), round_)) == [0, 1]


@pytest.mark.parametrize("mechanism", IN_TURN)
def test_in_turn_an_improvement_for_free_is_left(mechanism: Mechanism) -> None:
    """The first does not mind where it runs, and takes the only pool of the second."""
    one_card = {"work": 1}
    first, second = (
        request("R1", arc("A"), arc("B"), **one_card),
        request("R2", arc("A"), **one_card),
    )
    round_ = market(first, second, A=1, B=1)

    assert works(clear(round_, mechanism), round_) == [1, 0]


@pytest.mark.parametrize("mechanism", IN_TURN)
def test_in_turn_two_purses_can_fit_better_than_one(mechanism: Mechanism) -> None:
    """14 fen buy one hour at 10 fen; twice 7 fen buy two hours at 7 fen that do more together."""
    arcs = (arc("A", speed=10, most=1), arc("B", speed=6, most=1))
    pools = (pool("A", cards=2, price=10), pool("B", cards=2, price=7))
    whole = Round("RD1", 1, pools, (request("R1", *arcs, budget=14),))
    split = Round("RD1", 1, pools, (request("R1", *arcs, budget=7), request("R2", *arcs, budget=7)))

    assert works(clear(whole, mechanism), whole) == [10]
    assert works(clear(split, mechanism), split) == [6, 6]


def test_drf_leaves_cards_idle_that_are_not_preferred_and_so_envy() -> None:
    round_ = market(
        request("R1", arc("A", speed=3), arc("B", speed=2)),
        request("R2", arc("A", speed=3)),
        request("R3", arc("B", speed=2)),
        A=4,
        B=16,
    )

    got = work_by_id(round_, Mechanism.DRF)

    assert got == pytest.approx({"R1": 6, "R2": 6, "R3": 32})
    assert envy(round_, Mechanism.DRF) > TOLERANCE
    tight = market(request("R1", arc("A", speed=3), arc("B", speed=2)), A=0, B=1)
    assert improvement(replace(tight, requests=round_.requests[:1]), Mechanism.DRF) == 0
    assert work_by_id(tight, Mechanism.DRF) == {"R1": 0}


def test_own_money_is_a_reason_for_envy() -> None:
    round_ = market(
        request("R1", arc("A"), work=8, budget=10),
        request("R2", arc("A"), work=8, budget=10, own=Fen(40)),
        A=8,
    )

    assert envy(round_, Mechanism.PROPORTIONAL_WITH_OWN_MONEY) > TOLERANCE
    assert envy(round_, Mechanism.PROPORTIONAL) <= TOLERANCE


def test_max_min_can_hurt_with_more_cards() -> None:
    """More of A lets R2 far ahead; R1's yardstick grows, and it takes more of B from R0."""
    requests = (
        request("R0", arc("B", speed=4), budget=500),
        request("R1", arc("A"), arc("B"), budget=500),
        request("R2", arc("A", speed=2), budget=1_000),
    )

    tight = work_by_id(market(*requests, A=4, B=4), Mechanism.MAX_MIN)
    wide = work_by_id(market(*requests, A=8, B=4), Mechanism.MAX_MIN)

    assert tight == pytest.approx({"R0": 6.4, "R1": 3.2, "R2": 6.4}, rel=1e-6)
    assert wide == pytest.approx({"R0": 6.0, "R1": 4.5, "R2": 12.0}, rel=1e-6)


def test_max_min_leaves_envy() -> None:
    """What is equal is progress against one's own yardstick, not what the cards are worth."""
    round_ = market(
        request("R0", arc("B", speed=2), work=40, budget=1_000),
        request("R1", arc("A", speed=2), arc("B", speed=4), work=40, budget=1_000),
        request("R2", arc("A", speed=4), arc("B", speed=4), work=40, budget=1_000),
        A=4,
        B=6,
    )

    assert envy(round_, Mechanism.MAX_MIN) > TOLERANCE
    assert envy(round_, Mechanism.PROPORTIONAL) <= TOLERANCE
