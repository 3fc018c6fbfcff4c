"""1. A programme year begins with published rules, a pot of money, and the office's files."""

import hashlib
import tomllib

import pytest

from tests.life.shelf import EXAMPLES, YEARS, Shelf

SCHEMES = EXAMPLES.parent / "schemes"


@pytest.mark.parametrize("year", YEARS)
def test_the_books_keep_the_rules_and_the_inputs_byte_for_byte(year: str, shelf: Shelf) -> None:
    books = shelf.of(year)
    programme = tomllib.loads(books.files["inputs/programme.toml"].decode())
    given = {
        f"inputs/{path.relative_to(EXAMPLES / year).as_posix()}": path.read_bytes()
        for path in (EXAMPLES / year).rglob("*")
        if path.is_file()
    }
    rules = (SCHEMES / programme["scheme"] / "scheme.toml").read_bytes()

    assert {p: data for p, data in books.files.items() if p.startswith("inputs/")} == given
    assert books.files["scheme/scheme.toml"] == rules


@pytest.mark.parametrize("year", YEARS)
def test_the_first_act_opens_the_pot_under_these_rules_on_these_files(
    year: str, shelf: Shelf
) -> None:
    books = shelf.of(year)
    programme = tomllib.loads(books.files["inputs/programme.toml"].decode())
    scheme = tomllib.loads(books.files["scheme/scheme.toml"].decode())
    first, opened = books.acts[0], books.facts("OPEN_PROGRAMME")

    assert (first.number, first.key, first.actor) == (
        1,
        "OPEN_PROGRAMME",
        programme["office"]["prepares"],
    )
    assert first.at.date() == programme["opens_on"]
    assert opened["scheme"] == scheme["id"] == programme["scheme"]
    inputs = {p: data for p, data in books.files.items() if p.startswith("inputs/")}
    assert {f"inputs/{p}": entry["sha256"] for p, entry in opened["inputs"].items()} == {
        path: hashlib.sha256(data).hexdigest() for path, data in inputs.items()
    }
    assert books.rows("journal.csv")[0] == {
        "number": "1",
        "transfer_id": "OPEN_PROGRAMME#1",
        "on": f"{programme['opens_on']}",
        "debit": "TREASURY",
        "credit": "POT",
        "amount_yuan": programme["pot"],
        "phase": "SINGLE",
        "code": "APPROPRIATE",
        "pending_id": "",
        "act_key": "OPEN_PROGRAMME",
    }
