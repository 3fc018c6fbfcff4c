"""What sacct prints becomes readings: every run of a job on cards, once, and nothing else."""

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evernormal.formats.meters import (
    MeterReadings,
    Reading,
    Sacct,
    read_sacct_json,
    read_sacct_parsable2,
)
from evernormal.formats.meters.slurm import cards_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
ROOT = Path(__file__).parents[3]
RECORDING = ROOT / "examples" / "guizhou-2026" / "usage"
TRACES = ROOT.parent / "shared" / "data" / "traces" / "slurm-sacct-xdmod"
TRACE_COLUMNS = (
    "JobID|JobIDRaw|Cluster|Partition|QOS|Account|Group|GID|User|UID|Submit|Eligible|Start|End|"
    "Elapsed|ExitCode|State|NNodes|NCPUS|ReqCPUS|ReqMem|ReqTRES|AllocTRES|Timelimit|NodeList|JobName"
)
HEADER = "JobID|Cluster|Account|State|Start|End|ElapsedRaw|Suspended|AllocTRES|Comment"
FOUR = "billing=8,cpu=8,gres/gpu:a100=4,gres/gpu=4,node=2"

READING = Reading(
    line=2,
    cluster="c",
    job="7",
    account="firm",
    card_type="a100",
    cards=4,
    starts_at=datetime(2026, 3, 1, tzinfo=UTC),
    ends_at=datetime(2026, 3, 1, 1, tzinfo=UTC),
    state="COMPLETED",
    is_final=True,
)
START = int(READING.starts_at.timestamp())


def read_text(*rows: str, header: str = HEADER) -> MeterReadings:
    return read_sacct_parsable2("\n".join([header, *rows, ""]), Sacct("s.txt", SHANGHAI))


def row(**cells: str) -> str:
    """Give the row of READING, with some cells changed."""
    usual = {
        "JobID": "7",
        "Cluster": "c",
        "Account": "firm",
        "State": "COMPLETED",
        "Start": str(START),
        "End": str(START + 3600),
        "ElapsedRaw": "3600",
        "Suspended": "00:00:00",
        "AllocTRES": FOUR,
        "Comment": "",
    }
    return "|".join({**usual, **cells}.values())


def job(**fields: object) -> dict[str, object]:
    """Give the job object of READING in the layout of 22.05, with some fields changed."""
    usual: dict[str, object] = {
        "account": "firm",
        "array": {"job_id": 0, "task_id": None},
        "cluster": "c",
        "het": {"job_id": 0, "job_offset": None},
        "job_id": 7,
        "state": {"current": "COMPLETED", "reason": "None"},
        "time": {"start": START, "end": START + 3600, "elapsed": 3600, "suspended": 0},
        "tres": {
            "allocated": [
                {"type": "cpu", "name": None, "count": 8},
                {"type": "energy", "name": None, "count": None},
                {"type": "gres", "name": "gpu", "count": 4},
                {"type": "gres", "name": "gpu:a100", "count": 4},
            ]
        },
    }
    return {**usual, **fields}


def read_jobs(*jobs: object) -> MeterReadings:
    text = json.dumps({"meta": {"jobs": []}, "jobs": jobs}, indent=1)
    return read_sacct_json(text, Sacct("s.json", SHANGHAI))


def without_lines(readings: Iterable[Reading]) -> list[Reading]:
    return [replace(reading, line=2) for reading in readings]


# --- Both forms -----------------------------------------------------------------------------------


def test_both_forms_give_the_same_reading() -> None:
    assert read_text(row()) == MeterReadings((READING,), 0, ())
    assert without_lines(read_jobs(job()).readings) == [READING]


