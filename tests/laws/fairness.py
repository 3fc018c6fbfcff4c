"""How the promises of a clearing mechanism are measured, on its shares before whole gangs."""

from dataclasses import replace

import highspy
import numpy as np
from numpy.typing import NDArray

from evernormal.domain.allocation import Mechanism, Pool, Request, Round
from evernormal.domain.values import Fen
from evernormal.engines.clearing import Market
from evernormal.engines.clearing.market import requests_of
from evernormal.engines.clearing.mechanisms import market_for, share
from evernormal.engines.clearing.solver import quiet_solver

Floats = NDArray[np.float64]

GAP = 1e-9
"""Shares are solved far beyond what the law allows, so that a slip is a slip of the mechanism."""


def shares_of(round_: Round, mechanism: Mechanism) -> tuple[Market, Floats]:
    """A round's market, and the card-hours of each arc."""
    market = market_for(round_, mechanism)
    return market, share(round_, market, mechanism, gap=GAP).shares


def owners_of(market: Market) -> NDArray[np.int64]:
    return np.repeat(np.arange(market.budgets.size), np.diff(market.starts))


def gain_by_id(round_: Round, mechanism: Mechanism) -> dict[str, float]:
    """What each request gains, in units of its work: work, and own money that it keeps.

    Where a unit of work costs just what it is worth, buying it and keeping the money are the same.
    """
    market = market_for(round_, mechanism)
    sharing = share(round_, market, mechanism, gap=GAP)
    owners, n = owners_of(market), market.budgets.size
    gain = np.bincount(owners, sharing.shares * market.speeds, n).astype(np.float64)
    if mechanism.spends_own_money:
        spent = np.bincount(owners, sharing.shares * sharing.prices[market.pools], n)
        kept = market.own - np.clip(spent - market.budgets, 0.0, market.own)
        gain = gain + kept / market.worth
    return dict(zip((one.id for one in requests_of(round_)), gain.tolist(), strict=True))


def work_by_id(round_: Round, mechanism: Mechanism) -> dict[str, float]:
    """Work that each request gets from its shares."""
    market, shares = shares_of(round_, mechanism)
    work = np.bincount(owners_of(market), shares * market.speeds, market.budgets.size)
    return dict(zip((one.id for one in requests_of(round_)), work.tolist(), strict=True))


def envy(round_: Round, mechanism: Mechanism) -> float:
    """The most that someone's work would grow with the cards of another of its kind.

    Its kind: the same group, an equal budget.
    returns  as a part of the most work that it wants; 0 or less: nobody envies
    """
    market, shares = shares_of(round_, mechanism)
    held = np.zeros((market.budgets.size, market.capacity.size))
    held[owners_of(market), market.pools] = shares
    worst = 0.0
    requests = requests_of(round_)
    for i, one in enumerate(requests):
        arcs = slice(int(market.starts[i]), int(market.starts[i + 1]))
        value = held[:, market.pools[arcs]] @ market.speeds[arcs]
        for j, other in enumerate(requests):
            if (other.budget, other.group) == (one.budget, one.group):
                gain = min(float(value[j]), float(market.caps[i])) - float(value[i])
                worst = max(worst, gain / float(market.caps[i]))
    return worst


def improvement(round_: Round, mechanism: Mechanism) -> float:
    """The most that work can grow, all together, with nobody getting less or paying more.

    returns  the sum of the growth of each request, as a part of the most work that it wants
    """
    market, shares = shares_of(round_, mechanism)
    owners, n = owners_of(market), market.budgets.size
    work = np.bincount(owners, shares * market.speeds, n)
    paid = np.bincount(owners, shares * market.reserve[market.pools], n)
    has_claim = (market.budgets + market.own > 0)[owners]
    solver = quiet_solver()
    solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
    if not market.pools.size:
        return 0.0
    for arc in range(market.pools.size):
        solver.addVar(0.0, highspy.kHighsInf if has_claim[arc] else 0.0)
        solver.changeColCost(arc, float(market.speeds[arc] / market.caps[owners[arc]]))
    for pool in range(market.capacity.size):
        at = np.flatnonzero(market.pools == pool).astype(np.int32)
        solver.addRow(
            -highspy.kHighsInf, float(market.capacity[pool]), at.size, at, np.ones(at.size)
        )
    for i in range(n):
        at = np.arange(market.starts[i], market.starts[i + 1]).astype(np.int32)
        scale = float(market.caps[i])
        least, most = float(work[i]) / scale * (1 - 1e-9), 1.0
        solver.addRow(min(least, most), most, at.size, at, market.speeds[at] / scale)
        prices = market.reserve[market.pools[at]]
        money = max(float(paid[i]), 1.0)
        solver.addRow(-highspy.kHighsInf, float(paid[i]) / money, at.size, at, prices / money)
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(solver.getInfo().objective_function_value) - float((work / market.caps).sum())


def with_cards(round_: Round, pool: Pool, more: int) -> Round:
    """The round with open cards added to a pool."""
    pools = tuple(
        replace(one, cards=one.cards + more) if one.id == pool.id else one for one in round_.pools
    )
    return replace(round_, pools=pools)


def doubled(request: Request) -> Request:
    """A request that can be split in half."""
    arcs = tuple(replace(arc, cards_max=2 * arc.cards_max) for arc in request.arcs)
    budget, own = Fen(2 * request.budget.amount), Fen(2 * request.own.amount)
    return replace(request, arcs=arcs, work=2 * request.work, budget=budget, own=own)


def with_one(round_: Round, *requests: Request) -> Round:
    """The round with one request replaced, by id, or by its halves."""
    ids = {request.id.removesuffix("-b") for request in requests}
    others = (one for one in round_.requests if one.id not in ids)
    return replace(round_, requests=(*others, *requests))


def halves(request: Request) -> tuple[Request, Request]:
    """A request and its twin, of the same applicant, right behind it in the order of arrival."""
    return request, replace(request, id=f"{request.id}-b", number=request.number + 1_000)
