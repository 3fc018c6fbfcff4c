"""The service over real sockets: what it takes in lasts, what it refuses leaves nothing."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from evernormal import clock
from evernormal.connectors.folder import read_folder
from evernormal.formats import checkpoint
from evernormal.formats.signed_request import Question, sign_request
from evernormal.formats.usage_batch import MEDIA_TYPE, BatchReading
from tests.api.serving import BALANCES, BATCHES, Serving, serving
from tests.api.year_folder import KEYS, PROGRAMME_ID, body_of, reading, signed, write_year
from tests.life.shelf import empty_database, evernormal

ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_year(tmp_path / "in", clock.now().astimezone(ZONE).date())


@pytest.fixture
def database() -> Iterator[str]:
    with empty_database() as url:
        yield url


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder above the one service that most tests ask, each about jobs of its own."""
    return tmp_path_factory.mktemp("service")


@pytest.fixture(scope="module")
def service(place: Path) -> Iterator[Serving]:
    folder = write_year(place / "in", clock.now().astimezone(ZONE).date())
    with empty_database() as url, serving(folder, place / "out", url=url) as running:
        yield running


JOBS = (f"job-{number}" for number in count(1))


def some_use(**other: object) -> BatchReading:
    """Give a reading of a job that no other has."""
    values = {"until": now() - timedelta(minutes=10), **other}
    return reading(next(JOBS), **values)  # type: ignore[arg-type]


def use(**other: object) -> bytes:
    return body_of(some_use(**other), made_at=now())


# --- Batches -------------------------------------------------------------------------------------


def test_a_batch_is_taken_once_and_known_after(service: Serving) -> None:
    body = use()

    first, again = service.post(body), service.post(body)

    told = first.json()
    assert (first.status_code, again.status_code) == (201, 200)
    assert told == again.json()
    assert told["batch"].encode() in body
    assert {name: told[name] for name in ("records", "kept", "duplicates", "charged_fen")} == {
        "records": 1,
        "kept": 1,
        "duplicates": 0,
        "charged_fen": 8_000,
    }
    assert datetime.fromisoformat(told["received_at"]).utcoffset() == timedelta(hours=8)


def test_problems_come_all_together_titled_in_the_language_asked_for(service: Serving) -> None:
    wrong = body_of(
        some_use(card_type="v100"),
        some_use(until=now() + timedelta(hours=1)),
        made_at=now(),
    )

    english, chinese = service.post(wrong), service.post(wrong, **{"Accept-Language": "zh-CN,zh"})

    told = english.json()
    assert english.status_code == told["status"] == 422
    assert english.headers["Content-Type"] == "application/problem+json"
    assert told["title"] == "The batch is refused"
    assert [problem["place"] for problem in told["problems"]] == [
        "readings[0].card_type",
        "readings[1].ends_at",
    ]
    assert chinese.json()["title"] == "批次未予接收"
    assert chinese.headers["Content-Language"] == "zh-Hans"
    assert [p["code"] for p in chinese.json()["problems"]] == [
        "usage.unmapped_class",
        "usage.after_receipt",
    ]


def test_the_same_id_with_other_bytes_is_a_conflict(service: Serving) -> None:
    one, other = use(), use()
    other = other.replace(other.split(b'"batch":"')[1][:36], one.split(b'"batch":"')[1][:36])
    assert service.post(one).status_code == 201

    refused = service.post(other)

    assert refused.status_code == 409
    assert refused.json()["problems"][0]["code"] == "batch.reused"


