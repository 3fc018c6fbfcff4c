"""`evernormal market why`: why a request got what it got in a round."""

from pathlib import Path

import click

from evernormal.cli.market.round_folder import (
    clear_round,
    folder_argument,
    mechanism_option,
    read_round_folder,
)
from evernormal.cli.rules.language import lang_option
from evernormal.cli.screen import console, fail
from evernormal.domain.allocation import Outcome, Round, why
from evernormal.domain.errors import DomainError
from evernormal.formats.clearing_round import RoundFolder
from evernormal.formats.explanation.round_reason import reason_lines
from evernormal.locale import Lang, words


@click.command("why")
@click.argument("request_id", metavar="REQUEST")
@folder_argument
@mechanism_option
@lang_option
def why_command(request_id: str, folder: Path, *, mechanism: str | None, lang: Lang) -> None:
    """Say what REQUEST got in the round in FOLDER, what bound it, and what would have changed it.

    The smallest changes are found by clearing the round again with each of them.
    """
    found = read_round_folder(folder, mechanism)
    outcome = clear_round(found)

    def again(round_: Round) -> Outcome:
        return clear_round(RoundFolder(round_, found.mechanism))

    try:
        reason = why(found.round, outcome, request_id, clear=again)
    except DomainError as refusal:
        fail(f"{refusal.code}: {refusal}")
    for line in reason_lines(reason, words(lang)):
        console.print(line)
