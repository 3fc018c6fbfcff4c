"""focus.csv of the examples: the published validator passes it, and it says what the books say."""

import csv
import io
import re
import subprocess
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from evernormal.formats.focus_structure import focus_problems
from evernormal.formats.meters.focus_usage import FocusTable, read_focus_usage
from tests.life.shelf import MODES, YEARS, Books, Shelf

ROOT = Path(__file__).parents[2]
CHECK = ROOT / "tools" / "focus_validator" / "check.sh"
PAGE = ROOT / "docs" / "reference" / "focus.md"
CHARGED = ("guizhou-2026", "mode-f-discount")
"""The examples in money whose orders are charged by the meter."""
CANNOT_INSTALL = 3


def focus_of(books: Books) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(books.files["focus.csv"].decode(), newline="")))


def validated(path: Path) -> "subprocess.CompletedProcess[str]":
    """Run the published validator in its own environment, made the first time."""
    done = subprocess.run([CHECK, path], capture_output=True, encoding="utf-8", check=False)
    if done.returncode == CANNOT_INSTALL:
        pytest.skip("the package focus-validator cannot be installed here")
    return done


@pytest.mark.one_database
@pytest.mark.parametrize("year", CHARGED)
def test_the_published_validator_passes_it(year: str, shelf: Shelf) -> None:
    done = validated(shelf.of(year).folder / "focus.csv")

    assert done.stdout.strip().endswith("Validation succeeded."), done.stdout + done.stderr
    assert done.returncode == 0


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (",CNY,", ",Renminbi,"),
        (",Usage-Based,", ",Always,"),
        ("T16:00:00Z", ""),
        (",Compute,", ",Computing,"),
        ("SkuPriceId", "PriceId"),
    ],
)
def test_the_published_validator_finds_what_is_wrong(
    right: str, wrong: str, shelf: Shelf, tmp_path: Path
) -> None:
    text = shelf.of("guizhou-2026").files["focus.csv"].decode()
    assert right in text
    path = tmp_path / "focus.csv"
    path.write_text(text.replace(right, wrong), encoding="utf-8")

    done = validated(path)

    assert "Validation failed!" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize("year", CHARGED)
def test_it_keeps_the_rules_of_1_2(year: str, shelf: Shelf) -> None:
    assert focus_problems(shelf.of(year).files["focus.csv"], file="focus.csv") == []


@pytest.mark.parametrize("year", CHARGED)
def test_each_charge_is_told_once_with_its_voucher_and_award(year: str, shelf: Shelf) -> None:
    books = shelf.of(year)
    charges = {row["charge_id"]: row for row in books.rows("charges.csv")}
    vouchers = {row["voucher_id"]: row["award_id"] for row in books.rows("vouchers.csv")}
    usage = [row for row in focus_of(books) if row["ChargeCategory"] == "Usage"]
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for row in focus_of(books):
        paid[row["x_ChargeId"]] += Decimal(row["BilledCost"])

    assert [row["x_ChargeId"] for row in usage] == list(charges)
    for row in usage:
        charge = charges[row["x_ChargeId"]]
        assert row["BilledCost"] == charge["amount_yuan"]
        assert row["ConsumedQuantity"] == charge["used_seconds"]
        assert (row["x_VoucherId"], row["x_AwardId"]) == (charge["voucher_id"], charge["award_id"])
        assert vouchers[row["x_VoucherId"]] == row["x_AwardId"]
        assert f"{paid[row['x_ChargeId']]:.2f}" == charge["copay_yuan"]


@pytest.mark.parametrize("year", CHARGED)
def test_what_it_says_was_used_is_read_back_as_the_same_card_seconds(
    year: str, shelf: Shelf
) -> None:
    books = shelf.of(year)
    text = books.files["focus.csv"].decode()
    readings = read_focus_usage(text, FocusTable(file="focus.csv", cluster="c1"))
    used: Counter[tuple[str, str]] = Counter()
    for reading in readings.readings:
        seconds = int((reading.ends_at - reading.starts_at).total_seconds())
        used[reading.account, reading.card_type] += reading.cards * seconds
    charged: Counter[tuple[str, str]] = Counter()
    for row in books.rows("charges.csv"):
        charged[row["contract_id"], row["device_class"]] += int(row["used_seconds"])

    assert readings.problems == ()
    assert used == +charged


def test_only_years_that_charge_in_money_have_one(shelf: Shelf) -> None:
    with_focus = {year for year in (*YEARS, *MODES) if "focus.csv" in shelf.of(year).files}

    assert with_focus == set(CHARGED)


def test_the_page_lists_every_column_in_order(shelf: Shelf) -> None:
    header = shelf.of("guizhou-2026").files["focus.csv"].decode().split("\n")[0].split(",")
    documented = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert documented == header
