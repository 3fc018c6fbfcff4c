"""What the agent asks of a meter: the readings of a window of time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from evernormal.formats.meters.reading import Reading
from evernormal.formats.problems import Problem


class SourceAway(Exception):
    """The meter cannot be asked now. The message says why; the agent asks again later."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What one question to a meter brought.

    readings       all runs that overlap the window, also those told before: the agent finds what is
                   new. A run that is not over has `ends_at` at the moment of reading
    problems       what could not be read; it does not stop the rest
    read_until     the moment, on the meter's own clock where it has one, up to which the answer is
                   whole; the next window begins there, less the overlap
    without_cards  how many rows used no card
    memory         what the source wants to find again at the next pull, also after a crash. It is
                   kept in the same step as the readings: both, or neither
    """

    readings: tuple[Reading, ...]
    problems: tuple[Problem, ...]
    read_until: datetime
    without_cards: int = 0
    memory: bytes = b""


class Source(Protocol):
    """A meter."""

    def pull(self, *, since: datetime, until: datetime, memory: bytes) -> Pulled:
        """Read a window of time.

        since, until  instants with zone; `until` is now on the agent's clock, or earlier while it
                      catches up
        memory        what the last pull that was kept left; b"" at first. A pull whose `memory`
                      does not come back was not kept: tell its readings again
        raises        SourceAway
        """
        ...

    def close(self) -> None:
        """Let go of connections and threads."""
        ...


class Duty(Protocol):
    """Something else that an agent does again and again, such as enforcing limits.

    name           for the log
    every_seconds  how often
    """

    name: str
    every_seconds: int

    def do(self, *, now: datetime) -> None:
        """Do it once; it must bear to be done twice.

        raises   SourceAway when it cannot be done now: it is logged and done again later
        """
        ...
