"""A service that is killed again and again, and senders that send until they have a receipt."""

import csv
import io
import threading
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from evernormal import clock
from evernormal.connectors.folder import read_folder
from evernormal.connectors.output_folder import read_files
from evernormal.domain.values import Fen
from evernormal.formats.usage_answer import is_receipt
from evernormal.formats.usage_batch import decode
from tests.api.serving import Serving, serving
from tests.api.year_folder import body_of, reading, write_year
from tests.life.shelf import empty_database, evernormal

BATCHES = 40
# Fen: a card-hour costs 10.00 yuan, and each batch is of eight card-hours.
CHARGED = BATCHES * 8_000


@pytest.fixture
def database() -> Iterator[str]:
    with empty_database() as url:
        yield url


def bodies() -> list[bytes]:
    until = clock.now() - timedelta(minutes=10)
    made = [reading(f"job-{number}", until=until) for number in range(BATCHES)]
    return [body_of(each, made_at=clock.now()) for each in made]


def charged(table: bytes) -> int:
    """Add up the fen of charges.csv."""
    rows = csv.DictReader(io.StringIO(table.decode("utf-8")))
    return sum(Fen.from_yuan(row["amount_yuan"]).amount for row in rows)


def send_all(service: Serving, waiting: list[bytes], *, first: int) -> None:
    """Send what has no receipt yet, in a thread of its own order, until the service is away."""
    order = cycle(range(len(waiting)))
    for _ in range(first):
        next(order)
    for index in order:
        body = waiting[index]
        if not any(waiting):
            return
        if not body:
            continue
        try:
            answer = service.post(body)
        except httpx.HTTPError:
            return
        assert answer.status_code in {200, 201}, answer.text
        if is_receipt(answer.content, batch_id=decode(body).id, body=body):
            waiting[index] = b""


def test_nothing_is_lost_or_taken_twice_whenever_the_service_is_killed(
    tmp_path: Path,
    database: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EVERNORMAL_USAGE_LAKE", str(tmp_path / "lake"))
    day = clock.now().astimezone(ZoneInfo("Asia/Shanghai")).date()
    folder, out = write_year(tmp_path / "in", day), tmp_path / "out"
    sent = bodies()
    waiting = list(sent)
    kills = request.config.getoption("--crashes")
    for number in range(kills + 1):
        with serving(folder, out, url=database) as service:
            senders = [
                threading.Thread(target=send_all, args=(service, waiting), kwargs={"first": first})
                for first in (0, BATCHES // 2)
            ]
            for sender in senders:
                sender.start()
            if number < kills:
                # A little later every time, and never at the same place of a request.
                senders[0].join(0.02 + 0.037 * number)
                service.kill()
            for sender in senders:
                sender.join()
    key = out.with_suffix(".pem")

    assert not any(waiting)
    done = evernormal("run", folder, "--out", out, url=database, key=key)
    assert done.returncode == 0, done.stderr
    batches = {path for path in read_folder(folder) if path.startswith("usage/received/")}
    assert len(batches) == BATCHES
    log = read_files(out)["audit-log.jsonl"].decode()
    assert log.count('"act":"ACCEPT_USAGE"') == BATCHES
    assert read_files(out)["usage.csv"].count(b"job-") == BATCHES
    assert charged(read_files(out)["charges.csv"]) == CHARGED
    checked = evernormal("verify", out)
    assert "everything holds" in checked.stdout, checked.stderr
