"""Monthly statements: one table a party for programs, and the same for people to read."""

from dataclasses import astuple, fields

from jinja2 import Environment, PackageLoader, StrictUndefined

from evernormal.domain.policy import Unit
from evernormal.formats.books.monthly.lines import MonthLine, month_lines
from evernormal.formats.books.rows import YearBooks
from evernormal.formats.books.tables import encode_table
from evernormal.formats.intake.year_input import YearInput
from evernormal.locale import LANGS, Lang, words

__all__ = ["MONTHLY_FOLDER", "MonthLine", "encode_monthly", "month_lines"]

MONTHLY_FOLDER = "monthly-statements"

_AMOUNTS = [field.name for field in fields(MonthLine)][1:]


def encode_monthly(books: YearBooks, *, year: YearInput, unit: Unit = Unit.CNY) -> dict[str, bytes]:
    """The months of every applicant and provider to whom something was posted or charged.

    unit     what the scheme counts in
    returns  bytes by file name `monthly-statements/<party>.csv` and `.html`
    source   docs/reference/output-folder.md
    """
    environment = Environment(
        loader=PackageLoader("evernormal.formats.books.monthly"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    template = environment.get_template("monthly.html.j2")
    parties = {decision.applicant_id for decision in books.decisions}
    parties |= {decision.provider_id for decision in books.decisions}
    files = {}
    for party in sorted(parties):
        lines = month_lines(books, party)
        if not lines:
            continue
        pages = [_page(lang, lines, party, year=year, unit=unit) for lang in LANGS]
        files[f"{MONTHLY_FOLDER}/{party}.csv"] = encode_table(MonthLine, lines, unit=unit)
        files[f"{MONTHLY_FOLDER}/{party}.html"] = template.render(pages=pages).encode("utf-8")
    return files


def _page(
    lang: Lang, lines: list[MonthLine], party: str, *, year: YearInput, unit: Unit
) -> dict[str, object]:
    """All that the template shows in one language."""
    say = words(lang, unit=unit.value).say
    known = year.applicants.get(party) or year.providers[party]
    return {
        "lang": "zh-Hans" if lang == "zh_Hans" else "en",
        "title": say("monthly.title"),
        "party": say("monthly.party", name=known.name, id=party),
        "programme": say("monthly.programme", id=year.programme.id, year=year.programme.year),
        "unit": say("monthly.unit"),
        "month": say("monthly.month"),
        "groups": [
            (say("monthly.vouchers"), 6),
            (say("monthly.charges"), 4),
            (say("monthly.owed"), 5),
        ],
        "heads": [say(f"monthly.{name.removesuffix('_fen')}") for name in _AMOUNTS],
        "rows": [
            [line.month, *(say("monthly.amount", fen=fen) for fen in astuple(line)[1:])]
            for line in lines
        ],
        "notes": [
            say("monthly.note_vouchers"),
            say("monthly.note_charges"),
            say("monthly.note_owed"),
        ],
    }
