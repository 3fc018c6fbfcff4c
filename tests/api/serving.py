"""A real service in a process of its own, asked over real sockets."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from evernormal import clock
from evernormal.formats.signed_request import Question, sign_request
from evernormal.formats.usage_batch import MEDIA_TYPE
from tests.api.year_folder import KEYS, PROGRAMME_ID, signed
from tests.life.shelf import EVERNORMAL

ADDRESS = re.compile(r"http://[0-9.]+:[0-9]+")
BATCHES = f"/v1/programmes/{PROGRAMME_ID}/usage-batches"
BALANCES = f"/v1/programmes/{PROGRAMME_ID}/balances"
GIVE_UP_AFTER_S = 60


@dataclass(frozen=True, slots=True)
class Serving:
    """A service that listens. Its log is `told`."""

    process: "subprocess.Popen[str]"
    client: httpx.Client
    told: Path

    def post(self, body: bytes, *, key: str = "a", **headers: str) -> httpx.Response:
        """Send a batch as an agent does."""
        sent = {"Content-Type": MEDIA_TYPE, **signed(body, key=key), **headers}
        return self.client.post(BATCHES, content=body, headers=sent)

    def balances(self, *, key: str = "a", path: str = BALANCES) -> httpx.Response:
        """Ask for balances as an agent does."""
        asked = sign_request(Question("GET", path), at=clock.now(), key=KEYS[key])
        return self.client.get(path, headers=asked)

    def stop(self) -> int:
        """Ask it to stop; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(GIVE_UP_AFTER_S)

    def kill(self) -> None:
        """Kill it, as the power does."""
        self.process.kill()
        self.process.wait(GIVE_UP_AFTER_S)


@contextmanager
def serving(folder: Path, out: Path, *, url: str = "") -> Iterator[Serving]:
    """Start a service on a folder, and end it."""
    told = out.with_suffix(".log")
    environment = os.environ | {
        "EVERNORMAL_DATABASE_URL": url,
        "EVERNORMAL_USAGE_LAKE": os.environ.get("EVERNORMAL_USAGE_LAKE", str(out / ".state/lake")),
        "EVERNORMAL_SIGNING_KEY": str(out.with_suffix(".pem")),
        "COLUMNS": "1000",
    }
    with told.open("a", encoding="utf-8") as log:
        process = subprocess.Popen(
            [EVERNORMAL, "serve", folder, "--out", out, "--listen", "127.0.0.1:0"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            encoding="utf-8",
        )
    try:
        address = _address_of(process, told)
        with httpx.Client(base_url=address, timeout=GIVE_UP_AFTER_S, trust_env=False) as client:
            yield Serving(process, client, told)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(GIVE_UP_AFTER_S)
        if process.stdout:
            process.stdout.close()


def _address_of(process: "subprocess.Popen[str]", told: Path) -> str:
    """Read what it prints until it says where it listens."""
    lines = []
    for line in process.stdout or ():
        lines.append(line)
        if found := ADDRESS.search(line):
            return found[0]
    raise AssertionError("".join(lines) + told.read_text(encoding="utf-8"))