def test_nobody_learns_whether_a_provider_a_key_or_a_signature_was_wrong(service: Serving) -> None:
    body = use()
    unknown = body_of(some_use(), made_at=now(), provider_id="P9")
    answers = [
        service.post(body, key="c"),
        service.post(body, key="b"),
        service.post(unknown),
        service.post(body, **{"Evernormal-Signature": "A" * 88}),
        service.post(body, **{"Evernormal-Key": "x"}),
        service.post(b"no batch at all", **{"Evernormal-Signature": ""}),
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert service.post(body).status_code == 201


def test_what_is_no_request_of_ours_is_refused_without_being_read(service: Serving) -> None:
    body = use()
    client = service.client

    assert service.post(body, **{"Content-Type": "application/json"}).status_code == 415
    assert service.post(body, **{"Content-Encoding": "gzip"}).status_code == 415
    assert client.post(BATCHES.replace(PROGRAMME_ID, "other"), content=body).status_code == 404
    assert client.get(BATCHES).status_code == 405
    assert client.get("/v1/health/").status_code == 404
    assert client.get("/").json()["title"] == "There is no such place"
    assert service.post(b"0" * (8 * 1024 * 1024 + 1)).status_code == 413


def test_a_body_that_says_too_much_is_refused_before_it_comes(service: Serving) -> None:
    host, port = service.client.base_url.host, service.client.base_url.port
    head = f"POST {BATCHES} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999\r\n"
    head += "Content-Type: application/vnd.evernormal.usage+json\r\n\r\n"
    with socket.create_connection((host, port or 80), timeout=30) as line:
        line.sendall(head.encode())
        answer = line.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 413")


def test_batches_that_come_at_once_are_taken_one_after_the_other(service: Serving) -> None:
    bodies = [use() for _ in range(12)]

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(service.post, [*bodies, *bodies]))

    created = [answer for answer in answers if answer.status_code == 201]
    assert len(created) == len(bodies)
    assert {answer.status_code for answer in answers} == {200, 201}
    assert len({answer.json()["act"] for answer in created}) == len(bodies)
    assert len({answer.json()["received_at"] for answer in created}) == len(bodies)


# --- Balances, health, metrics, checkpoint -------------------------------------------------------


def test_a_balance_goes_down_with_use_and_says_so_in_both_languages(service: Serving) -> None:
    before = {row["order"]: row for row in service.balances().json()["balances"]}
    service.post(use(account="jiayi", cards=3))
    after = {row["order"]: row for row in service.balances().json()["balances"]}
    service.post(use(account="jiayi", cards=98))
    spent = {row["order"]: row for row in service.balances().json()["balances"]}

    assert before["O1"]["remaining_card_seconds"] == 360_000
    assert after["O1"] | {"message": {}} == {
        "account": "jiayi",
        "device_class": "A100-80G",
        "card_types": ["a100"],
        "order": "O1",
        "voucher": "V-C1",
        "state": "OPEN",
        "remaining_fen": 29_100,
        "remaining_card_seconds": 349_200,
        "starts_on": before["O1"]["starts_on"],
        "lapses_on": before["O1"]["lapses_on"],
        "message": {},
    }
    assert after["O1"]["message"]["en"].startswith("Voucher V-C1 has 291.00 yuan left for A100")
    assert after["O1"]["message"]["zh_Hans"].startswith("算力券 V-C1 可用于 A100-80G")
    assert spent["O1"]["state"] == "SPENT"
    assert "nothing left" in spent["O1"]["message"]["en"]


def test_a_provider_sees_its_own_balances_by_its_own_fresh_signature(service: Serving) -> None:
    mine = service.balances(key="b").json()
    stranger = service.balances(key="c")
    unsigned = service.client.get(BALANCES)
    old = sign_request(Question("GET", BALANCES), at=now() - timedelta(minutes=6), key=KEYS["a"])
    stale = service.client.get(BALANCES, headers=old)
    moved = service.client.get(
        f"{BALANCES}?x=1", headers=sign_request(Question("GET", BALANCES), at=now(), key=KEYS["a"])
    )

    assert (mine["provider"], [row["order"] for row in mine["balances"]]) == ("P2", ["O4"])
    assert [r.status_code for r in (stranger, unsigned, stale, moved)] == [401] * 4


def test_health_metrics_and_the_signed_head_are_open_to_all(service: Serving) -> None:
    before = counted(service)
    service.post(use())
    service.post(use())
    service.post(use(card_type="v100"))

    health, after = service.client.get("/v1/health"), counted(service)
    signed_head = service.client.get(f"/v1/programmes/{PROGRAMME_ID}/checkpoint").content

    assert health.json() == {"status": "ok", "programme": PROGRAMME_ID}
    grown = {name: value - before.get(name, 0) for name, value in after.items()}
    assert grown['evernormal_batches_total{provider="P1",outcome="taken"}'] == 2
    assert grown['evernormal_readings_total{provider="P1"}'] == 2
    assert grown['evernormal_refused_total{reason="refused"}'] == 1
    assert grown['evernormal_charged_fen_total{provider="P1"}'] == 16_000
    assert 590 <= after['evernormal_usage_lag_seconds{provider="P1"}'] <= 660
    assert after["evernormal_stuck"] == 0
    head, _ = checkpoint.read(signed_head)
    assert (head.log_id, head.size > 5) == (PROGRAMME_ID, True)


