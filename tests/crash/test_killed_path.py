"""The whole path, killed at numbered steps: from the meter to the books nothing is lost or doubled.

A service and the agents of two data centres work over real sockets. Each of the three is killed at
steps drawn from a seed, and started again, until the last batch is acknowledged.
"""

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from sys import executable

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from evernormal import clock
from evernormal.connectors.output_folder import read_files
from tests.crash.office import (
    KEYS,
    PROGRAMME_ID,
    WINDOW_S,
    ZONE,
    card_seconds,
    drawn,
    finals,
    owed_fen,
    told_by,
    write_office,
)
from tests.crash.programs import (
    Crash,
    Program,
    books_environment,
    free_port,
    look_at,
    service,
)
from tests.life.shelf import CHECKPOINT, EVERNORMAL, LOG, evernormal

LOOK_EVERY_S = 0.02
NOTHING_HAPPENS_S = 120
SERVICE_STEPS, START_STEPS, AGENT_STEPS = 140, 40, 60
RUN_STEPS = 1_500
"""Steps within which a life ends: the service's after it listens, and from its start; an agent's.

A batch takes the service some sixty steps, and the agent some twenty.
"""


@dataclass(slots=True)
class Site:
    """The service and the agents; the meters' clock, which goes on by windows."""

    folder: Path
    place: Path
    url: str
    windows: int
    origin: int
    service: Program
    agents: dict[str, Program]
    window: int = 0
    kills: int = 0

    @property
    def out(self) -> Path:
        return self.place / "out"

    @property
    def programs(self) -> list[Program]:
        return [self.service, *self.agents.values()]

    def go_on(self) -> None:
        """Let the meters' clock go on by a window."""
        self.window = min(self.window + 1, self.windows)
        half = self.place / "meter-clock.new"
        half.write_text(str(self.origin + self.window * WINDOW_S), encoding="ascii")
        half.replace(self.place / "meter-clock")

    def is_caught_up(self) -> bool:
        """Whether every agent has read up to the meters' clock, and nothing waits."""
        now = self.origin + self.window * WINDOW_S
        return all(self._has_sent(name, now) for name in self.agents)

    def _has_sent(self, name: str, now: int) -> bool:
        spool = self.place / f"spool-{name}"
        try:
            state = json.loads((spool / "state.json").read_bytes())
        except FileNotFoundError:
            return False
        return state["cursor"] >= now and not any((spool / "waiting").iterdir())

    def crash(self, program: Program) -> Crash:
        """Where the next life of a program ends."""
        seed = f"{program.name} {program.lives}"
        if program is not self.service:
            return Crash(1 + drawn(seed, AGENT_STEPS))
        if drawn(f"{seed} early", 5) == 0:
            return Crash(1 + drawn(seed, START_STEPS))
        return Crash(1 + drawn(seed, SERVICE_STEPS), after="socket.bind")

    def live(self, *, kills: int) -> None:
        """Kill and start again, until so many were killed or the meters have no more to tell."""
        moved_at = time.monotonic()
        while self.kills < kills and not (self.window == self.windows and self.is_caught_up()):
            for program in self.programs:
                code = program.ended()
                if code is None and program.process is not None:
                    continue
                if code is not None:
                    assert code == -9, (program.name, code, program.last_words())
                    self.kills += 1
                    self.go_on()
                    moved_at = time.monotonic()
                program.start(self.crash(program))
            if self.is_caught_up():
                self.go_on()
                moved_at = time.monotonic()
            assert time.monotonic() < moved_at + NOTHING_HAPPENS_S, self.service.last_words()
            time.sleep(LOOK_EVERY_S)

    def finish(self) -> None:
        """Let everything come to its end undisturbed."""
        for program in self.programs:
            program.kill()
        while self.window < self.windows:
            self.go_on()
        self.service.start()
        for agent in self.agents.values():
            give_up_at = time.monotonic() + NOTHING_HAPPENS_S
            code = 3
            while code == 3:
                assert time.monotonic() < give_up_at, agent.last_words()
                agent.start(None, "--once")
                code = agent.wait()
            assert code == 0, agent.last_words()
        assert self.is_caught_up()
        assert self.service.stop() == 0, self.service.last_words()


