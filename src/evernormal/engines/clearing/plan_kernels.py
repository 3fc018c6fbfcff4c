"""The loops of the gang plan, compiled: filling, moving, and what each request would choose.

A state is two arrays, changed in place: `taken` int64 [m], gang-hours of each seat, and `used`
int64 [k], card-hours. `used` of a lot that is kept for a group counts all that the group uses in
the pool; what is beyond the lot's room counts in the pool's open lot as well. The functions are
small on purpose; `.py_func` is the same in plain Python.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Floats = NDArray[np.float64]
Table = tuple[Ints, Ints, Codes, Codes, Ints, Floats, Floats, Floats, Floats]
"""Starts, room, open and kept lots, gangs and rates of the seats; work, fair work and weights."""


@njit(cache=True, nogil=True)
def _worth(  # noqa: PLR0913, PLR0917 - plain numbers for the compiler
    hours: int, rate: float, work: float, fair: float, weight: float, beyond: float
) -> Any:
    """Fen that so many gang-hours count for a request."""
    reached = min(hours * rate, work) / fair
    if reached > 1.0:
        reached = 1.0 + beyond * (reached - 1.0)
    return weight * reached


@njit(cache=True, nogil=True)
def _left(room: Ints, used: Ints, open_lot: int, kept_lot: int) -> Any:
    """Card-hours that a seat can still take."""
    left = room[open_lot] - used[open_lot]
    if kept_lot >= 0:
        left += max(room[kept_lot] - used[kept_lot], 0)
    return left


@njit(cache=True, nogil=True)
def _use(room: Ints, used: Ints, open_lot: int, kept_lot: int, amount: int) -> None:
    """Take card-hours, or give them back (amount < 0): of the group's lot first."""
    if kept_lot < 0:
        used[open_lot] += amount
        return
    before = max(used[kept_lot] - room[kept_lot], 0)
    used[kept_lot] += amount
    used[open_lot] += max(used[kept_lot] - room[kept_lot], 0) - before


