"""Posting that is killed at numbered steps, in every way of posting, on the database under test."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.crash.office import drawn
from tests.crash.poster import WAYS, script, twin_of
from tests.crash.programs import GIVE_UP_AFTER_S, Crash, Program

STEPS = 40


def test_posting_killed_at_any_step_posts_every_batch_once_and_whole(
    tmp_path: Path, own_database_url: str, request: pytest.FixtureRequest
) -> None:
    kills = request.config.getoption("--crashes")
    count = len(WAYS) * (2 + kills // 4)
    environment = {
        "EVERNORMAL_DATABASE_URL": own_database_url,
        "DJANGO_SETTINGS_MODULE": "evernormal.settings",
    }
    command = [sys.executable, "-m", "tests.crash.poster", str(count)]
    poster = Program("poster", command, tmp_path, environment)
    killed = 0
    for number in range(kills):
        poster.start(Crash(_point(number)))
        code = poster.wait()
        assert code in {0, -9}, poster.last_words()
        killed += code == -9
    poster.start()
    assert poster.wait() == 0, poster.last_words()

    told = _look(command, environment)
    twin = twin_of(script(count))
    counters = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")
    print(f"\n{killed} kills at {dict(poster.deaths())}, {told['transfers']} transfers")  # noqa: T201 - figures of a deep run

    assert killed >= kills // 2
    assert told["transfers"] == len(twin.transfers)
    assert told["accounts"] == {
        name: [getattr(account, counter) for counter in counters]
        for name, account in twin.accounts.items()
    }


def _point(number: int) -> int:
    """The step at which a life ends: the first has the tables to make, which takes hundreds."""
    return 1 + drawn(f"posting {number}", STEPS if number else 900)


def _look(command: list[str], environment: dict[str, str]) -> dict[str, object]:
    done = subprocess.run(
        [*command, "--look"],
        env=os.environ | environment,
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=GIVE_UP_AFTER_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, object] = json.loads(done.stdout)
    return told
