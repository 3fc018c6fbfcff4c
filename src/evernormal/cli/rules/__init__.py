"""`evernormal rules`: write, check, test, explain and compare schemes."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

_COMMANDS = ("new", "check", "test", "calculate", "explain", "notches", "what-if", "diff", "table")
"""Each in the module of its name, in the order in which one needs them."""


class _Rules(click.Group):
    """Loads a command when it is asked for.

    Some of them draw plots or work with columns: loading what that takes would add more than half
    a second to every other command of the program.
    """

    @property
    def commands(self) -> dict[str, click.Command]:
        """Every command by its name; loads them all."""
        return {name: _load(name) for name in _COMMANDS}

    @commands.setter
    def commands(self, _given: Mapping[str, click.Command]) -> None:
        """Click sets the commands it knows, which are none."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """The names, in order."""
        return list(_COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """The command of a name, or None."""
        return _load(name) if name in _COMMANDS else None


def _load(name: str) -> click.Command:
    noun = name.replace("-", "_")
    command: Any = getattr(import_module(f"{__name__}.{noun}"), noun)
    if not isinstance(command, click.Command):
        raise TypeError(f"{noun} is no command")
    return command


@click.group(cls=_Rules)
def rules() -> None:
    """Write, check, test, explain and compare schemes: rules as data.

    A SCHEME is an id of the library, such as cn/beijing/2023, or the path of a scheme.toml or of
    its folder.
    """


__all__ = ["rules"]
