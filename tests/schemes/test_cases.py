"""Worked cases: they are worked by the rules, and a wrong one is shown to be wrong."""

import pytest

from evernormal.domain.policy import Scheme
from evernormal.schemes import CaseResult, Difference, SchemeProblems, load_scheme, run_cases
from evernormal.schemes.case_facts import FACTS, NEEDED
from evernormal.schemes.case_outcomes import OUTCOMES
from tests.schemes.sample import RULES, SCHEME, UNKNOWN, rule, unknown

GIVEN = """[given]
applied_on = 2025-06-01
applicant_type = "ENTERPRISE"
place = "110108"
provider_listed = true
signed_on = 2025-05-01
term = { first = 2025-06-01, last = 2025-12-31 }
cost = { COMPUTE = 100 }
use = "TRAINING"
"""


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    listed = rule("provider_listed", "provider_registered", "")
    return load_scheme((SCHEME + listed).encode(), path="s.toml")


def case(given: str, then: str, *, name: str = "a") -> str:
    return f'[[case]]\nname = "{name}"\nsource = "b"\ngiven = {given}\nthen = {then}\n'


def work(scheme: Scheme, *cases: str) -> list[CaseResult]:
    others = [c.replace('"a"', f'"a{n}"', 1) for n, c in enumerate(cases[1:])]
    return run_cases(scheme, (GIVEN + "".join([*cases[:1], *others])).encode(), path="c.toml")


def refusals(scheme: Scheme, text: str) -> list[str]:
    with pytest.raises(SchemeProblems) as refused:
        run_cases(scheme, text.encode(), path="c.toml")
    return [str(problem) for problem in refused.value.problems]


def test_a_case_that_holds(scheme: Scheme) -> None:
    then = '{ eligible = true, failed = [], support = 20, limb = "share", up_to = true }'
    (result,) = work(scheme, case("{ cost = { COMPUTE = 100 } }", then))

    assert (result.name, result.source, result.line) == ("a", "b", 10)
    assert result.is_as_stated
    assert result.assessment is not None
    assert result.assessment.entitlement.amount.yuan == "20.00"


def test_a_case_that_does_not_hold_shows_each_difference(scheme: Scheme) -> None:
    then = (
        '{ eligible = true, failed = [], support = "20.01", limb = "cap", '
        "steps = { eligible_cost = 100, share = 21, window = 1 }, "
        'payee = "PROVIDER", voucher_months = 6, lapses_on = 2026-06-02, shortage = "PRO_RATA", '
        'refused = "policy.unknown_rule", pot = 1, tranches = [], split = { city = 1 } }'
    ).replace("tranches = []", "tranches = [1, 1]")
    (result,) = work(scheme, case("{ provider_listed = false }", then))

    assert result.differences == (
        Difference("eligible", "true", "false"),
        Difference("failed", "none", "provider_listed"),
        Difference("support", "20.01", "20.00"),
        Difference("limb", "cap", "share"),
        Difference("steps.share", "21.00", "20.00"),
        Difference("steps.window", "1.00", "nothing"),
        Difference("payee", "PROVIDER", "APPLICANT"),
        Difference("voucher_months", "6", "12"),
        Difference("lapses_on", "2026-06-02", "2026-06-01"),
        Difference("shortage", "PRO_RATA", "FIRST_COME"),
        Difference("refused", "policy.unknown_rule", "nothing"),
        Difference("pot", "1.00", "nothing"),
        Difference("tranches", "1.00, 1.00", "nothing"),
        Difference("split", "city 1.00", "nothing"),
    )


def test_a_step_between_two_fen_is_shown_as_it_is(scheme: Scheme) -> None:
    given = '{ cost = { COMPUTE = "0.01" } }'
    (result,) = work(scheme, case(given, "{ steps = { share = 0 } }"))

    assert result.differences == (Difference("steps.share", "0.00", "1/5 fen"),)


def test_before_the_rules_there_is_no_assessment(scheme: Scheme) -> None:
    then = '{ refused = "policy.unknown_rule", rules_in_force = [], support = 0 }'
    (result,) = work(scheme, case("{ applied_on = 2024-12-31 }", then))

    assert result.assessment is None
    assert result.differences == (Difference("support", "0.00", "nothing"),)


