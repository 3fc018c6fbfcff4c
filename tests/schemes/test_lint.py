"""Lint: each finding is made by a file that means it, and not by its nearest neighbour."""

import pytest
from hypothesis import given
from hypothesis.strategies import composite, integers, lists, tuples

from evernormal.domain.policy import Selector
from evernormal.domain.values import Fen
from evernormal.locale import LANGS, words
from evernormal.schemes import load_scheme
from evernormal.schemes.lint import Finding, Level, lint
from evernormal.schemes.lint.spans import ALL, Span, left_of, takes_in
from tests.schemes.sample import HEAD, RULES, SOURCES, rule, source, unknown, version

ALIKE = 'label = { en = "t", zh = "档" }'
DOMESTIC = 'when = { device_origins = ["DOMESTIC"] }'
START_UP = 'when = { traits = ["start_up"] }'


def findings(
    *rules: str, head: str = HEAD, rate: str = "", firms_min: int = 50, sources: str = SOURCES
) -> list[Finding]:
    """What lint says about a scheme with more rules, without the notes on its sources."""
    own = "".join(rules)
    base = [r for r in RULES if not (rate and 'id = "share"' in r)]
    lacking = [unknown(form) for form in ("cap", "pot") if f'form = "{form}"' not in own]
    text = (head + sources + "".join(base) + rate + own + "".join(lacking)).encode()
    scheme = load_scheme(text, path="s.toml")
    found = lint(scheme, text, path="s.toml", firms_min=firms_min)
    for finding in found:
        for lang in LANGS:
            # Raises MissingWord where a finding cannot be told.
            words(lang).say(f"lint.{finding.code}", **{**finding.facts, "shared": "5"})
    return [f for f in found if f.level is not Level.INFO and f.code != "rate_unlimited"]


def codes(*rules: str, **more: str) -> list[tuple[str, str]]:
    return [(f.code, f.rule_id) for f in findings(*rules, **more)]  # type: ignore[arg-type]


def tiers(*entries: str, basis: str = "WHOLE") -> str:
    written = ", ".join(f"{{ {ALIKE}, {entry} }}" for entry in entries)
    value = f'{{ measure = "COST", basis = "{basis}", up_to = true, tiers = [{written}] }}'
    return rule("share", "tiered_rate", value)


def cap(name: str, scope: str, amount: int, more: str = "") -> str:
    return rule(name, "cap", f'{{ scope = "{scope}", amount = {amount}{more} }}')


def pot(amount: int) -> str:
    return rule("pot", "pot", f"{{ amount = {amount} }}")


def test_a_sound_scheme_has_nothing_to_say_but_its_standing() -> None:
    text = (HEAD + SOURCES + "".join(RULES) + cap("cap", "FIRM_YEAR", 5) + pot(1_000)).encode()
    scheme = load_scheme(text, path="s.toml")

    assert lint(scheme, text, path="s.toml") == (
        Finding(Level.INFO, "unverified", "", {"count": 8, "of": 8}, "s.toml", None),
    )


