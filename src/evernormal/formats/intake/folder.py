"""The folder's files, each read by its own reader and not yet compared with the others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from evernormal.domain.policy import Unit
from evernormal.formats.intake.agents import read_agents, read_buyers
from evernormal.formats.intake.columns import INVOICES, PAYMENTS, TABLES
from evernormal.formats.intake.prices_toml import PRICES_TOML, read_prices_toml
from evernormal.formats.intake.programme import read_programme
from evernormal.formats.intake.programme_file import PROGRAMME_FILE, ProgrammeFile
from evernormal.formats.intake.received import read_received
from evernormal.formats.intake.received_orders import read_received_orders
from evernormal.formats.intake.register import is_received
from evernormal.formats.intake.row import Sheet
from evernormal.formats.intake.sheet import name_in_file, read_sheet
from evernormal.formats.intake.table import Table
from evernormal.formats.intake.text_file import decode
from evernormal.formats.intake.usage import Meter, read_usage, slip
from evernormal.formats.intake.year_input import Agent, Buyer, ReceivedOrder
from evernormal.formats.problems import Problem

SCHEME_TOML: Final = "scheme.toml"
"""A folder may bring its own rules under this name; programme.toml then says so."""

_ABOUT_HEADERS = frozenset({"column.unknown", "column.repeated", "column.missing"})
"""Problems of header lines, which name columns as the file does already."""

_DATA_ENDINGS = (".csv", ".toml", ".json", ".txt", ".tsv", ".xlsx", ".xls")


@dataclass(frozen=True, slots=True)
class Folder:
    """What was read. A table that is not there has an empty sheet.

    meters   one for each [[usage]] whose file could be opened, then one for each received batch
    """

    programme: ProgrammeFile | None
    sheets: Mapping[str, Sheet]
    meters: tuple[Meter, ...]
    has_capacity: bool
    agents: tuple[Agent, ...] = ()
    buyers: tuple[Buyer, ...] = ()
    received_orders: tuple[ReceivedOrder, ...] = ()


def read_folder_files(files: Mapping[str, bytes], problems: list[Problem]) -> Folder:
    """Read every file by itself.

    files   bytes by relative path
    """
    programme = _programme(files, problems)
    encoding = programme.find("files", "encoding") if programme else None
    unit = unit_of(programme)
    reader = _Tables(files, encoding or "utf-8", unit, problems)
    sheets = {table.file: reader.sheet(table) for table in TABLES}
    meters: tuple[Meter, ...] = ()
    agents: tuple[Agent, ...] = ()
    buyers: tuple[Buyer, ...] = ()
    received_orders: tuple[ReceivedOrder, ...] = ()
    if programme:
        agents, buyers = read_agents(programme), read_buyers(programme)
        meters = read_usage(files, programme, encoding or "utf-8", problems)
        meters += read_received(files, programme=programme, agents=agents, problems=problems)
        received_orders = read_received_orders(
            files, programme=programme, buyers=buyers, problems=problems
        )
        _refuse_strangers(files, programme, problems)
    has_capacity = "capacity.csv" in files
    return Folder(programme, sheets, meters, has_capacity, agents, buyers, received_orders)


def unit_of(programme: ProgrammeFile | None) -> Unit:
    """What the programme counts in; yuan while that could not be read."""
    written = programme.find("unit") if programme else None
    return Unit(written) if written in {unit.value for unit in Unit} else Unit.CNY


def named_in_files(problems: Iterable[Problem], programme: ProgrammeFile | None) -> list[Problem]:
    """The problems under the files' own names of their columns, which follow the unit."""
    unit = unit_of(programme)
    return [_in_file(problem, unit) for problem in problems]


def _in_file(problem: Problem, unit: Unit) -> Problem:
    if unit is Unit.CNY or problem.code in _ABOUT_HEADERS:
        return problem
    column = problem.column
    if isinstance(column, str):
        column = name_in_file(column, unit)
    return replace(
        problem,
        column=column,
        message=name_in_file(problem.message, unit),
        todo=name_in_file(problem.todo, unit),
    )


