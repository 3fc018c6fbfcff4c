"""A round that makes no sense cannot be built."""

from dataclasses import replace

import pytest

from evernormal.domain.allocation import Arc, Round
from tests.engines.clearing.rounds import arc, pool, request


@pytest.mark.parametrize("reserved", [{"g": 5}, {"g": 3, "h": 2}, {"g": -1}])
def test_a_pool_reserves_no_more_than_it_has(reserved: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="cannot reserve"):
        pool("A", cards=4, reserved=reserved)


@pytest.mark.parametrize(
    ("speed", "gang", "most"), [(0, 1, 1), (1, 0, 1), (1, 2, 3), (1, 2, 0), (1, 4, -4)]
)
def test_an_arc_has_a_speed_and_whole_gangs(speed: int, gang: int, most: int) -> None:
    with pytest.raises(ValueError, match="cannot run on A"):
        Arc("A", speed, gang, most)


def test_a_request_has_work_and_names_a_pool_once() -> None:
    with pytest.raises(ValueError, match="asks for 0"):
        request("R1", work=0)
    with pytest.raises(ValueError, match="on pools"):
        request("R1", arc("A"), arc("A"))


def test_a_round_has_hours_known_pools_and_requests_that_differ() -> None:
    one = request("R1", arc("A"))
    with pytest.raises(ValueError, match="it lacks"):
        Round("RD1", 1, (), (one,))
    with pytest.raises(ValueError, match="it lacks"):
        Round("RD1", 0, (pool("A"),), (one,))
    for other in (replace(one, id="R2"), replace(one, number=2)):
        with pytest.raises(ValueError, match="two requests"):
            Round("RD1", 1, (pool("A"),), (one, other))
