"""A month of made-up meter readings, as many as one asks for, by numbered partitions.

    .venv/bin/python benchmarks/usage_generator.py FOLDER rows [rows_per_partition] [orders]

Partition k of a plan holds the same rows wherever it is made, because it is drawn from the seed and
from k alone: machines can share a plan out by number and no file need travel. The rows have the
columns of the lake, so a partition is one batch of one provider.

What is drawn, and after what (loosely: shares and quantiles, no row of a trace):
duration  log-normal with the median and the 95 % quantile of the 82,247 jobs of the Philly trace,
          1,144 s and 43,648 s, at most 14 days; so some run over midnights, over the end of the
          month, and some past the end of their order
cards     in gangs of 1 to 64, with the trace's shares, the few jobs of 12, 24 and 128 aside
state     the shares at which jobs of accelerators end in the Earth cluster of Helios
late      3 % started up to 5 days before their batch's stretch of the month
running   2 % are read while they run; the next batch takes that reading back, with weight -1,
          and has the final one
Orders are drawn evenly: which firm is big is nothing that speed depends on.
"""

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int64]

READINGS = pl.Schema(
    {
        "provider": pl.String,
        "cluster": pl.String,
        "job": pl.String,
        "device_class": pl.String,
        "account": pl.String,
        "contract_id": pl.String,
        "starts_at": pl.Int64,
        "ends_at": pl.Int64,
        "cards": pl.Int32,
        "state": pl.String,
        "is_final": pl.Boolean,
        "revision": pl.Int32,
        "version": pl.Int32,
        "line": pl.Int32,
        "weight": pl.Int8,
    }
)
"""The columns of the lake, which the benchmark holds against `store.usage_lake`."""

MONTH_STARTS_AT = int(datetime(2026, 3, 31, 16, tzinfo=UTC).timestamp())
"""1 April 2026, midnight in Shanghai."""
MONTH_SECONDS = 30 * 86_400
CLASSES = ("Ascend-910B", "A100-80G", "H100-80G", "MLU590")

_MEDIAN_SECONDS, _Q95_SECONDS, _MOST_SECONDS = 1_144, 43_648, 14 * 86_400
_SIGMA = float(np.log(_Q95_SECONDS / _MEDIAN_SECONDS)) / 1.645
_GANGS = np.array([1, 2, 4, 8, 16, 32, 64], dtype=np.int32)
_OF_GANGS = np.array([76_627, 1_818, 1_870, 1_643, 199, 67, 6], dtype=np.float64)
_STATES = ("COMPLETED", "CANCELLED", "FAILED")
_OF_STATES = np.array([0.526, 0.272, 0.202])
_LATE, _LATE_SECONDS = 0.03, 5 * 86_400
_RUNNING = 0.02


