"""What other meters of Slurm got wrong, and what a real cluster does: a test each.

`recordings/` holds what sacct and slurmrestd of Slurm 22.05.8 printed, unchanged, of one small
cluster on which a job was requeued, one suspended, one shrunk, and a node lost.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evernormal.domain.metering import UsageKey, UsageRecord, meter
from evernormal.formats.meters import (
    MeterReadings,
    Reading,
    Sacct,
    read_sacct_json,
    read_sacct_parsable2,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
RECORDINGS = Path(__file__).parent / "recordings"
HEADER = "JobID|User|Cluster|Account|State|Submit|Start|End|ElapsedRaw|Suspended|AllocTRES"
START = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())
USUAL = {
    "JobID": "7",
    "User": "lin",
    "Cluster": "c",
    "Account": "firm",
    "State": "COMPLETED",
    "Submit": str(START - 60),
    "Start": str(START),
    "End": str(START + 3600),
    "ElapsedRaw": "3600",
    "Suspended": "00:00:00",
    "AllocTRES": "cpu=8,gres/gpu:a100=4,gres/gpu=4,node=2",
}


def row(**cells: str) -> str:
    return "|".join({**USUAL, **cells}.values())


def read(*rows: str, zone: ZoneInfo = SHANGHAI) -> MeterReadings:
    return read_sacct_parsable2("\n".join([HEADER, *rows, ""]), Sacct("s.txt", zone))


def record(reading: Reading) -> UsageRecord:
    key = UsageKey("P", reading.cluster, reading.job, reading.card_type, reading.starts_at)
    return UsageRecord(
        key=key,
        account=reading.account,
        cards=reading.cards,
        ends_at=reading.ends_at,
        is_final=reading.is_final,
        state=reading.state,
        revision=reading.revision,
    )


def counted(polls: Iterable[MeterReadings]) -> dict[UsageKey, UsageRecord]:
    """What counts after each poll was accepted."""
    known: dict[UsageKey, UsageRecord] = {}
    for poll in polls:
        kept = meter(known, [record(reading) for reading in poll.readings]).kept
        known |= {each.key: each for each in kept}
    return known


def card_seconds(readings: Iterable[Reading | UsageRecord]) -> int:
    total = 0
    for each in readings:
        start = each.starts_at if isinstance(each, Reading) else each.key.starts_at
        total += each.cards * ((each.ends_at - start) // timedelta(seconds=1))
    return total


# --- apache/airavata-custos#535 and #542 ----------------------------------------------------------


def test_a_job_of_a_user_whom_nobody_knows_is_read_under_its_account() -> None:
    (reading,) = read(row(User="")).readings
    assert reading.account == "firm"
    (nobody,) = read(row(User="4711", Account="")).readings
    assert (nobody.account, nobody.cards) == ("", 4)


def test_wall_time_is_from_start_to_end_and_never_what_was_asked_for() -> None:
    found = read(row(ElapsedRaw="1", End=str(START + 90)))
    assert card_seconds(found.readings) == 4 * 90


def test_one_job_that_cannot_be_read_does_not_stop_the_others() -> None:
    found = read(row(JobID="6", Start="soon"), row(), row(JobID="8", AllocTRES="gres/gpu=x"))

    assert [reading.job for reading in found.readings] == ["7"]
    assert [(p.line, p.code) for p in found.problems] == [(2, "slurm.time"), (4, "slurm.job")]


@given(st.lists(st.integers(0, 4), min_size=1, max_size=8))
def test_however_polls_overlap_each_job_counts_once(polls: list[int]) -> None:
    """Five jobs end an hour apart; each poll sees those of its hour and of the hour before."""
    jobs = [
        row(JobID=str(n), Start=str(START + 3600 * n), End=str(START + 3600 * (n + 1)))
        for n in range(5)
    ]
    seen = {n for poll in polls for n in (poll - 1, poll) if n >= 0}

    known = counted(read(*(jobs[n] for n in (p - 1, p) if n >= 0)) for p in polls)

    assert {key.job for key in known} == {str(n) for n in seen}
    assert card_seconds(known.values()) == len(seen) * 4 * 3600


@pytest.mark.parametrize("second", [-1, 0, 1])
def test_a_job_that_ends_at_the_edge_of_a_poll_is_not_lost(second: int) -> None:
    """It ran when the first poll looked, and is over when the next one does."""
    edge = START + 1800
    running = row(State="RUNNING", End="Unknown", ElapsedRaw="1800", Submit=str(START))
    ended = row(End=str(edge + second), Submit=str(START))

    known = counted([read(running), read(ended)])

    assert card_seconds(known.values()) == 4 * (1800 + second)
    assert all(each.is_final for each in known.values())


def test_a_record_that_slurmdbd_writes_late_takes_the_place_of_the_running_one() -> None:
    later = read(row(State="RUNNING", End="Unknown", ElapsedRaw="7200"))
    known = counted([later, read(row()), later])

    assert [each.ends_at for each in known.values()] == [datetime(2026, 3, 1, 1, tzinfo=UTC)]


def test_cards_are_the_jobs_total_whatever_the_number_of_nodes() -> None:
    for nodes in (1, 2, 64):
        tres = f"billing=8,cpu=8,gres/gpu:a100=4,gres/gpu=4,node={nodes}"
        assert [r.cards for r in read(row(AllocTRES=tres)).readings] == [4]


@pytest.mark.parametrize(
    ("tres", "cards"),
    [
        ("gres/gpu=4", {"gpu": 4}),
        ("gres/gpu:a100=4", {"a100": 4}),
        ("gres/gpu:a100=4,gres/gpu=4", {"a100": 4}),
        ("gres/npu:910b=8", {"910b": 8}),
        ("gres/shard=4", {"shard": 4}),
        ("gres/mps=50", {"mps": 50}),
        ("gres/gpu:nvidia_a100_1g.10gb=2,gres/gpu=2", {"nvidia_a100_1g.10gb": 2}),
    ],
)
def test_no_way_of_naming_a_card_comes_to_no_use(tres: str, cards: dict[str, int]) -> None:
    assert {r.card_type: r.cards for r in read(row(AllocTRES=tres)).readings} == cards


def test_a_card_that_only_the_data_centre_knows_counts_when_it_is_named() -> None:
    text = f"{HEADER}\n{row(AllocTRES='gres/tianshu=3')}\n"
    assert read_sacct_parsable2(text, Sacct("s.txt", SHANGHAI)).without_cards == 1
    named = Sacct("s.txt", SHANGHAI, kinds=frozenset({"tianshu"}))
    assert [r.cards for r in read_sacct_parsable2(text, named).readings] == [3]


# --- SDU-eScience/UCloud#3815 and #4135, ubccr/xdmod#42 -------------------------------------------


def test_accounting_that_is_read_again_and_again_changes_nothing() -> None:
    poll = read(row(), row(JobID="8", State="RUNNING", End="Unknown"))
    assert counted([poll] * 5) == counted([poll])


def test_an_export_without_a_single_job_says_so() -> None:
    assert read().is_empty
    assert not read(row(AllocTRES="cpu=1")).is_empty
    assert not read_sacct_json("", Sacct("s.json", SHANGHAI)).is_empty


# --- Clocks ---------------------------------------------------------------------------------------


def test_an_hour_that_clocks_repeat_is_told_by_what_elapsed() -> None:
    """New York, 2026-11-01: 01:30 EDT and, an hour later, 01:30 EST."""
    local = {"Submit": "2026-11-01T00:10:00", "Start": "2026-11-01T00:30:00"}
    before = read(row(**local, End="2026-11-01T01:30:00", ElapsedRaw="3600"), zone=NEW_YORK)
    after = read(row(**local, End="2026-11-01T01:30:00", ElapsedRaw="7200"), zone=NEW_YORK)

    assert card_seconds(before.readings) == 4 * 3600
    assert card_seconds(after.readings) == 4 * 7200


def test_local_times_that_can_mean_two_moments_are_refused_and_epoch_seconds_are_not() -> None:
    local = row(Start="2026-11-01T01:10:00", End="2026-11-01T01:30:00", ElapsedRaw="1200")
    (problem,) = read(local, zone=NEW_YORK).problems
    assert problem.code == "slurm.time"
    assert "SLURM_TIME_FORMAT" in problem.message

    start = int(datetime(2026, 11, 1, 6, 10, tzinfo=UTC).timestamp())
    epoch = row(Start=str(start), End=str(start + 1200), Submit=str(start))
    assert card_seconds(read(epoch, zone=NEW_YORK).readings) == 4 * 1200


def test_a_local_time_that_clocks_skipped_is_no_time() -> None:
    (problem,) = read(row(Start="2026-03-08T02:30:00"), zone=NEW_YORK).problems
    assert "clocks skipped" in problem.message


# --- Shrinking, and the recordings ----------------------------------------------------------------


def test_a_job_that_was_resized_is_counted_part_by_part() -> None:
    """The second row keeps the job's start; only its Submit tells when the change came."""
    wide = row(State="RESIZING", Submit=str(START - 9), End=str(START + 100), ElapsedRaw="100")
    narrow = row(Submit=str(START + 100), AllocTRES="gres/gpu:a100=1", End=str(START + 400))
    running = row(
        Submit=str(START + 100), AllocTRES="gres/gpu:a100=1", State="RUNNING", End="Unknown"
    )

    whole = read(wide, narrow)
    assert card_seconds(whole.readings) == 4 * 100 + 1 * 300
    assert all(reading.is_final for reading in whole.readings)
    # The two rows in two polls, and the second one first as it runs.
    assert counted([read(wide, running.replace("3600", "200")), read(narrow)]) == counted([whole])


