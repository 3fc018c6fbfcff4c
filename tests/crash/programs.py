"""Programs that are killed at numbered steps and started again (see killer/sitecustomize.py)."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from evernormal.formats.usage_batch import MEDIA_TYPE, sign
from tests.architecture.tree import ROOT
from tests.crash.books import Found
from tests.crash.office import KEYS, PROGRAMME_ID
from tests.life.shelf import EVERNORMAL

KILLER = Path(__file__).with_name("killer")
GIVE_UP_AFTER_S = 120


@dataclass(frozen=True, slots=True)
class Crash:
    """Where a life ends: at the n-th step after an audit event, or after the start."""

    at: int
    after: str = ""


@dataclass(slots=True)
class Program:
    """A command that lives again and again. What it prints goes to `told`, its deaths to `log`."""

    name: str
    command: Sequence[str | Path]
    place: Path
    environment: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None
    lives: int = 0

    @property
    def told(self) -> Path:
        return self.place / f"{self.name}.told"

    @property
    def log(self) -> Path:
        return self.place / f"{self.name}.deaths"

    def start(self, crash: Crash | None = None, *more: str) -> None:
        """Begin a life; without a crash it ends by itself, or when it is stopped."""
        environment = os.environ | self.environment | {"COLUMNS": "1000"}
        environment.pop("EVERNORMAL_CRASH_AT", None)
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        if crash is not None:
            paths.insert(0, str(KILLER))
            environment |= {
                "EVERNORMAL_CRASH_AT": str(crash.at),
                "EVERNORMAL_CRASH_AFTER": crash.after,
                "EVERNORMAL_CRASH_LOG": str(self.log),
            }
        environment["PYTHONPATH"] = os.pathsep.join(paths)
        self.lives += 1
        with self.told.open("ab") as told:
            self.process = subprocess.Popen(
                [*self.command, *more], env=environment, stdout=told, stderr=told, cwd=ROOT
            )

    def ended(self) -> int | None:
        """The exit code; None while it lives, or before it ever did."""
        return None if self.process is None else self.process.poll()

    def wait(self) -> int:
        assert self.process is not None
        return self.process.wait(GIVE_UP_AFTER_S)

    def stop(self) -> int:
        """Ask it to stop."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """End it, if it lives."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(GIVE_UP_AFTER_S)

    def deaths(self) -> Counter[str]:
        """How often it died at which kind of step."""
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        return Counter(lines)

    def last_words(self) -> str:
        return self.told.read_text(encoding="utf-8", errors="replace")[-6_000:]


def free_port() -> int:
    """Find a port that nobody listens on; the service takes it again after each crash."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def books_environment(out: Path, url: str) -> dict[str, str]:
    """Say where the books of a service lie."""
    return {
        "EVERNORMAL_DATABASE_URL": url,
        "EVERNORMAL_USAGE_LAKE": str(out.with_suffix(".lake")),
        "EVERNORMAL_SIGNING_KEY": str(out.with_suffix(".pem")),
    }


def service(folder: Path, out: Path, *, url: str, port: int) -> Program:
    """Make the service of a year, not started."""
    listen = f"127.0.0.1:{port}"
    return Program(
        "service",
        [EVERNORMAL, "serve", folder, "--out", out, "--listen", listen],
        out.parent,
        books_environment(out, url),
    )


def look_at(folder: Path, out: Path, url: str) -> Found:
    """Have the laws checked in a database, and say what it holds."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.books", folder],
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "evernormal.settings"}
        | books_environment(out, url),
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=GIVE_UP_AFTER_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: Found = json.loads(done.stdout)
    return found


@contextmanager
def asking(program: Program, port: int) -> Iterator[httpx.Client]:
    """Wait until the service answers, and give a client that asks it; the service is ended after.

    The caller has started it.
    """
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=GIVE_UP_AFTER_S, trust_env=False
        ) as client:
            give_up_at = time.monotonic() + GIVE_UP_AFTER_S
            while not _answers(client):
                assert program.ended() is None, program.last_words()
                assert time.monotonic() < give_up_at, program.last_words()
                time.sleep(0.05)
            yield client
    finally:
        program.kill()


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/v1/health").status_code in {200, 503}
    except httpx.TransportError:
        return False


def post(
    client: httpx.Client, body: bytes, *, signed_by: str, signed: bytes = b""
) -> httpx.Response:
    """Send a body with a provider's signature: of the body, or of what it was before."""
    headers = {"Content-Type": MEDIA_TYPE, **sign(signed or body, key=KEYS[signed_by])}
    path = f"/v1/programmes/{PROGRAMME_ID}/usage-batches"
    return client.post(path, content=body, headers=headers)
