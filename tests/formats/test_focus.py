"""Charges as FOCUS rows: every fen and card-second is there, and the rules of 1.2 hold."""

import csv
import io
from collections import Counter
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evernormal.domain.market import EVERY_DAY, MINIMUM, Band, ExchangeRate, Order, Price
from evernormal.domain.policy import FundingShare, FundingSplit, Scheme, Text, Unit
from evernormal.domain.values import Fen, Period
from evernormal.formats.books.focus import FOCUS_FILE, encode_charges
from evernormal.formats.books.funding import funding_of
from evernormal.formats.books.rows import ChargeRow, YearBooks
from evernormal.formats.focus import COLUMNS, OWN_COLUMNS, decimal_text, encode_focus, rounded
from evernormal.formats.focus_structure import focus_problems
from evernormal.formats.intake.year_input import YearInput
from tests.formats.sample_books import sample_books
from tests.formats.sample_scheme import SCHEME
from tests.formats.sample_year import YEAR, sample_input

BOOKS = sample_books()
FIRST = BOOKS.charges[0]
PEAK = Band("peak", ((8 * 60, 12 * 60), (14 * 60, 22 * 60)), EVERY_DAY)


def year_of(books: YearBooks) -> YearInput:
    """The sample year with the orders and the prices that its charges had."""
    period = Period(date(YEAR, 1, 1), date(YEAR + 1, 1, 1))
    orders, prices = {}, {}
    for row in books.charges:
        orders[row.order_id] = Order(
            row.order_id, row.contract_id, row.provider_id, row.device_class, 8, 8, 100, period
        )
        if not row.band:
            price = Fen(row.price_fen_per_card_hour)
            key = (row.provider_id, row.device_class)
            prices[key] = Price(*key, period.starts_on, None, price)
    return replace(sample_input(), orders=tuple(orders.values()), prices=tuple(prices.values()))


def rows_of(books: YearBooks, year: YearInput | None = None) -> list[dict[str, str]]:
    data = encode_charges(books, year=year or year_of(books), scheme=SCHEME)[FOCUS_FILE]
    assert focus_problems(data, file=FOCUS_FILE) == []
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


def one(charge: ChargeRow, **changed: Any) -> YearBooks:
    return replace(BOOKS, charges=(replace(charge, **changed),))


def test_costs_and_use_add_up_to_the_charges() -> None:
    rows = rows_of(BOOKS)
    billed: Counter[str] = Counter()
    for row in rows:
        billed[row["ChargeCategory"]] += int(Fraction(row["BilledCost"]) * 100)
    used = sum(int(row["ConsumedQuantity"] or 0) for row in rows)

    assert billed["Usage"] == sum(charge.amount_fen for charge in BOOKS.charges)
    assert billed["Credit"] == -sum(charge.voucher_fen for charge in BOOKS.charges)
    assert billed.total() == sum(charge.copay_fen for charge in BOOKS.charges)
    assert used == sum(charge.used_seconds for charge in BOOKS.charges)


TOLD = {
    "BilledCost": Fen(FIRST.amount_fen).yuan,
    "BillingAccountId": FIRST.applicant_id,
    "BillingAccountName": "黔灵智算科技有限公司",
    "BillingAccountType": "Applicant",
    "BillingCurrency": "CNY",
    "BillingPeriodEnd": "2026-05-31T16:00:00Z",
    "BillingPeriodStart": "2026-04-30T16:00:00Z",
    "ChargeCategory": "Usage",
    "ChargeDescription": "ASCEND-910B-64G, card-hours on 2026-04-01, order O-K01",
    "ChargeFrequency": "Usage-Based",
    "ChargePeriodEnd": "2026-04-01T16:00:00Z",
    "ChargePeriodStart": "2026-03-31T16:00:00Z",
    "ConsumedQuantity": str(FIRST.used_seconds),
    "ConsumedUnit": "Card-Seconds",
    "ContractedCost": "5924.3164444444464",
    "ContractedUnitPrice": "8.8",
    "EffectiveCost": Fen(FIRST.amount_fen).yuan,
    "InvoiceIssuerName": "贵安智算中心有限公司",
    "ListCost": "5924.3164444444464",
    "ListUnitPrice": "8.8",
    "PricingCategory": "Standard",
    "PricingCurrency": "CNY",
    "PricingCurrencyContractedUnitPrice": "8.8",
    "PricingCurrencyEffectiveCost": Fen(FIRST.amount_fen).yuan,
    "PricingCurrencyListUnitPrice": "8.8",
    "PricingQuantity": "673.217777777778",
    "PricingUnit": "Card-Hours",
    "ProviderName": "贵安智算中心有限公司",
    "PublisherName": "贵安智算中心有限公司",
    "RegionId": "520100",
    "RegionName": "520100",
    "ResourceId": FIRST.order_id,
    "ResourceType": "Order",
    "ServiceCategory": "Compute",
    "ServiceName": "Cards",
    "ServiceSubcategory": "Other (Compute)",
    "SkuId": "P1/ASCEND-910B-64G",
    "SkuMeter": "Card-hours",
    "SkuPriceDetails": '{"DeviceClass":"ASCEND-910B-64G"}',
    "SkuPriceId": "P1/ASCEND-910B-64G/8.80",
    "SubAccountId": FIRST.contract_id,
    "SubAccountName": FIRST.contract_id,
    "SubAccountType": "Contract",
    "x_AwardId": FIRST.award_id,
    "x_CardType": FIRST.device_class,
    "x_ChargeId": FIRST.charge_id,
    "x_OrderId": FIRST.order_id,
    "x_ProgrammeId": "sample-2026",
    "x_UsageBatch": FIRST.batch,
    "x_VoucherId": FIRST.voucher_id,
}
"""The cells that the usage row of the first charge has."""


