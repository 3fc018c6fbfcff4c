"""A clearing round from its folder, cleared: what `clear` and `why` share."""

from pathlib import Path

import click

from evernormal.cli.screen import fail
from evernormal.connectors.folder import read_folder
from evernormal.domain.allocation import Mechanism, Outcome
from evernormal.domain.errors import DomainError
from evernormal.formats.clearing_round import RoundFolder, read_round
from evernormal.formats.problems import InputProblems

folder_argument = click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
mechanism_option = click.option(
    "--mechanism",
    type=click.Choice([mechanism.value for mechanism in Mechanism]),
    help="Another way to clear the round than round.toml states.",
)


def read_round_folder(folder: Path, mechanism: str | None) -> RoundFolder:
    """The round of a folder, to be cleared as it states or as the command asks; else the end."""
    try:
        found = read_round(read_folder(folder))
    except InputProblems as refusal:
        fail(f"{refusal}\n{len(refusal.problems)} problems: nothing was cleared.")
    return RoundFolder(found.round, Mechanism(mechanism) if mechanism else found.mechanism)


def clear_round(found: RoundFolder) -> Outcome:
    """Clear a round; a refusal ends the command."""
    # Compiled code: it is not imported before a round was read.
    from evernormal.engines.clearing.mechanisms import clear  # noqa: PLC0415

    try:
        return clear(found.round, found.mechanism)
    except DomainError as refusal:
        fail(f"{refusal.code}: {refusal}")
