"""What commands print, and how they end."""

from typing import NoReturn

import click
from rich.console import Console

REFUSED = 1
"""Exit code of a command that said no."""

console = Console(highlight=False, soft_wrap=True)


def fail(message: str) -> NoReturn:
    """Say why not, and end."""
    click.echo(message, err=True)
    raise SystemExit(REFUSED)
