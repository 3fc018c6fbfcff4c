"""`evernormal rules what-if`: what a scheme would do with a population."""

from pathlib import Path
from typing import Literal

import click

from evernormal.cli.rules.language import lang_option
from evernormal.cli.rules.named_population import read_applications
from evernormal.cli.rules.no_amount import say_without_amount
from evernormal.cli.rules.scheme_argument import find_scheme, load_or_fail
from evernormal.cli.rules.what_if_files import (
    AWARDS_FILE,
    CURVE_FILE,
    SUMMARY_FILE,
    summary_bytes,
    summary_of,
    tables_of,
)
from evernormal.cli.rules.what_if_text import tell_what_if
from evernormal.cli.screen import console, fail
from evernormal.connectors.output_folder import write_files
from evernormal.domain.errors import DomainError
from evernormal.domain.policy import Scheme, Shortage, ShortageRule, UnknownRule
from evernormal.domain.values import Fen
from evernormal.formats.spend_plot import SpendPoint, draw_spend
from evernormal.locale import Lang, words
from evernormal.simulator import PotChoice, WhatIf
from evernormal.simulator import what_if as simulate

PLOT_FILES = ("spend.svg", "spend.png")
_OWN = {AWARDS_FILE, CURVE_FILE, SUMMARY_FILE, *PLOT_FILES}


@click.command("what-if")
@click.argument("scheme")
@click.argument("population", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--pot", metavar="AMOUNT", help="Each year's pot, in place of the scheme's.")
@click.option(
    "--shortage",
    type=click.Choice([shortage.value for shortage in Shortage]),
    help="How a pot that is too small is shared, in place of the scheme's rule.",
)
@click.option("--seed", default="", help="Published seed of the draw, where one is drawn.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for awards.csv, curve.csv, summary.json, spend.svg and spend.png.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="What is printed: words and tables, or the summary as JSON.",
)
@lang_option
def what_if(  # noqa: PLR0913 - the command's own options
    *,
    scheme: str,
    population: Path,
    pot: str | None,
    shortage: str | None,
    seed: str,
    out: Path | None,
    form: Literal["text", "json"],
    lang: Lang,
) -> None:
    """Say what SCHEME would do with the applications in POPULATION, a CSV file.

    The columns of POPULATION are in examples/population/README.md. Nothing is drawn by chance:
    the same files give the same answer, and with --out the same bytes.
    """
    loaded = load_or_fail(find_scheme(scheme))
    say = words(lang, loaded.unit.value)
    applications = read_applications(population)
    choice = _choice(pot, shortage, seed)
    if out is not None:
        _demand_free(out)
    try:
        found = simulate(loaded, applications, choice)
        if out is not None:
            write_files(out, _files(found, loaded, lang), last=SUMMARY_FILE)
    except UnknownRule as refusal:
        first = min(application.applied_on for application in applications)
        fail(say_without_amount(loaded, refusal, first, say))
    except DomainError as refusal:
        fail(f"{refusal.code}: {say.refusal(refusal)}")
    if form == "json":
        click.echo(summary_bytes(summary_of(found, loaded)), nl=False)
        return
    tell_what_if(found, loaded, say)
    if out is not None:
        console.print()
        console.print(say.say("what_if.written", folder=str(out), files=" ".join(sorted(_OWN))))


def _choice(pot: str | None, shortage: str | None, seed: str) -> PotChoice:
    try:
        amount = None if pot is None else Fen.from_yuan(pot)
    except DomainError as refusal:
        fail(f"--pot: {refusal}")
    rule = None if shortage is None else ShortageRule(Shortage(shortage))
    return PotChoice(amount=amount, shortage=rule, seed=seed)


def _demand_free(folder: Path) -> None:
    """Nobody's files are mixed with ours: the folder is new, empty, or holds an earlier answer."""
    if folder.is_dir():
        strange = sorted({path.name for path in folder.iterdir()} - _OWN)
        if strange:
            fail(f"{folder} holds {strange[0]}, which is not from what-if. Name another folder.")


def _files(found: WhatIf, scheme: Scheme, lang: Lang) -> dict[str, bytes]:
    """Every file by its name."""
    points = [
        SpendPoint(
            on=day.on,
            asked=day.asked_so_far.amount,
            granted=day.granted_so_far.amount,
            released=None if day.released is None else day.released.amount,
        )
        for year in found.years
        for day in year.days
    ]
    exhausted = tuple(year.exhausted_on for year in found.years if year.exhausted_on is not None)
    svg, png = PLOT_FILES
    plot = draw_spend(points, title=scheme.title, exhausted_on=exhausted)
    return {
        **tables_of(found, scheme),
        SUMMARY_FILE: summary_bytes(summary_of(found, scheme)),
        svg: plot.svg(words(lang, scheme.unit.value)),
        # The font that matplotlib always has holds no Chinese, so the picture speaks English.
        png: plot.png(words("en", scheme.unit.value)),
    }
