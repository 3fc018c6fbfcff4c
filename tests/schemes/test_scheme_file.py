"""A scheme file is read whole, or refused with everything that is wrong with it."""

import re
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis.strategies import DataObject, data, lists, sampled_from

from evernormal.domain.policy import (
    Cap,
    CapacitySupport,
    CapScope,
    PayeeRule,
    Rate,
    Settlement,
    ShortageRule,
    Source,
    Text,
    Unit,
    Unknown,
)
from evernormal.domain.values import Fen
from evernormal.schemes import SchemeProblems, load_scheme
from evernormal.schemes.scheme_file import FILE_BYTES_MAX
from tests.schemes.mistakes import MISTAKES
from tests.schemes.sample import (
    CAP,
    CLAUSE,
    HEAD,
    RULES,
    SCHEME,
    SOURCES,
    UNKNOWN,
    missing,
    rule,
    source,
    unknown,
    version,
)
from tests.schemes.whole_mistakes import WHOLE_MISTAKES


def problems(text: str | bytes) -> list[str]:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(SchemeProblems) as refused:
        load_scheme(data, path="s.toml")
    return [str(problem) for problem in refused.value.problems]


def test_a_right_file_is_read() -> None:
    scheme = load_scheme(SCHEME.encode(), path="s.toml")

    assert (scheme.id, scheme.settlement) == ("cn/sample/2025", Settlement.REIMBURSE_VOUCHER)
    assert scheme.title == Text(en="Sample", zh="样例")
    assert [r.id for r in scheme.rules] == [
        "eligible_cost",
        "share",
        "rounding",
        "payee",
        "validity",
        "shortage",
    ]
    share = scheme.get_rule("share").versions[0]
    assert share.form == Rate(ratio=Fraction(1, 5), is_ceiling=True)
    assert share.starts_on == date(2025, 1, 1)
    assert share.source == Source(
        title=Text("Notice 1", "Notice 1（通知）"),
        issuer=Text("City", "市"),
        clause=Text("3", "第三条"),
        read_on=date(2026, 1, 1),
        verified=False,
    )
    not_stated = Text("not stated", "未载明")
    assert (scheme.unit, scheme.unknown) == (
        Unit.CNY,
        (Unknown(not_stated, "cap"), Unknown(not_stated, "pot")),
    )


def test_a_verified_value_of_an_assumed_source_and_an_unknown_of_no_form_are_read() -> None:
    text = SCHEME.replace(CLAUSE, f"{CLAUSE}\nverified = true", 1).replace(
        "read_on = 2026-01-01\n", "read_on = 2026-01-01\nassumed = true\n"
    )
    scheme = load_scheme((text + unknown() + unknown("settlement")).encode(), path="s.toml")

    values = [r.versions[0].source for r in scheme.rules]
    assert [v.verified for v in values] == [True] + [False] * 5
    assert all(v.is_assumed for v in values)
    assert [u.form for u in scheme.unknown] == ["cap", "pot", "", "settlement"]


def test_forms_that_say_so_may_stand_several_times_and_all_are_found() -> None:
    text = HEAD + SOURCES + "".join(RULES) + rule("one", "cap", CAP) + rule("two", "cap", CAP)
    scheme = load_scheme((text + UNKNOWN[1]).encode(), path="s.toml")

    found = scheme.find_all(Cap, date(2025, 1, 1))
    assert found == [("one", Cap(CapScope.FIRM, Fen(100))), ("two", Cap(CapScope.FIRM, Fen(100)))]


def test_an_assumed_rule_may_stand_beside_its_unknown() -> None:
    text = HEAD + source("notice", "Guess", more="assumed = true\n") + "".join(RULES)
    scheme = load_scheme((text + "".join(UNKNOWN) + unknown("shortage")).encode(), path="s.toml")

    assert not scheme.states("shortage")
    assert scheme.find(ShortageRule, date(2025, 1, 1)) is not None


@pytest.mark.parametrize(
    ("letter", "payees"),
    [
        ("A", "APPLICANT"),
        ("B", "APPLICANT"),
        ("C", "PROVIDER"),
        ("D", "APPLICANT PROVIDER EITHER"),
        ("E", "APPLICANT"),
        ("F", "PROVIDER"),
        ("G", "NOBODY"),
        ("H", "NOBODY"),
    ],
)
def test_every_mode_of_settlement_is_read_with_each_payee_it_has(letter: str, payees: str) -> None:
    text = SCHEME.replace('settlement = "A"', f'settlement = "{letter}"')
    if letter in "BDE":
        text = text.replace(RULES[4], "")
    if letter in "GH":
        text = text.replace('"CNY"', '"CREDIT"')
    for payee in payees.split():
        scheme = load_scheme(text.replace("APPLICANT", payee).encode(), path="s.toml")

        assert scheme.settlement is Settlement(letter)
        assert scheme.get(PayeeRule, date(2025, 1, 1))[1].payee.value == payee


