"""The optimum of a market by CVXPY and Clarabel, an interior-point solver, for comparison."""

from typing import Any

import cvxpy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from evernormal.engines.clearing import Market

Floats = NDArray[np.float64]


def optimum(market: Market) -> tuple[float, float]:
    """The best objective of a market without caps or own money, and seconds in the solver alone.

    It is given the dual in logarithms of prices (docs/rules/clearing-proportional.md): a cone per
    pool. With the primal, a cone per request, it stops short at 10,000 ("insufficient progress").
    """
    n, m, k = market.budgets.size, market.pools.size, market.capacity.size
    arcs = np.arange(m)
    owner = np.repeat(np.arange(n), np.diff(market.starts))
    # Near 1 each: money by the mean budget, card-hours by the mean share.
    money, hours = market.budgets.sum() / n, market.capacity.sum() / n
    budgets = np.where(np.diff(market.starts) > 0, market.budgets, 0) / money
    costs = sparse.csr_array((np.ones(m), (arcs, owner)), shape=(m, n))
    posted = sparse.csr_array((np.ones(m), (arcs, market.pools)), shape=(m, k))
    solver: Any = cvxpy  # its names are made at run time
    prices, level = cvxpy.Variable(k), cvxpy.Variable(n)
    limits = [costs @ level <= posted @ prices - np.log(market.speeds)]
    limits.append(level[np.flatnonzero(budgets == 0)] == 0)
    paid = market.capacity / hours @ solver.exp(prices)
    problem: Any = cvxpy.Problem(cvxpy.Minimize(paid - budgets @ level), limits)
    problem.solve(solver=cvxpy.CLARABEL)
    own = budgets[budgets > 0]
    best = problem.value + (own * np.log(own * hours) - own).sum()
    return float(best * money), float(problem.solver_stats.solve_time)


def objective(market: Market, shares: Floats) -> float:
    """The same objective, of a clearing."""
    n = market.budgets.size
    owner = np.repeat(np.arange(n), np.diff(market.starts))
    work = np.bincount(owner, market.speeds * shares, n)
    buys = np.diff(market.starts) > 0
    left = market.capacity - np.bincount(market.pools, shares, market.capacity.size)
    gains = market.budgets[buys] * np.log(work[buys])
    return float(gains.sum() + (market.reserve * left).sum())
