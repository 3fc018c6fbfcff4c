"""Prices of a day's use, and differences to it."""

from dataclasses import replace
from datetime import UTC, date
from fractions import Fraction

import pytest

from evernormal.domain.market import MINIMUM, Band, ExchangeRate, NoPrice, Price, PriceList
from evernormal.domain.metering import (
    CHARGE_ROUNDING,
    Charge,
    DayUse,
    charges_due,
    rate_use,
    total_of,
    use_by_day,
)
from evernormal.domain.values import CardSeconds, Fen, Period, Rounding, RoundingMode
from tests.domain.sample import order, record

D1, D2, D3 = date(2026, 2, 1), date(2026, 2, 2), date(2026, 2, 3)
PRICES = PriceList(
    [Price("P1", "910B", date(2026, 1, 1), D2, Fen(1_000)), Price("P1", "910B", D2, D3, Fen(500))]
)
ORDER = order()


def use(day: date, seconds: int, band: str = "") -> DayUse:
    return DayUse("O1", day, band, CardSeconds(seconds))


def charge(day: date, seconds: int, price: int, fen: int) -> Charge:
    return Charge("O1", "910B", day, seconds, Fen(price), Fen(fen))


@pytest.mark.parametrize(
    ("seconds", "price", "fen"),
    [(0, 999, 0), (3_600, 999, 999), (1_800, 1, 1), (1_799, 1, 0), (1_001, 1_280, 356)],
)
def test_rating_rounds_once_half_up(seconds: int, price: int, fen: int) -> None:
    assert rate_use(CardSeconds(seconds), Fen(price), CHARGE_ROUNDING) == Fen(fen)


def test_rating_takes_the_rounding_it_is_given() -> None:
    down = Rounding(RoundingMode.TRUNCATE)

    assert rate_use(CardSeconds(1_800), Fen(1), down) == Fen(0)


def test_use_of_all_records_is_added_up_by_day_within_the_period() -> None:
    records = [
        record("1", starts=-2, ends=3),  # two hours before the period
        record("2", starts=23, ends=25),
        record("3", starts=47, ends=49),  # one hour after the period
        record("4", starts=60, ends=61),
    ]

    assert use_by_day(order(period=Period(D1, D3)), records, prices=PRICES, zone=UTC) == (
        use(D1, 8 * 4 * 3_600),
        use(D2, 8 * 2 * 3_600),
    )
    assert use_by_day(ORDER, [], prices=PRICES, zone=UTC) == ()


def test_each_day_is_charged_at_its_price() -> None:
    due = charges_due(ORDER, [use(D2, 7_200), use(D1, 3_600)], prices=PRICES, charged={})

    assert due == (charge(D1, 3_600, 1_000, 1_000), charge(D2, 7_200, 500, 1_000))
    assert total_of(due) == Fen(2_000)
    assert total_of(()) == Fen(0)


@pytest.mark.parametrize(
    ("seconds", "before", "due"),
    [
        (3_600, (3_600, Fen(1_000)), None),
        (7_200, (3_600, Fen(1_000)), charge(D1, 3_600, 1_000, 1_000)),
        (1_800, (3_600, Fen(1_000)), charge(D1, -1_800, 1_000, -500)),
        (0, (3_600, Fen(1_000)), charge(D1, -3_600, 1_000, -1_000)),
        (3_601, (3_600, Fen(1_000)), charge(D1, 1, 1_000, 0)),  # less than half a fen: recorded
        (3_600, (3_600, Fen(999)), charge(D1, 0, 1_000, 1)),
        (0, (0, Fen(0)), None),
    ],
)
def test_a_changed_day_is_charged_its_difference(
    seconds: int, before: tuple[int, Fen], due: Charge | None
) -> None:
    uses = [use(D1, seconds)] if seconds else []

    found = charges_due(ORDER, uses, prices=PRICES, charged={(D1, ""): before})

    assert found == ((due,) if due else ())


def test_use_without_a_price_is_refused() -> None:
    with pytest.raises(NoPrice) as refusal:
        charges_due(ORDER, [use(D1, 1), use(D3, 1)], prices=PRICES, charged={})

    assert refusal.value.day == D3


def test_an_order_of_a_site_takes_the_use_of_its_cluster_only() -> None:
    here = record("1", ends=1)
    there = replace(here, key=replace(here.key, cluster="other"))
    of_site = order(site="main")

    assert use_by_day(of_site, [here, there], prices=PRICES, zone=UTC) == (use(D1, 8 * 3_600),)
    both = use_by_day(ORDER, [here, there], prices=PRICES, zone=UTC)
    assert both == (use(D1, 16 * 3_600),)


def test_a_reading_of_no_cards_is_no_use() -> None:
    assert use_by_day(ORDER, [record(cards=0)], prices=PRICES, zone=UTC) == ()


def test_the_minimum_is_a_line_of_its_own_and_goes_when_the_use_goes() -> None:
    prices = PriceList([Price("P1", "910B", D1, None, Fen(100), minimum=Fen(500))])
    charged = {(D1, ""): (3_600, Fen(100)), (D1, MINIMUM): (0, Fen(400))}

    def due(*uses: DayUse) -> list[tuple[str, int, Fen]]:
        found = charges_due(ORDER, uses, prices=prices, charged=charged)
        return [(c.band, c.used_seconds, c.amount) for c in found]

    assert due(use(D1, 3_600)) == []
    assert due(use(D1, 7_200)) == [("", 3_600, Fen(100)), (MINIMUM, 0, Fen(-100))]
    assert due(use(D1, 36_000)) == [("", 32_400, Fen(900)), (MINIMUM, 0, Fen(-400))]
    assert due() == [("", -3_600, Fen(-100)), (MINIMUM, 0, Fen(-400))]


def test_a_charge_names_its_band_and_currency() -> None:
    peak = Band("peak", ((480, 1_320),))
    listed = Price("P1", "910B", D1, None, Fen(199), band=peak, currency="USD")
    prices = PriceList([listed], [ExchangeRate("USD", D1, None, Fraction("7.1234"))])

    (found,) = charges_due(ORDER, [use(D1, 5_401, "peak")], prices=prices, charged={})

    expected = Charge("O1", "910B", D1, 5_401, Fen(199), Fen(2_127))
    rate = Fraction("7.1234")
    assert found == replace(expected, band="peak", currency="USD", exchange=rate)


def test_use_in_hours_without_a_price_is_refused() -> None:
    peak = Price("P1", "910B", D1, None, Fen(1), band=Band("peak", ((480, 1_320),)))

    with pytest.raises(NoPrice):
        charges_due(ORDER, [use(D1, 1)], prices=PriceList([peak]), charged={})
