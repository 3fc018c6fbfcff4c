"""Meter readings as CSV: the format of a data centre that has a meter of its own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from evernormal.formats.intake.columns import USAGE
from evernormal.formats.intake.row import Row
from evernormal.formats.intake.sheet import read_sheet
from evernormal.formats.meters import MeterReadings, Reading
from evernormal.formats.problems import Problem

_NEEDED: Final = frozenset(column.name for column in USAGE.columns if column.is_required)


def read_usage_csv(text: str, *, file: str) -> MeterReadings:
    """Read a CSV of readings; rows with a problem of their own give none.

    text     the file's text, with the columns of USAGE
    returns  readings in the file's order
    """
    problems: list[Problem] = []
    sheet = read_sheet(text, file=file, table=replace(USAGE, file=file), problems=problems)
    unsound = {problem.line for problem in problems}
    readings = []
    for row in sheet.rows:
        if row.line in unsound or not row.values.keys() >= _NEEDED:
            continue
        reading = _reading(row)
        found = list(_contradictions(row, reading))
        problems += found
        if not found:
            readings.append(reading)
    return MeterReadings(tuple(readings), 0, tuple(problems))


def _contradictions(row: Row, reading: Reading) -> Iterator[Problem]:
    if reading.ends_at < reading.starts_at:
        message, todo = f"{row.texts['ends_at']} is before starts_at.", "Correct one of the two."
        yield row.problem("ends_at", "usage.ends_before_start", message, todo)
    if not reading.cards and not reading.revision:
        message = "A reading of no cards says nothing."
        todo = "Take it out; to take an earlier one back, give it a revision of 1 or more."
        yield row.problem("cards", "usage.no_cards", message, todo)


def _reading(row: Row) -> Reading:
    return Reading(
        line=row.line,
        cluster=row.get("cluster", str),
        job=row.get("job", str),
        account=row.get("account", str),
        card_type=row.get("device_class", str),
        cards=row.get("cards", int),
        starts_at=row.get("starts_at", datetime).astimezone(UTC),
        ends_at=row.get("ends_at", datetime).astimezone(UTC),
        state=row.get("state", str).upper(),
        is_final=row.get("final", bool),
        revision=row.find("revision", int) or 0,
    )
