"""What a round leaves over: given to who misses most, within every limit, at nobody's cost."""

import pytest

from evernormal.domain.allocation import (
    Grant,
    Mechanism,
    Outcome,
    Round,
    check_outcome,
    give_remainder,
    work_of,
)
from evernormal.domain.allocation.openings import openings_of
from tests.engines.clearing.rounds import arc, pool, request

POOLS = (pool("A", cards=4), pool("B", cards=2))


def after(round_: Round, *grants: Grant) -> tuple[Grant, ...]:
    outcome = Outcome(round_.id, Mechanism.PROPORTIONAL, grants)
    assert check_outcome(round_, outcome) == []
    found = give_remainder(round_, outcome)
    assert check_outcome(round_, found) == []
    return found.grants


def test_who_has_the_least_part_of_its_work_goes_first() -> None:
    requests = (request("R1", arc("A"), work=12), request("R2", arc("A"), work=12, number=9))
    round_ = Round("RD1", 4, POOLS, requests)

    # Of 16 card-hours R1 has eight of its 12; R2 has none, and takes the other eight.
    assert after(round_, Grant("R1", "A", 2, 0, 4)) == (
        Grant("R1", "A", 2, 0, 4),
        Grant("R2", "A", 2, 0, 4),
    )


def test_it_takes_hours_in_which_it_holds_nothing_of_the_pool_and_other_pools() -> None:
    requests = (request("R1", arc("A"), arc("B"), work=20),)
    round_ = Round("RD1", 4, POOLS, requests)

    found = after(round_, Grant("R1", "A", 1, 1, 2))

    assert Grant("R1", "A", 1, 1, 2) in found
    assert {(g.pool_id, g.starts, g.ends) for g in found} >= {("A", 0, 1), ("A", 3, 4)}
    assert work_of(requests[0], found) > 2


def test_money_and_whole_work_end_it() -> None:
    poor, done = request("R1", arc("A"), work=9, budget=3), request("R2", arc("A"), work=2)
    round_ = Round("RD1", 4, POOLS, (poor, done))

    found = after(round_, Grant("R2", "A", 1, 0, 2))

    assert sum(g.card_hours for g in found if g.request_id == "R1") == 3
    assert sum(g.card_hours for g in found if g.request_id == "R2") == 2


def test_cards_that_are_not_free_cannot_be_booked() -> None:
    openings = openings_of(Round("RD1", 4, POOLS, ()))["B"]
    openings.book(Grant("R1", "B", 1, 1, 2), "")

    with pytest.raises(ValueError, match="not free"):
        openings.book(Grant("R2", "B", 2, 0, 2), "")
    openings.book(Grant("R2", "B", 1, 0, 4), "")
