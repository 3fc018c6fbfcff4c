"""How fast the lake answers who used how much: sums by voucher, firm, provider, class and day.

    .venv/bin/python benchmarks/usage_query.py [readings] [--folder DIR] [--batch ROWS] [--rounds N]

The readings (default 100,000,000) are those of usage_generator.py, with the time between their
starts stretched by twelve, so that they fill a year: 40 providers, 5,000 contracts with a voucher
each, 2,500 firms, 4 classes of card, a batch a provider and about a week. They are written once, in
the lake's own form but without forcing each file to the disk, into DIR (default: a folder below the
system's temporary one, named by size and kept), and their sums by day beside them; then the sums
are merged as a running service does after each batch.

Every query runs N times (default 15) on the whole lake, in the process, as the service runs it; the
result is checked against what the generator drew. `ratio` is one second over the slowest query's
median; the 95th percentile stands beside each, and on a busy machine measures its neighbours.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import quantiles

import django
import polars as pl

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "evernormal.settings")
sys.path.insert(0, str(Path(__file__).parent))
django.setup()

from usage_generator import MONTH_STARTS_AT, UsagePlan  # noqa: E402

from evernormal.store.queries.usage import (  # noqa: E402
    OWNERS,
    Dimension,
    UsageFilter,
    UsageQuestion,
    UsageView,
    use_of,
)
from evernormal.store.usage_days import day_files, merge_days  # noqa: E402
from evernormal.store.usage_lake import DAYS, READINGS, UsageLake  # noqa: E402

GOAL = 1.0
PROVIDERS, CONTRACTS, FIRMS = 40, 5_000, 2_500
STRETCH = 12
PAGE = 1_000
YEAR = date(2026, 4, 1)
SHANGHAI_SECONDS, DAY_SECONDS = 8 * 3_600, 86_400


def stretched(readings: pl.DataFrame) -> pl.DataFrame:
    """The same uses with the time between their starts made longer."""
    since = pl.col("starts_at") - MONTH_STARTS_AT
    starts_at = MONTH_STARTS_AT + since * STRETCH
    seconds = pl.col("ends_at") - pl.col("starts_at")
    return readings.with_columns(starts_at=starts_at, ends_at=starts_at + seconds)


def days_of(readings: pl.DataFrame) -> pl.DataFrame:
    """A batch's sums by local day, as the lake keeps them beside the readings."""
    first = (pl.col("starts_at") + SHANGHAI_SECONDS) // DAY_SECONDS
    last = (pl.col("ends_at") + SHANGHAI_SECONDS - 1) // DAY_SECONDS
    cut = readings.lazy().with_columns(day=pl.int_ranges(first, last + 1)).explode("day")
    midnight = pl.col("day") * DAY_SECONDS - SHANGHAI_SECONDS
    start = pl.max_horizontal("starts_at", midnight)
    seconds = pl.min_horizontal("ends_at", midnight + DAY_SECONDS) - start
    weight = pl.col("weight").cast(pl.Int64)
    return (
        cut.with_columns(
            card_seconds=seconds * pl.col("cards") * weight,
            records=weight * (pl.col("starts_at") == start),
            day=pl.col("day").cast(pl.Int32).cast(pl.Date),
        )
        .group_by("provider", "cluster", "account", "contract_id", "device_class", "day")
        .agg(pl.col("card_seconds", "records").sum())
        .collect()
    )


@dataclass(frozen=True)
class Made:
    """A lake of made-up readings and what they add up to."""

    folder: Path
    names: list[str]
    card_seconds: int
    records: int


