"""Two who do the same at once: agents on one meter, services on one year, spenders of a voucher."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.architecture.tree import ROOT
from tests.crash.conftest import Place
from tests.crash.office import WINDOW_S
from tests.crash.programs import GIVE_UP_AFTER_S, Program, asking, free_port, service
from tests.crash.spenders import FACE, HOLD
from tests.crash.test_killed_path import settings_of

SPENDERS = 32


def test_two_agents_with_one_key_and_two_spools_and_three_services_that_race(
    place: Place, tmp_path: Path
) -> None:
    """One of the services gets the year; what both agents send counts once."""
    services = [place.service] + [
        service(place.folder, place.out, url=place.url, port=free_port()) for _ in range(2)
    ]
    for number, each in enumerate(services):
        each.name = f"service-{number}"
        each.start()
    try:
        codes = _losers(services)
        winner = next(each for each in services if each.ended() is None)
        port = int(str(winner.command[-1]).rpartition(":")[2])
        with asking(winner, port):
            agents = [_agent(place, tmp_path / name, port=port) for name in ("one", "two")]
            for agent in agents:
                agent.start(None, "--once")
            ended = [agent.wait() for agent in agents]
            assert winner.stop() == 0
    finally:
        for each in services:
            each.kill()

    assert codes == [1, 1]
    assert ended == [0, 0], [agent.last_words() for agent in agents]
    register = (place.folder / "usage/received.csv").read_text(encoding="utf-8")
    assert register.count("\n") > len(place.batches(size=3))
    place.demand_counted_once()


def _losers(services: list[Program]) -> list[int]:
    """Wait until all services but one have ended; how."""
    waiting = list(services)
    codes = []
    while len(waiting) > 1:
        for each in waiting:
            code = each.ended()
            if code is not None:
                assert "busy" in each.last_words()
                codes.append(code)
                waiting.remove(each)
                break
    return codes


def _agent(place: Place, folder: Path, *, port: int) -> Program:
    folder.mkdir()
    clock = folder / "meter-clock"
    clock.write_text(str(place.origin + place.windows * WINDOW_S), encoding="ascii")
    settings = settings_of(folder, "P1", port=port, origin=place.origin)
    words = [settings, "P1", place.origin, place.windows, clock]
    command = [sys.executable, "-m", "tests.crash.agent", *map(str, words)]
    return Program("agent", command, folder)


def test_32_spenders_together_spend_a_voucher_no_further_than_its_face(
    own_database_url: str,
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.spenders", str(SPENDERS)],
        env=os.environ
        | {
            "EVERNORMAL_DATABASE_URL": own_database_url,
            "DJANGO_SETTINGS_MODULE": "evernormal.settings",
        },
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=GIVE_UP_AFTER_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)

    assert told["face"] == FACE < SPENDERS * HOLD
    assert told["held"] == sum(told["holds"]) == told["face"]
    # Each order was decided once: some got all they asked, the others nothing.
    assert told["codes"] == {"0": SPENDERS}
    assert told["acts"] == SPENDERS
    assert told["holds"] == [HOLD] * (FACE // HOLD)
