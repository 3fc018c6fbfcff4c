"""Rating over partitions of the lake: each a few files, rated alone, and the sums added up."""

from collections.abc import Sequence
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import Final

from evernormal.domain.market import Order, PriceList
from evernormal.domain.metering import DayUse
from evernormal.engines.partitions import Ints, ThisProcess, Workers, in_parts, sum_partitions
from evernormal.engines.partitions_ray import RayCluster
from evernormal.engines.rating import RatingPlan, card_seconds_of_files, plan_of, uses_of

FILES_AT_ONCE: Final = 8
"""Files of one partition: enough that a machine works for a second before it asks for more."""


def rate_partitions(
    paths: Sequence[Path],
    orders: Sequence[Order],
    *,
    prices: PriceList,
    zone: tzinfo,
    ray_address: str = "",
) -> tuple[DayUse, ...]:
    """The orders' use by local day and band, rated here or on a Ray cluster: the same either way.

    paths        as for `rate_files`; with a cluster, under the same names on all its machines
    orders       at least one
    ray_address  where the cluster is, "host:port" or "auto"; "" for this process
    returns      in order of orders, days and bands, each above nothing
    raises       SumTooLarge, WrongReading, RayMissing, ConnectionError
    """
    plan = plan_of(orders, prices=prices, zone=zone)
    if not ray_address:
        return uses_of(plan, sums_of(paths, plan, workers=ThisProcess()))
    with RayCluster(ray_address) as cluster:
        return uses_of(plan, sums_of(paths, plan, workers=cluster))


def sums_of(paths: Sequence[Path], plan: RatingPlan, *, workers: Workers) -> Ints:
    """The sums of a plan over files, by whoever works on them.

    returns  int64 [plan.size]
    raises   SumTooLarge, WrongReading
    """
    work = partial(card_seconds_of_files, plan=plan)
    parts = in_parts(paths, at_most=FILES_AT_ONCE)
    return sum_partitions(work, parts, workers=workers, shape=(plan.size,))
