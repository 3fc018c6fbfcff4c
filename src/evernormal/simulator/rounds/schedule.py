"""What a replay gives: who held which cards from when to when; and what may never be in it."""

from dataclasses import dataclass

import numpy as np

from evernormal.simulator.rounds.workload import Fleet, Ints, Workload, can_run


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """s stints: a stint is one job's gang on one pool without a break.

    job         int64 [s]
    pool        int64 [s]
    starts_at   int64 [s]: seconds, the cards are held from here
    works_from  int64 [s]: from here work is done; before, a job that was stopped is loaded again
    ends_at     int64 [s]: the cards are free again from here
    finished    int64 [n]: when each job was done
    """

    job: Ints
    pool: Ints
    starts_at: Ints
    works_from: Ints
    ends_at: Ints
    finished: Ints


def faults_of(schedule: Schedule, workload: Workload, fleet: Fleet) -> list[str]:
    """Say what in a schedule cannot be: an empty list is a schedule that keeps every law.

    The laws: a job runs only where it can, as a whole gang; never before it arrives; in one place
    at a time; no pool ever has more cards held than it has; every job does all its work, and less
    than one second's work too much.
    """
    found = []
    if not can_run(workload, fleet)[schedule.job, schedule.pool].all():
        found.append("a job runs on a pool that cannot hold it")
    if (schedule.starts_at < workload.arrives[schedule.job]).any():
        found.append("a job starts before it arrives")
    is_ordered = schedule.starts_at <= schedule.works_from
    if not is_ordered.all() or (schedule.ends_at < schedule.starts_at).any():
        found.append("a stint ends before it starts")
    by_job = np.lexsort((schedule.starts_at, schedule.job))
    same = schedule.job[by_job][1:] == schedule.job[by_job][:-1]
    overlap = schedule.starts_at[by_job][1:] < schedule.ends_at[by_job][:-1]
    if (same & overlap).any():
        found.append("a job runs in two places at once")
    for pool, name in enumerate(fleet.names):
        peak = _peak(schedule, workload, pool)
        if peak > fleet.cards[pool]:
            found.append(f"{peak} cards are held at once in {name}, which has {fleet.cards[pool]}")
    return found + _work_faults(schedule, workload, fleet)


def _peak(schedule: Schedule, workload: Workload, pool: int) -> int:
    """Most cards held at one instant: sweep over starts and ends, ends first."""
    here = schedule.pool == pool
    gang = workload.gang[schedule.job[here]]
    times = np.concatenate((schedule.ends_at[here], schedule.starts_at[here]))
    change = np.concatenate((-gang, gang))
    order = np.lexsort((change, times))
    return int(np.cumsum(change[order]).max(initial=0))


def _work_faults(schedule: Schedule, workload: Workload, fleet: Fleet) -> list[str]:
    speed = fleet.speeds[workload.kind[schedule.job], schedule.pool]
    worked = np.maximum(0, schedule.ends_at - schedule.works_from) * speed
    done = np.zeros(workload.size, dtype=np.int64)
    np.add.at(done, schedule.job, worked)
    found = []
    if (done < workload.work).any():
        found.append(f"{int((done < workload.work).sum())} jobs do less than their work")
    if (done >= workload.work + int(fleet.speeds.max())).any():
        found.append("a job does more than its work")
    last = np.zeros(workload.size, dtype=np.int64)
    np.maximum.at(last, schedule.job, schedule.ends_at)
    if (last != schedule.finished).any():
        found.append("a job is not done when its last stint ends")
    return found