@pytest.mark.parametrize(
    ("tres", "cards"),
    [
        ("cpu=8,gres/gpu:a100=4,gres/gpu=4,node=2", {"a100": 4}),
        ("gres/gpu=4", {"gpu": 4}),
        ("gres/gpu:a100=4", {"a100": 4}),
        ("gres/gpu=6,gres/gpu:a100=4", {"a100": 4, "gpu": 2}),
        ("gres/gpu:a100=2,gres/gpu:h100=3,gres/gpu=5", {"a100": 2, "h100": 3}),
        ("gres/npu:ascend910b=8,gres/npu=8", {"ascend910b": 8}),
        ("gres/gpumem=80G,gres/gpuutil=50,gres/shard=3,cpu=1", {"shard": 3}),
        ("gres/shard:h100=2,gres/shard=4", {"h100": 2, "shard": 2}),
        ("gres/gpu:1g.10gb=2,gres/gpu:a100=1,gres/gpu=3", {"1g.10gb": 2, "a100": 1}),
        ("gres/craynetwork=4,license/matlab=2,fs/lustre=9,gres/tape=1", {}),
        ("gres/gpu=0", {}),
        ("", {}),
    ],
)
def test_a_typed_count_beats_the_untyped_total_and_nodes_do_not_multiply(
    tres: str, cards: dict[str, int]
) -> None:
    assert cards_of(tres) == cards


@given(
    st.dictionaries(st.sampled_from(["a100", "h100", "l40"]), st.integers(1, 64)), st.integers(0, 9)
)
def test_no_card_is_lost_between_typed_counts_and_the_total(
    typed: dict[str, int], more: int
) -> None:
    total = sum(typed.values()) + more
    entries = [f"gres/gpu:{name}={n}" for name, n in typed.items()]

    assert sum(cards_of(",".join([*entries, f"gres/gpu={total}"])).values()) == total


def test_a_job_on_two_types_of_card_gives_a_reading_for_each() -> None:
    tres = "gres/gpu:h100=2,gres/gpu:a100=4,gres/gpu=6"

    assert read_text(row(AllocTRES=tres)).readings == (
        READING,
        replace(READING, card_type="h100", cards=2),
    )


def test_jobs_without_cards_or_start_are_counted_and_steps_are_not() -> None:
    read = read_text(
        row(),
        row(JobID="7.batch"),
        row(JobID="7.0"),
        row(JobID="8", AllocTRES="cpu=8,node=1"),
        row(JobID="9", State="CANCELLED by 1000", Start="Unknown", End=str(START), AllocTRES=""),
        row(JobID="10", State="PENDING", Start="Unknown", End="Unknown"),
    )

    assert read == MeterReadings((READING,), 3, ())


def test_runs_of_a_requeued_job_keep_their_own_start() -> None:
    later = str(START + 7200)
    read = read_text(row(State="REQUEUED"), row(Start=later, End=str(START + 9000)))

    assert [(r.state, r.starts_at, r.is_final) for r in read.readings] == [
        ("REQUEUED", READING.starts_at, True),
        ("COMPLETED", READING.starts_at + timedelta(hours=2), True),
    ]


def test_who_cancelled_a_job_is_no_part_of_its_state() -> None:
    assert read_text(row(State="CANCELLED by 1000")).readings[0].state == "CANCELLED"


@pytest.mark.parametrize("state", ["RUNNING", "SUSPENDED", "COMPLETING"])
def test_a_job_that_is_not_over_is_provisional(state: str) -> None:
    (reading,) = read_text(row(State=state, End="Unknown", ElapsedRaw="600")).readings
    assert not reading.is_final
    assert reading.ends_at == READING.starts_at + timedelta(minutes=10)

    time = {"start": START, "end": 0, "elapsed": 600, "suspended": 0}
    (same,) = read_jobs(job(state={"current": state}, time=time)).readings
    assert replace(same, line=2) == reading


def test_a_suspended_job_keeps_its_cards() -> None:
    (reading,) = read_text(
        row(State="RUNNING", End="Unknown", ElapsedRaw="600", Suspended="1-00:00:30")
    ).readings
    assert reading.ends_at == READING.starts_at + timedelta(days=1, seconds=630)


