"""Whatever comes over the wire, signed or not: it is answered, and never by a fault of ours."""

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evernormal import clock
from evernormal.formats.usage_batch import EPOCH_MAX, EPOCH_MIN, MEDIA_TYPE
from tests.api.serving import BALANCES, BATCHES, Serving, serving
from tests.api.year_folder import body_of, reading, signed, write_year
from tests.life.shelf import empty_database

EXPECTED = {200, 201, 400, 401, 404, 405, 409, 413, 415, 422}
# What a socket can carry in a header.
TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60).map(str.strip)
NAMES = st.sampled_from(
    [
        "Accept-Language",
        "Content-Encoding",
        "Content-Type",
        "Evernormal-Date",
        "Evernormal-Key",
        "Evernormal-Signature",
        "Expect",
        "Range",
        "X-Other",
    ]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner)
)
INSTANTS = st.integers(EPOCH_MIN, EPOCH_MAX)
READINGS = st.fixed_dictionaries(
    {
        "account": st.sampled_from(["jiayi", "jiayi-2", "jiayi-3", "另一个", "x" * 200]),
        "card_type": st.sampled_from(["a100", "h100", "v100", "A100-80G", "一"]),
        "cards": st.integers(0, 1_000_000),
        "cluster": st.sampled_from(["c1", "c2"]),
        "ends_at": INSTANTS,
        "is_final": st.booleans(),
        "job": st.sampled_from(["1", "2", "3"]),
        "revision": st.integers(0, 3),
        "starts_at": INSTANTS,
        "state": st.sampled_from(["COMPLETED", "RUNNING"]),
    }
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    place = tmp_path_factory.mktemp("service")
    folder = write_year(place / "in", clock.now().astimezone(ZoneInfo("Asia/Shanghai")).date())
    with empty_database() as url, serving(folder, place / "out", url=url) as running:
        yield running


def whole_body() -> bytes:
    until = clock.now() - timedelta(minutes=5)
    return body_of(reading("9", until=until), made_at=clock.now())


def judge(service: Serving, answer: httpx.Response) -> None:
    assert answer.status_code in EXPECTED, answer.text
    assert "Traceback" not in answer.text
    if answer.status_code >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
    assert service.process.poll() is None


@given(body=st.binary(max_size=300) | JSON.map(msgspec.json.encode))
def test_random_signed_bodies_are_refused(service: Serving, body: bytes) -> None:
    answer = service.post(body)

    judge(service, answer)
    assert answer.status_code == 422


@given(data=st.data())
def test_a_batch_with_changed_bytes_is_refused(service: Serving, data: st.DataObject) -> None:
    body = bytearray(whole_body())
    at = data.draw(st.integers(0, len(body) - 1))
    body[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=30))

    judge(service, service.post(bytes(body)))


@given(readings=st.lists(READINGS, min_size=1, max_size=6))
def test_random_readings_are_taken_whole_or_refused_whole(
    service: Serving, readings: list[dict[str, object]]
) -> None:
    whole = msgspec.json.decode(whole_body())
    ordered = [dict(sorted(each.items())) for each in readings]
    body = msgspec.json.encode({**whole, "readings": ordered})

    judge(service, service.post(body))


@settings(max_examples=25)
@given(
    headers=st.dictionaries(NAMES, TEXT, max_size=5),
    path=st.sampled_from([BATCHES, BALANCES, "/v1/health"])
    | st.text(
        st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#%?[]"), max_size=30
    ),
    method=st.sampled_from(["GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE"]),
)
def test_random_requests_are_answered(
    service: Serving, headers: dict[str, str], path: str, method: str
) -> None:
    sent = {"Content-Type": MEDIA_TYPE, **signed(b"{}"), **headers}
    address = httpx.URL(str(service.client.base_url)).copy_with(raw_path=f"/{path}".encode())

    answer = service.client.request(method, address, headers=sent, content=b"{}")

    assert answer.status_code < 500, answer.text
    assert service.process.poll() is None
