"""Law 16: proportional clearing breaks no limit, and what it says of itself is true."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists, permutations, sampled_from, sets, tuples

from evernormal.domain.allocation import Arc, Pool, Request, Round
from evernormal.domain.values import Fen
from evernormal.engines.clearing import (
    Market,
    card_hours_of,
    clear_proportionally,
    market_of,
)
from tests.engines.clearing.markets import drawn, objective

pytestmark = pytest.mark.one_database

SEEDS = integers(0, 2**32)
FORMS = sets(sampled_from(["caps", "reserve", "own"])).map(sorted)
GAP, ROUNDS = 1e-6, 5_000


@given(seed=SEEDS, n=integers(1, 40), k=integers(1, 8), forms=FORMS)
def test_limits_hold_and_the_gap_is_reached(seed: int, n: int, k: int, forms: list[str]) -> None:
    market = drawn(seed, n=n, k=k, forms=forms)

    cleared = clear_proportionally(market, gap=GAP, rounds_max=ROUNDS)

    sold = np.bincount(market.pools, cleared.shares, k)
    money = market.budgets + market.own
    assert (cleared.shares >= 0).all()
    assert (sold <= market.capacity).all()
    assert (cleared.prices >= market.reserve).all()
    assert (cleared.work <= market.caps).all()
    assert (cleared.spent <= money * (1 + 1e-12)).all()
    assert (cleared.kept >= -1e-12 * money).all()
    assert -1e-12 <= cleared.gap <= GAP
    # What is given costs at posted prices no more than at the prices found.
    owner = np.repeat(np.arange(n), np.diff(market.starts))
    posted = np.bincount(owner, market.reserve[market.pools] * cleared.shares, n)
    assert (posted <= money * (1 + 1e-12)).all()


@given(seed=SEEDS, n=integers(1, 20), k=integers(1, 6), forms=FORMS)
def test_no_other_sharing_out_is_better_by_more_than_the_gap(
    seed: int, n: int, k: int, forms: list[str]
) -> None:
    market = drawn(seed, n=n, k=k, forms=forms)
    cleared = clear_proportionally(market, gap=GAP, rounds_max=ROUNDS)
    other = np.random.default_rng(seed).random(market.pools.size)
    owner = np.repeat(np.arange(n), np.diff(market.starts))
    full = market.capacity / np.maximum(np.bincount(market.pools, other, k), 1e-9)
    other *= full[market.pools]
    work = np.bincount(owner, market.speeds * other, n)
    other *= np.minimum(1, market.caps / np.maximum(work, 1e-9))[owner]

    room = GAP * float((market.budgets + market.own).sum()) + 1e-9
    for part in (other, (other + cleared.shares) / 2, 0.01 * other + 0.99 * cleared.shares):
        assert objective(market, part) <= objective(market, cleared.shares) + room


@given(seed=SEEDS, power=integers(-8, 8), forms=FORMS)
def test_money_is_a_unit_and_so_is_work(seed: int, power: int, forms: list[str]) -> None:
    """Powers of two, so that nothing is rounded: money scales prices; speeds change nothing."""
    market, factor = drawn(seed, forms=forms), 2.0**power
    dearer = replace(
        market,
        budgets=market.budgets * factor,
        own=market.own * factor,
        reserve=market.reserve * factor,
        worth=market.worth * factor,
    )
    finer = replace(
        market,
        speeds=market.speeds * factor,
        caps=market.caps * factor,
        worth=market.worth / factor,
    )

    plain, rich, fine = (
        clear_proportionally(each, gap=1e-9, rounds_max=ROUNDS) for each in (market, dearer, finer)
    )

    assert fine.prices == pytest.approx(plain.prices, rel=1e-12)
    assert fine.shares == pytest.approx(plain.shares, rel=1e-12)
    money = max(float((market.budgets + market.own).sum()), 1)
    worth = objective(market, plain.shares) - objective(market, rich.shares)
    assert abs(worth) <= 2e-9 * money + 1e-9


@given(seed=SEEDS, n=integers(2, 20), k=integers(1, 6))
def test_equal_budgets_envy_nobody(seed: int, n: int, k: int) -> None:
    """At any prices each takes its best for its money, so no other's cards serve it better."""
    market = drawn(seed, n=n, k=k, forms=())
    chance = np.random.default_rng(seed)
    market = Market(
        starts=np.arange(n + 1) * k,
        pools=np.tile(np.arange(k, dtype=np.int32), n),
        speeds=chance.random(n * k) + 0.1,
        budgets=np.full(n, 100.0),
        own=np.zeros(n),
        caps=np.full(n, np.inf),
        capacity=market.capacity,
        reserve=market.reserve,
    )

    shares = clear_proportionally(market, gap=1e-9, rounds_max=ROUNDS).shares.reshape(n, k)

    speeds = market.speeds.reshape(n, k)
    own = (speeds * shares).sum(axis=1)
    assert (speeds @ shares.T <= own[:, None] * (1 + 1e-3)).all()


REQUESTS = lists(
    tuples(
        sets(integers(0, 3), min_size=1), integers(1, 500), integers(0, 5_000), integers(0, 900)
    ),
    min_size=1,
    max_size=12,
)


@given(rows=REQUESTS, order=permutations(range(12)))
def test_the_order_of_a_round_changes_no_bit(
    rows: list[tuple[set[int], int, int, int]], order: list[int]
) -> None:
    requests = tuple(
        Request(
            f"R{number:02d}",
            f"firm-{number}",
            tuple(Arc(f"P{pool}", 1 + (pool * number) % 3, 1, 8) for pool in sorted(pools)),
            work,
            Fen(budget),
            Fen(own),
            group="sme" if number % 2 else "",
            number=number,
        )
        for number, (pools, work, budget, own) in enumerate(rows)
    )
    pools = tuple(Pool(f"P{i}", "P", "s", "c", 8, Fen(20 * i), {"sme": 2 * i}) for i in range(4))
    shuffled = tuple(
        replace(requests[i], arcs=requests[i].arcs[::-1]) for i in order if i < len(requests)
    )
    results = []
    for round_ in (Round("1", 24, pools, requests), Round("1", 24, pools[::-1], shuffled)):
        market = market_of(round_)
        cleared = clear_proportionally(market, gap=GAP, rounds_max=ROUNDS)
        results.append((card_hours_of(round_, market, cleared.shares), cleared.prices.tolist()))

    assert results[0] == results[1]
