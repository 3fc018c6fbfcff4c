"""From fractional shares of card-hours to whole gangs for whole hours: each request in one pool."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evernormal.domain.allocation import Block, Mechanism, Round
from evernormal.engines.clearing import plan_kernels as kernels
from evernormal.engines.clearing.bound import price_bound
from evernormal.engines.clearing.market import Market, lots_of, requests_of
from evernormal.engines.clearing.plan_seats import Seats, seats_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SMALLEST_SHARE = 1e-6
"""Part of its work below which a fractional share is the solver's rounding and counts as none."""
SOLD_OUT = 0.995
"""Part of a lot's card-hours from which on the fractional shares count as having sold it out."""
PASSES = 12
"""Passes of local improvement at most; each betters the plan, and later ones hardly."""
STEP = 1e-6
"""Share of its weight by which a move must better a request: below it, rounding would decide."""


@dataclass(frozen=True, slots=True)
class GangPlan:
    """Whole gangs for whole hours, at most one block a request, without an hour to start at.

    blocks   in the order of request ids
    value    fen that the plan counts: each request's weight times the part of its fair work that
             it reaches, what is beyond counted half
    bound    fen that no plan of whole gangs in one pool each can exceed
    """

    blocks: tuple[Block, ...]
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """Share of the bound that the plan may be short of the best one, at most."""
        return 1 - self.value / self.bound if self.bound > 0 else 0.0


def plan_gangs(
    round_: Round,
    market: Market,
    shares: Floats,
    prices: Floats,
    *,
    mechanism: Mechanism = Mechanism.PROPORTIONAL,
) -> GangPlan:
    """Turn fractional shares into whole gangs.

    market   `market_of(round_)`
    shares   float64 [m], card-hours per arc of that market, from any mechanism
    prices   float64 [k], fen per card-hour of each lot; only guides, nothing is charged at them
    returns  blocks that keep to each request's work (its last gang-hour may do more than is left),
             money at posted prices, window and most cards, and to each lot's card-hours; the same
             for any order of the round's requests, pools and arcs
    source   docs/rules/reservations.md
    """
    seats = seats_of_shares(round_, market, shares, prices, mechanism=mechanism)
    # Card-hours that are left over have a posted price but no scarcity.
    sold = np.bincount(market.pools, shares, minlength=market.capacity.size)
    is_scarce = sold >= SOLD_OUT * market.capacity
    bound, picks = price_bound(seats, np.where(is_scarce, prices, 0.0))
    taken, chosen = _planned(seats, _parts(round_, market, shares, seats), picks)
    value = _value(seats, taken, chosen)
    return GangPlan(_blocks(round_, seats, taken, chosen), value, bound)


def seats_of_shares(
    round_: Round,
    market: Market,
    shares: Floats,
    prices: Floats,
    *,
    mechanism: Mechanism = Mechanism.PROPORTIONAL,
) -> Seats:
    """What a plan is made from: each request's seats, its fair work and the fen that it counts."""
    owners = np.repeat(np.arange(market.budgets.size), np.diff(market.starts))
    done: Floats = np.bincount(
        owners, shares * market.speeds, minlength=market.budgets.size
    ).astype(np.float64)
    fair = np.where(done > SMALLEST_SHARE * market.caps, done, 0.0)
    spent = np.bincount(owners, shares * prices[market.pools], minlength=market.budgets.size)
    weights = np.maximum(market.budgets, spent if mechanism.spends_own_money else 0.0)
    return seats_of(round_, fair=fair, weights=weights, adds_own=mechanism.spends_own_money)


def _parts(round_: Round, market: Market, shares: Floats, seats: Seats) -> Floats:
    """Share of its fair work that each request's fractional shares do in the pool of each seat."""
    opens = {lot.pool.id: n for n, lot in enumerate(lots_of(round_)) if not lot.group}
    pool_of = np.array([opens[lot.pool.id] for lot in lots_of(round_)], dtype=np.int64)
    lots = pool_of.size
    owners = np.repeat(np.arange(seats.fair.size), np.diff(market.starts))
    keys = seats.owners.astype(np.int64) * lots + seats.open_lots  # rising: pools go by id
    place = np.searchsorted(keys, owners * lots + pool_of[market.pools])
    done = np.bincount(place, shares * market.speeds, minlength=keys.size)
    fair = seats.fair[seats.owners]
    parts = np.divide(done, fair, out=np.zeros(keys.size), where=fair > 0)
    return np.where((parts > SMALLEST_SHARE) & (seats.most > 0), parts, 0.0)


def _planned(seats: Seats, parts: Floats, picks: Ints) -> tuple[Ints, Ints]:
    """Gang-hours of every seat, and the seat of every request: the better of two beginnings."""
    plans = []
    for chosen in (_loaded_alike(seats, parts), picks.copy()):
        taken = _filled_and_improved(seats, chosen)
        _shape(seats, taken, chosen)
        plans.append((_value(seats, taken, chosen), taken, chosen))
    _, taken, chosen = max(plans, key=lambda plan: plan[0])
    return taken, chosen


