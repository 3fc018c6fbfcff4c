"""Meter readings in the lake: which of them count, and what they say."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any

import polars as pl
from django.db.models import QuerySet

from evernormal.domain.metering import Metered, UsageKey, UsageRecord, day_slices
from evernormal.domain.values import Period
from evernormal.store.models import Programme, UsageBatch
from evernormal.store.usage_lake import DAYS, READINGS, lake_of

Known = Mapping[UsageKey, tuple[UsageRecord, int]]
"""The reading of each use that counts now, with its version."""

KEY = ("provider", "cluster", "job", "device_class", "starts_at")
_OF_READING = (*KEY, "version")
_ALWAYS = Period(date(1900, 1, 1), date(2200, 1, 1))


def frame_of(
    metered: Metered,
    *,
    known: Known,
    contracts: Mapping[str, str],
    lines: Mapping[UsageRecord, int],
) -> pl.DataFrame:
    """The rows that a batch adds to the lake.

    contracts  contract id by the provider's name of the account; "" for an account of nobody's
    lines      where in its file each kept reading stands
    """
    rows = []
    for record in metered.kept:
        version = known[record.key][1] + 1 if record.key in known else 1
        rows.append(_row(record, contracts, version=version, line=lines[record], weight=1))
    for record in metered.superseded:
        version = known[record.key][1]
        rows.append(_row(record, contracts, version=version, line=0, weight=-1))
    return pl.DataFrame(rows, schema=READINGS, orient="row")


def days_of(metered: Metered, *, contracts: Mapping[str, str], zone: tzinfo) -> pl.DataFrame:
    """A batch's sums by account, class and local day, signed as its readings are.

    contracts  as for `frame_of`
    zone       the programme's own time
    """
    sums: dict[tuple[str, str, str, str, date], list[int]] = defaultdict(lambda: [0, 0])
    for records, weight in ((metered.kept, 1), (metered.superseded, -1)):
        for record in records:
            key = record.key
            runs = weight
            for day, used in day_slices(record, within=_ALWAYS, zone=zone):
                cell = sums[key.provider_id, key.cluster, record.account, key.device_class, day]
                cell[0] += weight * used.count
                cell[1] += runs
                runs = 0  # a run counts on its first day
    rows = [
        (provider, cluster, account, contracts.get(account, ""), device_class, day, *cell)
        for (provider, cluster, account, device_class, day), cell in sorted(sums.items())
    ]
    return pl.DataFrame(rows, schema=DAYS, orient="row")


def _row(
    record: UsageRecord, contracts: Mapping[str, str], *, version: int, line: int, weight: int
) -> tuple[object, ...]:
    key = record.key
    return (
        key.provider_id,
        key.cluster,
        key.job,
        key.device_class,
        record.account,
        contracts.get(record.account, ""),
        int(key.starts_at.timestamp()),
        int(record.ends_at.timestamp()),
        record.cards,
        record.state,
        record.is_final,
        record.revision,
        version,
        line,
        weight,
    )


def known_of(
    programme: Programme, provider_id: str, keys: Iterable[UsageKey]
) -> dict[UsageKey, tuple[UsageRecord, int]]:
    """The readings that count now, of the uses that a batch speaks of.

    Only files that may hold one of them are looked into: a use's readings all have its start.
    """
    wanted = pl.DataFrame(
        [(k.cluster, k.job, k.device_class, int(k.starts_at.timestamp())) for k in keys],
        schema={name: READINGS[name] for name in KEY[1:]},
        orient="row",
    )
    if wanted.is_empty():
        return {}
    first, last = span_of(wanted)
    batches = batches_of(programme.id).filter(
        provider_id=provider_id, first_start__lte=last, last_start__gte=first
    )
    rows = (
        _scan(programme, batches.values_list("lake_sha256", flat=True))
        .filter(pl.col("starts_at").is_between(first, last), pl.col("weight") == 1)
        .join(wanted.lazy(), on=list(KEY[1:]), how="semi")
        .collect()
        .sort("version")
    )
    return {(record := record_of(row)).key: (record, row["version"]) for row in rows.to_dicts()}


def span_of(readings: pl.DataFrame) -> tuple[int, int]:
    """The first and the last start of some readings, at least one, in epoch seconds."""
    starts = readings["starts_at"].to_numpy()
    return int(starts.min()), int(starts.max())


def usage_of(programme: Programme, contract_id: str) -> dict[str, list[UsageRecord]]:
    """The readings that count and are a contract's, by device class, in key order."""
    names = batches_of(programme.id).values_list("lake_sha256", flat=True)
    of_contract = _scan(programme, names).filter(pl.col("contract_id") == contract_id)
    rows = _counting(of_contract).collect()
    by_class: dict[str, list[UsageRecord]] = defaultdict(list)
    for row in rows.sort(KEY).to_dicts():
        by_class[row["device_class"]].append(record_of(row))
    return by_class


def counting_readings(programme: Programme) -> pl.DataFrame:
    """All readings that count, with the batch that brought each, in the order of their starts."""
    parts = [
        _scan(programme, [batch.lake_sha256]).with_columns(pl.lit(batch.batch_id).alias("file"))
        for batch in batches_of(programme.id)
    ]
    if not parts:
        return pl.DataFrame(schema={**READINGS, "file": pl.String})
    rows = _counting(pl.concat(parts)).collect()
    return rows.sort("starts_at", "cluster", "job", "device_class", "provider")


def _counting(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The readings that no later one took back."""
    back = rows.filter(pl.col("weight") == -1)
    return rows.filter(pl.col("weight") == 1).join(back, on=list(_OF_READING), how="anti")


def batches_of(programme_id: str) -> QuerySet[UsageBatch]:
    """The accepted batches that said something new, in the order in which they came."""
    rows = UsageBatch.objects.filter(programme=programme_id, lake_sha256__isnull=False)
    return rows.order_by("id")


def _scan(programme: Programme, names: Iterable[str | None]) -> pl.LazyFrame:
    return lake_of(programme.id).scan(list(dict.fromkeys(n for n in names if n)))


def record_of(row: Mapping[str, Any]) -> UsageRecord:
    """The domain's record of a row of READINGS."""
    key = UsageKey(
        provider_id=row["provider"],
        cluster=row["cluster"],
        job=row["job"],
        device_class=row["device_class"],
        starts_at=moment_of(row["starts_at"]),
    )
    return UsageRecord(
        key=key,
        account=row["account"],
        cards=row["cards"],
        ends_at=moment_of(row["ends_at"]),
        is_final=row["is_final"],
        state=row["state"],
        revision=row["revision"],
    )


def moment_of(seconds: int) -> datetime:
    """The instant of an epoch second, in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
