"""A year that runs live: what comes in is kept, accepted and charged, as a run does it later."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from evernormal.actions.balances import Balance, BalanceState, list_balances
from evernormal.actions.closing import close_books, log_of
from evernormal.actions.desk import Desk
from evernormal.actions.live import BatchReused, LiveYear, NotOpenYet, Taken, WorkStuck
from evernormal.actions.year import run_year
from evernormal.connectors.folder import read_folder
from evernormal.connectors.received import ReceivedUnwritable, open_received
from evernormal.domain.market import PriceList
from evernormal.formats.books.log import encode_log
from evernormal.formats.intake import read_year
from evernormal.formats.signed_request import NotSigned
from evernormal.formats.usage_answer import BatchProblems
from evernormal.schemes import load_scheme
from evernormal.store.queries.receipts import last_act_at
from tests.actions.office import rolled_back
from tests.api.year_folder import (
    PROGRAMME_ID,
    Days,
    body_of,
    key_of,
    reading,
    signed,
    write_year,
)
from tests.life.shelf import empty_database, evernormal

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 15)
DAYS = Days(TODAY)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Give an instant of a day in Shanghai, counted from TODAY."""
    midnight = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC) - timedelta(hours=8)
    return midnight + timedelta(days=day, hours=hour, minutes=minute)


def desk_of(folder: Path) -> Desk:
    year = read_year(read_folder(folder))
    scheme_bytes = year.files["scheme.toml"]
    scheme = load_scheme(scheme_bytes, path="scheme.toml")
    return Desk(year, scheme, scheme_bytes, PriceList(year.prices, year.exchange_rates))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_year(tmp_path / "in", TODAY)


@pytest.fixture
def live(folder: Path) -> Iterator[LiveYear]:
    with open_received(folder) as received:
        yield LiveYear(desk_of(folder), received)


def send(live: LiveYear, body: bytes, *, now: datetime, key: str = "a") -> Taken:
    headers = signed(body, key=key)
    sent = live.read(
        body, key=headers["Evernormal-Key"], signature=headers["Evernormal-Signature"], now=now
    )
    return live.receive(sent, now=now)


def log_bytes(desk: Desk) -> bytes:
    return encode_log(log_of(desk)[0])


def refused(live: LiveYear, body: bytes, *, now: datetime, key: str = "a") -> list[tuple[str, str]]:
    with pytest.raises(BatchProblems) as refusal:
        send(live, body, now=now, key=key)
    return [(problem.place, problem.code) for problem in refusal.value.problems]


# --- The same books ------------------------------------------------------------------------------


def busy_month(live: LiveYear) -> None:
    """Send what a month brings, at all hours, with time passing in between."""
    running = reading("7", until=at(0, 8), hours=3, is_final=False, state="RUNNING")
    now = at(0, 8, 30)
    send(live, body_of(running, reading("8", until=at(-1, 3)), made_at=now), now=now)
    send(live, body_of(reading("1", until=at(0, 2), account="nobody"), made_at=now), now=now)
    # Between seven and nine of a day, and again before the next opening.
    live.catch_up(at(0, 9))
    now = at(0, 9, 1)
    ended = reading("7", until=at(0, 9), hours=4)
    send(live, body_of(ended, reading("9", until=at(0, 6), hours=20), made_at=now), now=now)
    now = at(1, 3)
    other = reading("7", until=at(0, 23), hours=2, account="jiayi-3", card_type="Tesla A100")
    send(live, body_of(other, made_at=now, provider_id="P2"), now=now, key="b")
    now = at(1, 3, 1)
    card = reading("10", until=at(0, 23), hours=2, card_type="h100")
    send(live, body_of(card, ended, made_at=now), now=now)
    # Days without anything, then a correction down, and use that spends the voucher.
    now = at(12, 17)
    corrected = reading("9", until=at(0, 6), hours=20, cards=2, revision=1)
    spent = reading("11", until=at(12, 16), hours=30, account="jiayi")
    send(live, body_of(corrected, spent, made_at=now), now=now)
    live.catch_up(at(13, 9))
    now = at(40, 23, 59)
    send(live, body_of(reading("12", until=at(40, 20), hours=400), made_at=now), now=now)
    live.catch_up(at(60, 0))


