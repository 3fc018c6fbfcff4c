"""FOCUS cost and usage rows as a file: the columns of version 1.2, and how values are written.

A row is a mapping from column to text; a column that a row leaves out is null, an empty cell.
source  FinOps Open Cost and Usage Specification (FOCUS) 1.2, chapter "Columns"
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from fractions import Fraction
from typing import Final

from evernormal.domain.values import Rounding, RoundingMode

FOCUS_VERSION: Final = "1.2"

FocusRow = Mapping[str, str]

_PLACES: Final = 12
"""Decimals of a quantity or a unit price that has no end, as a third of a card-hour has."""

_NEAREST = Rounding(RoundingMode.HALF_UP)


class Kind(Enum):
    """What the cells of a column are."""

    TEXT = "String"
    NUMBER = "Decimal"
    TIME = "Date/Time"
    OBJECT = "Key-Value"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its id, what its cells are, and whether one of them may be null."""

    name: str
    kind: Kind = Kind.TEXT
    may_be_null: bool = True


def _must(name: str, kind: Kind = Kind.TEXT) -> Column:
    return Column(name, kind, may_be_null=False)


COLUMNS: Final = (
    Column("AvailabilityZone"),
    _must("BilledCost", Kind.NUMBER),
    _must("BillingAccountId"),
    Column("BillingAccountName"),
    Column("BillingAccountType"),
    _must("BillingCurrency"),
    _must("BillingPeriodEnd", Kind.TIME),
    _must("BillingPeriodStart", Kind.TIME),
    Column("CapacityReservationId"),
    Column("CapacityReservationStatus"),
    _must("ChargeCategory"),
    Column("ChargeClass"),
    Column("ChargeDescription"),
    _must("ChargeFrequency"),
    _must("ChargePeriodEnd", Kind.TIME),
    _must("ChargePeriodStart", Kind.TIME),
    Column("CommitmentDiscountCategory"),
    Column("CommitmentDiscountId"),
    Column("CommitmentDiscountName"),
    Column("CommitmentDiscountQuantity", Kind.NUMBER),
    Column("CommitmentDiscountStatus"),
    Column("CommitmentDiscountType"),
    Column("CommitmentDiscountUnit"),
    Column("ConsumedQuantity", Kind.NUMBER),
    Column("ConsumedUnit"),
    _must("ContractedCost", Kind.NUMBER),
    Column("ContractedUnitPrice", Kind.NUMBER),
    _must("EffectiveCost", Kind.NUMBER),
    Column("InvoiceId"),
    _must("InvoiceIssuerName"),
    _must("ListCost", Kind.NUMBER),
    Column("ListUnitPrice", Kind.NUMBER),
    Column("PricingCategory"),
    Column("PricingCurrency"),
    Column("PricingCurrencyContractedUnitPrice", Kind.NUMBER),
    Column("PricingCurrencyEffectiveCost", Kind.NUMBER),
    Column("PricingCurrencyListUnitPrice", Kind.NUMBER),
    Column("PricingQuantity", Kind.NUMBER),
    Column("PricingUnit"),
    _must("ProviderName"),
    _must("PublisherName"),
    Column("RegionId"),
    Column("RegionName"),
    Column("ResourceId"),
    Column("ResourceName"),
    Column("ResourceType"),
    _must("ServiceCategory"),
    _must("ServiceName"),
    _must("ServiceSubcategory"),
    Column("SkuId"),
    Column("SkuMeter"),
    Column("SkuPriceDetails", Kind.OBJECT),
    Column("SkuPriceId"),
    Column("SubAccountId"),
    Column("SubAccountName"),
    Column("SubAccountType"),
    Column("Tags", Kind.OBJECT),
)
"""The 57 columns of FOCUS 1.2, in alphabetical order as there."""

OWN_COLUMNS: Final = (
    _must("x_AwardId"),
    Column("x_Band"),
    _must("x_CardType"),
    _must("x_ChargeId"),
    _must("x_OrderId"),
    _must("x_ProgrammeId"),
    _must("x_UsageBatch"),
    _must("x_VoucherId"),
)
"""Ours, under the prefix that FOCUS keeps free for columns that it does not define."""


def encode_focus(rows: Iterable[FocusRow]) -> bytes:
    """Write rows as a CSV file: UTF-8, LF, a header line, nulls as empty cells.

    raises   KeyError for a column that is none
    """
    names = [column.name for column in (*COLUMNS, *OWN_COLUMNS)]
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n", extrasaction="raise")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: inert(value) for name, value in row.items()})
    return text.getvalue().encode("utf-8")


def inert(text: str) -> str:
    """A text that a spreadsheet would run as a formula gets an apostrophe; a number stays one."""
    if text[:1] == "-" and text[1:].replace(".", "", 1).isdigit():
        return text
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def instant_text(at: datetime) -> str:
    """An instant as FOCUS writes it: whole seconds of UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rounded(number: Fraction) -> Fraction:
    """A number that a decimal can write: exact where it ends within 12 decimals."""
    scale = 10**_PLACES
    return Fraction(_NEAREST.to_fen(number * scale).amount, scale)


def decimal_text(number: Fraction) -> str:
    """A number whose decimals end, in full.

    raises   ValueError when they do not end within 48 places
    """
    places = 0
    while (number * 10**places).denominator != 1:
        places += 1
        if places > 4 * _PLACES:
            raise ValueError(f"{number} is no decimal number")
    digits = str(abs(int(number * 10**places))).rjust(places + 1, "0")
    sign = "-" if number < 0 else ""
    whole, decimals = digits[: len(digits) - places], digits[len(digits) - places :]
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"
