"""How much was used: sums of the lake by voucher, firm, provider, class of card and day."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import Enum
from typing import Final

import polars as pl

from evernormal.store.models import Decision, Programme, Voucher
from evernormal.store.queries.readings import batches_of
from evernormal.store.transaction import UnknownProgramme
from evernormal.store.usage_days import SUMS, scan_days
from evernormal.store.usage_lake import UsageLake, lake_of


class Dimension(Enum):
    """What use can be told apart by."""

    VOUCHER = "voucher"
    APPLICANT = "applicant"
    CONTRACT = "contract"
    PROVIDER = "provider"
    CLUSTER = "cluster"
    DEVICE_CLASS = "device_class"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class UsageFilter:
    """Which use is counted; an empty set means all.

    since, until  local days; `until` is the first that no longer counts
    with_others   count use of accounts that are no applicant's, too
    """

    vouchers: frozenset[str] = frozenset()
    applicants: frozenset[str] = frozenset()
    contracts: frozenset[str] = frozenset()
    providers: frozenset[str] = frozenset()
    clusters: frozenset[str] = frozenset()
    device_classes: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None
    with_others: bool = False


OWNERS: Final = pl.Schema({"contract_id": pl.String, "voucher": pl.String, "applicant": pl.String})
"""Whose a contract is, and its voucher; "" where it has none."""

_COLUMNS: Final = {
    Dimension.VOUCHER: "voucher",
    Dimension.APPLICANT: "applicant",
    Dimension.CONTRACT: "contract_id",
    Dimension.PROVIDER: "provider",
    Dimension.CLUSTER: "cluster",
    Dimension.DEVICE_CLASS: "device_class",
    Dimension.DAY: "day",
    Dimension.MONTH: "month",
}
_OF_OWNER: Final = frozenset({Dimension.VOUCHER, Dimension.APPLICANT})
_INNER: Final = {
    each: "contract_id" if each in _OF_OWNER else column for each, column in _COLUMNS.items()
}
"""The column of the lake that stands behind each."""
_MANY: Final = 2
"""From so many columns on a page is looked for; by one column there are few rows anyway."""
_SETS: Final = {
    "vouchers": "voucher",
    "applicants": "applicant",
    "contracts": "contract_id",
    "providers": "provider",
    "clusters": "cluster",
    "device_classes": "device_class",
}


@dataclass(frozen=True, slots=True)
class UsageQuestion:
    """What is asked of a lake.

    where  which use is counted
    by     what to tell apart, each at most once; nothing: one sum
    after  the values of `by` in the last row that is known already; (): from the first on
    limit  most rows to give; None: all
    """

    where: UsageFilter
    by: tuple[Dimension, ...] = ()
    after: tuple[str | date, ...] = ()
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class UsageView:
    """What of a lake counts for a programme.

    names    of the batches, as the manifest names them
    owners   with the columns of OWNERS, a row a contract
    """

    lake: UsageLake
    names: tuple[str, ...]
    owners: pl.DataFrame


def view_of(programme_id: str, *, started_before: datetime | None = None) -> UsageView:
    """Read from the tables what a question to the lake needs; after that it needs no table.

    started_before   leave out batches of which no reading starts before this instant
    raises           UnknownProgramme
    """
    programme = Programme.objects.filter(id=programme_id).first()
    if programme is None:
        raise UnknownProgramme(programme_id=programme_id)
    batches = batches_of(programme.id)
    if started_before is not None:
        batches = batches.filter(first_start__lt=int(started_before.timestamp()))
    names = dict.fromkeys(name for name in batches.values_list("lake_sha256", flat=True) if name)
    return UsageView(lake_of(programme.id), tuple(names), owners_in(programme))


def dimensions_of(text: str) -> tuple[Dimension, ...]:
    """Read names of dimensions with commas between them; "" is none.

    raises   ValueError that says which there are
    """
    try:
        found = tuple(Dimension(name.strip()) for name in text.split(",") if name.strip())
    except ValueError as error:
        names = ", ".join(each.value for each in Dimension)
        raise ValueError(f"{error}. There are {names}.") from error
    if len(set(found)) != len(found):
        raise ValueError(f"{text!r} names one twice. Name each once.")
    return found


def use_of(view: UsageView, question: UsageQuestion) -> pl.DataFrame:
    """Add up the use in a lake.

    returns  a column for each of `by`, named as its value, then `card_seconds` and `records` (uses,
             by their first day), exact; a row for each combination that has any, in order of the
             columns of `by`
    raises   LakeFileMissing
    """
    rows = within(scan_days(view.lake, view.names), question.where, view.owners)
    rows = _on_days(rows, question.where)
    if Dimension.MONTH in question.by:
        rows = rows.with_columns(pl.col("day").dt.truncate("1mo").alias("month"))
    if question.limit is None or len(question.by) < _MANY:
        return _told(rows, question, view.owners)
    # A page needs no more than the first values of its first column, and those are soon counted.
    values = _first_values(rows, question, view.owners)
    wanted = 2 * question.limit
    while True:
        upto = values.filter(pl.col("rows").cum_sum() - pl.col("rows") < wanted)
        part = _with_first(rows, question.by[0], upto["value"], view.owners)
        told = _told(part, question, view.owners)
        if len(told) >= question.limit or len(upto) == len(values):
            return told
        wanted *= 4


def _told(rows: pl.LazyFrame, question: UsageQuestion, owners: pl.DataFrame) -> pl.DataFrame:
    by = question.by
    # Firms and vouchers are few and use is much: use is added up by contract first.
    inner = dict.fromkeys(_INNER[each] for each in by)
    summed = _summed(rows, list(inner))
    if not _OF_OWNER.isdisjoint(by):
        summed = _by_owner(summed, by, owners)
    nonzero = (pl.col("card_seconds") != 0) | (pl.col("records") != 0)
    columns = [pl.col(_COLUMNS[each]).alias(each.value) for each in by]
    told = summed.filter(nonzero).select(*columns, *SUMS)
    if by:
        told = _page(told, question)
    return told.collect(engine="streaming")


def _first_values(
    rows: pl.LazyFrame, question: UsageQuestion, owners: pl.DataFrame
) -> pl.DataFrame:
    """The values of the first column from where the page begins, and about how many rows each has.

    returns  `value` in order and `rows`
    """
    first = question.by[0]
    counted = rows.group_by(_INNER[first]).agg(pl.len().alias("rows"))
    if first in _OF_OWNER:
        whose = owners.lazy().select("contract_id", value=pl.col(_COLUMNS[first]))
        counted = counted.join(whose, on="contract_id", how="left")
    else:
        counted = counted.rename({_INNER[first]: "value"})
    if first is not Dimension.DAY and first is not Dimension.MONTH:
        counted = counted.with_columns(pl.col("value").fill_null(""))
    if question.after:
        counted = counted.filter(pl.col("value") >= question.after[0])
    return (
        counted.group_by("value")
        .agg(pl.col("rows").sum())
        .sort("value")
        .collect(engine="streaming")
    )


def _with_first(
    rows: pl.LazyFrame, first: Dimension, values: pl.Series, owners: pl.DataFrame
) -> pl.LazyFrame:
    """The rows whose first column has one of some values."""
    if first not in _OF_OWNER:
        return rows.filter(pl.col(_COLUMNS[first]).is_in(values.to_list()))
    owned = owners.filter(pl.col(_COLUMNS[first]).is_in(values.to_list()))["contract_id"]
    is_wanted = pl.col("contract_id").is_in(owned.to_list())
    if "" in values:
        is_wanted |= ~pl.col("contract_id").is_in(owners["contract_id"].to_list())
    return rows.filter(is_wanted)


def _by_owner(
    summed: pl.LazyFrame, by: tuple[Dimension, ...], owners: pl.DataFrame
) -> pl.LazyFrame:
    """Put vouchers and firms in the place of contracts."""
    whose = owners.lazy().select(OWNERS.names())
    told = summed.join(whose, on="contract_id", how="left").with_columns(
        pl.col("voucher", "applicant").fill_null("")
    )
    # Where each voucher is one contract's, its sums are the contract's already.
    is_one_to_one = owners["voucher"].is_unique().all() and "" not in owners["voucher"]
    if Dimension.CONTRACT in by or (Dimension.VOUCHER in by and is_one_to_one):
        return told
    return _summed(told, [_COLUMNS[each] for each in by])


def _page(told: pl.LazyFrame, question: UsageQuestion) -> pl.LazyFrame:
    """The rows in order, from where the last page ended to where this one does."""
    names = [each.value for each in question.by]
    if question.after:
        is_after = pl.lit(value=False)
        for name, value in reversed(list(zip(names, question.after, strict=True))):
            is_after = (pl.col(name) > value) | ((pl.col(name) == value) & is_after)
        told = told.filter(is_after)
    told = told.sort(names)
    return told if question.limit is None else told.head(question.limit)


def owners_in(programme: Programme) -> pl.DataFrame:
    """Whose each decided contract is, and its voucher."""
    vouchers = dict(
        Voucher.objects.filter(programme=programme).values_list(
            "award__decision__contract_id", "voucher_id"
        )
    )
    decided = Decision.objects.filter(programme=programme)
    rows = [
        (contract, vouchers.get(contract, ""), applicant)
        for contract, applicant in decided.values_list("contract_id", "applicant_id")
    ]
    return pl.DataFrame(rows, schema=OWNERS, orient="row").unique("contract_id")


def _summed(rows: pl.LazyFrame, columns: list[str]) -> pl.LazyFrame:
    sums = pl.col(SUMS).sum()
    return rows.group_by(columns).agg(sums) if columns else rows.select(sums)


def within(rows: pl.LazyFrame, where: UsageFilter, owners: pl.DataFrame) -> pl.LazyFrame:
    """The rows that a filter leaves, whatever their days."""
    for field in fields(where):
        column, wanted = _SETS.get(field.name), getattr(where, field.name)
        if column in OWNERS.names()[1:] and wanted:
            of_owner = owners.filter(pl.col(column).is_in(sorted(wanted)))["contract_id"]
            rows = rows.filter(pl.col("contract_id").is_in(of_owner.to_list()))
        elif column and wanted:
            rows = rows.filter(pl.col(column).is_in(sorted(wanted)))
    return rows if where.with_others else rows.filter(pl.col("contract_id") != "")


def _on_days(rows: pl.LazyFrame, where: UsageFilter) -> pl.LazyFrame:
    if where.since is not None:
        rows = rows.filter(pl.col("day") >= where.since)
    if where.until is not None:
        rows = rows.filter(pl.col("day") < where.until)
    return rows
