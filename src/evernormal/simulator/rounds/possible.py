"""The most work that any schedule could do: a bound, from a linear programme."""

import highspy
import numpy as np

from evernormal.engines.clearing.solver import quiet_solver
from evernormal.simulator.rounds.fluid import reachable_work
from evernormal.simulator.rounds.workload import FULL_SPEED, Fleet, Workload


def possible_work(workload: Workload, fleet: Fleet, *, horizon: int) -> float:
    """Work that no schedule exceeds by the horizon, in seconds of a reference card.

    All cards are used from the first second to the last, divided at will, for the kinds of jobs
    that are fastest on them, as far as there is such work that could be done by the horizon. When
    it comes, how large its gangs are and who waits is left out: the bound is above what can be
    reached.
    """
    kinds, k = fleet.speeds.shape
    reach = reachable_work(workload, fleet, horizon=horizon)
    work = np.bincount(workload.kind, reach, minlength=kinds) / horizon
    speeds = fleet.speeds / FULL_SPEED
    solver = quiet_solver()
    solver.addVars(kinds * k, np.zeros(kinds * k), np.full(kinds * k, highspy.kHighsInf))
    columns = np.arange(kinds * k, dtype=np.int32).reshape(kinds, k)
    for kind in range(kinds):
        solver.addRow(0.0, float(work[kind]), k, columns[kind], speeds[kind])
    for pool in range(k):
        cards = float(fleet.cards[pool])
        solver.addRow(0.0, cards, kinds, columns[:, pool].copy(), np.ones(kinds))
    solver.changeColsCost(kinds * k, columns.ravel(), -speeds.ravel())
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise ArithmeticError(f"The bound has no optimum: {solver.getModelStatus()}")
    return -float(solver.getObjectiveValue()) * horizon
