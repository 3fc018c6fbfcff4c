"""Policies with rounds: shares of cards for groups of jobs, and whole gangs out of them."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from evernormal.simulator.rounds.carrying import CarriedUse
from evernormal.simulator.rounds.clearing import share_max_min, share_proportionally
from evernormal.simulator.rounds.groups import Groups, groups_of
from evernormal.simulator.rounds.queueing import fastest_pool, fits_now
from evernormal.simulator.rounds.replay import Cluster
from evernormal.simulator.rounds.seating import Credit, seat
from evernormal.simulator.rounds.workload import FULL_SPEED, Floats, Ints

Mechanism = Callable[[Groups, Floats], Floats]
Order = Callable[[Cluster, Ints], Floats]


class SharedRounds:
    """Every round all jobs are placed anew by a mechanism; between rounds free cards are given out.

    mechanism   cards of each class for each group, from the groups and the firms' budgets
    order       a number for each job: within a group, and among jobs of a firm, the least is first
    carried     fairness carried over rounds; None: a firm always bids with its weight

    A group's cards of a round are added to its credit. Its jobs, in order, take whole gangs out of
    it; what is left is carried to the next round. Cards that nobody has credit for go to whoever
    can use them, and so do cards that come free within a round: to the firm that holds least for
    its weight.
    """

    def __init__(
        self, name: str, mechanism: Mechanism, order: Order, *, carried: CarriedUse | None = None
    ) -> None:
        self.name = name
        self.round_seconds = 3_600
        self.restart_seconds = 60
        self._mechanism, self._order, self._carried = mechanism, order, carried
        self._credit: Credit = {}

    def plan(self, cluster: Cluster) -> Mapping[int, int]:
        """Place all jobs for a round."""
        jobs = np.array(sorted([*cluster.running, *cluster.waiting]), dtype=np.int64)
        if not jobs.size:
            return {}
        groups = groups_of(cluster, jobs)
        budgets = cluster.workload.weights
        if self._carried is not None:
            active = np.bincount(groups.firm, groups.cards, minlength=budgets.size).astype(float)
            budgets = self._carried.budgets(cluster, active)
        shares = self._mechanism(groups, budgets)
        before = self._credit
        self._credit = {
            key: np.clip(before.get(key, 0.0), -cards, cards) + share
            for key, cards, share in zip(groups.keys(), groups.cards.tolist(), shares, strict=True)
        }
        order = np.lexsort((jobs, self._order(cluster, jobs)))
        return seat(cluster, jobs[order], budgets, self._credit)

    def fill(self, cluster: Cluster) -> Iterable[tuple[int, int]]:
        """Give free cards to the firm that holds least for its weight, its first job that fits."""
        waiting = np.fromiter(cluster.waiting, dtype=np.int64, count=len(cluster.waiting))
        free, started = cluster.free.copy(), []
        fitting = waiting[fits_now(cluster, waiting, free)]
        if not fitting.size:
            return []
        held, rank = held_by_firm(cluster), self._order(cluster, fitting)
        while fitting.size:
            firms = cluster.workload.firm[fitting]
            load = (held / cluster.workload.weights)[firms]
            place = int(np.where(load == load.min(), rank, np.inf).argmin())
            job = int(fitting[place])
            pool = fastest_pool(cluster, job, free)
            free[pool] -= cluster.workload.gang[job]
            held[firms[place]] += cluster.workload.gang[job]
            started.append((job, pool))
            fitting, rank = np.delete(fitting, place), np.delete(rank, place)
            still = fits_now(cluster, fitting, free)
            fitting, rank = fitting[still], rank[still]
        return started


def held_by_firm(cluster: Cluster) -> Floats:
    """Cards that each firm holds now: float64 [firms]."""
    held = np.zeros(cluster.workload.weights.size)
    for job in cluster.running:
        held[cluster.workload.firm[job]] += cluster.workload.gang[job]
    return held


def least_served(cluster: Cluster, jobs: Ints) -> Floats:
    """Order by the work that a job has had: whoever had least is first, as in Gavel's rounds."""
    return (cluster.workload.work[jobs] - cluster.left[jobs]).astype(np.float64)


def soonest_done(cluster: Cluster, jobs: Ints) -> Floats:
    """Order by response ratio: (age + limit left) / limit left, the highest first.

    Short jobs go first and long ones gain by waiting; the limit is what the user says, not what the
    job needs. Highest response ratio next: Brinch Hansen, 1971.
    """
    left = cluster.limit[jobs] / FULL_SPEED
    age = cluster.now - cluster.workload.arrives[jobs]
    return np.asarray(-(age + left) / left)


def max_min() -> SharedRounds:
    """Gavel's max-min fairness: a linear programme every round, time shared within groups."""
    return SharedRounds("MAX_MIN", share_max_min, least_served)


def proportional(*, half_life_seconds: int) -> SharedRounds:
    """Proportional fairness with vouchers as budgets, and decayed use carried between rounds."""
    carried = CarriedUse(half_life_seconds=half_life_seconds)
    return SharedRounds("PROPORTIONAL", share_proportionally, soonest_done, carried=carried)