def _loaded_alike(seats: Seats, parts: Floats) -> Ints:
    """Seat requests so that each pool is loaded as by the fractional shares, largest first."""
    needs = seats.gangs * seats.fair[seats.owners] / seats.rates
    lacks = np.bincount(seats.open_lots, parts * needs, seats.room.size).astype(np.float64)
    size = np.zeros(seats.fair.size)
    np.maximum.at(size, seats.owners, np.where(parts > 0, needs, 0.0))
    # A request whose share lies in one pool has no choice: it goes first.
    kinds = np.bincount(seats.owners, parts > 0, minlength=seats.fair.size)
    order = np.lexsort((np.arange(size.size), -size, kinds > 1))
    chosen = np.full(seats.fair.size, -1, dtype=np.int64)
    kernels.assign(
        chosen,
        lacks,
        order,
        seats.starts,
        seats.open_lots,
        np.maximum(needs, 1e-300),
        parts,
    )
    return chosen


def _filled_and_improved(seats: Seats, chosen: Ints) -> Ints:
    """Give gang-hours to the chosen seats; better both, in place, as long as it helps."""
    breaks, taken, used = seats.breaks(), *_empty(seats)
    places = chosen[chosen >= 0]
    _fill(seats, taken, used, places, (breaks[:, 0], breaks[:, 1]))
    owed, fair = np.zeros(seats.fair.size), seats.fair[seats.owners]
    density = seats.weights[seats.owners] * seats.rates / seats.gangs
    owing = np.divide(density, fair, out=np.zeros_like(density), where=fair > 0)
    np.maximum.at(owed, seats.owners, owing)
    order = np.lexsort((np.arange(owed.size), -owed))
    order = order[seats.fair[order] > 0]
    for limits in (breaks[:, 1], seats.most):
        for _ in range(PASSES):
            if not _improve(seats, taken, chosen, used, order, np.ascontiguousarray(limits)):
                break
    again, used = _empty(seats)
    _fill(seats, again, used, chosen[chosen >= 0], (breaks[:, 0], breaks[:, 1], seats.most))
    _improve(seats, again, moved := chosen.copy(), used, order, seats.most)
    if _value(seats, again, moved) > _value(seats, taken, chosen):
        chosen[:] = moved
        return again
    return taken


def _empty(seats: Seats) -> tuple[Ints, Ints]:
    return np.zeros(seats.owners.size, dtype=np.int64), np.zeros(seats.room.size, dtype=np.int64)


def _fill(seats: Seats, taken: Ints, used: Ints, places: Ints, levels: tuple[Ints, ...]) -> None:
    """Fill seats up to one level after the other, what counts most by the card-hour first."""
    below = np.zeros_like(seats.most)
    worth, steps, units = np.zeros(seats.most.size), [], []
    for level in levels:
        reached = seats.worth(level)
        more = level - below
        steps.append((reached - worth)[places] / np.maximum(more * seats.gangs, 1)[places])
        units.append(more[places])
        below, worth = level, reached
    at = np.tile(places, len(levels))
    count = np.concatenate(units)
    # Equal to the eye is equal: the last bits of a float must not decide who comes first.
    density = np.round(np.log(np.maximum(np.concatenate(steps), 1e-300)), 9)
    stage = np.repeat(np.arange(len(levels)), places.size)
    order = np.lexsort((at, stage, -density))
    order = order[count[order] > 0]
    kernels.fill(
        taken,
        used,
        seats.room,
        seats.open_lots,
        seats.kept_lots,
        seats.gangs,
        at[order],
        count[order],
    )


def _improve(  # noqa: PLR0913, PLR0917 - the state, and how far it may go
    seats: Seats, taken: Ints, chosen: Ints, used: Ints, order: Ints, limits: Ints
) -> int:
    table = (
        seats.starts,
        seats.room,
        seats.open_lots,
        seats.kept_lots,
        seats.gangs,
        seats.rates,
        seats.work,
        seats.fair,
        seats.weights,
    )
    changed = kernels.improve(taken, chosen, used, order, limits, table, seats.beyond, STEP)
    return int(changed)


def _value(seats: Seats, taken: Ints, chosen: Ints) -> float:
    at = np.flatnonzero(chosen >= 0)
    return float(seats.worth(taken)[chosen[at]].sum())


def _shape(seats: Seats, taken: Ints, chosen: Ints) -> Ints:
    """Cut gang-hours, in place, to what whole gangs for whole hours can be; say how many gangs."""
    abreast = np.zeros_like(taken)
    for a in chosen[chosen >= 0].tolist():
        asked, window = int(taken[a]), int(seats.windows[a])
        if not asked:
            continue
        few = -(-asked // window)
        gangs = max(range(few, int(seats.gangs_max[a]) + 1), key=lambda n: (n * (asked // n), -n))
        abreast[a], taken[a] = gangs, gangs * (asked // gangs)
    return abreast


def _blocks(round_: Round, seats: Seats, taken: Ints, chosen: Ints) -> tuple[Block, ...]:
    lots, requests, blocks = lots_of(round_), requests_of(round_), []
    abreast = _shape(seats, taken, chosen)
    for i, a in enumerate(chosen.tolist()):
        if a >= 0 and taken[a]:
            gangs = int(abreast[a])
            blocks.append(
                Block(
                    request_id=requests[i].id,
                    pool_id=lots[seats.open_lots[a]].pool.id,
                    cards=gangs * int(seats.gangs[a]),
                    hours=int(taken[a]) // gangs,
                )
            )
    return tuple(blocks)
