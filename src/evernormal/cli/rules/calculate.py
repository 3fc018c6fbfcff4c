"""`evernormal rules calculate`: what an applicant would get, before applying."""

from pathlib import Path

import click

from evernormal.cli.rules.facts_argument import fact_option, facts_option, own_facts, work_case
from evernormal.cli.rules.language import lang_option
from evernormal.cli.rules.no_amount import fail_without_amount
from evernormal.cli.rules.scheme_argument import find_scheme, load_or_fail
from evernormal.domain.policy import UnknownRule
from evernormal.formats.explanation import as_text
from evernormal.formats.explanation.assessment import explanation_of, tell
from evernormal.locale import Lang, words


@click.command()
@click.argument("scheme")
@facts_option
@fact_option
@lang_option
def calculate(
    scheme: str, facts_path: Path | None, fact_words: tuple[str, ...], lang: Lang
) -> None:
    """Work out what an applicant would get under SCHEME, before applying.

    Tells every condition that fails with its clause, the amount step by step, what bound, and
    what would change it.
    """
    loaded = load_or_fail(find_scheme(scheme))
    facts = own_facts(facts_path, fact_words)
    say = words(lang, loaded.unit.value)
    try:
        worked = work_case(loaded, facts, name="")
    except UnknownRule as refusal:
        fail_without_amount(loaded, refusal, facts, say)
    told = explanation_of(tell(worked, say), say, is_short=True)
    click.echo(as_text(told, say), nl=False)
