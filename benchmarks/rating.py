"""How fast readings in Parquet files become card-seconds by order, day and band.

    .venv/bin/python benchmarks/rating.py [million readings] [rounds]

limit      Polars reads the same columns of the same files and sums them (texts: their lengths)
engine     evernormal.engines.rating reads them, finds each reading's order, cuts it at midnights
           and edges of the peak hours, clips it to the order's period, and sums it
plain      evernormal.domain.metering.use_by_day on a sample of the orders: the engine's cells of
           these orders must be the same

One file is a month of 10 million readings, as store/usage_lake.py writes them: 2,000 contracts of
two orders each, three classes of card, four clusters, 1 % taken back. Every round runs limit and
engine one after the other; a ratio is of the same round, the median is printed.
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from evernormal.domain.market import Band, Order, Price, PriceList
from evernormal.domain.metering import UsageKey, UsageRecord, use_by_day
from evernormal.domain.values import Fen, Period
from evernormal.engines.rating import card_seconds_of_files, cells_of, plan_of
from evernormal.engines.rating.files import COLUMNS

ROWS_OF_FILE = 10_000_000
CONTRACTS, SAMPLE = 2_000, 3
ZONE = ZoneInfo("Asia/Shanghai")
CLASSES = ("Ascend-910B", "A100-80G", "H100-80G")
CLUSTERS = ("gui-a", "gui-b", "gui-c", "gui-d")
YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))
HALF = date(2026, 1, 16)
PEAK = Band("peak", ((480, 1_320),), frozenset(range(5)))
NUMBERS = ("starts_at", "ends_at", "cards", "weight")
TEXTS = ("contract_id", "device_class", "cluster")
GOAL = 0.5


def main() -> None:
    """Measure, compare and print."""
    millions = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5  # noqa: PLR2004 - the second option
    prices = PriceList(
        Price("P1", device_class, YEAR.starts_on, None, Fen(560), band=band)
        for device_class in CLASSES
        for band in (None, PEAK)
    )
    orders = _orders()
    with tempfile.TemporaryDirectory(prefix="rating-") as folder:
        paths = _files(Path(folder), millions * 1_000_000)
        megabytes = sum(path.stat().st_size for path in paths) / 1e6
        print(
            f"{millions}m readings in {len(paths)} files, {megabytes:.0f} MB; {len(orders)} orders"
        )
        started = time.perf_counter()
        plan = plan_of(orders, prices=prices, zone=ZONE)
        planned = time.perf_counter() - started
        card_seconds_of_files(paths[:1], plan)  # compiles what is not yet in numba's cache
        ratios = [_round(paths, plan) for _ in range(rounds)]
        sums = card_seconds_of_files(paths, plan)
        started = time.perf_counter()
        cells = list(cells_of(plan, sums))
        listed = time.perf_counter() - started
        print(f"plan {planned:.2f} s once; {len(cells)} cells listed in {listed:.2f} s")
        _compare(paths, orders[: 2 * SAMPLE], prices, cells)
    print(f"rating_over_scan ratio={median(ratios):.2f} goal={GOAL}")


def _round(paths: Sequence[Path], plan: object) -> float:
    """Limit over engine, of one round."""
    started = time.perf_counter()
    scan = pl.scan_parquet(list(paths), glob=False)
    numbers = pl.col(NUMBERS).cast(pl.Int64).sum()
    texts = pl.col(TEXTS).str.len_bytes().cast(pl.Int64).sum()
    rows = scan.select(pl.len(), numbers, texts).collect(engine="streaming")["len"].item()
    limit = time.perf_counter() - started
    started = time.perf_counter()
    card_seconds_of_files(paths, plan)
    engine = time.perf_counter() - started
    print(
        f"limit {limit:.3f} s ({rows / limit / 1e6:.1f}m/s)  "
        f"engine {engine:.3f} s ({rows / engine / 1e6:.1f}m/s)  ratio {limit / engine:.2f}"
    )
    return limit / engine


def _orders() -> list[Order]:
    """Two orders a contract, one after the other; of its other classes it has none."""
    orders = []
    for number in range(CONTRACTS):
        for half, period in enumerate((Period(YEAR.starts_on, HALF), Period(HALF, YEAR.ends_on))):
            order = Order(
                id=f"O-{number:05d}-{half}",
                contract_id=_contract(number),
                provider_id="P1",
                device_class=CLASSES[number % len(CLASSES)],
                cards=64,
                gang_cards=8,
                card_hours=100_000,
                period=period,
                site=CLUSTERS[0] if number % 10 == 0 else "",
            )
            orders.append(order)
    return orders


def _contract(number: int) -> str:
    return f"GZ-2026-{number:06d}"


def _files(folder: Path, rows: int) -> list[Path]:
    """Write months of made-up readings."""
    chance = np.random.default_rng(2026)
    paths = []
    for month, first in enumerate(range(0, rows, ROWS_OF_FILE)):
        count = min(ROWS_OF_FILE, rows - first)
        opens_at = int(datetime(2026, 1 + month % 12, 1, tzinfo=ZONE).timestamp())
        starts_at = np.sort(chance.integers(opens_at, opens_at + 28 * 86_400, count))
        held = chance.exponential(3 * 3_600, count).astype(np.int64)
        contract = chance.integers(0, CONTRACTS, count)
        frame = pl.DataFrame(
            {
                "contract_id": _texts(contract, [_contract(n) for n in range(CONTRACTS)]),
                "device_class": _texts(contract % len(CLASSES), CLASSES),
                "cluster": _texts(chance.integers(0, len(CLUSTERS), count), CLUSTERS),
                "job": pl.Series(np.arange(first, first + count)).cast(pl.String),
                "starts_at": starts_at,
                "ends_at": starts_at + held,
                "cards": chance.choice(np.array([1, 2, 4, 8, 16, 64], dtype=np.int32), count),
                "weight": np.where(chance.random(count) < 0.01, -1, 1).astype(np.int8),  # noqa: PLR2004
            }
        )
        paths.append(folder / f"{month}.parquet")
        frame.write_parquet(
            paths[-1], compression="zstd", compression_level=1, row_group_size=1 << 19
        )
    return paths


def _texts(numbers: object, texts: Sequence[str]) -> pl.Series:
    return pl.Series(texts).gather(pl.Series(numbers))


def _compare(
    paths: Sequence[Path],
    orders: Sequence[Order],
    prices: PriceList,
    cells: Sequence[tuple[str, date, str, int]],
) -> None:
    """Rate some orders' readings one by one, and demand the same."""
    contracts = sorted({order.contract_id for order in orders})
    rows = pl.scan_parquet(list(paths), glob=False).filter(pl.col("contract_id").is_in(contracts))
    sums: dict[tuple[str, date, str], int] = {}
    read = rows.select(*COLUMNS, "job").collect().to_dicts()
    for order in orders:
        own = [row for row in read if row["contract_id"] == order.contract_id]
        own = [row for row in own if row["device_class"] == order.device_class]
        for weight in (1, -1):
            records = [_record(row) for row in own if row["weight"] == weight]
            for use in use_by_day(order, records, prices=prices, zone=ZONE):
                cell = (use.order_id, use.day, use.band)
                sums[cell] = sums.get(cell, 0) + weight * use.used.count
    ids = {order.id for order in orders}
    found = {tuple(cell): n for *cell, n in cells if cell[0] in ids}
    if found != {cell: n for cell, n in sums.items() if n}:
        sys.exit("the engine does not give what the domain gives")
    print(
        f"{len(read)} readings of {len(orders)} orders rated plainly: the same {len(found)} cells"
    )


def _record(row: dict[str, object]) -> UsageRecord:
    start, end = (datetime.fromtimestamp(row[name], UTC) for name in ("starts_at", "ends_at"))
    key = UsageKey("P1", str(row["cluster"]), str(row["job"]), str(row["device_class"]), start)
    return UsageRecord(
        key, account="", cards=int(row["cards"]), ends_at=end, is_final=True, state="COMPLETED"
    )


if __name__ == "__main__":
    main()
