"""The population that a command is given."""

from pathlib import Path

from evernormal.cli.screen import fail
from evernormal.schemes import SchemeProblems
from evernormal.schemes.population import read_population
from evernormal.simulator import Application


def read_applications(path: Path) -> list[Application]:
    """Read a population's applications; ends the command with every mistake of the file."""
    try:
        rows = read_population(path.read_bytes(), path=str(path))
    except SchemeProblems as refusal:
        fail(str(refusal))
    return [Application(row.application, row.case, row.request) for row in rows]
