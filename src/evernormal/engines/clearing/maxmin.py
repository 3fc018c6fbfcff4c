"""Max-min fairness of normalised throughput, after Gavel: raise the worst off as far as it goes."""

import highspy
import numpy as np
from numpy.typing import NDArray

from evernormal.engines.clearing.market import Floats, Market
from evernormal.engines.clearing.sharing import Sharing
from evernormal.engines.clearing.solver import quiet_solver

LEVELS_MAX = 64
"""Linear programmes at most; the last one shares out what is left. Later levels move ever less."""
BINDS = 1e-7
"""Part of the level's price from which a request counts as held at it; all parts add up to 1."""
SLACK = 1e-9
"""Part of a level that later programmes may give back, so that rounding never makes one refuse."""


def clear_max_min(market: Market, *, levels_max: int = LEVELS_MAX) -> Sharing:
    """Raise the lowest work, relative to a budget's share of every pool, then the next lowest.

    A request's yardstick is the work that its part of all budgets would do, were it to have that
    part of every pool it can use. The first programme finds the highest level that everyone can
    reach of its yardstick. Whoever is held there in every solution (its row has a price) is fixed,
    and the others rise on. When `levels_max` programmes are spent, one last gives the others what
    is left, the most of yardsticks by budget.

    returns  shares within capacity, work and budget at posted prices. The lowest level is exact
             but for the solver's 1e-7; so is every later one up to `levels_max`. Prices: what a
             card-hour more is worth at the first level that its lot holds down
    source   docs/rules/clearing.md; Narayanan and others, OSDI 2020
    """
    programme = _Programme(market)
    for _ in range(levels_max):
        if not programme.is_open.any():
            break
        programme.raise_level()
    return Sharing(programme.share_rest(), programme.prices)


class _Programme:
    """The linear programme over the levels. Columns: part of its lot for each arc; the level."""

    def __init__(self, market: Market) -> None:
        """State the rows: lots, budgets, work wanted, and a level for each that has a yardstick."""
        self.market = market
        n, m = market.budgets.size, market.pools.size
        self.owners = np.repeat(np.arange(n), np.diff(market.starts))
        self.rooms = market.capacity[market.pools]
        every = np.bincount(self.owners, market.speeds * self.rooms, n)
        self.yardsticks = every * market.budgets / max(float(market.budgets.sum()), 1.0)
        self.is_open: NDArray[np.bool_] = self.yardsticks > 0
        self.floors, self.reached = np.zeros(n), 0.0
        self.prices = market.reserve.copy()
        self.solver = quiet_solver()
        self._state(n, m)

    def _state(self, n: int, m: int) -> None:
        market, inf = self.market, highspy.kHighsInf
        scale = np.where(self.is_open, self.yardsticks, 1.0)
        money = np.maximum(market.budgets, 1.0)
        has = self.is_open[self.owners]
        for arc in range(m):
            # No bound beside the lot's row: it would take the row's price when it is the same.
            self.solver.addVar(0.0, inf if has[arc] and self.rooms[arc] > 0 else 0.0)
        self.level = m
        self.solver.addVar(0.0, inf)
        rates = market.speeds * self.rooms / scale[self.owners]
        costs = market.reserve[market.pools] * self.rooms / money[self.owners]
        for pool in range(market.capacity.size):
            at = np.flatnonzero(market.pools == pool)
            self._row(-inf, 1.0, at, np.ones(at.size))
        self.first_row = market.capacity.size + 2 * n
        for rows, most in ((costs, market.budgets / money), (rates, market.caps / scale)):
            for i in range(n):
                at = np.arange(market.starts[i], market.starts[i + 1])
                self._row(-inf, float(most[i]), at, rows[at])
        for i in range(n):
            at = np.arange(market.starts[i], market.starts[i + 1])
            if self.is_open[i]:
                self._row(0.0, inf, np.append(at, self.level), np.append(rates[at], -1.0))
            else:
                self._row(-inf, inf, at, rates[at])
        self.rates = rates

    def _row(self, least: float, most: float, at: NDArray[np.int64], values: Floats) -> None:
        self.solver.addRow(least, most, at.size, at.astype(np.int32), values.astype(np.float64))

    def raise_level(self) -> None:
        """Find the highest common level of those that are open, and fix who is held at it."""
        market = self.market
        self.solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
        self.solver.changeColCost(self.level, 1.0)
        solution = self._solved()
        level = self.reached = float(solution.col_value[self.level])
        duals = np.abs(np.array(solution.row_dual))
        parts = np.where(self.is_open, duals[self.first_row :], 0.0)
        held = self.is_open & (parts > min(BINDS, float(parts.max(initial=0.0)) / 2))
        if not held.any():
            held = self.is_open.copy()
        if level > 0:
            worth = float(market.budgets[held].sum()) / level
            found = duals[: market.capacity.size] * worth / np.maximum(market.capacity, 1e-300)
            is_first = (self.prices <= market.reserve) & (market.capacity > 0)
            self.prices = np.where(is_first, np.maximum(market.reserve, found), self.prices)
        for i in np.flatnonzero(held).tolist():
            self.floors[i] = level * (1 - SLACK)
            self.solver.changeCoeff(self.first_row + i, self.level, 0.0)
            self.solver.changeRowBounds(self.first_row + i, self.floors[i], highspy.kHighsInf)
        self.is_open &= ~held

    def share_rest(self) -> Floats:
        """Give what is left to whoever can use it, and say who has what in card-hours."""
        market = self.market
        # Who could still rise has reached the last level: nobody falls below it again.
        for i in np.flatnonzero(self.is_open).tolist():
            self.solver.changeCoeff(self.first_row + i, self.level, 0.0)
            least = self.reached * (1 - SLACK)
            self.solver.changeRowBounds(self.first_row + i, least, highspy.kHighsInf)
        self.solver.changeColBounds(self.level, 0.0, 0.0)
        self.solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
        weights = market.budgets / max(float(market.budgets.sum()), 1.0)
        for arc in range(market.pools.size):
            self.solver.changeColCost(arc, float(self.rates[arc] * weights[self.owners[arc]]))
        values: Floats = np.array(self._solved().col_value, dtype=np.float64)
        shares: Floats = np.maximum(values[: market.pools.size], 0.0) * self.rooms
        return shares

    def _solved(self) -> highspy.HighsSolution:
        self.solver.run()
        status = self.solver.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"A level of max-min was not solved: {status}")
        return self.solver.getSolution()
