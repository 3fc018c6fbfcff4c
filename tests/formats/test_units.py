"""Books of schemes that count in other money, or in kind: words, columns, checks, the report."""

import csv
import io
import re
from dataclasses import replace

import pytest

from evernormal.domain.ledger import AccountKind, Books, Phase, Transfer, TransferCode
from evernormal.domain.policy import Scheme, Settlement, Unit
from evernormal.formats.books.checking import DoesNotHold, check_books
from evernormal.formats.books.report import render_report
from evernormal.formats.books.rows import (
    AccountRow,
    ChargeRow,
    TransferRow,
    VoucherRow,
    YearBooks,
)
from evernormal.formats.books.statements import StatementLine
from evernormal.formats.books.tables import encode_table
from evernormal.locale import LANGS, Lang, words
from tests.formats.sample_books import sample_books
from tests.formats.sample_scheme import SCHEME
from tests.formats.sample_year import sample_input
from tests.formats.test_report import Page

IN_KIND = replace(SCHEME, settlement=Settlement.IN_KIND, unit=Unit.CARD_HOUR)
UNPAID = {TransferCode.APPROVE.value, TransferCode.PAY.value}


def books_in_kind() -> YearBooks:
    """The sample year as it is when use is counted off and nothing is claimed or paid."""
    books = sample_books()
    journal = tuple(t for t in books.journal if t.code not in UNPAID)
    return replace(books, claims=(), batches=(), journal=journal)


def page_of(books: YearBooks, scheme: Scheme) -> Page:
    year = sample_input()
    year = replace(year, programme=replace(year.programme, unit=scheme.unit))
    return Page(render_report(books, year=year, scheme=scheme).decode("utf-8"))


# --- Words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
def test_every_unit_has_a_word(lang: Lang) -> None:
    said = {words(lang, unit=unit.value).say("report.cell.yuan", fen=250) for unit in Unit}

    assert len(said) == len(Unit)
    assert all(text.startswith("2.50 ") for text in said)


def test_words_without_a_unit_are_those_of_yuan() -> None:
    assert words("en").say("report.cell.yuan", fen=250) == "2.50 yuan"
    assert words("en", unit="EUR").say("report.flow.unit") == "In euros."
    assert words("zh_Hans", unit="CARD_HOUR").say("report.flow.unit") == "单位：卡时。"


def test_support_in_kind_has_words_of_its_own_and_money_keeps_its_own() -> None:
    assert words("zh_Hans", unit="USD").word("report.tile", "pot") == "资金总额"
    assert words("zh_Hans", unit="CREDIT").word("report.tile", "pot") == "资源总量"


# --- Columns --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "column"),
    [
        (Unit.CNY, "amount_yuan"),
        (Unit.EUR, "amount_eur"),
        (Unit.KRW, "amount_krw"),
        (Unit.CARD_HOUR, "amount_card_hours"),
        (Unit.CREDIT, "amount_credits"),
    ],
)
def test_a_column_of_amounts_says_what_it_counts(unit: Unit, column: str) -> None:
    charge = sample_books().charges[0]
    table = encode_table(ChargeRow, [charge], unit=unit).decode("utf-8")
    [row] = csv.DictReader(io.StringIO(table, newline=""))

    assert row[column] == f"{charge.amount_fen // 100}.{charge.amount_fen % 100:02d}"
    assert row["used_seconds"] == str(charge.used_seconds)
    assert "_fen" not in table


def test_a_table_without_a_unit_is_in_yuan() -> None:
    header = encode_table(StatementLine, []).decode("utf-8").strip().split(",")

    assert header[-1] == "owed_to_party_yuan"


