"""A provider asks over HTTP how much of its cards was used, and of nobody else's."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import httpx
import pytest

from evernormal import clock
from evernormal.formats.signed_request import Question, sign_request
from tests.api.serving import Serving, serving
from tests.api.year_folder import KEYS, PROGRAMME_ID, body_of, reading, write_year
from tests.life.shelf import empty_database

ZONE = ZoneInfo("Asia/Shanghai")
USAGE = f"/v1/programmes/{PROGRAMME_ID}/usage"
JOBS = 5
EIGHT_CARD_HOURS = 8 * 3_600


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Give a service that has taken in five jobs of one firm and one of a stranger."""
    place = tmp_path_factory.mktemp("service")
    now = clock.now().replace(microsecond=0)
    folder = write_year(place / "in", now.astimezone(ZONE).date())
    with empty_database() as url, serving(folder, place / "out", url=url) as running:
        until = now - timedelta(hours=1)
        jobs = [reading(f"j{n}", until=until - timedelta(minutes=n)) for n in range(JOBS)]
        stranger = reading("other", until=until, account="nobody")
        sent = running.post(body_of(*jobs, stranger, made_at=now))
        assert sent.status_code in (200, 201), sent.text
        yield running


def ask(service: Serving, path: str = USAGE, *, key: str = "a", **asked: Any) -> httpx.Response:
    query = urlencode(asked, doseq=True)
    question = Question("GET", path, query)
    headers = sign_request(question, at=clock.now(), key=KEYS[key])
    return service.client.get(f"{path}?{query}" if query else path, headers=headers)


def test_sums_are_those_of_the_accounts_that_are_applicants(service: Serving) -> None:
    whole = ask(service).json()
    by_class = ask(service, by="device_class").json()

    assert whole == {
        "rows": [{"card_seconds": JOBS * EIGHT_CARD_HOURS, "records": JOBS}],
        "cursor": None,
    }
    assert sum(row["card_seconds"] for row in by_class["rows"]) == JOBS * EIGHT_CARD_HOURS
    assert ask(service, by="voucher", voucher="V-none").json() == {"rows": [], "cursor": None}


def test_readings_come_by_pages_in_order(service: Serving) -> None:
    today = clock.now().astimezone(ZONE).date()
    days: dict[str, Any] = {
        "from": today - timedelta(days=2),
        "to": today + timedelta(days=2),
        "limit": 2,
    }
    found: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(JOBS):
        page = ask(service, f"{USAGE}/readings", **days, **cursor).json()
        found += [row["job"] for row in page["rows"]]
        if page["cursor"] is None:
            break
        cursor = {"cursor": page["cursor"]}

    assert found == ["j4", "j3", "j2", "j1", "j0"]


def test_sums_come_by_pages(service: Serving) -> None:
    whole = ask(service, by="day,device_class").json()["rows"]
    rows: list[object] = []
    cursor: dict[str, str] = {}
    for _ in range(len(whole) + 1):
        page = ask(service, by="day,device_class", limit=1, **cursor).json()
        rows += page["rows"]
        if page["cursor"] is None:
            break
        cursor = {"cursor": page["cursor"]}

    assert whole
    assert rows == whole


def test_another_provider_sees_nothing_of_it(service: Serving) -> None:
    assert ask(service, key="b").json() == {"rows": [], "cursor": None}
    assert ask(service, key="b", by="voucher").json() == {"rows": [], "cursor": None}
    assert ask(service, key="c").status_code == 401


def test_who_does_not_sign_learns_nothing(service: Serving) -> None:
    question = Question("GET", USAGE, "by=day")
    headers = sign_request(question, at=clock.now(), key=KEYS["a"])

    assert service.client.get(USAGE).status_code == 401
    # Signed for one question, used for another.
    assert service.client.get(f"{USAGE}?by=voucher", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("path", "asked", "places"),
    [
        (USAGE, {"by": "colour"}, ["by"]),
        (USAGE, {"by": "day,day", "limit": 0, "from": "yesterday"}, ["by", "limit", "from"]),
        (USAGE, {"by": "day", "cursor": "?"}, ["cursor"]),
        (USAGE, {"by": "day", "cursor": "WyJ4Il0="}, ["cursor"]),
        (USAGE, {"colour": "red"}, ["colour"]),
        (f"{USAGE}/readings", {}, ["from"]),
        (f"{USAGE}/readings", {"from": "2026-03-02", "to": "2026-03-01"}, ["from"]),
        (f"{USAGE}/readings", {"by": "day", "from": "2026-03-02", "to": "2026-03-03"}, ["by"]),
    ],
)
def test_a_question_that_is_wrong_is_refused_with_all_that_is_wrong(
    path: str, asked: dict[str, Any], places: list[str], service: Serving
) -> None:
    answer = ask(service, path, **asked)

    assert answer.status_code == 422, answer.text
    found = [problem["place"] for problem in answer.json()["problems"]]
    assert sorted(found) == sorted(places)
