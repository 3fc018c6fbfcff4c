"""Law 8.

An allocation never exceeds capacity, request, gang rules or a voucher's remaining value.
"""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis.strategies import DrawFn, composite, integers, lists, sampled_from

from evernormal.domain.allocation import AllocationLimb, Purse, allocate, peak_cards
from evernormal.domain.market import Order, ProviderAnswer, UnitPrice, quote
from evernormal.domain.values import Fen, Period, Rounding, RoundingMode
from tests.domain.sample import order

START = date(2026, 1, 1)
DOWN = Rounding(RoundingMode.TRUNCATE)
RATE = Fraction(1, 3)


@composite
def orders(draw: DrawFn) -> Order:
    gang, first = draw(integers(1, 8)), draw(integers(0, 20))
    starts_on = START + timedelta(first)
    return order(
        cards=gang * draw(integers(1, 6)),
        gang_cards=gang,
        card_hours=draw(integers(1, 1_000)),
        answer=draw(sampled_from(ProviderAnswer)),
        answered_card_hours=draw(integers(0, 1_200)),
        period=Period(starts_on, starts_on + timedelta(draw(integers(1, 12)))),
    )


@composite
def purses(draw: DrawFn) -> Purse:
    part = Fen(draw(integers(0, 10**9)))
    return Purse(part=part, available=Fen(draw(integers(0, 10**9))))


@given(asked=orders(), free=integers(0, 60), drawn=lists(purses(), min_size=1, max_size=4))
def test_no_limit_is_exceeded_and_no_whole_gang_is_left_out(
    asked: Order, free: int, drawn: list[Purse]
) -> None:
    given_ = allocate(asked, free_cards=free, purses=drawn)

    assert len(given_.holds) == len(drawn)
    if asked.answer is ProviderAnswer.DECLINED:
        assert (given_.cards, given_.limb) == (0, AllocationLimb.PROVIDER)
        assert not any(hold.amount for hold in given_.holds)
        return
    assert given_.cards % asked.gang_cards == 0
    assert 0 <= given_.cards <= min(asked.cards, free)
    for hold, purse in zip(given_.holds, drawn, strict=True):
        assert 0 <= hold.amount <= min(purse.available.amount, purse.part.amount)
    more = given_.cards + asked.gang_cards
    wanted = [purse for purse in drawn if purse.part.amount]
    reach = sum(min(Fraction(p.available.amount, p.part.amount), Fraction(1)) for p in wanted)
    affordable = not wanted or Fraction(more, asked.cards) <= reach
    assert more > min(asked.cards, free) or not affordable
    assert (given_.limb is AllocationLimb.REQUEST) == (given_.cards == asked.cards)


@given(wanted=lists(orders(), max_size=8), capacity=integers(0, 60), value=integers(0, 5_000))
def test_orders_one_after_another_never_exceed_the_pool_or_the_voucher(
    wanted: list[Order], capacity: int, value: int
) -> None:
    booked: list[tuple[Period, int]] = []
    available = Fen(value)
    for asked in wanted:
        quoted = quote(asked, price=UnitPrice(Fen(3)), rate=RATE, rounding=DOWN)
        free = capacity - peak_cards(booked, during=asked.period)
        purse = Purse(part=quoted.voucher_part, available=available)
        given_ = allocate(asked, free_cards=free, purses=[purse])
        booked.append((asked.period, given_.cards))
        assert (
            given_.holds[0]
            <= quote(
                replace(asked, answer=ProviderAnswer.APPROVED),
                price=UnitPrice(Fen(3)),
                rate=RATE,
                rounding=DOWN,
            ).voucher_part
        )
        available -= given_.holds[0]

    assert available >= Fen(0)
    for day in (START + timedelta(n) for n in range(40)):
        assert sum(cards for period, cards in booked if period.holds(day)) <= capacity
