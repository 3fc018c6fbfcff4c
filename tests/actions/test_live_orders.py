"""Orders that come in while a year runs: kept, placed at their instant, as a run does it later."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from evernormal.actions.closing import close_books
from evernormal.actions.live import LiveYear, WorkStuck
from evernormal.actions.live_orders import OrderReused, OrdersLost, TakenOrder, read_order
from evernormal.actions.year import run_year
from evernormal.connectors.folder import read_folder
from evernormal.connectors.received import open_received
from evernormal.formats.intake import InputProblems, read_year
from evernormal.formats.signed_request import NotSigned
from evernormal.formats.usage_answer import BatchProblems
from tests.actions.office import rolled_back
from tests.actions.test_live import TODAY, at, desk_of, log_bytes, send
from tests.api.ordering import order_headers, order_of, write_ordering_year
from tests.api.year_folder import body_of, reading
from tests.life.shelf import empty_database, evernormal

pytestmark = pytest.mark.django_db
TOMORROW = TODAY + timedelta(1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_ordering_year(tmp_path / "in", TODAY)


@pytest.fixture
def live(folder: Path) -> Iterator[LiveYear]:
    with open_received(folder) as received:
        yield LiveYear(desk_of(folder), received)


def order(live: LiveYear, body: bytes, *, now: Any, key: str = "x") -> TakenOrder:
    headers = order_headers(body, key=key)
    buyer = live.buyer_of(headers["Evernormal-Key"], now=now)
    sent = read_order(body, buyer=buyer, signature=headers["Evernormal-Signature"])
    return live.receive_order(sent, now=now)


def refused(live: LiveYear, body: bytes, *, now: Any) -> list[tuple[str, str]]:
    with pytest.raises(BatchProblems) as refusal:
        order(live, body, now=now)
    return [(problem.place, problem.code) for problem in refusal.value.problems]


def busy_days(live: LiveYear) -> None:
    """Orders at all hours, among usage that tells of their days before and after them."""
    now = at(0, 7)
    early = reading("1", until=at(0, 6), hours=2, account="jiayi", is_final=False, state="RUNNING")
    send(live, body_of(early, made_at=now), now=now)
    order(live, order_of("N1", today=TODAY, days=1), now=at(0, 8, 30))
    live.catch_up(at(0, 9))
    # Ended with fewer cards than the reading before the order said.
    ended = reading("1", until=at(0, 7), hours=3, account="jiayi", cards=4)
    now = at(0, 10)
    send(live, body_of(ended, made_at=now), now=now)
    order(live, order_of("N2", today=TODAY, starts_on=TOMORROW, days=3), now=at(0, 10))
    order(live, order_of("N3", today=TODAY, device_class="H100-80G", cards=8), now=at(0, 10))
    now = at(1, 12)
    used = reading("2", until=at(1, 11), hours=5, account="jiayi")
    send(live, body_of(used, made_at=now), now=now)
    # More than there is: what is given is recorded.
    more = order_of("N4", today=TODAY, starts_on=TODAY + timedelta(9), days=12, cards=800)
    order(live, more, now=at(2, 3))
    live.catch_up(at(60, 0))


def test_a_run_of_the_folder_gives_the_live_log_to_the_byte(folder: Path, tmp_path: Path) -> None:
    with open_received(folder) as received:
        live = LiveYear(desk_of(folder), received)
        busy_days(live)
        before = log_bytes(live.desk)
    desk = desk_of(folder)
    run_year(desk, progress=lambda _day: None)
    assert log_bytes(desk) == before
    close_books(desk)
    closed = log_bytes(desk)
    out, key = tmp_path / "out", tmp_path / "key.pem"

    with empty_database() as url:
        done = evernormal("run", folder, "--out", out, url=url, key=key)
    checked = evernormal("verify", out)

    assert done.returncode == 0, done.stderr
    assert (out / "audit-log.jsonl").read_bytes() == closed
    assert "everything holds" in checked.stdout, checked.stderr
    # Three hours of four cards, told before the order and corrected after it, are charged once.
    with (out / "charges.csv").open(encoding="utf-8") as table:
        charged = {row["order_id"]: row["amount_yuan"] for row in csv.DictReader(table)}
    assert charged == {"N1": "120.00", "N2": "400.00"}


def test_a_service_that_is_started_again_and_again_gives_the_same_log(folder: Path) -> None:
    with rolled_back(), open_received(folder) as received:
        live = LiveYear(desk_of(folder), received)
        busy_days(live)
        once = log_bytes(live.desk)
    for hours in (-960, -30, 7, 8, 8.6, 9, 10, 10.1, 26, 36, 60, 400):
        with open_received(folder) as received:
            LiveYear(desk_of(folder), received).catch_up(at(0, 0) + timedelta(hours=hours))
    with open_received(folder) as received:
        LiveYear(desk_of(folder), received).catch_up(at(60, 0))

    assert log_bytes(desk_of(folder)) == once


def test_an_order_is_answered_with_what_it_got(live: LiveYear, folder: Path) -> None:
    taken = order(live, order_of("N1", today=TODAY), now=at(0, 10))

    facts = taken.outcome.facts
    assert taken.is_new
    assert taken.outcome.at == at(0, 10) + timedelta(microseconds=1)
    assert facts["allocation"] == {"cards": 16, "limb": "REQUEST"}
    # 16 card-hours at 10.00 yuan, of which the voucher pays 30 %.
    assert facts["amount_fen"] == 4_800
    assert (facts["quote"]["listed_fen"], facts["quote"]["copay_fen"]) == (16_000, 11_200)
    assert (folder / "orders/received/A1/N1.json").exists()
    _, line = (folder / "orders/received.csv").read_text(encoding="utf-8").splitlines()
    assert line.startswith("orders/received/A1/N1.json,A1,")


def test_the_same_bytes_again_get_the_first_answer_also_after_a_restart(folder: Path) -> None:
    body = order_of("N1", today=TODAY)
    with open_received(folder) as received:
        live = LiveYear(desk_of(folder), received)
        first = order(live, body, now=at(0, 10))
        again = order(live, body, now=at(0, 11))
        with pytest.raises(OrderReused):
            order(live, order_of("N1", today=TODAY, cards=8), now=at(0, 12))
    with open_received(folder) as received:
        restarted = order(LiveYear(desk_of(folder), received), body, now=at(1, 9))

    assert (again.is_new, restarted.is_new) == (False, False)
    assert again.outcome == restarted.outcome == first.outcome


def test_only_the_applicants_own_key_is_heard(live: LiveYear) -> None:
    with pytest.raises(NotSigned):
        order(live, order_of("N1", today=TODAY), now=at(0, 10), key="y")
    with pytest.raises(NotSigned):
        order(live, order_of("N1", today=TODAY, applicant_id="A2"), now=at(0, 10))


def test_an_order_is_refused_with_everything_that_is_wrong(live: LiveYear, folder: Path) -> None:
    order(live, order_of("N1", today=TODAY), now=at(0, 10))
    before, log = read_folder(folder), log_bytes(live.desk)
    late = {"last_on": TODAY + timedelta(99)}

    answers = {
        "taken": refused(live, order_of("O2", today=TODAY, starts_on=TODAY, **late), now=at(0, 11)),
        "others'": refused(live, order_of("N2", today=TODAY, contract_id="C9"), now=at(0, 11)),
        "seller": refused(live, order_of("N2", today=TODAY, provider_id="P2"), now=at(0, 11)),
        "class": refused(live, order_of("N2", today=TODAY, device_class="V100"), now=at(0, 11)),
        "price": refused(
            live, order_of("N2", today=TODAY, device_class="H100-80G", plan="night"), now=at(0, 11)
        ),
        "past": refused(live, order_of("N2", today=TODAY, device_class="H100-80G"), now=at(1, 0)),
        "early": refused(
            live,
            order_of(
                "N2",
                today=TODAY,
                contract_id="C3",
                provider_id="P2",
                starts_on=TODAY + timedelta(31),
                last_on=TODAY + timedelta(32),
            ),
            now=at(0, 11),
        ),
    }

    assert answers == {
        "taken": [
            ("order", "order.id_taken"),
            ("ends_on", "order.outside_term"),
            ("starts_on", "order.overlap"),
        ],
        "others'": [("contract", "order.unknown_contract")],
        "seller": [("provider", "order.other_provider")],
        "class": [("device_class", "order.no_capacity")],
        "price": [("starts_on", "order.no_price")],
        "past": [("starts_on", "order.starts_too_early")],
        "early": [
            ("starts_on", "order.outside_term"),
            ("ends_on", "order.outside_term"),
        ],
    }
    live.catch_up(at(0, 11))
    assert read_folder(folder) == before
    assert log_bytes(live.desk).startswith(log)


def test_a_contract_without_a_voucher_takes_no_order(live: LiveYear) -> None:
    # C1 is applied for, and its voucher issued, 39 days before.
    first = TODAY - timedelta(30)
    body = order_of("N1", today=TODAY, starts_on=first, last_on=first)

    assert refused(live, body, now=at(-39, 8)) == [("contract", "order.no_voucher")]
    assert order(live, body, now=at(-39, 9, 1)).outcome.facts["amount_fen"] == 4_800


def test_an_order_that_was_kept_is_placed_when_the_database_is_back(live: LiveYear) -> None:
    body = order_of("N1", today=TODAY)
    live.catch_up(at(0, 9))

    def fail(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        if "hold" in sql and sql.startswith("INSERT"):
            raise OperationalError("gone")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail), rolled_back(), pytest.raises(WorkStuck):
        order(live, body, now=at(0, 10))
    live.catch_up(at(0, 11))

    again = order(live, body, now=at(0, 12))
    assert not again.is_new
    assert again.outcome.at == at(0, 10) + timedelta(microseconds=1)


def test_books_with_an_order_that_the_folder_lost_are_not_served(folder: Path) -> None:
    with open_received(folder) as received:
        order(LiveYear(desk_of(folder), received), order_of("N1", today=TODAY), now=at(0, 10))
    for path in ("orders/received/A1/N1.json", "orders/received.csv"):
        (folder / path).unlink()

    with open_received(folder) as received, pytest.raises(OrdersLost):
        LiveYear(desk_of(folder), received)


def test_a_changed_order_is_found_when_the_folder_is_read(live: LiveYear, folder: Path) -> None:
    order(live, order_of("N1", today=TODAY), now=at(0, 10))
    path = folder / "orders/received/A1/N1.json"
    path.write_bytes(path.read_bytes().replace(b'"cards":16', b'"cards":24'))

    with pytest.raises(InputProblems) as refusal:
        read_year(read_folder(folder))

    assert [(p.file, p.line, p.code) for p in refusal.value.problems] == [
        ("orders/received.csv", 2, "received.not_signed")
    ]
