"""A subsidy after use is applied for with its invoices: none put forward is issued later."""

from dataclasses import replace
from datetime import date

from evernormal.domain.policy import Settlement
from evernormal.formats.intake import YearInput, read_year
from evernormal.formats.intake.under_scheme import scheme_problems
from evernormal.schemes import read_library_scheme
from tests.formats.broken_folder import sound_folder

YEAR = read_year(sound_folder())
SCHEME, _ = read_library_scheme(YEAR.programme.scheme_id)
SUBSIDY = replace(SCHEME, settlement=Settlement.POST_USE_SUBSIDY)
APPLIED_ON = YEAR.contracts["C1"].applied_on
NEXT_DAY = date(2025, 1, 13)


def issued(day: date, *, claimed_on: date | None) -> YearInput:
    """Give the sound year with its one invoice, on two lines, issued on a day."""
    (line,) = YEAR.invoices
    first = replace(line, issued_on=day, claimed_on=claimed_on)
    return replace(YEAR, invoices=(first, replace(first, line=2)))


def test_an_invoice_issued_after_the_application_is_one_problem_that_names_both_days() -> None:
    (problem,) = scheme_problems(issued(NEXT_DAY, claimed_on=date(2025, 6, 2)), scheme=SUBSIDY)

    assert (problem.file, problem.column) == ("invoices.csv", "issued_on")
    assert problem.code == "invoice.after_application"
    assert (
        "25112000000000000001 was issued on 2025-01-13: the application of 2025-01-12 for "
        "contract C1 cannot rest on an invoice issued later" in problem.message
    )


def test_an_invoice_of_the_day_or_not_put_forward_or_of_another_scheme_is_none() -> None:
    claimed_on = date(2025, 6, 2)
    of_the_day = issued(APPLIED_ON, claimed_on=claimed_on)
    assert scheme_problems(of_the_day, scheme=SUBSIDY) == []
    assert scheme_problems(issued(NEXT_DAY, claimed_on=None), scheme=SUBSIDY) == []
    for settlement in (Settlement.REIMBURSE_VOUCHER, Settlement.CLAIM_AND_DEDUCT):
        later = issued(NEXT_DAY, claimed_on=claimed_on)
        assert scheme_problems(later, scheme=replace(SCHEME, settlement=settlement)) == []