def _programme(files: Mapping[str, bytes], problems: list[Problem]) -> ProgrammeFile | None:
    data = files.get(PROGRAMME_FILE)
    if data is None:
        problems.append(_missing(PROGRAMME_FILE, "which programme this is", files))
        return None
    text, _ = decode(data, file=PROGRAMME_FILE, encoding="utf-8", problems=problems)
    return read_programme(text, problems=problems)


@dataclass(frozen=True, slots=True)
class _Tables:
    """Reads the folder's tables in one encoding and one unit."""

    files: Mapping[str, bytes]
    encoding: str
    unit: Unit
    problems: list[Problem]

    def sheet(self, table: Table) -> Sheet:
        """The rows of a table; what is wrong with it goes to the problems."""
        if table.file == "prices.csv" and PRICES_TOML in self.files:
            return self._prices(table)
        data = self.files.get(table.file)
        if data is None:
            is_required = table.is_required and not self._is_idle(table)
            if is_required:
                self.problems.append(_missing(table.file, table.en, self.files))
            return Sheet(table.file, (), is_whole=not is_required)
        text, is_sure = decode(
            data, file=table.file, encoding=self.encoding, problems=self.problems
        )
        sheet = read_sheet(
            text, file=table.file, table=table, problems=self.problems, unit=self.unit
        )
        return Sheet(sheet.file, sheet.rows, sheet.is_whole and is_sure)

    def _is_idle(self, table: Table) -> bool:
        """Whether nothing asks for the table: in kind, nobody bills and nobody is paid."""
        return table in {INVOICES, PAYMENTS} and not self.unit.is_money

    def _prices(self, table: Table) -> Sheet:
        if table.file in self.files:
            message, todo = "There is prices.csv too.", "Keep one of the two."
            self.problems.append(Problem(PRICES_TOML, None, None, "file.twice", message, todo))
        data = self.files[PRICES_TOML]
        text, _ = decode(data, file=PRICES_TOML, encoding="utf-8", problems=self.problems)
        return read_prices_toml(text, problems=self.problems, unit=self.unit)


def _missing(file: str, about: str, files: Mapping[str, bytes]) -> Problem:
    todo = f"Add it: {about.rstrip('.')}.{slip(file, files)}"
    return Problem(file, None, None, "file.missing", "The file is missing.", todo)


def _refuse_strangers(
    files: Mapping[str, bytes], programme: ProgrammeFile, problems: list[Problem]
) -> None:
    """Refuse data files that nothing would read: they are slips in a name, or forgotten usage."""
    if SCHEME_TOML in files and programme.find("scheme") not in {SCHEME_TOML, None}:
        message = f"programme.toml names {programme.find('scheme')}, so these rules are not used."
        todo = f'Write scheme = "{SCHEME_TOML}" in programme.toml, or take the file out.'
        problems.append(Problem(SCHEME_TOML, None, None, "scheme.unused", message, todo))
    named = {entry.file for entry in programme.usage() if entry.file}
    named |= {table.file for table in TABLES} | {PROGRAMME_FILE, PRICES_TOML, SCHEME_TOML}
    # A missing file of nearly the same name is a problem that names this one already.
    hinted = {slip(name, files) for name in named - files.keys()}
    rounds = tuple(f"{folder}/" for folder in _round_folders(programme))
    others = (path for path in files.keys() - named if not path.startswith(rounds))
    for path in sorted(path for path in others if not is_received(path)):
        is_hinted = any(f" {path} " in hint for hint in hinted)
        if path.lower().endswith(_DATA_ENDINGS) and not is_hinted:
            todo = "Correct its name, name it in a [[usage]] of programme.toml, or take it out."
            problems.append(
                Problem(path, None, None, "file.unknown", "Nothing reads this file.", todo)
            )


def _round_folders(programme: ProgrammeFile) -> list[str]:
    """The folders of clearing rounds, whose files have a reader of their own."""
    count = programme.count("clearing_round")
    found = (programme.find("clearing_round", index, "folder") for index in range(count))
    return [folder for folder in found if folder]
