"""What a cell may hold, and what is said about the other ways of writing it."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evernormal.domain.policy import CostCategory
from evernormal.domain.values import Fen, Uscc
from evernormal.formats.intake.columns import (
    APPLICANTS,
    CONTRACTS,
    INVOICES,
    TABLES,
    USAGE,
)
from evernormal.formats.intake.kinds import ACCOUNT, BANK_CODE, ID, NAME, OWNERS, USCC, WHOLE
from evernormal.formats.intake.kinds_money import MONEY, POSITIVE_MONEY
from evernormal.formats.intake.kinds_time import DAY, MOMENT
from evernormal.formats.intake.sheet import read_sheet
from evernormal.formats.intake.table import Column, Table
from evernormal.formats.problems import PROBLEMS_MAX, InputProblems, Problem, Unreadable

WIDE = "\uff11\uff12\uff10\uff10"  # 1200 in digits of full width


@pytest.mark.parametrize(
    ("text", "code", "todo"),
    [
        ("1,200,000", "money.thousands", "Write 1200000.00."),
        ("1\uff0c200.5", "money.thousands", "Write 1200.50."),
        (WIDE, "cell.full_width", "Write 1200."),
        ("¥1200", "money.currency_sign", "Write 1200."),
        ("1200元", "money.currency_sign", "Write 1200."),
        ("CNY 1,200", "money.currency_sign", "Write 1200."),
        ("1.5万元", "money.ten_thousands", "Write 15000.00."),
        ("1.2E+06", "money.scientific", "Write 1200000.00."),
        ("-5", "money.negative", "Write the amount without a sign"),
        ("(5)", "money.negative", "Write the amount without a sign"),
        ("0.123", "money.decimals", "Write at most two decimals"),
        ("twelve", "money.form", "Write digits"),
        ("1 200", "money.form", "Write digits"),
        ("99999999999999", "money.form", "Write digits"),
    ],
)
def test_money_that_is_not_plain_digits_is_refused_with_what_to_write(
    text: str, code: str, todo: str
) -> None:
    with pytest.raises(Unreadable) as refusal:
        MONEY.read(text)
    assert refusal.value.code == code
    assert refusal.value.todo.startswith(todo)
    # Programmes count in other units too.
    assert "yuan" not in refusal.value.message


@given(st.integers(1, 10**14))
def test_money_is_read_to_the_fen(fen: int) -> None:
    assert POSITIVE_MONEY.read(Fen(fen).yuan) == Fen(fen)


def test_zero_is_money_but_not_positive() -> None:
    assert MONEY.read("0") == Fen(0)
    with pytest.raises(Unreadable) as refusal:
        POSITIVE_MONEY.read("0.00")
    assert refusal.value.code == "money.zero"


@pytest.mark.parametrize(
    ("text", "code", "todo"),
    [
        ("2025-02-30", "date.impossible", "The last day of that month is 2025-02-28."),
        ("2025-13-01", "date.impossible", "The month is from 01 to 12"),
        ("2025/3/1", "date.form", "Write 2025-03-01."),
        ("2025.03.01", "date.form", "Write 2025-03-01."),
        ("2025年3月1日", "date.form", "Write 2025-03-01."),
        ("2025-3-1", "date.form", "Write 2025-03-01."),
        ("2025-03-01 00:00:00", "date.form", "Write 2025-03-01."),
        ("20250301", "date.form", "Write 2025-03-01."),
        ("20250230", "date.impossible", "The last day of that month is 2025-02-28."),
        ("45717", "date.serial", "Write 2025-03-01."),
        ("0925-03-01", "date.range", "Correct the year."),
        ("9999-12-31", "date.range", "Correct the year."),
        ("soon", "date.form", "Write year-month-day"),
    ],
)
def test_other_ways_to_write_a_day_are_refused_with_the_right_one(
    text: str, code: str, todo: str
) -> None:
    with pytest.raises(Unreadable) as refusal:
        DAY.read(text)
    assert refusal.value.code == code
    assert refusal.value.todo.startswith(todo)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_an_iso_day_is_read(day: date) -> None:
    assert DAY.read(day.isoformat()) == day


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2025-03-01T08:00:00", "time.no_offset"),
        ("2025-03-01T08:00:00.5+08:00", "time.fraction"),
        ("0001-01-01T00:00:00+08:00", "date.range"),
        ("08:00", "time.form"),
    ],
)
def test_a_moment_needs_an_offset_and_whole_seconds(text: str, code: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        MOMENT.read(text)
    assert refusal.value.code == code


def test_a_moment_is_read_with_its_offset() -> None:
    expected = datetime(2025, 3, 1, tzinfo=UTC)
    assert MOMENT.read("2025-03-01T08:00:00+08:00") == expected
    assert MOMENT.read("2025-03-01T00:00:00Z") == expected


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("91350100M000100Y44", "the other 17 characters give 91350100M000100Y43"),
        ("91350100MO00100Y43", "is 91350100M000100Y43 meant?"),
        ("9I350100m000100y43", "is 91350100M000100Y43 meant?"),
        ("91350100M000100Y4", "Copy all 18 characters"),
        ("91350100V000100Y43", "no letters I O S V Z"),
    ],
)
def test_a_wrong_social_credit_code_is_refused_with_a_hint(text: str, hint: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        USCC.read(text)
    assert refusal.value.code == "uscc.wrong"
    assert hint in refusal.value.todo


def test_owners_are_codes_and_persons() -> None:
    assert OWNERS.read("91350100M000100Y43; person:a-1") == {"91350100M000100Y43", "person:a-1"}
    assert USCC.read("91350100M000100Y43") == Uscc("91350100M000100Y43")
    for text in ("a-1", "91350100M000100Y44", "person:", "person:a,person:b"):
        with pytest.raises(Unreadable):
            OWNERS.read(text)


@pytest.mark.parametrize("text", ["0", "-1", "1.0", "01", "1e3", "", "1000000000", WIDE])
def test_a_count_is_a_whole_number_above_zero(text: str) -> None:
    with pytest.raises(Unreadable):
        WHOLE.read(text)
    assert WHOLE.read("999999999") == 999_999_999


def test_an_id_leaves_room_for_what_is_made_of_it() -> None:
    longest = "C" * 22
    assert ID.read(longest) == longest
    assert len(f"CL-{longest}-20250301") <= 35
    for text in ("C" * 23, "", "-C", "合同1", "C 1", "C/1"):
        with pytest.raises(Unreadable):
            ID.read(text)


def test_account_numbers_that_a_spreadsheet_cut_are_recognised() -> None:
    for kind in (ACCOUNT, BANK_CODE):
        with pytest.raises(Unreadable, match="A spreadsheet cut it short"):
            kind.read("6.2222E+18")
    assert ACCOUNT.read("6222000100020003") == "6222000100020003"


def test_names_have_no_line_break_and_fit_the_payment_file() -> None:
    for text in ("a\nb", "a\u200bb", "甲" * 71):
        with pytest.raises(Unreadable):
            NAME.read(text)
    assert NAME.read("甲" * 70) == "甲" * 70


# --- CSV ------------------------------------------------------------------------------------------

TWO = Table(
    file="two.csv",
    en="",
    zh="",
    key=("id",),
    columns=(Column("id", ID, "id", ""), Column("note", NAME, "note", "", is_required=False)),
)


def read(text: str) -> tuple[list[tuple[int, dict[str, str]]], list[Problem]]:
    problems: list[Problem] = []
    sheet = read_sheet(text, file="two.csv", table=TWO, problems=problems)
    return [(row.line, dict(row.texts)) for row in sheet.rows], problems


def test_a_record_has_the_line_it_begins_on() -> None:
    rows, problems = read('id,note\na,"x, ""y"""\nb,"one\ntwo"\n\nc,\n')

    assert rows == [
        (2, {"id": "a", "note": 'x, "y"'}),
        (3, {"id": "b", "note": "one\ntwo"}),
        (6, {"id": "c", "note": ""}),
    ]
    assert [(p.line, p.code) for p in problems] == [(3, "text.invisible")]