def test_a_charge_is_told_whole() -> None:
    usage, credit = rows_of(one(FIRST))

    assert {name: value for name, value in usage.items() if value} == TOLD
    costs = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
    assert {credit[name] for name in costs} == {Fen(-FIRST.voucher_fen).yuan}
    assert (credit["ChargeCategory"], credit["ListUnitPrice"]) == ("Credit", "")


def test_a_charge_of_which_the_voucher_pays_nothing_has_no_credit() -> None:
    rows = rows_of(one(FIRST, voucher_fen=0, copay_fen=FIRST.amount_fen))

    assert [row["ChargeCategory"] for row in rows] == ["Usage"]


@pytest.mark.parametrize(
    ("charged_on", "charge_class"), [(date(2026, 5, 30), ""), (date(2026, 6, 1), "Correction")]
)
def test_only_what_changes_a_billed_month_is_a_correction(
    charged_on: date, charge_class: str
) -> None:
    later = replace(FIRST, charged_on=charged_on, used_seconds=-3_600, amount_fen=-880)
    later = replace(later, voucher_fen=-440, copay_fen=-440)
    rows = rows_of(replace(BOOKS, charges=(FIRST, later)))

    assert [row["ChargeClass"] for row in rows] == ["", "", charge_class, charge_class]
    assert (rows[2]["BilledCost"], rows[3]["BilledCost"]) == ("-8.80", "4.40")
    assert (rows[2]["ConsumedQuantity"], rows[2]["PricingQuantity"]) == ("-3600", "-1")


def test_a_band_is_the_period_of_its_hours() -> None:
    books = one(FIRST, band="peak")
    base = year_of(replace(BOOKS, charges=(FIRST,)))
    peak = replace(base.prices[0], band=PEAK)
    usage, _ = rows_of(books, replace(base, prices=(*base.prices, peak)))

    period = (usage["ChargePeriodStart"], usage["ChargePeriodEnd"], usage["x_Band"])
    assert period == ("2026-04-01T00:00:00Z", "2026-04-01T14:00:00Z", "peak")
    assert usage["SkuPriceId"] == "P1/ASCEND-910B-64G/peak/8.80"
    assert "peak hours of 2026-04-01" in usage["ChargeDescription"]


@pytest.mark.parametrize(("fen", "quantity"), [(250, "1"), (-250, "-1")])
def test_what_lifts_a_day_to_its_minimum_is_priced_by_the_day(fen: int, quantity: str) -> None:
    books = one(FIRST, band=MINIMUM, used_seconds=0, amount_fen=fen, voucher_fen=0, copay_fen=fen)
    (usage,) = rows_of(books, year_of(replace(BOOKS, charges=(FIRST,))))

    told = [usage[name] for name in ("ListUnitPrice", "PricingQuantity", "PricingUnit")]
    assert told == ["2.5", quantity, "Days"]
    assert usage["ConsumedQuantity"] == "0"


def test_a_price_in_another_currency_is_told_in_both() -> None:
    books = one(FIRST, used_seconds=3_600, amount_fen=6_265, voucher_fen=3_132, copay_fen=3_133)
    year = year_of(books)
    prices = tuple(replace(price, currency="USD") for price in year.prices)
    rate = ExchangeRate("USD", date(YEAR, 1, 1), None, Fraction("7.12"))
    usage, credit = rows_of(books, replace(year, prices=prices, exchange_rates=(rate,)))

    assert (usage["ListUnitPrice"], usage["ListCost"]) == ("62.656", "62.656")
    assert (usage["PricingCurrency"], usage["PricingCurrencyListUnitPrice"]) == ("USD", "8.8")
    assert usage["PricingCurrencyEffectiveCost"] == "8.799157303371"
    assert (credit["PricingCurrency"], credit["BillingCurrency"]) == ("USD", "CNY")


def test_nothing_is_written_where_nothing_is_billed() -> None:
    none = replace(BOOKS, charges=())
    in_kind = replace(SCHEME, unit=Unit.CARD_HOUR)

    assert encode_charges(none, year=year_of(none), scheme=SCHEME) == {}
    assert encode_charges(BOOKS, year=year_of(BOOKS), scheme=in_kind) == {}


