"""What `run` and `serve` begin with: the files of a year and its rules, or every problem."""

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from evernormal.cli.screen import fail
from evernormal.connectors.folder import read_folder
from evernormal.domain.errors import DomainError
from evernormal.domain.market import PriceList
from evernormal.domain.policy import Scheme
from evernormal.formats.clearing_round import with_rounds
from evernormal.formats.intake import InputProblems, Problem, read_year
from evernormal.formats.intake.folder import SCHEME_TOML
from evernormal.formats.intake.year_input import YearInput
from evernormal.locale import Lang, words
from evernormal.schemes import SchemeProblems, load_scheme, read_library_scheme


def read_input(folder: Path) -> YearInput:
    """Read the folder of a programme year, or end with every problem."""
    try:
        year = read_year(read_folder(folder))
        return with_rounds(year, prices=PriceList(year.prices, year.exchange_rates))
    except InputProblems as refusal:
        demand_none(refusal.problems, folder)
        raise


def scheme_of(year: YearInput) -> tuple[Scheme, bytes]:
    """The rules that the year names: the folder's own, or the library's."""
    if year.programme.scheme_id != SCHEME_TOML:
        try:
            return read_library_scheme(year.programme.scheme_id)
        except DomainError as refusal:
            fail(f"programme.toml: {refusal} Nothing was written.")
    own = year.files.get(SCHEME_TOML)
    if own is None:
        fail(f"programme.toml names {SCHEME_TOML}, which the folder lacks. Nothing was written.")
    try:
        return load_scheme(own, path=SCHEME_TOML), own
    except SchemeProblems as refusal:
        fail(f"{refusal}\nNothing was written.")


def refuse(refusal: DomainError, lang: Lang) -> NoReturn:
    """End with a refusal in words."""
    fail(f"{refusal.code}: {words(lang).refusal(refusal)}")


def demand_none(problems: Sequence[Problem], folder: Path) -> None:
    """End with every problem, one a line, when there are any."""
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        fail(f"{count} in {folder}. Nothing was written.")
