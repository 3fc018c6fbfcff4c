"""The passes over buyers of proportional clearing, compiled.

The theory is in docs/rules/clearing-proportional.md.
Small functions on plain arrays, without a for-loop in a while-loop, which has crashed the compiler.
A pass takes a range of buyers and adds to sums of its own, so that ranges can run side by side and
be added up in one order.
"""

from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evernormal.engines.clearing.market import Codes, Floats, Ints
from evernormal.engines.clearing.proportional_arithmetic import exp_of, log_of

FAINT: Final = 30.0
"""A pool whose weight is below e**-30 of the best one's is left out: 1e-13 of a buyer's money."""
UNLIMITED: Final = 1e300
TRIM: Final = 1 - 1e-13
"""What is shared out stops this short of a limit, so that rounding never carries it across."""


@njit(cache=True, nogil=True)
def take_logs(  # noqa: PLR0913, PLR0917 - plain arrays
    speeds: Floats, worth: Floats, starts: Ints, low: int, high: int, out: Floats
) -> None:
    """Values of a range of buyers' arcs in fen per card-hour, as logarithms: `out` [m]."""
    for i in range(low, high):
        for a in range(starts[i], starts[i + 1]):
            out[a] = log_of(speeds[a] * worth[i])


@njit(cache=True, nogil=True)
def _weigh(  # noqa: PLR0913, PLR0917 - plain arrays
    q: Floats,
    pools: Codes,
    values: Floats,
    first: int,
    last: int,
    heat: float,
    arcs: Ints,
    w: Floats,
) -> Any:
    """Weights w ~ (value / price)**(1 / heat) of arcs: how many, the lowest log price, the sum."""
    best = 1e308
    for a in range(first, last):
        w[a - first] = q[pools[a]] - values[a]
        best = min(best, w[a - first])
    count, total = 0, 0.0
    steep, faint = 1.0 / heat, best + FAINT * heat
    for x in range(last - first):
        if w[x] < faint:
            arcs[count] = first + x
            w[count] = exp_of((best - w[x]) * steep)
            total += w[count]
            count += 1
    for x in range(count):
        w[x] /= total
    return count, best, total


@njit(cache=True, nogil=True)
def _spend(level: float, heat: float, budget: float, own: float, cap: float) -> Any:
    """Fen spent when a fen's worth of work costs e**level, and by how much less the more it costs.

    Own money is spent where that is below one fen; the step is as smooth as `heat` says.
    """
    money, slope = budget, 0.0
    if own > 0.0:
        share = 1.0 / (1.0 + exp_of(level / heat))
        money += own * share
        slope = own * share * (1.0 - share) / heat
    if cap < UNLIMITED:
        enough = exp_of(level) * cap
        if enough < money:
            return enough, 0.0
    return money, money + slope


@njit(cache=True, nogil=True)
def _add(  # noqa: PLR0913, PLR0917 - plain arrays
    count: int,
    arcs: Ints,
    w: Floats,
    pools: Codes,
    spent: float,
    slope: float,
    stretch: float,
    money: float,
    sums: Floats,
    bends: Floats,
) -> None:
    """Add one buyer: money by pool, and how it answers to prices."""
    for x in range(count):
        pool = pools[arcs[x]]
        sums[0, pool] += spent * w[x]
        sums[1, pool] += money * w[x]
        bends[pool, pool] += stretch * spent * w[x]
        cross = (slope - stretch * spent) * w[x]
        for y in range(x, count):
            other = pools[arcs[y]]
            bends[min(pool, other), max(pool, other)] += cross * w[y]


@njit(cache=True, nogil=True)
def measure(  # noqa: PLR0913, PLR0917 - plain arrays
    q: Floats,
    starts: Ints,
    pools: Codes,
    values: Floats,
    budgets: Floats,
    own: Floats,
    caps: Floats,
    variety: Floats,
    heat: float,
    low: int,
    high: int,
    stride: int,
    sums: Floats,
    bends: Floats,
) -> None:
    """Add up what a range of buyers spends at prices e**q, each taking one buyer in `stride`.

    values   float64 [m], logarithms, as caps [n] in fen's worth of work
    variety  float64 [n]: what is taken off each buyer's index of prices, see `recover`
    sums     float64 [2, k], added to: fen spent; and the money of those who would spend it there
    bends    float64 [k, k], added to: how spending falls as prices rise, both as logarithms;
             only its upper triangle
    """
    width = 1
    for i in range(low, high, stride):
        width = max(width, starts[i + 1] - starts[i])
    arcs, w = np.empty(width, np.int64), np.empty(width)
    for i in range(low, high, stride):
        if budgets[i] + own[i] > 0.0:
            count, best, total = _weigh(q, pools, values, starts[i], starts[i + 1], heat, arcs, w)
            level = best - heat * (log_of(total) - variety[i])
            spent, slope = _spend(level, heat, budgets[i], own[i], caps[i])
            money = budgets[i] + own[i]
            _add(count, arcs, w, pools, spent, slope, 1.0 + 1.0 / heat, money, sums, bends)


@njit(cache=True, nogil=True)
def _gain(budget: float, own: float, work: float) -> Any:
    """What a buyer's work counts for: its log up to the voucher, itself on own money, log again."""
    if work < budget:
        return budget * log_of(work)
    base = budget * log_of(budget) if budget > 0.0 else 0.0
    money = budget + own
    if work <= money:
        return base + work - budget
    return base + own + money * log_of(work / money)


