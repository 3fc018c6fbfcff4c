"""One real cluster for all tests of this folder; without Slurm or root they are skipped."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from evernormal.connectors import agent
from tests.slurm.real_cluster import RealCluster, why_not

SMALL = "gpu-a a100 2\ngpu-h h100 1"
JOB_SUBMIT = Path(agent.__file__).parent / "job_submit.lua"


def free_port() -> int:
    """The first of a hundred ports that nobody listens on; below those that systems give out."""
    chosen = os.environ.get("CLUSTER_PORT_BASE")
    if chosen:
        return int(chosen)
    for port in range(18600, 30000, 200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port + 2)):
                return port
    pytest.fail("no ports are free")


def run_cluster(card_nodes: str) -> Iterator[RealCluster]:
    """Start a cluster, and take it down afterwards whatever happens."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    # Not pytest's own folder: other users have to enter this one.
    folder = Path(tempfile.mkdtemp(prefix="evernormal-slurm-"))
    folder.chmod(0o755)
    started = RealCluster(folder / "cluster", free_port())
    try:
        started.start(card_nodes=card_nodes, job_submit=JOB_SUBMIT)
        yield started
    finally:
        if (started.root / "env").exists():
            started.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def cluster() -> Iterator[RealCluster]:
    """A small cluster: 16 of a100, 8 of h100, or one that runs already."""
    running = os.environ.get("EVERNORMAL_SLURM_CLUSTER")
    if running:
        yield RealCluster(Path(running), free_port())
    else:
        yield from run_cluster(SMALL)
