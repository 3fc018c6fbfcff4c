"""The year's report: one HTML file in both languages, for the screen and for paper."""

import re

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from evernormal.domain.policy import Scheme
from evernormal.formats.books.report import tables
from evernormal.formats.books.report.figures import (
    APPLICANTS_DRAWN_MAX,
    Drawings,
    drawings,
    summary_of,
)
from evernormal.formats.books.report.flow import flow_of
from evernormal.formats.books.report.plots import is_pot_drawn
from evernormal.formats.books.report.tables import Reader, tone_of
from evernormal.formats.books.rows import YearBooks
from evernormal.formats.explanation import Explainer, Explanation, Trail, in_language
from evernormal.formats.intake.year_input import YearInput
from evernormal.locale import LANGS, words

__all__ = ["render_report"]

CARDS_MAX = 300
"""Applications set out step by step: each takes some 10 kB a language of a page to be opened."""

_CODE = re.compile(r"`([^`]+)`")


def render_report(books: YearBooks, *, year: YearInput, scheme: Scheme) -> bytes:
    """Write the report.

    books    the year's rows, in the order of its acts
    year     names, contracts and accounts; of an account only its last digits are shown
    scheme   the rules, with their clauses and sources
    returns  UTF-8 HTML that needs no network and no script; the same input, the same bytes
    source   docs/reference/report.md
    """
    unit = scheme.unit.value
    readers = {lang: Reader(words(lang, unit=unit), books, year, scheme) for lang in LANGS}
    trail, plots = Trail(books.acts), drawings(readers)
    environment = Environment(
        loader=PackageLoader("evernormal.formats.books.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["code"] = _with_code
    pages = {lang: _page(readers[lang], trail, plots) for lang in LANGS}
    text = environment.get_template("report.html.j2").render(pages=pages, languages=LANGS)
    return text.encode("utf-8")


def _page(reader: Reader, trail: Trail, plots: dict[str, Drawings]) -> dict[str, object]:
    """All that the template shows in one language."""
    lang, year, scheme, say = reader.words.lang, reader.year, reader.scheme, reader.words.say
    books, programme = reader.books, year.programme
    title = say("report.title", scheme=in_language(scheme.title, reader.words), year=programme.year)
    facts: dict[str, object] = {
        "lang": "zh-Hans" if lang == "zh_Hans" else "en",
        "prefix": lang,
        "say": say,
        "title": title,
        "issuer": in_language(scheme.issuer, reader.words),
        "office": programme.office.name,
        "settlement": reader.words.word("settlement", scheme.settlement.value),
        "period": say("report.period_of", first=programme.opens_on, last=programme.closes_on),
        "plots": {name: tuple(Markup(svg) for svg in by[lang]) for name, by in plots.items()},  # noqa: S704 - our own drawing, its words escaped
        "sections": _sections(reader),
        "flow_caption": _flow_caption(reader),
        "cards": _cards(reader, trail),
        "cards_shown": min(CARDS_MAX, len(books.decisions)),
        "cards_all": len(books.decisions),
        "applicants_all": len({d.applicant_id for d in books.decisions}),
        "applicants_shown": APPLICANTS_DRAWN_MAX,
        "log_size": books.acts[-1].number if books.acts else 0,
        "log_head": books.acts[-1].hash if books.acts else "",
        "example": books.decisions[0].contract_id if books.decisions else "POT",
    }
    return facts | _summary(reader) | _tables(reader) | _sources(reader)


def _flow_caption(reader: Reader) -> str:
    """What the first plot shows, and what it leaves out."""
    flow, say = flow_of(reader.books), reader.words.say
    sentences = [say("report.flow.caption"), say("report.flow.unit")]
    if not is_pot_drawn(flow):
        sentences.insert(1, say("report.flow.without_pot", pot_fen=flow.pot, free_fen=flow.free))
    return " ".join(sentences)


def _sections(reader: Reader) -> tuple[str, ...]:
    """The parts that this year has: in kind nothing is claimed or paid."""
    sections = (
        "summary",
        "money",
        "decisions",
        "vouchers",
        "use",
        "claims",
        "payments",
        "parties",
        "applications",
        "sources",
        "verify",
    )
    left_out = () if reader.pays_money else ("claims", "payments")
    return tuple(section for section in sections if section not in left_out)


def _summary(reader: Reader) -> dict[str, object]:
    """The sentences of what was decided, and the key figures."""
    summary, say = summary_of(reader.books), reader.words.say
    flow = summary.flow
    committed = summary.committed - (0 if reader.pays_money else flow.earned)
    sentences = [
        say(
            "report.summary.decided",
            applications=summary.applications,
            granted=summary.granted,
            refused=summary.applications - summary.granted,
            awarded_fen=flow.awarded,
            pot_fen=flow.pot,
        ),
        say(
            "report.summary.paid",
            paid_fen=flow.paid,
            used_fen=flow.earned,
            claims=summary.claims_paid,
            batches=summary.batches,
        ),
        say("report.summary.left", free_fen=flow.free, committed_fen=committed),
    ]
    if flow.awarded > flow.pot:
        sentences.append(say("report.summary.again", beyond_fen=flow.awarded - flow.pot))
    figures = {"pot": flow.pot, "awarded": flow.awarded}
    if flow.vouchers:
        figures |= {"vouchers": flow.vouchers, "reserved": flow.held}
    figures |= {"earned": flow.earned}
    if reader.pays_money:
        figures |= {"approved": flow.approved, "paid": flow.paid}
    figures |= {"free": flow.free}
    tiles = [
        (
            say(f"report.tile.{name}"),
            say("report.cell.money", fen=fen),
            say("report.tile.share", share=f"{fen}/{flow.pot}") if flow.pot else "",
        )
        for name, fen in figures.items()
    ]
    return {"sentences": sentences, "tiles": tiles}


def _tables(reader: Reader) -> dict[str, object]:
    return {
        "tables": {
            "decisions": tables.decisions(reader),
            "vouchers": tables.vouchers(reader),
            "orders": tables.orders(reader),
            "claims": tables.claims(reader),
            "payments": tables.payments(reader),
            "providers": tables.providers(reader),
            "applicants": tables.applicants(reader),
            "sources": tables.sources(reader),
        }
    }


def _sources(reader: Reader) -> dict[str, object]:
    """What is not verified, what is assumed, and what the source does not state."""
    say, sources = reader.words.say, [rule.versions[-1].source for rule in reader.scheme.rules]
    assumed = sum(source.is_assumed for source in sources)
    unverified = sum(not source.verified and not source.is_assumed for source in sources)
    sentences = []
    if unverified:
        sentences.append(say("report.source.unverified", count=unverified, all=len(sources)))
    elif not assumed:
        sentences.append(say("report.source.all_verified"))
    if assumed:
        sentences.append(say("report.source.assumed", count=assumed, all=len(sources)))
    return {
        "unverified": (" " if reader.words.lang == "en" else "").join(sentences),
        "has_unverified": unverified + assumed > 0,
        "unknown": [in_language(each.text, reader.words) for each in reader.scheme.unknown],
    }


def _cards(reader: Reader, trail: Trail) -> list[dict[str, object]]:
    """Each application with its explanation."""
    explainer = Explainer(trail=trail, scheme=reader.view, words=reader.words)
    return [
        {
            "contract": row.contract_id,
            "name": reader.name(row.applicant_id),
            "provider": reader.name(row.provider_id),
            "reason": reader.reason(row),
            "tone": tone_of(row),
            "awarded": reader.words.say("report.cell.yuan", fen=row.awarded_fen),
            "explanation": _explained(explainer, row.contract_id),
        }
        for row in reader.books.decisions[:CARDS_MAX]
    ]


def _explained(explainer: Explainer, contract_id: str) -> Explanation:
    return explainer.explain(contract_id)


def _with_code(text: str) -> Markup:
    """Words in `backquotes` set as code."""
    pieces = _CODE.split(text)
    marked = [
        Markup("<code>{}</code>").format(piece) if number % 2 else Markup("{}").format(piece)
        for number, piece in enumerate(pieces)
    ]
    return Markup("").join(marked)
