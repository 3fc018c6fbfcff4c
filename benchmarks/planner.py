"""How well the serving roofline predicts rows that were kept out of its fit.

    .venv/bin/python benchmarks/planner.py [--fit]

Rows of catalogue/workloads/serving.csv are marked FIT or HELD_OUT by a hash of their id, before
anything was fitted. --fit fits the constants to the FIT rows again (least absolute error of logs,
scipy) and prints them as families.csv has them. Error is |ln(model / measured)|; rows whose weights
fill more than 72 % of memory are left out, as plans warn there.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from math import log
from statistics import median

from evernormal.catalogue import library_catalogue
from evernormal.catalogue.throughput import RowUse, ServingRow
from evernormal.catalogue.workloads import library_workloads
from evernormal.domain.planning import DataType, ServingFamily, ServingJob, copy_on

GOAL = 0.10
BATCHES = (256, 512, 1_024, 2_048, 4_096)
STARTS = ((0.6, 0.7, 0.8), (0.8, 0.8, 0.9), (0.5, 0.9, 0.6))
FITTED = ("hopper", "ada", "ampere")


def main() -> None:
    """Predict, compare and print."""
    families = {one.id: one for one in library_workloads().basis.families}
    if "--fit" in sys.argv[1:]:
        for name in FITTED:
            _print_fit(families[name])
    every: list[float] = []
    for name in FITTED:
        for use in RowUse:
            errors = errors_of(families[name], use)
            tenth = sorted(errors)[int(0.9 * len(errors))]
            print(
                f"{name:8} {use.value:8} {len(errors):3} rows  median {median(errors):.3f}  "
                f"nine in ten {tenth:.3f}  most {max(errors):.3f}"
            )
            every += errors if use is RowUse.HELD_OUT else []
    print(f"planner_serving_heldout ratio={median_error(every):.3f} goal={GOAL:.2f}")


def heldout_errors() -> list[float]:
    """The errors on all rows that were kept out of the fit."""
    families = [one for one in library_workloads().basis.families if one.id in FITTED]
    return [error for one in families for error in errors_of(one, RowUse.HELD_OUT)]


def median_error(errors: Sequence[float]) -> float:
    """The middle one."""
    return median(errors)


def errors_of(family: ServingFamily, use: RowUse) -> list[float]:
    """|ln(model / measured)| of a family's rows of one use."""
    found = [_error(row, family) for row in library_workloads().rows if row.use is use]
    return [error for error in found if error is not None]


def _error(row: ServingRow, family: ServingFamily) -> float | None:
    """None for rows of other cards, and where weights fill too much."""
    workloads = library_workloads()
    if row.device not in family.device_classes or row.tokens_per_second is None:
        return None
    job = ServingJob(
        id=row.id,
        model=workloads.models[row.model],
        requests_per_second=1.0,
        tokens_in=row.tokens_in or 1,
        tokens_out=row.tokens_out or 1,
        hours=1,
        data_type=DataType.FP8 if row.size == 1 else DataType.FP16,
    )
    device = library_catalogue().get(row.device)
    copy = copy_on(job, device, family=family, cards=row.cards)
    limits = workloads.basis.memory
    if copy is None or copy.weights_share > limits.weights_tight:
        return None
    return abs(log(copy.tokens_per_second(copy.batch(limits.usable)) / row.tokens_per_second))


def _print_fit(family: ServingFamily) -> None:
    from scipy.optimize import minimize  # type: ignore[import-untyped]  # noqa: PLC0415 - only to fit

    def made(values: Sequence[float], batch_max: int) -> ServingFamily:
        compute, bandwidth, link = map(float, values)
        return replace(family, compute=compute, bandwidth=bandwidth, link=link, batch_max=batch_max)

    def missed(values: Sequence[float], batch_max: int) -> float:
        if min(values) <= 0 or max(values) > 1:
            return 1e9
        return sum(errors_of(made(values, batch_max), RowUse.FIT))

    tried = [
        (float(found.fun), tuple(round(float(one), 3) for one in found.x), batch_max)
        for batch_max in BATCHES
        for start in STARTS
        for found in [
            minimize(missed, start, (batch_max,), "Nelder-Mead", options={"maxiter": 200})
        ]
    ]
    total, values, batch_max = min(tried)
    print(f"{family.id}: compute, bandwidth, link {values}, batch_max {batch_max} ({total:.3f})")


if __name__ == "__main__":
    main()
