"""Dominant resource fairness: equal parts, by budget, of the pool that each request needs most."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evernormal.domain.allocation import Request, Round, arcs_by_worth, window_of
from evernormal.engines.clearing.market import Floats, Ints, Market, lots_of, requests_of
from evernormal.engines.clearing.sharing import Sharing

HALVINGS = 200
"""Halvings of the common level: beyond the bits of a float64, whatever the level's size."""


@dataclass(frozen=True, slots=True, eq=False)
class _Claims:
    """The requests whose preferred pool is one and the same.

    buyers   int64 [q], their numbers in the market
    kept     int64 [q]: the lot of the request's group there, or -1
    most     float64 [q]: card-hours that it can use and pay, at most
    weights  float64 [q]: fen of budget
    """

    buyers: Ints
    kept: Ints
    most: Floats
    weights: Floats

    def taken(self, level: float) -> Floats:
        """Card-hours of each, where each has so many per fen, or all that it can use."""
        return np.minimum(self.most, level * self.weights)

    def level(self, room: Floats, open_lot: int, among: NDArray[np.bool_]) -> float:
        """Most card-hours per fen at which some of them fit, each group in its own lot first."""
        has_lot = among & (self.kept >= 0)
        none = among & (self.kept < 0)

        def fits(level: float) -> bool:
            taken = self.taken(level)
            by_lot = np.bincount(self.kept[has_lot], taken[has_lot], minlength=room.size)
            beyond = np.maximum(by_lot - room, 0).sum() + taken[none].sum()
            return bool(beyond <= (room[open_lot] if open_lot >= 0 else 0))

        low, high = 0.0, float(np.max(self.most[among] / self.weights[among], initial=0.0))
        if fits(high):
            return np.inf
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if fits(middle) else (low, middle)
        return low


def clear_dominant(round_: Round, market: Market) -> Sharing:
    """Raise everyone's part of its preferred pool together, by budget, until it is full or enough.

    A request demands cards of one pool, the one that it would choose first: that is its dominant
    resource, and the whole of its demand, so the common level is found for each pool alone.
    Reserved cards are filled first, by their group. Who has no budget gets nothing.

    market   `market_of(round_)`
    returns  shares within capacity, work, budget at posted prices, cards at once and hours; prices:
             fen of budget per card-hour at the level, where the pool is full
    source   docs/rules/clearing.md; Ghodsi and others, NSDI 2011
    """
    lots, requests = lots_of(round_), requests_of(round_)
    places = {(lot.pool.id, lot.group): number for number, lot in enumerate(lots)}
    shares, prices = np.zeros(market.pools.size), market.reserve.copy()
    inside: dict[str, list[tuple[int, int, float]]] = {pool.id: [] for pool in round_.pools}
    for number, request in enumerate(requests):
        if request.arcs and request.budget.amount:
            pool_id, most = _demand(round_, request)
            lot = places.get((pool_id, request.group), -1) if request.group else -1
            inside[pool_id].append((number, lot, most))
    for pool_id, rows in inside.items():
        if rows:
            buyers = np.array([row[0] for row in rows], dtype=np.int64)
            kept = np.array([row[1] for row in rows], dtype=np.int64)
            able = np.array([row[2] for row in rows], dtype=np.float64)
            claims = _Claims(buyers, kept, able, market.budgets[buyers])
            _share_pool(market, claims, places[pool_id, ""], (shares, prices))
    return Sharing(shares, prices)


def _demand(round_: Round, request: Request) -> tuple[str, float]:
    """A request's preferred pool, and the card-hours that it can use and pay there."""
    arc = arcs_by_worth(request, round_)[0]
    price = next(pool.price.amount for pool in round_.pools if pool.id == arc.pool_id)
    first, ends = window_of(request, round_.hours)
    paid = request.budget.amount / price if price else np.inf
    most = min(request.work / arc.speed, arc.cards_max * max(0, ends - first), paid)
    return arc.pool_id, float(most)


def _share_pool(market: Market, claims: _Claims, open_lot: int, out: tuple[Floats, Floats]) -> None:
    """Fill one pool, and write its shares and prices."""
    shares, prices = out
    room = market.capacity
    level = claims.level(room, open_lot, np.ones(claims.buyers.size, dtype=bool))
    amounts = claims.taken(level) if np.isfinite(level) else claims.most.copy()
    prices[open_lot] = max(prices[open_lot], 1 / level if level else 0.0)
    for lot in np.unique(claims.kept[claims.kept >= 0]).tolist():
        group = claims.kept == lot
        own = level
        if amounts[group].sum() < room[lot]:
            # The open cards are gone: what is left of its own cards a group shares by itself.
            own = claims.level(room, -1, group)
            amounts[group] = claims.taken(own)[group] if np.isfinite(own) else claims.most[group]
        prices[lot] = max(prices[lot], 1 / own if own else 0.0)
    totals = np.bincount(
        claims.kept[claims.kept >= 0], amounts[claims.kept >= 0], minlength=room.size
    )
    for buyer, lot, amount in zip(
        claims.buyers.tolist(), claims.kept.tolist(), amounts.tolist(), strict=True
    ):
        own_part = min(1.0, room[lot] / totals[lot]) if lot >= 0 and totals[lot] else 0.0
        for arc in range(int(market.starts[buyer]), int(market.starts[buyer + 1])):
            if market.pools[arc] == open_lot:
                shares[arc] = amount * (1 - own_part)
            elif market.pools[arc] == lot:
                shares[arc] = amount * own_part
