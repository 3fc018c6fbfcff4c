"""Sheets of the catalogue: CSV files with a header, each cell of a known kind."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from evernormal.catalogue.kinds import Kind, read_values
from evernormal.catalogue.problems import CatalogueProblem

FILE_BYTES_MAX = 4_000_000
"""The world's chips are a hundred kilobytes; this bounds what a parser is fed."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a sheet whose cells could all be read."""

    path: str
    number: int
    values: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def problem(self, column: str, message: str) -> CatalogueProblem:
        """A mistake in this line. The message says what to do."""
        return CatalogueProblem(self.path, self.number, column, message)


@dataclass(slots=True)
class Sheet:
    """The lines of a file, in order, and what was wrong with the others."""

    lines: list[Line] = field(default_factory=list)
    problems: list[CatalogueProblem] = field(default_factory=list)


def read_sheet(
    content: bytes, path: str, columns: Mapping[str, Kind], *, key: tuple[str, ...]
) -> Sheet:
    """Read a sheet.

    path     the file's name, for messages only; nothing is opened
    columns  kind of each column, all of which have to be there
    key      columns in which no two lines are the same
    """
    sheet = Sheet()
    try:
        text = _decoded(content)
    except ValueError as problem:
        sheet.problems.append(CatalogueProblem(path, 0, "", str(problem)))
        return sheet
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        if sorted(reader.fieldnames or ()) != sorted(columns):
            message = f"Its first line has to name: {','.join(columns)}."
            sheet.problems.append(CatalogueProblem(path, 1, "", message))
            return sheet
        for cells in reader:
            _take(sheet, Line(path, reader.line_num, cells), columns)
    except csv.Error as problem:
        message = f"This is no CSV: {problem}."
        sheet.problems.append(CatalogueProblem(path, reader.line_num, "", message))
    _refuse_doubles(sheet, key)
    return sheet


def _decoded(content: bytes) -> str:
    if len(content) > FILE_BYTES_MAX:
        raise ValueError(f"It has more than {FILE_BYTES_MAX:,} bytes: split it.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise ValueError("It is not UTF-8: save it as UTF-8.") from problem


def _take(sheet: Sheet, raw: Line, columns: Mapping[str, Kind]) -> None:
    # Cells beyond the header stand under None, cells that are missing are None.
    if None in raw.values or None in raw.values.values():
        message = f"It has to have {len(columns)} cells, as the first line has."
        sheet.problems.append(raw.problem("", message))
        return
    values, mistakes = read_values(raw.values, columns)
    sheet.problems += [raw.problem(column, todo) for column, todo in mistakes]
    if not mistakes:
        sheet.lines.append(Line(raw.path, raw.number, values))


def _refuse_doubles(sheet: Sheet, key: tuple[str, ...]) -> None:
    first: dict[tuple[Any, ...], Line] = {}
    for line in sheet.lines:
        known = first.setdefault(tuple(line[name] for name in key), line)
        if known is not line:
            message = f"Line {known.number} says the same: keep one."
            sheet.problems.append(line.problem(key[-1], message))
