"""The output folder is what docs/reference/output-folder.md says: files, columns, CSV form."""

import csv
import io
import re
from pathlib import Path

import pytest

from tests.life.shelf import YEARS, Shelf

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "output-folder.md").read_text()
TABLES = [f"{name}.csv" for name in ("decisions", "vouchers", "usage", "charges", "claims")]
TABLES += ["journal.csv", "accounts.csv"]


def documented_columns(path: str) -> set[str]:
    """The names in the first cells of the file's table, or in its prose where it has none."""
    section = PAGE.split(f"## `{path}`\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("|")]
    return set(re.findall(r"`([a-z_]+)`", " ".join(rows) or section))


@pytest.mark.parametrize("year", YEARS)
def test_every_file_is_documented_and_every_table_is_there(year: str, shelf: Shelf) -> None:
    named = re.findall(r"^\| `([^`]+)` \|", PAGE.split("\n## ", 1)[0], re.MULTILINE)
    forms = [re.escape(name).replace("<party>", ".+").replace("<batch>", ".+") for name in named]
    forms = [form.replace("…", ".+") for form in forms]
    files = shelf.of(year).files

    for path in files:
        assert any(re.fullmatch(form, path) for form in forms), path
    assert set(TABLES) <= set(files)


@pytest.mark.parametrize("path", TABLES)
@pytest.mark.parametrize("year", YEARS)
def test_the_columns_are_the_documented_ones(path: str, year: str, shelf: Shelf) -> None:
    header = shelf.of(year).files[path].decode().split("\n")[0].split(",")
    implied = {"account_id"} if path == "accounts.csv" else set()

    assert len(header) == len(set(header))
    assert set(header) - implied == documented_columns(path)


@pytest.mark.parametrize("year", YEARS)
def test_statements_have_the_documented_columns_and_one_file_a_party(
    year: str, shelf: Shelf
) -> None:
    books = shelf.of(year)
    parties = {r["applicant_id"] for r in books.rows("decisions.csv")}
    parties |= {r["provider_id"] for r in books.rows("decisions.csv")}
    paths = {path for path in books.files if path.startswith("statements/")}

    assert paths == {f"statements/{party}.csv" for party in parties}
    for path in paths:
        header = books.files[path].decode().split("\n")[0].split(",")
        assert set(header) == documented_columns("statements/<party>.csv")


@pytest.mark.parametrize("year", YEARS)
def test_tables_are_plain_utf8_with_line_feeds_and_money_with_two_decimals(
    year: str, shelf: Shelf
) -> None:
    books = shelf.of(year)
    ours = [p for p in books.files if p.endswith(".csv") and not p.startswith("inputs/")]
    assert len(ours) > len(TABLES)
    for path in ours:
        data = books.files[path]
        rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))
        assert not data.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in data
        assert data.endswith(b"\n")
        assert {len(row) for row in rows} == {len(rows[0])}
        for row in rows[1:]:
            for name, cell in zip(rows[0], row, strict=True):
                if "_yuan" in name:
                    assert re.fullmatch(r"-?\d+\.\d\d", cell), (path, name, cell)
                assert cell[:1] not in ("=", "+", "@"), (path, name, cell)