OF_DEDUCTION = {
    "tranches": '{ parts = [{ ratio = "1/1", on = "AWARD" }] }',
    "idle_recall": "{ days = 9 }",
    "designated_classes": '{ device_classes = ["910B"] }',
    "reserve_fund": '{ ratio = "1/2" }',
}


@pytest.mark.parametrize("form", OF_DEDUCTION)
@pytest.mark.parametrize(
    ("letter", "payee", "unit", "is_deducted"),
    [
        ("A", "APPLICANT", "CNY", False),
        ("C", "PROVIDER", "CNY", True),
        ("F", "PROVIDER", "CNY", True),
        ("G", "NOBODY", "CARD_HOUR", True),
        ("H", "NOBODY", "CREDIT", True),
    ],
)
def test_what_needs_use_to_be_deducted_is_refused_where_nothing_is(
    form: str, letter: str, payee: str, unit: str, *, is_deducted: bool
) -> None:
    text = SCHEME.replace('"A"', f'"{letter}"').replace("APPLICANT", payee).replace("CNY", unit)
    text += rule("more", form, OF_DEDUCTION[form])
    if is_deducted:
        assert load_scheme(text.encode(), path="s.toml").get_rule("more").id == "more"
        return

    assert problems(text) == [
        "s.toml:74: rule[more]: Settlement A deducts nothing as cards are used. Take this rule out."
    ]


def test_a_scheme_by_capacity_needs_no_eligible_cost() -> None:
    capacity = rule("share", "capacity_support", "{ per_pflops = 1 }")
    text = SCHEME.replace(RULES[0], "").replace(RULES[1], capacity)

    found = load_scheme(text.encode(), path="s.toml").get_rule("share").versions[0].form
    assert found == CapacitySupport(Fen(100))


def test_what_is_not_stated_needs_no_rule() -> None:
    forms = ["eligible_cost", "tiered_rate", "rounding", "payee", "shortage", "voucher_term"]
    text = (
        HEAD
        + "rule = []\nsource = []\n"
        + "".join(unknown(form) for form in [*forms, "cap", "pot"])
    )

    # Only that there is no source at all: a scheme of unknowns alone is no scheme.
    assert problems(text) == [
        "s.toml:8: source: Write each source under [[source]], 1 to 50 of them."
    ]


def test_a_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    windows = b"\xef\xbb\xbf" + SCHEME.replace("\n", "\r\n").encode()

    assert load_scheme(windows, path="s.toml") == load_scheme(SCHEME.encode(), path="s.toml")


def test_later_versions_are_read_in_order() -> None:
    later = version('{ ratio = "1/2", up_to = false }', date="2026-01-01")
    text = SCHEME.replace(RULES[1], f"{RULES[1]}{later}")
    scheme = load_scheme(text.encode(), path="s.toml")

    assert scheme.get(Rate, date(2025, 12, 31))[1].ratio == Fraction(1, 5)
    assert scheme.get(Rate, date(2026, 1, 1))[1].ratio == Fraction(1, 2)


@pytest.mark.parametrize(("text", "expected"), [*MISTAKES, *WHOLE_MISTAKES])
def test_each_mistake_is_named_with_its_place_and_what_to_do(
    text: str, expected: list[str]
) -> None:
    assert sorted(problems(text)) == sorted(expected)


@pytest.mark.parametrize(
    "form",
    ["eligible_cost", "rate", "rounding", "payee", "voucher_term", "shortage", "cap", "pot"],
)
def test_a_missing_form_is_named(form: str) -> None:
    stated = [part for part in (*RULES, *UNKNOWN) if f'form = "{form}"' not in part]

    assert problems(HEAD + SOURCES + "".join(stated)) == missing(form)


def test_what_is_no_toml_is_refused_at_its_line() -> None:
    assert problems(HEAD + "= 1\n") == [
        "s.toml:7: Not TOML: Invalid statement (at line 7, column 1)."
    ]


def test_what_is_no_utf_8_is_refused_at_its_line() -> None:
    assert problems(HEAD.encode("gbk")) == [
        "s.toml:2: Byte 54 is not UTF-8. Save the file as UTF-8."
    ]


def test_too_large_a_file_is_not_parsed() -> None:
    assert problems(b"#" * (FILE_BYTES_MAX + 1)) == [
        "s.toml: The file has 1000001 bytes, the limit is 1000000. Split it."
    ]


