"""Where an order runs on: room on other pools, the best of the places, days that were lost."""

from dataclasses import replace
from datetime import date

import pytest

from evernormal.domain.allocation import PlaceOffered, Room, best_place, days_lost, find_room
from evernormal.domain.values import Fen, Period

D = date
MAY = Period(D(2026, 5, 1), D(2026, 5, 31))
BUSY = [(Period(D(2026, 5, 1), D(2026, 5, 11)), 6), (Period(D(2026, 5, 21), D(2026, 6, 1)), 8)]


@pytest.mark.parametrize(
    ("cards", "days", "found"),
    [
        pytest.param([8, 4], 10, Room(8, D(2026, 5, 11)), id="the first number, where it fits"),
        pytest.param([8, 2], 15, Room(8, D(2026, 6, 1)), id="it may end after the window"),
        pytest.param([16, 2], 3, Room(2, D(2026, 5, 1)), id="more than the pool has"),
        pytest.param([16], 3, None, id="nothing fits"),
    ],
)
def test_room_is_the_earliest_stretch(cards: list[int], days: int, found: Room | None) -> None:
    window = Period(D(2026, 5, 1), D(2026, 6, 15))
    assert find_room(BUSY, cards=cards, capacity=8, within=window, days=days) == found


def test_a_stretch_that_begins_after_the_window_is_no_room() -> None:
    window = Period(D(2026, 5, 21), D(2026, 5, 25))
    assert find_room(BUSY, cards=[1], capacity=8, within=window, days=5) is None


def test_the_best_place_has_most_cards_then_the_earliest_day_then_the_lowest_cost() -> None:
    plain = PlaceOffered("B1", "P2", "910B", "", 4, MAY, Fen(100), 0)
    later = replace(plain, cards=8, period=Period(D(2026, 5, 3), D(2026, 5, 31)))
    dear = replace(plain, cards=8, listed=Fen(300))
    other = replace(dear, device_class="A100", preference=1)

    assert best_place([plain, later, other, dear]) == dear
    assert best_place([]) is None


@pytest.mark.parametrize(
    ("since", "resumed_on", "lost"),
    [
        (D(2026, 5, 11), None, 20),
        (D(2026, 5, 11), D(2026, 5, 14), 3),
        (D(2026, 5, 11), D(2026, 5, 11), 0),
        (D(2026, 4, 1), D(2026, 5, 2), 1),
        (D(2026, 6, 20), None, 0),
    ],
)
def test_days_lost_are_those_without_a_provider(
    since: date, resumed_on: date | None, lost: int
) -> None:
    assert days_lost(MAY, since=since, resumed_on=resumed_on) == lost