def test_assumed_values_are_counted_apart() -> None:
    assumed = source("guess", "Guess", more="assumed = true\n")
    more = cap("cap", "FIRM_YEAR", 5) + rule("pot", "pot", "{ amount = 1_000 }", named="guess")
    text = (HEAD + SOURCES + assumed + "".join(RULES) + more).encode()

    found = lint(load_scheme(text, path="s.toml"), text, path="s.toml")

    assert [(f.code, f.facts["count"], f.facts["of"]) for f in found] == [
        ("unverified", 7, 8),
        ("assumed", 1, 8),
    ]


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        (['ratio = "2/10"'], []),
        ([f'ratio = "3/10", {DOMESTIC}', 'ratio = "2/10"'], []),
        (['ratio = "2/10"', f'ratio = "3/10", {DOMESTIC}'], ["tier_unreachable"]),
        (['ratio = "2/10"', 'ratio = "3/10"'], ["tier_unreachable"]),
        (
            [
                f'ratio = "2/10", {DOMESTIC}',
                'ratio = "3/10", when = { device_origins = ["FOREIGN", "UNDECLARED"] }',
                'ratio = "1/10"',
            ],
            ["tier_unreachable"],
        ),
        (
            [
                f'ratio = "2/10", {DOMESTIC}',
                'ratio = "3/10", when = { device_origins = ["FOREIGN"] }',
                'ratio = "1/10"',
            ],
            [],
        ),
        (
            [
                'ratio = "1/10", at_most = 5',
                'ratio = "2/10", above = 5',
                f'ratio = "3/10", {DOMESTIC}',
            ],
            ["tier_unreachable"],
        ),
        (['ratio = "1/10", below = 5', 'ratio = "2/10", at_least = 5'], []),
        (['ratio = "1/10", at_most = 5', 'ratio = "2/10", at_least = 5'], ["tier_overlap"]),
        (['ratio = "1/10", below = 5', 'ratio = "2/10", above = 5'], ["tier_gap"]),
        (['ratio = "1/10", below = 5', 'ratio = "2/10", at_least = 9'], ["tier_gap"]),
        (
            [
                f'ratio = "1/10", below = 5, {DOMESTIC}',
                f'ratio = "2/10", at_least = 9, {DOMESTIC}',
                'ratio = "2/10"',
            ],
            [],
        ),
        ([f'ratio = "3/10", {DOMESTIC}'], ["tier_none"]),
        (['ratio = "1/10", below = 5'], ["tier_ends"]),
        (['ratio = "1/10", at_least = 5'], ["tier_ends"]),
        (['ratio = "2/10", at_most = 5', 'ratio = "1/10", above = 5'], ["notch"]),
        (
            [
                'ratio = "5/10", at_most = 5, when = { sizes = ["SMALL"] }',
                'ratio = "2/10"',
            ],
            ["notch"],
        ),
    ],
)
def test_tables_of_tiers(entries: list[str], found: list[str]) -> None:
    assert [code for code, _ in codes(rate=tiers(*entries))] == found


def test_tiers_that_add_up_have_no_notch_and_none_is_unreachable() -> None:
    falling = tiers('ratio = "2/10", at_most = 5', 'ratio = "1/10", above = 5', basis="MARGINAL")
    more = tiers('ratio = "2/10"', f'ratio = "1/10", {DOMESTIC}', basis="MARGINAL")
    twice = tiers('ratio = "2/10"', 'ratio = "1/10"', basis="MARGINAL")

    assert codes(rate=falling) == []
    assert codes(rate=more) == []
    assert codes(rate=twice) == [("tier_overlap", "share")]


def test_a_floor_keeps_out_what_no_tier_holds() -> None:
    rate = tiers('ratio = "1/10", at_least = 5')

    assert codes(rule("floor", "minimum_spend", "{ amount = 5 }"), rate=rate) == []
    assert codes(rule("floor", "minimum_spend", "{ amount = 4 }"), rate=rate) == [
        ("tier_ends", "share")
    ]


def test_a_gap_is_told_with_its_bounds_and_its_line() -> None:
    (found,) = findings(rate=tiers('ratio = "1/10", below = 5', 'ratio = "2/10", above = 5'))

    assert found.facts["shared"] == Span((500, 0), (500, 1))
    assert (found.facts["tier"], found.facts["other"]) == (1, 2)
    assert (found.level, found.place) == (Level.ERROR, f"s.toml:{found.line}")
    text = HEAD + SOURCES + "".join(r for r in RULES if 'id = "share"' not in r)
    assert found.line == text.count("\n") + 7


