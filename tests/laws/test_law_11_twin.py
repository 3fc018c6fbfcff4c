"""Law 11: the twin that assesses a table of cases says of each row what the plain function says."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import event, given
from hypothesis.strategies import integers, sampled_from

from evernormal.domain.award import Assessment, assess
from evernormal.domain.policy import Scheme, Step, UnknownRule
from evernormal.engines.entitlement import (
    AmountBeyondColumns,
    AssessedColumns,
    assess_columns,
    case_at,
    columns_of,
    request_at,
)
from tests.engines.generated import Asked, schemes, tables
from tests.engines.population import population
from tests.engines.words import DAYS

INT64_MAX = 2**63 - 1
ROWS = 30


def plainly(scheme: Scheme, one: Asked) -> Assessment:
    on = one.case.contract.applied_on
    return assess(scheme, case=one.case, request=one.request, on=on)


def plainly_all(scheme: Scheme, table: list[Asked]) -> tuple[list[Assessment], str]:
    """Every assessment, or the words of the first refusal."""
    try:
        return [plainly(scheme, one) for one in table], ""
    except UnknownRule as refused:
        return [], str(refused)


def by_twin(scheme: Scheme, table: list[Asked]) -> AssessedColumns:
    columns = columns_of([one.case for one in table], [one.request for one in table])
    return assess_columns(scheme, columns, keep_steps=True)


def outcome(found: Assessment) -> tuple[object, ...]:
    return (
        found.entitlement.amount.amount,
        found.is_eligible,
        found.entitlement.limb,
        tuple(check.rule_id for check in found.checks if not check.passed),
        [(step.rule_id, kept(step)) for step in found.entitlement.steps],
    )


def kept(step: Step) -> Fraction | None:
    """What a step leaves, if 64 bits hold the step."""
    fits = all(abs(f.numerator) <= INT64_MAX >= f.denominator for f in (step.exact, step.after))
    return step.after if fits else None


def outcome_at(found: AssessedColumns, row: int, plain: Assessment) -> tuple[object, ...]:
    made = [(s.rule_id, found.steps[s.rule_id].after_at(row)) for s in plain.entitlement.steps]
    return (
        int(found.amount[row]),
        bool(found.is_eligible[row]),
        found.limb_at(row),
        found.failed_at(row),
        made,
    )


@given(scheme=schemes(), table=tables())
def test_the_twin_says_what_the_plain_function_says(scheme: Scheme, table: list[Asked]) -> None:
    plain, refusal = plainly_all(scheme, table)
    if refusal:
        with pytest.raises(UnknownRule) as refused:
            by_twin(scheme, table)
        assert str(refused.value) == refusal
        return
    if any(abs(found.entitlement.amount.amount) > INT64_MAX for found in plain):
        with pytest.raises(AmountBeyondColumns):
            by_twin(scheme, table)
        return

    found = by_twin(scheme, table)

    event(f"rows that fell back: {len(found.fell_back)} of {len(table)}")
    for row, one in enumerate(plain):
        assert outcome_at(found, row, one) == outcome(one)


@given(scheme=schemes(), seed=integers(0, 2**32), applied_from=sampled_from(DAYS))
def test_many_rows_at_the_bounds_of_a_scheme(scheme: Scheme, seed: int, applied_from: date) -> None:
    columns = population(scheme, count=ROWS, seed=seed, applied_from=applied_from)
    table = [Asked(case_at(columns, row), request_at(columns, row)) for row in range(ROWS)]
    plain, refusal = plainly_all(scheme, table)
    if refusal:
        with pytest.raises(UnknownRule) as refused:
            assess_columns(scheme, columns)
        assert str(refused.value) == refusal
        return
    if any(abs(found.entitlement.amount.amount) > INT64_MAX for found in plain):
        with pytest.raises(AmountBeyondColumns):
            assess_columns(scheme, columns)
        return

    found = assess_columns(scheme, columns, keep_steps=True)

    event(f"rows that fell back: {len(found.fell_back) * 10 // ROWS} tenths")
    for row, one in enumerate(plain):
        assert outcome_at(found, row, one) == outcome(one)


@given(scheme=schemes(), table=tables())
def test_a_row_read_back_as_a_case_has_the_same_outcome(scheme: Scheme, table: list[Asked]) -> None:
    columns = columns_of([one.case for one in table], [one.request for one in table])

    for row, one in enumerate(table):
        again = Asked(case_at(columns, row), request_at(columns, row))
        try:
            plain = plainly(scheme, one)
        except UnknownRule:
            with pytest.raises(UnknownRule):
                plainly(scheme, again)
            continue
        assert outcome(plainly(scheme, again)) == outcome(plain)
