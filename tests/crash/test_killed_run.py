"""A run that is killed at any point, and run again, writes the same books to the byte."""

import hashlib
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from evernormal.connectors.output_folder import read_files
from tests.life.shelf import CHECKPOINT, EVERNORMAL, EXAMPLES, YEARS, Shelf, evernormal

GIVE_UP_AFTER_S = 120
LOOK_EVERY_S = 0.002
MISSES_MAX = 10
"""So often the moment may be over before the test has seen it."""


@dataclass(frozen=True)
class Job:
    """One run of an example into a folder and a database of its own."""

    example: str
    out: Path
    url: str
    key: Path

    def start(self) -> "subprocess.Popen[bytes]":
        command: list[str | Path] = [EVERNORMAL, "run", EXAMPLES / self.example, "--out", self.out]
        environment = os.environ | {
            "EVERNORMAL_DATABASE_URL": self.url,
            "EVERNORMAL_SIGNING_KEY": str(self.key),
        }
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)

    def finish(self) -> dict[str, bytes]:
        example = EXAMPLES / self.example
        done = evernormal("run", example, "--out", self.out, url=self.url, key=self.key)
        assert (done.returncode, done.stderr) == (0, "")
        return read_files(self.out)

    def count(self, table: str) -> int:
        """Rows that are durable now, as another program sees them; 0 before there is a table."""
        query = f"select count(*) from {table}"  # noqa: S608 - our own table names
        try:
            if self.url.startswith("sqlite:"):
                path = self.url.removeprefix("sqlite:///")
                with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as reader:
                    return int(reader.execute(query).fetchone()[0])
            with psycopg.connect(self.url) as connection:
                row = connection.execute(query).fetchone()
                return int(row[0]) if row else 0
        except (sqlite3.OperationalError, psycopg.errors.UndefinedTable):
            return 0

    def acts(self) -> int:
        return self.count("audit_record")

    def written(self) -> int:
        """Files of the books that are there now, whole or not."""
        return sum(path.is_file() and ".state" not in path.parts for path in self.out.rglob("*"))

    def has_acts(self, count: int) -> Callable[[], bool]:
        return lambda: self.acts() >= count

    def has_files(self, count: int) -> Callable[[], bool]:
        return lambda: self.written() >= count

    def kill_when(self, is_time: Callable[[], bool], *, wait_s: float = 0) -> bool:
        """Start the job and kill -9 it once it is time; whether it was running until then."""
        process = self.start()
        give_up_at = time.monotonic() + GIVE_UP_AFTER_S
        while not is_time() and process.poll() is None:
            assert time.monotonic() < give_up_at
            time.sleep(LOOK_EVERY_S)
        time.sleep(wait_s)
        process.send_signal(signal.SIGKILL)
        return process.wait() == -signal.SIGKILL


@pytest.fixture
def job_of(
    shelf: Shelf, tmp_path: Path, own_database_url: str
) -> Callable[[str], tuple[Job, dict[str, bytes]]]:
    """Give a fresh job for an example, and the books of its undisturbed run."""

    def prepare(example: str) -> tuple[Job, dict[str, bytes]]:
        undisturbed = dict(shelf.of(example).files)
        return Job(example, tmp_path / "out", own_database_url, shelf.key), undisturbed

    return prepare


def points(total: int, *, count: int, seed: str) -> Iterator[tuple[int, float]]:
    """Acts after which to kill, spread over the run by hash, some a little into the next act."""
    for number in range(count):
        drawn = hashlib.sha256(f"{seed} {number}".encode()).digest()
        yield 1 + int.from_bytes(drawn[:4]) % (total - 2), (0.0, 0.004, 0.012)[drawn[4] % 3]


@pytest.mark.parametrize("example", YEARS)
def test_a_run_killed_between_and_within_acts_goes_on_to_the_same_bytes(
    example: str,
    job_of: Callable[[str], tuple[Job, dict[str, bytes]]],
    request: pytest.FixtureRequest,
) -> None:
    job, undisturbed = job_of(example)
    total = undisturbed["audit-log.jsonl"].count(b"\n")
    crashes = request.config.getoption("--crashes")
    seen = [0]
    for acts, wait_s in sorted(points(total, count=crashes, seed=example)):
        wanted = max(acts, seen[-1] + 1)
        assert job.kill_when(job.has_acts(wanted), wait_s=wait_s)
        seen.append(job.acts())
        if seen[-1] >= total - 1:
            break

    # Each kill left acts done, more than the one before, and acts to do.
    assert seen == sorted(set(seen))
    assert 0 < seen[1] < total
    assert not (job.out / CHECKPOINT).exists()
    assert job.finish() == undisturbed
    assert job.acts() == total


def test_a_run_killed_while_it_makes_its_tables_goes_on_to_the_same_bytes(
    job_of: Callable[[str], tuple[Job, dict[str, bytes]]],
) -> None:
    job, undisturbed = job_of("nanning-2025")

    assert job.kill_when(lambda: job.count("django_migrations") > 0)

    assert job.acts() == 0
    assert job.finish() == undisturbed


def test_a_run_killed_while_it_writes_its_files_goes_on_to_the_same_bytes(
    job_of: Callable[[str], tuple[Job, dict[str, bytes]]],
    request: pytest.FixtureRequest,
) -> None:
    """The checkpoint comes last, so whoever sees it sees whole books; else it is not there."""
    job, undisturbed = job_of("guizhou-2026")
    kills = max(2, request.config.getoption("--crashes") // 2)
    hits: list[int] = []
    step = max(1, len(undisturbed) // (2 * kills))
    for _ in range(MISSES_MAX + kills):
        wanted = job.written() + step
        was_running = job.kill_when(job.has_files(wanted))
        if was_running and not (job.out / CHECKPOINT).exists():
            hits.append(job.written())
        else:
            _empty(job.out)
        if len(hits) == kills:
            break

    assert len(hits) == kills, "no kill hit the writing of the files"
    assert all(0 < count < len(undisturbed) + 1 for count in hits)
    assert job.finish() == undisturbed


def test_a_run_killed_while_it_renames_leaves_no_stray_file(
    job_of: Callable[[str], tuple[Job, dict[str, bytes]]],
) -> None:
    """What a killed run left half written is finished, not left beside the books."""
    job, undisturbed = job_of("nanning-2025")
    job.out.mkdir()
    (job.out / ".journal.csv.new").write_bytes(undisturbed["journal.csv"][:100])
    (job.out / "payments").mkdir()
    (job.out / "decisions.csv").write_bytes(undisturbed["decisions.csv"][:50])

    assert job.finish() == undisturbed


def _empty(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file() and ".state" not in path.parts:
            path.unlink()
