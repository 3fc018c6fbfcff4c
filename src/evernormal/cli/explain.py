"""`evernormal explain`: how a number came about, clause by clause."""

from pathlib import Path
from typing import Literal

import click

from evernormal.cli.screen import fail
from evernormal.connectors.output_folder import read_files
from evernormal.formats.books.checking import DoesNotHold, check_log
from evernormal.formats.books.log import decode_act
from evernormal.formats.books.paths import CHECKPOINT_FILE, LOG_FILE, SCHEME_FILE
from evernormal.formats.explanation import UnknownIdentifier, as_text, view_of
from evernormal.formats.explanation import explain as explain_number
from evernormal.locale import words
from evernormal.schemes import SchemeProblems, load_scheme

Language = Literal["en", "zh_Hans"]


@click.command()
@click.argument("identifier")
@click.option(
    "--in",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the books; without it, every folder below out/ is searched.",
)
@click.option(
    "--lang",
    type=click.Choice(["en", "zh_Hans"]),
    default="en",
    show_default=True,
    help="Language of the words.",
)
def explain(identifier: str, folder: Path | None, lang: Language) -> None:
    """Tell in words how the number IDENTIFIER came about.

    IDENTIFIER is any id in the books: a decision, award, voucher, hold, charge, claim, payment,
    account or transfer. The chain of the log and its checkpoint must hold.
    """
    folders = [folder] if folder else _books_below(Path("out"))
    if not folders:
        fail("No books below out/. Name their folder with --in.")
    told: dict[Path, str] = {}
    unknown, broken = "", []
    for books in folders:
        try:
            told[books] = _explain(identifier, books, lang)
        except UnknownIdentifier as refusal:
            unknown = str(refusal)
        except DoesNotHold as refusal:
            broken.append(f"{books}: does not hold. {refusal}")
    _print(told)
    if broken:
        fail("\n".join(broken))
    if not told:
        fail(unknown)


def _print(told: dict[Path, str]) -> None:
    """Print what each folder tells; under its name where more than one knows the number."""
    for books, text in told.items():
        if len(told) > 1:
            click.echo(f"== {books} ==")
        click.echo(text)


def _books_below(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.glob(f"*/{CHECKPOINT_FILE}"))


def _explain(identifier: str, folder: Path, lang: Language) -> str:
    files = read_files(folder)
    if LOG_FILE not in files or SCHEME_FILE not in files:
        fail(f"{folder} holds no books. Run `evernormal run` first.")
    log = check_log(files)
    acts = [decode_act(body, digest) for body, digest in log.records]
    try:
        scheme = view_of(load_scheme(files[SCHEME_FILE], path=SCHEME_FILE))
    except SchemeProblems as refusal:
        raise DoesNotHold(place=SCHEME_FILE, reason=str(refusal.problems[0])) from refusal
    told = explain_number(identifier, acts=acts, scheme=scheme, lang=lang)
    return as_text(told, words(lang))
