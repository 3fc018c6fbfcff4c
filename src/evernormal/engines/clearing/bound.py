"""What no plan of whole gangs can exceed: a bound from prices, and one that HiGHS proves."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evernormal.engines.clearing import plan_kernels as kernels
from evernormal.engines.clearing.plan_seats import Seats

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Floats = NDArray[np.float64]

ROUNDS = 24
"""How often the prices are moved towards what the lots can hold; later ones gain below 0.1 %."""
PACE = 0.4
"""Share by which a price moves at first where twice the lot's card-hours are asked for."""


def price_bound(seats: Seats, prices: Floats) -> tuple[float, Ints]:
    """Fen that no plan can exceed, from prices alone, and where requests would sit at them.

    Were card-hours sold at any prices, a plan counts at most what the lots would take in at
    them and what every request would have left of its best choice (Lagrange). The bound holds for
    all prices; the given ones are moved towards those that give the least.

    prices   float64 [k], fen per card-hour of each lot, to begin with
    returns  the bound, and int64 [n] the seat that each request would choose, or -1
    """
    n, breaks = seats.fair.size, seats.breaks()
    picks, hours = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=np.int64)
    best, kept = np.inf, picks.copy()
    now = prices.astype(np.float64).copy()
    for turn in range(ROUNDS):
        now = _within(seats, now)
        lot = np.where(seats.kept_lots >= 0, seats.kept_lots, seats.open_lots)
        left = kernels.choose(
            picks,
            hours,
            seats.starts,
            now[lot] * seats.gangs,
            breaks,
            seats.rates,
            seats.work,
            seats.fair,
            seats.weights,
            seats.beyond,
        )
        total = float(left + now @ seats.room)
        if total < best:
            best, kept = total, picks.copy()
        excess = (_asked(seats, picks, hours, now) - seats.room) / np.maximum(seats.room, 1)
        now *= np.exp(PACE / (1 + turn / 4) * np.clip(excess, -1, 1))
    return best, kept


def _within(seats: Seats, prices: Floats) -> Floats:
    """No lot of a group costs more than the open lot of its pool: the group may use that too."""
    has = seats.kept_lots >= 0
    most = prices.copy()
    most[seats.kept_lots[has]] = prices[seats.open_lots[has]]
    return np.minimum(prices, most)


