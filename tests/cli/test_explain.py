"""`evernormal explain`: every id that stands in the books is told, in both languages."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evernormal.formats.explanation import Explainer, Trail, as_text, view_of
from evernormal.locale import Lang, words
from evernormal.schemes import load_scheme
from tests.cli import forging
from tests.life.shelf import LOG, SCHEME, YEARS, Books, Shelf, evernormal, transfers_of

LANGUAGES: tuple[Lang, ...] = ("en", "zh_Hans")


def holds(books: Books) -> Iterator[str]:
    """Every hold: the n-th HOLD transfer of an order, or of a contract without orders."""
    counts: dict[str, int] = {}
    for act in books.acts:
        for transfer in transfers_of(act):
            if transfer["code"] == "HOLD":
                order = str(act.facts.get("order") or act.facts["contract"])
                counts[order] = counts.get(order, 0) + 1
                yield f"H-{order}-{counts[order]}"


def identifiers(books: Books) -> dict[str, list[str]]:
    """Every id of every kind that docs/reference/command-line.md names."""
    claims = books.rows("claims.csv")
    return {
        "decision": [r["decision_id"] for r in books.rows("decisions.csv")],
        "contract": [r["contract_id"] for r in books.rows("decisions.csv")],
        "award": [r["award_id"] for r in books.rows("decisions.csv")],
        "voucher": [r["voucher_id"] for r in books.rows("vouchers.csv")],
        "hold": list(holds(books)),
        "charge": [r["charge_id"] for r in books.rows("charges.csv")],
        "claim": [r["claim_id"] for r in claims],
        "payment": [f"P-{r['claim_id']}" for r in claims if r["batch_id"]],
        "batch": sorted({r["batch_id"] for r in claims if r["batch_id"]}),
        "account": [r["account_id"] for r in books.rows("accounts.csv")],
        "transfer": [r["transfer_id"] for r in books.rows("journal.csv")],
        "statement": [
            row["reference"]
            for path in books.files
            if path.startswith("statements/")
            for row in books.rows(path)
        ],
    }


def explainer(books: Books, lang: Lang) -> Explainer:
    scheme = view_of(load_scheme(books.files[SCHEME], path=SCHEME))
    return Explainer(trail=Trail(books.acts), scheme=scheme, words=words(lang))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("year", YEARS)
def test_every_identifier_in_the_books_is_told(year: str, lang: Lang, shelf: Shelf) -> None:
    books = shelf.of(year)
    told = explainer(books, lang)
    known = identifiers(books)
    empty = {kind for kind, ids in known.items() if not ids}
    expected = {"nanning-2025": {"voucher", "hold", "charge"}, "beijing-2023": {"charge"}}

    assert empty == expected.get(year, set())
    for ids in known.values():
        for identifier in ids:
            title, *lines = as_text(told.explain(identifier), words(lang)).splitlines()
            assert identifier in title
            assert any(line.strip() for line in lines), identifier
            assert not [line for line in lines if "{" in line or "}" in line], identifier


def rules_of(books: Books) -> dict[str, Any]:
    scheme = tomllib.loads(books.files[SCHEME].decode())
    return {rule["id"]: rule for rule in scheme["rule"]}


def sources_of(books: Books) -> dict[str, Any]:
    scheme = tomllib.loads(books.files[SCHEME].decode())
    return {source["id"]: source for source in scheme["source"]}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("year", YEARS)
def test_a_decision_cites_the_clause_of_what_failed_and_of_what_bound(
    year: str, lang: Lang, shelf: Shelf
) -> None:
    books = shelf.of(year)
    told, rules, sources = explainer(books, lang), rules_of(books), sources_of(books)
    for row in books.rows("decisions.csv"):
        said = as_text(told.explain(row["decision_id"]), words(lang))
        cited = [*row["failed_rules"].split(), *({row["limb"]} & rules.keys())]
        assert cited or row["limb"] == "match"
        for rule_id in cited:
            rule = rules[rule_id]
            spoken = "en" if lang == "en" else "zh"
            value = rule["from"][0]
            assert [
                line
                for line in said.splitlines()
                if value["clause"][spoken] in line and rule["label"][spoken] in line
            ], (row["decision_id"], rule_id)
            assert said.count(sources[value["source"]]["title"][spoken]) == 1


def test_the_program_tells_in_the_language_that_is_asked_for(beijing: Books) -> None:
    said = {
        lang: evernormal("explain", "D-BJ2023-001", "--in", beijing.folder, "--lang", lang)
        for lang in LANGUAGES
    }

    assert {lang: (done.returncode, done.stderr) for lang, done in said.items()} == {
        "en": (0, ""),
        "zh_Hans": (0, ""),
    }
    for lang, done in said.items():
        assert done.stdout.strip() == beijing.explain("D-BJ2023-001", lang).strip()
    assert said["en"].stdout != said["zh_Hans"].stdout


def test_without_a_folder_every_year_below_out_is_searched(guizhou: Books, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "gz").symlink_to(guizhou.folder)

    done = evernormal("explain", "B-20260424", cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == guizhou.explain("B-20260424").strip()


def test_an_identifier_that_is_not_there_is_refused_with_the_nearest(nanning: Books) -> None:
    done = evernormal("explain", "D-NN-0001", "--in", nanning.folder)

    assert (done.returncode, done.stdout) == (1, "")
    assert "'D-NN-0001'" in done.stderr
    assert "D-NN-001" in done.stderr.split("Nearest: ")[1]


@pytest.mark.parametrize("arguments", [("--in", "empty"), ()])
def test_a_folder_without_books_is_refused(arguments: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    done = evernormal("explain", "D-NN-001", *arguments, cwd=tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1


def test_every_year_that_knows_the_identifier_is_told_under_its_name(
    nanning: Books, beijing: Books, tmp_path: Path
) -> None:
    for name, books in (("a", nanning), ("b", beijing), ("c", nanning)):
        forging.write(books.files, tmp_path / "out" / name)
    told = nanning.explain("D-NN-001").strip()

    done = evernormal("explain", "D-NN-001", cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.split("== out/c ==\n")
    assert first.strip() == f"== out/a ==\n{told}"
    assert second.strip() == told


def test_a_log_that_does_not_hold_is_not_told_from(nanning: Books, tmp_path: Path) -> None:
    changed = nanning.files[LOG].replace(b'"reason":"ENTITLED', b'"reason":"entitled', 1)
    folder = forging.write({**nanning.files, LOG: changed}, tmp_path / "out" / "bad")
    forging.write(nanning.files, tmp_path / "out" / "good")

    alone = evernormal("explain", "D-NN-001", "--in", folder)
    among = evernormal("explain", "D-NN-001", cwd=tmp_path)

    assert changed != nanning.files[LOG]
    assert (alone.returncode, alone.stdout) == (1, "")
    assert alone.stderr.startswith(f"{folder}: does not hold. {LOG}:")
    assert (among.returncode, among.stdout.strip()) == (1, nanning.explain("D-NN-001").strip())
    assert among.stderr.startswith(f"out/bad: does not hold. {LOG}:")
