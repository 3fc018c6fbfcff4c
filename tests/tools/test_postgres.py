"""tools/postgres.sh: give each command twice, and the data outlive a stop."""

import os
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest

from tests.architecture.tree import ROOT

SERVER_IS_HERE = any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or shutil.which("initdb")

pytestmark = pytest.mark.skipif(
    not SERVER_IS_HERE and os.geteuid() != 0,
    reason="PostgreSQL is missing and only root can install it: apt-get install postgresql",
)


def postgres(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "tools" / "postgres.sh", *words], capture_output=True, text=True, check=False
    )


def told(*words: str | Path) -> str:
    run = postgres(*words)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_a_cluster_survives_being_stopped_and_started(tmp_path: Path) -> None:
    folder = tmp_path / "a cluster"
    try:
        told("start", folder)
        told("start", folder)
        with psycopg.connect(told("url", folder)) as connection:
            connection.execute("create table grain (weight int)")
        told("stop", folder)
        told("stop", folder)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(told("url", folder))
        told("start", folder)
        with psycopg.connect(told("url", folder)) as connection:
            assert connection.execute("select count(*) from grain").fetchone() == (0,)
            assert connection.execute("show fsync").fetchone() == ("on",)
            assert connection.execute("show listen_addresses").fetchone() == ("",)
            assert connection.execute("show server_encoding").fetchone() == ("UTF8",)
    finally:
        postgres("stop", folder)
        # Where postgres may not enter pytest's folder, the cluster is in one of its own.
        if (place := folder / "place").is_file():
            shutil.rmtree(place.read_text(encoding="utf-8").strip())


def test_a_missing_cluster_and_a_wrong_word_are_refused(tmp_path: Path) -> None:
    assert "start it first" in postgres("url", tmp_path / "none").stderr
    assert "start|url|stop DIR" in postgres("restart", tmp_path).stderr
    assert postgres("start").returncode == 1
