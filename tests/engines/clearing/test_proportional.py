"""Proportional clearing: published markets, a solver of another kind, and the certificate."""

import math
from dataclasses import replace

import numpy as np
import pytest

from evernormal.domain.allocation import Arc, Pool, Request, Round
from evernormal.domain.values import Fen
from evernormal.engines.clearing import (
    Market,
    card_hours_of,
    certified_gap,
    clear_proportionally,
    lots_of,
    market_of,
)
from evernormal.engines.clearing.proportional import POOLS_MAX
from evernormal.engines.clearing.proportional_arithmetic import exp_of, log_of
from evernormal.engines.clearing.proportional_kernels import solve
from tests.engines.clearing.markets import drawn, objective, optimum, two_pools

EXACT = 1e-10


@pytest.mark.parametrize(
    ("budgets", "reserve", "prices", "shares"),
    [
        ((60, 40), (0, 0), (4, 3), (0, 20, 10, 0)),
        ((60, 50), (0, 0), (5, 3), (0, 20, 10, 0)),
        ((60, 80), (0, 0), (7, 3.5), (0, 120 / 7, 10, 20 / 7)),
        ((60, 40), (0, 3.5), (4, 3.5), (0, 120 / 7, 10, 0)),
    ],
    ids=["plain", "a voucher of 10", "a voucher of 40", "a posted price"],
)
def test_the_two_chip_market_clears_at_its_known_prices(
    budgets: tuple[float, float],
    reserve: tuple[float, float],
    prices: tuple[float, float],
    shares: tuple[float, ...],
) -> None:
    cleared = clear_proportionally(
        two_pools(budgets, reserve=reserve), gap=EXACT, rounds_max=10_000
    )

    assert cleared.prices == pytest.approx(prices, abs=1e-4)
    assert cleared.shares == pytest.approx(shares, abs=1e-4)
    assert cleared.spent == pytest.approx(budgets, abs=1e-5)
    assert cleared.gap <= EXACT


def test_own_money_is_spent_only_where_a_fen_buys_work_worth_a_fen() -> None:
    # Prices are 4 and 3 without own money. Buyer 1 pays 3 / 0.9 = 3.33 a unit of work.
    market = two_pools(own=(30, 0))
    dear = clear_proportionally(
        replace(market, worth=np.array([3.0, 1])), gap=EXACT, rounds_max=9999
    )
    between = clear_proportionally(
        replace(market, worth=np.array([4.0, 1])), gap=EXACT, rounds_max=9999
    )
    cheap = clear_proportionally(
        replace(market, worth=np.array([9.0, 1])), gap=EXACT, rounds_max=9999
    )

    assert dear.kept == pytest.approx([30, 0], abs=1e-4)
    assert between.prices == pytest.approx([4, 3.6], abs=1e-4)  # 4 * 0.9: a fen's worth for a fen
    assert between.kept == pytest.approx([18, 0], abs=1e-3)
    assert cheap.kept == pytest.approx([0, 0], abs=1e-4)
    assert cheap.prices @ market.capacity == pytest.approx(130, abs=1e-4)


def test_a_capped_request_pays_for_what_it_wants_and_leaves_the_rest() -> None:
    cleared = clear_proportionally(two_pools(caps=(9, np.inf)), gap=EXACT, rounds_max=9999)

    # Buyer 1 needs 10 of the 20 hours of B, so buyer 2 takes all that is left: 0.5 / 1 in value.
    assert cleared.work == pytest.approx([9, 15], abs=1e-5)
    assert cleared.spent[0] < 60
    assert cleared.prices[0] == pytest.approx(2 * cleared.prices[1], rel=1e-4)


def test_where_all_want_little_cards_are_free() -> None:
    market = two_pools(caps=(10, 5))
    cleared = clear_proportionally(market, gap=1e-9, rounds_max=9999)

    assert cleared.prices.tolist() == [0, 0]
    assert cleared.work == pytest.approx([10, 5], rel=1e-6)
    assert cleared.gap <= 1e-9


