"""A year that its scheme cannot decide is refused before anything is written, with every reason."""

from dataclasses import replace
from datetime import date

from evernormal.domain.policy import Rate, RoundingRule, Scheme, Settlement, VoucherTerm
from evernormal.formats.intake import read_year
from evernormal.formats.intake.under_scheme import scheme_problems
from evernormal.formats.problems import Problem
from evernormal.schemes import read_library_scheme
from tests.formats.broken_folder import sound_folder

YEAR = read_year(sound_folder())
SCHEME, _ = read_library_scheme(YEAR.programme.scheme_id)


def without(scheme: Scheme, *forms: type) -> Scheme:
    rules = tuple(r for r in scheme.rules if not isinstance(r.versions[0].form, forms))
    return replace(scheme, rules=rules)


def places(problems: list[Problem]) -> set[tuple[str, str, str]]:
    return {(p.file, str(p.column), p.code) for p in problems}


def test_a_year_whose_scheme_has_every_rule_in_force_has_no_problem() -> None:
    assert scheme_problems(YEAR, scheme=SCHEME) == []


def test_every_application_without_a_needed_rule_is_named_with_all_that_is_missing() -> None:
    found = scheme_problems(YEAR, scheme=without(SCHEME, Rate, RoundingRule))

    assert len(found) == len(YEAR.contracts)
    assert places(found) == {("contracts.csv", "applied_on", "scheme.not_in_force")}
    assert all(
        "no rule of form rounding, rate or tiered_rate or capacity_support." in problem.message
        for problem in found
    )


def test_an_application_before_the_rules_came_into_force_is_a_problem_of_its_own() -> None:
    early = next(iter(YEAR.contracts.values()))
    contracts = dict(YEAR.contracts) | {early.id: replace(early, applied_on=date(2020, 1, 1))}

    found = scheme_problems(replace(YEAR, contracts=contracts), scheme=SCHEME)

    assert [early.id in problem.message for problem in found] == [True]


def test_only_a_subsidy_without_a_voucher_needs_no_voucher_term() -> None:
    scheme = without(SCHEME, VoucherTerm)

    assert len(scheme_problems(YEAR, scheme=scheme)) == len(YEAR.contracts)
    subsidy = replace(scheme, settlement=Settlement.POST_USE_SUBSIDY)
    assert scheme_problems(YEAR, scheme=subsidy) == []


def test_claim_and_deduct_needs_an_order_for_every_contract() -> None:
    scheme = replace(SCHEME, settlement=Settlement.CLAIM_AND_DEDUCT)
    assert scheme_problems(YEAR, scheme=scheme) == []

    found = scheme_problems(replace(YEAR, orders=()), scheme=scheme)

    assert places(found) == {("orders.csv", "contract_id", "order.missing")}
    assert len(found) == len(YEAR.contracts) > 0
