"""What work took: wall time, and CPU of this process, its children and its database.

CPU is what to compare on a machine that others use too. A PostgreSQL on the same machine is found
from its backend's parent: all of its processes count, those that ended too, in ticks of 10 ms, so
take sums over enough work. A database elsewhere does not count, and `has_database` says so.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Took:
    """Seconds of wall time, of CPU here, and of CPU in the database."""

    wall: float = 0.0
    here: float = 0.0
    database: float = 0.0

    @property
    def cpu(self) -> float:
        """All seconds of CPU."""
        return self.here + self.database


class Meter:
    """Measures stretches of work on one database."""

    def __init__(self) -> None:
        """Find the database's processes."""
        self._postmaster = _postmaster()
        self.has_database = connection.vendor == "sqlite" or self._postmaster is not None

    @contextmanager
    def took(self) -> Iterator[Took]:
        """Measure the work inside; read what is given when it has ended."""
        found = Took()
        wall, here, there = time.perf_counter(), _own(), self._database()
        yield found
        found.wall = time.perf_counter() - wall
        found.here, found.database = _own() - here, self._database() - there

    def _database(self) -> float:
        if self._postmaster is None:
            return 0.0
        ticks = 0
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and (fields := _stat(folder)):
                is_it = int(folder.name) == self._postmaster
                if is_it or int(fields[1]) == self._postmaster:
                    ticks += sum(int(each) for each in fields[11 : 15 if is_it else 13])
        return ticks / _TICK


def load() -> str:
    """The machine's load over the last minute."""
    return Path("/proc/loadavg").read_text(encoding="ascii").split()[0]


def _own() -> float:
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


def _postmaster() -> int | None:
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        folder = Path("/proc") / str(cursor.fetchone()[0])
    fields = _stat(folder)
    is_ours = "postgres" in _name(folder)
    return int(fields[1]) if fields and is_ours else None


def _stat(folder: Path) -> list[str]:
    """The fields after the name: state, parent, ...; none where the process has gone."""
    try:
        return (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []


def _name(folder: Path) -> str:
    try:
        return (folder / "comm").read_text(encoding="utf-8")
    except OSError:
        return ""
