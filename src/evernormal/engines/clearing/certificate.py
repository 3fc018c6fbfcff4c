"""The certificate of a proportional clearing: how far it can be from the best, by weak duality.

Plain NumPy on the market, the prices and the shares alone: it knows nothing of how they were found.
The programme and its dual: docs/rules/clearing-proportional.md.
"""

from typing import Final

import numpy as np

from evernormal.engines.clearing.market import Floats, Ints, Market

ROUNDING: Final = 1e-9
"""How far a sum may be past a limit, as a part of it, by rounding alone."""


def certified_gap(market: Market, *, prices: Floats, shares: Floats) -> float:
    """An upper bound on what is missing to the best clearing, per fen of all money in the market.

    prices   float64 [k], fen per card-hour, none below the reserve price
    shares   float64 [m], card-hours per arc, within capacity and caps
    returns  (dual - primal) / money, about 0 at the optimum; inf where someone who could be served
             has nothing, or a price is 0 that somebody without a cap would pay
    raises   ValueError where prices or shares break a limit, for then the bound means nothing
    """
    owner: Ints = np.repeat(np.arange(market.budgets.size), np.diff(market.starts)).astype(np.int64)
    values = market.speeds * market.worth[owner]
    sold = np.bincount(market.pools, shares, market.capacity.size)
    work = np.bincount(owner, values * shares, market.budgets.size)
    caps = market.caps * market.worth
    broken = {
        "a share below 0": shares.min(initial=0.0) < 0,
        "more than the capacity": (sold > market.capacity * (1 + ROUNDING)).any(),
        "more than a cap": (work > caps * (1 + ROUNDING)).any(),
        "a price below the reserve": (prices < market.reserve * (1 - ROUNDING)).any(),
    }
    if any(broken.values()):
        raise ValueError(
            f"No clearing: {', '.join(name for name, is_so in broken.items() if is_so)}"
        )
    price, buys = _cheapest(market, owner, prices, values)
    budgets, own, work, price = market.budgets[buys], market.own[buys], work[buys], price[buys]
    if ((price == 0) & np.isinf(caps[buys])).any():
        return float("inf")
    with np.errstate(divide="ignore", over="ignore"):
        best = np.minimum(caps[buys], np.where(price < 1, budgets + own, budgets) / price)
        primal = gain(budgets, own, work).sum()
        dual = (gain(budgets, own, best) - price * best).sum()
    primal += (market.reserve * np.maximum(market.capacity - sold, 0)).sum()
    dual += (market.capacity * prices).sum()
    money = (budgets + own).sum()
    return float((dual - primal) / money) if money else 0.0


def gain(budgets: Floats, own: Floats, work: Floats) -> Floats:
    """What each buyer's work, in fen's worth, counts for in the programme: concave and smooth.

    B log U up to U = B; then U, fen for fen, up to U = B + O; then (B + O) log U.
    """
    money = budgets + own
    at_budget = budgets * np.log(np.where(budgets > 0, budgets, 1))
    with np.errstate(divide="ignore"):
        low = budgets * np.log(np.where(budgets > 0, work, 1))
        high = at_budget + own + money * np.log(np.maximum(work, money) / money)
    middle = at_budget + work - budgets
    return np.where(work < budgets, low, np.where(work <= money, middle, high))


def _cheapest(market: Market, owner: Ints, prices: Floats, values: Floats) -> tuple[Floats, Floats]:
    """What a fen's worth of work costs each buyer at least, and who can buy at all."""
    real = market.capacity[market.pools] > 0
    cost = np.full(market.budgets.size, np.inf)
    np.minimum.at(cost, owner[real], (prices[market.pools] / values)[real])
    return cost, (market.budgets + market.own > 0) & np.isfinite(cost)
