"""The usage files that programme.toml names, each in its own format, as meter readings."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from evernormal.domain.metering import UsageKey, UsageRecord
from evernormal.formats.intake.columns import USAGE
from evernormal.formats.intake.programme import ProgrammeFile, UsageEntry
from evernormal.formats.intake.row import Row
from evernormal.formats.intake.sheet import read_sheet
from evernormal.formats.intake.text_file import decode
from evernormal.formats.problems import Problem
from evernormal.formats.slurm import (
    Reading,
    SacctReadings,
    read_sacct_json,
    read_sacct_parsable2,
)


@dataclass(frozen=True, slots=True)
class Meter:
    """One usage file as it was read: readings whose card type is still the data centre's name."""

    entry: UsageEntry
    path: str
    sha256: str
    readings: tuple[Reading, ...]
    without_cards: int

    def record_of(self, reading: Reading) -> UsageRecord:
        """The reading as a usage record, under the programme's class of card where one is named."""
        device_class = self.entry.device_classes.get(reading.card_type, reading.card_type)
        key = UsageKey(
            provider_id=self.entry.provider_id or "",
            cluster=reading.cluster,
            job=reading.job,
            device_class=device_class,
            starts_at=reading.starts_at,
        )
        return UsageRecord(
            key=key,
            account=reading.account,
            cards=reading.cards,
            ends_at=reading.ends_at,
            is_final=reading.is_final,
            state=reading.state,
        )

    def problem(self, line: int, column: str | None, code: str, *texts: str) -> Problem:
        """A problem of a line; `texts` are what is wrong and what to do."""
        message, todo = texts
        return Problem(self.path, line, column, code, message, todo)


def read_usage(
    files: Mapping[str, bytes], programme: ProgrammeFile, encoding: str, problems: list[Problem]
) -> tuple[Meter, ...]:
    """Read every file that a [[usage]] names.

    encoding  of CSV files; sacct prints UTF-8
    """
    zone = ZoneInfo(programme.find("timezone") or "UTC")
    meters = []
    seen: set[str] = set()
    for entry in programme.usage():
        path = entry.file
        if path is None or entry.format is None:
            continue
        if path not in files or path in seen:
            problems.append(_not_there(programme, entry, files, is_repeated=path in seen))
            continue
        seen.add(path)
        read = _read(files[path], entry, encoding, zone, problems)
        problems += read.problems
        sha256 = hashlib.sha256(files[path]).hexdigest()
        meters.append(Meter(entry, path, sha256, read.readings, read.without_cards))
    return tuple(meters)


def slip(file: str, files: Mapping[str, bytes]) -> str:
    """The sentence that asks whether a file of nearly the same name is meant; "" without one."""
    near = get_close_matches(file, sorted(files), n=1, cutoff=0.8)
    return f" Is {near[0]} meant?" if near and near[0] != file else ""


def _not_there(
    programme: ProgrammeFile, entry: UsageEntry, files: Mapping[str, bytes], *, is_repeated: bool
) -> Problem:
    code, message, todo = (
        ("usage.file_repeated", f"{entry.file} is named before.", "Name each file once.")
        if is_repeated
        else (
            "file.missing",
            f"There is no {entry.file}.",
            f"Add the file.{slip(str(entry.file), files)}",
        )
    )
    return programme.problem("usage", entry.index, "file", code=code, message=message, todo=todo)


def _read(
    data: bytes, entry: UsageEntry, encoding: str, zone: tzinfo, problems: list[Problem]
) -> SacctReadings:
    path = entry.file or ""
    is_csv = entry.format == "csv"
    text, _ = decode(data, file=path, encoding=encoding if is_csv else "utf-8", problems=problems)
    if entry.format == "slurm-json":
        return read_sacct_json(text, file=path, zone=zone)
    if entry.format == "slurm-parsable2":
        return read_sacct_parsable2(text, file=path, zone=zone)
    return _read_csv(text, path, problems)


def _read_csv(text: str, path: str, problems: list[Problem]) -> SacctReadings:
    """Read a CSV of readings; rows with a problem of their own give none."""
    table = replace(USAGE, file=path)
    before = len(problems)
    sheet = read_sheet(text, file=path, table=table, problems=problems)
    unsound = {problem.line for problem in problems[before:]}
    readings = []
    for row in sheet.rows:
        if row.line in unsound or len(row.values) < len(USAGE.columns):
            continue
        reading = _reading(row)
        if reading.ends_at < reading.starts_at:
            message = f"{row.texts['ends_at']} is before starts_at."
            todo = "Correct one of the two."
            problems.append(row.problem("ends_at", "usage.ends_before_start", message, todo))
            continue
        readings.append(reading)
    return SacctReadings(tuple(readings), 0, ())


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
    )