def test_a_run_of_the_folder_gives_the_live_log_to_the_byte(folder: Path, tmp_path: Path) -> None:
    with open_received(folder) as received:
        live = LiveYear(desk_of(folder), received)
        busy_month(live)
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
    assert checked.returncode == 0, checked.stderr
    assert "everything holds" in checked.stdout


def test_a_service_that_is_started_again_and_again_gives_the_same_log(folder: Path) -> None:
    with rolled_back(), open_received(folder) as received:
        live = LiveYear(desk_of(folder), received)
        busy_month(live)
        once = log_bytes(live.desk)
    # The same days again, step by step, on a folder that has it all from the start.
    for hours in range(-40 * 24, 41 * 24, 37):
        with open_received(folder) as received:
            LiveYear(desk_of(folder), received).catch_up(at(0, 0) + timedelta(hours=hours))
    with open_received(folder) as received:
        LiveYear(desk_of(folder), received).catch_up(at(60, 0))

    assert log_bytes(desk_of(folder)) == once


# --- What is answered ----------------------------------------------------------------------------


def test_a_batch_is_answered_with_what_was_kept_and_charged(live: LiveYear, folder: Path) -> None:
    body = body_of(reading("1", until=at(0, 8)), made_at=at(0, 9))

    taken = send(live, body, now=at(0, 9, 30))

    outcome = taken.outcome
    assert taken.is_new
    assert (outcome.records, outcome.kept, outcome.duplicates) == (1, 1, 0)
    # Eight cards for an hour at 10.00 yuan.
    assert outcome.charged_fen == 8_000
    assert outcome.at == at(0, 9, 30) + timedelta(microseconds=1)
    assert (folder / f"usage/received/P1/{taken.batch.id}.json").read_bytes() == body
    _, line = (folder / "usage/received.csv").read_text(encoding="utf-8").splitlines()
    assert line.split(",")[:2] == [f"usage/received/P1/{taken.batch.id}.json", "P1"]
    assert line.split(",")[3] == key_of("a")


def test_the_same_bytes_again_get_the_first_answer_also_after_a_restart(folder: Path) -> None:
    body = body_of(reading("1", until=at(0, 8)), made_at=at(0, 9))
    with open_received(folder) as received:
        live = LiveYear(desk_of(folder), received)
        first = send(live, body, now=at(0, 9, 30))
        send(live, body_of(reading("2", until=at(0, 9)), made_at=at(0, 9)), now=at(0, 9, 31))
        again = send(live, body, now=at(0, 9, 32))
    with open_received(folder) as received:
        restarted = send(LiveYear(desk_of(folder), received), body, now=at(1, 9))

    assert not again.is_new
    assert again.outcome == restarted.outcome == first.outcome
    assert len((folder / "usage/received.csv").read_bytes().splitlines()) == 3


def test_the_same_id_with_other_bytes_is_refused(live: LiveYear) -> None:
    one = body_of(reading("1", until=at(0, 8)), made_at=at(0, 9), salt="x")
    batch_id = one.split(b'"batch":"')[1][:36]
    other = body_of(reading("2", until=at(0, 8)), made_at=at(0, 9), salt="y")
    other = other.replace(other.split(b'"batch":"')[1][:36], batch_id)
    send(live, one, now=at(0, 10))

    with pytest.raises(BatchReused):
        send(live, other, now=at(0, 10))


def test_only_a_registered_key_of_the_provider_in_force_is_heard(folder: Path) -> None:
    text = (folder / "programme.toml").read_text(encoding="utf-8")
    second = text.index("[[agent]]", text.index("[[agent]]") + 1)
    dated = f"{text[:second]}ends_on = {TODAY}\n\n{text[second:]}"
    (folder / "programme.toml").write_text(dated, encoding="utf-8")
    body = body_of(reading("1", until=at(0, 8)), made_at=at(0, 9))
    with open_received(folder) as received:
        live = LiveYear(desk_of(folder), received)

        for key, now in (("b", at(0, 9)), ("c", at(0, 9)), ("a", at(1, 0))):
            with pytest.raises(NotSigned):
                send(live, body, key=key, now=now)
        assert send(live, body, now=at(0, 23, 59)).is_new


