"""Price lists as an office writes them: sites, plans, hours of the day, minimums, currencies."""

from datetime import date
from fractions import Fraction

import pytest

from evernormal.domain.market import Band, ExchangeRate, Price
from evernormal.domain.values import Fen
from evernormal.formats.intake import InputProblems, read_year
from tests.formats.broken_folder import sound_folder

Place = tuple[str, int | None, str | int | None, str]

HEAD = (
    "provider_id,device_class,starts_on,ends_on,price_yuan_per_card_hour,"
    "site,plan,band,weekdays,hours,minimum_yuan_per_day,currency\n"
)
PLAIN = "P1,A100-80G,2025-01-01,,9.00,,,,,,,\n"
RATES = "currency,starts_on,ends_on,rate\n"
ORDERS = (
    "order_id,contract_id,device_class,cards,gang_cards,card_hours,starts_on,ends_on,site,plan\n"
)
SINCE = date(2025, 1, 1)
PEAK = Band("peak", ((480, 1_320),), frozenset(range(5)))
NIGHT = Band("night", ((0, 360), (1_320, 1_440)))


def folder(prices: str, *, orders: str = "", rates: str = "") -> dict[str, bytes]:
    files = {**sound_folder(), "prices.csv": (HEAD + prices).encode()}
    if orders:
        files["orders.csv"] = (ORDERS + orders).encode()
    if rates:
        files["exchange_rates.csv"] = (RATES + rates).encode()
    return files


def codes(files: dict[str, bytes]) -> list[Place]:
    try:
        read_year(files)
    except InputProblems as refusal:
        return [(p.file, p.line, p.column, p.code) for p in refusal.problems]
    return []


def test_every_column_of_the_list_is_read() -> None:
    rows = [
        PLAIN.replace(",,,,,,\n", ",,,,,100.00,\n"),
        "P1,A100-80G,2025-01-01,,16.00,,,peak,Mon-Fri,08:00-22:00,,\n",
        "P1,A100-80G,2025-01-01,2025-06-30,5.00,gz-a,spot,night,,22:00-24:00;00:00-06:00,,USD\n",
        "P1,A100-80G,2025-01-01,,1.00,gz-a,spot,,,,0.50,CNY\n",
    ]
    rates = "USD,2025-01-01,2025-03-31,7.1234\nUSD,2025-04-01,,7.2\n"

    year = read_year(folder("".join(rows), rates=rates))

    end = date(2025, 7, 1)
    assert year.prices == (
        Price("P1", "A100-80G", SINCE, None, Fen(900), minimum=Fen(10_000)),
        Price("P1", "A100-80G", SINCE, None, Fen(1_600), band=PEAK),
        Price("P1", "A100-80G", SINCE, end, Fen(500), "gz-a", "spot", NIGHT, currency="USD"),
        Price("P1", "A100-80G", SINCE, None, Fen(100), "gz-a", "spot", minimum=Fen(50)),
    )
    assert year.exchange_rates == (
        ExchangeRate("USD", SINCE, date(2025, 4, 1), Fraction("7.1234")),
        ExchangeRate("USD", date(2025, 4, 1), None, Fraction("7.2")),
    )


def test_an_order_names_its_site_and_plan_and_needs_their_price() -> None:
    at_site = "O1,C1,A100-80G,8,8,400,2025-02-01,2025-02-28,c,spot\n"
    priced = PLAIN + "P1,A100-80G,2025-01-01,,8.00,c,spot,,,,,\n"

    (order,) = read_year(folder(priced, orders=at_site)).orders
    assert (order.site, order.plan) == ("c", "spot")
    assert codes(folder(PLAIN, orders=at_site)) == [
        ("orders.csv", 2, "starts_on", "order.no_price"),
        ("usage/2025.csv", 2, "device_class", "price.none"),
    ]
    # The readings are of cluster c: another site's order has nothing to do with them.
    elsewhere = at_site.replace(",c,", ",d,")
    assert codes(folder(priced, orders=elsewhere)) == [
        ("orders.csv", 2, "starts_on", "order.no_price")
    ]