@njit(cache=True, nogil=True)
def _most_gain(budget: float, own: float, cap: float, price: float) -> Any:
    """The most that a buyer gains over what it pays, when a fen's worth of work costs `price`."""
    money = budget + own if price < 1.0 else budget
    work = min(cap, money / price)
    return _gain(budget, own, work) - price * work


@njit(cache=True, nogil=True)
def _share(  # noqa: PLR0913, PLR0917 - plain arrays
    count: int,
    arcs: Ints,
    w: Floats,
    pools: Codes,
    speeds: Floats,
    worth: float,
    spent: float,
    cap: float,
    terms: Floats,
    shares: Floats,
    sold: Floats,
) -> Any:
    """Give one buyer its card-hours, within its cap; how much work they do, and a fen would buy."""
    work, bought = 0.0, 0.0
    for x in range(count):
        a = arcs[x]
        value = w[x] * speeds[a] * worth
        shares[a] = spent * w[x] * terms[0, pools[a]]
        work += spent * value * terms[0, pools[a]]
        bought += value * terms[1, pools[a]]
    cut = cap * TRIM / work if work > cap * TRIM else 1.0
    for x in range(count):
        a = arcs[x]
        shares[a] *= cut
        sold[pools[a]] += shares[a]
    return work * cut, bought


@njit(cache=True, nogil=True)
def recover(  # noqa: PLR0913, PLR0917 - plain arrays
    q: Floats,
    starts: Ints,
    pools: Codes,
    values: Floats,
    budgets: Floats,
    own: Floats,
    caps: Floats,
    variety: Floats,
    heat: float,
    low: int,
    high: int,
    stride: int,
    speeds: Floats,
    worth: Floats,
    terms: Floats,
    shares: Floats,
    sold: Floats,
    ends: NDArray[np.float64],
) -> None:
    """Share card-hours out among a range of buyers, and add up what they gain.

    terms    float64 [2, k]: card-hours per fen at each pool, what is too much cut off; and uncut
    variety  changed in place: so that the index of prices equals what a fen's worth of work costs
    shares   float64 [m], filled; sold float64 [k], added to
    ends     float64 [2], of which the first is added to: the buyers' part of the primal
    """
    width = 1
    for i in range(low, high, stride):
        width = max(width, starts[i + 1] - starts[i])
    arcs, w = np.empty(width, np.int64), np.empty(width)
    for i in range(low, high, stride):
        shares[starts[i] : starts[i + 1]] = 0.0
        if budgets[i] + own[i] > 0.0:
            count, best, total = _weigh(q, pools, values, starts[i], starts[i + 1], heat, arcs, w)
            level = best - heat * (log_of(total) - variety[i])
            spent, _ = _spend(level, heat, budgets[i], own[i], caps[i])
            work, bought = _share(
                count, arcs, w, pools, speeds, worth[i], spent, caps[i], terms, shares, sold
            )
            variety[i] = log_of(total) - log_of(min(bought * exp_of(best), 1.0)) / heat
            ends[0] += _gain(budgets[i], own[i], work)


@njit(cache=True, nogil=True)
def most_gains(  # noqa: PLR0913, PLR0917 - plain arrays
    q: Floats,
    starts: Ints,
    pools: Codes,
    values: Floats,
    budgets: Floats,
    own: Floats,
    caps: Floats,
    low: int,
    high: int,
    stride: int,
    ends: Floats,
) -> None:
    """Add up the buyers' part of the dual at prices e**q: to ends[1]."""
    for i in range(low, high, stride):
        if budgets[i] + own[i] > 0.0:
            best = 1e308
            for a in range(starts[i], starts[i + 1]):
                best = min(best, q[pools[a]] - values[a])
            ends[1] += _most_gain(budgets[i], own[i], caps[i], exp_of(best))


@njit(cache=True, nogil=True)
def _subtract(matrix: Floats, i: int) -> None:
    """Take the rows above from row i of a Cholesky factor: four at a time, to load row i less."""
    n = matrix.shape[0]
    for j in range(0, i - 3, 4):
        a, b, c, d = matrix[j, i], matrix[j + 1, i], matrix[j + 2, i], matrix[j + 3, i]
        for x in range(i, n):
            above = a * matrix[j, x] + b * matrix[j + 1, x]
            matrix[i, x] -= above + (c * matrix[j + 2, x] + d * matrix[j + 3, x])
    for j in range(i - i % 4, i):
        a = matrix[j, i]
        for x in range(i, n):
            matrix[i, x] -= a * matrix[j, x]


@njit(cache=True, nogil=True)
def solve(matrix: Floats, right: Floats) -> Any:
    """Solve a symmetric positive definite system in place (Cholesky); whether it is one.

    Reads the upper triangle. Our own, because a library's answer depends on its number of threads.
    """
    n = right.size
    for i in range(n):
        _subtract(matrix, i)
        if matrix[i, i] <= 0.0:
            return False
        root = np.sqrt(matrix[i, i])
        for x in range(i, n):
            matrix[i, x] /= root
    for j in range(n):
        right[j] /= matrix[j, j]
        for i in range(j + 1, n):
            right[i] -= matrix[j, i] * right[j]
    for j in range(n - 1, -1, -1):
        for i in range(j + 1, n):
            right[j] -= matrix[j, i] * right[i]
        right[j] /= matrix[j, j]
    return True
