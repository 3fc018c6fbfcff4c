"""A lake rated in partitions: as in one pass, here and on two nodes of a Ray cluster."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from evernormal.domain.market import Band, Price, PriceList
from evernormal.domain.metering import DayUse
from evernormal.domain.values import Fen, Period
from evernormal.engines.partitions import ThisProcess
from evernormal.engines.partitions_rating import FILES_AT_ONCE, rate_partitions, sums_of
from evernormal.engines.rating import plan_of, rate_files, uses_of
from tests.domain.sample import order

ZONE = ZoneInfo("Asia/Shanghai")
MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
MARCH_AT = int(datetime(2026, 2, 28, 16, tzinfo=UTC).timestamp())
HOUR, DAY = 3_600, 86_400
PEAK = Band("peak", ((540, 1_260),), frozenset(range(5)))
PRICES = PriceList(
    (
        Price("P1", "910B", date(2026, 1, 1), None, Fen(500)),
        Price("P1", "910B", date(2026, 1, 1), None, Fen(900), band=PEAK),
    )
)
ORDERS = tuple(order(number, period=MARCH) for number in (1, 2, 3))
FILES = 2 * FILES_AT_ONCE + 3


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Files whose readings begin before the month, cross midnights and end after it."""
    folder = tmp_path_factory.mktemp("lake")
    paths: list[Path] = []
    for number in range(FILES):
        starts = [MARCH_AT + (n * 17 + number * 41) % 780 * HOUR - 2 * DAY for n in range(60)]
        rows = pl.DataFrame(
            {
                "contract_id": [f"C{(n + number) % 4}" for n in range(60)],  # C0 is nobody's
                "device_class": ["910B" if n % 7 else "H100" for n in range(60)],
                "cluster": ["main"] * 60,
                "starts_at": starts,
                "ends_at": [at + (n * 977 + 1) % (3 * DAY) for n, at in enumerate(starts)],
                "cards": [1 << n % 7 for n in range(60)],
                "weight": [1] * 60,
            },
            schema_overrides={"cards": pl.Int32, "weight": pl.Int8},
        )
        if number:  # the next file takes back what the first row of this one's forerunner said
            before = pl.read_parquet(paths[-1]).head(1).with_columns(weight=pl.lit(-1, pl.Int8))
            rows = pl.concat([rows, before])
        paths.append(folder / f"{number}.parquet")
        rows.write_parquet(paths[-1])
    return paths


def _in_one_pass(paths: Sequence[Path]) -> tuple[DayUse, ...]:
    return tuple(rate_files(paths, ORDERS, prices=PRICES, zone=ZONE))


def test_the_lake_has_use_of_every_order_in_and_out_of_the_band(lake: list[Path]) -> None:
    uses = _in_one_pass(lake)

    assert {(use.order_id, use.band) for use in uses} == {
        (one.id, band) for one in ORDERS for band in ("", "peak")
    }


def test_partitions_give_the_use_of_one_pass(lake: list[Path]) -> None:
    assert rate_partitions(lake, ORDERS, prices=PRICES, zone=ZONE) == _in_one_pass(lake)


def test_partitions_may_come_in_any_order(lake: list[Path]) -> None:
    plan = plan_of(ORDERS, prices=PRICES, zone=ZONE)

    assert uses_of(plan, sums_of(lake[::-1], plan, workers=ThisProcess())) == _in_one_pass(lake)


@pytest.mark.skipif(
    importlib.util.find_spec("ray") is None,
    reason="Ray is an extra: install requirements-ray.txt to run this",
)
def test_two_nodes_of_a_ray_cluster_give_the_use_of_one_pass(lake: list[Path]) -> None:
    # In a process of its own: Ray starts threads and takes over signals of the one it is in.
    found = subprocess.run(
        [sys.executable, "-c", _ON_TWO_NODES, *map(str, lake)],
        env={**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
        capture_output=True,
        text=True,
        timeout=180,
    )

    nodes, uses = found.stdout.strip().splitlines()[-2:]
    assert nodes == "2"
    assert uses == repr(_in_one_pass(lake))


_ON_TWO_NODES = """
import sys
from pathlib import Path
from ray.cluster_utils import Cluster
from evernormal.engines.partitions_rating import rate_partitions
from tests.engines.test_partitions_rating import ORDERS, PRICES, ZONE

cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
try:
    cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    nodes = len([node for node in cluster.list_all_nodes()])
    uses = rate_partitions(
        [Path(name) for name in sys.argv[1:]], ORDERS, prices=PRICES, zone=ZONE,
        ray_address=cluster.address,
    )
finally:
    cluster.shutdown()
print(nodes)
print(uses)
"""
