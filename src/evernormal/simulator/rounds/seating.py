"""Whole gangs for a round: first out of the groups' credit, then of what is left."""

import numpy as np

from evernormal.simulator.rounds.queueing import class_numbers, fastest_pool
from evernormal.simulator.rounds.replay import Cluster
from evernormal.simulator.rounds.workload import Floats, Ints

Credit = dict[tuple[int, int], Floats]
"""Cards of each class that a group, by firm and kind, may take: float64 [classes]."""

ENOUGH = 0.5
"""Part of a gang for which credit must be there; the rest is owed, so that on average all is even.
"""


def seat(cluster: Cluster, jobs: Ints, budgets: Floats, credit: Credit) -> dict[int, int]:
    """Choose the pool of each job that shall hold cards; takes their cards from the credit.

    jobs      int64 [j], all that have work left, in the order in which a firm wants them done
    budgets   float64 [firms], by which what nobody has credit for is given out
    """
    numbers = class_numbers(cluster)
    free = cluster.fleet.cards.copy()
    seats: dict[int, int] = {}
    chosen = _chosen(cluster, jobs, credit, numbers)
    gang = cluster.workload.gang
    for job, number in sorted(chosen, key=lambda one: _packing_key(cluster, numbers, one)):
        pool = _pool_in_class(cluster, job, free, numbers == number)
        if pool < 0:
            credit[_key(cluster, job)][number] += gang[job]
        else:
            seats[job] = pool
            free[pool] -= gang[job]
    _fill_up(cluster, jobs, budgets, free, seats)
    return seats


def _key(cluster: Cluster, job: int) -> tuple[int, int]:
    return int(cluster.workload.firm[job]), int(cluster.workload.kind[job])


def _chosen(cluster: Cluster, jobs: Ints, credit: Credit, numbers: Ints) -> list[tuple[int, int]]:
    """Jobs whose group has credit for them, with their class; the first without ends its group."""
    chosen: list[tuple[int, int]] = []
    done: set[tuple[int, int]] = set()
    fleet, workload = cluster.fleet, cluster.workload
    room = np.zeros((int(numbers.max()) + 1,), dtype=np.int64)
    np.maximum.at(room, numbers, fleet.cards)
    for job in jobs.tolist():
        key, gang = _key(cluster, job), int(workload.gang[job])
        if key in done:
            continue
        own = np.where(room >= gang, credit[key], -np.inf)
        stint = cluster.running.get(job)
        number = int(own.argmax()) if stint is None else int(numbers[stint.pool])
        if own[number] < ENOUGH * gang:
            number = int(own.argmax())
        if own[number] < ENOUGH * gang:
            done.add(key)
        else:
            credit[key][number] -= gang
            chosen.append((job, number))
    return chosen


def _packing_key(cluster: Cluster, numbers: Ints, one: tuple[int, int]) -> tuple[bool, int, int]:
    """Who stays in its class first, so that few are moved; then large gangs, which fit in least."""
    job, number = one
    stint = cluster.running.get(job)
    stays = stint is not None and numbers[stint.pool] == number
    return not stays, -int(cluster.workload.gang[job]), job


def _pool_in_class(cluster: Cluster, job: int, free: Ints, is_class: Ints) -> int:
    """The job's own pool, or that in which the fewest cards are left over; -1 for none."""
    gang = int(cluster.workload.gang[job])
    stint = cluster.running.get(job)
    if stint is not None and is_class[stint.pool] and free[stint.pool] >= gang:
        return stint.pool
    over = np.where(is_class & (free >= gang), free, np.iinfo(np.int64).max)
    pool = int(over.argmin())
    return pool if over[pool] < np.iinfo(np.int64).max else -1


def _fill_up(
    cluster: Cluster, jobs: Ints, budgets: Floats, free: Ints, seats: dict[int, int]
) -> None:
    """Give what is left: who runs stays, then the firm that holds least for its budget is next."""
    workload = cluster.workload
    for job in jobs.tolist():
        stint = cluster.running.get(job)
        if stint is not None and job not in seats and free[stint.pool] >= workload.gang[job]:
            seats[job] = stint.pool
            free[stint.pool] -= workload.gang[job]
    held = np.zeros(budgets.size)
    for job in seats:
        held[workload.firm[job]] += workload.gang[job]
    queues = _queues(cluster, [job for job in jobs.tolist() if job not in seats])
    while queues and free.any():
        firm = min(queues, key=lambda firm: (held[firm] / budgets[firm], firm))
        job = queues[firm].pop()
        if not queues[firm]:
            del queues[firm]
        pool = fastest_pool(cluster, job, free)
        if pool >= 0:
            seats[job] = pool
            free[pool] -= workload.gang[job]
            held[firm] += workload.gang[job]


def _queues(cluster: Cluster, jobs: list[int]) -> dict[int, list[int]]:
    """Each firm's jobs, the first at the end of its list."""
    queues: dict[int, list[int]] = {}
    for job in reversed(jobs):
        queues.setdefault(int(cluster.workload.firm[job]), []).append(job)
    return queues
