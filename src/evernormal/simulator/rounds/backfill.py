"""Backfill as Slurm's: later jobs go ahead where, by their limits, they delay no reservation."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import numpy as np
from numba import njit

from evernormal.simulator.rounds.queueing import fits_now
from evernormal.simulator.rounds.replay import Cluster
from evernormal.simulator.rounds.workload import Ints

TESTED_MAX = 500
"""Jobs that one pass looks at: the default of Slurm's bf_max_job_test."""


class Backfill:
    """Order of arrival with backfill; who runs is never stopped.

    reservations   how many of the jobs that cannot start now get a reservation: a pool and the
                   earliest time there by the limits of those that run. All that are tested, as
                   Slurm's sched/backfill does, is conservative backfill; 1, the head, is EASY

    A job starts, or is reserved, where it can start earliest, as a Slurm job with a list of
    partitions does; of equals in the pool where it is fastest. A pass is made whenever a job comes
    or ends and cards are free, not every bf_interval, and begins from nothing, as Slurm's does.
    """

    round_seconds = 0
    restart_seconds = 0

    def __init__(self, *, reservations: int = TESTED_MAX) -> None:
        self.name = "BACKFILL"
        self.reservations = reservations

    def fill(self, cluster: Cluster) -> Iterable[tuple[int, int]]:
        """Make one pass over the queue."""
        jobs = np.array(list(islice(cluster.waiting, TESTED_MAX)), dtype=np.int64)
        if not fits_now(cluster, jobs, cluster.free).any():
            return []
        speeds = cluster.fleet.speeds[cluster.workload.kind[jobs]]
        seconds = -(-cluster.limit[jobs, None] // np.maximum(1, speeds))
        gangs = cluster.workload.gang[jobs]
        profiles = _profiles(cluster, jobs.size)
        pools = _pass(profiles, gangs, seconds, speeds, self.reservations)
        return [
            (job, pool)
            for job, pool in zip(jobs.tolist(), pools.tolist(), strict=True)
            if pool >= 0
        ]

    def plan(self, cluster: Cluster) -> Mapping[int, int]:
        """Everyone stays: there are no rounds."""
        return {job: stint.pool for job, stint in cluster.running.items()}


def _profiles(cluster: Cluster, jobs: int) -> tuple[Ints, Ints, Ints]:
    """For each pool the seconds from now at which cards come free, and how many are free then.

    Ends are those of the limits. Room is left for two more steps for each job of the pass.
    """
    k, workload = cluster.free.size, cluster.workload
    held = np.fromiter(cluster.running, dtype=np.int64, count=len(cluster.running))
    at = np.array([(s.pool, s.works_from) for s in cluster.running.values()], dtype=np.int64)
    pool, from_ = at.reshape(-1, 2).T
    speed = cluster.fleet.speeds[workload.kind[held], pool]
    ends = np.maximum(1, from_ - (-cluster.limit[held] // speed) - cluster.now)
    order = np.lexsort((ends, pool))
    size = np.bincount(pool, minlength=k)
    counts = (size + 1).astype(np.int64)
    times = np.zeros((k, int(counts.max()) + 2 * jobs + 2), dtype=np.int64)
    free = np.zeros_like(times)
    firsts = np.concatenate(([0], np.cumsum(size)))
    for p in range(k):
        rows = order[firsts[p] : firsts[p + 1]]
        times[p, 1 : counts[p]] = ends[rows]
        free[p, : counts[p]] = cluster.free[p]
        free[p, 1 : counts[p]] += np.cumsum(workload.gang[held[rows]])
    return times, free, counts


@njit(cache=True)
def _earliest(times: Ints, free: Ints, count: int, gang: int, seconds: int) -> Any:
    """First step from which `gang` cards stay free for `seconds`; the last step is for ever."""
    start = 0
    step = 0
    while step < count:
        if free[step] < gang:
            start = step + 1
        elif step + 1 == count or times[step + 1] >= times[start] + seconds:
            break
        step += 1
    return start


@njit(cache=True)
def _cut(times: Ints, free: Ints, count: int, at: int) -> Any:
    """Make a step begin at `at`; its place and the new count."""
    place = np.searchsorted(times[:count], at)
    if place < count and times[place] == at:
        return place, count
    step = count
    while step > place:
        times[step] = times[step - 1]
        free[step] = free[step - 1]
        step -= 1
    times[place] = at
    free[place] = free[place - 1]
    return place, count + 1


@njit(cache=True)
def _reserve(times: Ints, free: Ints, count: int, at: int, taken: Any) -> Any:
    """Take `taken[0]` cards for `taken[1]` seconds from `at` on; the new count of steps."""
    gang, seconds = taken
    first, count = _cut(times, free, count, at)
    last, count = _cut(times, free, count, at + seconds)
    free[first:last] -= gang
    return count


@njit(cache=True)
def _best_pool(profiles: Any, gang: int, seconds: Ints, speeds: Ints) -> Any:
    """The pool with the earliest start, of equals the fastest; and that start."""
    times, free, counts = profiles
    best, best_at = -1, np.int64(1 << 62)
    for pool in range(counts.size):
        if speeds[pool] > 0:
            step = _earliest(times[pool], free[pool], counts[pool], gang, seconds[pool])
            if step < counts[pool]:
                at = times[pool, step]
                if at < best_at or (at == best_at and speeds[pool] > speeds[best]):
                    best, best_at = pool, at
    return best, best_at


@njit(cache=True)
def _pass(profiles: Any, gangs: Ints, seconds: Ints, speeds: Ints, reservations: int) -> Any:
    """The pool in which each job starts now, or -1."""
    times, free, counts = profiles
    started = np.full(gangs.size, -1, dtype=np.int64)
    reserved = 0
    for job in range(gangs.size):
        pool, at = _best_pool(profiles, gangs[job], seconds[job], speeds[job])
        if pool >= 0 and (at == 0 or reserved < reservations):
            taken = (gangs[job], seconds[job, pool])
            counts[pool] = _reserve(times[pool], free[pool], counts[pool], at, taken)
            if at == 0:
                started[job] = pool
            else:
                reserved += 1
    return started
