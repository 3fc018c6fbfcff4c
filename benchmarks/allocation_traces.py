"""Traces as jobs of firms for a replay, and fleets of a size that gives a stated load.

What is in a trace and what is assumed is said with each reader and, for readers of the figures, in
docs/explanation/allocation-quality.md. Randomness is a seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evernormal.simulator.rounds.fluid import mean_capacity
from evernormal.simulator.rounds.workload import FULL_SPEED, Fleet, Workload, can_run, rows_of

TRACES = Path(__file__).parents[2] / "shared" / "data" / "traces"
SEED = 2026
DAY = 86_400
WEEK = 7 * DAY
CUT_SECONDS = 5 * DAY
OVERESTIMATES = (1.1, 4.0)
"""A user's limit is its duration times a number drawn between these, evenly in logarithm."""
GAVEL = ("v100", "p100", "k80")
Ints = NDArray[np.int64]

# Pools of the Philly and Helios replays, an assumption: hundredths of all cards.
SITES = (
    ("V100", "north", 20),
    ("V100", "west", 12),
    ("P100", "north", 16),
    ("P100", "south", 16),
    ("K80", "west", 18),
    ("K80", "south", 18),
)
# Speeds beside the V100 that Gavel's table does not have: assumptions, and marked as such.
ASSUMED = {"T4": 0.55, "A10": 1.1, "G2": 1.0, "G3": 1.3}


@dataclass(frozen=True, slots=True)
class Trace:
    """Jobs of a trace, the horizon of its window, and how its fleet is made of so many cards."""

    name: str
    workload: Workload
    horizon: int
    classes: tuple[tuple[str, str, float], ...]  # class, site, part of all cards
    speeds: NDArray[np.int64]  # [kinds, pools]
    note: str


def fleet_of(trace: Trace, *, load: float) -> tuple[Fleet, Workload]:
    """A fleet on which the work that comes in the window is `load` of what it can do, and its jobs.

    Jobs whose gang fits no pool are left out before the fleet is sized. Cards are found by
    halving: the load is of whole cards.
    """
    lowest, highest = 1, 1 << 20
    while highest - lowest > 1:
        middle = (lowest + highest) // 2
        fleet, workload = _sized(trace, middle)
        if _asked(workload, trace.horizon) > load * mean_capacity(workload, fleet) * trace.horizon:
            lowest = middle
        else:
            highest = middle
    return _sized(trace, highest)


def load_of(workload: Workload, fleet: Fleet, horizon: int) -> float:
    """Work asked for that could be done by the horizon on reference cards, over the capacity."""
    return _asked(workload, horizon) / (mean_capacity(workload, fleet) * horizon)


def _asked(workload: Workload, horizon: int) -> float:
    time = np.minimum(workload.work / FULL_SPEED, horizon - workload.arrives)
    return float((time * workload.gang).sum())


def _sized(trace: Trace, cards: int) -> tuple[Fleet, Workload]:
    names = tuple(f"{name}@{site}" for name, site, _ in trace.classes)
    classes = tuple(name for name, _, _ in trace.classes)
    count = np.array([max(1, round(part * cards)) for _, _, part in trace.classes])
    fleet = Fleet(names, classes, count.astype(np.int64), trace.speeds)
    runs = np.flatnonzero(can_run(trace.workload, fleet).any(axis=1))
    return fleet, rows_of(trace.workload, runs)


def read_philly(*, is_full: bool) -> Trace:
    """Philly: one job a row, as recorded; a virtual cluster is a firm, all with equal vouchers.

    Taken from the trace: submit time, duration, GPUs, virtual cluster. Assumed: a duration is that
    on a V100; a model of Gavel's table drawn by seed, evenly.
    Window: the week from 2017-10-12; with --full all weeks.
    """
    rows = pl.read_csv(TRACES / "philly" / "philly_jobs.csv.gz").drop_nulls()
    at = pl.col("timestamp").str.to_datetime().dt.epoch("s").alias("at")
    rows = rows.with_columns(at).sort("at", "cluster", "duration", "num_gpus")
    begins = int(pl.Series(["2017-10-12"]).str.to_datetime().dt.epoch("s")[0])
    if is_full:
        begins = int(rows["at"][0])
    horizon = int(rows["at"][-1]) - begins + 1 if is_full else WEEK
    rows = rows.filter(pl.col("at").is_between(begins, begins + horizon, closed="left"))
    firms, firm = np.unique(rows["cluster"].to_numpy(), return_inverse=True)
    frame = _Jobs(
        arrives=rows["at"].to_numpy() - begins,
        gang=rows["num_gpus"].to_numpy(),
        seconds=rows["duration"].to_numpy(),
        firm=firm,
    )
    kinds, speeds = gavel_speeds()
    kind = np.random.default_rng(SEED).integers(0, kinds, rows.height)
    workload = _workload(frame, kind, np.ones(firms.size))
    parts = tuple((name, site, part / 100) for name, site, part in SITES)
    return Trace("philly", workload, horizon, parts, speeds, f"{firms.size} virtual clusters")