def test_local_times_are_of_the_zone_that_is_given() -> None:
    read = read_text(row(Start="2026-03-01T08:00:00", End="2026-03-01T09:00:00"))
    assert read.readings == (READING,)


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ({"array": {"job_id": 7, "task_id": 3}, "job_id": 9}, "7_3"),
        ({"array": {"job_id": 7, "task_id": 0}, "job_id": 9}, "7_0"),
        ({"het": {"job_id": 7, "job_offset": 1}, "job_id": 8}, "7+1"),
        ({"het": {"job_id": 7, "job_offset": 0}}, "7+0"),
    ],
)
def test_array_and_heterogeneous_jobs_are_numbered_as_the_text_form_does(
    change: dict[str, object], number: str
) -> None:
    assert read_jobs(job(**change)).readings[0].job == number


def test_wrapped_numbers_and_listed_states_of_newer_versions_are_read() -> None:
    def wrapped(number: int) -> dict[str, object]:
        return {"set": True, "infinite": False, "number": number}

    unset = {"set": False, "infinite": False, "number": 0}
    newer = job(
        array={"job_id": 7, "task_id": wrapped(3)},
        het={"job_id": 0, "job_offset": unset},
        job_id=9,
        state={"current": ["COMPLETED"], "reason": "None"},
        time={"start": wrapped(START), "end": wrapped(START + 3600), "elapsed": 3600},
    )

    (reading,) = read_jobs(newer).readings
    assert replace(reading, line=2) == replace(READING, job="7_3")


# --- Lines and problems ---------------------------------------------------------------------------


def test_a_job_has_the_line_on_which_its_object_begins() -> None:
    text = json.dumps({"errors": [], "jobs": [job(), job(job_id=8)]}, indent=2)
    read = read_sacct_json(text, Sacct("s.json", SHANGHAI))

    lines = text.splitlines()
    starts = [n for n, line in enumerate(lines, start=1) if line == "    {"]
    assert [reading.line for reading in read.readings] == starts


def test_a_last_column_that_users_fill_may_hold_bars() -> None:
    assert read_text(row(Comment="a|b|c")).readings == (READING,)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"End": str(START - 1)}, "slurm.time"),
        ({"Start": "yesterday"}, "slurm.time"),
        ({"Start": "9" * 30}, "slurm.time"),
        ({"State": "RUNNING", "End": "Unknown", "ElapsedRaw": ""}, "slurm.time"),
        ({"State": "RUNNING", "End": "Unknown", "ElapsedRaw": "9" * 18}, "slurm.time"),
        ({"ElapsedRaw": "an hour"}, "slurm.job"),
        ({"State": ""}, "slurm.job"),
        ({"AllocTRES": "gres/gpu=four"}, "slurm.job"),
        ({"AllocTRES": "gres/gpu=99999999999"}, "slurm.job"),
    ],
)
def test_a_row_that_cannot_be_read_is_a_problem_on_its_line(
    changes: dict[str, str], code: str
) -> None:
    read = read_text(row(), row(**changes))

    assert read.readings == (READING,)
    assert [(p.file, p.line, p.code) for p in read.problems] == [("s.txt", 3, code)]


def test_a_file_that_is_not_of_sacct_is_one_problem() -> None:
    assert [p.code for p in read_text(row(), header="JobID|State").problems] == ["slurm.columns"]
    assert [(p.line, p.code) for p in read_text("7|c").problems] == [(2, "slurm.field_count")]
    for text, code in (
        ("", "json.syntax"),
        ("{}", "slurm.json"),
        ('{"jobs": {}}', "slurm.json"),
        ("[" * 100_000, "json.syntax"),
        ('{"x": ' + "[" * 100_000, "slurm.json"),
        ('{"jobs": [1' + "0" * 5_000 + "]}", "slurm.json"),
    ):
        found = read_sacct_json(text, Sacct("s.json", SHANGHAI)).problems
        assert [p.code for p in found] == [code], text[:20]


