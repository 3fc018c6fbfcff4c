"""`evernormal rules table`: every programme of the library once, as the docs have it."""

from evernormal.cli.rules.table import COLUMNS
from evernormal.schemes import list_schemes, read_library_scheme
from tests.architecture.tree import ROOT
from tests.cli.commands import rules

PAGE = ROOT / "docs" / "reference" / "programmes.md"


def rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_page_in_the_docs_is_the_one_that_is_printed() -> None:
    printed = rules("table")

    assert (printed.code, printed.err) == (0, "")
    assert PAGE.read_text(encoding="utf-8") == printed.out, (
        "Write it again: evernormal rules table > docs/reference/programmes.md"
    )


def test_every_scheme_has_its_row_in_both_languages() -> None:
    for lang in ("en", "zh_Hans"):
        head, rule, *found = rows(rules("table", "--lang", lang).out)
        titles = [read_library_scheme(name)[0].title for name in list_schemes()]

        assert len(head) == len(COLUMNS)
        assert set(rule) == {"---"}
        assert [row[0] for row in found] == [f"`{name}`" for name in list_schemes()]
        assert [row[1] for row in found] == [t.en if lang == "en" else t.zh for t in titles]
        assert all(len(row) == len(COLUMNS) and all(row) for row in found)


def test_what_is_not_stated_and_what_is_assumed_is_marked() -> None:
    table = {row[0]: row for row in rows(rules("table").out)}
    beijing, hangzhou = table["`cn/beijing/2023`"], table["`cn/hangzhou/2024`"]

    assert beijing[2:8] == [
        "up to 20 %",
        "2,000,000 yuan (the firm's year)",
        "not stated",
        "–",
        "A",
        "the applicant",
    ]
    assert hangzhou[6] == r"A \*"
    assert hangzhou[8] == "Domestic facilities"