def site_of(place: Path, *, url: str, windows: int) -> Site:
    now = clock.now().replace(microsecond=0)
    origin = int(now.timestamp()) - windows * WINDOW_S
    folder = write_office(place / "in", today=now.astimezone(ZONE).date(), windows=windows)
    port = free_port()
    agents = {}
    for name in KEYS:
        settings = settings_of(place, name, port=port, origin=origin)
        meter: list[str | Path] = [name, str(origin), str(windows), place / "meter-clock"]
        command = [executable, "-m", "tests.crash.agent", settings, *meter]
        agents[name] = Program(f"agent-{name}", command, place)
    running = service(folder, place / "out", url=url, port=port)
    site = Site(folder, place, url, windows, origin, running, agents)
    site.go_on()
    return site


def settings_of(place: Path, name: str, *, port: int, origin: int) -> Path:
    key = place / f"key-{name}.pem"
    key.write_bytes(KEYS[name].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key.chmod(0o600)
    path = place / f"agent-{name}.toml"
    path.write_text(
        f"""
provider = "{name}"
programme = "{PROGRAMME_ID}"
key = "{key.name}"
spool = "spool-{name}"
first_from = {time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(origin))}
window_seconds = {WINDOW_S}
overlap_seconds = {3 * WINDOW_S}
interval_seconds = 1
retry_seconds_max = 1
batch_readings_max = 3
[platform]
url = "http://127.0.0.1:{port}"
timeout_seconds = 30
[slurm]
""",
        encoding="utf-8",
    )
    return path


def test_the_whole_path_killed_at_any_step_counts_and_charges_everything_once(
    tmp_path: Path,
    own_database_url: str,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    kills = request.config.getoption("--crashes")
    site = site_of(tmp_path, url=own_database_url, windows=kills + 6)
    try:
        site.live(kills=kills)
        site.finish()
    finally:
        for program in site.programs:
            program.kill()
    found = look_at(site.folder, site.out, site.url)
    used = {name: finals(told_by(name, origin=site.origin, windows=site.windows)) for name in KEYS}
    owed = {o: fen for name in KEYS for o, fen in owed_fen(name, used[name]).items()}
    _tell(site, found["charges"], sum(owed.values()), record_property)

    assert site.kills >= kills // 2
    assert found["card_seconds"] == {name: card_seconds(used[name]) for name in KEYS}
    assert found["records"] == {name: len(used[name]) for name in KEYS}
    assert {o: fen for o, fen in found["charged"].items() if fen} == owed
    assert found["due"] == 0
    # Some holds ran out: their vouchers did not pay the whole of their share.
    assert any(found["captured"][o] < owed[o] * 30 // 100 for o in owed)
    demand_same_books(site, tmp_path, kills=max(1, kills // 4))


def demand_same_books(site: Site, tmp_path: Path, *, kills: int) -> None:
    """Close the year on the service's books, and from the folder alone, killed too: same bytes."""
    key = site.out.with_suffix(".pem")
    fresh = tmp_path / "fresh"
    run = Program(
        "run",
        [EVERNORMAL, "run", site.folder, "--out", fresh],
        tmp_path,
        books_environment(fresh, "") | {"EVERNORMAL_SIGNING_KEY": str(key)},
    )
    for number in range(kills):
        run.start(Crash(1 + drawn(f"run {number}", RUN_STEPS)))
        if run.wait() == 0:
            break
    run.start()
    assert run.wait() == 0, run.last_words()
    print(f"a run over the folder killed at {dict(run.deaths())}")  # noqa: T201 - as above
    lake = str(site.out.with_suffix(".lake"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("EVERNORMAL_USAGE_LAKE", lake)
        done = evernormal("run", site.folder, "--out", site.out, url=site.url, key=key)
    assert (done.returncode, done.stderr) == (0, "")
    ours, theirs = read_files(site.out), read_files(fresh)
    assert ours[LOG] == theirs[LOG]
    assert ours == theirs
    assert CHECKPOINT in ours
    checked = evernormal("verify", fresh)
    assert "everything holds" in checked.stdout, checked.stderr


def _tell(site: Site, charges: int, owed: int, record: Callable[[str, object], None]) -> None:
    """Print what happened, for whoever runs this with -s."""
    deaths = sum((program.deaths() for program in site.programs), Counter[str]())
    batches = len(list((site.folder / "usage/received").rglob("*.json")))
    told = f"{site.kills} kills at {dict(deaths)}, {batches} batches, {charges} charges, {owed} fen"
    record("told", told)
    print(f"\n{told}")  # noqa: T201 - figures of a deep run
