"""What commands print, and how they end."""

from typing import NoReturn

import click
from rich.console import Console

REFUSED = 1
"""Exit code of a command that said no."""

console = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
"""Prints what it is given as it is: a firm's name may hold brackets or colons."""


def fail(message: str) -> NoReturn:
    """Say why not, and end."""
    click.echo(message, err=True)
    raise SystemExit(REFUSED)
