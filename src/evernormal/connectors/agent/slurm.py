"""Slurm as a meter: the runs that its accounting knows, however it is asked.

Slurm's accounting is a little behind. What slurmctld has not yet handed to slurmdbd, because it was
away for a moment or for a night, comes later and with its old times. So the answer counts as whole
only when slurmctld had nothing left to hand over before the question.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from evernormal.connectors.agent.source import Pulled
from evernormal.formats.meters.reading import MeterReadings


class SlurmAccounting(Protocol):
    """A way to ask Slurm: its commands, or its web service."""

    def read_jobs(self, *, since: datetime, until: datetime) -> MeterReadings:
        """All runs of all accounts that overlap a window, requeued runs too.

        raises   SourceAway
        """
        ...

    def count_waiting(self) -> int | None:
        """How many records slurmctld has not handed to slurmdbd; None when it cannot be asked."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(frozen=True, slots=True)
class SlurmSource:
    """The meter of a Slurm cluster, or of all clusters of one slurmdbd.

    on_pull   called with `until` before each question; enforcement notes then what Slurm has
              counted, so that it knows later which use the platform had been told of
    """

    accounting: SlurmAccounting
    on_pull: Callable[[datetime], None] | None = None

    def pull(self, *, since: datetime, until: datetime, memory: bytes) -> Pulled:
        """Read a window of time.

        since, until  instants with zone
        memory        epoch seconds up to which an answer was last known to be whole
        raises        SourceAway
        """
        if self.on_pull is not None:
            self.on_pull(until)
        waiting = self.accounting.count_waiting()
        read = self.accounting.read_jobs(since=since, until=until)
        if waiting == 0:
            memory = str(int(until.timestamp())).encode()
            read_until = until
        else:
            # Records are still on their way: the next window begins where this one did.
            read_until = datetime.fromtimestamp(int(memory), UTC) if memory else since
        return Pulled(
            readings=read.readings,
            problems=read.problems,
            read_until=min(read_until, until),
            without_cards=read.without_cards,
            memory=memory,
        )

    def close(self) -> None:
        """Let go of connections."""
        self.accounting.close()


def slurm_moment(at: datetime) -> str:
    """A time as every part of Slurm reads it, free of time zones and of hours that come twice."""
    return f"uts{int(at.timestamp())}"
