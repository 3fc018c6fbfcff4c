"""The folder's files, each read by its own reader and not yet compared with the others."""

from collections.abc import Mapping
from dataclasses import dataclass

from evernormal.formats.intake.columns import TABLES, Table
from evernormal.formats.intake.prices_toml import PRICES_TOML, read_prices_toml
from evernormal.formats.intake.programme import PROGRAMME_FILE, ProgrammeFile, read_programme
from evernormal.formats.intake.row import Sheet
from evernormal.formats.intake.sheet import read_sheet
from evernormal.formats.intake.text_file import decode
from evernormal.formats.intake.usage import Meter, read_usage, slip
from evernormal.formats.problems import Problem

_DATA_ENDINGS = (".csv", ".toml", ".json", ".txt", ".tsv", ".xlsx", ".xls")


@dataclass(frozen=True, slots=True)
class Folder:
    """What was read. A table that is not there has an empty sheet.

    meters   one for each [[usage]] whose file could be opened
    """

    programme: ProgrammeFile | None
    sheets: Mapping[str, Sheet]
    meters: tuple[Meter, ...]
    has_capacity: bool


def read_folder_files(files: Mapping[str, bytes], problems: list[Problem]) -> Folder:
    """Read every file by itself.

    files   bytes by relative path
    """
    programme = _programme(files, problems)
    encoding = programme.find("files", "encoding") if programme else None
    sheets = {table.file: _sheet(table, files, encoding or "utf-8", problems) for table in TABLES}
    meters = read_usage(files, programme, encoding or "utf-8", problems) if programme else ()
    if programme:
        _refuse_strangers(files, programme, problems)
    return Folder(programme, sheets, meters, "capacity.csv" in files)


def _programme(files: Mapping[str, bytes], problems: list[Problem]) -> ProgrammeFile | None:
    data = files.get(PROGRAMME_FILE)
    if data is None:
        problems.append(_missing(PROGRAMME_FILE, "which programme this is", files))
        return None
    text, _ = decode(data, file=PROGRAMME_FILE, encoding="utf-8", problems=problems)
    return read_programme(text, problems=problems)


def _sheet(
    table: Table, files: Mapping[str, bytes], encoding: str, problems: list[Problem]
) -> Sheet:
    if table.file == "prices.csv" and PRICES_TOML in files:
        if table.file in files:
            message, todo = "There is prices.csv too.", "Keep one of the two."
            problems.append(Problem(PRICES_TOML, None, None, "file.twice", message, todo))
        text, _ = decode(files[PRICES_TOML], file=PRICES_TOML, encoding="utf-8", problems=problems)
        return read_prices_toml(text, problems=problems)
    data = files.get(table.file)
    if data is None:
        if table.is_required:
            problems.append(_missing(table.file, table.en, files))
        return Sheet(table.file, (), is_whole=not table.is_required)
    text, is_sure = decode(data, file=table.file, encoding=encoding, problems=problems)
    sheet = read_sheet(text, file=table.file, table=table, problems=problems)
    return Sheet(sheet.file, sheet.rows, sheet.is_whole and is_sure)


def _missing(file: str, about: str, files: Mapping[str, bytes]) -> Problem:
    todo = f"Add it: {about.rstrip('.')}.{slip(file, files)}"
    return Problem(file, None, None, "file.missing", "The file is missing.", todo)


def _refuse_strangers(
    files: Mapping[str, bytes], programme: ProgrammeFile, problems: list[Problem]
) -> None:
    """Refuse data files that nothing would read: they are slips in a name, or forgotten usage."""
    named = {entry.file for entry in programme.usage() if entry.file}
    named |= {table.file for table in TABLES} | {PROGRAMME_FILE, PRICES_TOML}
    # A missing file of nearly the same name is a problem that names this one already.
    hinted = {slip(name, files) for name in named - files.keys()}
    for path in sorted(files.keys() - named):
        is_hinted = any(f" {path} " in hint for hint in hinted)
        if path.lower().endswith(_DATA_ENDINGS) and not is_hinted:
            todo = "Correct its name, name it in a [[usage]] of programme.toml, or take it out."
            problems.append(
                Problem(path, None, None, "file.unknown", "Nothing reads this file.", todo)
            )
