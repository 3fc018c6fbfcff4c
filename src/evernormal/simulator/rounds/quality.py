"""How good a schedule was: work done, waits, fairness between firms, cards in use."""

from dataclasses import dataclass

import numpy as np

from evernormal.simulator.rounds.fluid import fluid_shares
from evernormal.simulator.rounds.possible import possible_work
from evernormal.simulator.rounds.schedule import Schedule
from evernormal.simulator.rounds.workload import FULL_SPEED, Fleet, Floats, Ints, Workload

SHORT_SECONDS = 600
"""A shorter job counts as this long in the bounded slowdown, so that seconds do not decide it."""
SMALL_FIRM = 0.01
"""A firm whose fluid share is below this part of all is left out of fairness: one job decides."""
ENVY_MAX = 999.0
"""A firm that got next to nothing envies without bound; from here on no more is told."""
_HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Quality:
    """The figures of one schedule up to a horizon; waits are of all jobs, to their ends.

    throughput     work per hour, in hours of a reference card
    of_possible    the same over the most that any schedule could do
    wait_mean      hours that a job holds no cards between arrival and end, before or between stints
    wait_p95       the same, of 95 jobs in 100 no more
    slowdown       mean bounded slowdown: time from arrival to end over time on reference cards
    stay_mean      hours from arrival to end
    jain           Jain's index of the firms' work over their fluid share, 1 when all are alike
    envy           how much more another firm's cards would be worth to a firm than its own, as a
                   share of its own, at most, between firms of one weight; 0 when none envies
    utilisation    cards held over all cards
    stops          stints beyond the first of each job
    """

    throughput: float
    of_possible: float
    wait_mean: float
    wait_p95: float
    slowdown: float
    stay_mean: float
    jain: float
    envy: float
    utilisation: float
    stops: int


def quality_of(schedule: Schedule, workload: Workload, fleet: Fleet, *, horizon: int) -> Quality:
    """Measure a schedule.

    horizon   seconds: work, fairness and cards in use are counted up to here
    returns   see Quality; docs/explanation/allocation-quality.md says how to read it
    """
    gang = workload.gang[schedule.job]
    held = np.bincount(schedule.job, schedule.ends_at - schedule.starts_at, minlength=workload.size)
    stay = schedule.finished - workload.arrives
    waits = (stay - held) / _HOUR
    inside = np.minimum(schedule.ends_at, horizon) - np.minimum(schedule.starts_at, horizon)
    done = work_by(schedule, workload, fleet, horizon=horizon)
    received = np.bincount(workload.firm, done, minlength=workload.weights.size)
    fluid = fluid_shares(workload, fleet, horizon=horizon)
    counted = np.flatnonzero(fluid >= SMALL_FIRM * fluid.sum())
    return Quality(
        throughput=float(done.sum()) / horizon,
        of_possible=float(done.sum() / possible_work(workload, fleet, horizon=horizon)),
        wait_mean=float(waits.mean()),
        wait_p95=float(np.quantile(waits, 0.95)),
        slowdown=float(_slowdowns(workload, stay).mean()),
        stay_mean=float(stay.mean()) / _HOUR,
        jain=_jain(received[counted] / fluid[counted]),
        envy=_envy(_bundles(schedule, workload, fleet, inside), done, (workload, fleet), counted),
        utilisation=float((inside * gang).sum() / (fleet.cards.sum() * horizon)),
        stops=int(schedule.job.size - np.unique(schedule.job).size),
    )


def work_by(schedule: Schedule, workload: Workload, fleet: Fleet, *, horizon: int) -> Floats:
    """Work of each job done by the horizon, in seconds of a reference card: float64 [n]."""
    ends = np.minimum(schedule.ends_at, horizon)
    seconds = np.maximum(0, ends - schedule.works_from)
    speed = fleet.speeds[workload.kind[schedule.job], schedule.pool]
    done = np.zeros(workload.size, dtype=np.int64)
    np.add.at(done, schedule.job, seconds * speed)
    return np.asarray(np.minimum(done, workload.work) * workload.gang / FULL_SPEED)


def _slowdowns(workload: Workload, stay: Ints) -> Floats:
    shortest = np.maximum(SHORT_SECONDS, workload.work / FULL_SPEED)
    return np.asarray(np.maximum(1.0, stay / shortest))


def _jain(ratios: Floats) -> float:
    squares = float((ratios**2).sum()) * ratios.size
    return float(ratios.sum()) ** 2 / squares if squares else 1.0


def _bundles(schedule: Schedule, workload: Workload, fleet: Fleet, inside: Ints) -> Floats:
    """Card-seconds that each firm held in each pool: float64 [firms, k]."""
    bundles = np.zeros((workload.weights.size, fleet.cards.size))
    cards = inside * workload.gang[schedule.job]
    np.add.at(bundles, (workload.firm[schedule.job], schedule.pool), cards)
    return bundles


def _envy(bundles: Floats, done: Floats, of: tuple[Workload, Fleet], counted: Ints) -> float:
    """Largest relative envy; a firm wants no more of another's cards than it has work for.

    What a card-second of a pool is worth to a firm is its mean speed there over all its work.
    """
    workload, fleet = of
    firms = workload.weights.size
    asked = workload.work * workload.gang / FULL_SPEED
    total = np.bincount(workload.firm, asked, minlength=firms)
    own = np.bincount(workload.firm, done, minlength=firms)
    worth = np.zeros(bundles.shape)
    np.add.at(worth, workload.firm, asked[:, None] * fleet.speeds[workload.kind] / FULL_SPEED)
    value = (worth / np.maximum(total, 1)[:, None]) @ bundles.T
    most = 0.0
    for firm in counted.tolist():
        same = counted[workload.weights[counted] == workload.weights[firm]]
        wanted = float(np.minimum(value[firm, same], total[firm]).max())
        mine = max(float(own[firm]), float(min(value[firm, firm], total[firm])), 1.0)
        most = max(most, wanted / mine - 1)
    return min(most, ENVY_MAX)
