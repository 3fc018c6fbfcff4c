"""Orders over real sockets: what is acknowledged lasts, what is refused leaves nothing."""

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from evernormal import clock
from evernormal.cli import main
from evernormal.connectors.folder import read_folder
from evernormal.connectors.output_folder import read_files
from evernormal.formats.order_request import MEDIA_TYPE
from tests.api.ordering import BUYERS, ORDERS, order_headers, order_of, write_ordering_year
from tests.api.serving import Serving, serving
from tests.api.year_folder import PROGRAMME_ID
from tests.life.shelf import empty_database, evernormal

SENT = 24


def today() -> date:
    return clock.now().astimezone(ZoneInfo("Asia/Shanghai")).date()


def post(service: Serving, body: bytes, *, key: str = "x", **headers: str) -> httpx.Response:
    sent = {"Content-Type": MEDIA_TYPE, **order_headers(body, key=key), **headers}
    return service.client.post(ORDERS, content=body, headers=sent)


def day_order(number: int) -> bytes:
    """Give an order of one day, of which no other has the class and day."""
    day = today() + timedelta(number // 2)
    device_class = ("A100-80G", "H100-80G")[number % 2]
    return order_of(
        f"N{number}", today=today(), starts_on=day, last_on=day, device_class=device_class
    )


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    place = tmp_path_factory.mktemp("orders")
    folder = write_ordering_year(place / "in", today())
    with empty_database() as url, serving(folder, place / "out", url=url) as running:
        yield running


def test_an_order_is_placed_once_and_known_after(service: Serving) -> None:
    body = day_order(0)

    first, again = post(service, body), post(service, body)

    told = first.json()
    assert (first.status_code, again.status_code) == (201, 200)
    assert told == again.json()
    shown = ("order", "cards", "limb", "hold_fen", "contract", "voucher")
    assert [told[name] for name in shown] == ["N0", 16, "REQUEST", 4_800, "C1", "V-C1"]
    assert told["quote"]["copay_fen"] == 11_200


def test_what_is_no_order_of_ours_is_refused(service: Serving) -> None:
    body = day_order(2)
    other = body.replace(b'"card_hours":16', b'"card_hours":17')
    assert post(service, body).status_code == 201

    assert post(service, other).status_code == 409
    assert post(service, day_order(4), key="y").status_code == 401
    assert post(service, body, **{"Content-Type": "application/json"}).status_code == 415
    assert post(service, b"0" * 17_000).status_code == 413
    wrong = post(service, other.replace(b'"order":"N2"', b'"order":"O2"'))
    assert wrong.status_code == 422
    assert wrong.json()["title"] == "The order is refused"
    assert [p["code"] for p in wrong.json()["problems"]] == ["order.id_taken", "order.overlap"]


def test_the_command_places_an_order_and_says_why_it_cannot(
    service: Serving, tmp_path: Path
) -> None:
    key = tmp_path / "key.pem"
    key.write_bytes(BUYERS["x"].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key.chmod(0o600)
    day = (today() + timedelta(20)).isoformat()
    asked = ["market", "order", "CLI-1", "--url", str(service.client.base_url), "--key", str(key)]
    asked += ["--programme", PROGRAMME_ID, "--applicant", "A1", "--contract", "C1"]
    asked += ["--provider", "P1", "--device-class", "A100-80G", "--cards", "8"]
    asked += ["--card-hours", "8", "--starts-on", day, "--ends-on", day]

    placed = CliRunner().invoke(main, asked)
    refused = CliRunner().invoke(main, [*asked[:2], "CLI-2", *asked[3:]])
    away = CliRunner().invoke(main, [*asked[:4], "http://127.0.0.1:9", *asked[5:]])

    assert placed.exit_code == 0, placed.output
    assert '"hold_fen": 2400' in placed.output
    assert (refused.exit_code, away.exit_code) == (4, 3)
    assert "order.overlap" in refused.output
    assert "--made-at" in away.output


def send_all(service: Serving, waiting: list[bytes], *, first: int) -> None:
    """Send what has no receipt yet, until the service is away."""
    for index in [*range(first, SENT), *range(first)]:
        body = waiting[index]
        if not body:
            continue
        try:
            answer = post(service, body)
        except httpx.HTTPError:
            return
        assert answer.status_code in {200, 201}, answer.text
        waiting[index] = b""


def test_each_acknowledged_hold_is_there_once_whenever_the_service_is_killed(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVERNORMAL_USAGE_LAKE", str(tmp_path / "lake"))
    folder, out = write_ordering_year(tmp_path / "in", today()), tmp_path / "out"
    waiting = [day_order(number) for number in range(SENT)]
    kills = min(request.config.getoption("--crashes"), 4)
    with empty_database() as database:
        for number in range(kills + 1):
            with serving(folder, out, url=database) as service:
                senders = [
                    threading.Thread(target=send_all, args=(service, waiting), kwargs={"first": n})
                    for n in (0, SENT // 2)
                ]
                for sender in senders:
                    sender.start()
                if number < kills:
                    # A little later every time, and never at the same place of a request.
                    senders[0].join(0.01 + 0.017 * number)
                    service.kill()
                for sender in senders:
                    sender.join()
        assert not any(waiting)
        done = evernormal("run", folder, "--out", out, url=database, key=out.with_suffix(".pem"))

    assert done.returncode == 0, done.stderr
    kept = [path for path in read_folder(folder) if path.startswith("orders/received/")]
    assert len(kept) == SENT
    log = read_files(out)["audit-log.jsonl"].decode()
    holds = [f'"key":"PLACE_HOLD/N{number}"' for number in range(SENT)]
    assert [log.count(key) for key in holds] == [1] * SENT
    checked = evernormal("verify", out)
    assert "everything holds" in checked.stdout, checked.stderr
