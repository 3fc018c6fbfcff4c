"""A clearing round by any mechanism: shares, whole gangs, and hours on the calendar."""

from dataclasses import replace
from fractions import Fraction
from typing import assert_never

import numpy as np

from evernormal.domain.allocation import Mechanism, Outcome, Round, clear_in_turn, give_remainder
from evernormal.domain.allocation.calendar_plan import place_plan
from evernormal.engines.clearing.market import Floats, Market, lots_of, market_of
from evernormal.engines.clearing.sharing import Sharing

GAP = 1e-4
"""Part of all money that proportional shares may be short of the best objective."""
ROUNDS_MAX = 10_000
PARTS_OF_FEN = 1_000
"""Prices are kept in thousandths of a fen: finer ones are the solver's, not the market's."""


def clear(round_: Round, mechanism: Mechanism) -> Outcome:
    """Clear a round: who gets which cards in which hours.

    returns  grants that keep to every limit, the same for any order of the input; prices and gap
             where the mechanism shares first. The gap is of the whole plan: what cutting to whole
             gangs may have lost, before hours were found for it
    raises   DrawWithoutSeed
    source   docs/rules/clearing.md
    """
    if mechanism.is_sequential:
        return clear_in_turn(round_, mechanism)
    from evernormal.engines.clearing.plan import plan_gangs  # noqa: PLC0415 - compiled code

    market = market_for(round_, mechanism)
    shared = share(round_, market, mechanism)
    plan = plan_gangs(round_, market, shared.shares, shared.prices, mechanism=mechanism)
    placed = place_plan(round_, plan.blocks)
    gap = Fraction(round(plan.gap * 1_000_000), 1_000_000)
    planned = Outcome(
        round_.id, mechanism, placed.grants, prices=_by_pool(round_, shared.prices), gap=gap
    )
    return give_remainder(round_, planned)


def market_for(round_: Round, mechanism: Mechanism) -> Market:
    """The market of a round as a mechanism sees it: own money only where that buys."""
    market = market_of(round_)
    if mechanism.spends_own_money:
        return market
    return replace(market, own=np.zeros_like(market.own))


def share(round_: Round, market: Market, mechanism: Mechanism, *, gap: float = GAP) -> Sharing:
    """Share a round's card-hours by a mechanism that shares.

    market   `market_for(round_, mechanism)`
    gap      what proportional shares have to reach; the others are exact but for float rounding
    raises   ValueError for a mechanism with turns
    source   docs/rules/clearing.md
    """
    match mechanism:
        case Mechanism.PROPORTIONAL | Mechanism.PROPORTIONAL_WITH_OWN_MONEY:
            from evernormal.engines.clearing.proportional import (  # noqa: PLC0415 - compiled code
                clear_proportionally,
            )

            cleared = clear_proportionally(market, gap=gap, rounds_max=ROUNDS_MAX)
            return Sharing(cleared.shares, cleared.prices, cleared.gap)
        case Mechanism.MAX_MIN:
            from evernormal.engines.clearing.maxmin import clear_max_min  # noqa: PLC0415 - a solver

            return clear_max_min(market)
        case Mechanism.DRF:
            from evernormal.engines.clearing.drf import clear_dominant  # noqa: PLC0415 - as others

            return clear_dominant(round_, market)
        case Mechanism.RANKED | Mechanism.FIRST_COME | Mechanism.LOTTERY:
            raise ValueError(f"{mechanism.value} has turns: it does not share")
        case _:
            assert_never(mechanism)


def _by_pool(round_: Round, prices: Floats) -> dict[str, Fraction]:
    """The price of each pool: of its open cards; if it has none, of its dearest reserved ones."""
    found: dict[str, Fraction] = {}
    is_open: dict[str, bool] = {}
    for lot, price in zip(lots_of(round_), prices.tolist(), strict=True):
        posted = Fraction(lot.pool.price.amount)
        exact = max(posted, Fraction(round(price * PARTS_OF_FEN), PARTS_OF_FEN))
        if not lot.group:
            found[lot.pool.id], is_open[lot.pool.id] = exact, lot.cards > 0
        elif not is_open[lot.pool.id]:
            found[lot.pool.id] = max(found[lot.pool.id], exact)
    return found