# --- What is refused -----------------------------------------------------------------------------


def test_a_batch_is_refused_with_everything_that_is_wrong_and_leaves_nothing(
    live: LiveYear, folder: Path
) -> None:
    now = at(0, 10)
    send(live, body_of(reading("1", until=at(0, 8)), made_at=now), now=now)
    before, log = read_folder(folder), log_bytes(live.desk)
    wrong = (
        reading("1", until=at(0, 8), cards=4),
        reading("2", until=at(0, 8), card_type="v100"),
        reading("3", until=at(0, 10, 6)),
        reading("1", until=at(0, 9), hours=1, starts_at=int(at(0, 7, 30).timestamp())),
        reading("5", until=at(0, 8), account="nobody", card_type="v100"),
    )

    problems = refused(live, body_of(*wrong, made_at=now), now=now)

    assert problems == [
        ("readings[0]", "usage.conflict"),
        ("readings[1].card_type", "usage.unmapped_class"),
        ("readings[2].ends_at", "usage.after_receipt"),
        ("readings[3].starts_at", "usage.overlap"),
    ]
    assert (read_folder(folder), log_bytes(live.desk)) == (before, log)
    # What was refused is forgotten: the sound part may come again.
    assert send(live, body_of(wrong[4], made_at=now), now=now).is_new


def test_a_correction_of_a_higher_revision_is_no_conflict(live: LiveYear) -> None:
    now = at(0, 10)
    send(live, body_of(reading("1", until=at(0, 8)), made_at=now), now=now)
    corrected = reading("1", until=at(0, 8), cards=4, revision=1)

    taken = send(live, body_of(corrected, made_at=now), now=now)

    assert (taken.outcome.kept, taken.outcome.charged_fen) == (1, -4_000)
    other = reading("1", until=at(0, 8), cards=2, revision=1)
    assert refused(live, body_of(other, made_at=now), now=now) == [
        ("readings[0]", "usage.conflict")
    ]


def test_nothing_is_taken_before_the_year_opens_or_after_it_is_over(live: LiveYear) -> None:
    body = body_of(reading("1", until=at(-45, 8)), made_at=at(-45, 9))
    with pytest.raises(NotOpenYet):
        send(live, body, now=at(-40, 8, 59))
    assert last_act_at(PROGRAMME_ID) is None
    assert send(live, body, now=at(-40, 9)).is_new

    late = body_of(reading("2", until=at(41, 0)), made_at=at(41, 0))
    assert refused(live, late, now=at(41, 0)) == [("", "programme.closed")]


def test_nothing_is_taken_after_the_books_were_closed(live: LiveYear, folder: Path) -> None:
    live.catch_up(at(0, 10))
    desk = desk_of(folder)
    run_year(desk, progress=lambda _day: None)
    close_books(desk)

    late = body_of(reading("2", until=at(0, 9)), made_at=at(0, 10))
    assert refused(live, late, now=at(0, 10)) == [("", "programme.closed")]


def test_a_clock_that_is_set_back_does_not_turn_the_order_of_acts(live: LiveYear) -> None:
    first = send(live, body_of(reading("1", until=at(0, 8)), made_at=at(0, 9)), now=at(0, 12))
    body = body_of(reading("2", until=at(0, 8)), made_at=at(0, 9))

    second = send(live, body, now=at(0, 11))

    assert first.outcome.at < second.outcome.at < at(0, 12, 1)


# --- What hinders --------------------------------------------------------------------------------


