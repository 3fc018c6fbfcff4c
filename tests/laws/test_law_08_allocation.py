"""Law 8.

An allocation never exceeds capacity, request, gang rules or a voucher's remaining value.
"""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis.strategies import DrawFn, composite, integers, lists, sampled_from

from evernormal.domain.allocation import AllocationLimb, allocate, peak_cards
from evernormal.domain.market import Order, ProviderAnswer, Quote, UnitPrice, quote
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


@given(asked=orders(), free=integers(0, 60), part=integers(0, 10**9), available=integers(0, 10**9))
def test_no_limit_is_exceeded_and_no_whole_gang_is_left_out(
    asked: Order, free: int, part: int, available: int
) -> None:
    quoted = Quote("O1", Fen(1), listed=Fen(part), voucher_part=Fen(part))

    given_ = allocate(asked, free_cards=free, quote=quoted, available=Fen(available))

    if asked.answer is ProviderAnswer.DECLINED:
        assert (given_.cards, given_.hold, given_.limb) == (0, Fen(0), AllocationLimb.PROVIDER)
        return
    assert given_.cards % asked.gang_cards == 0
    assert 0 <= given_.cards <= min(asked.cards, free)
    assert 0 <= given_.hold.amount <= min(available, part)
    more = given_.cards + asked.gang_cards
    affordable = Fraction(part * more, asked.cards) <= available
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
        given_ = allocate(asked, free_cards=free, quote=quoted, available=available)
        booked.append((asked.period, given_.cards))
        assert (
            given_.hold
            <= quote(
                replace(asked, answer=ProviderAnswer.APPROVED),
                price=UnitPrice(Fen(3)),
                rate=RATE,
                rounding=DOWN,
            ).voucher_part
        )
        available -= given_.hold

    assert available >= Fen(0)
    for day in (START + timedelta(n) for n in range(40)):
        assert sum(cards for period, cards in booked if period.holds(day)) <= capacity
