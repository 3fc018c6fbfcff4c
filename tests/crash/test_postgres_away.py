"""PostgreSQL is stopped, or cuts every connection, while batches come in: the service goes on.

It says 503 as long as the server is away, and takes batches again without being started anew.
"""

import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import psycopg
import pytest
from django.db import Error as DatabaseFault
from django.db import connection, transaction

from evernormal.store.bulk import insert_rows
from tests.architecture.tree import ROOT
from tests.crash.conftest import Place
from tests.crash.office import drawn
from tests.crash.programs import GIVE_UP_AFTER_S, asking, post
from tests.crash.test_bad_batches import renamed
from tests.life.shelf import SERVER

TAKEN, AWAY = {200, 201}, 503
TOOL: Final = ROOT / "tools/postgres.sh"

pytestmark = pytest.mark.skipif(
    not SERVER.startswith("postgresql:"), reason="of PostgreSQL, and SQLite is under test"
)


@dataclass(frozen=True, slots=True)
class Server:
    """A server of the test's own."""

    folder: Path

    def do(self, *words: str) -> str:
        done = subprocess.run(
            [TOOL, *words, self.folder], capture_output=True, encoding="utf-8", check=False
        )
        if done.returncode:
            pytest.skip(f"no PostgreSQL of the test's own: {done.stderr.strip()[-200:]}")
        return done.stdout.strip()

    def crash(self) -> None:
        """Kill the first process of the server: all others end at once, and nothing is flushed."""
        place = self.folder / "place"
        data = Path(place.read_text().strip() if place.exists() else self.folder) / "data"
        pid = (data / "postmaster.pid").read_text().split()[0]
        # SIGQUIT is the server's own word for an immediate shutdown.
        subprocess.run(["kill", "-QUIT", pid], check=True)
        give_up_at = time.monotonic() + GIVE_UP_AFTER_S
        while (data / "postmaster.pid").exists():
            assert time.monotonic() < give_up_at
            time.sleep(0.02)

    def cut_all(self) -> int:
        """Cut every connection but our own; how many."""
        with psycopg.connect(self.do("url"), autocommit=True) as connection:
            rows = connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where pid <> pg_backend_pid() and backend_type = 'client backend'"
            ).fetchall()
        return len(rows)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Start a server that only this test knows."""
    found = Server(tmp_path / "pg")
    found.do("start")
    try:
        yield found
    finally:
        found.do("stop")


@dataclass(slots=True)
class Sender:
    """Sends one batch after the other, each until it is taken, from a thread of its own."""

    client: httpx.Client
    bodies: list[bytes]
    answers: Counter[int] = field(default_factory=Counter)
    stop: threading.Event = field(default_factory=threading.Event)
    faults: list[str] = field(default_factory=list)

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Send beside the block, and at its end until all was sent once."""
        thread = threading.Thread(target=self._run)
        thread.start()
        try:
            yield
        finally:
            self.stop.set()
            thread.join(GIVE_UP_AFTER_S)

    def _run(self) -> None:
        turn = 0
        while not turn or not self.stop.is_set():
            for number, body in enumerate(self.bodies):
                fresh = body if turn == 0 else renamed(body, f"{turn} {number}")
                while not self._is_taken(fresh):
                    time.sleep(0.02)
                if self.stop.is_set() and turn:
                    return
            turn += 1

    def _is_taken(self, body: bytes) -> bool:
        answer = post(self.client, body, signed_by="P1")
        self.answers[answer.status_code] += 1
        if answer.status_code not in {*TAKEN, AWAY}:
            self.faults.append(f"{answer.status_code} {answer.text}")
        is_problem = answer.headers["Content-Type"] == "application/problem+json"
        if is_problem is (answer.status_code in TAKEN):
            self.faults.append(answer.headers["Content-Type"])
        return answer.status_code in TAKEN or bool(self.faults)


def test_a_service_outlives_its_server_and_its_connections(
    server: Server, place_of: Callable[..., Place], request: pytest.FixtureRequest
) -> None:
    times = max(2, request.config.getoption("--crashes") // 2)
    place = place_of(server.do("url"), windows=1_500)
    place.service.start()
    with asking(place.service, place.port) as client:
        sender = Sender(client, place.mixed_batches(size=150))
        with sender.sending():
            done = Counter(_disturb(server, sender, number) for number in range(times))
        assert client.get("/v1/health").status_code == 200
        assert place.service.stop() == 0
    print(f"\n{dict(done)}, {dict(sender.answers)}")  # noqa: T201 - figures of a deep run

    assert sender.faults == []
    assert set(done) == {"crash", "cut"}
    assert place.service.lives == 1
    place.demand_counted_once()


def _disturb(server: Server, sender: Sender, number: int) -> str:
    """Crash the server or cut its connections, and wait until batches are taken again."""
    time.sleep(0.05 + drawn(f"cut {number}", 300) / 1_000)
    if number % 4 == 1:
        server.crash()
        _wait_for(sender, AWAY)
        assert sender.client.get("/v1/health").status_code == AWAY
        server.do("start")
        done = "crash"
    else:
        while not server.cut_all():
            time.sleep(0.02)
        done = "cut"
    _wait_for(sender, *TAKEN)
    return done


def _wait_for(sender: Sender, *statuses: int) -> None:
    """Wait until an answer of a status has come that was not there before."""
    before = sum(sender.answers[status] for status in statuses)
    give_up_at = time.monotonic() + GIVE_UP_AFTER_S
    while sum(sender.answers[status] for status in statuses) == before and not sender.faults:
        assert time.monotonic() < give_up_at, sender.answers
        time.sleep(0.01)


class _Cut(list[tuple[object, ...]]):
    """Rows in whose midst the connection that writes them is cut."""

    def __iter__(self) -> Iterator[tuple[object, ...]]:
        rows = super().__iter__()
        yield next(rows)
        pid = connection.connection.info.backend_pid
        with psycopg.connect(SERVER, autocommit=True) as other:
            other.execute("select pg_terminate_backend(%s, 5000)", [pid])
        yield from rows


@pytest.mark.django_db
def test_a_connection_that_is_cut_in_the_midst_of_many_rows_is_a_fault_of_the_database() -> None:
    """The service tells faults of the database from its own by their type."""

    def insert() -> BaseException | None:
        columns = ("id", "scheme_id", "inputs_digest", "opened_on")
        try:
            with transaction.atomic():
                insert_rows("programme", columns, _Cut([_row(n) for n in range(10_000)]))
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is looked at
            return error
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(1) as pool:
        error = pool.submit(insert).result()

    assert isinstance(error, DatabaseFault), repr(error)


def _row(number: int) -> tuple[object, ...]:
    return f"p{number}", "s", "", "2026-01-01"
