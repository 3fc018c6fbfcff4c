"""A month of readings rated in one process, and the same files on a Ray cluster: to the same fen.

    python benchmarks/usage_ray.py FOLDER rows [--orders N] [--ray HOST:PORT]

Files that are missing in FOLDER are made, by number, by two processes: 10 to 15 bytes a reading, so
have 15 GB free for a billion, and remove the folder afterwards. Then all are rated here, and with
--ray on the cluster as well. Printed are seconds, the hash of all cells and the fen that they come
to; cells that differ end the run with a failure.

A cluster of two nodes on one machine, as root, with an environment that has requirements-ray.txt:

    benchmarks/ray_cluster.sh start .venv-ray/bin 1
    benchmarks/ray_cluster.sh exec .venv-ray/bin/python benchmarks/usage_ray.py
        /tmp/month 1000000000 --ray 10.77.0.1:6390
    benchmarks/ray_cluster.sh stop
"""

import argparse
import hashlib
import multiprocessing
import os
import time
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import django
import polars as pl

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "evernormal.settings")
django.setup()

from usage_generator import UsagePlan, write_partition  # noqa: E402 - Django comes first
from usage_meter import load  # noqa: E402
from usage_programme import ProgrammePlan  # noqa: E402

from evernormal.actions.desk import Desk  # noqa: E402
from evernormal.domain.metering import DayUse, charges_due, total_of  # noqa: E402
from evernormal.engines.partitions import ThisProcess, Workers  # noqa: E402
from evernormal.engines.partitions_rating import sums_of  # noqa: E402
from evernormal.engines.partitions_ray import RayCluster  # noqa: E402
from evernormal.engines.rating import plan_of, uses_of  # noqa: E402
from evernormal.engines.rating.files import COLUMNS  # noqa: E402

PARTITION = 1_000_000


def made(plan: UsagePlan, folder: Path) -> list[Path]:
    """All partitions' files; those that are not there are made."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [folder / f"part-{number:05}.parquet" for number in range(plan.partitions)]
    missing = [number for number, path in enumerate(names) if not path.exists()]
    started = time.perf_counter()
    if missing:
        context = multiprocessing.get_context("spawn")  # Polars has threads: no fork
        with context.Pool(2) as pool:
            pool.map(partial(_make, plan, folder), missing, chunksize=8)
    size = sum(path.stat().st_size for path in names)
    took = time.perf_counter() - started
    print(f"files={len(names)} made={len(missing)} seconds={took:.1f} gigabytes={size / 1e9:.2f}")
    return names


def _make(plan: UsagePlan, folder: Path, number: int) -> None:
    """Write a partition beside its name first: what a stop leaves behind is made again."""
    fresh = folder / f"fresh-{number:05}"
    fresh.mkdir(exist_ok=True)
    write_partition(plan, number, fresh).rename(folder / f"part-{number:05}.parquet")
    fresh.rmdir()


def rated(desk: Desk, paths: Sequence[Path], workers: Workers) -> tuple[tuple[DayUse, ...], float]:
    """All orders' use by day and band, and the seconds that took."""
    started = time.perf_counter()
    plan = plan_of(desk.year.orders, prices=desk.prices, zone=desk.zone)
    uses = uses_of(plan, sums_of(paths, plan, workers=workers))
    return uses, time.perf_counter() - started


def read_bare(paths: Sequence[Path]) -> float:
    """Seconds in which Polars reads and sums the same columns here."""
    texts = ["contract_id", "device_class", "cluster"]
    numbers = [name for name in COLUMNS if name not in texts]
    started = time.perf_counter()
    pl.scan_parquet(list(paths), glob=False).select(
        pl.col(numbers).cast(pl.Int64).sum(), pl.col(texts).str.len_bytes().sum()
    ).collect(engine="streaming")
    return time.perf_counter() - started


def cells_sha256(uses: Sequence[DayUse]) -> str:
    """One hash over every cell."""
    lines = (f"{u.order_id},{u.day},{u.band},{u.used.count}\n" for u in uses)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def fen_of(desk: Desk, uses: Sequence[DayUse]) -> int:
    """What all cells cost, each rounded once, in fen."""
    by_order: dict[str, list[DayUse]] = defaultdict(list)
    for use in uses:
        by_order[use.order_id].append(use)
    return sum(
        total_of(charges_due(order, by_order[order.id], prices=desk.prices, charged={})).amount
        for order in desk.year.orders
    )


def tell(name: str, desk: Desk, found: tuple[tuple[DayUse, ...], float], rows: int) -> str:
    """Print what a way gave; returns its hash."""
    uses, seconds = found
    digest = cells_sha256(uses)
    print(
        f"{name} seconds={seconds:.1f} readings_per_second={rows / seconds:,.0f} "
        f"cells={len(uses)} cells_sha256={digest[:16]} fen={fen_of(desk, uses)}",
        flush=True,
    )
    return digest


def main() -> None:
    """Make, rate here, rate there, compare."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("rows", type=int)
    parser.add_argument("--orders", type=int, default=1_000)
    parser.add_argument("--ray", default="", metavar="ADDRESS")
    asked = parser.parse_args()
    plan = UsagePlan(asked.rows, min(PARTITION, asked.rows), asked.orders)
    paths = made(plan, asked.folder.absolute())
    desk = ProgrammePlan("ray", plan).desk()
    rated(desk, paths[:1], ThisProcess())  # the kernel is compiled or read now
    print(f"load={load()}")
    limit = read_bare(paths)
    print(f"limit seconds={limit:.1f} readings_per_second={asked.rows / limit:,.0f}")
    here = rated(desk, paths, ThisProcess())
    digest = tell("one_process", desk, here, asked.rows)
    ratios = [f"one_process_over_limit ratio={limit / here[1]:.3f} goal=0.5"]
    if asked.ray:
        with RayCluster(asked.ray) as cluster:
            print(f"nodes={cluster.nodes} load={load()}")
            there = rated(desk, paths, cluster)
        if tell("ray", desk, there, asked.rows) != digest:
            raise SystemExit("Ray gave other cells than the one process.")
        ratios.append("ray_same_cells_and_fen ratio=1 goal=1")
        ratios.append(f"ray_over_one_process ratio={here[1] / there[1]:.3f} goal=0.5")
    print("\n".join(ratios))


if __name__ == "__main__":
    main()
