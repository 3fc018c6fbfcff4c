"""Spreadsheets saved as CSV: header, records and their physical lines."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from evernormal.domain.policy import Unit
from evernormal.formats.intake.row import Row, Sheet, read_cells
from evernormal.formats.intake.table import Column, Table
from evernormal.formats.problems import Problem

# A year of a large office has some 10,000 contracts and a million readings.
RECORDS_MAX = 2_000_000


def read_sheet(
    text: str, *, file: str, table: Table, problems: list[Problem], unit: Unit = Unit.CNY
) -> Sheet:
    """Read a CSV file by a table of columns.

    text     the file's text, line ends as they are
    unit     what amounts are counted in: a column `x_yuan` of the table is `x_card_hours` in the
             file of a programme in card-hours
    returns  every row that has the header's number of fields; `is_whole` only when nothing that
             other files refer to was lost
    """
    records = _records(text, file, problems)
    first = next(records, None)
    if first is None:
        problems.append(
            _problem(file, 1, "csv.empty", "The file is empty.", "Write a header line first.")
        )
        return Sheet(file, (), is_whole=False)
    header_line, names = first
    if names is None:
        return Sheet(file, (), is_whole=False)
    known = {name_in_file(column.name, unit): column for column in table.columns}
    columns = _header(file, header_line, names, known, problems)
    required = [c.name for c in table.columns if c.is_required and c.name in table.key]
    rows, is_whole = [], all(name in names for name in required)
    for line, fields in records:
        if fields is None or len(fields) != len(names):
            is_whole = False
            if fields is not None:
                problems.append(_wrong_count(file, line, len(fields), len(names)))
            continue
        cells = {c: f for c, f in zip(columns, fields, strict=True) if c is not None}
        rows.append(read_cells(file, line, cells, problems))
    is_whole = is_whole and all(row.texts.get(name) for row in rows for name in required)
    _refuse_repeated(rows, table, problems)
    return Sheet(file, tuple(rows), is_whole)


def name_in_file(name: str, unit: Unit) -> str:
    """The file's name of a table's column."""
    return name.replace("_yuan", f"_{unit.column}")


def _records(
    text: str, file: str, problems: list[Problem]
) -> Iterator[tuple[int, list[str] | None]]:
    """Give each record with the line it begins on; None for one that cannot be taken apart."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    for _ in range(RECORDS_MAX):
        line = reader.line_num + 1
        try:
            fields = next(reader, None)
        except csv.Error as error:
            problems.append(_problem(file, line, "csv.quoting", *_quoting(str(error))))
            yield line, None
            continue
        if fields is None:
            return
        if any(fields):
            yield line, fields
    problems.append(
        _problem(file, line, "csv.too_long", f"Has over {RECORDS_MAX} records.", "Split it.")
    )


def _quoting(error: str) -> tuple[str, str]:
    return (
        f"The quotes cannot be read ({error}).",
        'Put the whole field in quotes and double each quote in it: "say ""yes""".',
    )


def _header(
    file: str,
    line: int,
    names: Sequence[str],
    known: Mapping[str, Column],
    problems: list[Problem],
) -> list[Column | None]:
    """Find the column of each field; None for a field that is no column, or one again.

    known   the table's columns by the names that they have in files of the programme's unit
    """
    missing = {name for name, column in known.items() if column.is_required} - set(names)
    for name in names:
        if name not in known:
            meant = _meant(name, known.keys() - set(names))
            # A slip in a name is one mistake, not an unknown column and a missing one.
            missing.discard(meant)
            todo = f"Is {meant} meant?" if meant else "Remove it, or see the column reference."
            message = f'Column "{name}" is not known.'
            problems.append(Problem(file, line, name, "column.unknown", message, todo))
    for name, count in Counter(names).items():
        if count > 1 and name in known:
            message = f'Column "{name}" occurs {count} times.'
            problems.append(Problem(file, line, name, "column.repeated", message, "Keep one."))
    for name in sorted(missing):
        message, todo = f'Column "{name}" is missing.', f"Add it: {known[name].en}."
        problems.append(Problem(file, line, name, "column.missing", message, todo))
    firsts = {name: names.index(name) for name in names}
    return [known.get(n) if firsts[n] == place else None for place, n in enumerate(names)]


def _meant(name: str, free: set[str]) -> str:
    near = get_close_matches(name.strip().lower(), sorted(free), n=1)
    return near[0] if near else ""


def _wrong_count(file: str, line: int, count: int, expected: int) -> Problem:
    message = f"Has {count} fields, not {expected}."
    todo = "Look for a missing comma, or for one in a text or amount that is not in quotes."
    return _problem(file, line, "csv.field_count", message, todo)


def _refuse_repeated(rows: Sequence[Row], table: Table, problems: list[Problem]) -> None:
    """Refuse a row whose key an earlier row has."""
    first: dict[tuple[str, ...], int] = {}
    required = {c.name for c in table.columns if c.is_required}
    for row in rows if table.key else ():
        key = tuple(row.texts.get(name, "") for name in table.key)
        if not all(row.texts.get(name) for name in table.key if name in required):
            continue
        if key in first:
            message = f'"{", ".join(filter(None, key))}" is on line {first[key]} already.'
            todo = "Remove one of the two, or correct it."
            problems.append(row.problem(table.key[-1], "row.repeated", message, todo))
        first.setdefault(key, row.line)


def _problem(file: str, line: int, code: str, message: str, todo: str) -> Problem:
    return Problem(file, line, None, code, message, todo)