ONCE = rule("once", "one_award_per_contract", "")


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ([cap("a", "FIRM_YEAR", 2), cap("b", "FIRM", 3)], []),
        ([cap("a", "FIRM_YEAR", 3), cap("b", "FIRM", 2)], ["a"]),
        ([cap("a", "FIRM_YEAR", 3), cap("b", "FIRM", 3)], []),
        ([cap("a", "FIRM_YEAR", 3), cap("b", "FIRM_YEAR", 2)], ["a"]),
        ([cap("a", "FIRM_YEAR", 3), cap("b", "FIRM_YEAR", 3)], ["b"]),
        ([cap("a", "FIRM_YEAR", 3), cap("b", "CONTRACT", 2)], []),
        ([cap("a", "CONTRACT", 3), cap("b", "FIRM_YEAR", 2)], []),
        ([cap("a", "CONTRACT", 3), cap("b", "FIRM_YEAR", 2), ONCE], ["a"]),
        ([cap("a", "CLAIM", 3), cap("b", "PROVIDER_YEAR", 2)], ["a"]),
        ([cap("a", "PROVIDER_YEAR", 3), cap("b", "FIRM", 2)], []),
        ([cap("a", "GROUP", 3), cap("b", "FIRM", 2)], []),
        ([cap("a", "FIRM", 3), cap("b", "GROUP", 2)], ["a"]),
        ([cap("a", "FIRM", 3), cap("b", "FIRM", 2, f", {START_UP}")], []),
        ([cap("a", "FIRM", 3, f", {START_UP}"), cap("b", "FIRM", 2)], ["a"]),
        ([cap("a", "FIRM", 3), cap("b", "FIRM", 2, ', counted_on = ["AWARD"]')], []),
        ([cap("a", "FIRM", 3, ', counted_on = ["AWARD"]'), cap("b", "FIRM", 2)], ["a"]),
    ],
)
def test_caps_that_never_bind(rules: list[str], found: list[str]) -> None:
    assert codes(*rules) == [("cap_never_binds", name) for name in found]


def test_a_cap_beyond_what_the_largest_request_gives() -> None:
    """A fifth of at most 100 is 20."""
    request = rule("request", "request_between", "{ at_least = 1, at_most = 100 }")

    assert codes(request, cap("a", "CONTRACT", 20)) == []
    assert codes(request, cap("a", "FIRM_YEAR", 21)) == []
    (found,) = findings(request, cap("a", "CONTRACT", 21))
    assert (found.code, found.level) == ("cap_above_request", Level.ERROR)
    assert found.facts == {"amount": 2100, "limit": 10_000, "most": 2_000, "other": "request"}
    tax = rule("tax", "net_of_tax", '{ ratio = "1/4" }')
    assert findings(request, tax, cap("a", "CONTRACT", 16)) == []
    (found,) = findings(request, tax, cap("a", "CONTRACT", 17))
    assert found.facts == {"amount": 1700, "limit": 10_000, "most": 1_600, "other": "request"}


def test_a_cap_above_the_pot() -> None:
    assert codes(cap("a", "FIRM_YEAR", 100), pot(100), firms_min=1) == []  # type: ignore[arg-type]
    assert codes(cap("a", "FIRM", 101), pot(100), firms_min=1) == []  # type: ignore[arg-type]
    (found,) = findings(cap("a", "FIRM_YEAR", 101), pot(100), firms_min=1)
    assert (found.code, found.level, found.rule_id) == ("cap_above_pot", Level.ERROR, "a")


def test_a_pot_that_a_few_firms_would_empty() -> None:
    assert findings(cap("a", "FIRM_YEAR", 2), pot(100)) == []
    (found,) = findings(cap("a", "FIRM_YEAR", 2), pot(97))
    assert (found.level, found.rule_id) == (Level.WARNING, "pot")
    assert found.facts == {"firms": 49, "amount": 200, "other": "a", "limit": 9_700}
    assert findings(cap("a", "FIRM_YEAR", 2), pot(97), firms_min=49) == []
    both = findings(cap("a", "CONTRACT", 50), cap("b", "FIRM_YEAR", 60), pot(3_000), firms_min=51)
    assert [f.facts["other"] for f in both] == ["b"]


