"""A replay of jobs through time: from arrival to arrival, end to end and round to round."""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from evernormal.simulator.rounds.schedule import Schedule
from evernormal.simulator.rounds.workload import Fleet, Ints, Workload, can_run

_NEVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Stint:
    """A gang on a pool, as planned: `ends_at` holds if nobody stops it."""

    pool: int
    starts_at: int
    works_from: int
    ends_at: int


class Cluster:
    """The state of a replay at one instant, as a policy sees it.

    now       seconds
    free      int64 [k]: cards free in each pool
    waiting   jobs that hold no cards, in the order in which they came or were stopped
    running   the stint of each job that holds cards
    left      int64 [n]: milliseconds of reference work left, as of the last stint's start
    limit     int64 [n]: the same of what the users say, at least one
    used      int64 [firms, k]: card-seconds held so far, without those of the stints that run
    """

    def __init__(self, workload: Workload, fleet: Fleet) -> None:
        if not can_run(workload, fleet).any(axis=1).all():
            raise ValueError("A job fits no pool and would wait for ever: leave it out")
        self.workload = workload
        self.fleet = fleet
        self.now = 0
        self.free: Ints = fleet.cards.copy()
        self.waiting: dict[int, None] = {}
        self.running: dict[int, Stint] = {}
        self.left: Ints = workload.work.copy()
        self.limit: Ints = workload.limit.copy()
        self.used: Ints = np.zeros((workload.weights.size, fleet.cards.size), dtype=np.int64)
        self.has_run = np.zeros(workload.size, dtype=np.bool_)
        self.finished = np.full(workload.size, -1, dtype=np.int64)
        self.ends: list[tuple[int, int, int]] = []
        self.stints: list[tuple[int, int, int, int, int]] = []

    def begin(self, job: int, pool: int, *, restart_seconds: int) -> None:
        """Give a waiting job its whole gang in a pool, from now on."""
        gang = int(self.workload.gang[job])
        speed = int(self.fleet.speeds[self.workload.kind[job], pool])
        if job not in self.waiting or speed < 1 or self.free[pool] < gang:
            raise ValueError(f"Job {job} of {gang} cards cannot start on pool {pool} now")
        del self.waiting[job]
        self.free[pool] -= gang
        works_from = self.now + (restart_seconds if self.has_run[job] else 0)
        ends_at = works_from - int(-self.left[job] // speed)
        self.has_run[job] = True
        self.running[job] = Stint(pool, self.now, works_from, ends_at)
        heapq.heappush(self.ends, (ends_at, job, self.now))

    def stop(self, job: int) -> None:
        """Take a running job's cards away; the work that it has done stays done."""
        stint = self._leave(job)
        speed = int(self.fleet.speeds[self.workload.kind[job], stint.pool])
        done = max(0, self.now - stint.works_from) * speed
        self.left[job] -= done
        self.limit[job] = max(1, self.limit[job] - done)
        self.waiting[job] = None

    def finish_due(self) -> None:
        """Let every job end whose work is done by now."""
        while self.next_end() <= self.now:
            job = heapq.heappop(self.ends)[1]
            self._leave(job)
            self.finished[job] = self.now

    def next_end(self) -> int:
        """The instant at which the next job ends; those stopped meanwhile do not count."""
        while self.ends:
            ends_at, job, starts_at = self.ends[0]
            stint = self.running.get(job)
            if stint is not None and (stint.ends_at, stint.starts_at) == (ends_at, starts_at):
                return ends_at
            heapq.heappop(self.ends)
        return _NEVER

    def used_by_now(self) -> Ints:
        """Card-seconds that each firm has held in each pool until now: int64 [firms, k]."""
        used = self.used.copy()
        for job, stint in self.running.items():
            seconds = self.now - stint.starts_at
            used[self.workload.firm[job], stint.pool] += self.workload.gang[job] * seconds
        return used

    def _leave(self, job: int) -> Stint:
        stint = self.running.pop(job)
        gang = self.workload.gang[job]
        self.free[stint.pool] += gang
        self.used[self.workload.firm[job], stint.pool] += gang * (self.now - stint.starts_at)
        if self.now > stint.starts_at:
            row = (job, stint.pool, stint.starts_at, min(stint.works_from, self.now), self.now)
            self.stints.append(row)
        return stint


class Policy(Protocol):
    """Who gets cards: at rounds all may be placed anew, between them only free cards are given.

    name              as figures call it
    round_seconds     how long a round is; 0 for a policy that never stops a job
    restart_seconds   how long a job that was stopped or moved is loaded before it works again
    """

    name: str
    round_seconds: int
    restart_seconds: int

    def fill(self, cluster: Cluster) -> Iterable[tuple[int, int]]:
        """Waiting jobs to start now, each with its pool, in order."""

    def plan(self, cluster: Cluster) -> Mapping[int, int]:
        """The pool of every job that shall hold cards in the round that begins."""


def replay(workload: Workload, fleet: Fleet, policy: Policy) -> Schedule:
    """Run every job to its end under a policy.

    workload   jobs; each must fit some pool of the fleet
    fleet      pools; all cards are free at second 0
    policy     asked at every arrival and end, and at the beginning of every round
    returns    every stint; the same inputs give the same stints
    raises     ValueError where the policy gives cards that are not there, or leaves jobs waiting
               for ever with all cards free
    """
    cluster = Cluster(workload, fleet)
    arrivals = [*workload.arrives.tolist(), _NEVER]
    came, tick = 0, 0 if policy.round_seconds else _NEVER
    while came < workload.size or cluster.waiting or cluster.running:
        is_idle = not cluster.waiting and not cluster.running
        if is_idle and policy.round_seconds:  # no rounds of nobody
            tick = max(tick, -(-arrivals[came] // policy.round_seconds) * policy.round_seconds)
        cluster.now = min(arrivals[came], cluster.next_end(), tick)
        if cluster.now == _NEVER:
            raise ValueError(f"{policy.name} leaves {len(cluster.waiting)} jobs waiting for ever")
        cluster.finish_due()
        while arrivals[came] <= cluster.now:
            cluster.waiting[came] = None
            came += 1
        if tick <= cluster.now:
            tick += policy.round_seconds
            _place(cluster, policy)
        if cluster.waiting:
            for job, pool in policy.fill(cluster):
                cluster.begin(job, pool, restart_seconds=policy.restart_seconds)
    return _schedule_of(cluster)


def _place(cluster: Cluster, policy: Policy) -> None:
    """Stop and move what the round's plan says; who stays where it is, is left alone."""
    wanted = policy.plan(cluster)
    for job, stint in list(cluster.running.items()):
        if wanted.get(job) != stint.pool:
            cluster.stop(job)
    for job, pool in wanted.items():
        if job not in cluster.running:
            cluster.begin(job, pool, restart_seconds=policy.restart_seconds)


def _schedule_of(cluster: Cluster) -> Schedule:
    table = np.array(sorted(cluster.stints), dtype=np.int64).reshape(-1, 5)
    job, pool, starts_at, works_from, ends_at = table.T.copy()
    return Schedule(job, pool, starts_at, works_from, ends_at, cluster.finished)
