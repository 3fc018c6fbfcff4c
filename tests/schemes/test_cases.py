"""Worked cases: they are worked by the rules, and a wrong one is shown to be wrong."""

import pytest

from evernormal.domain.policy import Scheme
from evernormal.schemes import CaseResult, Difference, SchemeProblems, load_scheme, run_cases
from tests.schemes.sample import SCHEME, rule

GIVEN = """[given]
applied_on = 2025-06-01
applicant_type = "ENTERPRISE"
place = "110108"
provider_listed = true
shared_owner = false
signed_on = 2025-05-01
term = { first = 2025-06-01, last = 2025-12-31 }
cost_yuan = { COMPUTE = 100 }
use = "TRAINING"
other_support = false
awards_on_contract = 0
counted_on = "AWARD"
firm_year_before_yuan = 0
firm_before_yuan = 0
"""


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    listed = rule("provider_listed", "provider_registered", "")
    return load_scheme((SCHEME + listed).encode(), path="s.toml")


def case(given: str, then: str) -> str:
    return f'[[case]]\nname = "a"\nsource = "b"\ngiven = {given}\nthen = {then}\n'


def work(scheme: Scheme, *cases: str) -> list[CaseResult]:
    return run_cases(scheme, (GIVEN + "".join(cases)).encode(), path="c.toml")


def test_a_case_that_holds(scheme: Scheme) -> None:
    then = '{ eligible = true, failed = [], support_yuan = 20, limb = "share", up_to = true }'
    (result,) = work(scheme, case("{ cost_yuan = { COMPUTE = 100 } }", then))

    assert (result.name, result.source, result.line) == ("a", "b", 16)
    assert result.is_as_stated
    assert result.assessment is not None
    assert result.assessment.entitlement.amount.yuan == "20.00"


def test_a_case_that_does_not_hold_shows_each_difference(scheme: Scheme) -> None:
    then = (
        '{ eligible = true, failed = [], support_yuan = "20.01", limb = "cap", '
        "steps = { eligible_cost_yuan = 100, share_yuan = 21, window_yuan = 1 }, "
        'payee = "PROVIDER", voucher_months = 6, shortage = "PRO_RATA", '
        'refused = "policy.unknown_rule" }'
    )
    (result,) = work(scheme, case("{ provider_listed = false }", then))

    assert result.differences == (
        Difference("eligible", "true", "false"),
        Difference("failed", "none", "provider_listed"),
        Difference("support_yuan", "20.01 yuan", "20.00 yuan"),
        Difference("limb", "cap", "share"),
        Difference("steps.share_yuan", "21.00 yuan", "20.00 yuan"),
        Difference("steps.window_yuan", "1.00 yuan", "nothing"),
        Difference("payee", "PROVIDER", "APPLICANT"),
        Difference("voucher_months", "6", "12"),
        Difference("shortage", "PRO_RATA", "FIRST_COME"),
        Difference("refused", "policy.unknown_rule", "nothing"),
    )


def test_a_step_between_two_fen_is_shown_as_it_is(scheme: Scheme) -> None:
    given = '{ cost_yuan = { COMPUTE = "0.01" } }'
    (result,) = work(scheme, case(given, "{ steps = { share_yuan = 0 } }"))

    assert result.differences == (Difference("steps.share_yuan", "0.00 yuan", "1/5 fen"),)


def test_before_the_rules_there_is_no_assessment(scheme: Scheme) -> None:
    then = '{ refused = "policy.unknown_rule", rules_in_force = [], support_yuan = 0 }'
    (result,) = work(scheme, case("{ applied_on = 2024-12-31 }", then))

    assert result.assessment is None
    assert result.differences == (Difference("support_yuan", "0.00 yuan", "nothing"),)


def test_all_mistakes_of_a_cases_file_are_named_at_once(scheme: Scheme) -> None:
    text = (
        GIVEN.replace('place = "110108"\n', "").replace("= 2025-05-01", '= "2025-05-01"')
        + case("{ cost_yuan = { COMPUTER = 1 } }", "{ support_yuan = 0.2 }")
        + case("{ term = { first = 2025-02-01, last = 2025-01-01 } }", "{ }")
        + case("3", "{ eligible = true }")
        + '[[case]]\nname = "no facts"\n'
    )
    with pytest.raises(SchemeProblems) as refused:
        run_cases(scheme, text.encode(), path="c.toml")

    assert [str(problem) for problem in refused.value.problems] == [
        (
            "c.toml:6: given.signed_on: '2025-05-01' does not fit here. "
            "Write a date from 1900-01-01 to 2999-12-31 without quotes, as in 2025-03-01."
        ),
        (
            "c.toml:18: case[0].given.cost_yuan.COMPUTER: There is no key 'COMPUTER'. "
            "Did you mean COMPUTE?"
        ),
        (
            "c.toml:19: case[0].then.support_yuan: 0.2 is a float, which cannot be exact. "
            'Write yuan from 0.00 to 1000000000000, as in 2_000_000, or "0.01" in quotes.'
        ),
        (
            "c.toml:23: case[1].given.term: The last day, 2025-01-01, comes "
            "before the first, 2025-02-01. Swap or correct them."
        ),
        (
            "c.toml:28: case[2].given: 3 does not fit here. Write a table with "
            "applied_on, applicant_type, place, last_dishonesty_on, provider_listed, shared_owner, "
            "signed_on, term, cost_yuan, use, other_support, awards_on_contract, counted_on, "
            "firm_year_before_yuan, firm_before_yuan."
        ),
        "c.toml:30: case[3]: given is missing. Write given = a table of facts.",
        (
            "c.toml:30: case[3]: then is missing. Write then = { eligible, failed, support_yuan, "
            "limb, steps, rules_in_force, refused, up_to, payee, voucher_months, shortage }."
        ),
        'c.toml:30: case[3]: source is missing. Write source = text in quotes, as in "3.2".',
    ]


def test_a_missing_fact_and_an_empty_then_are_named(scheme: Scheme) -> None:
    text = GIVEN.replace('place = "110108"\n', "") + case("{ use = 'SCIENCE' }", "{ }")
    with pytest.raises(SchemeProblems) as refused:
        run_cases(scheme, text.encode(), path="c.toml")

    assert [str(problem) for problem in refused.value.problems] == [
        "c.toml:15: case[0]: Facts missing: place. Give them here or in [given].",
        (
            "c.toml:19: case[0].then: Nothing is stated. Write one of: eligible, failed, "
            "support_yuan, limb, steps, rules_in_force, refused, up_to, payee, voucher_months, "
            "shortage."
        ),
    ]


def test_a_file_without_cases_is_refused(scheme: Scheme) -> None:
    with pytest.raises(SchemeProblems) as refused:
        run_cases(scheme, b"case = []\n" + GIVEN.encode(), path="c.toml")

    assert (
        str(refused.value) == "c.toml:1: case: Write each case under [[case]], 1 to 1000 of them."
    )