def test_a_rate_without_cap_and_pot() -> None:
    text = (HEAD + SOURCES + "".join(RULES) + unknown("cap") + unknown("pot")).encode()
    limited = text.replace(unknown("cap").encode(), cap("a", "FIRM", 5).encode())
    found = {
        name: [f.code for f in lint(load_scheme(t, path="s"), t, path="s")]
        for name, t in (("open", text), ("limited", limited))
    }

    assert found == {"open": ["rate_unlimited", "unverified"], "limited": ["unverified"]}


WINDOW = '{{ first = {}, last = {}, day_count = "INCLUSIVE" }}'
CALL = "{{ first = {}, last = {} }}"
SUBSIDY = HEAD.replace('"A"', '"B"')


@pytest.mark.parametrize(
    ("window", "call", "settlement", "found"),
    [
        (("2025-03-01", "2025-12-31"), ("2025-12-31", "2026-01-31"), "A", []),
        (("2025-03-01", "2025-12-31"), ("2026-01-01", "2026-01-31"), "A", ["window_outside_call"]),
        (("2025-03-01", "2025-12-31"), ("2026-01-01", "2026-01-31"), "B", []),
        (("2026-03-01", "2026-12-31"), ("2026-01-01", "2026-01-31"), "B", ["window_outside_call"]),
    ],
)
def test_windows_beside_the_call(
    window: tuple[str, str], call: tuple[str, str], settlement: str, found: list[str]
) -> None:
    rules = [
        rule("window", "cost_window", WINDOW.format(*window)),
        rule("call", "applied_within", CALL.format(*call)),
    ]
    head = HEAD.replace('"A"', f'"{settlement}"')
    text_of_term = RULES[4]
    text = head + SOURCES + "".join(RULES) + "".join(rules) + unknown("cap") + unknown("pot")
    if settlement == "B":
        text = text.replace(text_of_term, "")
    scheme = load_scheme(text.encode(), path="s.toml")

    told = [f.code for f in lint(scheme, text.encode(), path="s.toml") if f.code.startswith("win")]

    assert told == found


def test_a_window_that_ends_before_any_contract_may_be_signed() -> None:
    window = rule("window", "cost_window", WINDOW.format("2025-03-01", "2025-12-31"))

    assert codes(window, rule("signed", "signed_from", "{ day = 2025-12-31 }")) == []
    assert codes(window, rule("signed", "signed_from", "{ day = 2026-01-01 }")) == [
        ("window_before_signing", "window")
    ]


def test_rules_that_no_application_can_meet_together() -> None:
    young, old = "age_at_least", "age_at_most"
    request = rule("request", "request_between", "{ at_least = 1, at_most = 10 }")

    assert codes(rule("a", young, "{ months = 9 }"), rule("b", old, "{ months = 9 }")) == []
    assert codes(rule("a", young, "{ months = 10 }"), rule("b", old, "{ months = 9 }")) == [
        ("never_eligible", "a")
    ]
    assert codes(rule("floor", "minimum_spend", "{ amount = 10 }"), request) == []
    assert codes(rule("floor", "minimum_spend", "{ amount = 11 }"), request) == [
        ("never_eligible", "floor")
    ]
    tax = rule("tax", "net_of_tax", '{ ratio = "1/4" }')
    assert codes(rule("floor", "minimum_spend", "{ amount = 8 }"), tax, request) == []
    assert codes(rule("floor", "minimum_spend", '{ amount = "8.01" }'), tax, request) == [
        ("never_eligible", "floor")
    ]


def cap_in_versions(*days: str) -> str:
    first = cap("a", "FIRM", 5)
    value = '{ scope = "FIRM", amount = 6 }'
    return first + "".join(version(value, date=day) for day in days)


