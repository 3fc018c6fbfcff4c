"""A round of groups as a market: cleared by proportional fairness, or by Gavel's max-min."""

import numpy as np

from evernormal.engines.clearing.market import Market
from evernormal.engines.clearing.maxmin import clear_max_min
from evernormal.engines.clearing.proportional import clear_proportionally
from evernormal.simulator.rounds.groups import Groups
from evernormal.simulator.rounds.workload import Floats

GAP = 1e-3
ROUNDS_MAX = 2_000
FEN = 1e6
"""Fen of a weight of 1: so many that a group's part of it is no fraction of a fen."""
LEAST_PRICE = 1e-4
"""Posted price as a part of what all budgets would pay for a card were all sold: near nothing."""
LEVELS_MAX = 3
"""Levels of max-min; Gavel's policy has one, and gives out the rest for most throughput."""


def market_of_groups(groups: Groups, budgets: Floats) -> Market:
    """The market of a round: groups are buyers, device classes goods, and an hour is a card's time.

    A firm divides its budget among its groups by the cards that they ask for. A group wants no more
    work than all its gangs can do where they are fastest. The posted price is near nothing.
    """
    asked = np.bincount(groups.firm, groups.cards, minlength=budgets.size)
    even = FEN * float(budgets.sum() / groups.capacity.sum())
    owner, pool = np.nonzero(groups.speeds)
    return Market(
        starts=np.append(0, np.cumsum((groups.speeds > 0).sum(axis=1))).astype(np.int64),
        pools=pool.astype(np.int32),
        speeds=groups.speeds[owner, pool],
        budgets=FEN * budgets[groups.firm] * groups.cards / asked[groups.firm],
        own=np.zeros(groups.cards.size),
        caps=groups.cards * groups.speeds.max(axis=1),
        capacity=groups.capacity,
        reserve=np.full(groups.capacity.size, LEAST_PRICE * even),
    )


def share_proportionally(groups: Groups, budgets: Floats) -> Floats:
    """Cards of each class for each group, as a Fisher market gives them: float64 [g, c]."""
    cleared = clear_proportionally(
        market_of_groups(groups, budgets), gap=GAP, rounds_max=ROUNDS_MAX, threads=1
    )
    return _cards(groups, cleared.shares)


def share_max_min(groups: Groups, budgets: Floats) -> Floats:
    """Cards of each class for each group, the least throughput raised: float64 [g, c]."""
    market = market_of_groups(groups, budgets)
    return _cards(groups, clear_max_min(market, levels_max=LEVELS_MAX).shares)


def _cards(groups: Groups, shares: Floats) -> Floats:
    """Shares by arc as a table; cards beyond a group's gangs, on slow classes, are given back."""
    cards = np.zeros(groups.speeds.shape)
    cards[np.nonzero(groups.speeds)] = shares
    return np.asarray(cards / np.maximum(1.0, cards.sum(axis=1) / groups.cards)[:, None])