def test_where_no_amount_is_known_conditions_are_still_checked_and_terms_still_told() -> None:
    listed = rule("provider_listed", "provider_registered", "")
    silent = SCHEME.replace(RULES[1], listed) + unknown("rate")
    scheme = load_scheme(silent.encode(), path="s.toml")
    then = (
        '{ refused = "policy.unknown_rule", eligible = false, failed = ["provider_listed"], '
        'payee = "APPLICANT", voucher_months = 12 }'
    )
    (result,) = work(scheme, case("{ provider_listed = false }", then))

    assert result.is_as_stated
    assert result.assessment is None


def test_all_mistakes_of_a_cases_file_are_named_at_once(scheme: Scheme) -> None:
    text = (
        GIVEN.replace('place = "110108"\n', "").replace("= 2025-05-01", '= "2025-05-01"')
        + case("{ cost = { COMPUTER = 1 } }", "{ support = 0.2 }")
        + case("{ term = { first = 2025-02-01, last = 2025-01-01 } }", "{ }", name="b")
        + case("3", "{ eligible = true }", name="c")
        + '[[case]]\nname = "no facts"\n'
    )

    assert refusals(scheme, text) == [
        (
            "c.toml:5: given.signed_on: '2025-05-01' does not fit here. "
            "Write a date from 1900-01-01 to 2999-12-31 without quotes, as in 2025-03-01."
        ),
        (
            "c.toml:12: case[1].given.cost.COMPUTER: There is no key 'COMPUTER'. "
            "Did you mean COMPUTE?"
        ),
        (
            "c.toml:13: case[1].then.support: 0.2 is a float, which cannot be exact. "
            'Write an amount from 0.00 to 1000000000000, as in 2_000_000, or "0.01" in quotes.'
        ),
        (
            "c.toml:17: case[2].given.term: The last day, 2025-01-01, comes "
            "before the first, 2025-02-01. Swap or correct them."
        ),
        f"c.toml:18: case[2].then: Nothing is stated. Write one of: {', '.join(OUTCOMES)}.",
        (f"c.toml:22: case[3].given: 3 does not fit here. Write a table with {', '.join(FACTS)}."),
        "c.toml:24: case[4]: given is missing. Write given = a table of facts.",
        f"c.toml:24: case[4]: then is missing. Write then = {{ {', '.join(OUTCOMES)} }}.",
        (
            "c.toml:24: case[4]: source is missing. "
            'Write source = text in quotes, as in "Rule cap_year".'
        ),
    ]


def test_two_cases_of_one_name_are_refused(scheme: Scheme) -> None:
    twice = case("{ }", "{ eligible = true }")

    assert refusals(scheme, GIVEN + twice + case("{ }", "{ }", name="c") + twice) == [
        f"c.toml:19: case[2].then: Nothing is stated. Write one of: {', '.join(OUTCOMES)}.",
        "c.toml:21: case[3].name: The case on line 11 has the name 'a' too. Rename one of them.",
    ]


def test_a_blank_name_is_refused_as_blank(scheme: Scheme) -> None:
    blank = case("{ }", "{ eligible = true }", name=" ")

    assert refusals(scheme, GIVEN + blank + blank) == [
        f"c.toml:{line}: case[{number}].name: This is blank. "
        'Write text in quotes, as in "One fen above the cap".'
        for line, number in ((11, 1), (16, 2))
    ]


def test_a_missing_fact_and_an_empty_then_are_named(scheme: Scheme) -> None:
    text = GIVEN.replace('place = "110108"\n', "") + case("{ use = 'SCIENCE' }", "{ }")

    assert refusals(scheme, text) == [
        "c.toml:9: case[1]: Facts missing: place. Give them here or in [given].",
        f"c.toml:13: case[1].then: Nothing is stated. Write one of: {', '.join(OUTCOMES)}.",
    ]


def test_a_fact_in_a_table_of_its_own_is_refused_at_its_line(scheme: Scheme) -> None:
    given = GIVEN.replace("cost = { COMPUTE = 100 }\n", "") + "[given.cost]\nCOMPUTE = 0.5\n"
    (refusal,) = refusals(scheme, given + case("{ }", "{ eligible = true }"))

    assert refusal.startswith("c.toml:10: given.cost.COMPUTE: 0.5 is a float")