# --- The form -------------------------------------------------------------------------------------


def test_the_columns_are_those_of_focus_1_2_in_order_and_ours() -> None:
    names = [column.name for column in COLUMNS]

    assert len(names) == 57
    assert names == sorted(names)
    assert all(column.name.startswith("x_") for column in OWN_COLUMNS)
    assert encode_focus([]).decode().strip().split(",") == names + [c.name for c in OWN_COLUMNS]


@given(st.fractions(min_value=-(10**9), max_value=10**9))
def test_a_decimal_is_the_number_to_twelve_places(number: Fraction) -> None:
    assert abs(Fraction(decimal_text(rounded(number))) - number) <= Fraction(1, 2 * 10**12)


def test_a_number_without_an_end_is_refused() -> None:
    with pytest.raises(ValueError, match="no decimal number"):
        decimal_text(Fraction(1, 3))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("BilledCost", ""),
        ("BilledCost", "1e3"),
        ("ListCost", "5924.32"),
        ("BillingCurrency", "yuan"),
        ("BillingPeriodEnd", "2026-04-30T16:00:00Z"),
        ("ChargeCategory", "Refund"),
        ("ChargeClass", "NULL"),
        ("ChargeFrequency", "Daily"),
        ("ChargePeriodStart", "2026-04-01"),
        ("ConsumedUnit", ""),
        ("ConsumedUnit", "card seconds"),
        ("ContractedUnitPrice", "-8.8"),
        ("PricingCategory", ""),
        ("ProviderName", ""),
        ("RegionName", ""),
        ("ServiceSubcategory", "Cards"),
        ("SkuPriceDetails", '{"DeviceClass": {}}'),
        ("SkuPriceDetails", "DeviceClass"),
        ("SkuPriceId", ""),
    ],
)
def test_a_wrong_cell_is_found_by_line_and_column(column: str, value: str) -> None:
    usage, credit = rows_of(one(FIRST))
    problems = focus_problems(encode_focus([credit, {**usage, column: value}]), file=FOCUS_FILE)

    assert problems
    assert {(problem.file, problem.line) for problem in problems} == {(FOCUS_FILE, 3)}
    assert column in " ".join(map(str, problems))


def test_a_credit_costs_what_it_bills_and_consumes_nothing() -> None:
    _, credit = rows_of(one(FIRST))
    wrong = {**credit, "ListCost": "0", "ConsumedQuantity": "1", "ConsumedUnit": "Card-Seconds"}
    problems = focus_problems(encode_focus([wrong]), file=FOCUS_FILE)

    assert {problem.column for problem in problems} == {"ListCost", "ConsumedQuantity"}


def test_a_missing_and_a_foreign_column_are_named() -> None:
    data = encode_focus(rows_of(one(FIRST))).replace(b"SkuMeter", b"Meter", 1)
    problems = focus_problems(data, file=FOCUS_FILE)

    assert [problem.column for problem in problems] == ["SkuMeter", "Meter"]


# --- Who bears the voucher's part -----------------------------------------------------------------


def split_of(*ratios: str) -> FundingSplit:
    return FundingSplit(
        tuple(
            FundingShare(f"level-{n}", Text(en="level", zh="级"), Fraction(ratio))
            for n, ratio in enumerate(ratios)
        )
    )


def with_split(split: FundingSplit) -> Scheme:
    known = SCHEME.rules[0]
    version = replace(known.versions[0], form=split)
    return replace(SCHEME, rules=(*SCHEME.rules, replace(known, id="split", versions=(version,))))


@given(
    changes=st.lists(st.integers(-300, 1_000), min_size=1, max_size=20),
    ratios=st.sampled_from([("1/2", "1/2"), ("1/3", "1/3", "1/3"), ("7/10", "2/10", "1/10")]),
)
def test_levels_bear_each_charge_s_part_and_in_all_what_they_would_of_the_sum(
    changes: list[int], ratios: tuple[str, ...]
) -> None:
    rule, total = split_of(*ratios), 0
    charges: list[ChargeRow] = []
    for change in changes:
        part = max(change, -total)  # nothing goes back that was not captured
        total += part
        charges.append(replace(FIRST, charge_id=f"CH-{len(charges)}", voucher_fen=part))
    rows = funding_of(charges, contracts=sample_input().contracts, scheme=with_split(rule))

    by_charge: Counter[str] = Counter()
    by_level: Counter[str] = Counter()
    for row in rows:
        by_charge[row.charge_id] += row.amount_fen
        by_level[row.funder] += row.amount_fen
    assert {charge.charge_id: charge.voucher_fen for charge in charges} == dict(by_charge)
    assert [by_level[share.funder] for share in rule.shares] == [
        fen.amount for fen in rule.split(Fen(total))
    ]


def test_where_no_rule_shares_the_cost_there_is_no_row() -> None:
    contracts = sample_input().contracts

    assert funding_of(BOOKS.charges, contracts=contracts, scheme=SCHEME) == ()