def test_all_mistakes_are_named_at_once_in_the_order_of_the_file() -> None:
    text = (
        SCHEME.replace('settlement = "A"', 'settlement = "Z"')
        .replace('"20/100"', "0.2")
        .replace("unit_fen = 1", "unit_fen = 0")
        .replace("months = 12", "month = 12")
        .replace('"FIRST_COME"', '"LAST_COME"')
    )
    places = [problem.split(": ")[:2] for problem in problems(text)]

    assert places == [
        ["s.toml:4", "settlement"],
        ["s.toml:27", "rule[share].from[0].value.ratio"],
        ["s.toml:36", "rule[rounding].from[0].value.unit_fen"],
        ["s.toml:54", "rule[validity].from[0].value.month"],
        ["s.toml:54", "rule[validity].from[0].value"],
        ["s.toml:63", "rule[shortage].from[0].value.shortage"],
    ]


def test_lines_are_right_after_text_of_several_lines() -> None:
    text = SCHEME.replace('en = "Sample"', "en = 3").replace(
        'status = "illustrative"\n',
        'status = """\nid = "not a key"\n[[rule]]\n"""\nunknown = [\n  { en = "a" },\n]\n',
    )
    text = text.replace("".join(UNKNOWN), "")

    assert [problem.split(": ")[:2] for problem in problems(text)] == [
        ["s.toml:2", "title.en"],
        ["s.toml:6", "status"],
        ["s.toml:10", "unknown[0]"],
    ]


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        (
            "",
            (
                "s.toml:74: rule[bare]: from is missing. Write from = a list, each under "
                "[[rule.from]]."
            ),
        ),
        (
            "from = []",
            (
                "s.toml:78: rule[bare].from: Write each dated value under [[rule.from]], "
                "1 to 200 of them."
            ),
        ),
        (
            "from = [3]",
            (
                "s.toml:78: rule[bare].from[0]: 3 does not fit here. "
                "Write a table with date, value, source, clause, verified."
            ),
        ),
    ],
)
def test_a_rule_without_dated_values_is_refused(versions: str, expected: str) -> None:
    bare = (
        '[[rule]]\nid = "bare"\nform = "minimum_spend"\nlabel = {en = "a", zh = "b"}\n'
        f"{versions}\n"
    )

    assert problems(SCHEME + bare) == [expected]


@pytest.mark.parametrize("hostile", ["[" * 10_000, "9" * 5_000, "{a=" * 6_000])
def test_what_would_break_a_parser_is_refused(hostile: str) -> None:
    (problem,) = problems(f"{HEAD}note = {hostile}\n")

    assert problem.startswith("s.toml: This cannot be read: ")
    assert problem.endswith(". Shorten it.")


def test_a_number_of_any_length_is_refused_in_few_words() -> None:
    long = problems(SCHEME.replace("months = 12", f"months = 0x{'f' * 9_000}"))
    words = problems(SCHEME.replace('"FIRST_COME"', f'"{"A" * 9_000}"'))

    assert long == [
        (
            "s.toml:54: rule[validity].from[0].value.months: So large a number does not fit here. "
            "Write a whole number from 1 to 1200."
        )
    ]
    assert len(words[0]) < 250


VALUES = sampled_from(
    [
        "1",
        "-1",
        "0.5",
        "nan",
        "true",
        '""',
        '"x"',
        "[]",
        "[1]",
        "[[]]",
        "{}",
        "{ a = 1 }",
        "2025-01-01",
        "2025-01-01T00:00:00",
        "2025-01-01T00:00:00Z",
        "07:00:00",
        "0xffffffffffffffff",
        "0001-01-01",
        "9999-12-31",
    ]
)
WRITTEN = [
    m.span(1) for m in re.finditer(r"(?:= |\{ \w+ = |, \w+ = )([^,}\n]+?)(?= }|,|\n)", SCHEME)
]


@given(spans=lists(sampled_from(WRITTEN), min_size=1, max_size=6, unique=True), data=data())
def test_whatever_stands_in_a_file_it_is_read_or_refused(
    spans: list[tuple[int, int]], data: DataObject
) -> None:
    text = SCHEME
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + data.draw(VALUES) + text[end:]
    last = SCHEME.index("[[unknown]]") - len(SCHEME)
    later = version(data.draw(VALUES), date=data.draw(VALUES))
    try:
        scheme = load_scheme((text[:last] + later + text[last:]).encode(), path="s.toml")
    except SchemeProblems as refused:
        assert refused.problems  # noqa: PT017 - either outcome is right, a crash is not
        assert all(p.message for p in refused.problems)  # noqa: PT017
    else:
        assert scheme.rules
