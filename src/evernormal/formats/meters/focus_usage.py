"""Use in a FOCUS cost and usage table (CSV), as meter readings.

Only what was consumed is read, never cost: ConsumedQuantity of a SKU of cards, over a charge
period. Rows of one resource, SKU and period are parts of one use (a part under a commitment, a
part beyond it, a correction), so they are added up before anything is made of them.
source  FinOps Open Cost and Usage Specification 1.0 to 1.2: ConsumedQuantity, ConsumedUnit,
        ChargeCategory, ChargeClass, CommitmentDiscountStatus, SkuPriceDetails
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from evernormal.formats.meters.reading import (
    CARDS_MAX,
    MeterReadings,
    Reading,
    moment_of,
)
from evernormal.formats.problems import Problem

# Seconds of one card in a unit that says that it counts cards.
_CARD_UNITS: Mapping[str, int] = {
    "card-hours": 3600,
    "gpu-hours": 3600,
    "npu-hours": 3600,
    "card-minutes": 60,
    "gpu-minutes": 60,
    "npu-minutes": 60,
    "card-seconds": 1,
    "gpu-seconds": 1,
    "npu-seconds": 1,
}
# Seconds in a unit of time: of the whole resource, however many cards it has.
_TIME_UNITS: Mapping[str, int] = {"hours": 3600, "minutes": 60, "seconds": 1}
_NEEDED_COLUMNS = (
    "ChargeCategory",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ResourceId",
    "SkuId",
    "SubAccountId",
)
_NULLS = frozenset({"", "null", "NULL"})
# NumericFormat of the specification: an integer or a decimal, perhaps with an exponent.
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,2})?")


@dataclass(frozen=True, slots=True)
class FocusTable:
    """What is to be known about a table.

    file        its name, for problems
    cluster     the data centre's name of the cluster or zone
    card_types  SKUs (or x_CardType) that are cards even where nothing in the row says so
    """

    file: str
    cluster: str
    card_types: frozenset[str] = frozenset()

    def problem(
        self, line: int, code: str, message: str, todo: str, *, column: str | None = None
    ) -> Problem:
        """A problem of a line."""
        return Problem(self.file, line, column, code, message, todo)


@dataclass(frozen=True, slots=True, order=True)
class _Use:
    """What rows of one use share."""

    resource: str
    card_type: str
    starts_at: datetime
    ends_at: datetime

    @property
    def seconds(self) -> int:
        """How long the period is."""
        return (self.ends_at - self.starts_at) // timedelta(seconds=1)


@dataclass(slots=True)
class _Sum:
    """What the rows of one use come to. `line` is the first of them."""

    line: int
    account: str
    card_seconds: Fraction
    revision: int
    is_correction_alone: bool


def read_focus_usage(text: str, table: FocusTable) -> MeterReadings:
    """Read a table.

    text     CSV with the columns' names of FOCUS in its first line; others are passed over.
             Of the x_ columns x_CardType (instead of SkuId), x_GpuCount and x_Revision are read
    returns  readings in the order of first rows. Card-seconds that are no whole number of cards
             over the period are one reading more: one card, from the period's start, of the job
             "RESOURCE#rest"
    """
    problems: list[Problem] = []
    sums: dict[_Use, _Sum] = {}
    without_cards = 0
    for line, row in _rows(text, table, problems):
        try:
            part = _part(line, row, table)
        except _Unread as error:
            problems.append(table.problem(line, error.code, *error.texts, column=error.column))
            continue
        if part is None:
            without_cards += 1
            continue
        use, of_row = part
        before = sums.setdefault(use, replace(of_row, card_seconds=Fraction()))
        if before.account != of_row.account:
            message = f"Line {before.line} gives the same use to {before.account}."
            todo = "Correct SubAccountId in one of the two."
            problems.append(table.problem(line, "focus.account", message, todo))
            continue
        before.card_seconds += of_row.card_seconds
        before.revision = max(before.revision, of_row.revision)
        before.is_correction_alone &= of_row.is_correction_alone
    readings: list[Reading] = []
    for use, whole in sums.items():
        wrong = _wrong(use, whole)
        if wrong:
            problems.append(table.problem(whole.line, *wrong, column="ConsumedQuantity"))
        elif not whole.card_seconds and not whole.revision:
            without_cards += 1
        else:
            readings += _readings(use, whole, table)
    return MeterReadings(tuple(readings), without_cards, tuple(problems))


class _Unread(Exception):
    """A row cannot be read. `texts` are what is wrong and what to do."""

    def __init__(self, code: str, column: str, *texts: str) -> None:
        self.code, self.column, self.texts = code, column, texts
        super().__init__(*texts)


def _part(line: int, row: Mapping[str, str], table: FocusTable) -> tuple[_Use, _Sum] | None:
    """The use that a row is part of, and its part; None when the row is no use of cards."""
    text = {name: "" if cell in _NULLS else cell for name, cell in row.items()}
    # Whoever paid for a commitment that nobody used held no card.
    is_use = text["ChargeCategory"] == "Usage"
    if not is_use or text.get("CommitmentDiscountStatus") == "Unused":
        return None
    card_type = text.get("x_CardType") or text["SkuId"]
    seconds = _seconds_a_unit(text, card_type, table)
    if not seconds:
        return None
    is_correction = text.get("ChargeClass") == "Correction"
    if is_correction and not text["ConsumedQuantity"]:
        return None  # it corrects a cost, not a quantity
    quantity = _quantity(text["ConsumedQuantity"])
    for column in ("ResourceId", "SkuId", "SubAccountId"):
        if not text[column]:
            raise _Unread("cell.blank", column, "Is blank.", "A use of cards has one.")
    starts_at, ends_at = (_moment(text, f"ChargePeriod{edge}") for edge in ("Start", "End"))
    if ends_at <= starts_at:
        message = "The charge period ends before it has begun."
        raise _Unread("focus.period", "ChargePeriodEnd", message, "Correct one of the two.")
    use = _Use(text["ResourceId"], card_type, starts_at, ends_at)
    revision = _count(text, "x_Revision", CARDS_MAX) or 0
    return use, _Sum(line, text["SubAccountId"], quantity * seconds, revision, is_correction)


def _seconds_a_unit(text: Mapping[str, str], card_type: str, table: FocusTable) -> int:
    """Card-seconds in one ConsumedUnit; 0 when it counts no cards."""
    unit = text["ConsumedUnit"].strip().lower().replace(" ", "-")
    if unit in _CARD_UNITS:
        return _CARD_UNITS[unit]
    if unit not in _TIME_UNITS:
        return 0
    cards = _count(text, "x_GpuCount", CARDS_MAX)
    if cards is None:
        cards = _gpu_count(text.get("SkuPriceDetails", ""))
    if cards is None:
        cards = 1 if card_type in table.card_types else 0
    return cards * _TIME_UNITS[unit]


def _gpu_count(details: str) -> int | None:
    """GpuCount of the SKU; None when its details tell of none."""
    if not details:
        return None
    try:
        found = json.loads(details)
    except (ValueError, RecursionError) as error:
        message = "Is not JSON."
        raise _Unread("json.syntax", "SkuPriceDetails", message, "Export it again.") from error
    count = found.get("GpuCount") if isinstance(found, Mapping) else None
    if count is None:
        return None
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= CARDS_MAX:
        message, todo = "GpuCount is no whole number of cards.", "Correct it."
        raise _Unread("focus.cards", "SkuPriceDetails", message, todo)
    return count


def _count(text: Mapping[str, str], column: str, most: int) -> int | None:
    cell = text.get(column, "")
    if not cell:
        return None
    if not (
        cell.isascii() and cell.isdigit() and len(cell) <= len(str(most)) and int(cell) <= most
    ):
        message = f'"{cell[:40]}" is no whole number of 0 or more.'
        raise _Unread("focus.count", column, message, "Correct it, or leave it blank.")
    return int(cell)


def _quantity(cell: str) -> Fraction:
    if not _NUMBER.fullmatch(cell):
        message = f'"{cell[:40]}" is no number.' if cell else "Is blank."
        todo = "A use has a quantity: digits, with a point before decimals."
        raise _Unread("focus.quantity", "ConsumedQuantity", message, todo)
    return Fraction(Decimal(cell))


def _moment(text: Mapping[str, str], column: str) -> datetime:
    try:
        return moment_of(text[column])
    except ValueError as error:
        todo = "Write it in UTC: 2026-03-01T08:00:00Z."
        raise _Unread("focus.time", column, f"{error}.", todo) from error


def _readings(use: _Use, whole: _Sum, table: FocusTable) -> Iterator[Reading]:
    """Give the readings of one use: their card-seconds are the rows', to the second."""
    cards, rest = divmod(int(whole.card_seconds), use.seconds)
    rest_ends_at = use.starts_at + timedelta(seconds=rest)
    for job, held, ends_at in (
        (use.resource, cards, use.ends_at),
        (f"{use.resource}#rest", 1 if rest else 0, rest_ends_at),
    ):
        # A correction says of both parts what they are now: one of them may be gone.
        if held or whole.revision:
            yield Reading(
                line=whole.line,
                cluster=table.cluster,
                job=job,
                account=whole.account,
                card_type=use.card_type,
                cards=held,
                starts_at=use.starts_at,
                ends_at=ends_at,
                state="USAGE",
                is_final=True,
                revision=whole.revision,
            )


