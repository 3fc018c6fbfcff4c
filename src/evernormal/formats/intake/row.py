"""Rows of a table: what could be read of them, and where each stands in its file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from evernormal.formats.intake.table import Column
from evernormal.formats.problems import Problem, Unreadable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `texts` are its cells without spaces around them, `values` those that could be read.

    line   where the row begins in the file, from 1
    """

    file: str
    line: int
    texts: Mapping[str, str]
    values: Mapping[str, object]

    def find(self, column: str, kind: type[T]) -> T | None:
        """The value of a cell, or None when it is blank or could not be read."""
        value = self.values.get(column)
        return value if isinstance(value, kind) else None

    def get(self, column: str, kind: type[T]) -> T:
        """The value of a cell that is known to have been read."""
        value = self.find(column, kind)
        if value is None:
            raise AssertionError(f"{self.file}:{self.line} has no {column}")
        return value

    def problem(self, column: str | None, code: str, message: str, todo: str) -> Problem:
        """A problem of this row."""
        return Problem(self.file, self.line, column, code, message, todo)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a table. `is_whole`: none was lost, and every key could be read."""

    file: str
    rows: tuple[Row, ...]
    is_whole: bool


def read_cells(file: str, line: int, cells: Mapping[Column, str], problems: list[Problem]) -> Row:
    """Read the cells of a row, each by its column's kind.

    cells    text by column, as it stands in the file
    """
    texts: dict[str, str] = {}
    values: dict[str, object] = {}
    for column, cell in cells.items():
        text = cell.strip()
        texts[column.name] = text
        try:
            values[column.name] = _value(column, cell, text)
        except Unreadable as refusal:
            problems += _told(refusal, column, file, line)
            if refusal.code == "cell.spaces":
                values |= _read_anyway(column, text, file, line, problems)
    return Row(file, line, texts, {k: v for k, v in values.items() if v is not None})


def _value(column: Column, cell: str, text: str) -> object:
    if not text:
        if column.is_required:
            raise Unreadable("cell.blank", "Is blank.", f"Enter: {column.en}.")
        return None
    if cell != text:
        raise Unreadable(
            "cell.spaces", f'"{cell}" has spaces before or after it.', f'Write "{text}".'
        )
    return column.kind.read(text)


def _read_anyway(
    column: Column, text: str, file: str, line: int, problems: list[Problem]
) -> dict[str, object]:
    """Read what stands between the spaces, which may have a fault of its own."""
    try:
        return {column.name: column.kind.read(text)}
    except Unreadable as refusal:
        problems += _told(refusal, column, file, line)
        return {}


def _told(refusal: Unreadable, column: Column, file: str, line: int) -> list[Problem]:
    return [
        Problem(file, line, column.name, each.code, each.message, each.todo)
        for each in (refusal, *refusal.others)
    ]
