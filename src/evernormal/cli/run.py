"""`evernormal run`: a folder in, the year's books out."""

import os
from pathlib import Path

import click
from rich.progress import BarColumn, Progress, TextColumn

from evernormal import clock
from evernormal.actions.desk import Desk
from evernormal.cli.database import sqlite_url, start_database
from evernormal.cli.opening import demand_none, read_input, refuse, scheme_of
from evernormal.cli.outcome import tell_outcome
from evernormal.cli.screen import console
from evernormal.connectors.keys import signing_key
from evernormal.connectors.output_folder import STATE, demand_apart, sole_run, write_files
from evernormal.domain.errors import DomainError
from evernormal.domain.market import PriceList
from evernormal.domain.policy import Scheme
from evernormal.formats import checkpoint
from evernormal.formats.books.log import encode_log
from evernormal.formats.books.paths import CHECKPOINT_FILE, LOG_FILE, REPORT_FILE
from evernormal.formats.intake.under_scheme import scheme_problems
from evernormal.formats.intake.year_input import YearInput
from evernormal.locale import Lang, words


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the books; made where it is missing.",
)
@click.option(
    "--signing-key",
    "key_path",
    envvar="EVERNORMAL_SIGNING_KEY",
    default="var/signing-key.pem",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The office's Ed25519 key in PEM form; made where it is missing.",
)
@click.option(
    "--lang",
    type=click.Choice(["en", "zh_Hans"]),
    default="en",
    show_default=True,
    help="Language of what is printed; the books hold both.",
)
def run(folder: Path, out: Path, key_path: Path, lang: Lang) -> None:
    """Run one programme year from the files in FOLDER and write its books."""
    started = clock.ticks()
    try:
        demand_apart(out, folder)
    except DomainError as refusal:
        refuse(refusal, lang)
    year = read_input(folder)
    scheme, scheme_bytes = scheme_of(year)
    demand_none(scheme_problems(year, scheme=scheme), folder)
    try:
        with sole_run(out, programme_id=year.programme.id):
            _settle(year, scheme, scheme_bytes, out=out, key_path=key_path, lang=lang)
    except DomainError as refusal:
        refuse(refusal, lang)
    console.print(f"{clock.ticks() - started:.1f} s", style="dim")


def _settle(  # noqa: PLR0913 - the command's own options, handed on
    year: YearInput, scheme: Scheme, scheme_bytes: bytes, *, out: Path, key_path: Path, lang: Lang
) -> None:
    """Do the year's acts, write its files, say what was decided."""
    key = signing_key(key_path, books=out)
    if key.is_new:
        told = words(lang).say("run.new_key", path=str(key_path), fingerprint=key.fingerprint)
        console.print(told)
    is_embedded = not os.environ.get("EVERNORMAL_DATABASE_URL")
    start_database(sqlite_url(out / STATE) if is_embedded else None)
    from evernormal.actions.closing import log_of  # noqa: PLC0415 - needs the tables

    prices = PriceList(year.prices, year.exchange_rates)
    desk = Desk(year=year, scheme=scheme, scheme_bytes=scheme_bytes, prices=prices)
    files = _run(desk)
    records, head = log_of(desk)
    signed = checkpoint.sign(head, key=key.private)
    files |= {LOG_FILE: encode_log(records), CHECKPOINT_FILE: signed}
    write_files(out, files, last=CHECKPOINT_FILE)
    tell_outcome(desk, lang=lang)
    report = str(out / REPORT_FILE)
    console.print(words(lang).say("run.done", acts=len(records), report=report))


def _run(desk: Desk) -> dict[str, bytes]:
    """Every act of the year, with a bar that shows the day."""
    from evernormal.actions.closing import close_books  # noqa: PLC0415 - needs the tables
    from evernormal.actions.year import run_year  # noqa: PLC0415

    programme = desk.year.programme
    days = (programme.closes_on - programme.opens_on).days + 1
    with _progress() as bar:
        task = bar.add_task(programme.id, total=days, day="")
        opens_on = programme.opens_on
        run_year(
            desk,
            progress=lambda day: bar.update(task, completed=(day - opens_on).days, day=f"{day}"),
        )
        bar.update(task, completed=days, day=f"{programme.closes_on}")
        return close_books(desk)


def _progress() -> Progress:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[day]}", markup=False),
    )
    return Progress(*columns, console=console)
