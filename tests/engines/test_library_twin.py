"""Under every scheme of the library the twin says what the plain function says."""

from datetime import date

import numpy as np
import pytest

from evernormal.domain.award import assess
from evernormal.domain.policy import Scheme, UnknownRule
from evernormal.engines.entitlement import CaseColumns, assess_columns, case_at, request_at
from evernormal.schemes import list_schemes, read_library_scheme
from tests.engines.population import population

ROWS = 150


def first_runnable(scheme: Scheme) -> date | None:
    """The first day on which the plain function gives amounts at all."""
    days = {version.starts_on for rule in scheme.rules for version in rule.versions}
    for day in sorted(days):
        columns = population(scheme, count=1, seed=1, applied_from=day)
        try:
            assess(scheme, case=case_at(columns, 0), request=request_at(columns, 0), on=day)
        except UnknownRule:
            continue
        return day
    return None


def plainly(scheme: Scheme, columns: CaseColumns, row: int) -> tuple[object, ...]:
    case, request = case_at(columns, row), request_at(columns, row)
    found = assess(scheme, case=case, request=request, on=case.contract.applied_on)
    return (
        found.entitlement.amount.amount,
        found.is_eligible,
        found.entitlement.limb,
        tuple(check.rule_id for check in found.checks if not check.passed),
        {step.rule_id: (step.exact, step.after) for step in found.entitlement.steps},
    )


@pytest.mark.parametrize("scheme_id", list_schemes())
def test_rows_at_the_bounds_of_a_library_scheme(scheme_id: str) -> None:
    scheme, _ = read_library_scheme(scheme_id)
    applied_from = first_runnable(scheme)
    if applied_from is None:
        columns = population(scheme, count=3, seed=1, applied_from=date(2026, 1, 1))
        with pytest.raises(UnknownRule):
            assess_columns(scheme, columns)
        return
    columns = population(scheme, count=ROWS, seed=1, applied_from=applied_from)

    found = assess_columns(scheme, columns, keep_steps=True)

    assert found.fell_back.tolist() == []
    for row in range(ROWS):
        expected = plainly(scheme, columns, row)
        steps = {
            rule_id: (step.exact_at(row), step.after_at(row))
            for rule_id, step in found.steps.items()
            if step.after_under[row]
        }
        assert (
            int(found.amount[row]),
            bool(found.is_eligible[row]),
            found.limb_at(row),
            found.failed_at(row),
            steps,
        ) == expected
    assert np.unique(found.amount).size > 1