def _asked(seats: Seats, picks: Ints, hours: Ints, prices: Floats) -> Floats:
    """Card-hours that the choices ask of each lot."""
    at = picks[picks >= 0]
    amount = (hours[picks >= 0] * seats.gangs[at]).astype(np.float64)
    kept, opens, lots = seats.kept_lots[at], seats.open_lots[at], seats.room.size
    has = kept >= 0
    asked = np.bincount(opens[~has], amount[~has], minlength=lots)
    group = np.bincount(kept[has], amount[has], minlength=lots)
    pool = np.full(lots, -1)
    pool[kept[has]] = opens[has]
    # Where both cost the same, what a group asks beyond its lot is asked of the open one.
    dear = (pool >= 0) & (prices >= prices[pool])
    beyond = np.where(dear, np.maximum(group - seats.room, 0), 0)
    overflow = np.bincount(pool[dear], beyond[dear], minlength=lots)
    return np.asarray(asked + group + overflow, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class ProvedBound:
    """What HiGHS says of the best plan: none counts more than `bound`, one counts `found`."""

    bound: float
    found: float
    is_optimal: bool


def highs_bound(seats: Seats, *, seconds: float) -> ProvedBound:
    """Ask HiGHS for the best plan as a mixed-integer programme, and for what it can prove of it.

    It leaves out that gang-hours are whole gangs times whole hours, so its bound holds for plans.
    Each seat has a choice y (0 or 1), gang-hours q (whole, at most `most` times y) and what it
    counts v, below the lines through neighbouring whole gang-hours of the seat's worth.
    seconds  time after which it stops with what it has
    """
    from highspy import HighsModelStatus  # noqa: PLC0415 - 50 ms that only this needs

    from evernormal.engines.clearing.solver import quiet_solver  # noqa: PLC0415 - the same

    solver = quiet_solver()
    solver.setOptionValue("time_limit", seconds)
    solver.setOptionValue("mip_rel_gap", 1e-4)
    _state(solver, seats)
    solver.run()
    info = solver.getInfo()
    is_optimal = solver.getModelStatus() == HighsModelStatus.kOptimal
    return ProvedBound(float(info.mip_dual_bound), float(info.objective_function_value), is_optimal)


def _state(solver: object, seats: Seats) -> None:
    """Hand the programme to the solver: y, q and v of each seat, then what lots overflow."""
    from highspy import HighsLp, HighsVarType, MatrixFormat, ObjSense, kHighsInf  # noqa: PLC0415

    at = np.flatnonzero(seats.most > 0)
    s = at.size
    kept = np.unique(seats.kept_lots[at][seats.kept_lots[at] >= 0])
    columns = 3 * s + kept.size
    rows = _Rows()
    y, q, v = np.arange(s), np.arange(s) + s, np.arange(s) + 2 * s
    rows.add(seats.owners[at], y, np.ones(s), upper=np.ones(seats.fair.size))
    most = seats.most[at].astype(np.float64)
    rows.add(np.r_[y, y], np.r_[q, y], np.r_[np.ones(s), -most], upper=np.zeros(s))
    for slope, start in _lines(seats, at):
        rows.add(
            np.r_[y, y, y], np.r_[v, q, y], np.r_[np.ones(s), -slope, -start], upper=np.zeros(s)
        )
    lots = np.where(seats.kept_lots >= 0, seats.kept_lots, seats.open_lots)[at]
    over = 3 * s + np.arange(kept.size)
    # -1, where a seat has no kept lot, writes the last entry, one more than there are lots.
    pool = np.zeros(seats.room.size + 1, dtype=np.int64)
    pool[seats.kept_lots[at]] = seats.open_lots[at]
    rows.add(
        np.r_[lots, kept, pool[kept]],
        np.r_[q, over, over],
        np.r_[seats.gangs[at], -np.ones(kept.size), np.ones(kept.size)],
        upper=seats.room.astype(np.float64),
    )
    starts, index, value, upper = rows.as_matrix()
    model = HighsLp()
    model.num_col_, model.num_row_ = columns, upper.size
    model.sense_ = ObjSense.kMaximize
    model.col_cost_ = np.r_[np.zeros(2 * s), np.ones(s), np.zeros(kept.size)]
    model.col_lower_ = np.zeros(columns)
    model.col_upper_ = np.r_[np.ones(s), most, np.full(s + kept.size, kHighsInf)]
    model.row_lower_, model.row_upper_ = np.full(upper.size, -kHighsInf), upper
    model.a_matrix_.format_ = MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = starts, index, value
    whole, parts = [HighsVarType.kInteger], [HighsVarType.kContinuous]
    model.integrality_ = whole * (2 * s) + parts * (s + kept.size)
    solver.passModel(model)  # type: ignore[attr-defined]


def _lines(seats: Seats, at: Ints) -> list[tuple[Floats, Floats]]:
    """Slope and start of the lines through neighbouring breaks of each seat's worth."""
    lines, below = [], np.zeros_like(seats.most)
    full = seats.worth(seats.most)
    for level in seats.breaks().T:
        low, high, width = seats.worth(below), seats.worth(level), level - below
        # Between breaks that are the same there is no line; nothing counts more than all of it.
        slope = np.where(width > 0, (high - low) / np.maximum(width, 1), 0)
        start = np.where(width > 0, high - slope * level, full)
        lines.append((slope[at], start[at]))
        below = level
    return lines


class _Rows:
    """Rows of a sparse programme, added block by block: sums of columns that stay below a limit."""

    def __init__(self) -> None:
        self._entries: list[tuple[Ints, Ints, Floats]] = []
        self._upper: list[Floats] = []
        self._count = 0

    def add(self, row: Ints | Codes, column: Ints, value: Floats, *, upper: Floats) -> None:
        """Add entries of new rows, numbered from 0, with their limits."""
        at = row.astype(np.int64) + self._count
        self._entries.append((at, column, np.asarray(value, dtype=np.float64)))
        self._upper.append(upper)
        self._count += upper.size

    def as_matrix(self) -> tuple[Codes, Codes, Floats, Floats]:
        """Starts of the rows, columns, values, limits."""
        row, column, value = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        order = np.lexsort((column, row))
        starts = np.searchsorted(row[order], np.arange(self._count + 1))
        upper = np.concatenate(self._upper)
        return starts.astype(np.int32), column[order].astype(np.int32), value[order], upper