def make_lake(folder: Path, *, readings: int, batch: int) -> Made:
    """Write the lake, or find it as an earlier run left it."""
    done = folder / "made.txt"
    if done.exists():
        card_seconds, records, *names = done.read_text().split()
        return Made(folder, names, int(card_seconds), int(records))
    plan = UsagePlan(rows=readings, partition=batch, orders=CONTRACTS, providers=PROVIDERS)
    for part in ("readings", "days"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    names, card_seconds, records = [], 0, 0
    for number in range(plan.partitions):
        rows = stretched(plan.readings(number)).select(READINGS.names())
        days = days_of(rows).select(pl.col(name).cast(kind) for name, kind in DAYS.items())
        # The batch's number for its hash: a hash of so many bytes is not what is measured here.
        names.append(f"{number:064x}")
        rows.write_parquet(
            folder / "readings" / f"{names[-1]}.parquet", compression="zstd", compression_level=1
        )
        days.write_parquet(
            folder / "days" / f"{names[-1]}.parquet", compression="zstd", compression_level=1
        )
        weighed = rows.select(
            ((pl.col("ends_at") - pl.col("starts_at")) * pl.col("cards") * pl.col("weight")).sum()
        )
        card_seconds += int(weighed.item())
        records += int(rows["weight"].cast(pl.Int64).sum())
    done.write_text("\n".join(map(str, (card_seconds, records, *names))))
    return Made(folder, names, card_seconds, records)


def owners() -> pl.DataFrame:
    """Whose each contract is, and its voucher."""
    contracts = [f"C-{number:05}" for number in range(CONTRACTS)]
    firms = [f"S-{number % FIRMS:05}" for number in range(CONTRACTS)]
    vouchers = [f"V-{contract}" for contract in contracts]
    return pl.DataFrame([contracts, vouchers, firms], schema=OWNERS)


def measure(made: Made, *, rounds: int) -> dict[str, list[float]]:
    """Seconds of every round, by query."""
    view = UsageView(UsageLake(made.folder), tuple(made.names), owners())
    each = (
        Dimension.VOUCHER,
        Dimension.APPLICANT,
        Dimension.PROVIDER,
        Dimension.DEVICE_CLASS,
        Dimension.DAY,
    )
    everything = UsageFilter()
    one_voucher = UsageFilter(vouchers=frozenset({"V-C-00042"}))
    one_day = UsageFilter(since=date(2026, 6, 10), until=date(2026, 6, 11))
    asked = {
        **{f"by {one.value}": UsageQuestion(everything, (one,)) for one in each},
        "by all five": UsageQuestion(everything, each, limit=PAGE),
        "a later page of it": UsageQuestion(
            everything, each, after=("V-C-02500", "S-00000", "P-20", "A100-80G", YEAR), limit=PAGE
        ),
        "one voucher by day": UsageQuestion(one_voucher, (Dimension.DAY,)),
        "one day by all five": UsageQuestion(one_day, each),
    }
    whole = use_of(view, UsageQuestion(everything, each))
    _demand_all(made, whole)
    print(f"{len(whole):,} rows by all five; a page has {PAGE:,}")
    taken: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(rounds):
        for name, question in asked.items():
            started = time.perf_counter()
            told = use_of(view, question)
            taken[name].append(time.perf_counter() - started)
            if question.where is everything and question.limit is None:
                _demand_all(made, told)
    return taken


def _demand_all(made: Made, told: pl.DataFrame) -> None:
    """Sums over everything are what was drawn."""
    sums = (told["card_seconds"].sum(), told["records"].sum())
    if sums != (made.card_seconds, made.records):
        raise AssertionError(f"{sums} is not what was drawn")


def main() -> None:
    """Make the lake, ask it, print how long it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("readings", type=int, nargs="?", default=100_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--batch", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()

    name = f"usage-query-{asked.readings}-{asked.batch}"
    folder = asked.folder or Path(tempfile.gettempdir()) / name
    started = time.perf_counter()
    made = make_lake(folder, readings=asked.readings, batch=asked.batch)
    making = time.perf_counter() - started
    size = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
    print(
        f"{asked.readings:,} readings in {len(made.names):,} batches, {size / 1e9:.2f} GB in "
        f"{folder}, made in {making:.0f} s; {made.records:,} uses count"
    )
    lake = UsageLake(folder)
    started = time.perf_counter()
    files = merge_days(lake, made.names)
    print(
        f"merged {files} files in {time.perf_counter() - started:.1f} s; "
        f"{len(day_files(lake, made.names))} files to read"
    )
    taken = measure(made, rounds=asked.rounds)
    slowest = 0.0
    for query, seconds in taken.items():
        cuts = quantiles(seconds, n=20, method="inclusive")
        slowest = max(slowest, cuts[9])
        print(f"{query:22} p50 {cuts[9] * 1e3:7.1f} ms   p95 {cuts[18] * 1e3:7.1f} ms")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB")
    print(f"usage_query ratio={1 / slowest:.3g} goal={GOAL}")


if __name__ == "__main__":
    main()
