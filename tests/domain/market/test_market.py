"""Dated prices and quotes."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from evernormal.domain.market import (
    Band,
    ExchangeRate,
    NoExchangeRate,
    NoPrice,
    OverlappingPrices,
    OverlappingRates,
    Price,
    PriceKey,
    PriceList,
    ProviderAnswer,
    Quote,
    UnitPrice,
    quote,
)
from evernormal.domain.values import Fen, Rounding, RoundingMode
from tests.domain.sample import order

D = date


def price(
    first: date, end: date | None, fen: int = 100, *, of: str = "P1", card: str = "910B"
) -> Price:
    return Price(of, card, first, end, Fen(fen))


CHANGED = PriceList(
    [
        price(D(2026, 7, 1), None, 200),
        price(D(2026, 1, 1), D(2026, 6, 1), 100),
        price(D(2026, 1, 1), None, 300, card="H20"),
        price(D(2026, 1, 1), None, 400, of="P2"),
    ]
)


@pytest.mark.parametrize(
    ("day", "fen"),
    [(D(2026, 1, 1), 100), (D(2026, 5, 31), 100), (D(2026, 7, 1), 200), (D(2030, 1, 1), 200)],
)
def test_the_price_of_a_day(day: date, fen: int) -> None:
    assert CHANGED.price_on(PriceKey("P1", "910B"), day) == UnitPrice(Fen(fen))


def test_each_provider_and_class_has_its_own() -> None:
    assert CHANGED.price_on(PriceKey("P1", "H20"), D(2026, 6, 15)) == UnitPrice(Fen(300))
    assert CHANGED.price_on(PriceKey("P2", "910B"), D(2026, 6, 15)) == UnitPrice(Fen(400))


@pytest.mark.parametrize(
    ("provider", "card", "day"),
    [
        ("P1", "910B", D(2025, 12, 31)),
        ("P1", "910B", D(2026, 6, 1)),
        ("P1", "910B", D(2026, 6, 30)),
        ("P3", "910B", D(2026, 2, 1)),
        ("P2", "H20", D(2026, 2, 1)),
    ],
)
def test_a_day_without_a_price_is_refused(provider: str, card: str, day: date) -> None:
    with pytest.raises(NoPrice) as refusal:
        CHANGED.price_on(PriceKey(provider, card), day)

    found = refusal.value
    assert (found.provider_id, found.device_class, found.day) == (provider, card, day)


@pytest.mark.parametrize(
    ("one", "other", "day"),
    [
        ((D(2026, 1, 1), None), (D(2026, 3, 1), None), D(2026, 3, 1)),
        ((D(2026, 1, 1), D(2026, 3, 2)), (D(2026, 3, 1), None), D(2026, 3, 1)),
        ((D(2026, 1, 1), D(2026, 2, 1)), (D(2026, 1, 1), D(2026, 2, 1)), D(2026, 1, 1)),
    ],
)
def test_two_prices_on_a_day_are_refused_in_any_order(
    one: tuple[date, date | None], other: tuple[date, date | None], day: date
) -> None:
    for pair in ((one, other), (other, one)):
        with pytest.raises(OverlappingPrices) as refusal:
            PriceList(price(*dates) for dates in pair)
        found = refusal.value
        assert (found.provider_id, found.device_class, found.day) == ("P1", "910B", day)


def test_a_quote_is_the_list_price_split_by_the_schemes_rate_and_rounding() -> None:
    asked = order(card_hours=3)
    down = Rounding(RoundingMode.TRUNCATE, 100)

    quoted = quote(asked, price=UnitPrice(Fen(333)), rate=Fraction(1, 3), rounding=down)

    assert quoted == Quote("O1", Fen(333), listed=Fen(999), voucher_part=Fen(300))
    assert quoted.copay == Fen(699)


@pytest.mark.parametrize(
    ("answer", "answered", "agreed"),
    [
        (ProviderAnswer.APPROVED, 0, 100),
        (ProviderAnswer.APPROVED, 40, 100),
        (ProviderAnswer.MODIFIED, 40, 40),
        (ProviderAnswer.MODIFIED, 101, 100),  # never more than was ordered
        (ProviderAnswer.MODIFIED, 0, 0),
        (ProviderAnswer.DECLINED, 40, 0),
    ],
)
def test_what_the_provider_agrees_to_is_what_is_quoted(
    answer: ProviderAnswer, answered: int, agreed: int
) -> None:
    asked = order(card_hours=100, answer=answer, answered_card_hours=answered)

    quoted = quote(
        asked,
        price=UnitPrice(Fen(3)),
        rate=Fraction(1, 3),
        rounding=Rounding(RoundingMode.TRUNCATE),
    )

    assert asked.agreed_card_hours == agreed
    assert (quoted.listed, quoted.voucher_part) == (Fen(agreed * 3), Fen(agreed))


# --- Sites, plans and bands -----------------------------------------------------------------------

WEEK = D(2026, 3, 2)
"""A Monday."""
SATURDAY = D(2026, 3, 7)
WORKDAYS = frozenset(range(5))
PEAK = Band("peak", ((480, 1_320),), WORKDAYS)
NIGHT = Band("night", ((0, 360), (1_320, 1_440)))
KEY = PriceKey("P1", "910B")


def banded(*bands: Band, **changes: Any) -> list[Price]:
    return [replace(price(D(2026, 1, 1), None, 500), band=band, **changes) for band in bands]


def test_a_price_is_for_its_site_and_plan_and_no_other() -> None:
    prices = PriceList(
        [
            price(D(2026, 1, 1), None, 1),
            replace(price(D(2026, 1, 1), None, 2), site="gz-a"),
            replace(price(D(2026, 1, 1), None, 3), plan="spot"),
        ]
    )

    assert prices.price_on(order().price_key, WEEK) == UnitPrice(Fen(1))
    assert prices.price_on(order(site="gz-a").price_key, WEEK) == UnitPrice(Fen(2))
    assert prices.price_on(order(plan="spot").price_key, WEEK) == UnitPrice(Fen(3))
    with pytest.raises(NoPrice) as refusal:
        prices.price_on(order(site="gz-a", plan="spot").price_key, WEEK)
    assert refusal.value.device_class == "910B / gz-a / spot"


def test_the_rest_of_the_day_is_the_price_without_a_band() -> None:
    prices = PriceList([price(D(2026, 1, 1), None, 100), *banded(PEAK, NIGHT)])

    hours = [(0, "night"), (360, ""), (480, "peak"), (1_320, "night")]
    assert prices.hours_on(KEY, WEEK) == tuple(hours)
    assert prices.hours_on(KEY, SATURDAY) == ((0, "night"), (360, ""), (1_320, "night"))
    assert prices.hours_on(KEY, D(2025, 1, 1)) == ((0, ""),)
    assert prices.price_on(KEY, WEEK, "peak") == UnitPrice(Fen(500))
    assert prices.price_on(KEY, WEEK) == UnitPrice(Fen(100))
    with pytest.raises(NoPrice) as refusal:
        prices.price_on(KEY, SATURDAY, "peak")
    assert refusal.value.band == "peak"


def test_windows_of_a_band_that_meet_are_one_stretch() -> None:
    prices = PriceList(banded(Band("early", ((0, 300), (300, 600))), Band("late", ((600, 1_440),))))

    assert prices.hours_on(KEY, WEEK) == ((0, "early"), (600, "late"))


def test_the_dearest_hours_are_those_of_the_quote() -> None:
    dear = PriceList([price(D(2026, 1, 1), None, 100), *banded(PEAK)])
    cheap = PriceList([price(D(2026, 1, 1), None, 900), *banded(PEAK)])
    gap = PriceList(banded(PEAK))

    assert dear.dearest_on(KEY, WEEK) == UnitPrice(Fen(500))
    assert dear.dearest_on(KEY, SATURDAY) == UnitPrice(Fen(100))
    assert cheap.dearest_on(KEY, WEEK) == UnitPrice(Fen(900))
    with pytest.raises(NoPrice):
        gap.dearest_on(KEY, WEEK)


@pytest.mark.parametrize(
    ("other", "day"),
    [
        (Band("noon", ((700, 800),), WORKDAYS), WEEK),
        (Band("noon", ((700, 800),), frozenset({2, 6})), D(2026, 3, 4)),
        (Band("peak", ((1_320, 1_440),), WORKDAYS), WEEK),  # two rows of one band on one day
        (Band("noon", ((700, 800),), frozenset({5})), None),
        (Band("peak", ((480, 1_320),), frozenset({5, 6})), None),
        (Band("noon", ((0, 480), (1_320, 1_440)), WORKDAYS), None),
    ],
)
def test_bands_may_not_share_an_hour_of_a_day(other: Band, day: date | None) -> None:
    (one,) = banded(PEAK)
    two = replace(one, band=other, starts_on=WEEK)

    for pair in ([one, two], [two, one]):
        if day is None:
            PriceList(pair)
            continue
        with pytest.raises(OverlappingPrices) as refusal:
            PriceList(pair)
        assert refusal.value.day == day


def test_bands_that_follow_one_another_in_time_do_not_clash() -> None:
    (one,) = banded(PEAK)
    ended = replace(one, ends_on=SATURDAY)

    PriceList([ended, replace(one, starts_on=SATURDAY)])
    # From Saturday on, but the week's days come only after the first has ended.
    PriceList([replace(one, ends_on=D(2026, 3, 9)), replace(one, starts_on=SATURDAY)])


@pytest.mark.parametrize(
    ("name", "hours", "weekdays"),
    [
        ("peak", (), WORKDAYS),
        ("peak", ((480, 480),), WORKDAYS),
        ("peak", ((480, 600), (599, 700)), WORKDAYS),
        ("peak", ((-1, 600),), WORKDAYS),
        ("peak", ((480, 1_441),), WORKDAYS),
        ("peak", ((480, 600),), frozenset({7})),
        ("peak", ((480, 600),), frozenset()),
        ("", ((480, 600),), WORKDAYS),
        ("minimum", ((480, 600),), WORKDAYS),
    ],
)
def test_what_is_no_band(
    name: str, hours: tuple[tuple[int, int], ...], weekdays: frozenset[int]
) -> None:
    with pytest.raises(ValueError, match="band"):
        Band(name, hours, weekdays)


# --- Minimum and currency -------------------------------------------------------------------------

RATES = [
    ExchangeRate("USD", D(2026, 3, 1), D(2026, 3, 3), Fraction("7.1234")),
    ExchangeRate("USD", D(2026, 3, 3), None, Fraction("7.2")),
]
FOREIGN = [replace(price(D(2026, 1, 1), None, 199), currency="USD", minimum=Fen(501))]


def test_a_price_in_another_currency_has_the_rate_of_the_day() -> None:
    prices = PriceList(FOREIGN, RATES)

    found = prices.price_on(KEY, D(2026, 3, 2))
    assert found == UnitPrice(Fen(199), "USD", Fraction("7.1234"))
    assert found.exact_fen == Fraction("1417.5566")
    assert prices.price_on(KEY, D(2026, 3, 3)).exchange == Fraction("7.2")
    with pytest.raises(NoExchangeRate) as refusal:
        prices.price_on(KEY, D(2026, 2, 28))
    assert (refusal.value.currency, refusal.value.day) == ("USD", D(2026, 2, 28))


def test_a_minimum_is_converted_and_rounded_once() -> None:
    prices = PriceList(FOREIGN, RATES)

    assert prices.minimum_on(KEY, D(2026, 3, 2)) == Fen(3_569)  # 501 x 7.1234 = 3,568.82
    assert CHANGED.minimum_on(KEY, D(2026, 3, 2)) == Fen(0)
    assert CHANGED.minimum_on(KEY, D(2025, 3, 2)) == Fen(0)


def test_two_rates_on_a_day_are_refused() -> None:
    open_ended = replace(RATES[0], ends_on=None)

    PriceList([], [open_ended, replace(RATES[1], currency="EUR")])
    for pair in ([open_ended, RATES[1]], [RATES[1], replace(open_ended, ends_on=D(2026, 3, 4))]):
        with pytest.raises(OverlappingRates) as refusal:
            PriceList([], pair)
        assert (refusal.value.currency, refusal.value.day) == ("USD", D(2026, 3, 3))


def test_a_quote_in_another_currency_is_rounded_after_conversion() -> None:
    down = Rounding(RoundingMode.TRUNCATE)
    listed = UnitPrice(Fen(199), "USD", Fraction("7.1234"))

    quoted = quote(order(card_hours=3), price=listed, rate=Fraction(1, 2), rounding=down)

    # 3 x 199 x 7.1234 = 4,252.67
    expected = Quote("O1", Fen(199), Fen(4_253), Fen(2_126), "USD", Fraction("7.1234"))
    assert quoted == expected
