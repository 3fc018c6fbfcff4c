"""The readings behind a sum: which uses a voucher, firm or provider had in some hours."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from evernormal.domain.metering.cutting import instant_of
from evernormal.store.queries.readings import KEY
from evernormal.store.queries.usage import UsageFilter, UsageView, within
from evernormal.store.usage_lake import READINGS

PAGE_MAX: Final = 1_000
"""Readings in one answer: some 200 kB, and a screen that nobody reads to its end."""

ORDER: Final = ("starts_at", "provider", "cluster", "job", "device_class")
"""What tells one use from another, and the order in which they are given."""

Place = tuple[int, str, str, str, str]
"""Where a reading stands in that order."""


@dataclass(frozen=True, slots=True)
class ReadingsQuestion:
    """Which readings are asked for.

    starts_at, ends_at  an instant and a later one: uses that ran between them, whole
    after               where the last page ended; None: from the first on
    limit               1 to PAGE_MAX
    """

    where: UsageFilter
    starts_at: datetime
    ends_at: datetime
    after: Place | None = None
    limit: int = PAGE_MAX


def readings_of(view: UsageView, question: ReadingsQuestion) -> pl.DataFrame:
    """The readings that count, of uses that ran in some hours.

    view     of batches with readings from before the end of the hours
    returns  columns of READINGS but `weight`, at most `limit` rows, in ORDER
    raises   LakeFileMissing
    """
    start, end = int(question.starts_at.timestamp()), int(question.ends_at.timestamp())
    rows = within(view.lake.scan(view.names), question.where, view.owners).filter(
        pl.col("starts_at") < end, pl.col("ends_at") > start
    )
    # A reading that was taken back stands again, with the same times, in the file that did it.
    back = rows.filter(pl.col("weight") == -1)
    of_reading = [*KEY, "version"]
    counting = rows.filter(pl.col("weight") == 1).join(back, on=of_reading, how="anti")
    if question.after is not None:
        is_after = pl.lit(value=False)
        for name, value in reversed(list(zip(ORDER, map(pl.lit, question.after), strict=True))):
            is_after = (pl.col(name) > value) | ((pl.col(name) == value) & is_after)
        counting = counting.filter(is_after)
    names = [name for name in READINGS.names() if name != "weight"]
    return counting.sort(ORDER).head(question.limit).select(names).collect(engine="streaming")


def hours_of(since: date, until: date, *, zone: str) -> tuple[datetime, datetime]:
    """The instants at which a local day begins, and another; `zone` is an IANA name."""
    local = ZoneInfo(zone)
    return instant_of(since, 0, zone=local), instant_of(until, 0, zone=local)


def place_of(readings: pl.DataFrame) -> Place:
    """Where a page of at least one reading ends."""
    last = readings.row(-1, named=True)
    return (
        last["starts_at"],
        last["provider"],
        last["cluster"],
        last["job"],
        last["device_class"],
    )
