"""How fast scarce cards are shared out in proportion, and how near to the best.

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/clearing.py [rounds]

Every figure ends with a line `name ratio=... goal=...`, from one run. 200 pools, about 16 pools a
request, seeded (clearing_markets.py).

convex     against CVXPY and Clarabel on the same market: how far the objective is from its
           (relative to all money; 0.001 over it), and how much faster the engine is than the solver
           alone, without the time in which CVXPY builds the model
seconds    100,000 requests at a certified gap of 1e-3 and 1e-4: what is allowed over what it took,
           plain, with caps and posted prices, with own money too, and with requests that all want
           the same cards; the median of the rounds, and with it the processor time and how busy
           others kept the machine, for it counts in full
growth     time per arc at 100,000 requests over that at 1,000,000
plan       the whole-card plan (clearing_plan.py)
"""

import os
import resource
import sys
import time
from statistics import median

import clearing_plan
from clearing_convex import objective, optimum
from clearing_markets import market

from evernormal.engines.clearing import Clearing, Market, clear_proportionally

ROUNDS_MAX = 2_000
SIZES = (1_000, 10_000)
GOALS = ((1e-3, 0.5), (1e-4, 1.5))
FORMS = {
    "plain": {},
    "capped": {"is_capped": True},
    "own": {"is_capped": True, "has_own": True},
    "alike": {"is_capped": True, "alike": True},
}
NEAR, FASTER, LINEAR = 1e-3, 50, 0.8


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    clear_proportionally(market(2_000), gap=1e-3, rounds_max=ROUNDS_MAX)  # compiles
    lines = [*_convex(), *_seconds(rounds)]
    del sys.argv[1:]  # that program takes another option
    clearing_plan.main()
    print("\n".join(lines))


def _convex() -> list[str]:
    worst, faster = 0.0, 0.0
    for size in SIZES:
        made = market(size)
        best, seconds = optimum(made)
        ours = [_timed(made, NEAR) for _ in range(5)]
        took, cleared = median(run[0] for run in ours), ours[0][2]
        away = abs(best - objective(made, cleared.shares)) / made.budgets.sum()
        worst, faster = max(worst, away), seconds / took
        print(
            f"{size} requests: Clarabel {seconds:.2f} s, engine {took:.3f} s, {faster:.0f} times "
            f"faster; objectives {away:.1e} apart, certified {cleared.gap:.1e}"
        )
    return [
        f"clearing_objective_gap ratio={NEAR / worst:.2f} goal=1.00",
        f"clearing_over_convex ratio={faster:.0f} goal={FASTER}",
    ]


def _seconds(rounds: int) -> list[str]:
    lines, walls = [], []
    for name, form in FORMS.items():
        made = market(100_000, **form)
        arrays = (made.starts, made.pools, made.speeds, made.budgets, made.own, made.caps)
        megabytes = sum(array.nbytes for array in arrays) / 1e6
        print(f"{name}: 100,000 requests, {made.pools.size} arcs, {megabytes:.0f} MB of arrays")
        for gap, allowed in GOALS:
            before, started = _busy(), time.perf_counter()
            runs = [_timed(made, gap) for _ in range(rounds)]
            own = sum(cpu for _, cpu, _ in runs)
            others = (_busy() - before - own) / (time.perf_counter() - started)
            wall, cleared = median(run[0] for run in runs), runs[0][2]
            print(
                f"  gap {gap:.0e}: {wall:.3f} s ({min(run[0] for run in runs):.3f} at best), "
                f"{own / rounds:.3f} s of processor, certified {cleared.gap:.1e}, {cleared.rounds} "
                f"rounds; others used {max(others, 0):.1f} of {os.cpu_count()} processors"
            )
            lines.append(f"clearing_{name}_{gap:.0e} ratio={allowed / wall:.2f} goal=1.00")
            if name == "capped":
                walls.append((made, gap, wall))
    made, gap, wall = walls[-1]
    large = market(1_000_000, **FORMS["capped"])
    took, cpu, cleared = _timed(large, gap)
    small = _timed(made, gap)[1] / made.pools.size
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"1,000,000 requests, {large.pools.size} arcs, gap {gap:.0e}: {took:.2f} s, certified "
        f"{cleared.gap:.1e}, {cleared.rounds} rounds; {cpu / large.pools.size * 1e9:.0f} ns of "
        f"processor an arc, {small * 1e9:.0f} at 100,000; peak {peak:.1f} GB with the generator's"
    )
    return [*lines, f"clearing_growth ratio={small * large.pools.size / cpu:.2f} goal={LINEAR}"]


def _timed(made: Market, gap: float) -> tuple[float, float, Clearing]:
    """Seconds, seconds of processor, and the clearing."""
    started, used = time.perf_counter(), time.process_time()
    cleared = clear_proportionally(made, gap=gap, rounds_max=ROUNDS_MAX)
    return time.perf_counter() - started, time.process_time() - used, cleared


def _busy() -> float:
    """Seconds that the machine's processors were busy, all together."""
    with open("/proc/stat", encoding="ascii") as lines:  # noqa: PTH123 - a file of the system
        user, nice, system, _, _, *rest = map(int, lines.readline().split()[1:9])
    return (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