def _wrong(use: _Use, whole: _Sum) -> tuple[str, str, str] | None:
    """What is wrong with a sum of rows: code, message, what to do."""
    if whole.is_correction_alone:
        return (
            "focus.correction_alone",
            "Corrects a use whose own rows are not in this file.",
            "Export the whole period again, with a higher x_Revision.",
        )
    if whole.card_seconds.denominator != 1:
        return (
            "focus.part_of_a_second",
            f"Comes to {whole.card_seconds} card-seconds, which is no whole number.",
            "Give the quantity exactly, in whole card-seconds: an hour has 3600.",
        )
    if not 0 <= whole.card_seconds <= use.seconds * CARDS_MAX:
        return (
            "focus.quantity",
            f"The rows of this use come to {int(whole.card_seconds)} card-seconds.",
            "Correct the quantities: together they are 0 or more.",
        )
    return None


def _rows(
    text: str, table: FocusTable, problems: list[Problem]
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Give each row with the line it begins on, by the columns' names."""
    names: Sequence[str] = ()
    for line, fields in _records(text, table, problems):
        if not names:
            names = [name.removeprefix("\ufeff") for name in fields]
            missing = [name for name in _NEEDED_COLUMNS if name not in names]
            if missing:
                message = f"The header line has no {', '.join(missing)}."
                todo = "Export a FOCUS cost and usage table, with its columns' names."
                problems.append(table.problem(line, "focus.columns", message, todo))
                return
        elif len(fields) != len(names):
            message = f"Has {len(fields)} fields, not {len(names)}."
            todo = "Look for a comma in a text that is not in quotes."
            problems.append(table.problem(line, "csv.field_count", message, todo))
        else:
            yield line, dict(zip(names, fields, strict=True))
    if not names:
        message, todo = "The file is empty.", "Export a FOCUS cost and usage table."
        problems.append(table.problem(1, "csv.empty", message, todo))


def _records(
    text: str, table: FocusTable, problems: list[Problem]
) -> Iterator[tuple[int, Sequence[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader, None)
        except csv.Error as error:
            message = f"The quotes cannot be read ({error})."
            todo = "Put the whole field in quotes and double each quote in it."
            problems.append(table.problem(line, "csv.quoting", message, todo))
            continue
        if fields is None:
            return
        if any(fields):
            yield line, fields
