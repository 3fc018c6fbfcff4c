"""A population: a sheet of applications, each with the facts that a case states."""

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from evernormal.domain.policy import Case, SupportRequest
from evernormal.schemes.case_facts import AFTERWARDS, FACTS, NEEDED, stated_case
from evernormal.schemes.fact_text import name_problem, parts_needed, read_facts
from evernormal.schemes.kinds import unknown_word
from evernormal.schemes.problems import SchemeProblem, SchemeProblems

ROWS_MAX = 1_000_000
"""Every application of a large country's programme in a year; more is another file."""

PROBLEMS_MAX = 1_000
"""A sheet of another layout is wrong in every row; a thousand problems say so."""

NAMES: Mapping[str, bool] = {
    "application": True,
    "firm": True,
    "provider": True,
    "contract": False,
    "group": False,
}
"""Columns that name who and what a row is about, and whether every row fills them."""


@dataclass(frozen=True, slots=True)
class PopulationRow:
    """One application of a population. The ids of its case are those of the sheet.

    line     its first line in the file, from 1
    """

    application: str
    line: int
    case: Case
    request: SupportRequest


def read_population(data: bytes, *, path: str) -> tuple[PopulationRow, ...]:
    """Read a population.

    data     CSV in UTF-8 with a header. Columns: those of NAMES, and facts as `read_facts` names
             them: `cost.COMPUTE`, `term.first`, ... A blank contract is the application itself
    path     the file's name, for messages only
    returns  the rows in the file's order
    raises   SchemeProblems with every mistake, each with line and column
    source   examples/population/README.md
    """
    records = list(_records(data, path))
    header = records[0][1] if records else []
    problems = _header_problems(header, path)
    wrong = {problem.place for problem in problems}
    rows: list[PopulationRow] = []
    lines: dict[str, int] = {}
    for line, fields in records[1:]:
        if len(problems) >= PROBLEMS_MAX:
            break
        try:
            cells = _cells(header, fields, path, line)
            cells = {name: cell for name, cell in cells.items() if name not in wrong}
            row = _row(cells, path, line)
        except SchemeProblems as refusal:
            # What is wrong with the header is said once, not in every row.
            problems += [p for p in refusal.problems if not _is_of_header(p, wrong)]
            continue
        if row.application in lines:
            where = f"line {lines[row.application]}"
            message = f"{row.application} is on {where} already. Remove one of them."
            problems.append(SchemeProblem(path, "application", line, message))
        lines.setdefault(row.application, line)
        rows.append(row)
    if len(records) < 2:  # noqa: PLR2004 - a header and one row
        problems.append(SchemeProblem(path, "", None, "No applications. Write one on each line."))
    if problems:
        raise SchemeProblems(problems)
    return tuple(rows)


def _records(data: bytes, path: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins on; blank lines are left out."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = "The file is not UTF-8. Save it as CSV in UTF-8."
        raise SchemeProblems([SchemeProblem(path, "", line, message)]) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for number, fields in enumerate(reader):
            if number > ROWS_MAX:
                message = f"Over {ROWS_MAX} applications. Split the file."
                raise SchemeProblems([SchemeProblem(path, "", line, message)])
            if any(fields):
                yield line, [field.strip() for field in fields]
            line = reader.line_num + 1
    except csv.Error as error:
        message = f"The quotes cannot be read ({error}). Double each quote inside a quoted field."
        raise SchemeProblems([SchemeProblem(path, "", line, message)]) from error


def _header_problems(header: Sequence[str], path: str) -> list[SchemeProblem]:
    known = {**NAMES, **{name: False for name in FACTS if name not in AFTERWARDS}}
    tops = {name.partition(".")[0] for name in header}
    problems = [
        SchemeProblem(path, name, 1, "The column stands twice. Keep one.")
        for number, name in enumerate(header)
        if name in header[:number]
    ]
    problems += [
        SchemeProblem(path, name, 1, message)
        for name in dict.fromkeys(header)
        if (message := _name_problem(name, known)) is not None
    ]
    wanted = [name for name, is_needed in NAMES.items() if is_needed]
    problems += [
        SchemeProblem(path, name, 1, "The column is missing. Add it, filled in every row.")
        for name in (*wanted, *NEEDED)
        if header and name not in tops
    ]
    problems += [
        SchemeProblem(path, column, 1, "The column is missing. Add it, filled in every row.")
        for name in NEEDED
        for column in parts_needed(name)
        if name in tops and name not in header and column not in header
    ]
    return problems


def _name_problem(name: str, known: Mapping[str, object]) -> str | None:
    top = name.partition(".")[0]
    if top not in known:
        return unknown_word(top, "column", known)
    return None if name in NAMES else name_problem(name)


def _is_of_header(problem: SchemeProblem, wrong: Collection[str]) -> bool:
    """Whether a row's problem follows from a column that the header has wrong."""
    top = problem.place.partition(".")[0]
    return bool({problem.place, top} & {*wrong}) or (
        problem.place == top and any(name.partition(".")[0] == top for name in wrong)
    )


def _cells(header: Sequence[str], fields: Sequence[str], path: str, line: int) -> dict[str, str]:
    if len(fields) != len(header):
        message = f"{len(fields)} fields, the header has {len(header)}. Look for a missing comma."
        raise SchemeProblems([SchemeProblem(path, "", line, message)])
    return dict(zip(header, fields, strict=True))


def _row(cells: Mapping[str, str], path: str, line: int) -> PopulationRow:
    """Make one row, or tell all that is wrong with it."""
    problems = [
        SchemeProblem(path, name, line, "The cell is blank. Fill it in.")
        for name, is_needed in NAMES.items()
        if is_needed and name in cells and not cells[name]
    ]
    told = {name: cell for name, cell in cells.items() if name not in NAMES}
    facts = {}
    try:
        facts = read_facts(told, path=path, line=line)
        problems += [
            SchemeProblem(path, name, line, "The cell is blank. Fill it in.")
            for name in NEEDED
            if name not in facts
        ]
    except SchemeProblems as refusal:
        problems += refusal.problems
    names = [name for name, is_needed in NAMES.items() if is_needed and name not in cells]
    problems += [SchemeProblem(path, name, line, "The column is missing.") for name in names]
    if problems:
        raise SchemeProblems(problems)
    contract = cells.get("contract") or cells["application"]
    stated = stated_case(facts, contract_id=contract, applicant_id=cells["firm"])
    case = _named(stated.case, provider=cells["provider"], group=cells.get("group", ""))
    return PopulationRow(cells["application"], line, case, replace(stated.request, case=case))


def _named(case: Case, *, provider: str, group: str) -> Case:
    return replace(
        case,
        applicant=replace(case.applicant, group=group),
        provider=replace(case.provider, id=provider, name=provider),
        contract=replace(case.contract, provider_id=provider),
    )