def test_a_quote_that_never_ends_is_one_problem() -> None:
    rows, problems = read('id,note\na,"x\nb,y\nc,z\n')

    assert rows == []
    assert [(p.line, p.code) for p in problems] == [(2, "csv.quoting")]


def test_after_a_record_that_cannot_be_read_the_next_ones_are() -> None:
    rows, problems = read('id,note\na,"x"y\nb,y,z\nc,z\nc,z\n')

    assert [line for line, _ in rows] == [4, 5]
    assert [(p.line, p.code) for p in problems] == [
        (2, "csv.quoting"),
        (3, "csv.field_count"),
        (5, "row.repeated"),
    ]


def test_an_empty_file_and_a_header_alone() -> None:
    assert [p.code for p in read("")[1]] == ["csv.empty"]
    assert read("id,note\n") == ([], [])
    assert read("note,id\n")[1] == []
    assert [p.code for p in read("note\n")[1]] == ["column.missing"]


# --- Tables ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [*TABLES, USAGE], ids=lambda table: table.file)
def test_every_column_says_what_it_means_in_both_languages(table: Table) -> None:
    names = [column.name for column in table.columns]
    assert len(names) == len(set(names))
    assert set(table.key) <= set(names)
    assert all(c.en and c.zh and c.kind.en and c.kind.zh for c in table.columns)


def test_the_tables_have_the_columns_that_were_agreed() -> None:
    assert [c.name for c in APPLICANTS.columns if not c.is_required] == [
        "owners",
        "last_dishonesty_on",
        "sectors",
        "filings",
        "lists",
        "traits",
        "staff",
        "revenue_yuan",
        "group",
    ]
    assert [c.name for c in INVOICES.columns if not c.is_required] == ["claimed_on"]
    costs = [c.name for c in CONTRACTS.columns if c.name.endswith("_yuan")]
    assert costs == [f"{category.value.lower()}_yuan" for category in CostCategory]
    assert [t.file for t in TABLES if not t.is_required] == [
        "purchases.csv",
        "quotes.csv",
        "orders.csv",
        "order_changes.csv",
        "capacity.csv",
        "withdrawals.csv",
        "exchange_rates.csv",
        "upstream_awards.csv",
        "reports.csv",
        "extensions.csv",
    ]


def test_a_list_of_problems_has_an_end() -> None:
    many = [
        Problem("a.csv", line, None, "x", "Wrong.", "Right it.")
        for line in range(1, PROBLEMS_MAX + 11)
    ]

    listed = InputProblems(many).problems
    assert listed[:-1] == tuple(many[:PROBLEMS_MAX])
    assert listed[-1].message == "There are 10 more problems."
