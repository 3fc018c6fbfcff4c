"""Slurm's own commands, run so that nobody's settings change what they print."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field

from evernormal.connectors.agent.source import SourceAway

_SAID_MAX = 500


class NotChanged(Exception):
    """Slurm did what was asked of it, and says that there was nothing to do it to."""


@dataclass(frozen=True, slots=True)
class SlurmCommands:
    """Runs Slurm's commands as the agent's own user.

    timeout_seconds   how long a command may take; slurmdbd can be slow with a month of jobs
    environment       what the commands get beside the path and SLURM_CONF
    """

    timeout_seconds: int = 120
    environment: Mapping[str, str] = field(default_factory=dict)

    def ask(self, command: str, *arguments: str) -> str:
        """Run a command and give what it printed: times in epoch seconds, text in UTF-8.

        raises   SourceAway when it is not there, is too slow, ends badly or complains: half an
                 answer must not pass for a whole one
        """
        path = shutil.which(command)
        if path is None:
            raise SourceAway(f"{command} is not installed, or not on the path")
        try:
            done = subprocess.run(  # noqa: S603 - no shell; the arguments are our own
                [path, *arguments],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self.timeout_seconds,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SourceAway(f"{command}: {error}") from error
        said = done.stderr.decode("utf-8", errors="replace").strip()[:_SAID_MAX]
        printed = done.stdout.decode("utf-8", errors="replace")
        if "Nothing modified" in printed:
            raise NotChanged(printed.strip())
        # Some versions print an error and end well all the same.
        if done.returncode or "error:" in said or "fatal:" in said:
            shown = said or printed.strip()[-_SAID_MAX:]
            raise SourceAway(f"{command} ended with {done.returncode}: {shown}")
        return printed

    def _environment(self) -> dict[str, str]:
        """The agent's own, less what would change a command's columns, clusters or times."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name == "SLURM_CONF" or not name.startswith(("SLURM_", "SACCT_", "SQUEUE_"))
        }
        fixed = {"SLURM_TIME_FORMAT": "%s", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
        return {**kept, **fixed, **self.environment}