def test_orders_of_two_sites_may_be_for_the_same_days_but_not_of_one_and_any() -> None:
    row = "O{},C1,A100-80G,8,8,400,2025-02-01,2025-02-28,{},\n"
    prices = PLAIN + "".join(f"P1,A100-80G,2025-01-01,,8.00,{s},,,,,,\n" for s in ("c", "d"))

    assert codes(folder(prices, orders=row.format(1, "c") + row.format(2, "d"))) == []
    assert codes(folder(prices, orders=row.format(1, "c") + row.format(2, ""))) == [
        ("orders.csv", 3, "starts_on", "order.overlap")
    ]


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("16.00,,,peak,Mon-Fri,,,", "hours", "price.band_without_hours"),
        ("16.00,,,,Mon-Fri,08:00-22:00,,", "hours", "price.hours_without_band"),
        ("16.00,,,minimum,,08:00-22:00,,", "band", "price.band_reserved"),
        ("16.00,,,peak,,08:00-22:00,5.00,", "minimum_yuan_per_day", "price.minimum_in_band"),
        ("16.00,,,peak,,22:00-06:00,,", "hours", "hours.across_midnight"),
        ("16.00,,,peak,,08:00-12:00;11:00-13:00,,", "hours", "hours.overlap"),
        ("16.00,,,peak,,8-22,,", "hours", "hours.form"),
        ("16.00,,,peak,,20:00-24:30,,", "hours", "hours.form"),
        ("16.00,,,peak,Mon-Fry,08:00-22:00,,", "weekdays", "weekdays.form"),
        ("16.00,,,peak,Sat-Mon,08:00-22:00,,", "weekdays", "weekdays.form"),
        ("16.00,,,peak,;,08:00-22:00,,", "weekdays", "weekdays.form"),
        ("16.00,,,Peak!,,08:00-22:00,,", "band", "word.form"),
        ("16.00,gz-a,,,,,,usd", "currency", "currency.form"),
        ("16.00,gz-a,,,,,,USD", "currency", "price.no_exchange_rate"),
    ],
)
def test_a_row_that_does_not_make_a_price_is_refused_at_its_cell(
    row: str, column: str, code: str
) -> None:
    found = codes(folder(f"{PLAIN}P1,A100-80G,2025-01-01,,{row}\n"))

    assert ("prices.csv", 3, column, code) in found
    assert {place[:2] for place in found} == {("prices.csv", 3)}


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("2025-03-01,,8.00,,,,,,,", "starts_on"),
        ("2025-03-01,,8.00,,,noon,Wed;Sun,12:00-13:00,,", "hours"),
        ("2025-03-01,,8.00,,,peak,Mon,22:00-23:00,,", "band"),
    ],
)
def test_two_prices_for_one_hour_are_refused_at_the_later(row: str, column: str) -> None:
    peak = "P1,A100-80G,2025-01-01,,16.00,,,peak,Mon-Fri,08:00-22:00,,\n"

    found = codes(folder(f"{PLAIN}{peak}P1,A100-80G,{row}\n"))

    assert found == [("prices.csv", 4, column, "price.overlap")]


def test_the_same_row_twice_is_said_once() -> None:
    peak = "P1,A100-80G,2025-01-01,,16.00,,,peak,Mon-Fri,08:00-22:00,,\n"

    assert codes(folder(PLAIN + peak + peak)) == [("prices.csv", 4, "starts_on", "row.repeated")]


def test_rows_of_a_toml_list_that_hold_at_once_are_refused() -> None:
    files = sound_folder()
    del files["prices.csv"]
    row = (
        '[[price]]\nprovider_id = "P1"\ndevice_class = "A100-80G"\nstarts_on = 2025-01-01\n'
        "price_yuan_per_card_hour = 9\nminimum_yuan_per_day = 50\n"
    )

    (price,) = read_year({**files, "prices.toml": row.encode()}).prices
    assert price.minimum == Fen(5_000)
    assert codes({**files, "prices.toml": (row + row).encode()}) == [
        ("prices.toml", 7, "starts_on", "price.overlap")
    ]


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ("USD,2025-01-01,,0.0\n", [(2, "rate", "rate.form")]),
        ("USD,2025-01-01,,7,1\n", [(2, None, "csv.field_count")]),
        ("USD,2025-02-01,2025-01-01,7.1\n", [(2, "ends_on", "price.rate_ends_before_start")]),
        (
            "USD,2025-01-01,,7.1\nUSD,2025-03-01,,7.2\n",
            [(3, "starts_on", "price.rates_overlap")],
        ),
        (
            "USD,2025-01-01,,7.1\nUSD,2025-01-01,,7.2\n",
            [(3, "starts_on", "row.repeated")],
        ),
    ],
)
def test_rates_that_do_not_hold_are_refused(
    rates: str, expected: list[tuple[int, str | None, str]]
) -> None:
    found = codes(folder(PLAIN, rates=rates))

    assert found == [("exchange_rates.csv", *place) for place in expected]


def test_a_day_of_use_without_a_rate_is_refused_where_it_is_ordered_and_used() -> None:
    foreign = PLAIN.replace(",,,,,,\n", ",,,,,,USD\n")

    assert codes(folder(foreign, rates="USD,2025-03-01,,7.1\n")) == [
        ("orders.csv", 2, "starts_on", "price.no_exchange_rate"),
        ("usage/2025.csv", 2, "device_class", "price.no_exchange_rate"),
    ]
    assert codes(folder(foreign, rates="USD,2025-01-01,,7.1\n")) == []


def test_hours_of_a_day_without_a_price_are_refused() -> None:
    only_days = "P1,A100-80G,2025-01-01,,16.00,,,day,,06:00-24:00,,\n"

    assert codes(folder(only_days)) == [
        ("orders.csv", 2, "starts_on", "order.no_price"),
        ("usage/2025.csv", 2, "device_class", "price.none"),
    ]
