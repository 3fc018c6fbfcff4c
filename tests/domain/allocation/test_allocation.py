"""Cards in whole gangs, within pool and voucher."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import composite, integers, lists

from evernormal.domain.allocation import (
    Allocation,
    AllocationLimb,
    Purse,
    allocate,
    peak_cards,
)
from evernormal.domain.market import ProviderAnswer
from evernormal.domain.values import Fen, Period
from tests.domain.sample import order

START = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("cards", "gang", "free", "part", "available", "given_cards", "hold", "limb"),
    [
        (16, 8, 16, 1_000, 1_000, 16, 1_000, AllocationLimb.REQUEST),
        (16, 8, 15, 1_000, 1_000, 8, 500, AllocationLimb.GANG),
        (16, 8, 8, 1_000, 1_000, 8, 500, AllocationLimb.CAPACITY),
        (16, 8, 0, 1_000, 1_000, 0, 0, AllocationLimb.CAPACITY),
        (16, 8, 16, 1_000, 999, 8, 500, AllocationLimb.GANG),
        (16, 1, 16, 1_000, 999, 15, 937, AllocationLimb.VOUCHER),
        (16, 8, 16, 1_000, 0, 0, 0, AllocationLimb.VOUCHER),
        (16, 1, 15, 1_000, 999, 15, 937, AllocationLimb.CAPACITY),
        (16, 8, 16, 0, 0, 16, 0, AllocationLimb.REQUEST),
        (20, 8, 30, 10_000_000, 9_000_000, 16, 8_000_000, AllocationLimb.GANG),
    ],
)
def test_allocate(  # noqa: PLR0913 - one row of the table
    *,
    cards: int,
    gang: int,
    free: int,
    part: int,
    available: int,
    given_cards: int,
    hold: int,
    limb: AllocationLimb,
) -> None:
    given = allocate(
        order(cards=cards, gang_cards=gang),
        free_cards=free,
        purses=[Purse(part=Fen(part), available=Fen(available))],
    )

    assert given == Allocation("O1", given_cards, (Fen(hold),), limb)


@pytest.mark.parametrize(
    ("purses", "given_cards", "holds", "limb"),
    [
        # The first is held to its end before the second: 400 of 1,000 is 40 %, and 60 % of 500.
        ([(1_000, 400), (500, 500)], 16, (400, 300), AllocationLimb.REQUEST),
        ([(1_000, 1_000), (500, 500)], 16, (1_000, 0), AllocationLimb.REQUEST),
        # 40 % and 20 %: nine cards, of which one gang; it fits into 40 % and 10 %.
        ([(1_000, 400), (500, 100)], 8, (400, 50), AllocationLimb.GANG),
        # A voucher without a part in the order pays nothing of it.
        ([(0, 900), (500, 500)], 16, (0, 500), AllocationLimb.REQUEST),
        ([(0, 900), (0, 500)], 16, (0, 0), AllocationLimb.REQUEST),
    ],
)
def test_one_voucher_is_held_to_its_end_before_the_next(
    purses: list[tuple[int, int]],
    given_cards: int,
    holds: tuple[int, ...],
    limb: AllocationLimb,
) -> None:
    drawn = [Purse(part=Fen(part), available=Fen(available)) for part, available in purses]

    found = allocate(order(cards=16, gang_cards=8), free_cards=16, purses=drawn)

    assert found == Allocation("O1", given_cards, tuple(map(Fen, holds)), limb)


@pytest.mark.parametrize(
    ("answer", "cards", "hold", "limb"),
    [
        (ProviderAnswer.DECLINED, 0, 0, AllocationLimb.PROVIDER),
        (ProviderAnswer.MODIFIED, 8, 100, AllocationLimb.REQUEST),
        (ProviderAnswer.APPROVED, 8, 100, AllocationLimb.REQUEST),
    ],
)
def test_what_a_provider_declines_gets_no_card(
    answer: ProviderAnswer, cards: int, hold: int, limb: AllocationLimb
) -> None:
    asked = order(answer=answer, answered_card_hours=50)

    found = allocate(asked, free_cards=8, purses=[Purse(part=Fen(100), available=Fen(100))])

    assert found == Allocation("O1", cards, (Fen(hold),), limb)


@composite
def bookings(draw: object) -> tuple[Period, int]:
    first = draw(integers(0, 30))  # type: ignore[operator]
    days = draw(integers(1, 15))  # type: ignore[operator]
    starts_on = START + timedelta(first)
    return Period(starts_on, starts_on + timedelta(days)), draw(integers(0, 9))  # type: ignore[operator]


@given(booked=lists(bookings(), max_size=8), during=bookings())
def test_peak_is_the_most_on_any_one_day(
    booked: list[tuple[Period, int]], during: tuple[Period, int]
) -> None:
    period = during[0]
    days = [
        period.starts_on + timedelta(n) for n in range((period.ends_on - period.starts_on).days)
    ]

    expected = max(sum(cards for p, cards in booked if p.holds(day)) for day in days)
    assert peak_cards(booked, during=period) == expected
