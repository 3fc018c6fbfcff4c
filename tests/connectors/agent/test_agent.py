"""An agent and a platform over a real connection: whatever happens, each use is told exactly."""

import dataclasses
import hashlib
import json
import logging
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain, repeat
from pathlib import Path

import pytest

from evernormal.connectors.agent.agent import Agent, PullEnd
from evernormal.connectors.agent.loop import Loop, Pace, run_once
from evernormal.formats.problems import Problem
from evernormal.formats.usage_answer import BatchProblem
from evernormal.formats.usage_batch import UsageBatch, decode
from tests.connectors.agent.bench import PUBLIC, REACH, Time, after, agent_on
from tests.connectors.agent.meter import Meter, counted, expected, job, jobs
from tests.connectors.agent.receiver import Receiver, receiving

HOUR = timedelta(hours=1)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Receiver]:
    with receiving(Receiver(tmp_path / "platform", public_key=PUBLIC)) as receiver:
        yield receiver


def sent_twice(batches: list[UsageBatch]) -> list[object]:
    """Readings that went out more than once, though nothing in them had changed."""
    times = Counter(reading for batch in batches for reading in batch.readings)
    return [reading for reading, count in times.items() if count > 1]


def go(agent: Agent, time: Time) -> tuple[int, int, int]:
    outcome = run_once(agent, time.clocks(), stop=time)
    return outcome.taken, outcome.refused, outcome.waiting


def test_every_use_arrives_once_and_whole(platform: Receiver, tmp_path: Path) -> None:
    runs = jobs(60, within=HOUR)
    meter, time = Meter(runs), Time()
    with agent_on(meter, tmp_path / "spool", platform.url) as agent:
        for minutes in range(3, 70, 3):
            time.at = after(minutes)
            go(agent, time)
            # Up to now, the platform knows exactly what the meter would say.
            so_far = expected(meter.pull(since=after(0), until=time.at, memory=b"").readings)
            assert counted(platform.batches()) == so_far

    assert counted(platform.batches()) == expected(runs)
    assert sent_twice(platform.batches()) == []
    assert [b.id for b in platform.batches()] == sorted(b.id for b in platform.batches())


def test_a_long_absence_is_read_window_by_window(platform: Receiver, tmp_path: Path) -> None:
    meter, time = Meter(jobs(60, within=HOUR)), Time(at=after(65))
    with agent_on(meter, tmp_path / "spool", platform.url) as agent:
        go(agent, time)

    assert counted(platform.batches()) == expected(meter.jobs)
    assert [(s, u) for s, u, _ in meter.asked] == [
        (after(max(0, m - 12)), after(min(m, 65))) for m in range(10, 80, 10)
    ]
    assert [memory for _, _, memory in meter.asked] == [b"", *[b"seen"] * 6]


def test_an_agent_that_begins_again_goes_on_where_the_last_one_was(
    platform: Receiver, tmp_path: Path
) -> None:
    runs = jobs(60, within=HOUR)
    for minutes in range(5, 70, 5):
        with agent_on(Meter(runs), tmp_path / "spool", platform.url) as agent:
            go(agent, Time(at=after(minutes)))

    assert counted(platform.batches()) == expected(runs)
    assert sent_twice(platform.batches()) == []


# --- Bad days -------------------------------------------------------------------------------------


def test_cut_dropped_late_and_failed_answers_lose_and_double_nothing(
    platform: Receiver, tmp_path: Path
) -> None:
    runs = jobs(100, within=HOUR)
    whims = ("cut", "drop", "late", "500", "404", "page", "redirect", "wait", "", "")
    drawn = (hashlib.sha256(f"whim {n}".encode()).digest()[0] % len(whims) for n in range(80))
    platform.whims = (whims[number] for number in drawn)
    time = Time(stops_after=250)
    pace = Pace(interval_seconds=120, retry_seconds_max=60)
    with agent_on(Meter(runs), tmp_path / "spool", platform.url) as agent:
        Loop(agent, pace, time.clocks(), salt="key").run(time)

    assert {whim for whim, _ in platform.requests} == set(whims)
    assert ("cut", 201) in platform.requests
    assert 200 in [status for whim, status in platform.requests if whim == ""]
    assert counted(platform.batches()) == expected(runs)
    assert sent_twice(platform.batches()) == []


def test_a_platform_that_is_away_is_caught_up_with(platform: Receiver, tmp_path: Path) -> None:
    runs = jobs(100, within=HOUR)
    with agent_on(Meter(runs), tmp_path / "spool", "http://127.0.0.1:9") as agent:
        for minutes in range(5, 70, 5):
            assert go(agent, Time(at=after(minutes)))[:2] == (0, 0)
        waiting = len(agent.spool.list_waiting())
    assert waiting >= 10
    with agent_on(Meter(runs), tmp_path / "spool", platform.url) as agent:
        assert go(agent, Time(at=after(65))) == (waiting, 0, 0)

    assert counted(platform.batches()) == expected(runs)