def test_broken_json_has_line_and_column() -> None:
    (problem,) = read_sacct_json('{"jobs": [\n  {"a" 1}]}', Sacct("s.json", SHANGHAI)).problems
    assert (problem.line, problem.column) == (2, 8)


@pytest.mark.parametrize(
    "change",
    [
        {"job_id": None},
        {"cluster": None},
        {"state": {}},
        {"state": {"current": []}},
        {"tres": {"allocated": [{"type": "gres", "name": "gpu", "count": None}]}},
    ],
)
def test_a_job_object_that_is_not_whole_is_a_problem(change: dict[str, object]) -> None:
    read = read_jobs(job(**change), job())

    assert without_lines(read.readings) == [READING]
    assert [p.code for p in read.problems] == ["slurm.job"]


def test_what_is_no_job_object_is_a_problem() -> None:
    assert [p.code for p in read_jobs(7, None, "x").problems] == ["slurm.job"] * 3


def test_a_job_outside_accounting_has_no_account() -> None:
    assert read_jobs(job(account=None)).readings[0].account == ""


# --- Recordings -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def recorded() -> tuple[MeterReadings, MeterReadings]:
    taken = (RECORDING / "sacct-2026-03.json").read_text(encoding="utf-8")
    later = (RECORDING / "sacct-2026-03.txt").read_text(encoding="utf-8")
    return (
        read_sacct_json(taken, Sacct("json", SHANGHAI)),
        read_sacct_parsable2(later, Sacct("txt", SHANGHAI)),
    )


def test_both_recorded_files_tell_the_same_of_runs_that_were_over(
    recorded: tuple[MeterReadings, MeterReadings],
) -> None:
    def run(reading: Reading) -> tuple[str, datetime, str]:
        return reading.job, reading.starts_at, reading.card_type

    first, second = recorded
    later = {run(r): r for r in without_lines(second.readings)}
    assert (first.problems, second.problems) == ((), ())
    assert len(later) == len(second.readings) > len(first.readings)
    for reading in without_lines(first.readings):
        if reading.is_final:
            assert later[run(reading)] == reading
        else:
            assert later[run(reading)].ends_at > reading.ends_at
    assert sum(not reading.is_final for reading in first.readings) > 0


def test_recorded_card_seconds_are_those_of_the_independent_sum(
    recorded: tuple[MeterReadings, MeterReadings],
) -> None:
    from_at = datetime(2026, 3, 1, tzinfo=SHANGHAI)
    until = datetime(2026, 4, 1, tzinfo=SHANGHAI)
    held: dict[tuple[str, str], int] = defaultdict(int)
    for reading in recorded[1].readings:
        span = min(reading.ends_at, until) - max(reading.starts_at, from_at)
        held[reading.account, reading.card_type] += reading.cards * max(
            span // timedelta(seconds=1), 0
        )

    note = (RECORDING / "RECORDING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \| (\w+) \| ([0-9]+) \| [0-9,.]+ \|$", note, re.MULTILINE)
    assert len(rows) > 10
    assert dict(held) == {(account, kind): int(n) for account, kind, n in rows}


@pytest.mark.skipif(not TRACES.exists(), reason="the shared traces are not on this machine")
@pytest.mark.parametrize(
    ("trace", "rows", "cards"), [("phillips", 4285, [2, 2]), ("pozidriv", 11704, [])]
)
def test_traces_of_real_clusters_are_read_whole(trace: str, rows: int, cards: list[int]) -> None:
    text = gzip.decompress((TRACES / f"{trace}.log.gz").read_bytes()).decode()

    read = read_sacct_parsable2(
        f"{TRACE_COLUMNS}\n{text}", Sacct(trace, ZoneInfo("America/New_York"))
    )
    assert read.problems == ()
    assert [reading.cards for reading in read.readings] == cards
    assert len(cards) + read.without_cards == rows
