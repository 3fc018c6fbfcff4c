"""Logs in the Standard Workload Format: 18 numbers a job, and when second 0 was."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evernormal.formats.meters import MeterReadings, Reading, SwfLog, read_swf

EPOCH = 1_772_323_200  # 2026-03-01 00:00 UTC
HEADER = f"; Version: 2.2\n; UnixStartTime: {EPOCH}\n; TimeZoneString: Asia/Shanghai\n"
LOG = SwfLog("a.swf", "c", "a100")
TRACES = Path(__file__).parents[4] / "shared" / "data" / "traces" / "swf"


def job(number: int = 7, **fields: int) -> str:
    """A line: job, submit, wait, run, processors, ..., status, user, group."""
    usual = {"submit": 100, "wait": 20, "run": 3600, "processors": 4, "status": 1, "group": 5}
    f = {**usual, **fields}
    return (
        f"{number} {f['submit']} {f['wait']} {f['run']} {f['processors']} -1 -1 "
        f"{f['processors']} 7200 -1 {f['status']} 3 {f['group']} -1 1 1 -1 -1"
    )


def read(*lines: str, header: str = HEADER, log: SwfLog = LOG) -> MeterReadings:
    return read_swf(header + "\n".join(lines) + "\n", log)


def held(found: MeterReadings) -> list[tuple[str, int, int, int]]:
    """Job, cards, start and end in seconds of the log."""
    epoch = datetime.fromtimestamp(EPOCH, UTC)
    second = timedelta(seconds=1)
    return [
        (r.job, r.cards, (r.starts_at - epoch) // second, (r.ends_at - epoch) // second)
        for r in found.readings
    ]


def test_a_job_holds_its_processors_from_submit_and_wait_on() -> None:
    starts_at = datetime(2026, 3, 1, 0, 2, tzinfo=UTC)
    assert read(job()) == MeterReadings(
        (
            Reading(
                line=4,
                cluster="c",
                job="7",
                account="5",
                card_type="a100",
                cards=4,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=1),
                state="COMPLETED",
                is_final=True,
            ),
        ),
        0,
        (),
    )


def test_processors_are_cards_at_the_rate_that_is_given() -> None:
    eight = SwfLog("a.swf", "c", "a100", processors_per_card=8)
    assert [r.cards for r in read(job(processors=16), log=eight).readings] == [2]
    (problem,) = read(job(processors=12), log=eight).problems
    assert (problem.line, problem.code) == (4, "swf.job")
    assert "12 processors at 8 a card" in problem.message


def test_a_job_that_never_ran_is_counted_without_cards() -> None:
    found = read(job(run=-1, status=5), job(run=0), job(processors=0), "", "; a remark")
    assert (found.readings, found.without_cards, found.problems) == ((), 3, ())


def test_a_job_that_was_swapped_out_counts_its_bursts_and_not_their_sum() -> None:
    found = read(
        job(run=900),
        job(status=2, run=300),
        job(status=2, submit=-1, wait=50, run=200),
        job(status=3, submit=-1, wait=0, run=400),
        job(8),
    )
    assert held(found)[:3] == [("7", 4, 120, 420), ("7", 4, 470, 670), ("7", 4, 670, 1070)]
    assert [reading.job for reading in found.readings] == ["7", "7", "7", "8"]


@pytest.mark.parametrize(
    ("header", "line"),
    [("; Version: 2\n", 1), ("; UnixStartTime: yesterday\n", 1), ("; UnixStartTime:\n", 1)],
)
def test_without_the_moment_of_second_0_a_log_is_refused(header: str, line: int) -> None:
    found = read(job(), header=header)
    assert found.readings == ()
    assert [(p.line, p.code) for p in found.problems] == [(line, "swf.start_time")]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("7 100 20 3600 4", "swf.field_count"),
        (job().replace("3600", "an_hour"), "swf.number"),
        (job().replace("3600", "9" * 30), "swf.number"),
        (job(run=10**12), "swf.job"),
        (job(submit=-1), "swf.job"),
        (job(processors=-1), "swf.job"),
        (job(processors=10**7), "swf.job"),
    ],
)
def test_a_line_that_cannot_be_read_is_a_problem_and_stops_no_other(bad: str, code: str) -> None:
    found = read(job(1), bad, job(2))
    assert [reading.job for reading in found.readings] == ["1", "2"]
    assert [(p.line, p.code) for p in found.problems] == [(5, code)]


@pytest.mark.skipif(not TRACES.exists(), reason="the shared traces are not on this machine")
@pytest.mark.parametrize(
    ("trace", "header"), [("hpc2n", ""), ("lublin_256", ""), ("wagap-2013", "; UnixStartTime: 0\n")]
)
def test_logs_of_real_clusters_are_read_whole(trace: str, header: str) -> None:
    text = gzip.decompress((TRACES / f"{trace}.swf.gz").read_bytes()).decode("utf-8", "replace")
    lines = [line for line in text.split("\n") if line.strip() and not line.startswith(";")]

    found = read_swf(header + text, LOG)

    if "UnixStartTime" not in header + text:
        assert [p.code for p in found.problems] == ["swf.start_time"]
        found = read_swf("; UnixStartTime: 0\n" + text, LOG)
    assert found.problems == ()
    assert len(found.readings) + found.without_cards == len(lines)
    ran = [line.split() for line in lines]
    used = sum(int(f[3]) * int(f[4]) for f in ran if int(f[3]) > 0 and int(f[4]) > 0)
    spans = (r.cards * ((r.ends_at - r.starts_at) // timedelta(seconds=1)) for r in found.readings)
    assert sum(spans) == used > 0
