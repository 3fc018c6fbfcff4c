"""Law 11 for rating: the engine gives, for any readings, orders and prices, the domain's use."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis.strategies import (
    DataObject,
    DrawFn,
    booleans,
    composite,
    data,
    dates,
    integers,
    lists,
    permutations,
    sampled_from,
)

from evernormal.domain.market import Band, Order, Price, PriceList
from evernormal.domain.metering import (
    DayUse,
    UsageRecord,
    day_slices,
    use_by_day,
)
from evernormal.domain.values import CardSeconds, Fen, Period
from evernormal.engines.rating import (
    Readings,
    WrongReading,
    card_seconds_by_cell,
    card_seconds_of_files,
    cells_of,
    cuts_of,
    plan_of,
    rate_files,
)
from tests.domain.sample import order, record

pytestmark = pytest.mark.one_database

CLASSES, CLUSTERS, CONTRACTS = ("910B", "H20"), ("main", "gz-a", "gz-b"), ("C1", "C2", "C3")
ZONES = sampled_from(
    ["Asia/Shanghai", "Europe/Berlin", "Asia/Beirut", "Australia/Lord_Howe", "UTC"]
)
FIRST, LAST = date(2026, 3, 24), date(2026, 4, 9)
"""Clocks go forward in Berlin and Beirut on 29 March, and back in Lord Howe on 5 April."""

BANDS = [
    None,
    Band("peak", ((480, 720), (840, 1_320)), frozenset(range(5))),
    Band("night", ((0, 150), (1_380, 1_440))),
]


@composite
def readings(draw: DrawFn) -> tuple[UsageRecord, str, int]:
    """A reading, whose it is and its weight."""
    starts_at = datetime(2026, 3, 22, tzinfo=UTC) + timedelta(seconds=draw(integers(0, 1_700_000)))
    plain = record(str(draw(integers(1, 9))))
    cluster, device_class = draw(sampled_from(CLUSTERS)), draw(sampled_from(CLASSES))
    key = replace(plain.key, cluster=cluster, device_class=device_class, starts_at=starts_at)
    ends_at = starts_at + timedelta(seconds=draw(integers(0, 400_000)))
    reading = replace(plain, key=key, ends_at=ends_at, cards=draw(integers(0, 64)))
    return reading, draw(sampled_from([*CONTRACTS, ""])), draw(sampled_from([1, 1, 1, -1]))


@composite
def books(draw: DrawFn) -> list[Order]:
    """Orders of which no two take the same use."""
    orders: list[Order] = []
    for contract_id in CONTRACTS:
        for device_class in CLASSES:
            days = sorted(draw(lists(dates(FIRST, LAST), min_size=2, max_size=4, unique=True)))
            pairs = list(pairwise(days))
            for start, end in pairs[:: 1 + draw(booleans())]:
                sites = draw(sampled_from([[""], ["main"], ["main", "gz-a"]]))
                orders += [
                    order(
                        len(orders),
                        contract_id=contract_id,
                        device_class=device_class,
                        period=Period(start, end),
                        site=site,
                        plan=draw(sampled_from(["", "spot"])),
                    )
                    for site in sites
                ]
    return orders


@composite
def price_lists(draw: DrawFn) -> PriceList:
    """For each key some bands or none, and a price for the rest of the day."""
    return PriceList(
        Price("P1", device_class, date(2026, 1, 1), None, Fen(777), site, plan, band)
        for device_class in CLASSES
        for site in ("", "main", "gz-a")
        for plan in ("", "spot")
        for band in BANDS[: draw(integers(1, 3))]
    )


def parquet(rows: Sequence[tuple[UsageRecord, str, int]], path: Path) -> Path:
    pl.DataFrame(
        {
            "contract_id": [contract_id for _, contract_id, _ in rows],
            "device_class": [r.key.device_class for r, _, _ in rows],
            "cluster": [r.key.cluster for r, _, _ in rows],
            "starts_at": [int(r.key.starts_at.timestamp()) for r, _, _ in rows],
            "ends_at": [int(r.ends_at.timestamp()) for r, _, _ in rows],
            "cards": [r.cards for r, _, _ in rows],
            "weight": [weight for _, _, weight in rows],
        },
        schema={
            "contract_id": pl.String,
            "device_class": pl.String,
            "cluster": pl.String,
            "starts_at": pl.Int64,
            "ends_at": pl.Int64,
            "cards": pl.Int32,
            "weight": pl.Int8,
        },
    ).write_parquet(path, row_group_size=3)
    return path


def plainly(
    rows: Sequence[tuple[UsageRecord, str, int]],
    orders: Sequence[Order],
    prices: PriceList,
    zone: ZoneInfo,
) -> dict[tuple[str, date, str], int]:
    """The domain's own use of those that count, less that of those that are taken back."""
    sums: dict[tuple[str, date, str], int] = {}
    for each in orders:
        for weight in (1, -1):
            theirs = [
                r
                for r, contract_id, w in rows
                if w == weight
                and (contract_id, r.key.device_class) == (each.contract_id, each.device_class)
            ]
            for use in use_by_day(each, theirs, prices=prices, zone=zone):
                cell = (use.order_id, use.day, use.band)
                sums[cell] = sums.get(cell, 0) + weight * use.used.count
    return {cell: n for cell, n in sums.items() if n}