def files_of(unit: Unit, *, captured: int = 0) -> dict[str, bytes]:
    """The three tables of one voucher of 2.50, with what was captured of it as claimed."""
    account = f"{AccountKind.VOUCHER.value}:V-1"
    books, rows = Books(), []
    moves = (
        ("TREASURY", "POT", TransferCode.APPROPRIATE),
        ("POT", "AWARD:A-1", TransferCode.AWARD),
        ("AWARD:A-1", account, TransferCode.ISSUE),
    )
    for number, (debit, credit, code) in enumerate(moves, start=1):
        for name in (debit, credit):
            books.open_account(name, AccountKind(name.split(":")[0]))
        on = sample_input().programme.opens_on
        books.post([Transfer(f"T{number}", debit, credit, 250, Phase.SINGLE, code, on, None)])
        rows.append(
            TransferRow(
                number, f"T{number}", on, debit, credit, 250, "SINGLE", code.value, "", "open"
            )
        )
    voucher = replace(
        sample_books().vouchers[0],
        voucher_id="V-1",
        face_fen=250,
        available_fen=250,
        held_fen=0,
        captured_fen=captured,
        lapsed_fen=0,
    )
    accounts = [
        AccountRow(
            a.id,
            a.kind.value,
            a.debits_pending,
            a.debits_posted,
            a.credits_pending,
            a.credits_posted,
        )
        for a in books.accounts.values()
    ]
    return {
        "journal.csv": encode_table(TransferRow, rows, unit=unit),
        "accounts.csv": encode_table(AccountRow, accounts, unit=unit),
        "vouchers.csv": encode_table(VoucherRow, [voucher], unit=unit),
    }


@pytest.mark.parametrize("unit", [Unit.CNY, Unit.USD, Unit.CARD_HOUR, Unit.CREDIT])
def test_books_of_every_unit_are_checked_from_their_files(unit: Unit) -> None:
    check_books(files_of(unit), unit=unit)
    with pytest.raises(DoesNotHold, match=r"vouchers\.csv:2: face is not"):
        check_books(files_of(unit, captured=1), unit=unit)


# --- The report -----------------------------------------------------------------------------------


def test_a_report_in_another_currency_speaks_of_that_currency_only() -> None:
    page = page_of(sample_books(), replace(SCHEME, unit=Unit.EUR))
    english, chinese = " ".join(page.texts["en"]), " ".join(page.texts["zh-Hans"])

    assert "were granted 3,600,000.00 euros in all" in english
    assert "yuan" not in english
    assert "金额合计 3,600,000.00 欧元" in chinese
    assert not re.search("[0-9…] 元", chinese)


def test_a_report_in_kind_knows_no_money() -> None:
    page = page_of(books_in_kind(), IN_KIND)
    english, chinese = " ".join(page.texts["en"]), " ".join(page.texts["zh-Hans"])

    assert "were granted 3,600,000.00 card-hours in all" in english
    assert "The support is in kind: nothing was paid." in english
    for word in ("yuan", "Claims", "Payments", "payment batch", "Paid", "Co-pay", "treasury"):
        assert word not in english, word
    for word in ("元", "资金总额", "兑付申请 ", "拨付日期", "已拨付", "自付", "费用"):
        assert word not in chinese, word
    assert "资源总量" in chinese


def test_in_kind_what_was_used_and_what_is_left_make_the_pot() -> None:
    books = books_in_kind()
    page = page_of(books, IN_KIND)
    used = sum(v.captured_fen for v in books.vouchers)
    committed = 360_000_000 - 19_400_000 - used
    say = words("en", unit="CARD_HOUR").say

    assert any(
        f"By the close of the books {say('report.cell.yuan', fen=used)}" in text
        for text in page.texts["en"]
    )
    assert (
        say("report.summary.left", free_fen=19_400_000, committed_fen=committed)
        in (page.texts["en"])
    )


def test_the_parts_of_a_report_in_kind_are_numbered_without_a_gap() -> None:
    page = page_of(books_in_kind(), IN_KIND)
    texts = page.texts["en"]
    first = [texts[at + 1] for at, text in enumerate(texts) if text == "6"]

    assert page.tags["en"] == page.tags["zh-Hans"]
    assert page.tags["en"].count("h2") == 9
    assert "Providers and applicants" in first
    assert {link[1:] for link in page.links} <= set(page.ids)
