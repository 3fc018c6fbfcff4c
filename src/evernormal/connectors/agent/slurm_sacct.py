"""Slurm's accounting, asked with sacct."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from evernormal.connectors.agent.slurm import slurm_moment
from evernormal.connectors.agent.slurm_commands import SlurmCommands
from evernormal.connectors.agent.source import SourceAway
from evernormal.formats.meters.reading import MeterReadings
from evernormal.formats.meters.slurm import Sacct, read_sacct_parsable2

# None of these can be filled by a user, so no row can be broken by one.
COLUMNS: Final = (
    "JobID,JobIDRaw,Cluster,Account,State,Submit,Start,End,ElapsedRaw,Suspended,AllocTRES"
)
_WAITING = re.compile(r"^\s*DBD Agent queue size:\s*([0-9]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SacctCommand:
    """Asks with sacct and sdiag.

    clusters   those to meter; none for all that slurmdbd knows
    """

    commands: SlurmCommands = field(default_factory=SlurmCommands)
    clusters: Sequence[str] = ()

    def read_jobs(self, *, since: datetime, until: datetime) -> MeterReadings:
        """All runs of all accounts that overlap a window, requeued runs too.

        raises   SourceAway
        """
        where = ["-M", ",".join(self.clusters)] if self.clusters else ["-L"]
        window = ["-S", slurm_moment(since), "-E", slurm_moment(until)]
        printed = self.commands.ask("sacct", "-D", "-X", "-a", *where, *window, "-P", "-o", COLUMNS)
        if not printed.endswith("\n"):
            raise SourceAway("sacct printed no whole last line")
        return read_sacct_parsable2(printed, Sacct(file="sacct", zone=UTC))

    def count_waiting(self) -> int | None:
        """How many records slurmctld has not handed to slurmdbd; None when it cannot be asked."""
        where = ["-M", ",".join(self.clusters)] if self.clusters else []
        try:
            printed = self.commands.ask("sdiag", *where)
        except SourceAway:
            return None
        counts = _WAITING.findall(printed)
        return sum(map(int, counts)) if counts else None

    def close(self) -> None:
        """Nothing is held."""
