"""A disk that is full and has room again: what was answered is kept, what was refused can come."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from pathlib import Path

import httpx
import pytest

from tests.crash.conftest import Place
from tests.crash.office import drawn
from tests.crash.programs import asking, post
from tests.life.shelf import SERVER

TAKEN, AWAY = {200, 201}, 503
PAGE_BYTES = 4_096
FREE_PAGES_MAX = 5
"""A batch takes some pages of each disk; so it is in its midst that it finds no more."""
BATCHES_MAX = 6
"""New batches while a disk is full: SQLite has room for some in the pages of its log."""
WINDOWS_PER_CYCLE = 11
KIB_PER_BATCH_MAX = 24


@pytest.fixture
def mounted() -> Iterator[Callable[[Path, int], None]]:
    """Mount small disks, gone after the test; the test is skipped where that cannot be done."""
    with ExitStack() as disks:

        def mount(folder: Path, kib: int) -> None:
            folder.mkdir(parents=True, exist_ok=True)
            command = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(folder)]
            if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
                pytest.skip("only root can mount a small disk")
            disks.callback(subprocess.run, ["umount", "-l", str(folder)], check=True)

        yield mount


@contextmanager
def full(folder: Path, *, free_pages: int) -> Iterator[None]:
    """Fill a disk up to some pages, and make room again."""
    ballast = folder / ".ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * PAGE_BYTES)
    size = ballast.stat().st_size // PAGE_BYTES
    os.truncate(ballast, max(0, size - free_pages) * PAGE_BYTES)
    try:
        yield
    finally:
        ballast.unlink()


def fill_and_send(client: httpx.Client, disk: Path, bodies: Iterator[bytes], cycles: int) -> int:
    """Send new batches while the disk fills up and has room again; how many found it full."""
    refused = 0
    for cycle in range(cycles):
        last = b""
        with full(disk, free_pages=drawn(f"{disk.name} {cycle}", FREE_PAGES_MAX)):
            for last in islice(bodies, BATCHES_MAX):
                answer = post(client, last, signed_by="P1")
                assert answer.status_code in {*TAKEN, AWAY}, answer.text
                if answer.status_code == AWAY:
                    refused += 1
                    assert answer.headers["Content-Type"] == "application/problem+json"
                    break
        # With room again, the same service goes on.
        answer = post(client, last, signed_by="P1")
        assert answer.status_code in TAKEN, (disk.name, cycle, answer.text)
    return refused


def test_a_full_disk_loses_and_doubles_nothing(
    place_of: Callable[..., Place],
    own_database_url: str,
    tmp_path: Path,
    mounted: Callable[[Path, int], None],
    request: pytest.FixtureRequest,
) -> None:
    """Fill the disk of the lake, of the folder that receives, and of the SQLite file."""
    cycles = max(2, request.config.getoption("--crashes") // 8)
    has_file = not SERVER.startswith("postgresql:")  # the disk of a server is its own
    url = f"sqlite:///{tmp_path / 'sqlite/own.sqlite3'}" if has_file else own_database_url
    place = place_of(url, windows=16 + WINDOWS_PER_CYCLE * cycles)
    bodies = place.batches(size=2)
    disks = [place.out.with_suffix(".lake"), place.folder / "usage", tmp_path / "sqlite"]
    for disk, kib in zip(disks, (512, 512, 16_384), strict=True):
        mounted(disk, kib + KIB_PER_BATCH_MAX * len(bodies))
    place.service.start()
    with asking(place.service, place.port) as client:
        new = iter(bodies)
        tried = disks if has_file else disks[:2]
        refused = {disk.name: fill_and_send(client, disk, new, cycles) for disk in tried}
        assert list(islice(new, 1)) != []
        for body in bodies:
            assert post(client, body, signed_by="P1").status_code in TAKEN
        assert place.service.stop() == 0
    print(f"\nrefused for a full disk: {refused}")  # noqa: T201 - figures of a deep run

    assert all(refused.values())
    place.demand_counted_once()
