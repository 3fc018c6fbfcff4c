"""Runs `evernormal` in this process, as people type it."""

from dataclasses import dataclass

from click.testing import CliRunner

from evernormal.cli import main


@dataclass(frozen=True, slots=True)
class Done:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


def rules(*arguments: object) -> Done:
    """Run `evernormal rules` with arguments."""
    return evernormal("rules", *arguments)


def evernormal(*arguments: object) -> Done:
    """Run `evernormal` with arguments; a crash of ours is raised."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)
