"""Newton's way down to the clearing prices, on samples first and then on all requests."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from math import sqrt
from operator import itemgetter
from typing import Final

import numpy as np

from evernormal.engines.clearing.market import Floats, Market
from evernormal.engines.clearing.proportional_arithmetic import exp_of, log_of
from evernormal.engines.clearing.proportional_kernels import (
    TRIM,
    measure,
    most_gains,
    recover,
    solve,
    take_logs,
)

BLOCKS: Final = 8
"""Ranges of buyers that can run side by side. Fixed, so that sums do not depend on threads."""
ARCS_OF_BLOCK: Final = 30_000
"""Fewer are done sooner than their sums are added up."""
CELLS_MAX: Final = 1 << 22
"""Cells of the blocks' matrices together, 32 MB: with many pools there are fewer blocks."""
SAMPLES: Final = ((64, 0.05), (8, 0.02))
"""Every how-many-th buyer gives first prices, and down to which heat they are worth refining."""
BUYERS_MIN: Final = 1_000
"""A sample of fewer buyers than this says too little about prices."""
HEAT: Final = 0.25
COOLING: Final = 0.3
PACE_MAX: Final = 0.9
"""Slowest cooling that is tried, of a heat to the next."""
STRAYED: Final = 4.0
"""A level that leaves so many times more unmatched than enough has not settled."""
COLDEST: Final = 1e-7
"""Below it, the rounding of a log price would move whole budgets."""
FLOOR: Final = 1e-9
"""Least price, as a part of all money over all card-hours: a free pool is found by going down."""
FLOOR_AT_HEAT: Final = 0.2
"""The same at a heat, over its square: about what the heat itself is wrong by."""
ROUNDS_OF_LEVEL: Final = 30
FALL, RISE = 1.6, 1.0
"""Most that the logarithm of a price may change in one round."""
LEAP_MAX: Final = 0.5
"""Most that the logarithm of a price is foreseen to change from one heat to the next."""
CAREFUL_MAX: Final = 20
"""Times that a step is made more careful: by then it is too short to matter."""
CARE_MIN: Final = 0.03
"""How much of each price's own bend is added at first, after a step that led uphill."""


def floor_of(market: Market) -> float:
    """The least price that the search tells from 0, in fen per card-hour."""
    money = float((market.budgets + market.own).sum())
    return FLOOR * max(money, 1.0) / max(float(market.capacity.sum()), 1.0)


@dataclass(slots=True)
class _Point:
    """Prices, and what the buyers do at them: fen by pool, how it bends, who depends on it."""

    prices: Floats
    excess: Floats  # fen of cards left over, the dual's slope by log price
    spent: Floats
    stake: Floats
    bends: Floats