def test_a_batch_that_was_kept_is_worked_on_when_the_database_is_back(
    live: LiveYear, folder: Path
) -> None:
    body = body_of(reading("1", until=at(0, 8)), made_at=at(0, 9))
    live.catch_up(at(0, 9))

    def fail(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        if sql.startswith('INSERT INTO "usage_batch"'):
            raise OperationalError("gone")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail), rolled_back(), pytest.raises(WorkStuck):
        send(live, body, now=at(0, 10))
    assert len((folder / "usage/received.csv").read_bytes().splitlines()) == 2

    live.catch_up(at(0, 11))
    again = send(live, body, now=at(0, 12))

    assert not again.is_new
    assert again.outcome.at == at(0, 10) + timedelta(microseconds=1)
    assert again.outcome.charged_fen == 8_000


def test_a_disk_that_refuses_leaves_nothing_and_the_batch_may_come_again(
    live: LiveYear, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = body_of(reading("1", until=at(0, 8)), made_at=at(0, 9))
    live.catch_up(at(0, 9))
    before = read_folder(folder)

    for count in range(4):
        with full_disk(monkeypatch, after=count), pytest.raises(ReceivedUnwritable):
            send(live, body, now=at(0, 10))
        received = {path for path in read_folder(folder) if "received/" in path}
        assert received == set()

    assert send(live, body, now=at(0, 10)).is_new
    assert before.keys() < read_folder(folder).keys()


@contextmanager
def full_disk(monkeypatch: pytest.MonkeyPatch, *, after: int) -> Iterator[None]:
    """Let the disk be full when the n-th file is to last."""
    done = 0

    def fsync(_descriptor: int) -> None:
        nonlocal done
        done += 1
        if done == after + 1:
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        yield


# --- Balances ------------------------------------------------------------------------------------


def balances(live: LiveYear, provider_id: str, *, now: datetime) -> dict[str, Balance]:
    live.catch_up(now)
    day = now.astimezone(live.desk.zone).date()
    return {b.order_id: b for b in list_balances(live.desk, provider_id, on=day)}


def test_a_balance_follows_the_voucher_from_issue_to_expiry(live: LiveYear) -> None:
    assert balances(live, "P1", now=at(-41, 0)) == {}
    early = balances(live, "P1", now=at(-35, 10))
    assert {b.state for b in early.values()} == {BalanceState.NOT_ISSUED}
    assert early["O1"].starts_on == DAYS.back(30)

    fresh = balances(live, "P1", now=at(0, 10))
    assert {b.order_id: b.state for b in fresh.values()} == {
        "O1": BalanceState.OPEN,
        "O2": BalanceState.OPEN,
        "O3": BalanceState.OPEN,
    }
    # 30 % of 100 card-hours at 10.00 yuan are held, and pay for 100 card-hours again.
    assert (fresh["O1"].remaining_fen, fresh["O1"].remaining_card_seconds) == (30_000, 360_000)
    assert (fresh["O1"].account, fresh["O1"].card_types) == ("jiayi", ("a100",))
    assert fresh["O3"].card_types == ("h100",)

    used = reading("1", until=at(0, 9), hours=1, account="jiayi", cards=3)
    send(live, body_of(used, made_at=at(0, 10)), now=at(0, 10))
    less = balances(live, "P1", now=at(0, 10))["O1"]
    assert (less.remaining_fen, less.remaining_card_seconds) == (29_100, 349_200)

    rest = reading("2", until=at(0, 10), hours=13, account="jiayi")
    send(live, body_of(rest, made_at=at(0, 10)), now=at(0, 10))
    spent = balances(live, "P1", now=at(0, 10))["O1"]
    assert (spent.state, spent.remaining_fen) == (BalanceState.SPENT, 0)

    over = balances(live, "P1", now=at(31, 10))
    assert {b.state for b in over.values()} == {BalanceState.EXPIRED}


def test_a_provider_is_told_of_its_own_accounts_alone(live: LiveYear) -> None:
    theirs = balances(live, "P2", now=at(0, 10))

    assert {b.account for b in theirs.values()} == {"jiayi-3"}
    assert theirs["O4"].state is BalanceState.NOT_ISSUED
    assert theirs["O4"].voucher_id == ""
