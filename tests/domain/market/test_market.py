"""Dated prices and quotes."""

from datetime import date
from fractions import Fraction

import pytest

from evernormal.domain.market import (
    NoPrice,
    OverlappingPrices,
    Price,
    PriceList,
    ProviderAnswer,
    Quote,
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
    assert CHANGED.price_on("P1", "910B", day) == Fen(fen)


def test_each_provider_and_class_has_its_own() -> None:
    assert CHANGED.price_on("P1", "H20", D(2026, 6, 15)) == Fen(300)
    assert CHANGED.price_on("P2", "910B", D(2026, 6, 15)) == Fen(400)


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
        CHANGED.price_on(provider, card, day)

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

    quoted = quote(asked, price=Fen(333), rate=Fraction(1, 3), rounding=down)

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
        asked, price=Fen(3), rate=Fraction(1, 3), rounding=Rounding(RoundingMode.TRUNCATE)
    )

    assert asked.agreed_card_hours == agreed
    assert (quoted.listed, quoted.voucher_part) == (Fen(agreed * 3), Fen(agreed))
