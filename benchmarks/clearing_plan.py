"""How much whole gangs lose beside the best plan there is, and how long planning takes.

    .venv/bin/python benchmarks/clearing_plan.py [seconds for HiGHS]

plan     evernormal.engines.clearing.plan.plan_gangs, from proportional shares
bound    the dual bound that HiGHS proves for the same round as a mixed-integer programme
placed   domain.allocation.place_plan puts the plan on the pools' calendars

`clearing_integer_gap` is the plan's value over the bound, at 200 and 1,000 requests: the lower.
`clearing_price_bound` is the same over the bound from prices alone, at 10,000 and 100,000.
Rounds are made up: gangs of 1 to 64 cards, up to six pools a request, some with a deadline, one
pool in four with reserved cards; about twice as much is asked for as there is.
"""

import sys
import time

import numpy as np

from evernormal.domain.allocation import Arc, Pool, Request, Round, place_plan
from evernormal.domain.values import Fen
from evernormal.engines.clearing.bound import highs_bound
from evernormal.engines.clearing.market import market_of
from evernormal.engines.clearing.plan import plan_gangs, seats_of_shares
from evernormal.engines.clearing.proportional import clear_proportionally

HOURS = 168
GANGS = np.array([1, 2, 4, 8, 16, 64])
WEIGHTS = np.array([0.15, 0.1, 0.15, 0.45, 0.1, 0.05])
IN_GROUP, HURRIED = 0.3, 0.2
GOAL, GOAL_PRICES, GOAL_PLACED, GOAL_SECONDS = 0.98, 0.95, 0.9, 10.0
PROVED, LARGE = (200, 1_000), (10_000, 100_000)


def main() -> None:
    """Measure and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    _measure(made_round(50, seed=1), seconds=None)  # compiles what is not yet in numba's cache
    proved = [_measure(made_round(n, seed=n), seconds=seconds) for n in PROVED]
    large = [_measure(made_round(n, seed=n), seconds=None) for n in LARGE]
    placed = [figures[1] for figures in (*proved, *large)]
    print(f"clearing_plan_seconds ratio={GOAL_SECONDS / large[-1][2]:.2f} goal=1.00")
    print(f"clearing_price_bound ratio={min(f[0] for f in large):.4f} goal={GOAL_PRICES}")
    print(f"clearing_placed ratio={min(placed):.4f} goal={GOAL_PLACED}")
    print(f"clearing_integer_gap ratio={min(f[0] for f in proved):.4f} goal={GOAL}")


def _measure(round_: Round, *, seconds: float | None) -> tuple[float, float, float]:
    """Value over bound, card-hours placed over planned, and seconds of planning."""
    market = market_of(round_)
    clearing = clear_proportionally(market, gap=1e-3, rounds_max=2_000)
    started = time.perf_counter()
    plan = plan_gangs(round_, market, clearing.shares, clearing.prices)
    planned = time.perf_counter() - started
    bound, kind = plan.bound, "prices"
    if seconds is not None:
        seats = seats_of_shares(round_, market, clearing.shares, clearing.prices)
        proof = highs_bound(seats, seconds=seconds)
        bound = min(bound, proof.bound)
        kind = f"HiGHS{' optimum' if proof.is_optimal else ''}, found {proof.found / bound:.4f}"
    started = time.perf_counter()
    placements = place_plan(round_, plan.blocks)
    placing = time.perf_counter() - started
    asked = sum(block.card_hours for block in plan.blocks)
    placed = sum(grant.card_hours for grant in placements.grants) / asked
    free = sum(pool.cards for pool in round_.pools) * HOURS
    print(
        f"{len(round_.requests)} requests, {len(round_.pools)} pools: plan {planned:.2f} s, "
        f"value / bound {plan.value / bound:.4f} ({kind}; prices {plan.value / plan.bound:.4f}); "
        f"{len(plan.blocks)} blocks, {asked / free:.3f} of all card-hours; "
        f"placed {placed:.4f} in {placing:.2f} s, {len(placements.unplaced)} not wholly",
        flush=True,
    )
    return plan.value / bound, placed, planned


def made_round(requests: int, *, seed: int) -> Round:
    """A made-up round with one pool for every 100 requests, at least 6 and at most 200."""
    chance = np.random.default_rng(seed)
    count = int(np.clip(requests // 100, 6, 200))
    speeds = chance.integers(50, 200, count)
    load = chance.integers(1, 3, requests) * chance.lognormal(0, 0.8, requests)
    cards = max(requests * 6 // count, 128) // 64 * 64
    pools = []
    for number in range(count):
        reserved = {"sme": cards // 4} if number % 4 == 0 else {}
        price = Fen(int(speeds[number]) * 4)
        pools.append(Pool(f"P{number:03d}", "P", "S", "C", cards, price, reserved))
    asked = []
    for number in range(requests):
        gang = int(chance.choice(GANGS, p=WEIGHTS))
        picked = chance.choice(count, int(chance.integers(1, 7)), replace=False)
        most = gang * int(chance.choice([1, 2, 4, 8]))
        arcs = tuple(
            Arc(f"P{p:03d}", int(speeds[p] * chance.uniform(0.7, 1.3)) + 1, gang, min(most, cards))
            for p in picked.tolist()
        )
        ends = int(chance.integers(HOURS // 3, HOURS))
        budget = int(load[number] * gang * HOURS * 100 * 4) + 1_000
        asked.append(
            Request(
                f"R{number:06d}",
                f"A{number}",
                arcs,
                work=int(load[number] * gang * HOURS * 100 * chance.uniform(0.5, 2)) + 100,
                budget=Fen(budget),
                group="sme" if chance.random() < IN_GROUP else "",
                number=number,
                deadline=ends if chance.random() < HURRIED else None,
            )
        )
    return Round("BENCH", HOURS, tuple(pools), tuple(asked))


if __name__ == "__main__":
    main()