def read_helios(*, is_full: bool) -> Trace:
    """Helios: gang jobs made out of the GPUs and jobs in use by minute, see `jobs_of_minutes`.

    A virtual cluster is a firm, its voucher in proportion to the GPUs that it owns. Waits of the
    recorded cluster are not in it: a job arrives when it was seen to run. Window: the week from
    2020-05-11; with --full the month.
    """
    path = TRACES / "helios-earth" / "earth_vc_minute_sequence.parquet"
    rows = pl.read_parquet(path).with_columns(pl.col("vc").cast(pl.String)).sort("vc", "time")
    made, weights = [], []
    chance = np.random.default_rng(SEED)
    for firm, ((_,), part) in enumerate(rows.group_by("vc", maintain_order=True)):
        weights.append(float(part["total_gpu_num"].max() or 1))
        large, gpu_jobs = part["running_job_num_noless_8"], part["running_gpujob_num"]
        for gpus, jobs in (
            (part["running_gpu_num_noless_8"], large),
            (part["running_gpu_num_less_8"], (gpu_jobs - large).clip(0)),
        ):
            found = jobs_of_minutes(gpus.to_numpy(), jobs.to_numpy(), chance)
            made.append(np.column_stack((found, np.full(len(found), firm))))
    table = np.concatenate(made)
    begins, horizon = (0, 31 * DAY) if is_full else (10 * DAY, WEEK)
    start = table[:, 0] * 60 - begins
    table = table[(start >= 0) & (start < horizon)]
    table = table[np.lexsort(table.T[::-1])]
    frame = _Jobs(
        arrives=table[:, 0] * 60 - begins,
        gang=table[:, 2],
        seconds=(table[:, 1] * 60).astype(np.float64),
        firm=table[:, 3],
    )
    kinds, speeds = gavel_speeds()
    workload = _workload(frame, chance.integers(0, kinds, len(table)), np.array(weights))
    parts = tuple((name, site, part / 100) for name, site, part in SITES)
    return Trace("helios", workload, horizon, parts, speeds, "gangs made from the minute series")