@pytest.mark.parametrize(
    ("days", "why"),
    [
        (["2025-06-01"], None),
        (["2025-12-31"], None),
        (["2026-01-01"], "after_the_call"),
        (["2025-03-01"], "before_the_call"),
        (["2025-03-02"], None),
    ],
)
def test_versions_that_never_come_into_force(days: list[str], why: str | None) -> None:
    call = rule("call", "applied_within", CALL.format("2025-03-01", "2025-12-31"))

    found = findings(call, cap_in_versions(*days))

    assert [f.facts["why"] for f in found] == ([why] if why else [])
    assert all(f.code == "never_in_force" and f.rule_id == "a" for f in found)


def test_without_a_call_every_version_may_come_into_force() -> None:
    assert codes(cap_in_versions("2030-01-01")) == []


def test_a_finding_of_a_later_version_stands_at_its_line() -> None:
    later = version('{ scope = "FIRM_YEAR", amount = 9 }', date="2026-01-01")
    rules = cap("a", "FIRM_YEAR", 2) + later, cap("b", "FIRM", 5)

    (found,) = findings(*rules)

    text = HEAD + SOURCES + "".join(RULES)
    assert (found.code, found.facts["amount"]) == ("cap_never_binds", 900)
    assert found.line == text.count("\n") + cap("a", "FIRM_YEAR", 2).count("\n") + 3


def test_a_review_whose_last_tier_has_a_bound() -> None:
    person = 'reviewer = { en = "office", zh = "办公室" }'
    ends = f"{{ tiers = [{{ {person}, at_most = 5 }}] }}"
    whole = f"{{ tiers = [{{ {person}, at_most = 5 }}, {{ {person} }}] }}"

    assert codes(rule("review", "review", ends)) == [("review_ends", "review")]
    assert codes(rule("review", "review", whole)) == []


@pytest.mark.parametrize(
    ("wide", "narrow", "is_taken_in"),
    [
        (Selector(), Selector(traits=("a",)), True),
        (Selector(traits=("a",)), Selector(), False),
        (Selector(traits=("a", "b")), Selector(traits=("a",)), True),
        (Selector(traits=("a",)), Selector(traits=("a", "b")), False),
        (Selector(places=("11",)), Selector(places=("1101", "1102")), True),
        (Selector(places=("1101",)), Selector(places=("11",)), False),
        (Selector(places=("11",)), Selector(), False),
        (Selector(staff_at_most=9), Selector(staff_at_most=9), True),
        (Selector(staff_at_most=9), Selector(staff_at_most=10), False),
        (Selector(staff_at_most=9), Selector(), False),
        (Selector(revenue_at_most=Fen(9)), Selector(revenue_at_most=Fen(8)), True),
        (Selector(revenue_at_most=Fen(9)), Selector(revenue_at_most=Fen(10)), False),
        (Selector(scale_at_least={"p": 2}), Selector(scale_at_least={"p": 2, "q": 1}), True),
        (Selector(scale_at_least={"p": 2}), Selector(scale_at_least={"p": 1}), False),
    ],
)
def test_a_selector_takes_in_another(
    wide: Selector,
    narrow: Selector,
    is_taken_in: bool,  # noqa: FBT001
) -> None:
    assert takes_in(wide, narrow) is is_taken_in


@composite
def spans(draw: object) -> Span:
    spot = tuples(integers(0, 6), integers(0, 1))
    start, end = sorted(draw(tuples(spot, spot)))  # type: ignore[operator]
    return Span(start, end if end > start else (end[0] + 1, 0))


@given(span=spans(), taken=lists(spans(), max_size=4))
def test_what_is_left_of_a_span_is_what_no_other_holds(span: Span, taken: list[Span]) -> None:
    left = left_of(span, taken)

    for amount in range(9):
        for side in (0, 1):
            spot = (amount, side)
            is_left = any(s.start <= spot < s.end for s in left)
            is_taken = any(s.start <= spot < s.end for s in taken)
            assert is_left == ((span.start <= spot < span.end) and not is_taken)


def test_all_amounts_are_left_of_nothing_taken() -> None:
    assert left_of(ALL, []) == [ALL]