class Search:
    """The prices' way down to the optimum; changed as it goes."""

    def __init__(self, market: Market, team: Executor) -> None:
        self.market, self.team = market, team
        k, arcs = market.capacity.size, np.diff(market.starts)
        real = market.capacity[market.pools] > 0
        owner = np.repeat(np.arange(arcs.size), arcs)
        self.is_buyer = np.bincount(owner, real, arcs.size) > 0
        self.budgets = np.where(self.is_buyer, market.budgets, 0.0)
        self.own = np.where(self.is_buyer, market.own, 0.0)
        self.caps = market.caps * market.worth
        count = max(1, min(BLOCKS, CELLS_MAX // max(k * k, 1), market.pools.size // ARCS_OF_BLOCK))
        count -= count % 2 if count > 1 else 0  # even, for most machines' processors
        cuts = np.searchsorted(market.starts, np.arange(1, count) * market.pools.size // count)
        self.ranges = list(zip([0, *cuts.tolist()], [*cuts.tolist(), arcs.size], strict=True))
        self.sums = np.zeros((count, 2, k))
        self.bends = np.zeros((count, k, k))
        self.values = np.empty(market.pools.size)
        self._each(
            lambda _, low, high: take_logs(
                market.speeds, market.worth, market.starts, low, high, self.values
            )
        )
        self.values[~real] = -1e300  # so dear that nobody goes there
        counts = np.arange(1.0, max(int(arcs.max(initial=1)), 1) + 1)
        self.variety = np.concatenate([np.zeros(1), _logs(counts)])[arcs]
        self.shares = np.zeros(market.pools.size)
        self.rounds = 0
        self.care = 0.0
        self._buyers = (
            market.starts,
            market.pools,
            self.values,
            self.budgets,
            self.own,
            self.caps,
            self.variety,
        )
        self._take(1)

    def run(self, gap: float, rounds_max: int) -> tuple[Floats, Floats]:
        """Prices at a gap, or at the last round, and those that prove it; `shares` is filled."""
        prices, heat = self._first_prices(), HEAT
        proof = prices
        for stride, coldest in (*SAMPLES, (1, COLDEST)):
            if stride > 1 and self.budgets.size // stride < BUYERS_MIN:
                continue
            self._take(stride)
            prices, proof, heat = self._cool(prices, heat, (coldest, gap, rounds_max))
        return prices, proof

    def _cool(
        self, prices: Floats, heat: float, until: tuple[float, float, int]
    ) -> tuple[Floats, Floats, float]:
        """Lower the heat, from level to level, till it or the gap is low enough."""
        coldest, gap, rounds_max = until
        before: tuple[Floats, float] | None = None
        self._share_out(self._measure(prices, heat), heat)  # how this sample's buyers spread
        pace = COOLING
        while True:
            point = self._settle(prices, heat, gap, rounds_max)
            if before and pace < PACE_MAX and self._lost(point) > STRAYED * _enough(heat, gap):
                pace = sqrt(pace)  # too cold too soon: back, and on in smaller steps
                prices, heat, self.care = before[0], before[1] * pace, 0.0
                continue
            primal = self._share_out(point, heat)
            reached, best = self._bound(point.prices, primal)
            if before and reached > gap:
                cold = self._foresee(point.prices, before, heat, 0.0)
                reached, best = min((reached, best), self._bound(cold, primal), key=itemgetter(0))
            is_done = self.stride == 1 and reached <= gap
            if is_done or heat <= coldest or self.rounds >= rounds_max:
                return point.prices, best, heat
            # The gap falls about as the square of the heat: do not go further than needed.
            nearly = 0.8 * sqrt(gap / reached) if reached > 0 else 0.0
            cooler = max(coldest, heat * max(pace, min(nearly, 0.9)))
            pace = max(COOLING, pace * pace)
            prices = self._foresee(point.prices, before, heat, cooler)
            before, heat = (point.prices, heat), cooler

    def _foresee(
        self, prices: Floats, before: tuple[Floats, float] | None, heat: float, cooler: float
    ) -> Floats:
        """Prices move about evenly with the heat: go on as from the level before.

        Where requests tie, prices at a heat are off by as much as the heat, and what is foreseen
        for no heat at all only by its square.
        """
        if before is None:
            return prices
        slope = (_logs(prices) - _logs(before[0])) / (before[1] - heat)
        change = slope * (heat - cooler)
        common = float(np.median(change))
        if abs(common) > LEAP_MAX:  # cards are free for nearly all: prices fall alike, to nothing
            change -= common
        leap = _exps(np.clip(change, -LEAP_MAX, LEAP_MAX))
        return np.asarray(np.maximum(self.floor, prices * leap))

    def _settle(self, prices: Floats, heat: float, gap: float, rounds_max: int) -> _Point:
        """Newton's method at one heat: the prices at which cards and money meet."""
        self._set_floor(heat)
        point = self._measure(np.maximum(self.floor, prices), heat)
        for _ in range(ROUNDS_OF_LEVEL):
            if self._lost(point) <= _enough(heat, gap) or self.rounds >= rounds_max:
                break
            point = self._step(point, heat)
        return point

    def _lost(self, point: _Point) -> float:
        """What cutting down to capacity and leaving over would cost, per fen of all money."""
        spent = np.maximum(point.spent, np.finfo(float).tiny)
        short = np.maximum(-point.excess, 0)
        over = np.maximum(point.excess, 0) * (1 - self.market.reserve / point.prices)
        over[point.prices <= self.floor] = 0
        return float((point.stake * np.minimum(short / spent, 1) + over).sum()) / self.money

    def _step(self, point: _Point, heat: float) -> _Point:
        """One round: Newton's step, or a more careful one where that leads uphill."""
        free = np.flatnonzero((point.prices > self.floor) | (point.excess < 0))
        revenue = (self.capacity * point.prices)[free]
        # A step in logarithms, where spending is nearly straight: the price of a pool that is left
        # over bends its revenue too.
        stiff = FLOOR * revenue + 1e-14 * self.money + np.maximum(point.excess[free], 0)
        bends = np.maximum(np.diag(point.bends)[free], revenue)
        found = point
        for _ in range(CAREFUL_MAX):
            matrix = np.ascontiguousarray(point.bends[np.ix_(free, free)])
            matrix[np.diag_indices(free.size)] += stiff + self.care * bends
            change = -point.excess[free]
            if not solve(matrix, change):
                # Rounding made it indefinite: each price for itself still goes downhill.
                change = -point.excess[free] / (bends + stiff)
            ahead = point.prices.copy()
            ahead[free] *= _exps(np.clip(change, -FALL, RISE))
            ahead = np.maximum(self.floor, ahead)
            line = ahead - point.prices
            downhill = float((point.excess / point.prices * line).sum())
            found = self._measure(ahead, heat)
            beyond = float((found.excess / found.prices * line).sum())
            if beyond <= 0.9 * abs(downhill) or downhill >= 0:
                self.care = self.care / 10 if self.care > CARE_MIN else 0.0
                break
            self.care = max(CARE_MIN, self.care * 8)
        return found

    def _first_prices(self) -> Floats:
        """Prices if everyone spent its money evenly on its pools."""
        arcs = np.diff(self.market.starts)
        even = np.repeat((self.budgets + self.own) / np.maximum(arcs, 1), arcs)
        asked = np.bincount(self.market.pools, even, self.capacity.size)
        return np.asarray(np.maximum(self.floor, asked / np.maximum(self.capacity, 1e-300)))

    def _take(self, stride: int) -> None:
        """Go on with every so-many-th buyer of each range, and their part of the capacity."""
        money, self.stride = self.budgets + self.own, stride
        whole = float(money.sum())
        self.money = sum(float(money[low:high:stride].sum()) for low, high in self.ranges) or 1.0
        self.capacity = self.market.capacity * (self.money / whole if whole else 1.0)
        self._set_floor(HEAT)

    def _set_floor(self, heat: float) -> None:
        """The least prices at a heat: with no floor, free cards would have no definite prices."""
        least = max(1.0, FLOOR_AT_HEAT * heat * heat / FLOOR) * floor_of(self.market)
        self.floor = np.maximum(self.market.reserve, least)

    def _measure(self, prices: Floats, heat: float) -> _Point:
        q = _logs(prices)
        self.sums[:] = 0
        self.bends[:] = 0
        self._each(
            lambda block, low, high: measure(
                q, *self._buyers, heat, low, high, self.stride, self.sums[block], self.bends[block]
            )
        )
        self.rounds += 1
        spent, stake = self.sums.sum(axis=0)
        excess = self.capacity * prices - spent
        return _Point(prices, excess, spent, stake, self.bends.sum(axis=0))

    def _share_out(self, point: _Point, heat: float) -> float:
        """Share out at a point, fill `shares`, and say what that is worth: the primal."""
        q, k = _logs(point.prices), self.capacity.size
        asked = np.maximum(point.spent / point.prices, 1e-300)
        fit = np.minimum(1.0, self.capacity * TRIM / asked)
        terms = np.stack([fit / point.prices, 1 / point.prices])
        sold, ends = np.zeros((len(self.ranges), k)), np.zeros((len(self.ranges), 2))
        self._each(
            lambda block, low, high: recover(
                q,
                *self._buyers,
                heat,
                low,
                high,
                self.stride,
                self.market.speeds,
                self.market.worth,
                terms,
                self.shares,
                sold[block],
                ends[block],
            )
        )
        self.rounds += 1
        left = self.capacity - sold.sum(axis=0)
        return float(ends.sum(axis=0)[0] + (self.market.reserve * left).sum())

    def _bound(self, prices: Floats, primal: float) -> tuple[float, Floats]:
        """How far the primal is from the best, as these prices tell it: the gap, and the prices."""
        q, ends = _logs(prices), np.zeros((len(self.ranges), 2))
        buyers = self._buyers[:-1]
        self._each(
            lambda block, low, high: most_gains(q, *buyers, low, high, self.stride, ends[block])
        )
        dual = float(ends.sum(axis=0)[1] + (prices * self.capacity).sum())
        return (dual - primal) / self.money, prices

    def _each(self, work: Callable[[int, int, int], None]) -> None:
        """Do the ranges, side by side where there are threads for it."""
        blocks = range(len(self.ranges))
        list(self.team.map(lambda block: work(block, *self.ranges[block]), blocks))


def _enough(heat: float, gap: float) -> float:
    """How little may be left unmatched at a heat: less than what the heat itself is wrong by."""
    return max(0.05 * gap, min(0.05 * heat, 2.0 * heat * heat))


def _logs(numbers: Floats) -> Floats:
    return np.array([log_of(number) for number in numbers.tolist()])


def _exps(numbers: Floats) -> Floats:
    return np.array([exp_of(number) for number in numbers.tolist()])
