"""Policies that never stop a job: strict order of arrival, and dominant resource fairness."""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from evernormal.simulator.rounds.replay import Cluster
from evernormal.simulator.rounds.workload import Ints


class Fifo:
    """First come, first served, strictly: who cannot start holds up all behind.

    The head of the queue starts in the fastest pool, for it, that has its cards free now.
    """

    name = "FIFO"
    round_seconds = 0
    restart_seconds = 0

    def fill(self, cluster: Cluster) -> Iterable[tuple[int, int]]:
        """Start the head as long as it fits."""
        free = cluster.free.copy()
        started = []
        for job in cluster.waiting:
            pool = fastest_pool(cluster, job, free)
            if pool < 0:
                break
            free[pool] -= cluster.workload.gang[job]
            started.append((job, pool))
        return started

    def plan(self, cluster: Cluster) -> Mapping[int, int]:
        """Everyone stays: there are no rounds."""
        return {job: stint.pool for job, stint in cluster.running.items()}


class DominantShare:
    """Dominant resource fairness as cluster managers run it: progressive filling, no stopping.

    A firm's dominant share is the largest part that it holds of the cards of one device class, over
    its weight. Whenever cards are free, the firm with the least dominant share that has a job that
    fits starts its oldest such job, in the fastest pool for it. Source: Ghodsi et al., NSDI 2011,
    algorithm 1, with a device class as a resource.
    """

    name = "DRF"
    round_seconds = 0
    restart_seconds = 0

    def fill(self, cluster: Cluster) -> Iterable[tuple[int, int]]:
        """Serve the firm with the least dominant share, again and again."""
        waiting = np.fromiter(cluster.waiting, dtype=np.int64, count=len(cluster.waiting))
        workload, free = cluster.workload, cluster.free.copy()
        fitting = waiting[fits_now(cluster, waiting, free)]
        held, totals = held_by_class(cluster)
        started: list[tuple[int, int]] = []
        while fitting.size:
            shares = (held / totals).max(axis=1) / workload.weights
            firms = workload.firm[fitting]
            place = np.lexsort((fitting, firms, shares[firms]))[0]
            job = int(fitting[place])
            pool = fastest_pool(cluster, job, free)
            free[pool] -= workload.gang[job]
            started.append((job, pool))
            held[workload.firm[job], class_numbers(cluster)[pool]] += workload.gang[job]
            fitting = np.delete(fitting, place)
            fitting = fitting[fits_now(cluster, fitting, free)]
        return started

    def plan(self, cluster: Cluster) -> Mapping[int, int]:
        """Everyone stays: there are no rounds."""
        return {job: stint.pool for job, stint in cluster.running.items()}


def fastest_pool(cluster: Cluster, job: int, free: Ints) -> int:
    """The pool with the job's gang free in which it is fastest, the first of equals; else -1."""
    speeds = cluster.fleet.speeds[cluster.workload.kind[job]]
    able = np.where(free >= cluster.workload.gang[job], speeds, 0)
    best = int(able.argmax())
    return best if able[best] > 0 else -1


def fits_now(cluster: Cluster, jobs: Ints, free: Ints) -> NDArray[np.bool_]:
    """Which of the jobs have a pool with their gang free in which they can run."""
    gang, kind = cluster.workload.gang[jobs], cluster.workload.kind[jobs]
    if not jobs.size or gang.min() > free.max():
        return np.zeros(jobs.size, dtype=np.bool_)
    able = (free[None, :] >= gang[:, None]) & (cluster.fleet.speeds[kind] > 0)
    return np.asarray(able.any(axis=1))


def class_numbers(cluster: Cluster) -> Ints:
    """The number of each pool's device class, in the order of the classes' names."""
    return np.unique(np.array(cluster.fleet.classes), return_inverse=True)[1].astype(np.int64)


def held_by_class(cluster: Cluster) -> tuple[Ints, Ints]:
    """Cards that each firm holds of each device class, [firms, classes], and all that there are."""
    numbers = class_numbers(cluster)
    totals = np.bincount(numbers, weights=cluster.fleet.cards).astype(np.int64)
    held = np.zeros((cluster.workload.weights.size, totals.size), dtype=np.int64)
    for job, stint in cluster.running.items():
        held[cluster.workload.firm[job], numbers[stint.pool]] += cluster.workload.gang[job]
    return held, totals