def jobs_of_minutes(gpus: Ints, jobs: Ints, chance: np.random.Generator) -> Ints:
    """Gang jobs whose GPUs in use add up, minute for minute, to a recorded series.

    gpus, jobs   by minute: GPUs in use, and jobs that use them
    returns      int64 [jobs made, 3]: first minute, minutes, gang

    Where the GPUs rise, jobs begin: as many as the count of jobs rises by, at least one, the rise
    divided among them as evenly as whole GPUs allow. Where they fall, jobs drawn by seed from those
    that fit into the fall end; when none fits, the smallest ends and what it had too much of
    goes on as a new job. What begins and ends within one minute, or is replaced by the like,
    cannot be seen. At the end of the series every job ends.
    """
    made: list[tuple[int, int, int]] = []
    running: list[tuple[int, int]] = []  # gang, first minute
    before, known = 0, 0
    changes = np.flatnonzero(np.diff(gpus, prepend=0))
    for minute in changes.tolist():
        rise = int(gpus[minute]) - before
        if rise > 0:
            count = min(rise, max(1, int(jobs[minute]) - known))
            running += [((rise + part) // count, minute) for part in range(count)]
        while rise < 0:
            fitting = [place for place, (gang, _) in enumerate(running) if gang <= -rise]
            if fitting:
                gang, first = running.pop(fitting[int(chance.integers(len(fitting)))])
            else:
                gang, first = running.pop(running.index(min(running)))
                running.append((gang + rise, minute))
            made.append((first, minute - first, gang))
            rise += gang
            rise = min(rise, 0)
        before, known = int(gpus[minute]), int(jobs[minute])
    made += [(first, gpus.size - first, gang) for gang, first in running]
    return np.array(made, dtype=np.int64).reshape(-1, 3)


def read_alibaba(*, is_full: bool) -> Trace:
    """Alibaba openb: pods with GPUs of the list with the production share of pinned pods.

    Taken from the trace: creation time, time from being scheduled to deletion, GPUs, models
    allowed, and the fleet's shares of models. A pod that shares a card counts as a whole one. The
    trace names no tenants: pods are dealt to 12 firms by seed, the n-th with a part in proportion
    to 1 / n. Window: the last 35 days, in which nine pods in ten come, with time between arrivals
    divided by 10, as the pods use few cards at once; --full divides by 1.
    """
    folder = TRACES / "alibaba-gpu-v2023"
    rows = pl.read_csv(folder / "openb_pod_list_gpuspec33.csv.gz").filter(pl.col("num_gpu") > 0)
    began = pl.col("scheduled_time").fill_null(pl.col("creation_time"))
    rows = rows.with_columns(seconds=(pl.col("deletion_time") - began).cast(pl.Float64))
    begins = 115 * DAY
    rows = rows.filter(pl.col("creation_time") >= begins).sort("creation_time", "name")
    pace = 1 if is_full else 10
    arrives = (rows["creation_time"].to_numpy() - begins) // pace
    chance = np.random.default_rng(SEED)
    part = 1 / np.arange(1, 13)
    firm = chance.choice(12, rows.height, p=part / part.sum())
    nodes = pl.read_csv(folder / "openb_node_list_all_node.csv.gz").filter(pl.col("gpu") > 0)
    cards = dict(nodes.group_by("model").agg(pl.col("gpu").sum()).sort("model").iter_rows())
    whole = sum(cards.values())
    parts = [(name, "east", n / whole) for name, n in sorted(cards.items()) if n > whole // 1000]
    speeds, kind = _alibaba_kinds([name for name, _, _ in parts], rows["gpu_spec"].to_list())
    frame = _Jobs(arrives, rows["num_gpu"].to_numpy(), rows["seconds"].to_numpy(), firm)
    return Trace(
        name="alibaba",
        workload=_workload(frame, kind, np.ones(12)),
        horizon=int(arrives[-1]) + 1,
        classes=tuple(parts),
        speeds=speeds,
        note=f"arrivals {pace} times as fast; firms dealt by seed",
    )


def _alibaba_kinds(classes: Sequence[str], specs: Sequence[str | None]) -> tuple[Ints, Ints]:
    """Speeds of each kind, a model of Gavel's with a set of classes allowed; and the pods' kinds.

    A pod pinned to classes that the fleet lacks altogether keeps no speed and is left out later.
    """
    _, gavel = gavel_speeds(columns=("v100", "p100"))
    like = {"V100M16": 0, "V100M32": 0, "P100": 1}
    allowed = sorted({spec or "" for spec in specs})
    rows = []
    for spec in allowed:
        for model in gavel:
            row = [
                int(model[like[name]] if name in like else model[0] * ASSUMED[name])
                if not spec or name in spec.split("|")
                else 0
                for name in classes
            ]
            rows.append(row)
    models = np.random.default_rng(SEED + 1).integers(0, len(gavel), len(specs))
    number = {spec: place for place, spec in enumerate(allowed)}
    kind = np.array([number[spec or ""] for spec in specs]) * len(gavel) + models
    return np.array(rows, dtype=np.int64), kind


def gavel_speeds(columns: Sequence[str] = ()) -> tuple[int, Ints]:
    """Gavel's 26 models, one card each, beside their own speed on a V100: thousandths.

    Without columns there is one for each pool of SITES.
    """
    table = pl.read_csv(TRACES / "gavel" / "throughput_isolated.csv")
    one = table.filter(pl.col("scale_factor") == 1)
    wide = one.pivot(on="device", index="job_type", values="steps_per_s").sort("job_type")
    names = columns or [name.lower() for name, _, _ in SITES]
    ratios = [
        np.rint((wide[name] / wide["v100"]).to_numpy() * FULL_SPEED).astype(np.int64)
        for name in names
    ]
    return wide.height, np.column_stack(ratios)


@dataclass(frozen=True, slots=True)
class _Jobs:
    """Columns of a trace, in order of arrival; seconds are those of the record."""

    arrives: Ints
    gang: Ints
    seconds: NDArray[np.float64]
    firm: Ints


def _workload(jobs: _Jobs, kind: Ints, weights: NDArray[np.float64]) -> Workload:
    """Durations cut at CUT_SECONDS, at least one second, with the limits of their users."""
    seconds = np.clip(jobs.seconds, 1, CUT_SECONDS)
    low, high = np.log(OVERESTIMATES)
    over = np.exp(np.random.default_rng(SEED + 2).uniform(low, high, seconds.size))
    columns = (jobs.arrives, jobs.gang, seconds * FULL_SPEED, seconds * FULL_SPEED * over)
    arrives, gang, work, limit = (np.asarray(column).astype(np.int64) for column in columns)
    return Workload(
        arrives=arrives,
        gang=gang,
        work=work,
        limit=np.maximum(limit, work),
        firm=np.asarray(jobs.firm).astype(np.int64),
        kind=np.asarray(kind).astype(np.int64),
        weights=weights,
    )
