"""Rows as CSV: UTF-8, LF, a header line, amounts with two decimals, use in card-seconds.

A column of amounts is named after what the scheme counts in: x_yuan, x_eur, x_card_hours.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from evernormal.domain.policy import Unit
from evernormal.domain.values import Fen

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text for a formula; amounts are numbers, never texts."""


_COLUMN_UNITS = {Unit.CNY: "yuan", Unit.CARD_HOUR: "card_hours", Unit.CREDIT: "credits"}
"""What stands behind a column's name; for other money the currency's code in small letters."""


def encode_table(
    row_type: "type[DataclassInstance]",
    rows: Iterable["DataclassInstance"],
    *,
    unit: Unit = Unit.CNY,
) -> bytes:
    """Write rows of one type as a CSV file.

    row_type  names the columns; a field `x_fen` becomes a column `x_yuan` written in yuan
    rows      in the order of the file
    unit      what the amounts are hundredths of
    returns   bytes, the same for the same rows; every cell is safe to open in a spreadsheet
    """
    names = [field.name for field in fields(row_type)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column_of(name, unit=unit) for name in names])
    for row in rows:
        writer.writerow([_cell(name, getattr(row, name)) for name in names])
    return text.getvalue().encode("utf-8")


def column_of(name: str, *, unit: Unit) -> str:
    """The column of a field: amounts say what they count."""
    return name.replace("_fen", f"_{_COLUMN_UNITS.get(unit, unit.value.lower())}")


def _cell(name: str, value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            # Also below nothing: a number is no formula.
            return Fen(value).yuan if "_fen" in name else str(value)
        case datetime() | date():
            return value.isoformat()
        case tuple():
            return _inert(" ".join(value))
        case _:
            return _inert(str(value))


def _inert(text: str) -> str:
    """A text that a spreadsheet would run as a formula gets an apostrophe before it."""
    return f"'{text}" if text[:1] in _FORMULA_STARTS else text
