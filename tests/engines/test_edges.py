"""Amounts at halves, caps and bounds, days at the ends of months: twin and plain side by side."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pytest

from evernormal.domain.award import assess
from evernormal.domain.policy import (
    AgeAtLeast,
    AgeAtMost,
    Bound,
    Cap,
    CapacitySupport,
    CapScope,
    CleanRecord,
    CostCategory,
    CostWindow,
    DatedValue,
    EligibleCost,
    Form,
    Measure,
    MinimumSpend,
    Rate,
    RoundingRule,
    Rule,
    Scheme,
    Settlement,
    Source,
    StackingCap,
    TermAtMost,
    Text,
    Tier,
    TierBasis,
    TieredRate,
)
from evernormal.domain.values import DayCount, Fen, Period, Rounding, RoundingMode
from evernormal.engines.entitlement import (
    CaseColumns,
    assess_columns,
    case_at,
    columns_with,
    request_at,
)

TEXT = Text("x", "甲")
SINCE = date(1950, 1, 1)
COST = EligibleCost((CostCategory.COMPUTE,))
HALF = Rate(Fraction(1, 2), is_ceiling=False)
FEN = range(-5, 320)
Days = Sequence[date]


def scheme_of(
    *forms: Form, mode: RoundingMode = RoundingMode.TRUNCATE, unit: int = 1, each: bool = False
) -> Scheme:
    source = Source(TEXT, TEXT, TEXT, SINCE, verified=False)
    rounding = RoundingRule(Rounding(mode, unit), at_each_step=each)
    rules = [
        Rule(f"{number} {form.name}", TEXT, (DatedValue(SINCE, form, source),))
        for number, form in enumerate((*forms, rounding))
    ]
    return Scheme("t", TEXT, TEXT, Settlement.REIMBURSE_VOUCHER, tuple(rules), ())


def agree(scheme: Scheme, columns: CaseColumns) -> list[tuple[int, str, bool]]:
    """Assert that both ways say the same of every row, none of which fell back; returns it."""
    found = assess_columns(scheme, columns, keep_steps=True)
    said = []
    for row in range(len(columns)):
        case, request = case_at(columns, row), request_at(columns, row)
        plain = assess(scheme, case=case, request=request, on=case.contract.applied_on)
        entitled = plain.entitlement
        said.append((entitled.amount.amount, entitled.limb, plain.is_eligible))
        steps = [found.steps[step.rule_id].after_at(row) for step in entitled.steps]
        assert steps == [step.after for step in entitled.steps]
    assert [
        (int(found.amount[row]), found.limb_at(row), bool(found.is_eligible[row]))
        for row in range(len(columns))
    ] == said
    assert found.fell_back.tolist() == []
    return said


def costing(fen: Sequence[int], **given: object) -> CaseColumns:
    usual: dict[str, object] = {
        "applied_on": date(2026, 3, 1),
        "signed_on": date(2026, 1, 1),
        "term_starts_on": date(2026, 1, 1),
        "term_ends_on": date(2027, 1, 1),
        "costs": {CostCategory.COMPUTE: np.array(fen, dtype=np.int64)},
    }
    return columns_with(len(fen), **usual | given)


def column_of(days: Days) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array([day.toordinal() for day in days], dtype=np.int32)


@pytest.mark.parametrize("each", [False, True])
@pytest.mark.parametrize("unit", [1, 3, 100])
@pytest.mark.parametrize("mode", RoundingMode)
@pytest.mark.parametrize(
    "limits",
    [
        (),
        (Cap(CapScope.FIRM, Fen(101)),),
        (StackingCap(Fraction(5, 11)),),
        (StackingCap(Fraction(5, 11)), Cap(CapScope.FIRM, Fen(101))),
        (CostWindow(Period(date(2026, 2, 1), date(2026, 8, 9)), DayCount.DIFFERENCE),),
        (CapacitySupport(Fen(95)), StackingCap(Fraction(3, 2))),
    ],
)
def test_halves_and_caps(
    limits: tuple[Form, ...], mode: RoundingMode, unit: int, *, each: bool
) -> None:
    scheme = scheme_of(COST, HALF, *limits, mode=mode, unit=unit, each=each)

    said = agree(scheme, costing(FEN, other_support=3, capacity_pflops=2))

    assert len(set(said)) > 1


@pytest.mark.parametrize("basis", TierBasis)
@pytest.mark.parametrize("measure", Measure)
@pytest.mark.parametrize("is_inside", [True, False])
def test_bounds_of_tiers(basis: TierBasis, measure: Measure, *, is_inside: bool) -> None:
    low, high = Bound(Fen(100), is_inside), Bound(Fen(200), is_inside)
    tiers = (
        Tier(TEXT, Fraction(1, 2), high=low),
        Tier(TEXT, Fraction(1, 3), low=low, high=high),
        Tier(TEXT, Fraction(1, 7), low=high),
        Tier(TEXT, Fraction(1, 5)),
    )
    rate = TieredRate(measure, basis, is_ceiling=False, tiers=tiers)
    before = np.tile(np.array([0, 50, 120], dtype=np.int64), len(FEN))

    said = agree(scheme_of(COST, rate), costing([f for f in FEN for _ in range(3)])) + agree(
        scheme_of(COST, rate),
        costing([f for f in FEN for _ in range(3)], firm_year_cost_before=before),
    )

    assert len(set(said)) > 50


@pytest.mark.parametrize("measure", Measure)
def test_the_floor_of_spending(measure: Measure) -> None:
    floor = MinimumSpend(Fen(100), measure)

    said = agree(scheme_of(COST, floor, HALF), costing(FEN, firm_year_cost_before=40))

    assert {amount for amount, _, _ in said} >= {0, 50, 100}


@pytest.mark.parametrize("day_count", DayCount)
@pytest.mark.parametrize("length", [1, 2, 3, 30])
def test_days_inside_a_window(day_count: DayCount, length: int) -> None:
    window = Period(date(2026, 1, 10), date(2026, 1, 15))
    starts_on = column_of([date(2025, 12, 5) + timedelta(step) for step in range(50)])
    scheme = scheme_of(COST, CostWindow(window, day_count), HALF, mode=RoundingMode.HALF_EVEN)

    said = agree(
        scheme,
        costing([9_999] * 50, term_starts_on=starts_on, term_ends_on=starts_on + np.int32(length)),
    )

    assert len(set(said)) > 1


LEAP_DAYS = [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2023, 2, 28)]
MONTH_ENDS = [*LEAP_DAYS, date(2025, 1, 30), date(2025, 1, 31), date(2025, 8, 31)]


@pytest.mark.parametrize("months", [0, 1, 6, 12, 13, 48])
@pytest.mark.parametrize("start", MONTH_ENDS)
def test_terms_that_end_about_the_last_day(start: date, months: int) -> None:
    about = start + timedelta(months * 30 + months // 2 - 5)
    ends_on = [max(about + timedelta(step), start + timedelta(1)) for step in range(16)]

    said = agree(
        scheme_of(COST, HALF, TermAtMost(months)),
        costing([10] * 16, term_starts_on=start, term_ends_on=column_of(ends_on)),
    )

    assert {eligible for _, _, eligible in said} == ({False} if months == 0 else {True, False})


@pytest.mark.parametrize("years", [1, 3, 4])
@pytest.mark.parametrize("applied_on", MONTH_ENDS)
def test_records_of_dishonesty_about_the_first_day_that_counts(
    applied_on: date, years: int
) -> None:
    about = applied_on - timedelta(years * 365 + 6)
    last_on = [about + timedelta(step) for step in range(12)]

    said = agree(
        scheme_of(COST, HALF, CleanRecord(years)),
        costing([10] * 12, applied_on=applied_on, last_dishonesty_on=column_of(last_on)),
    )

    assert {eligible for _, _, eligible in said} == {True, False}


@pytest.mark.parametrize("form", [AgeAtMost, AgeAtLeast])
@pytest.mark.parametrize("months", [0, 1, 12, 13])
@pytest.mark.parametrize("applied_on", MONTH_ENDS)
def test_ages_in_full_months(
    form: type[AgeAtMost | AgeAtLeast], months: int, applied_on: date
) -> None:
    founded_on = [applied_on - timedelta(step) for step in range(-40, 460)]

    said = agree(
        scheme_of(COST, HALF, form(months)),
        costing([10] * 500, applied_on=applied_on, founded_on=column_of(founded_on)),
    )

    always = form is AgeAtLeast and months == 0
    assert {eligible for _, _, eligible in said} == ({True} if always else {True, False})
