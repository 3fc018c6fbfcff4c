"""The table of cases: what it takes and refuses, and rows that only the plain function decides."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given

from evernormal.domain.award import assess
from evernormal.domain.policy import (
    AmountForm,
    CapacitySupport,
    CapScope,
    CleanRecord,
    Condition,
    CostCategory,
    DatedValue,
    EligibleCost,
    FacilityIn,
    FirmSize,
    Form,
    OtherSupportFrom,
    Rate,
    RoundingRule,
    Rule,
    Scheme,
    Settlement,
    SignedFrom,
    Source,
    TermAtMost,
    Text,
    UnknownRule,
)
from evernormal.domain.values import Fen, Rounding, RoundingMode
from evernormal.engines.entitlement import (
    AmountBeyondColumns,
    CaseColumns,
    FactBeyondColumns,
    WordColumn,
    WordSetColumn,
    assess_columns,
    case_at,
    columns_of,
    columns_with,
    request_at,
)
from evernormal.engines.entitlement.amounts import applied
from evernormal.engines.entitlement.conditions import passing
from evernormal.schemes import read_library_scheme
from tests.engines.generated import Asked, schemes, tables
from tests.engines.population import population

TEXT = Text("x", "甲")
SINCE = date(2020, 1, 1)
LARGE = 2**62


def scheme_of(*forms: Form, since: date = SINCE) -> Scheme:
    source = Source(TEXT, TEXT, TEXT, since, verified=False)
    rules = [
        Rule(form.name, TEXT, (DatedValue(since, form, source),))
        for form in (*forms, RoundingRule(Rounding(RoundingMode.HALF_UP), at_each_step=False))
    ]
    return Scheme("t", TEXT, TEXT, Settlement.REIMBURSE_VOUCHER, tuple(rules), ())


COST = EligibleCost((CostCategory.COMPUTE,))
HALF = scheme_of(COST, Rate(Fraction(1, 2), is_ceiling=False))


def table(fen: list[int], **given: Any) -> CaseColumns:
    count = len(fen)
    start = np.full(count, date(2026, 1, 1).toordinal(), dtype=np.int32)
    usual = {"applied_on": start, "signed_on": start, "term_starts_on": start}
    usual |= {"term_ends_on": start + np.int32(365)}
    costs = {CostCategory.COMPUTE: np.array(fen, dtype=np.int64)}
    return columns_with(count, **{"costs": costs, **usual, **given})


def plainly(scheme: Scheme, columns: CaseColumns, row: int) -> int:
    case, request = case_at(columns, row), request_at(columns, row)
    found = assess(scheme, case=case, request=request, on=case.contract.applied_on)
    return found.entitlement.amount.amount


def test_every_form_has_a_twin() -> None:
    conditions = set(get_args(Condition))
    steps = set(get_args(AmountForm)) - {RoundingRule}

    assert conditions - set(passing.registry) == set()
    assert steps - set(applied.registry) == set()


def test_a_form_without_a_twin_is_named() -> None:
    twins: tuple[Any, ...] = (passing, applied)
    pot = type("Pot", (), {"name": "pot"})()
    for twin in twins:
        with pytest.raises(TypeError, match="No twin of pot"):
            twin(pot, None)


def test_rows_that_could_need_more_than_64_bits_fall_back_and_are_exact() -> None:
    seventh = scheme_of(COST, Rate(Fraction(1_000_003, 7), is_ceiling=False))
    columns = table([7, 10**13, 14, 2**44 + 1])

    found = assess_columns(seventh, columns)

    assert found.amount.tolist() == [plainly(seventh, columns, row) for row in range(4)]
    assert found.fell_back.tolist() == [1, 3]
    assert found.is_eligible.all()
    assert [found.limb_at(row) for row in range(4)] == ["rate"] * 4


def test_a_scheme_whose_own_numbers_are_too_large_is_left_to_the_plain_function() -> None:
    huge = scheme_of(COST, Rate(Fraction(1, 3 * 2**70), is_ceiling=False))
    columns = table([0, LARGE + 1])

    found = assess_columns(huge, columns, keep_steps=True)

    assert (found.amount.tolist(), found.fell_back.tolist()) == ([0, 0], [0, 1])
    assert [found.limb_at(row) for row in range(2)] == ["eligible_cost", "rate"]
    assert [found.steps["rate"].after_at(row) for row in range(2)] == [Fraction(0), None]
    assert [found.steps["rate"].exact_at(row) for row in range(2)] == [Fraction(0), None]


def test_capacity_too_large_for_its_price_falls_back_without_taking_the_money_along() -> None:
    scheme = scheme_of(CapacitySupport(Fen(10**14)))
    columns = table([LARGE] * 3, capacity_pflops=np.array([5, 100_000, 5], dtype=np.int64))

    with pytest.raises(AmountBeyondColumns, match="Row 1 is entitled to 10000000000000000000 fen"):
        assess_columns(scheme, columns)
    found = assess_columns(scheme, table([LARGE], capacity_pflops=5))
    assert (found.amount.tolist(), found.fell_back.tolist()) == ([5 * 10**14], [])


def test_the_first_row_without_a_rate_is_refused_as_the_plain_function_refuses_it() -> None:
    late = scheme_of(COST, Rate(Fraction(1, 2), is_ceiling=False), since=date(2026, 1, 2))
    days = np.array([date(2026, 1, 2).toordinal(), SINCE.toordinal()], dtype=np.int32)

    with pytest.raises(UnknownRule) as refused:
        assess_columns(late, table([1, 1], applied_on=days))

    columns = table([1, 1], applied_on=days)
    with pytest.raises(UnknownRule) as plain:
        plainly(late, columns, 1)
    assert str(refused.value) == str(plain.value)


def test_an_empty_table_is_assessed_to_an_empty_one() -> None:
    found = assess_columns(HALF, table([]))

    assert len(found.amount) == len(found.is_eligible) == len(found.limb) == 0


@pytest.mark.parametrize(
    ("form", "column", "day"),
    [
        (CleanRecord(3), "applied_on", date(2, 5, 5)),
        (TermAtMost(1_200), "term_starts_on", date(9950, 1, 1)),
    ],
)
def test_a_day_outside_the_calendar_is_left_to_the_plain_function(
    form: Condition, column: str, day: date
) -> None:
    scheme = scheme_of(COST, Rate(Fraction(1, 2), is_ceiling=False), form, since=date(1, 1, 1))
    days = {column: day}
    if column == "term_starts_on":
        days["term_ends_on"] = date(9950, 2, 1)

    with pytest.raises(ValueError, match="year"):
        plainly(scheme, table([1], **days), 0)
    with pytest.raises(ValueError, match="year"):
        assess_columns(scheme, table([1], **days))


def test_many_rows_in_several_versions_are_as_the_few_they_repeat() -> None:
    scheme, _ = read_library_scheme("cn/guizhou/2026")
    later = [
        replace(
            rule,
            versions=(
                *rule.versions,
                replace(
                    rule.versions[0],
                    starts_on=date(2027, 1, 1),
                    form=Rate(Fraction(1, 10), is_ceiling=True),
                ),
            ),
        )
        if isinstance(rule.versions[0].form, Rate)
        else rule
        for rule in scheme.rules
    ]
    changed = replace(scheme, rules=tuple(later))
    since = max(version.starts_on for version in scheme.rules[0].versions)
    few = population(changed, count=700, seed=3, applied_from=since)
    times = 200

    alone, together = assess_columns(changed, few), assess_columns(changed, repeated(few, times))

    assert together.amount.tolist() == np.tile(alone.amount, times).tolist()
    assert together.limb.tolist() == np.tile(alone.limb, times).tolist()
    assert together.is_eligible.tolist() == np.tile(alone.is_eligible, times).tolist()
    for row in range(700):
        assert int(alone.amount[row]) == plainly(changed, few, row)


def repeated(columns: CaseColumns, times: int) -> CaseColumns:
    def again(column: Any) -> Any:
        match column:
            case WordColumn():
                return WordColumn(column.words, np.tile(column.codes, times))
            case WordSetColumn():
                return WordSetColumn(column.words, np.tile(column.masks, (1, times)))
            case dict():
                return {key: np.tile(values, times) for key, values in column.items()}
            case _:
                return np.tile(column, times)

    names = CaseColumns.__dataclass_fields__
    return CaseColumns(**{name: again(getattr(columns, name)) for name in names})


def test_more_words_than_a_mask_has_bits() -> None:
    words = [f"word_{number:03}" for number in range(150)]
    sets = [frozenset(words[row::7]) for row in range(7)]

    column = WordSetColumn.of(sets)

    assert column.masks.shape == (3, 7)
    assert [column.words_at(row) for row in range(7)] == sets
    flags = {word: np.array([word in row for row in sets]) for word in words}
    assert WordSetColumn.of_flags(7, **flags).masks.tolist() == column.masks.tolist()


def test_many_words_are_looked_up() -> None:
    words = tuple(f"kind_{number}" for number in range(20))
    scheme = scheme_of(COST, Rate(Fraction(1, 2), is_ceiling=False), FacilityIn(words[3:15]))
    columns = table([2] * 20, facility=WordColumn.of(words))

    found = assess_columns(scheme, columns)

    assert {words[row] for row in np.flatnonzero(found.is_eligible)} == set(words[3:15])


def test_what_is_not_given_is_as_in_a_case_that_does_not_state_it() -> None:
    columns = table([5], size=FirmSize.LARGE, staff=7, place="110000", is_registered=True)

    case, request = case_at(columns, 0), request_at(columns, 0)

    assert (case.applicant.size, case.applicant.staff) == (FirmSize.LARGE, 7)
    assert (case.applicant.place, case.provider.is_registered) == ("110000", True)
    assert (case.applicant.revenue, case.applicant.sectors) == (None, frozenset())
    assert (case.contract.supports, case.upstream) == ((), "")
    assert request.already == {}
    assert request.costs == {CostCategory.COMPUTE: Fen(5)} == case.contract.costs
    assert request.term == case.contract.term


def test_every_column_that_does_not_fit_is_named() -> None:
    with pytest.raises(ValueError, match="staff is float64") as refused:
        table(
            [1, 2],
            staff=np.array([1.0, 2.0]),
            signed_on=np.zeros(3, dtype=np.int32),
            already={CapScope.FIRM: np.zeros(1, dtype=np.int64)},
            lists=WordSetColumn(("a",), np.zeros((0, 2), dtype=np.uint64)),
            place=WordColumn(("a",), np.zeros(1, dtype=np.int32)),
        )

    words = str(refused.value)
    assert all(name in words for name in ("signed_on", "already", "lists", "place.codes"))


def test_every_value_that_stands_for_nothing_is_named() -> None:
    with pytest.raises(ValueError, match="founded_on must be from 1") as refused:
        table(
            [1],
            founded_on=np.zeros(1, dtype=np.int32),
            last_dishonesty_on=-1,
            size=np.array([4], dtype=np.int8),
            place=WordColumn(("a",), np.ones(1, dtype=np.int32)),
            term_ends_on=date(2020, 1, 1),
        )

    words = str(refused.value)
    assert "size must be from 0 to 3" in words
    assert "place.codes must be from 0 to 0" in words
    assert "last_dishonesty_on must be from 0" in words
    assert "term_ends_on must be after term_starts_on" in words


def test_a_fact_that_does_not_fit_is_refused() -> None:
    columns = table([1, 1])
    cases = [case_at(columns, row) for row in range(2)]
    requests = [request_at(columns, row) for row in range(2)]
    requests[1] = replace(requests[1], other_support=Fen(-(2**63) - 1))

    with pytest.raises(FactBeyondColumns, match="-9223372036854775809 in row 1"):
        columns_of(cases, requests)


def test_a_request_about_another_case_is_refused() -> None:
    columns = table([1, 1], staff=np.array([1, 2], dtype=np.int64))
    cases = [case_at(columns, row) for row in range(2)]
    requests = [request_at(columns, row) for row in (0, 0)]

    with pytest.raises(ValueError, match="row 1"):
        columns_of(cases, requests)


def test_other_support_must_name_a_listed_programme() -> None:
    scheme = scheme_of(COST, Rate(Fraction(1, 2), is_ceiling=False), OtherSupportFrom(("city",)))
    programmes = [frozenset[str](), {"city"}, {"state"}, {"city", "state"}]
    columns = table(
        [1] * 8,
        support_programmes=WordSetColumn.of(programmes * 2),
        has_other_support=np.arange(8) > 3,
    )

    found = assess_columns(scheme, columns)

    assert found.is_eligible.tolist() == [True, True, False, False, False, True, False, False]


def test_a_missing_rate_is_named_before_an_amount_that_does_not_fit() -> None:
    large = scheme_of(COST, Rate(Fraction(4), is_ceiling=False), since=date(2026, 1, 2))
    days = np.array([date(2026, 1, 2).toordinal(), SINCE.toordinal()], dtype=np.int32)

    with pytest.raises(AmountBeyondColumns):
        assess_columns(large, table([LARGE], applied_on=days[:1]))
    with pytest.raises(UnknownRule):
        assess_columns(large, table([LARGE, 1], applied_on=days))


def test_a_rule_that_is_not_in_force_is_not_failed() -> None:
    strict = scheme_of(COST, Rate(Fraction(1, 2), is_ceiling=False))
    source = strict.rules[0].versions[0].source
    later = DatedValue(date(2026, 6, 1), SignedFrom(date(2026, 5, 1)), source)
    scheme = replace(strict, rules=(*strict.rules, Rule("signed", TEXT, (later,))))
    days = [date(2026, 5, 31), date(2026, 6, 1)]
    ordinals = np.array([day.toordinal() for day in days], dtype=np.int32)

    found = assess_columns(scheme, table([4, 4], applied_on=ordinals))

    assert found.is_eligible.tolist() == [True, False]
    assert [found.failed_at(row) for row in range(2)] == [(), ("signed",)]


@given(scheme=schemes(), rows=tables())
def test_a_row_has_the_same_outcome_alone_and_among_others(
    scheme: Scheme, rows: list[Asked]
) -> None:
    try:
        together = outcome_of(scheme, rows)
    except (UnknownRule, AmountBeyondColumns):
        return

    assert [outcome_of(scheme, [row])[0] for row in rows] == together


def outcome_of(scheme: Scheme, rows: list[Asked]) -> list[tuple[object, ...]]:
    found = assess_columns(scheme, columns_of([r.case for r in rows], [r.request for r in rows]))
    return [
        (int(found.amount[row]), found.limb_at(row), found.failed_at(row))
        for row in range(len(rows))
    ]
