"""The argument and the options that every agent's command has."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

OVERLAP_SECONDS_MAX = 31 * 86_400

C = TypeVar("C", bound=Callable[..., Any])


def agent_options(command: C) -> C:
    """Give a command `settings_path`, `is_once` and `overlap_seconds`."""
    settings = click.argument(
        "settings_path",
        metavar="AGENT.TOML",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
    )
    once = click.option(
        "--once",
        "is_once",
        is_flag=True,
        help="Read and send once, and end: 0 when all is sent, 3 when something waits, 4 when "
        "something was refused, 5 when the source could not be read.",
    )
    overlap = click.option(
        "--overlap",
        "overlap_seconds",
        type=click.IntRange(0, OVERLAP_SECONDS_MAX),
        help="Seconds that each pull reads again, for records that come late; instead of "
        "overlap_seconds.",
    )
    return settings(once(overlap(command)))
