"""A whole agent on the crash tests' meter, as a program: `agent.py AGENT.TOML ... [--once]`."""

import sys
from pathlib import Path

from evernormal.cli.agent.command import Kind, run_agent
from tests.crash.office import CrashMeter, told_by


def main(
    settings: str, provider_id: str, origin: str, windows: str, clock: str, *once: str
) -> None:
    """Run it. The meter is made of the provider's name, the first second and how many windows."""
    told = told_by(provider_id, origin=int(origin), windows=int(windows))
    kind = Kind("slurm", {}, open_source=lambda _: CrashMeter(told, Path(clock)))
    run_agent(kind, Path(settings), is_once=bool(once), overlap_seconds=None)


if __name__ == "__main__":
    main(*sys.argv[1:])
