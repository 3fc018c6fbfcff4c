"""`evernormal explain`: how a number came about, clause by clause."""

from pathlib import Path
from typing import Literal

import click

from evernormal.cli.screen import fail
from evernormal.connectors.output_folder import read_files
from evernormal.formats.books.log import decode_act, decode_log
from evernormal.formats.books.paths import CHECKPOINT_FILE, LOG_FILE, SCHEME_FILE
from evernormal.formats.explanation import UnknownIdentifier, as_text, view_of
from evernormal.formats.explanation import explain as explain_number
from evernormal.locale import words
from evernormal.schemes import load_scheme

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
    account or transfer.
    """
    folders = [folder] if folder else _books_below(Path("out"))
    if not folders:
        fail("No books below out/. Name their folder with --in.")
    unknown = ""
    for books in folders:
        try:
            click.echo(_explain(identifier, books, lang))
        except UnknownIdentifier as refusal:
            unknown = str(refusal)
        else:
            return
    fail(unknown)


def _books_below(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.glob(f"*/{CHECKPOINT_FILE}"))


def _explain(identifier: str, folder: Path, lang: Language) -> str:
    files = read_files(folder)
    if LOG_FILE not in files or SCHEME_FILE not in files:
        fail(f"{folder} holds no books. Run `evernormal run` first.")
    acts = [decode_act(body, digest) for body, digest in decode_log(files[LOG_FILE])]
    scheme = view_of(load_scheme(files[SCHEME_FILE], path=SCHEME_FILE))
    told = explain_number(identifier, acts=acts, scheme=scheme, lang=lang)
    return as_text(told, words(lang))
