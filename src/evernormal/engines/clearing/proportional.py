"""Proportional clearing: the prices at which vouchers, spent as well as can be, just fill cards.

The theory, with proofs, is in docs/rules/clearing-proportional.md. In short: the dual of the convex
programme is a function of the pools' prices alone, a few hundred numbers whatever the number of
requests. It has kinks where a request changes its pool; they are rounded off with a "heat", so that
Newton's method works, and the heat is lowered until the certificate is as asked. Requests are many
and prices few, so the first prices come from every 64th and every 8th request.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from typing import Final

import numpy as np

from evernormal.engines.clearing.certificate import certified_gap
from evernormal.engines.clearing.market import Floats, Market
from evernormal.engines.clearing.proportional_search import BLOCKS, Search, floor_of

POOLS_MAX: Final = 2_000
"""Newton's matrix is pools x pools: beyond this it takes longer than the requests."""
BELOW: Final = 1 - 1e-6
"""The search aims a little lower, for the certificate adds up in another order."""
NEGLIGIBLE: Final = 1_000
"""Prices of so many times the least one are tried as 0."""
ARCS_ALONE: Final = 20_000
"""A market of fewer arcs is done sooner than threads are started."""


@dataclass(frozen=True, slots=True, eq=False)
class Clearing:
    """Who gets what at which prices.

    shares    float64 [m], card-hours per arc
    prices    float64 [k], fen per card-hour: the shadow prices, none below the posted price
    spent     float64 [n], fen at these prices, at most budget + own
    work      float64 [n], at most the cap
    kept      float64 [n], fen of own money not spent; the voucher goes first
    gap       certified: the most that the objective can be below the best, per fen of all money
    rounds    passes over the buyers, or over a sample of them
    proof     float64 [k]: prices from which the gap is computed. They are `prices`, or better ones
              for the proof, at which somebody would spend a little more than all its money; both
              meet as the gap goes to 0, like its root
    """

    shares: Floats
    prices: Floats
    spent: Floats
    work: Floats
    kept: Floats
    gap: float
    rounds: int
    proof: Floats


def clear_proportionally(
    market: Market, *, gap: float, rounds_max: int, threads: int | None = None
) -> Clearing:
    """Share scarce cards in proportion to budgets, to a certified gap.

    gap         what to reach, > 0; the result's own says what was reached
    rounds_max  passes after which to stop all the same
    threads     how many to use; any number gives the same bits. None: what the machine has
    returns     shares within capacity, caps and money; a buyer without an arc gets nothing
    raises      ValueError where a market has more than POOLS_MAX pools
    source      docs/rules/clearing-proportional.md
    """
    if market.capacity.size > POOLS_MAX:
        raise ValueError(f"{market.capacity.size} pools; at most {POOLS_MAX} clear in one market")
    wanted = min(BLOCKS, threads or cpu_count() or 1)
    with ThreadPoolExecutor(wanted if market.pools.size > ARCS_ALONE else 1) as team:
        search = Search(market, team)
        prices, proof = search.run(gap * BELOW, rounds_max)
    tidy, tidy_proof = _tidy(market, prices), _tidy(market, proof)
    found = [_clearing(market, search, tidy, tidy_proof)]
    if found[0].gap > gap:
        found.append(_clearing(market, search, prices, proof))
    return min(found, key=lambda clearing: clearing.gap)


def _clearing(market: Market, search: Search, prices: Floats, proof: Floats) -> Clearing:
    n, shares = market.budgets.size, search.shares
    owner = np.repeat(np.arange(n), np.diff(market.starts))
    spent: Floats = np.bincount(owner, prices[market.pools] * shares, n).astype(np.float64)
    work: Floats = np.bincount(owner, market.speeds * shares, n).astype(np.float64)
    return Clearing(
        shares=shares,
        prices=prices,
        spent=spent,
        work=work,
        kept=market.own - np.clip(spent - market.budgets, 0, market.own),
        gap=certified_gap(market, prices=proof, shares=shares),
        rounds=search.rounds,
        proof=proof,
    )


def _tidy(market: Market, prices: Floats) -> Floats:
    """The prices with 0 for what is as good as 0, and with bids for what has no card."""
    is_free = (prices < NEGLIGIBLE * floor_of(market)) & (market.reserve == 0)
    tidy = np.where(is_free, 0.0, prices)
    return np.where(market.capacity > 0, tidy, _bids(market, tidy))


def _bids(market: Market, prices: Floats) -> Floats:
    """What somebody would pay for a first card at each pool: the price of one that has none."""
    bids = market.reserve.copy()
    if (market.capacity > 0).all():
        return bids
    owner = np.repeat(np.arange(market.budgets.size), np.diff(market.starts))
    real = market.capacity[market.pools] > 0
    cheapest = np.full(market.budgets.size, np.inf)
    np.minimum.at(cheapest, owner[real], (prices[market.pools] / market.speeds)[real])
    offers = np.where(np.isfinite(cheapest[owner]), cheapest[owner] * market.speeds, 0.0)
    np.maximum.at(bids, market.pools, offers)
    return bids