def test_a_resized_job_whose_parts_cannot_be_told_is_a_problem() -> None:
    text = f"{HEADER}\n{row(State='RESIZING')}\n".replace("|Submit", "").replace(
        f"|{START - 60}", ""
    )
    (problem,) = read_sacct_parsable2(text, Sacct("s.txt", SHANGHAI)).problems
    assert (problem.line, problem.code) == (2, "slurm.resized")
    assert "Submit" in problem.todo


@pytest.fixture(scope="module")
def recorded() -> dict[str, MeterReadings]:
    found = {}
    for path in sorted(RECORDINGS.iterdir()):
        decoder = read_sacct_json if path.suffix == ".json" else read_sacct_parsable2
        found[path.name] = decoder(path.read_text(encoding="utf-8"), Sacct(path.name, SHANGHAI))
    return found


def test_every_way_to_ask_a_cluster_gives_the_same_readings(
    recorded: dict[str, MeterReadings],
) -> None:
    told = {
        name: sorted((replace(r, line=0) for r in read.readings), key=str)
        for name, read in recorded.items()
    }

    assert recorded.keys() == {"sacct-local.txt", "sacct.json", "sacct.txt", "slurmrestd.json"}
    for name, readings in told.items():
        assert readings == told["sacct.txt"], name
        assert (recorded[name].problems, recorded[name].without_cards) == ((), 2)


def test_the_recorded_jobs_held_these_cards(recorded: dict[str, MeterReadings]) -> None:
    told = [
        (r.job, r.state, r.card_type, r.cards, (r.ends_at - r.starts_at) // timedelta(seconds=1))
        for r in recorded["sacct.txt"].readings
    ]

    assert sorted(told) == [
        ("1", "COMPLETED", "a100", 6, 12),
        ("11", "FAILED", "h100", 1, 3),
        ("13", "CANCELLED", "a100", 1, 312),
        ("2_0", "COMPLETED", "a100", 1, 4),
        ("2_1", "COMPLETED", "a100", 1, 4),
        ("2_2", "COMPLETED", "a100", 1, 4),
        ("3+0", "COMPLETED", "a100", 2, 6),
        ("3+1", "COMPLETED", "h100", 1, 6),
        ("5", "REQUEUED", "h100", 2, 9),
        ("6", "COMPLETED", "a100", 1, 10),  # 6 s of work and 4 s of suspension: the card was held
        ("7", "COMPLETED", "a100", 2, 35),
        ("7", "RESIZING", "a100", 4, 5),
        ("8", "COMPLETED", "shard", 4, 7),
        ("9", "NODE_FAIL", "1g.10gb", 2, 10),
    ]
