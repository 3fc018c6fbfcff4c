"""How well scarce cards are shared out over time: policies replayed on real traces.

    .venv/bin/python benchmarks/allocation_quality.py [--full] [--plot FILE] [TRACE ...]

The same jobs on the same cards under first-come, Slurm's backfill, dominant resource fairness,
Gavel's max-min, and ours: proportional fairness with vouchers as budgets in rolling rounds. Every
schedule is swept for cards held twice, gangs broken, early starts and lost work before it counts.
What the figures mean: docs/explanation/allocation-quality.md.
"""

import sys
import time
from collections.abc import Callable, Sequence

from allocation_plot import plot
from allocation_traces import (
    TRACES,
    Trace,
    fleet_of,
    load_of,
    read_alibaba,
    read_helios,
    read_philly,
)

from evernormal.simulator.rounds.backfill import Backfill
from evernormal.simulator.rounds.quality import Quality, quality_of
from evernormal.simulator.rounds.queueing import DominantShare, Fifo
from evernormal.simulator.rounds.replay import Policy, replay
from evernormal.simulator.rounds.schedule import faults_of
from evernormal.simulator.rounds.sharing import max_min, proportional

READERS = {"philly": read_philly, "helios": read_helios, "alibaba": read_alibaba}
LOADS = (1.2, 0.8)
HALF_LIFE_SECONDS = 24 * 3_600
OURS = "PROPORTIONAL"
# Figure, field, and whether more is better.
FIGURES = (
    ("throughput", "throughput", True),
    ("wait_mean", "wait_mean", False),
    ("wait_p95", "wait_p95", False),
    ("slowdown", "slowdown", False),
    ("jain", "jain", True),
    ("utilisation", "utilisation", True),
)
SMALL = 1e-2  # an hour's hundredth beside which waits are no longer told apart
POLICIES: tuple[Callable[[], Policy], ...] = (
    Fifo,
    Backfill,
    DominantShare,
    max_min,
    lambda: proportional(half_life_seconds=HALF_LIFE_SECONDS),
)
HEAD = (
    "policy        work/h  possible  wait h    p95 h  slowdown  stay h   jain   envy   used  "
    "stops   s"
)


def main() -> None:
    """Replay, measure and print."""
    words = sys.argv[1:]
    picture = words[words.index("--plot") + 1] if "--plot" in words else ""
    names = [name for name in READERS if name in words] or list(READERS)
    if not TRACES.exists():
        sys.exit("skipped: the shared traces are not on this machine")
    results: dict[tuple[str, float], dict[str, Quality]] = {}
    for name in names:
        trace = READERS[name](is_full="--full" in words)
        for load in LOADS:
            results[name, load] = _scenario(trace, load)
    if picture:
        plot(results, picture)
    for (name, load), found in results.items():
        _figures(f"quality_{name}_{round(load * 100)}", found)


def _scenario(trace: Trace, load: float) -> dict[str, Quality]:
    """Replay every policy on one trace at one load."""
    fleet, workload = fleet_of(trace, load=load)
    print(
        f"\n{trace.name} at load {load_of(workload, fleet, trace.horizon):.2f}: "
        f"{workload.size} jobs ({trace.workload.size - workload.size} fit no pool), "
        f"{fleet.cards.sum()} cards, {trace.horizon / 86_400:.1f} days, {trace.note}\n{HEAD}"
    )
    found = {}
    for make in POLICIES:
        policy = make()
        started = time.perf_counter()
        schedule = replay(workload, fleet, policy)
        seconds = time.perf_counter() - started
        faults = faults_of(schedule, workload, fleet)
        if faults:
            sys.exit(f"{policy.name} breaks a law: {'; '.join(faults)}")
        quality = quality_of(schedule, workload, fleet, horizon=trace.horizon)
        found[policy.name] = quality
        print(_row(policy.name, quality, seconds))
    return found


def _row(name: str, q: Quality, seconds: float) -> str:
    return (
        f"{name:12} {q.throughput:7.1f}  {q.of_possible:8.3f} "
        f"{q.wait_mean:7.2f}  {q.wait_p95:7.2f}  "
        f"{q.slowdown:8.1f} {q.stay_mean:7.2f}  {q.jain:5.3f} {q.envy:6.2f}  {q.utilisation:5.3f}  "
        f"{q.stops:5} {seconds:3.0f}"
    )


def _figures(prefix: str, found: dict[str, Quality]) -> None:
    """Ours beside the best of the others, so that 1 is as good and more is better."""
    for figure, field, is_more in FIGURES:
        ours = float(getattr(found[OURS], field))
        rest = [float(getattr(q, field)) for name, q in found.items() if name != OURS]
        ratio = ours / max(rest) if is_more else (_least(rest) + SMALL) / (ours + SMALL)
        print(f"{prefix}_{figure} ratio={ratio:.2f} goal=1.0")
    rest = [q.envy for name, q in found.items() if name != OURS]
    print(f"{prefix}_envy ratio={(1 + min(rest)) / (1 + found[OURS].envy):.2f} goal=1.0")


def _least(numbers: Sequence[float]) -> float:
    return min(numbers)


if __name__ == "__main__":
    main()
