"""`evernormal rules explain`: a case worked clause by clause, as text, JSON or HTML."""

from pathlib import Path
from typing import Literal

import click

from evernormal.cli.rules.facts_argument import (
    fact_option,
    facts_of_case,
    facts_option,
    own_facts,
    work_case,
)
from evernormal.cli.rules.language import lang_option
from evernormal.cli.rules.no_amount import fail_without_amount
from evernormal.cli.rules.scheme_argument import find_scheme, load_or_fail
from evernormal.cli.screen import fail
from evernormal.domain.policy import UnknownRule
from evernormal.formats.explanation import as_text
from evernormal.formats.explanation.as_html import assessment_as_html
from evernormal.formats.explanation.as_json import assessment_as_json
from evernormal.formats.explanation.assessment import WorkedCase, explanation_of, tell
from evernormal.locale import Lang, Words, words

Layout = Literal["text", "json", "html"]


@click.command()
@click.argument("scheme")
@click.option("--case", "case_name", help="A worked case: its number from 1, or its name.")
@facts_option
@fact_option
@click.option(
    "--format",
    "layout",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    show_default=True,
    help="json holds both languages, html is one page that needs nothing else.",
)
@lang_option
def explain(  # noqa: PLR0913 - the command's own options
    scheme: str,
    *,
    case_name: str | None,
    facts_path: Path | None,
    fact_words: tuple[str, ...],
    layout: Layout,
    lang: Lang,
) -> None:
    """Explain a case under SCHEME: each step with its clause, inputs and formula.

    The case is one of the scheme's worked cases, or facts of one's own.
    """
    is_own = facts_path is not None or bool(fact_words)
    if (case_name is None) is not is_own:
        fail("Name a worked case with --case, or give facts with --facts or --fact; not both.")
    files = find_scheme(scheme)
    loaded = load_or_fail(files)
    name = ""
    if case_name is None:
        facts = own_facts(facts_path, fact_words)
    else:
        case = facts_of_case(files, case_name)
        name, facts = case.name, case.facts
    say = words(lang, loaded.unit.value)
    try:
        worked = work_case(loaded, facts, name=name)
    except UnknownRule as refusal:
        fail_without_amount(loaded, refusal, facts, say)
    click.echo(_written(worked, say, layout), nl=False)


def _written(worked: WorkedCase, say: Words, layout: Layout) -> str:
    match layout:
        case "json":
            return assessment_as_json(worked)
        case "html":
            return assessment_as_html(worked, say)
        case "text":
            return as_text(explanation_of(tell(worked, say), say), say)