def test_a_full_spool_pauses_pulling_and_drops_nothing(platform: Receiver, tmp_path: Path) -> None:
    runs = jobs(300, within=HOUR)
    reach = dataclasses.replace(REACH, spool_bytes_max=30_000)
    platform.whims = chain(repeat("500", 4), repeat(""))
    time = Time(at=after(65), stops_after=40)
    pace = Pace(interval_seconds=300, retry_seconds_max=120)
    with agent_on(Meter(runs), tmp_path / "spool", platform.url, reach=reach) as agent:
        agent.pull(now=after(65))
        ends = [agent.pull(now=after(65)) for _ in range(12)]
        most = agent.spool.size_bytes
        Loop(agent, pace, time.clocks(), salt="key").run(time)

    assert ends[0] is PullEnd.MORE
    assert ends[-1] is PullEnd.FULL
    assert 20_000 < most <= 30_000
    assert counted(platform.batches()) == expected(runs)
    assert sent_twice(platform.batches()) == []


def test_one_pull_larger_than_the_whole_spool_goes_through(
    platform: Receiver, tmp_path: Path
) -> None:
    runs = [job(n, start=0, seconds=60) for n in range(500)]
    reach = dataclasses.replace(REACH, spool_bytes_max=10_000, batch_readings_max=100)
    with agent_on(Meter(runs), tmp_path / "spool", platform.url, reach=reach) as agent:
        assert go(agent, Time(at=after(5))) == (5, 0, 0)

    assert counted(platform.batches()) == expected(runs)


@pytest.mark.parametrize("minutes_off", [-60 * 12, -30, 30, 60 * 24 * 365])
def test_a_clock_that_is_wrong_for_a_while_loses_nothing(
    minutes_off: int, platform: Receiver, tmp_path: Path
) -> None:
    """The jobs' times are the meter's; the agent's clock only says when to look."""
    runs = jobs(60, within=HOUR)
    meter = Meter(runs)
    with agent_on(meter, tmp_path / "spool", platform.url) as agent:
        for minutes in (10, 20, 25, 30, 45, 65):
            meter.at = after(minutes)
            is_wrong = minutes in {25, 30}
            go(agent, Time(at=after(minutes + minutes_off * is_wrong)))

    assert counted(platform.batches()) == expected(runs)
    assert [b.id for b in platform.batches()] == sorted(b.id for b in platform.batches())


# --- Refusals -------------------------------------------------------------------------------------


def refuse_lab1(batch: UsageBatch) -> list[BatchProblem]:
    return [
        BatchProblem(f"readings[{i}].account", "usage.account", "Is not known.", "Register it.")
        for i, reading in enumerate(batch.readings)
        if reading.account == "lab1"
    ]


