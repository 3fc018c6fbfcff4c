"""Monthly statements add up to the journal, by a reader that knows nothing but the files."""

import re
from collections import defaultdict
from decimal import Decimal

import pytest

from tests.life.shelf import MODES, YEARS, Books, Row, Shelf

UNITS = {"mode-g-in-kind": "card_hours", "mode-h-credits": "credits"}
OWED = ("owed_opening", "earned", "earned_back", "paid", "owed_closing")
NAMES = (
    *("voucher_opening", "issued", "captured", "given_back", "lapsed", "voucher_closing"),
    *("charge", "correction", "voucher", "copay"),
    *OWED,
)
PLACES = {"VOUCHER": "voucher", "ACCRUED": "owed", "PAYABLE": "owed"}
"""Kinds of accounts, and the balance of a statement that they make up."""
MONTHLY = re.compile(r"monthly-statements/(.+)\.csv")


def months_of(books: Books) -> dict[str, list[Row]]:
    found = ((MONTHLY.fullmatch(path), path) for path in books.files)
    return {match[1]: books.rows(path) for match, path in found if match}


def amount(row: Row, name: str, year: str) -> Decimal:
    return Decimal(row[f"{name}_{UNITS.get(year, 'yuan')}"])


@pytest.mark.parametrize("year", [*YEARS, *MODES])
def test_each_month_goes_on_where_the_last_ended_and_adds_up(year: str, shelf: Shelf) -> None:
    statements = months_of(shelf.of(year))
    assert statements
    for lines in statements.values():
        voucher, owed = Decimal(0), Decimal(0)
        for line in lines:
            of = {name: amount(line, name, year) for name in NAMES}
            assert (of["voucher_opening"], of["owed_opening"]) == (voucher, owed)
            voucher += of["issued"] - of["captured"] + of["given_back"] - of["lapsed"]
            owed += of["earned"] - of["earned_back"] - of["paid"]
            assert (of["voucher_closing"], of["owed_closing"]) == (voucher, owed)
            assert of["charge"] + of["correction"] == of["voucher"] + of["copay"]


@pytest.mark.parametrize("year", [*YEARS, *MODES])
def test_months_are_those_of_the_journal(year: str, shelf: Shelf) -> None:
    books = shelf.of(year)
    holder = {
        f"VOUCHER:{row['voucher_id']}": row["holder_id"] for row in books.rows("vouchers.csv")
    }
    moved: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    posted = [row for row in books.rows("journal.csv") if row["phase"] in ("SINGLE", "POST")]
    for row, side, sign in [(r, s, n) for r in posted for s, n in (("credit", 1), ("debit", -1))]:
        kind, _, owner = row[side].partition(":")
        if kind in PLACES:
            party = holder.get(row[side], owner)
            moved[party, row["on"][:7], PLACES[kind]] += sign * amount(row, "amount", year)
    told: dict[tuple[str, str, str], Decimal] = {}
    for party, lines in months_of(books).items():
        for line in lines:
            for place in ("voucher", "owed"):
                change = amount(line, f"{place}_closing", year)
                change -= amount(line, f"{place}_opening", year)
                told[party, line["month"], place] = change

    assert {key: value for key, value in told.items() if value} == {
        key: value for key, value in moved.items() if value
    }


@pytest.mark.parametrize("year", [*YEARS, *MODES])
def test_charges_stand_in_the_month_in_which_they_were_posted(year: str, shelf: Shelf) -> None:
    books = shelf.of(year)
    posted: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in books.rows("charges.csv"):
        for party in (row["applicant_id"], row["provider_id"]):
            posted[party, row["charged_on"][:7]] += amount(row, "amount", year)
    told = {
        (party, line["month"]): amount(line, "charge", year) + amount(line, "correction", year)
        for party, lines in months_of(books).items()
        for line in lines
    }

    assert {key: value for key, value in told.items() if value} == {
        key: value for key, value in posted.items() if value
    }


@pytest.mark.parametrize("year", [*YEARS, *MODES])
def test_people_read_the_same_amounts_in_both_languages(year: str, shelf: Shelf) -> None:
    books = shelf.of(year)
    for party, lines in months_of(books).items():
        page = books.files[f"monthly-statements/{party}.html"].decode("utf-8")
        halves = page.split("<section ")[1:]
        assert [half.split('"')[1] for half in halves] == ["zh-Hans", "en"]
        for half in halves:
            shown = [cell.replace(",", "") for cell in re.findall(r"<td>(.*?)</td>", half)]
            expected = [value for line in lines for name, value in line.items() if name != "month"]
            assert [Decimal(cell.replace("−", "-")) for cell in shown] == list(
                map(Decimal, expected)
            )
        assert "http" not in page
