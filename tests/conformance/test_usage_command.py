"""`evernormal usage` tells what usage.csv adds up to."""

import csv
import io
import json
from collections import Counter
from datetime import datetime

import pytest

from tests.life.shelf import Books, Shelf, evernormal

EXAMPLE = "guizhou-2026"


@pytest.fixture
def guizhou(shelf: Shelf) -> Books:
    """Give books with their database beside them: the command reads it."""
    return shelf.on_sqlite(EXAMPLE)


def told(books: Books, *options: str) -> list[dict[str, str]]:
    done = evernormal("usage", books.folder, "--format", "csv", *options)
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout, newline="")))


def test_sums_are_those_of_the_readings_that_count(guizhou: Books) -> None:
    ours: Counter[tuple[str, str]] = Counter()
    everyone = 0
    for row in guizhou.rows("usage.csv"):
        everyone += int(row["card_seconds"])
        if row["contract_id"]:
            ours[row["contract_id"], row["device_class"]] += int(row["card_seconds"])
    found = told(guizhou, "--by", "contract,device_class")
    (whole,) = told(guizhou, "--with-others")

    assert {(r["contract"], r["device_class"]): int(r["card_seconds"]) for r in found} == dict(ours)
    assert int(whole["card_seconds"]) == everyone > ours.total()
    assert int(whole["records"]) == len(guizhou.rows("usage.csv"))


def test_a_voucher_is_its_contract_s(guizhou: Books) -> None:
    by_contract = {row["contract"]: row for row in told(guizhou, "--by", "contract")}
    by_voucher = {row["voucher"]: row for row in told(guizhou, "--by", "voucher")}

    assert {f"V-{name}": row["card_seconds"] for name, row in by_contract.items()} == {
        name: row["card_seconds"] for name, row in by_voucher.items()
    }
    one = told(guizhou, "--voucher", "V-GZ-01")
    assert [row["card_seconds"] for row in one] == [by_contract["GZ-01"]["card_seconds"]]


def test_days_and_jobs_are_those_asked_for(guizhou: Books) -> None:
    day = ("--from", "2026-03-24", "--to", "2026-03-25", "--voucher", "V-GZ-01")
    days = told(guizhou, "--by", "day", *day)
    jobs = told(guizhou, "--jobs", *day)
    ran = [
        row["job"]
        for row in guizhou.where("usage.csv", contract_id="GZ-01")
        if datetime.fromisoformat(row["starts_at"]) < datetime.fromisoformat("2026-03-25T00:00+08")
        and datetime.fromisoformat(row["ends_at"]) > datetime.fromisoformat("2026-03-24T00:00+08")
    ]

    assert [row["day"] for row in days] == ["2026-03-24"]
    assert sorted(row["job"] for row in jobs) == sorted(ran)


def test_it_prints_a_table_or_json(guizhou: Books) -> None:
    table = evernormal("usage", guizhou.folder, "--by", "provider").stdout
    rows = json.loads(evernormal("usage", guizhou.folder, "--by", "day", "--format", "json").stdout)

    assert "card_seconds" in table
    assert "P-GUIAN" in table
    assert rows[0]["day"] == min(row["day"] for row in rows)
    assert all(type(row["card_seconds"]) is int for row in rows)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--by", "colour"), 2, "There are voucher, applicant"),
        (("--jobs",), 2, "--jobs needs --from"),
        (("--from", "yesterday"), 2, "--from"),
    ],
)
def test_a_wrong_question_is_refused(
    options: tuple[str, ...], code: int, said: str, guizhou: Books
) -> None:
    done = evernormal("usage", guizhou.folder, *options)

    assert (done.returncode, said in done.stderr) == (code, True), done.stderr


def test_a_folder_without_a_run_is_refused(guizhou: Books) -> None:
    done = evernormal("usage", guizhou.folder / "payments")

    assert done.returncode == 1
    assert "holds no run's state" in done.stderr