def test_one_bad_reading_is_put_aside_and_the_rest_goes_on(
    platform: Receiver, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    runs = jobs(60, within=HOUR)
    platform.refusal = refuse_lab1
    with agent_on(Meter(runs), tmp_path / "spool", platform.url) as agent:
        taken, refused, waiting = go(agent, Time(at=after(65)))
        again = go(agent, Time(at=after(66)))

    assert refused > 0
    assert waiting == 0
    assert again == (0, 0, 0)
    assert taken == len(platform.batches())
    fit = [run for run in runs if run.account != "lab1"]
    assert counted(platform.batches()) == expected(fit)
    kept = sorted((tmp_path / "spool/refused").glob("*.json"))
    reasons = [path for path in kept if path.name.endswith(".problems.json")]
    assert len(reasons) == refused == len(kept) / 2
    assert json.loads(reasons[0].read_text(encoding="utf-8"))[0]["code"] == "usage.account"
    in_refused = counted(decode(p.read_bytes()) for p in kept if p not in reasons)
    unfit = expected(run for run in runs if run.account == "lab1")
    assert unfit.items() <= in_refused.items()
    assert any("Register it." in r.message for r in caplog.records if r.levelno == logging.ERROR)


def test_a_refused_batch_that_is_put_back_is_sent_again(platform: Receiver, tmp_path: Path) -> None:
    runs = jobs(60, within=HOUR)
    platform.refusal = refuse_lab1
    with agent_on(Meter(runs), tmp_path / "spool", platform.url) as agent:
        go(agent, Time(at=after(65)))
    platform.refusal = lambda _batch: []
    for path in (tmp_path / "spool/refused").glob("*.json"):
        if path.name.endswith(".problems.json"):
            path.unlink()
        else:
            path.rename(tmp_path / "spool/waiting" / path.name)
    with agent_on(Meter(runs), tmp_path / "spool", platform.url) as agent:
        go(agent, Time(at=after(66)))

    assert counted(platform.batches()) == expected(runs)


def test_a_batch_whose_id_is_taken_is_put_aside_whole(platform: Receiver, tmp_path: Path) -> None:
    runs = jobs(20, within=HOUR)
    with agent_on(Meter(runs), tmp_path / "spool", platform.url) as agent:
        agent.pull(now=after(9))
        taken = agent.spool.list_waiting()[0]
        (platform.folder / f"{taken}.json").write_bytes(b"other")
        done = agent.send(clock=lambda: after(9), is_over=lambda: False)

    assert (done.refused, done.stopped) == (1, None)
    assert (tmp_path / f"spool/refused/{taken}.json").is_file()


def test_a_key_that_is_not_accepted_stops_sending_and_loses_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    runs = jobs(60, within=HOUR)
    time = Time(stops_after=20)
    pace = Pace(interval_seconds=300, retry_seconds_max=900)
    with receiving(Receiver(tmp_path / "platform", public_key=bytes(32))) as platform:
        with agent_on(Meter(runs), tmp_path / "spool", platform.url) as agent:
            Loop(agent, pace, time.clocks(), salt="key").run(time)
            assert agent.metrics.is_forbidden
        # Only a look now and then: once in each of the longest waits.
        tries = len(platform.requests)
        assert 0 < tries <= 1 + sum(time.waited) // 900
        assert platform.batches() == []
        platform.public_key = PUBLIC
        with agent_on(Meter(runs), tmp_path / "spool", platform.url) as agent:
            go(agent, Time(at=time.at))
        assert counted(platform.batches()) == expected(runs)
    assert "SENDING STOPS" in caplog.text


def test_what_cannot_be_read_or_sent_is_said_once_and_stops_nothing(
    platform: Receiver, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    runs = jobs(10, within=HOUR)
    bad = dataclasses.replace(runs[0], job="bad", cards=0)
    meter = Meter(
        [*runs, bad], problems=(Problem("sacct", 3, None, "slurm.job", "Is not whole.", "See."),)
    )
    with agent_on(meter, tmp_path / "spool", platform.url) as agent:
        for minutes in (62, 64, 66):
            go(agent, Time(at=after(minutes)))
        assert agent.metrics.problems == 2

    assert counted(platform.batches()) == expected(runs)
    assert caplog.text.count("Is not whole.") == 1
    assert caplog.text.count("job bad on hai cannot be sent") == 1


def test_only_the_accounts_and_cards_that_are_asked_for_leave_the_house(
    platform: Receiver, tmp_path: Path
) -> None:
    runs = [*jobs(30, within=HOUR), dataclasses.replace(jobs(1, within=HOUR)[0], card_type="v100")]
    reach = dataclasses.replace(
        REACH, accounts=frozenset({"lab0", "lab2"}), card_types=frozenset({"a100"})
    )
    with agent_on(Meter(runs), tmp_path / "spool", platform.url, reach=reach) as agent:
        go(agent, Time(at=after(65)))

    fit = [run for run in runs if run.account != "lab1" and run.card_type == "a100"]
    assert 0 < len(fit) < len(runs) - 1
    assert counted(platform.batches()) == expected(fit)


def test_a_correction_at_the_meter_arrives_as_one(platform: Receiver, tmp_path: Path) -> None:
    run = job(1, start=0, seconds=300)
    longer = dataclasses.replace(run, ends_at=run.ends_at + timedelta(seconds=60))
    for seen, minutes in ((run, 7), (longer, 8), (longer, 9)):
        with agent_on(Meter([seen]), tmp_path / "spool", platform.url) as agent:
            go(agent, Time(at=after(minutes)))

    told = [reading for batch in platform.batches() for reading in batch.readings]
    assert [(r.ends_at - r.starts_at, r.revision) for r in told] == [(300, 0), (360, 1)]


# --- The source -----------------------------------------------------------------------------------


def test_a_source_that_is_away_is_asked_again_for_the_same_time(
    platform: Receiver, tmp_path: Path
) -> None:
    meter = Meter(jobs(30, within=HOUR), is_away=True)
    with agent_on(meter, tmp_path / "spool", platform.url) as agent:
        assert agent.pull(now=after(5)) is PullEnd.AWAY
        assert agent.cursor is None
        outcome = run_once(agent, Time(at=after(5)).clocks(), stop=Time())
        assert not outcome.is_source_read
        meter.is_away = False
        go(agent, Time(at=after(65)))

    assert {since for since, _, _ in meter.asked[:3]} == {after(0)}
    assert counted(platform.batches()) == expected(meter.jobs)


def test_an_answer_is_taken_for_what_it_is(platform: Receiver, tmp_path: Path) -> None:
    platform.whims = iter(["404", "page", "redirect", "wait", "401", "cut", "drop", "500"])
    with agent_on(Meter(jobs(30, within=HOUR)), tmp_path / "spool", platform.url) as agent:
        agent.pull(now=after(9))
        batch_id = agent.spool.list_waiting()[0]
        body = agent.spool.read(batch_id)
        answers = [agent.post.send(batch_id, body) for _ in range(9)]

    assert [a.verdict.value for a in answers] == [
        *["AWAY"] * 4,
        "FORBIDDEN",
        *["AWAY"] * 3,
        "TAKEN",
    ]
    assert answers[3].wait_seconds == 7
