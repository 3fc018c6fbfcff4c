"""What each firm would have got, had the cards been divisible and shared fairly at every moment.

It depends on no policy, so that all are measured against the same.
"""

import numpy as np

from evernormal.simulator.rounds.workload import FULL_SPEED, Fleet, Floats, Workload

STEP_SECONDS = 3_600


def mean_capacity(workload: Workload, fleet: Fleet) -> float:
    """Reference cards that a fleet is worth to a workload: its cards at the mean of its speeds.

    The mean is over jobs, weighted with their work; load is work asked for over this and the time.
    """
    asked = workload.work * workload.gang
    mean = asked @ fleet.speeds[workload.kind] / asked.sum()
    return float(mean @ fleet.cards) / FULL_SPEED


def reachable_work(workload: Workload, fleet: Fleet, *, horizon: int) -> Floats:
    """Work of each job that could be done by the horizon were all cards its own: float64 [n].

    Seconds of a reference card; a job cannot go faster than its gang on the fastest pool that
    can hold it.
    """
    rate = _fastest(workload, fleet) * workload.gang
    time = np.maximum(0, horizon - workload.arrives)
    return np.asarray(np.minimum(workload.work * workload.gang / FULL_SPEED, rate * time))


def fluid_shares(workload: Workload, fleet: Fleet, *, horizon: int) -> Floats:
    """Work of each firm by the horizon under ideal sharing, seconds of a reference card: [firms].

    Hour by hour the fleet's mean capacity is shared among the firms that have work left, by weight,
    none getting more than its jobs could use with all of their cards, and its jobs get it in
    proportion to that. Weighted processor sharing (Parekh and Gallager, 1993), in steps.
    """
    left = workload.work * workload.gang / FULL_SPEED
    rate = _fastest(workload, fleet) * workload.gang
    got = np.zeros(workload.weights.size)
    capacity = mean_capacity(workload, fleet)
    for begins in range(0, horizon, STEP_SECONDS):
        ends = min(begins + STEP_SECONDS, horizon)
        came = int(np.searchsorted(workload.arrives, ends))
        time = np.minimum(ends - begins, ends - workload.arrives[:came])
        useful = np.minimum(left[:came], rate[:came] * time)
        asked = np.bincount(workload.firm[:came], useful, minlength=got.size).astype(np.float64)
        given = pour(asked, workload.weights, capacity * (ends - begins))
        part = np.divide(given, asked, out=np.zeros(got.size), where=asked > 0)
        left[:came] -= useful * part[workload.firm[:came]]
        got += given
    return got


def pour(asked: Floats, weights: Floats, amount: float) -> Floats:
    """Share an amount by weight, giving nobody more than asked: float64 like `asked`."""
    order = np.argsort(asked / weights, kind="stable")
    given = np.zeros(asked.size)
    weight = float(weights.sum())
    for one in order.tolist():
        given[one] = min(float(asked[one]), amount * float(weights[one]) / weight)
        amount -= float(given[one])
        weight = max(weight - float(weights[one]), 1e-12)
    return given


def _fastest(workload: Workload, fleet: Fleet) -> Floats:
    speeds = fleet.speeds[workload.kind]
    able = np.where(workload.gang[:, None] <= fleet.cards[None, :], speeds, 0)
    return np.asarray(able.max(axis=1) / FULL_SPEED)
