"""Where each request of a round could sit: its arcs as arrays, counted in whole gang-hours."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evernormal.domain.allocation import Request, Round
from evernormal.engines.clearing.market import Lot, lots_of, requests_of

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Seats:
    """n requests, m seats (arcs), k lots; the seats of request i are starts[i] to starts[i + 1].

    starts    int64 [n + 1]
    owners    int32 [m]: the request
    open_lots, kept_lots   int32 [m]: the pool's open lot; the lot of the request's group, or -1
    gangs     int64 [m]: cards of a gang
    rates     float64 [m]: work of a gang in an hour
    most      int64 [m]: most gang-hours: by work (the last may do more than is left), by money at
              the posted price, and by gangs x hours of its window
    gangs_max, windows     int64 [m]: gangs at once; hours between first hour and deadline
    work, fair, weights    float64 [n]: work asked; work of its fractional share; fen it counts
    room      int64 [k]: card-hours of each lot
    beyond    what a unit of work beyond the fair share counts, beside 1 for one within it
    """

    starts: Ints
    owners: Codes
    open_lots: Codes
    kept_lots: Codes
    gangs: Ints
    rates: Floats
    most: Ints
    gangs_max: Ints
    windows: Ints
    work: Floats
    fair: Floats
    weights: Floats
    room: Ints
    beyond: float

    def breaks(self) -> Ints:
        """Gang-hours of each seat between which each further one counts the same, int64 [m, 4].

        The fair work rounded down and up; the work asked rounded down; and all.
        """
        fair = np.minimum(self.fair[self.owners] / self.rates + 1e-9, self.most).astype(np.int64)
        work = np.minimum(self.work[self.owners] // self.rates, self.most).astype(np.int64)
        up = np.minimum(fair + 1, self.most)
        return np.stack((fair, up, np.maximum(work, up), self.most), axis=1)

    def worth(self, hours: Ints) -> Floats:
        """Fen that so many gang-hours of each seat would count, float64 [m]."""
        fair = self.fair[self.owners]
        done = np.minimum(hours * self.rates, self.work[self.owners])
        reached = np.divide(done, fair, out=np.zeros(done.size), where=fair > 0)
        over = np.maximum(reached - 1, 0)
        counts: Floats = self.weights[self.owners] * (np.minimum(reached, 1) + self.beyond * over)
        return counts


def seats_of(round_: Round, *, fair: Floats, weights: Floats, adds_own: bool) -> Seats:
    """The seats of a round's requests, in the order of `requests_of` and of the pools' ids.

    fair, weights   float64 [n]
    adds_own        whether a request's own money pays besides its budget
    source          docs/rules/reservations.md
    """
    requests, lots = requests_of(round_), lots_of(round_)
    starts, columns = _columns(requests, lots, hours=round_.hours)
    opens, kept, gangs, speeds, cards_max, windows, price = columns
    owners = np.repeat(np.arange(len(requests), dtype=np.int32), np.diff(starts))
    cards = np.array([lot.cards for lot in lots], dtype=np.int64)
    reach = cards[opens] + np.where(kept >= 0, cards[kept], 0) if opens.size else opens
    gangs_max = np.minimum(cards_max, reach) // gangs
    work = np.array([request.work for request in requests], dtype=np.int64)
    money = np.array(
        [r.budget.amount + (r.own.amount if adds_own else 0) for r in requests], dtype=np.int64
    )
    rates, costs = gangs * speeds, gangs * price
    by_work = -(-work[owners] // rates)
    by_money = np.where(costs > 0, money[owners] // np.maximum(costs, 1), by_work)
    most = np.minimum(np.minimum(by_work, by_money), gangs_max * windows)
    has_share = (fair > 0)[owners]
    return Seats(
        starts=starts,
        owners=owners,
        open_lots=opens.astype(np.int32),
        kept_lots=kept.astype(np.int32),
        gangs=gangs,
        rates=rates.astype(np.float64),
        most=np.where(has_share, np.maximum(most, 0), 0),
        gangs_max=gangs_max,
        windows=windows,
        work=work.astype(np.float64),
        fair=fair,
        weights=weights,
        room=cards * round_.hours,
        beyond=BEYOND,
    )


BEYOND = 0.5
"""Work beyond the fair share counts half: it is of use, but less than what another is short of."""


def _columns(
    requests: tuple[Request, ...], lots: tuple[Lot, ...], *, hours: int
) -> tuple[Ints, list[Ints]]:
    """Every arc as a row of whole numbers, by request and pool."""
    places = {(lot.pool.id, lot.group): number for number, lot in enumerate(lots)}
    prices = {lot.pool.id: lot.pool.price.amount for lot in lots}
    starts, rows = [0], []
    for request in requests:
        ends = hours if request.deadline is None else min(hours, request.deadline)
        window, group = max(ends - request.earliest, 0), request.group
        for arc in sorted(request.arcs, key=lambda arc: arc.pool_id):
            pool = arc.pool_id
            kept = places.get((pool, group), -1) if group else -1
            rows.append(
                (
                    places[pool, ""],
                    kept,
                    arc.gang_cards,
                    arc.speed,
                    arc.cards_max,
                    window,
                    prices[pool],
                )
            )
        starts.append(len(rows))
    table = np.array(rows, dtype=np.int64).reshape(len(rows), 7)
    return np.array(starts, dtype=np.int64), [np.ascontiguousarray(c) for c in table.T]
