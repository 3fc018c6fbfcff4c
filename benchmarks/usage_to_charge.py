"""How fast use becomes charges, beside a bare read of the same files and beside two other systems.

    .venv/bin/python benchmarks/usage_to_charge.py [rows] [orders] [rounds] [--no-peers]

month     readings as Parquet in the lake -> rated -> charged -> posted to the vouchers, the whole
          path, records per second (usage_month.py); the limit is Polars reading and summing the
          same columns of the same files, in the same round, on the same cores. What a charge
          costs does not depend on how many readings it rests on, so the whole path is nearer to
          the limit the more readings there are to a charge: it is measured with an order for
          each million readings, as a billion readings of 1,000 orders have them (33,000 to a
          charge), and with as many orders as asked for
thousand  one batch of 1,000 readings into charges, CPU seconds, for 1, 100 and 1,000 orders, and
          for vouchers that have 10, 1,000 and 10,000 charges before (usage_thousand.py)
peers     ColdFront's `set_usage`, CloudKitty's rating and storage (usage_peers.py)

Each runs on SQLite and on a PostgreSQL of its own, which the project's own script starts. What a
run leaves behind is removed, but for the peers' environments. Other work on the machine makes walls
longer: compare CPU, or ratios. Ratios are of the same run, except those over Waldur, whose figure
was measured once; each last line is `name ratio=... goal=...`, reached from the goal up.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
GOAL_OF_LIMIT = 0.5
GOAL_OF_THOUSAND_SECONDS = 0.1
GOAL_OF_LENGTH = 0.9
GOAL_OF_WALDUR = 800

# Waldur's CPU for 1,000 reports, app and database, as measured on this kind of machine: 57 + 23 ms.
WALDUR_SECONDS = 80.0


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    rows: int
    orders: int
    rounds: int

    @property
    def orders_of_a_billion(self) -> int:
        """As many orders to the readings as 1,000 are to a billion, in whole fours of providers."""
        return max(self.rows // 4_000_000, 1) * 4


def main() -> None:
    """Run it all, then tell the ratios."""
    numbers = [int(each) for each in sys.argv[1:] if not each.startswith("--")]
    size = Size(*(numbers + [20_000_000, 1_000, 3][len(numbers) :]))
    print(f"rows={size.rows:,} orders={size.orders:,} rounds={size.rounds} load={_load()}")
    ratios: list[str] = []
    thousand: dict[str, dict[int, float]] = {}
    with tempfile.TemporaryDirectory(prefix="evernormal-") as place:
        Path(place).chmod(0o755)  # the database's own account has to enter it
        for database, settings in _databases(Path(place)):
            for orders in dict.fromkeys((size.orders_of_a_billion, size.orders)):
                for found in _run("usage_month.py", settings, size.rows, orders, size.rounds):
                    _tell("month", database, found)
                    ratios += _month_ratios(database, found)
            batches = [*_run("usage_thousand.py", settings, size.rounds)]
            for found in batches:
                _tell("thousand", database, found)
            ratios += _thousand_ratios(database, batches)
            thousand[database] = {
                f["orders"]: f["cpu"] / f["records"] for f in batches if "orders" in f
            }
    if "--no-peers" not in sys.argv:
        ratios += _peer_ratios(thousand, size.rounds)
    print("\n".join(ratios))


def _month_ratios(database: str, found: dict[str, Any]) -> list[str]:
    """Of the limit in the same round: rating alone, and the whole path."""
    shape = f"over_limit_at_{found['rows_per_charge']}_rows_to_a_charge"
    return [
        f"{database}_{name}_{shape} ratio={found[f'{name}_ratio']:.3f} goal={GOAL_OF_LIMIT}"
        for name in ("rated", "posted")
    ]


def _thousand_ratios(database: str, batches: list[dict[str, Any]]) -> list[str]:
    lines = []
    for found in batches:
        if "orders" in found:
            name = f"{database}_thousand_into_charges_of_{found['orders']}"
            ratio = GOAL_OF_THOUSAND_SECONDS / found["cpu"]
            lines.append(f"{name} ratio={ratio:.3g} goal=1")
    by_length = {f["charges_before"]: f["cpu"] for f in batches if "charges_before" in f}
    short, long = by_length[min(by_length)], by_length[max(by_length)]
    lines.append(
        f"{database}_long_voucher_as_fast_as_short ratio={short / long:.3g} goal={GOAL_OF_LENGTH}"
    )
    return lines


def _peer_ratios(thousand: dict[str, dict[int, float]], rounds: int) -> list[str]:
    """CPU a record of theirs over ours, at as many orders as theirs are like.

    ColdFront's and Waldur's records are of an allocation each, CloudKitty's all of one scope.
    """
    from usage_peers import measure_peers  # noqa: PLC0415 - not with --no-peers

    rates = measure_peers(1_000, rounds)
    lines = [
        f"{database}_over_{rate.name}_cpu ratio={rate.cpu / ours[rate.orders]:.4g} goal=10"
        for database, ours in thousand.items()
        for rate in rates
    ]
    waldur = WALDUR_SECONDS / 1_000
    lines += [
        f"{database}_over_waldur_noted_cpu ratio={waldur / ours[1_000]:.4g} goal={GOAL_OF_WALDUR}"
        for database, ours in thousand.items()
    ]
    return lines


def _tell(what: str, database: str, found: dict[str, Any]) -> None:
    facts = (f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}" for k, v in found.items())
    print(f"{what} {database}", *facts, flush=True)


def _run(program: str, settings: dict[str, str], *sizes: int) -> Iterator[dict[str, Any]]:
    """Run a part of this in a process with its own database; gives its lines as they come."""
    command = [sys.executable, str(HERE / program), *map(str, sizes)]
    settings = {**os.environ, **settings}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=settings) as run:  # noqa: S603
        for line in run.stdout or ():
            if line.startswith("{"):
                yield json.loads(line)
    if run.returncode:
        sys.exit(f"{program} failed")


def _databases(place: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Each database by name, with the settings that choose it."""
    lake = {"EVERNORMAL_USAGE_LAKE": str(place / "lake")}
    yield "sqlite", lake | {"EVERNORMAL_DATABASE_URL": f"sqlite:///{place}/books.sqlite3"}
    with _postgres(place / "postgres") as url:
        yield "postgresql", lake | {"EVERNORMAL_DATABASE_URL": url}


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    _server("start", folder)
    try:
        yield _server("url", folder)
    finally:
        _server("stop", folder)


def _server(verb: str, folder: Path) -> str:
    command = [str(HERE.parent / "tools" / "postgres.sh"), verb, str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return done.stdout.strip()


def _load() -> str:
    return Path("/proc/loadavg").read_text(encoding="ascii").split()[0]


if __name__ == "__main__":
    main()
