"""A meter for the agent's tests: jobs that are known beforehand, read like a real one's.

As a program, `meter.py AGENT.TOML` is a whole agent on this meter, for tests that kill one.
"""

import hashlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from evernormal.connectors.agent.source import Pulled, SourceAway
from evernormal.formats.meters.reading import Reading
from evernormal.formats.problems import Problem
from evernormal.formats.usage_batch import BatchReading, UsageBatch, batch_reading

T0 = datetime(2026, 3, 1, tzinfo=UTC)
WINDOW_SECONDS = 60


def job(number: int, *, start: int, seconds: int, cards: int = 4) -> Reading:
    """A run that starts so many seconds after T0."""
    starts_at = T0 + timedelta(seconds=start)
    return Reading(
        line=0,
        cluster="hai",
        job=str(number),
        account=f"lab{number % 3}",
        card_type="a100",
        cards=cards,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(seconds=seconds),
        state="COMPLETED",
        is_final=True,
    )


def jobs(count: int, *, within: timedelta) -> list[Reading]:
    """Make runs that start and end within so long after T0; some hold for many windows."""
    whole = int(within.total_seconds())
    made = []
    for number in range(count):
        drawn = hashlib.sha256(f"job {number}".encode()).digest()
        start = int.from_bytes(drawn[:4]) % (whole - 1)
        seconds = 1 + int.from_bytes(drawn[4:8]) % min(whole - start, 10 * WINDOW_SECONDS)
        made.append(job(number, start=start, seconds=seconds, cards=1 + drawn[8] % 8))
    return made


def shifted(found: Iterable[Reading], *, origin: int) -> list[Reading]:
    """Move runs in time, so that T0 is at an epoch second."""
    by = timedelta(seconds=origin - int(T0.timestamp()))
    return [replace(r, starts_at=r.starts_at + by, ends_at=r.ends_at + by) for r in found]


@dataclass(slots=True)
class Meter:
    """Reads the jobs that overlap a window, as far as they have come by its end.

    at       now on the meter's own clock, which knows nothing later; None for the agent's clock
    """

    jobs: Sequence[Reading]
    problems: tuple[Problem, ...] = ()
    is_away: bool = False
    at: datetime | None = None
    asked: list[tuple[datetime, datetime, bytes]] = field(default_factory=list)

    def pull(self, *, since: datetime, until: datetime, memory: bytes) -> Pulled:
        self.asked.append((since, until, memory))
        if self.is_away:
            raise SourceAway("nobody answers")
        until = min(until, self.at or until)
        seen = tuple(self._seen(since, until))
        return Pulled(seen, self.problems, read_until=until, memory=b"seen")

    def _seen(self, since: datetime, until: datetime) -> Iterator[Reading]:
        for run in self.jobs:
            if run.ends_at < since or run.starts_at >= until:
                continue
            if run.ends_at <= until:
                yield run
            else:
                yield replace(run, ends_at=until, state="RUNNING", is_final=False)

    def close(self) -> None:
        pass


def counted(batches: Iterable[UsageBatch]) -> dict[tuple[str, str, str, int], BatchReading]:
    """Find the reading of each use that counts, as the platform does."""
    best: dict[tuple[str, str, str, int], BatchReading] = {}
    for batch in batches:
        for reading in batch.readings:
            known = best.get(reading.key)
            if known is None or _rank(reading) > _rank(known):
                best[reading.key] = reading
    return best


def expected(found: Iterable[Reading]) -> dict[tuple[str, str, str, int], BatchReading]:
    return {r.key: r for r in map(batch_reading, found)}


def _rank(reading: BatchReading) -> tuple[int, bool, int]:
    return reading.revision, reading.is_final, reading.ends_at


if __name__ == "__main__":
    from evernormal.cli.agent.command import Kind, run_agent

    COUNT, MINUTES, ORIGIN = (int(word) for word in sys.argv[2:])
    RUNS = shifted(jobs(COUNT, within=timedelta(minutes=MINUTES)), origin=ORIGIN)
    KIND = Kind("slurm", {}, open_source=lambda _: Meter(RUNS))
    run_agent(KIND, Path(sys.argv[1]), is_once=True, overlap_seconds=None)
