"""Whether a file is FOCUS 1.2: its columns, its values, and what one cell demands of another.

The published validator that runs on our Python knows version 1.0 alone, so the rules of 1.2 that
bear on usage and credit rows are stated here by hand.
source  FinOps Open Cost and Usage Specification (FOCUS) 1.2, chapters "Columns" and "Attributes"
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Final

from evernormal.formats.focus import COLUMNS, OWN_COLUMNS, Column, FocusRow, Kind
from evernormal.formats.problems import PROBLEMS_MAX, Problem

_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_TIME: Final = re.compile(r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_UNIT: Final = re.compile(r"([1-9][0-9]* )?[A-Z][A-Za-z]*(-[A-Z][A-Za-z]*)?(/[A-Z][a-z]+)?")

_WORDS: Final = {
    "ChargeCategory": {"Usage", "Purchase", "Tax", "Credit", "Adjustment"},
    "ChargeClass": {"Correction"},
    "ChargeFrequency": {"One-Time", "Recurring", "Usage-Based"},
    "PricingCategory": {"Standard", "Dynamic", "Committed", "Other"},
    "CapacityReservationStatus": {"Used", "Unused"},
    "CommitmentDiscountCategory": {"Spend", "Usage"},
    "CommitmentDiscountStatus": {"Used", "Unused"},
}
"""Columns that have no words but these; ours are rows of the service category Compute."""
_COMPUTE: Final = frozenset(
    {
        "Containers",
        "End User Computing",
        "Quantum Compute",
        "Serverless Compute",
        "Virtual Machines",
        "Other (Compute)",
    }
)
_TOGETHER: Final = (
    ("ConsumedQuantity", "ConsumedUnit"),
    ("PricingQuantity", "PricingUnit"),
    ("RegionId", "RegionName"),
    ("ResourceId", "ResourceType"),
    ("SkuPriceId", "SkuId"),
    ("SubAccountId", "SubAccountType"),
)
"""Pairs of which both are null or neither."""
_OF_USAGE: Final = (
    "ConsumedQuantity",
    "ContractedUnitPrice",
    "ListUnitPrice",
    "PricingCategory",
    "PricingQuantity",
    "SkuId",
    "SkuPriceId",
)
"""What a usage row that is no correction must say."""


def focus_problems(data: bytes, *, file: str) -> list[Problem]:
    """Check a file against the rules of FOCUS 1.2.

    file     its name, for the list
    returns  what is wrong, by line; [] when nothing is
    """
    reader = csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""))
    names = list(reader.fieldnames or ())
    problems = [
        Problem(file, 1, name, "focus.columns", "A column is missing, or stands twice.", "Mend it.")
        for name in (column.name for column in COLUMNS)
        if names.count(name) != 1
    ]
    own = {column.name for column in (*COLUMNS, *OWN_COLUMNS)}
    problems += [
        Problem(file, 1, name, "focus.columns", "FOCUS has no such column.", "Begin it with x_.")
        for name in names
        if name not in own and not name.startswith("x_")
    ]
    if problems:
        return problems
    for line, row in enumerate(reader, start=2):
        for column, message in _wrong_in(row):
            problems.append(Problem(file, line, column, "focus.value", message, "Correct it."))
            if len(problems) >= PROBLEMS_MAX:
                return problems
    return problems


def _wrong_in(row: FocusRow) -> Iterator[tuple[str, str]]:
    """What is wrong with one row: the column, and why."""
    for column in COLUMNS:
        message = _wrong_cell(column, row[column.name])
        if message:
            yield column.name, message
            return  # what depends on it cannot be judged
    for rule in (_words, _pairs, _usage, _periods, _products):
        yield from rule(row)


def _wrong_cell(column: Column, text: str) -> str:
    if not text:
        return "" if column.may_be_null else "It may not be null."
    if text.upper() in {"NULL", "N/A", "NONE"}:
        return "Null is an empty cell."
    return _CELLS[column.kind](text)


def _wrong_object(text: str) -> str:
    try:
        found = json.loads(text)
    except ValueError:
        return "It is no JSON."
    is_flat = isinstance(found, dict) and not any(
        isinstance(value, dict | list) for value in found.values()
    )
    return "" if is_flat else "It is no JSON object of plain values."


_CELLS: Final[dict[Kind, Callable[[str], str]]] = {
    Kind.TEXT: lambda _text: "",
    Kind.NUMBER: lambda text: "" if _NUMBER.fullmatch(text) else "It is no decimal number.",
    Kind.TIME: lambda text: "" if _TIME.fullmatch(text) else "It is no instant of UTC.",
    Kind.OBJECT: _wrong_object,
}


def _words(row: FocusRow) -> Iterator[tuple[str, str]]:
    for name, words in _WORDS.items():
        if row[name] and row[name] not in words:
            yield name, f"It is none of {', '.join(sorted(words))}."
    if row["ServiceCategory"] == "Compute" and row["ServiceSubcategory"] not in _COMPUTE:
        yield "ServiceSubcategory", f"It is none of {', '.join(sorted(_COMPUTE))}."
    for name in ("BillingCurrency", "PricingCurrency"):
        if row[name] and not _CURRENCY.fullmatch(row[name]):
            yield name, "It is no code of ISO 4217."
    for name in ("ConsumedUnit", "PricingUnit"):
        if row[name] and not _UNIT.fullmatch(row[name]):
            yield name, "It is no unit as FOCUS writes one."


def _pairs(row: FocusRow) -> Iterator[tuple[str, str]]:
    for one, other in _TOGETHER:
        if bool(row[one]) != bool(row[other]):
            yield one, f"It and {other} are both null, or neither is."


def _usage(row: FocusRow) -> Iterator[tuple[str, str]]:
    """Tell what the kind of charge demands."""
    is_usage = row["ChargeCategory"] == "Usage"
    if is_usage and not row["ChargeClass"]:
        for name in _OF_USAGE:
            if not row[name]:
                yield name, "A usage row that is no correction may not leave it null."
    if not is_usage and row["ConsumedQuantity"]:
        yield "ConsumedQuantity", "Only a usage row has it."
    if row["ChargeCategory"] == "Purchase" and row["ChargeFrequency"] == "Usage-Based":
        yield "ChargeFrequency", "A purchase is not usage-based."


def _periods(row: FocusRow) -> Iterator[tuple[str, str]]:
    for name in ("BillingPeriod", "ChargePeriod"):
        if row[f"{name}Start"] >= row[f"{name}End"]:
            yield f"{name}End", f"It is not after {name}Start."


def _products(row: FocusRow) -> Iterator[tuple[str, str]]:
    """Tell where price × quantity is not the cost, or a cost without a price not what is billed."""
    for cost, price in (("ListCost", "ListUnitPrice"), ("ContractedCost", "ContractedUnitPrice")):
        if row[price]:
            if Fraction(row[price]) < 0:
                yield price, "A unit price is not negative."
            product = Fraction(row[price]) * Fraction(row["PricingQuantity"] or 0)
            if not row["ChargeClass"] and product != Fraction(row[cost]):
                yield cost, f"It is not {price} × PricingQuantity."
        elif Fraction(row[cost]) != Fraction(row["BilledCost"]):
            yield cost, f"Without {price} it is what is billed."