@pytest.mark.parametrize("forms", [(), ("caps",), ("reserve",), ("caps", "reserve", "own")])
@pytest.mark.parametrize("seed", range(4))
def test_the_optimum_is_that_of_an_interior_point_solver(seed: int, forms: tuple[str, ...]) -> None:
    market = drawn(seed, forms=forms)
    best, prices, _ = optimum(market)
    money = float((market.budgets + market.own).sum())

    cleared = clear_proportionally(market, gap=1e-9, rounds_max=9999)

    assert cleared.gap <= 1e-9
    assert objective(market, cleared.shares) == pytest.approx(best, abs=1e-6 * money)
    # Prices are unique where all of a pool is sold to someone who is not capped.
    sold = np.bincount(market.pools, cleared.shares, market.capacity.size)
    owner = np.repeat(np.arange(market.budgets.size), np.diff(market.starts))
    open_end = (cleared.work < market.caps * 0.99)[owner] & (cleared.shares > 0.01)
    firm = np.isin(np.arange(sold.size), market.pools[open_end])
    assert cleared.prices[firm] == pytest.approx(prices[firm], rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(("seed", "n", "k"), [(389, 4, 8), (5188, 6, 6), (423, 2, 6)])
def test_markets_of_nearly_free_cards_are_cleared_too(seed: int, n: int, k: int) -> None:
    """Prices fall to nothing while who goes where must still be found: these were once lost."""
    market = drawn(seed, n=n, k=k, forms=["caps"])

    assert clear_proportionally(market, gap=1e-6, rounds_max=5_000).gap <= 1e-6


def test_requests_without_arc_money_or_cards_get_nothing() -> None:
    market = Market(
        starts=np.array([0, 0, 1, 2, 3]),
        pools=np.array([0, 0, 1], dtype=np.int32),
        speeds=np.ones(3),
        budgets=np.array([50.0, 0, 30, 70]),
        own=np.zeros(4),
        caps=np.full(4, np.inf),
        capacity=np.array([10.0, 0]),
        reserve=np.array([0, 2.0]),
    )
    cleared = clear_proportionally(market, gap=EXACT, rounds_max=9999)

    assert cleared.shares == pytest.approx([0, 10, 0])
    assert cleared.prices == pytest.approx([3, 2])
    assert cleared.gap <= EXACT


def test_an_empty_market_is_cleared() -> None:
    none = np.zeros(0)
    market = Market(np.zeros(1, np.int64), none.astype(np.int32), *[none] * 6)

    cleared = clear_proportionally(market, gap=EXACT, rounds_max=10)

    assert (cleared.gap, cleared.shares.size) == (0, 0)


def test_any_number_of_threads_gives_the_same_bits() -> None:
    market = drawn(5, n=4_000, k=20)
    one, two, five = (
        clear_proportionally(market, gap=1e-5, rounds_max=9999, threads=threads)
        for threads in (1, 2, 5)
    )

    assert one.shares.tobytes() == two.shares.tobytes() == five.shares.tobytes()
    assert one.prices.tobytes() == two.prices.tobytes() == five.prices.tobytes()
    assert one.gap == two.gap == five.gap <= 1e-5


def test_stopping_early_still_gives_a_clearing_with_its_true_gap() -> None:
    market = drawn(5, n=400, k=10)
    early = clear_proportionally(market, gap=1e-9, rounds_max=3)
    late = clear_proportionally(market, gap=1e-9, rounds_max=9999)

    assert early.gap > 1e-9 >= late.gap
    money = float((market.budgets + market.own).sum())
    worse = objective(market, late.shares) - objective(market, early.shares)
    assert -1e-9 <= worse / money <= early.gap


def test_the_certificate_refuses_what_breaks_a_limit() -> None:
    market = two_pools(reserve=(1, 1), caps=(30, 30))
    right, prices = np.array([0, 20.0, 10, 0]), np.array([4.0, 3])
    assert certified_gap(market, prices=prices, shares=right) == pytest.approx(0, abs=1e-12)

    for shares, at, wrong in [
        (right - 1, prices, "below 0"),
        (right * 1.1, prices, "capacity"),
        (right, prices / 5, "reserve"),
    ]:
        with pytest.raises(ValueError, match=wrong):
            certified_gap(market, prices=at, shares=shares)
    with pytest.raises(ValueError, match="a cap"):
        certified_gap(two_pools(caps=(10, 10)), prices=prices, shares=right)
    assert certified_gap(two_pools(), prices=np.zeros(2), shares=right) == math.inf
    assert certified_gap(two_pools(), prices=prices, shares=right / [1, 1, 2, 1]) > 0.1


def test_a_market_of_wrong_arrays_is_refused() -> None:
    market = two_pools()

    for change in (
        {"starts": np.array([0, 3, 2])},
        {"pools": np.array([0, 1, 0, 2], dtype=np.int32)},
        {"speeds": np.array([1.0, 1, 0, 1])},
        {"budgets": np.array([1.0, -1])},
        {"caps": np.array([1.0, 0])},
        {"own": np.zeros(3)},
    ):
        with pytest.raises(ValueError, match="Not a market"):
            replace(market, **change)
    wide = replace(market, capacity=np.ones(POOLS_MAX + 1), reserve=np.zeros(POOLS_MAX + 1))
    with pytest.raises(ValueError, match="pools"):
        clear_proportionally(wide, gap=1e-3, rounds_max=1)


def test_exp_and_log_are_those_of_the_library() -> None:
    numbers = np.concatenate([np.linspace(-199, 199, 999), np.linspace(-0.02, 0.02, 99)])

    assert [exp_of(x) for x in numbers] == pytest.approx(np.exp(numbers), rel=1e-12)
    assert [log_of(x) for x in np.exp(numbers)] == pytest.approx(numbers, rel=1e-14, abs=1e-15)
    assert exp_of(1e9) == exp_of(200.0)


def test_the_system_solver_solves_and_says_when_it_cannot() -> None:
    matrix = np.array([[4.0, 2, 0], [2, 5, 1], [0, 1, 3]])
    right = matrix @ [1.0, 2, 3]

    assert solve(matrix.copy(), right)
    assert right == pytest.approx([1, 2, 3])
    assert not solve(np.array([[1.0, 2], [2, 1]]), np.ones(2))


def test_a_round_becomes_a_market_of_lots_and_comes_back() -> None:
    round_ = _round()
    market = market_of(round_)

    assert [(lot.pool.id, lot.group, lot.cards) for lot in lots_of(round_)] == [
        ("A", "", 6),
        ("A", "sme", 2),
        ("B", "", 4),
    ]
    assert market.starts.tolist() == [0, 3, 4, 4]
    assert market.pools.tolist() == [0, 1, 2, 0]
    assert market.speeds.tolist() == [5, 5, 2, 5]
    assert market.capacity.tolist() == [60, 20, 40]
    assert market.reserve.tolist() == [100, 100, 30]
    assert market.caps.tolist() == [100, 80, 1]  # 5 * 4 cards * 4 hours; and no time at all
    assert market.worth.tolist() == [20, 20, 20]  # 100 / 5, the dearest pool, over 1,000 / 100
    cleared = card_hours_of(round_, market, np.array([1.0, 2, 3, 4]))
    assert cleared == {
        "R1": {("A", ""): 1, ("A", "sme"): 2, ("B", ""): 3},
        "R2": {("A", ""): 4},
        "R3": {},
    }


def test_a_round_in_another_order_is_the_same_market() -> None:
    round_ = _round()
    other = Round(round_.id, round_.hours, round_.pools[::-1], round_.requests[::-1])

    first, second = market_of(round_), market_of(other)

    for name in Market.__slots__:
        assert getattr(first, name).tobytes() == getattr(second, name).tobytes()


def _round() -> Round:
    pools = (
        Pool("B", "P2", "south", "H20", 4, Fen(30)),
        Pool("A", "P1", "north", "910B", 8, Fen(100), {"sme": 2, "none": 0}),
    )
    a, b = Arc("A", 5, 1, 4), Arc("B", 2, 2, 4)
    return Round(
        "round-1",
        10,
        pools,
        (
            Request("R3", "firm-3", (a,), 100, Fen(1_000), number=3, earliest=5, deadline=5),
            Request("R1", "firm-1", (b, a), 100, Fen(1_000), group="sme", number=1),
            Request("R2", "firm-2", (a,), 100, Fen(1_000), number=2, earliest=6),
        ),
    )
