"""Readings of the lake's Parquet files summed as they are read."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import tzinfo
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from evernormal.domain.market import Order, PriceList
from evernormal.domain.metering import DayUse
from evernormal.engines.rating.kernels import Codes, Ints, group_rows
from evernormal.engines.rating.plan import Names, RatingPlan, plan_of, uses_of
from evernormal.engines.rating.sums import Adder, Readings
from evernormal.engines.rating.views import numbers_of

COLUMNS: Final = (
    "contract_id",
    "device_class",
    "cluster",
    "starts_at",
    "ends_at",
    "cards",
    "weight",
)
"""What rating reads of a file, as store/usage_lake.py writes it."""

CELLS_MAX: Final = 1 << 25
"""Cells of one pass over the files, 256 MB: 30,000 orders of a year cut in three a day."""


def rate_files(
    paths: Sequence[Path],
    orders: Sequence[Order],
    *,
    prices: PriceList,
    zone: tzinfo,
    cells_max: int = CELLS_MAX,
) -> Iterator[DayUse]:
    """Give orders' use by local day and band, from files of readings.

    paths    Parquet files with COLUMNS; each row counts by its weight, so all files that ever
             spoke of a reading must be among them
    orders   each with the period that is to be charged
    cells_max  about as many cells, of 8 bytes, as are to be in memory at once
    returns  by order, day and band, each above nothing: what `use_by_day` gives of the readings.
             The orders come in blocks, one pass over the files each, so that memory is bounded
    raises   SumTooLarge, WrongReading
    """
    for block in _blocks(orders, prices, cells_max):
        plan = plan_of(block, prices=prices, zone=zone)
        yield from uses_of(plan, card_seconds_of_files(paths, plan))


def card_seconds_of_files(paths: Sequence[Path], plan: RatingPlan) -> Ints:
    """The sums of a plan over files of readings.

    returns  int64 [plan.size]; those of parts of the files add up to those of all
    raises   SumTooLarge, WrongReading
    """
    adder = Adder(plan.cuts, plan.layout)
    for readings in _each_ahead(paths, plan.names) if paths else ():
        adder.add(readings)
    return adder.sums


def _each_ahead(paths: Sequence[Path], names: Names) -> Iterator[Readings]:
    """Give the files' readings in parts, each worked out while the one before it is summed.

    Polars reads on in threads of its own meanwhile.
    """
    scan = pl.scan_parquet(list(paths), glob=False).select(COLUMNS)
    with ThreadPoolExecutor(1) as pool:
        ahead: Future[Readings] | None = None
        for rows in scan.collect_batches(maintain_order=False):
            task = pool.submit(_readings, rows, names)
            if ahead is not None:
                yield ahead.result()
            ahead = task
        if ahead is not None:
            yield ahead.result()


def _readings(rows: pl.DataFrame, names: Names) -> Readings:
    return Readings(
        groups=_groups(rows, names),
        starts_at=rows["starts_at"].to_numpy(),
        ends_at=rows["ends_at"].to_numpy(),
        cards=rows["cards"].to_numpy(),
        weight=rows["weight"].to_numpy(),
    )


def _groups(rows: pl.DataFrame, names: Names) -> Codes:
    groups = np.empty(rows.height, dtype=np.int32)
    group_rows(
        *numbers_of(rows["contract_id"], names.contracts, other=-1),
        *numbers_of(rows["device_class"], names.classes, other=-1),
        *numbers_of(rows["cluster"], names.clusters, other=len(names.clusters)),
        names.pairs,
        names.sites,
        groups,
    )
    return groups


def _blocks(
    orders: Sequence[Order], prices: PriceList, cells_max: int
) -> Iterator[Sequence[Order]]:
    """Cut orders into blocks that fit into memory, never between two of one contract."""
    keys = {order.price_key: order.period.starts_on for order in orders}
    cells_of_day = 1 + sum(len(prices.hours_on(key, day)) - 1 for key, day in keys.items())
    block: list[Order] = []
    cells = 0
    for order in sorted(orders, key=lambda order: (order.contract_id, order.id)):
        of_order = (order.period.ends_on - order.period.starts_on).days * cells_of_day
        is_other = bool(block) and block[-1].contract_id != order.contract_id
        if is_other and cells + of_order > cells_max:
            yield block
            block, cells = [], 0
        block.append(order)
        cells += of_order
    if block:
        yield block
