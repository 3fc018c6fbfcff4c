"""Small markets for tests of clearing, and their optimum from a solver of another kind."""

from collections.abc import Sequence
from typing import Any

import cvxpy
import numpy as np
from scipy import sparse  # type: ignore[import-untyped]  # it has no stubs

from evernormal.engines.clearing import Market
from evernormal.engines.clearing.certificate import gain
from evernormal.engines.clearing.market import Floats


def two_pools(
    budgets: Sequence[float] = (60, 40),
    *,
    own: Sequence[float] = (0, 0),
    caps: Sequence[float] = (np.inf, np.inf),
    reserve: Sequence[float] = (0, 0),
) -> Market:
    """Capacities 10 and 20; values (1, 0.9) and (1, 0.5)."""
    return Market(
        starts=np.array([0, 2, 4]),
        pools=np.array([0, 1, 0, 1], dtype=np.int32),
        speeds=np.array([1, 0.9, 1, 0.5]),
        budgets=np.array(budgets, dtype=float),
        own=np.array(own, dtype=float),
        caps=np.array(caps, dtype=float),
        capacity=np.array([10.0, 20.0]),
        reserve=np.array(reserve, dtype=float),
    )


def drawn(
    seed: int, *, n: int = 12, k: int = 4, forms: Sequence[str] = ("caps", "reserve", "own")
) -> Market:
    """A market of some requests and pools, of any of the forms; speeds are often equal."""
    chance = np.random.default_rng(seed)
    reached = chance.random((n, k)) < 0.6
    owner, pools = np.nonzero(reached)
    budgets = chance.integers(0, 200, n).astype(float)
    own = chance.integers(0, 200, n) * (chance.random(n) < 0.5) if "own" in forms else np.zeros(n)
    caps = np.where(chance.random(n) < 0.6, chance.integers(1, 80, n), np.inf)
    return Market(
        starts=np.concatenate([[0], np.cumsum(reached.sum(axis=1))]).astype(np.int64),
        pools=pools.astype(np.int32),
        speeds=chance.integers(1, 5, owner.size).astype(np.float64) / 2,
        budgets=budgets,
        own=own.astype(float),
        caps=caps if "caps" in forms else np.full(n, np.inf),
        capacity=chance.integers(1, 60, k).astype(float),
        reserve=chance.integers(0, 8, k).astype(float) if "reserve" in forms else np.zeros(k),
        worth=chance.integers(1, 9, n).astype(float),
    )


def optimum(market: Market) -> tuple[float, Floats, Any]:
    """The best objective and the prices, by CVXPY and Clarabel; and the problem, with its times."""
    n, k = market.budgets.size, market.capacity.size
    owner = np.repeat(np.arange(n), np.diff(market.starts))
    arcs = np.arange(owner.size)
    shares, left = cvxpy.Variable(owner.size, nonneg=True), cvxpy.Variable(k, nonneg=True)
    buys = (np.diff(market.starts) > 0) & (market.budgets + market.own > 0)
    values = market.speeds * market.worth[owner]
    solver: Any = cvxpy  # its names are made at run time
    rows = sparse.csr_array((values, (owner, arcs)), shape=(n, owner.size))
    sold = sparse.csr_array((np.ones(owner.size), (market.pools, arcs)), shape=(k, owner.size))
    work = rows @ shares
    has_own = market.own > 0
    plain, mixed = np.flatnonzero(buys & ~has_own), np.flatnonzero(buys & has_own)
    total = solver.sum(solver.multiply(market.budgets[plain], solver.log(work[plain])))
    full = sold @ shares + left == market.capacity
    limits = [full]
    if mixed.size:
        money = cvxpy.Variable(mixed.size)
        budgets, own = market.budgets[mixed], market.own[mixed]
        total += solver.sum(money - solver.rel_entr(money, work[mixed]))
        limits += [money >= budgets, money <= budgets + own]
    limited = np.flatnonzero(np.isfinite(market.caps))
    if limited.size:
        limits.append(work[limited] <= (market.caps * market.worth)[limited])
    problem: Any = cvxpy.Problem(cvxpy.Maximize(total + market.reserve @ left), limits)
    problem.solve(solver=cvxpy.CLARABEL)
    return objective(market, np.asarray(shares.value)), np.abs(full.dual_value), problem


def objective(market: Market, shares: Floats) -> float:
    """What a clearing is worth in the programme."""
    n = market.budgets.size
    owner = np.repeat(np.arange(n), np.diff(market.starts))
    buys = (np.diff(market.starts) > 0) & (market.budgets + market.own > 0)
    work = np.bincount(owner, market.speeds * market.worth[owner] * shares, n)[buys]
    left = market.capacity - np.bincount(market.pools, shares, market.capacity.size)
    gains = gain(market.budgets[buys], market.own[buys], np.maximum(work, 0))
    return float(gains.sum() + (market.reserve * left).sum())
