"""A real agent, as a process, that is killed at any moment and begun again: the count is exact."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evernormal.connectors.agent.spool import SpoolUnwritable, open_spool
from evernormal.connectors.keys import provider_key
from tests.architecture.tree import ROOT
from tests.connectors.agent.bench import after, agent_on
from tests.connectors.agent.meter import Meter, counted, expected, job, jobs, shifted
from tests.connectors.agent.receiver import Receiver, receiving
from tests.connectors.agent.test_agent import sent_twice

KILLS_A_ROUND = 4
COUNT, MINUTES = 150, 40
GIVE_UP_AFTER_S = 60


def settings(folder: Path, url: str, origin: int) -> Path:
    provider_key(folder / "key.pem", can_be_made=True)
    first_from = datetime.fromtimestamp(origin, UTC).isoformat()
    path = folder / "agent.toml"
    path.write_text(
        f"""
provider = "nanning-dc"
programme = "nanning-2026"
key = "key.pem"
spool = "spool"
first_from = {first_from}
window_seconds = 60
overlap_seconds = 120
batch_readings_max = 5
[platform]
url = "{url}"
[slurm]
""",
        encoding="utf-8",
    )
    return path


def start(path: Path, origin: int) -> "subprocess.Popen[bytes]":
    words = [str(word) for word in (path, COUNT, MINUTES, origin)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.connectors.agent.meter", *words],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def drawn(seed: str, most: int) -> int:
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4]) % most


def test_an_agent_killed_at_any_moment_loses_and_doubles_nothing(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Kill it so many requests and milliseconds after each start, drawn from a seed."""
    rounds = -(-request.config.getoption("--crashes") // KILLS_A_ROUND)
    for number in range(rounds):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert _killed_round(folder, seed=f"round {number}") >= KILLS_A_ROUND // 2


def _killed_round(folder: Path, *, seed: str) -> int:
    """Kill an agent again and again and let the last one finish; how many were at work."""
    origin = int(time.time()) - MINUTES * 60 - 60  # noqa: TID251 - against a real process
    runs = shifted(jobs(COUNT, within=timedelta(minutes=MINUTES)), origin=origin)
    whims = ("", "", "", "cut", "late", "drop", "500")
    with receiving(Receiver(folder / "platform")) as platform:
        platform.whims = (whims[drawn(f"{seed} whim {n}", len(whims))] for n in range(300))
        path = settings(folder, platform.url, origin)
        alive = 0
        for kill in range(KILLS_A_ROUND):
            process = start(path, origin)
            wanted = len(platform.requests) + 1 + drawn(f"{seed} requests {kill}", 6)
            give_up_at = time.monotonic() + GIVE_UP_AFTER_S
            while len(platform.requests) < wanted and process.poll() is None:
                assert time.monotonic() < give_up_at
                time.sleep(0.002)
            time.sleep(drawn(f"{seed} wait {kill}", 40) / 1_000)
            process.send_signal(signal.SIGKILL)
            alive += process.wait() == -signal.SIGKILL
        platform.whims = iter(())
        assert start(path, origin).wait(GIVE_UP_AFTER_S) == 0

        assert counted(platform.batches()) == expected(runs)
        assert sent_twice(platform.batches()) == []
    return alive


def test_two_agents_that_race_for_one_spool_send_each_use_once(tmp_path: Path) -> None:
    origin = int(time.time()) - MINUTES * 60 - 60  # noqa: TID251 - against a real process
    runs = shifted(jobs(COUNT, within=timedelta(minutes=MINUTES)), origin=origin)
    with receiving(Receiver(tmp_path / "platform")) as platform:
        path = settings(tmp_path, platform.url, origin)
        codes = sorted(p.wait(GIVE_UP_AFTER_S) for p in (start(path, origin), start(path, origin)))

        assert codes == [0, 1]
        assert counted(platform.batches()) == expected(runs)
        assert sent_twice(platform.batches()) == []


# --- A full disk ----------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 160 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_loses_nothing(tmp_path: Path, small_disk: Path) -> None:
    # Long names: a batch of all of them is more than the disk holds.
    runs = [replace(job(n, start=n, seconds=60), job=f"{n:0>300}") for n in range(400)]
    meter = Meter(runs)
    with receiving(Receiver(tmp_path / "platform")) as platform:
        with agent_on(meter, small_disk / "spool", platform.url) as agent:
            with pytest.raises(SpoolUnwritable, match="No space left"):
                agent.pull(now=after(20))
            assert agent.spool.list_waiting() == []
            assert agent.cursor is None
            # Whatever is in the way, some of it is kept as soon as there is room for it.
            agent.pull(now=after(2))
            assert agent.spool.list_waiting() != []
        for minutes in range(2, 20):
            with agent_on(meter, small_disk / "spool", platform.url) as agent:
                agent.send(clock=lambda: after(20), is_over=lambda: False)
                agent.pull(now=after(minutes))
                agent.send(clock=lambda: after(20), is_over=lambda: False)
        with open_spool(small_disk / "spool") as spool:
            assert spool.list_waiting() == []

    assert counted(platform.batches()) == expected(runs)
    assert sent_twice(platform.batches()) == []
