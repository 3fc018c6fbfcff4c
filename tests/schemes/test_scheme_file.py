"""A scheme file is read whole, or refused with everything that is wrong with it."""

import re
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis.strategies import DataObject, data, lists, sampled_from

from evernormal.domain.policy import (
    AppliedWithin,
    CapCount,
    CostWindow,
    FirmYearCap,
    MinimumSpend,
    Rate,
    Settlement,
    Text,
)
from evernormal.domain.values import DayCount, Fen, Period
from evernormal.schemes import SchemeProblems, load_scheme
from evernormal.schemes.scheme_file import FILE_BYTES_MAX
from tests.schemes.mistakes import MISTAKES
from tests.schemes.sample import HEAD, RULES, SCHEME, SOURCE, rule


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
    assert (share.starts_on, share.source.clause) == (date(2025, 1, 1), Text("3", "第三条"))


def test_a_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    windows = b"\xef\xbb\xbf" + SCHEME.replace("\n", "\r\n").encode()

    assert load_scheme(windows, path="s.toml") == load_scheme(SCHEME.encode(), path="s.toml")


def test_later_versions_are_read_in_order() -> None:
    later = (
        f'[[rule.from]]\ndate = 2026-01-01\nvalue = {{ ratio = "1/2", up_to = false }}\n{SOURCE}'
    )
    text = SCHEME.replace(RULES[1], f"{RULES[1]}{later}\n")
    scheme = load_scheme(text.encode(), path="s.toml")

    assert scheme.get(Rate, date(2025, 12, 31))[1].ratio == Fraction(1, 5)
    assert scheme.get(Rate, date(2026, 1, 1))[1].ratio == Fraction(1, 2)


@pytest.mark.parametrize(
    ("form", "value", "expected"),
    [
        (
            "cost_window",
            '{ first = 2025-03-01, last = 2025-12-31, day_count = "INCLUSIVE" }',
            CostWindow(Period(date(2025, 3, 1), date(2026, 1, 1)), DayCount.INCLUSIVE),
        ),
        (
            "applied_within",
            "{ first = 2025-03-01, last = 2025-03-01 }",
            AppliedWithin(first=date(2025, 3, 1), last=date(2025, 3, 1)),
        ),
        ("minimum_spend", '{ yuan = "49999.99" }', MinimumSpend(Fen(4_999_999))),
        (
            "firm_year_cap",
            '{ yuan = 2_000_000, counted_on = ["CLAIM"] }',
            FirmYearCap(Fen(200_000_000), (CapCount.CLAIM,)),
        ),
    ],
)
def test_values_become_forms(form: str, value: str, expected: object) -> None:
    scheme = load_scheme((SCHEME + rule("more", form, value)).encode(), path="s.toml")

    assert scheme.get_rule("more").versions[0].form == expected


@pytest.mark.parametrize(("text", "expected"), MISTAKES)
def test_each_mistake_is_named_with_its_place_and_what_to_do(
    text: str, expected: list[str]
) -> None:
    assert sorted(problems(text)) == sorted(expected)


@pytest.mark.parametrize(
    "form", ["eligible_cost", "rate", "rounding", "payee", "voucher_term", "shortage"]
)
def test_a_missing_form_is_named(form: str) -> None:
    text = HEAD + "".join(r for r in RULES if f'form = "{form}"' not in r)

    assert problems(text) == [
        f's.toml: rule: No rule has the form {form}. Add one: form = "{form}".'
    ]


def test_what_is_no_toml_is_refused_at_its_line() -> None:
    assert problems(HEAD + "= 1\n") == [
        "s.toml:6: Not TOML: Invalid statement (at line 6, column 1)."
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
        .replace('"FIRST_COME"', '"LOTTERY"')
    )
    places = [problem.split(": ")[:2] for problem in problems(text)]

    assert places == [
        ["s.toml:4", "settlement"],
        ["s.toml:20", "rule[share].from[0].value.ratio"],
        ["s.toml:28", "rule[rounding].from[0].value.unit_fen"],
        ["s.toml:44", "rule[validity].from[0].value.month"],
        ["s.toml:44", "rule[validity].from[0].value"],
        ["s.toml:52", "rule[shortage].from[0].value.shortage"],
    ]


def test_lines_are_right_after_text_of_several_lines() -> None:
    text = SCHEME.replace('en = "Sample"', "en = 3").replace(
        'status = "illustrative"\n',
        'status = """\nid = "not a key"\n[[rule]]\n"""\nunknown = [\n  { en = "a" },\n]\n',
    )

    assert [problem.split(": ")[:2] for problem in problems(text)] == [
        ["s.toml:2", "title.en"],
        ["s.toml:5", "status"],
        ["s.toml:9", "unknown[0]"],
    ]


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        (
            "",
            (
                "s.toml:54: rule[bare]: from is missing. Write from = a list, each under "
                "[[rule.from]]."
            ),
        ),
        (
            "from = []",
            (
                "s.toml:58: rule[bare].from: Write each dated value under [[rule.from]], "
                "1 to 200 of them."
            ),
        ),
        (
            "from = [3]",
            (
                "s.toml:58: rule[bare].from[0]: 3 does not fit here. "
                "Write a table with date, value, source."
            ),
        ),
    ],
)
def test_a_rule_without_dated_values_is_refused(versions: str, expected: str) -> None:
    bare = f'[[rule]]\nid = "bare"\nform = "firm_cap"\nlabel = {{en = "a", zh = "b"}}\n{versions}\n'

    assert problems(SCHEME + bare) == [expected]


@pytest.mark.parametrize("hostile", ["[" * 100_000, "9" * 5_000, "{a=" * 50_000])
def test_what_would_break_a_parser_is_refused(hostile: str) -> None:
    (problem,) = problems(f"{HEAD}note = {hostile}\n")

    assert problem.startswith("s.toml: This cannot be read: ")
    assert problem.endswith(". Shorten it.")


def test_a_number_of_any_length_is_refused_in_few_words() -> None:
    long = problems(SCHEME.replace("months = 12", f"months = 0x{'f' * 9_000}"))
    words = problems(SCHEME.replace('"FIRST_COME"', f'"{"A" * 9_000}"'))

    assert long == [
        (
            "s.toml:44: rule[validity].from[0].value.months: So large a number does not fit here. "
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
    later = f"[[rule.from]]\ndate = {data.draw(VALUES)}\nvalue = {data.draw(VALUES)}\n{SOURCE}\n"
    try:
        scheme = load_scheme((text + later).encode(), path="s.toml")
    except SchemeProblems as refused:
        assert refused.problems  # noqa: PT017 - either outcome is right, a crash is not
        assert all(p.message for p in refused.problems)  # noqa: PT017
    else:
        assert scheme.rules