@given(
    rows=lists(readings(), max_size=12),
    orders=books(),
    prices=price_lists(),
    zone=ZONES,
    cut=data(),
)
def test_files_of_readings_give_the_domains_use(
    rows: list[tuple[UsageRecord, str, int]],
    orders: list[Order],
    prices: PriceList,
    zone: str,
    cut: DataObject,
) -> None:
    in_file = list(cut.draw(permutations(rows)))
    at = cut.draw(integers(0, len(rows)))

    with tempfile.TemporaryDirectory() as folder:
        paths = [
            parquet(part, Path(folder) / f"{n}.parquet")
            for n, part in enumerate([in_file[:at], in_file[at:]])
        ]
        plan = plan_of(orders, prices=prices, zone=ZoneInfo(zone))
        signed = {tuple(cell): n for *cell, n in cells_of(plan, card_seconds_of_files(paths, plan))}
        rated = rate_files(paths, orders, prices=prices, zone=ZoneInfo(zone))
        expected = plainly(rows, orders, prices, ZoneInfo(zone))
        if any(n < 0 for n in expected.values()):
            with pytest.raises(WrongReading):
                list(rated)
        else:
            used = [DayUse(*cell, CardSeconds(n)) for cell, n in sorted(expected.items())]
            assert sorted(rated) == used
    assert signed == expected


@given(rows=lists(readings(), max_size=12), zone=ZONES)
def test_sums_by_day_of_any_groups_are_those_of_day_slices(
    rows: list[tuple[UsageRecord, str, int]], zone: str
) -> None:
    span, local = Period(FIRST, LAST), ZoneInfo(zone)
    cuts = cuts_of([], span, prices=PriceList([]), zone=local)
    groups = ["", *CONTRACTS]

    sums = card_seconds_by_cell(
        Readings(
            groups=np.array([groups.index(c) - 1 for _, c, _ in rows], dtype=np.int32),
            starts_at=np.array([int(r.key.starts_at.timestamp()) for r, _, _ in rows], np.int64),
            ends_at=np.array([int(r.ends_at.timestamp()) for r, _, _ in rows], np.int64),
            cards=np.array([r.cards for r, _, _ in rows], np.int32),
            weight=np.array([w for _, _, w in rows], np.int8),
        ),
        cuts,
        groups=len(CONTRACTS),
    )

    expected = np.zeros((len(CONTRACTS), (LAST - FIRST).days), dtype=np.int64)
    for reading, contract_id, weight in rows:
        for day, used in day_slices(reading, within=span, zone=local) if contract_id else ():
            expected[CONTRACTS.index(contract_id), (day - FIRST).days] += weight * used.count
    assert np.array_equal(sums, expected)