@njit(cache=True, nogil=True)
def fill(  # noqa: PLR0913, PLR0917 - plain arrays
    taken: Ints,
    used: Ints,
    room: Ints,
    open_lots: Codes,
    kept_lots: Codes,
    gangs: Ints,
    seats: Ints,
    units: Ints,
) -> None:
    """Give seats as many of some gang-hours as there is room for, one seat after the other.

    seats, units   int64: which seat, and at most how many gang-hours more
    """
    for t in range(seats.size):
        a = seats[t]
        more = min(units[t], _left(room, used, open_lots[a], kept_lots[a]) // gangs[a])
        if more > 0:
            taken[a] += more
            _use(room, used, open_lots[a], kept_lots[a], more * gangs[a])


@njit(cache=True, nogil=True)
def _best_seat(  # noqa: PLR0913, PLR0917 - plain arrays
    i: int, now: int, least: float, limits: Ints, used: Ints, table: Table, beyond: float
) -> Any:
    """The seat other than `now` where a request would count most, and how many gang-hours."""
    starts, room, open_lots, kept_lots, gangs, rates, work, fair, weights = table
    best, hours, most = -1, 0, least
    for a in range(starts[i], starts[i + 1]):
        if a == now or limits[a] == 0:
            continue
        fits = min(limits[a], _left(room, used, open_lots[a], kept_lots[a]) // gangs[a])
        value = _worth(fits, rates[a], work[i], fair[i], weights[i], beyond)
        if fits > 0 and value > most:
            best, hours, most = a, fits, value
    return best, hours


@njit(cache=True, nogil=True)
def _grow(a: int, taken: Ints, used: Ints, limits: Ints, table: Table) -> Any:
    """Let a seat take as many more gang-hours as there is room for; returns 1 if it took any."""
    _, room, open_lots, kept_lots, gangs, _, _, _, _ = table
    left = _left(room, used, open_lots[a], kept_lots[a]) // gangs[a]
    more = min(limits[a] - taken[a], left)
    if more <= 0:
        return 0
    taken[a] += more
    _use(room, used, open_lots[a], kept_lots[a], more * gangs[a])
    return 1


@njit(cache=True, nogil=True)
def improve(  # noqa: PLR0913, PLR0917 - the state, and plain arrays
    taken: Ints,
    chosen: Ints,
    used: Ints,
    order: Ints,
    limits: Ints,
    table: Table,
    beyond: float,
    step: float,
) -> Any:
    """Let requests take more where they sit, or move to where they count more.

    chosen   int64 [n], changed in place: each request's seat
    order    int64: the requests, in turn
    limits   int64 [m]: gang-hours that a seat is given at most
    step     share of its weight by which a move must better a request
    returns  how many requests took or moved
    """
    _, room, open_lots, kept_lots, gangs, rates, work, fair, weights = table
    changed = 0
    for t in range(order.size):
        i = order[t]
        a = chosen[i]
        counted = 0.0
        if a >= 0:
            changed += _grow(a, taken, used, limits, table)
            if taken[a] >= limits[a] and taken[a] * rates[a] >= fair[i]:
                continue
            counted = _worth(taken[a], rates[a], work[i], fair[i], weights[i], beyond)
        least = counted + step * weights[i]
        best, hours = _best_seat(i, a, least, limits, used, table, beyond)
        if best >= 0:
            if a >= 0:
                _use(room, used, open_lots[a], kept_lots[a], -taken[a] * gangs[a])
                taken[a] = 0
            _use(room, used, open_lots[best], kept_lots[best], hours * gangs[best])
            chosen[i], taken[best] = best, hours
            changed += 1
    return changed


@njit(cache=True, nogil=True)
def choose(  # noqa: PLR0913, PLR0917 - plain arrays
    picks: Ints,
    hours: Ints,
    starts: Ints,
    charges: Floats,
    breaks: Ints,
    rates: Floats,
    work: Floats,
    fair: Floats,
    weights: Floats,
    beyond: float,
) -> Any:
    """What every request would take, were a gang-hour charged for; and what that leaves it in all.

    charges  float64 [m]: fen for a gang-hour of the seat
    breaks   int64 [m, 4]: gang-hours between which each further one counts the same
    picks, hours   int64 [n], written: the seat, or -1, and the gang-hours
    """
    total = 0.0
    for i in range(starts.size - 1):
        most, pick, count = 0.0, -1, 0
        for a in range(starts[i], starts[i + 1]):
            for b in range(4):
                q = breaks[a, b]
                if q == 0:
                    continue
                left = _worth(q, rates[a], work[i], fair[i], weights[i], beyond) - q * charges[a]
                if left > most:
                    most, pick, count = left, a, q
        picks[i], hours[i] = pick, count
        total += most
    return total


@njit(cache=True, nogil=True)
def assign(  # noqa: PLR0913, PLR0917 - plain arrays
    chosen: Ints,
    lacks: Floats,
    order: Ints,
    starts: Ints,
    open_lots: Codes,
    needs: Floats,
    parts: Floats,
) -> None:
    """Seat each request in one pool, so that pools are loaded as the fractional shares load them.

    chosen   int64 [n], written
    lacks    float64 [k], changed: card-hours of fractional shares not yet seated, by open lot
    needs    float64 [m]: card-hours of a seat that would do the request's fair work
    parts    float64 [m]: share of the request's fair work that the fractional shares do there
    """
    for t in range(order.size):
        i = order[t]
        best, most = -1, -np.inf
        for a in range(starts[i], starts[i + 1]):
            if parts[a] <= 0.0:
                continue
            lack = lacks[open_lots[a]] / needs[a] + 1e-6 * parts[a]
            if lack > most:
                best, most = a, lack
        chosen[i] = best
        if best >= 0:
            lacks[open_lots[best]] -= needs[best]