@dataclass(frozen=True, slots=True)
class UsagePlan:
    """How much of what is made up.

    rows        of all partitions
    partition   rows of one
    orders      one to a contract, which has one account; those of a provider are its own
    """

    rows: int
    partition: int = 1_000_000
    orders: int = 1_000
    providers: int = 4
    seed: int = 4

    def __post_init__(self) -> None:
        if self.rows % self.partition or self.orders % self.providers:
            raise ValueError("Rows come in whole partitions, orders in equal parts to providers.")

    @property
    def partitions(self) -> int:
        """How many there are."""
        return self.rows // self.partition

    def provider_of(self, partition: int) -> int:
        """Whose readings a partition has."""
        return partition % self.providers

    def order(self, number: int) -> tuple[str, str, str, str]:
        """Contract, provider, account and device class of an order by number from 0."""
        provider = number % self.providers
        device_class = CLASSES[number // self.providers % len(CLASSES)]
        return f"C-{number:05}", f"P-{provider}", f"acct-{number:05}", device_class

    def readings(self, partition: int) -> pl.DataFrame:
        """The rows of a partition, by number from 0, with the columns of READINGS."""
        running = self._running_of(partition)
        before = self._running_of(partition - self.providers)
        ended = self.partition - len(running) - 2 * len(before)
        uses = [
            _Uses.drawn(self, partition, count=ended, stream=0).rows(),
            running.read_running(),
            before.read_running(weight=-1),
            before.rows(version=2),
        ]
        rows = pl.concat(uses).with_row_index("line", offset=1)
        return rows.select(pl.col(name).cast(kind) for name, kind in READINGS.items())

    def _running_of(self, partition: int) -> "_Uses":
        """What still ran when a partition was read; before the first of a provider, nothing."""
        count = 0 if partition < 0 else int(self.partition * _RUNNING)
        return _Uses.drawn(self, partition, count=count, stream=1)


@dataclass(frozen=True, slots=True)
class _Uses:
    """Uses of one partition as columns; jobs are numbered from `first_job`."""

    plan: UsagePlan
    provider: int
    first_job: int
    orders: Ints
    starts_at: Ints
    seconds: Ints
    cards: NDArray[np.int32]
    states: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.orders)

    @classmethod
    def drawn(cls, plan: UsagePlan, partition: int, *, count: int, stream: int) -> "_Uses":
        """Draw so many uses. Each stream of a partition is drawn apart, so that one may be redrawn.

        stream   0: uses that have ended, 1: uses that still run when they are read first
        """
        place = max(partition, 0)
        draw = np.random.Generator(np.random.SFC64([plan.seed, place, stream]))
        provider = plan.provider_of(place)
        of_provider = draw.integers(0, plan.orders // plan.providers, count)
        rounds = -(-plan.partitions // plan.providers)
        width = MONTH_SECONDS // rounds
        starts_at = MONTH_STARTS_AT + place // plan.providers * width
        starts = starts_at + draw.integers(0, width, count)
        late = draw.random(count, dtype=np.float32) < _LATE
        starts -= np.where(late, draw.integers(1, _LATE_SECONDS, count), 0)
        normal = draw.standard_normal(count, dtype=np.float32)
        seconds = (_MEDIAN_SECONDS * np.exp(np.float32(_SIGMA) * normal)).astype(np.int64)
        return cls(
            plan=plan,
            provider=provider,
            first_job=2 * place * plan.partition + stream * plan.partition,
            orders=of_provider * plan.providers + provider,
            starts_at=starts,
            seconds=np.clip(seconds, 1, _MOST_SECONDS),
            cards=_GANGS[_drawn_of(draw, _OF_GANGS, count)],
            states=_drawn_of(draw, _OF_STATES, count),
        )

    def rows(self, *, version: int = 1, weight: int = 1) -> pl.DataFrame:
        """The uses as finally read."""
        states = pl.Series(_STATES).gather(self.states)
        return self._frame(self.seconds, states, is_final=True, marks=(version, weight))

    def read_running(self, *, weight: int = 1) -> pl.DataFrame:
        """The uses as read half-way."""
        half = np.maximum(self.seconds // 2, 1)
        states = pl.Series(["RUNNING"]).gather(np.zeros(len(self), dtype=np.int64))
        return self._frame(half, states, is_final=False, marks=(1, weight))

    def _frame(
        self, seconds: Ints, states: pl.Series, *, is_final: bool, marks: tuple[int, int]
    ) -> pl.DataFrame:
        contracts, _, accounts, classes = zip(
            *(self.plan.order(number) for number in range(self.plan.orders)), strict=True
        )
        jobs = np.arange(self.first_job, self.first_job + len(self))
        return pl.DataFrame(
            {
                "starts_at": self.starts_at,
                "ends_at": self.starts_at + seconds,
                "cards": self.cards,
                "job": pl.Series(jobs).cast(pl.String),
                "account": pl.Series(accounts).gather(self.orders),
                "contract_id": pl.Series(contracts).gather(self.orders),
                "device_class": pl.Series(classes).gather(self.orders),
                "state": states,
            }
        ).with_columns(
            provider=pl.lit(f"P-{self.provider}"),
            cluster=pl.lit(f"hpc-{self.provider}"),
            is_final=pl.lit(is_final),
            revision=pl.lit(0, pl.Int32),
            version=pl.lit(marks[0], pl.Int32),
            weight=pl.lit(marks[1], pl.Int8),
        )


def _drawn_of(draw: np.random.Generator, shares: NDArray[np.float64], count: int) -> Ints:
    """Indices drawn by shares; a table of 2^16 is as near as a benchmark needs."""
    upto = np.round(np.cumsum(shares) / shares.sum() * 65_536).astype(np.int64)
    table = np.searchsorted(upto, np.arange(65_536), side="right")
    found: Ints = table[draw.integers(0, 65_536, count, dtype=np.uint16)]
    return found


def write_partition(plan: UsagePlan, partition: int, folder: Path) -> Path:
    """Write one partition as the lake writes a batch, but under its number."""
    path = folder / f"part-{partition:05}.parquet"
    rows = plan.readings(partition)
    rows.write_parquet(path, compression="zstd", compression_level=1, row_group_size=1 << 19)
    return path


def main() -> None:
    """Write a plan's partitions into a folder."""
    folder, sizes = Path(sys.argv[1]), [int(each) for each in sys.argv[2:]]
    plan = UsagePlan(*sizes)
    folder.mkdir(parents=True, exist_ok=True)
    for partition in range(plan.partitions):
        write_partition(plan, partition, folder)
    size = sum(path.stat().st_size for path in folder.glob("part-*.parquet"))
    print(f"rows={plan.rows:,} partitions={plan.partitions} bytes_per_row={size / plan.rows:.1f}")


if __name__ == "__main__":
    main()