@pytest.mark.parametrize("name", NEEDED)
def test_every_fact_that_is_needed_is_asked_for(scheme: Scheme, name: str) -> None:
    text = "\n".join(line for line in GIVEN.splitlines() if not line.startswith(f"{name} ="))
    cases = f"{text}\n" + case("{ }", "{ eligible = true }")

    assert refusals(scheme, cases) == [
        f"c.toml:9: case[1]: Facts missing: {name}. Give them here or in [given]."
    ]


def test_a_file_without_cases_is_refused(scheme: Scheme) -> None:
    assert refusals(scheme, f"case = []\n{GIVEN}") == [
        "c.toml:1: case: Write each case under [[case]], 1 to 1000 of them."
    ]


# --- What a case may say of the time after the assessment -----------------------------------------

PARTS = '[{ ratio = "1/3", on = "AWARD" }, { ratio = "2/3", on = "REPORT" }]'
CITY = '{ funder = "city", label = { en = "city", zh = "市" }, ratio = "1/2" }'
PROVINCE = '{ funder = "province", label = { en = "province", zh = "省" }, ratio = "1/2" }'
FULL = (
    # Settlement F has every kind of term: a voucher, deducted from, and money.
    SCHEME.replace(RULES[5], "").replace(UNKNOWN[1], "")
    .replace('settlement = "A"', 'settlement = "F"').replace("APPLICANT", "PROVIDER")
    + rule("tranches", "tranches", f"{{ parts = {PARTS} }}")
    + rule("funding", "funding_split", f"{{ shares = [{CITY}, {PROVINCE}] }}")
    + rule("reserve", "reserve_fund", '{ ratio = "3/10" }')
    + rule(
        "pot", "pot",
        '{ amount = 50, tranches = [{ month = 6, ratio = "3/5" }, { month = 9, ratio = "2/5" }] }',
    )
    + rule("extension", "voucher_extension", "{ months = 6, times = 1 }")
    + rule("classes", "designated_classes", '{ device_classes = ["910B"] }')
    + rule("idle", "idle_recall", "{ days = 30 }")
    + rule("shortage", "shortage", '{ shortage = "LOTTERY", least_score = 60, sure_score = 80 }')
    + rule(
        "review", "review",
        '{ tiers = [{ reviewer = { en = "desk", zh = "经办" }, at_most = 100 }] }',
    )
    + rule("notice", "public_notice", "{ days = 5, objection_days = 7 }")
    + rule("papers", "claim_documents", '{ documents = ["invoice", "log"] }')
    + rule("reports", "reporting", "{ after_months = [6, 12] }")
    + rule(
        "clawback", "clawback",
        '{ triggers = ["MISUSE"], ratio = "1/1", interest_per_year = "5/100", '
        "exclusion_years = 3 }",
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("given", "then"),
    [
        ("", "tranches = ['6.66', '13.34'], released = '6.66', advance = 6"),
        ("", "split = { city = 10, province = 10 }, pot = 50, pot_released = 30"),
        ("applied_on = 2025-05-31", "pot_released = 0"),
        ("applied_on = 2025-09-01", "pot_released = 50"),
        ("score = 60", "granted = 20, reason = 'ENTITLED'"),
        ("score = 60, pot_free = 19", "granted = 19, reason = 'CUT_TO_POT'"),
        ("score = 60, pot_free = 0", "granted = 0, reason = 'POT_EXHAUSTED'"),
        ("score = 59", "granted = 0, reason = 'NOT_ADMITTED'"),
        ("", "granted = 0, reason = 'NOT_ADMITTED'"),
        ("", "lapses_on = 2026-06-01, extendable = true, extended_to = 2025-12-01"),
        ("extensions = 1", "extendable = false"),
        ("device_class = '910B'", "designated = true"),
        ("device_class = 'H20'", "designated = false"),
        ("", "designated = false, recalled_on = 2025-07-01"),
        ("last_used_on = 2025-06-11", "recalled_on = 2025-07-11"),
        ("score = 59", "shortage = 'LOTTERY', admitted = false, drawn = false"),
        ("score = 60", "admitted = true, drawn = true"),
        ("score = 80", "admitted = true, drawn = false"),
        ("", "admitted = false, reviewed_by = 'desk', notice_ends_on = 2025-06-08"),
        ("claim_documents = ['log']", "missing_documents = ['invoice']"),
        ("claim_documents = ['log', 'invoice']", "missing_documents = []"),
        ("", "reports_due_on = [2025-12-01, 2026-06-01], excluded_until = 2028-06-01"),
        (
            "clawed_back_for = 'MISUSE', paid = 100, days_since_paid = 365",
            "clawback = 105",
        ),
        ("clawed_back_for = 'REPORT_MISSED', paid = 100", "clawback = 0"),
        ("clawed_back_for = 'MISUSE'", "clawback = 0"),
    ],
)
def test_what_came_afterwards_has_outcomes_of_its_own(given: str, then: str) -> None:
    scheme = load_scheme(FULL.encode(), path="s.toml")
    (result,) = work(scheme, case(f"{{ {given} }}", f"{{ {then} }}"))

    assert result.differences == ()


@pytest.mark.parametrize(
    ("given", "key", "found"),
    [
        ("extensions = 1", "extended_to = 2025-12-01", "nothing"),
        ("cost = { COMPUTE = 101 }", "reviewed_by = 'desk'", "nothing"),
        ("", "clawback = 0", "nothing"),
    ],
)
def test_what_there_is_not_is_shown_as_nothing(given: str, key: str, found: str) -> None:
    scheme = load_scheme(FULL.encode(), path="s.toml")
    (result,) = work(scheme, case(f"{{ {given} }}", f"{{ {key} }}"))

    assert [difference.found for difference in result.differences] == [found]


def test_facts_of_every_kind_reach_the_rules() -> None:
    when = (
        'sizes = ["MICRO"], staff_at_most = 5, revenue_at_most = 9, sectors = ["ai"], '
        'filings = ["model"], traits = ["young"], facilities = ["hub"], '
        'scale_at_least = { pflops = 7 }, services = ["DATA"], device_origins = ["DOMESTIC"], '
        'routes = ["MATCHED"], sides = ["SUPPLY"], age_months_at_most = 12'
    )
    both = '{ label = { en = "a", zh = "甲" }, when = { ' + when + " } }"
    forms = (
        rule("all", "any_of", f"{{ any_of = [{both}] }}")
        + rule("lists", "not_listed", '{ lists = ["tax"] }')
        + rule("clean", "clean_record", "{ years = 3 }")
        + rule("connected", "provider_connected", "")
        + rule("near", "provider_in", '{ places = ["52"] }')
        + rule("alone", "unrelated_party", "")
        + rule("papers", "documents", '{ documents = ["plan"] }')
        + rule("others", "other_support_from", '{ programmes = ["national"] }')
        + rule("upstream", "upstream_award", '{ programmes = ["national"] }')
        + rule("capacity", "capacity_at_least", "{ pflops = 3 }")
        + rule("price", "price_at_most", "{ amount = 9 }")
        + rule("once", "one_award_per_contract", "")
        + rule("one_side", "one_side_only", "")
        + rule("stacking", "stacking_cap", '{ total = "1/5" }')
        + rule("cap_year", "cap", '{ scope = "FIRM_YEAR", amount = 30, counted_on = ["CLAIM"] }')
    )
    scheme = load_scheme((SCHEME.replace(UNKNOWN[0], "") + forms).encode(), path="s.toml")
    passing = (
        "size='MICRO', founded_on=2024-06-01, staff=5, revenue=9, sectors=['ai'], route='MATCHED', "
        "filings=['model'], traits=['young'], facility='hub', scale={ pflops=7 }, side='SUPPLY', "
        "service='DATA', device_origin='DOMESTIC', provider_connected=true, documents=['plan'], "
        "provider_place='520100', price_per_card_hour=9, facility_id='hub-1', "
        "other_supports={ national=3 }, upstream='national', capacity_pflops=3"
    )
    failing = (
        "lists = ['tax'], last_dishonesty_on = 2025-01-01, shared_owner = true, "
        "other_support = true, awards_on_contract = 1, awards_other_side = 1"
    )
    failed = [
        "all", "lists", "clean", "connected", "near", "alone", "papers", "others", "upstream",
        "capacity", "price", "once", "one_side",
    ]  # fmt: skip
    claimed = "counted_on = 'CLAIM', already = { FIRM_YEAR = 15 }"
    results = work(
        scheme,
        case(f"{{ {passing} }}", "{ eligible = true, support = 17, limb = 'stacking' }"),
        case(f"{{ {passing}, {claimed} }}", "{ support = 15, limb = 'cap_year' }"),
        case(f"{{ {failing} }}", f"{{ eligible = false, failed = {failed}, support = 20 }}"),
    )

    assert [result.differences for result in results] == [(), (), ()]
