"""Laws of a replay, for every policy: cards, gangs, arrival, work; and FIFO against a plain one."""

import heapq
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evernormal.simulator.rounds.backfill import Backfill
from evernormal.simulator.rounds.fluid import fluid_shares, pour, reachable_work
from evernormal.simulator.rounds.possible import possible_work
from evernormal.simulator.rounds.quality import quality_of, work_by
from evernormal.simulator.rounds.queueing import DominantShare, Fifo
from evernormal.simulator.rounds.replay import Policy, replay
from evernormal.simulator.rounds.schedule import Schedule, faults_of
from evernormal.simulator.rounds.sharing import max_min, proportional
from evernormal.simulator.rounds.workload import Fleet, Workload

POLICIES: dict[str, Callable[[], Policy]] = {
    "fifo": Fifo,
    "backfill": Backfill,
    "easy": lambda: Backfill(reservations=1),
    "drf": DominantShare,
    "max-min": max_min,
    "proportional": lambda: proportional(half_life_seconds=6 * 3_600),
}
FLEET = Fleet(
    ("A@1", "B@1", "A@2"),
    ("A", "B", "A"),
    np.array([8, 6, 4], dtype=np.int64),
    np.array([[1_000, 300, 1_000], [1_000, 0, 1_000], [700, 1_100, 700]], dtype=np.int64),
)


def a_workload(seed: int, jobs: int) -> Workload:
    chance = np.random.default_rng(seed)
    work = (chance.exponential(4e6, jobs) + 500).astype(np.int64)
    return Workload(
        arrives=np.sort(chance.integers(0, 1 + 400 * jobs, jobs)),
        gang=chance.choice(np.array([1, 1, 2, 4, 8]), jobs),
        work=work,
        limit=(work * chance.uniform(1, 3, jobs)).astype(np.int64),
        firm=chance.integers(0, 3, jobs),
        kind=chance.integers(0, 3, jobs),
        weights=np.array([1.0, 1.0, 2.0]),
    )


@pytest.mark.parametrize("name", POLICIES)
@settings(max_examples=8)
@given(seed=st.integers(0, 10**6), jobs=st.integers(1, 60))
def test_every_policy_keeps_every_law_and_does_the_same_again(
    name: str, seed: int, jobs: int
) -> None:
    workload = a_workload(seed, jobs)
    schedule = replay(workload, FLEET, POLICIES[name]())
    again = replay(workload, FLEET, POLICIES[name]())

    assert faults_of(schedule, workload, FLEET) == []
    assert np.array_equal(_table(schedule), _table(again))
    assert work_by(schedule, workload, FLEET, horizon=1 << 40).sum() == pytest.approx(
        (workload.work * workload.gang).sum() / 1_000
    )


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6), jobs=st.integers(1, 80))
def test_fifo_is_what_a_plain_queue_gives(seed: int, jobs: int) -> None:
    workload = a_workload(seed, jobs)
    schedule = replay(workload, FLEET, Fifo())
    starts = dict(zip(schedule.job.tolist(), schedule.starts_at.tolist(), strict=True))

    assert [starts[job] for job in range(jobs)] == plain_fifo(workload, FLEET)


