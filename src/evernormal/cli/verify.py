"""`evernormal verify`: run a year again from its own files, and name what does not hold."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import click

from evernormal.cli.database import sqlite_url, start_database
from evernormal.cli.screen import console, fail
from evernormal.connectors.output_folder import read_files
from evernormal.domain.errors import DomainError
from evernormal.domain.market import PriceList
from evernormal.domain.policy import Scheme, Unit
from evernormal.formats.books.checking import (
    DoesNotHold,
    Log,
    changed_outputs,
    check_books,
    check_inputs,
    check_log,
    demand_same_file,
    demand_same_log,
)
from evernormal.formats.books.paths import INPUTS_FOLDER, LOG_FILE, REPORT_FILE, SCHEME_FILE
from evernormal.formats.clearing_round import with_rounds
from evernormal.formats.intake import InputProblems, read_year
from evernormal.formats.intake.folder import SCHEME_TOML
from evernormal.formats.intake.year_input import YearInput
from evernormal.schemes import SchemeProblems, list_schemes, load_scheme, read_library_scheme

_OTHER_REPORT = (
    f"everything holds, but {REPORT_FILE} was not re-drawn to the same bytes: "
    "trust its figures only through the other files"
)


@dataclass(frozen=True, slots=True)
class _Again:
    """What running the year again gave: its files by path, the scheme and what it counts in."""

    files: dict[str, bytes]
    scheme_id: str
    unit: Unit


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--key", "fingerprint", help="Fingerprint of the key that must have signed.")
def verify(folder: Path, fingerprint: str | None) -> None:
    """Check the books in FOLDER from their files alone: hashes, decisions, balances."""
    try:
        files = read_files(folder)
        log = check_log(files)
        _demand_key(log, fingerprint)
        console.print(f"log: {len(log.records)} records in one chain, signed by {log.signed_by}")
        check_inputs(files, log)
        console.print("inputs: the files that the books were opened on")
        changed = changed_outputs(files, log)
        again = _run_again(files, log)
        console.print("decisions: every act gives the same when it is done again")
        _compare(files, again.files, changed)
        console.print(f"scheme: {_origin(files[SCHEME_FILE], again.scheme_id)}")
        console.print(f"files: {len(again.files)} are what the last record names")
        check_books(files, unit=again.unit)
        console.print("balances: the journal gives every account and voucher")
        is_same_report = files[REPORT_FILE] == again.files[REPORT_FILE]
        drawn = "it is the same" if is_same_report else "it differs (its look is not checked)"
        console.print(f"report: as the log names it; drawn anew by this version {drawn}")
    except DoesNotHold as refusal:
        fail(f"{folder}: does not hold. {refusal}")
    console.print(f"{folder}: {'everything holds.' if is_same_report else _OTHER_REPORT}")


def _origin(scheme: bytes, scheme_id: str) -> str:
    """Whether the rules in the folder are the ones that this version comes with."""
    if scheme_id == SCHEME_TOML:
        return f"the folder's own {SCHEME_TOML}"
    try:
        is_ours = scheme_id in list_schemes() and read_library_scheme(scheme_id)[1] == scheme
    except SchemeProblems:
        is_ours = False
    return f"{scheme_id} as in this version's library" if is_ours else "not the library's"


def _demand_key(log: Log, fingerprint: str | None) -> None:
    if fingerprint is not None and fingerprint != log.signed_by:
        reason = f"signed by {log.signed_by}, not by {fingerprint}."
        raise DoesNotHold(place="checkpoint.txt", reason=reason)


def _run_again(files: dict[str, bytes], log: Log) -> _Again:
    """The year's files, made anew in an empty database from the inputs and rules in the folder."""
    inputs = {
        path.removeprefix(INPUTS_FOLDER): data
        for path, data in files.items()
        if path.startswith(INPUTS_FOLDER)
    }
    try:
        year = read_year(inputs)
        prices = PriceList(year.prices, year.exchange_rates)
        year = with_rounds(year, prices=prices)
    except InputProblems as refusal:
        place = f"{INPUTS_FOLDER}{refusal.problems[0].file}"
        raise DoesNotHold(place=place, reason=str(refusal.problems[0])) from refusal
    scheme = _scheme_of(files, year)
    with tempfile.TemporaryDirectory(prefix="evernormal-verify-") as empty:
        start_database(sqlite_url(Path(empty)))
        from django.db import connection  # noqa: PLC0415 - needs the settings

        from evernormal.actions.closing import close_books, log_of  # noqa: PLC0415
        from evernormal.actions.desk import Desk  # noqa: PLC0415
        from evernormal.actions.year import run_year  # noqa: PLC0415

        try:
            desk = Desk(year=year, scheme=scheme, scheme_bytes=files[SCHEME_FILE], prices=prices)
            run_year(desk, progress=lambda _day: None)
            made = close_books(desk)
        except DomainError as refusal:
            reason = f"the year cannot be run again: {refusal}"
            raise DoesNotHold(place=LOG_FILE, reason=reason) from refusal
        replayed, _ = log_of(desk)
        connection.close()
    demand_same_log(log, replayed)
    return _Again(made, year.programme.scheme_id, scheme.unit)


def _scheme_of(files: dict[str, bytes], year: YearInput) -> Scheme:
    """The rules in the folder, which are the inputs' own where these brought some."""
    own = year.files.get(SCHEME_TOML)
    if year.programme.scheme_id == SCHEME_TOML and own != files[SCHEME_FILE]:
        reason = f"it is not the {SCHEME_TOML} that the inputs brought."
        raise DoesNotHold(place=SCHEME_FILE, reason=reason)
    try:
        return load_scheme(files[SCHEME_FILE], path=SCHEME_FILE)
    except SchemeProblems as refusal:
        raise DoesNotHold(place=SCHEME_FILE, reason=str(refusal.problems[0])) from refusal


def _compare(files: dict[str, bytes], again: dict[str, bytes], changed: list[str]) -> None:
    """Every file is the recorded one; the report's look may change with the program's version."""
    for path in changed:
        demand_same_file(path, files.get(path), again.get(path, b""))
    for path in sorted(again.keys() - {REPORT_FILE}):
        demand_same_file(path, files.get(path), again[path])