def counted(service: Serving) -> dict[str, int]:
    lines = service.client.get("/v1/metrics").text.splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: int(value) for name, value in pairs}


# --- Stops and crashes ---------------------------------------------------------------------------


def test_what_was_acknowledged_survives_a_kill_and_a_run_closes_the_same_books(
    folder: Path, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVERNORMAL_USAGE_LAKE", str(tmp_path / "lake"))
    out, bodies = tmp_path / "out", [use() for _ in range(4)]
    with serving(folder, out, url=database) as service:
        first = [service.post(body).json() for body in bodies[:2]]
        service.kill()
    with serving(folder, out, url=database) as service:
        again = [service.post(body) for body in bodies]
        assert service.stop() == 0
    told = (tmp_path / "out.log").read_text(encoding="utf-8")

    assert [answer.status_code for answer in again] == [200, 200, 201, 201]
    assert [answer.json() for answer in again[:2]] == first
    assert "Traceback" not in told
    key = out.with_suffix(".pem")
    done = evernormal("run", folder, "--out", out, url=database, key=key)
    assert done.returncode == 0, done.stderr
    checked = evernormal("verify", out)
    assert "everything holds" in checked.stdout, checked.stderr


def test_what_a_crash_left_half_done_is_put_away_or_taken_up(
    folder: Path, tmp_path: Path, database: str
) -> None:
    out = tmp_path / "out"
    with serving(folder, out, url=database) as service:
        service.post(use())
    received = folder / "usage/received/P1"
    unnamed = "usage/received/P1/019ec8ca-e280-751c-87fa-061c19f8f635.json"
    (folder / unnamed).write_bytes(use())
    (received / ".x.json.new").write_bytes(b"{")
    register = folder / "usage/received.csv"
    whole = register.read_bytes()
    register.write_bytes(whole + whole.splitlines()[1][:70])

    with serving(folder, out, url=database) as service:
        assert service.post(use()).status_code == 201

    assert len(register.read_bytes().splitlines()) == 3
    assert register.read_bytes().startswith(whole)
    assert len([path for path in read_folder(folder) if path.startswith("usage/received/")]) == 2
    assert not list(received.glob(".*"))
    assert (folder / ".set-aside" / unnamed).exists()


def test_an_older_register_is_refused_and_nothing_is_thrown_away(
    folder: Path, tmp_path: Path, database: str
) -> None:
    out = tmp_path / "out"
    with serving(folder, out, url=database) as service:
        assert service.post(use()).status_code == 201
    (body,) = (folder / "usage/received/P1").glob("*.json")
    (folder / "usage/received.csv").unlink()

    listen, key = "127.0.0.1:0", out.with_suffix(".pem")
    done = evernormal("serve", folder, "--out", out, "--listen", listen, url=database, key=key)

    assert (done.returncode, "received.lost" in done.stderr) == (1, True)
    assert (folder / ".set-aside" / body.relative_to(folder)).exists()


def test_a_second_service_on_the_same_folder_or_books_is_refused(
    service: Serving, place: Path
) -> None:
    assert service.client.get("/v1/health").status_code == 200
    key = place / "other.pem"

    served = evernormal("serve", place / "in", "--out", place / "elsewhere", key=key)
    run = evernormal("run", place / "in", "--out", place / "out", key=key)

    assert (served.returncode, served.stderr.split(":")[0]) == (1, "received.busy")
    assert (run.returncode, run.stderr.split(":")[0]) == (1, "output.busy")


def test_a_stop_finishes_the_request_in_hand(folder: Path, tmp_path: Path, database: str) -> None:
    body = use()
    with serving(folder, tmp_path / "out", url=database) as service:
        host, port = service.client.base_url.host, service.client.base_url.port or 80
        headers = {"Content-Type": MEDIA_TYPE, "Content-Length": str(len(body)), **signed(body)}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        with socket.create_connection((host, port), timeout=30) as line:
            line.sendall(f"POST {BATCHES} HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode())
            line.sendall(body[:100])
            # By the time of this answer the head of the other request was read too.
            assert service.client.get("/v1/health").status_code == 200
            service.process.terminate()
            line.sendall(body[100:])
            answer = b"".join(iter(lambda: line.recv(65_536), b""))
        assert service.process.wait(30) == 0

    assert answer.startswith(b"HTTP/1.1 201")
    assert json.loads(answer.split(b"\r\n\r\n")[1])["kept"] == 1