def plain_fifo(workload: Workload, fleet: Fleet) -> list[int]:
    """Start of each job: job by job, waiting for ends until the head fits somewhere."""
    free, now, starts = fleet.cards.tolist(), 0, []
    ends: list[tuple[int, int, int]] = []
    for job in range(workload.size):
        gang, speeds = int(workload.gang[job]), fleet.speeds[workload.kind[job]].tolist()
        now = max(now, int(workload.arrives[job]))
        while True:
            while ends and ends[0][0] <= now:
                _, pool, cards = heapq.heappop(ends)
                free[pool] += cards
            able = [p for p, cards in enumerate(free) if cards >= gang and speeds[p]]
            if able:
                break
            now = ends[0][0]
        pool = max(able, key=lambda p: (speeds[p], -p))
        free[pool] -= gang
        starts.append(now)
        heapq.heappush(ends, (now - -int(workload.work[job]) // speeds[pool], pool, gang))
    return starts


def _table(schedule: Schedule) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.column_stack((schedule.job, schedule.pool, schedule.starts_at, schedule.ends_at))


def _jobs(rows: Sequence[tuple[int, int, int, int, int]]) -> Workload:
    """Jobs of (arrives, gang, seconds, limit in seconds, firm), all of one kind."""
    table = np.array(rows, dtype=np.int64)
    arrives, gang, work, limit, firm = table.T
    kind = np.zeros(len(rows), dtype=np.int64)
    return Workload(arrives, gang, work * 1_000, limit * 1_000, firm, kind, np.ones(2))


ONE = Fleet(("A@1",), ("A",), np.array([4]), np.array([[1_000]]))


def test_backfill_lets_a_short_job_ahead_but_never_delays_the_head() -> None:
    """Job 1 waits for all cards until 100; of those behind it only job 3 is over by then."""
    workload = _jobs([(0, 2, 100, 100, 0), (1, 4, 50, 50, 0), (2, 1, 200, 200, 0), (3, 1, 9, 9, 0)])
    schedule = replay(workload, ONE, Backfill())

    assert dict(zip(schedule.job.tolist(), schedule.starts_at.tolist(), strict=True)) == {
        0: 0,
        1: 100,
        2: 150,
        3: 3,
    }


def test_a_firm_that_holds_nothing_is_next_under_drf() -> None:
    workload = _jobs([(0, 2, 20, 20, 0), (0, 2, 10, 10, 0), (1, 2, 10, 10, 0), (2, 2, 10, 10, 1)])
    schedule = replay(workload, ONE, DominantShare())

    assert schedule.finished.tolist() == [20, 10, 30, 20]


def test_what_a_schedule_may_not_hold_is_named() -> None:
    workload = _jobs([(0, 4, 10, 10, 0), (5, 4, 10, 10, 0)])
    both = np.array([0, 1])
    wrong = Schedule(both, both * 0, both * 4, both * 4, both * 4 + 9, np.array([9, 13]))

    assert faults_of(wrong, workload, ONE) == [
        "a job starts before it arrives",
        "8 cards are held at once in A@1, which has 4",
        "2 jobs do less than their work",
    ]


def test_a_job_that_fits_no_pool_is_refused() -> None:
    with pytest.raises(ValueError, match="fits no pool"):
        replay(_jobs([(0, 5, 1, 1, 0)]), ONE, Fifo())


def test_carried_fairness_gives_the_late_firm_its_turn() -> None:
    """Firm 0 floods the cards; firm 1 comes hours later and is not kept waiting for the flood."""
    rows = [(0, 1, 40_000, 40_000, 0)] * 20 + [(20_000, 4, 7_000, 7_000, 1)]
    workload = _jobs(rows)
    ours = replay(workload, ONE, proportional(half_life_seconds=86_400))
    fifo = replay(workload, ONE, Fifo())

    assert ours.finished[20] < 50_000 < fifo.finished[20]


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6))
def test_no_schedule_does_more_than_is_possible_and_shares_add_up(seed: int) -> None:
    workload = a_workload(seed, 40)
    horizon = int(workload.arrives[-1]) + 1_000
    most = possible_work(workload, FLEET, horizon=horizon)
    fluid = fluid_shares(workload, FLEET, horizon=horizon)
    done = work_by(replay(workload, FLEET, Backfill()), workload, FLEET, horizon=horizon)

    assert done.sum() <= most * (1 + 1e-9)
    assert fluid.sum() <= reachable_work(workload, FLEET, horizon=horizon).sum() * (1 + 1e-9)


def test_pour_gives_no_more_than_asked_and_the_rest_by_weight() -> None:
    given_ = pour(np.array([1.0, 9.0, 9.0]), np.array([1.0, 1.0, 2.0]), 10.0)

    assert given_.tolist() == pytest.approx([1.0, 3.0, 6.0])


def test_quality_of_two_jobs_by_hand() -> None:
    """One card after the other: both firms get the same, the second waits for ten seconds."""
    fleet = Fleet(("A@1",), ("A",), np.array([1]), np.array([[1_000]]))
    workload = _jobs([(0, 1, 1_800, 1_800, 0), (0, 1, 1_800, 1_800, 1)])
    quality = quality_of(replay(workload, fleet, Fifo()), workload, fleet, horizon=3_600)

    assert [quality.throughput, quality.of_possible] == pytest.approx([1.0, 1.0])
    assert (quality.wait_mean, quality.stay_mean, quality.slowdown) == (0.25, 0.75, 1.5)
    assert [quality.jain, quality.envy, quality.utilisation] == pytest.approx([1.0, 0.0, 1.0])
    assert quality.stops == 0
