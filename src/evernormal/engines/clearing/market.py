"""A clearing round as plain arrays: who can use which cards, how fast, and with what money."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evernormal.domain.allocation import Pool, Request, Round

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Floats = NDArray[np.float64]


def _one_fen_each() -> Floats:
    return np.empty(0)


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """n buyers (requests), k pools, m arcs; those of buyer i are from starts[i] to starts[i + 1].

    starts    int64 [n + 1], from 0 to m, never falling
    pools     int32 [m]: the arc's pool, no pool twice for one buyer
    speeds    float64 [m]: work per card-hour, > 0
    budgets   float64 [n]: fen of voucher, >= 0, worth nothing outside the market
    own       float64 [n]: fen of own money, >= 0, of which each is worth a fen outside; 0 is none
    caps      float64 [n]: the most work that it wants, > 0; inf is no limit
    capacity  float64 [k]: card-hours, >= 0
    reserve   float64 [k]: posted price in fen per card-hour, >= 0: nothing is sold for less, and
              card-hours are left over only at it
    worth     float64 [n]: fen that a unit of work is worth to a buyer with own money, > 0; left
              out, one fen
    """

    starts: Ints
    pools: Codes
    speeds: Floats
    budgets: Floats
    own: Floats
    caps: Floats
    capacity: Floats
    reserve: Floats
    worth: Floats = field(default_factory=_one_fen_each)

    def __post_init__(self) -> None:
        if not self.worth.size:
            object.__setattr__(self, "worth", np.ones(self.budgets.size))
        wrong = [name for name, is_right in self._rules().items() if not is_right]
        if wrong:
            raise ValueError(f"Not a market: {', '.join(wrong)}")

    def _rules(self) -> dict[str, bool]:
        n, m, k = self.budgets.size, self.pools.size, self.capacity.size
        is_whole = self.starts.shape == (n + 1,) and self.starts[0] == 0 and self.starts[-1] == m
        money = (self.budgets, self.own, self.capacity, self.reserve)
        positive = (self.speeds, self.worth)
        return {
            "starts": is_whole and bool((np.diff(self.starts) >= 0).all()),
            "pools": not m or bool(self.pools.min() >= 0 and self.pools.max() < k),
            "lengths": self.own.size == self.caps.size == self.worth.size == n
            and self.speeds.size == m
            and self.reserve.size == k,
            "amounts": all(np.isfinite(a).all() and (a >= 0).all() for a in money),
            "speeds or worth": all(np.isfinite(a).all() and (a > 0).all() for a in positive),
            "caps": bool((self.caps > 0).all()),
        }


@dataclass(frozen=True, slots=True)
class Lot:
    """The part of a pool that one group may use, or, with group "", that all may use."""

    pool: Pool
    group: str
    cards: int


def requests_of(round_: Round) -> tuple[Request, ...]:
    """The round's requests in the order of the market's buyers: by id."""
    return tuple(sorted(round_.requests, key=lambda request: request.id))


def lots_of(round_: Round) -> tuple[Lot, ...]:
    """The round's pools in the order of the market's pools: by id, each in lots by group."""
    lots = []
    for pool in sorted(round_.pools, key=lambda pool: pool.id):
        kept = sorted((group, cards) for group, cards in pool.reserved.items() if cards)
        lots.append(Lot(pool, "", pool.cards - sum(cards for _, cards in kept)))
        lots.extend(Lot(pool, group, cards) for group, cards in kept)
    return tuple(lots)


def market_of(round_: Round) -> Market:
    """The market of a clearing round, the same for any order of its requests, pools and arcs.

    A request reaches the open lot of each of its pools and the lot of its group. What it wants at
    most is its work, or what its cards can do between its first hour and its deadline; one that has
    no time for any work reaches nothing. A unit of
    work is worth to it what it offers for one, (budget + own) / work, and no less than it costs, at
    the posted price, at the dearest of the pools that it names: it would run there at that price.
    Source: docs/rules/clearing-proportional.md
    """
    requests, lots = requests_of(round_), lots_of(round_)
    places: dict[tuple[str, str], int] = {
        (lot.pool.id, lot.group): number for number, lot in enumerate(lots)
    }
    prices = {pool.id: pool.price.amount for pool in round_.pools}
    starts, pools, speeds, caps, worth = [0], [], [], [], []
    for request in requests:
        able = _most_work(request, round_.hours)
        reached = _reached(request, places) if able else []
        pools += [number for number, _ in reached]
        speeds += [speed for _, speed in reached]
        starts.append(len(pools))
        caps.append(able or 1.0)
        offered = (request.budget.amount + request.own.amount) / request.work
        dearest = max((prices[arc.pool_id] / arc.speed for arc in request.arcs), default=0.0)
        worth.append(max(offered, dearest) or 1.0)
    return Market(
        starts=np.array(starts, dtype=np.int64),
        pools=np.array(pools, dtype=np.int32),
        speeds=np.array(speeds, dtype=np.float64),
        budgets=np.array([request.budget.amount for request in requests], dtype=np.float64),
        own=np.array([request.own.amount for request in requests], dtype=np.float64),
        caps=np.array(caps, dtype=np.float64),
        capacity=np.array([lot.cards * round_.hours for lot in lots], dtype=np.float64),
        reserve=np.array([lot.pool.price.amount for lot in lots], dtype=np.float64),
        worth=np.array(worth, dtype=np.float64),
    )


def card_hours_of(
    round_: Round, market: Market, shares: Floats
) -> dict[str, dict[tuple[str, str], float]]:
    """What each request got, by its id and then by (pool id, group of the lot), in card-hours.

    market    `market_of(round_)`
    shares    float64 [m], card-hours per arc of that market
    """
    lots = lots_of(round_)
    names = [(lots[pool].pool.id, lots[pool].group) for pool in market.pools.tolist()]
    amounts, starts = shares.tolist(), market.starts.tolist()
    return {
        request.id: dict(
            zip(names[starts[i] : starts[i + 1]], amounts[starts[i] : starts[i + 1]], strict=True)
        )
        for i, request in enumerate(requests_of(round_))
    }


def _reached(request: Request, places: Mapping[tuple[str, str], int]) -> list[tuple[int, int]]:
    """The lots that a request can use, each with its speed there."""
    groups = ("", request.group) if request.group else ("",)
    return sorted(
        (places[arc.pool_id, group], arc.speed)
        for arc in request.arcs
        for group in groups
        if (arc.pool_id, group) in places
    )


def _most_work(request: Request, hours: int) -> float:
    """Work that is of use to a request and that it has cards and time for; 0 where it has none."""
    ends = hours if request.deadline is None else min(hours, request.deadline)
    able = sum(arc.speed * arc.cards_max for arc in request.arcs) * (ends - request.earliest)
    return float(max(0, min(request.work, able)))
