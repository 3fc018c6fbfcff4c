"""The folder of a clearing round: round.toml, pools, reserved cards, requests and arcs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from evernormal.domain.allocation import (
    Arc,
    Grant,
    Mechanism,
    Outcome,
    Pool,
    Request,
    Round,
    Violation,
    check_outcome,
)
from evernormal.domain.allocation.outcome import in_order
from evernormal.domain.values import Fen
from evernormal.formats.clearing_round.columns import (
    ARCS,
    GRANTS,
    POOLS,
    REQUESTS,
    RESERVED,
    ROUND_FILE,
    ROUND_SCHEMA,
    TABLES,
)
from evernormal.formats.intake.relations import by_text
from evernormal.formats.intake.row import Row, Sheet
from evernormal.formats.intake.sheet import read_sheet
from evernormal.formats.intake.table import Table
from evernormal.formats.intake.text_file import decode
from evernormal.formats.intake.toml_file import line_of, parse, schema_problems
from evernormal.formats.problems import InputProblems, Problem

_NOTHING = Fen(0)
Sheets = Mapping[str, Sheet]


@dataclass(frozen=True, slots=True)
class RoundFolder:
    """A clearing round as its folder states it, and the mechanism that it is cleared by.

    contracts  id of the contract whose award pays, by request; of those that name one
    """

    round: Round
    mechanism: Mechanism
    contracts: Mapping[str, str] = field(default_factory=dict)


def read_round(files: Mapping[str, bytes]) -> RoundFolder:
    """Read a clearing round.

    files   the folder's files, by name
    raises  InputProblems with everything that is wrong
    source  docs/reference/clearing-round.md
    """
    problems: list[Problem] = []
    stated = _stated(files, problems)
    sheets = {table.file: _sheet(table, files, problems) for table in TABLES}
    problems += _relations(sheets, hours=stated.get("hours"))
    if problems:
        raise InputProblems(problems)
    contracts = {
        row.get("request_id", str): row.get("contract_id", str)
        for row in sheets[REQUESTS.file].rows
        if "contract_id" in row.values
    }
    return RoundFolder(_round(stated, sheets), Mechanism(stated["mechanism"]), contracts)


def read_grants(
    files: Mapping[str, bytes], found: RoundFolder, problems: list[Problem]
) -> Outcome | None:
    """The outcome that a round's folder holds, compared with every limit of the round.

    returns  None where it cannot be read; what it breaks is a problem each
    """
    before = len(problems)
    sheet = _sheet(GRANTS, files, problems)
    if len(problems) > before:
        return None
    for row in sheet.rows:
        problems += _grant_problems(row)
    if len(problems) > before:
        return None
    grants = in_order(
        Grant(
            row.get("request_id", str),
            row.get("pool_id", str),
            row.get("cards", int),
            row.get("starts_hour", int),
            row.get("ends_hour", int) - row.get("starts_hour", int),
        )
        for row in sheet.rows
    )
    outcome = Outcome(found.round.id, found.mechanism, grants)
    todo = "Clear the round again: `evernormal market clear`, and put its grants.csv here."
    problems += [
        Problem(GRANTS.file, None, None, "round.breach", _words(violation), todo)
        for violation in check_outcome(found.round, outcome)
    ]
    return outcome


def _grant_problems(row: Row) -> Iterator[Problem]:
    cards, hours = row.get("cards", int), row.get("card_hours", int)
    starts, ends = row.get("starts_hour", int), row.get("ends_hour", int)
    if ends <= starts:
        message = f"Hour {ends} is not after hour {starts}."
        yield row.problem("ends_hour", "round.no_hour", message, "Correct one of the two.")
    elif hours != cards * (ends - starts):
        message = f"{cards} cards for {ends - starts} hours are {cards * (ends - starts)}."
        todo = "Clear the round again, or correct the row."
        yield row.problem("card_hours", "round.card_hours", message, todo)


def _words(violation: Violation) -> str:
    place = " ".join(part for part in (violation.request_id, violation.pool_id) if part)
    where = f" of {place}" if place else ""
    return (
        f"Breaks {violation.breach.value}{where} from hour {violation.hour} on: "
        f"{violation.has}, where {violation.may} may be."
    )


def _stated(files: Mapping[str, bytes], problems: list[Problem]) -> dict[str, Any]:
    """round.toml, of which only what could be read is looked at; {} when it cannot be."""
    data = files.get(ROUND_FILE)
    if data is None:
        problems.append(_missing(ROUND_FILE))
        return {}
    text, _ = decode(data, file=ROUND_FILE, encoding="utf-8", problems=problems)
    document = parse(text, file=ROUND_FILE, problems=problems)
    if document is None:
        return {}
    wrong = list(schema_problems(document, ROUND_SCHEMA, file=ROUND_FILE, text=text))
    problems += wrong
    if wrong:
        return {}
    tiers = document.get("tiers", [])
    if tiers != sorted(set(tiers), reverse=True):
        message, todo = "Is not from high to low.", "Name each tier once, the highest score first."
        line = line_of(("tiers",), text)
        problems.append(Problem(ROUND_FILE, line, "tiers", "round.tiers_order", message, todo))
    if document["mechanism"] == Mechanism.LOTTERY.value and not document.get("seed"):
        message, todo = "Is missing: cards are drawn for.", "State the published seed of the draw."
        line = line_of(("mechanism",), text)
        problems.append(Problem(ROUND_FILE, line, "seed", "round.no_seed", message, todo))
    return document


def _missing(file: str) -> Problem:
    todo = "Add it, or name the folder of a clearing round."
    return Problem(file, None, None, "file.missing", "Is not in the folder.", todo)


def _sheet(table: Table, files: Mapping[str, bytes], problems: list[Problem]) -> Sheet:
    data = files.get(table.file)
    if data is None:
        if table.is_required:
            problems.append(_missing(table.file))
        return Sheet(table.file, (), is_whole=not table.is_required)
    text, is_sure = decode(data, file=table.file, encoding="utf-8", problems=problems)
    if not is_sure:
        return Sheet(table.file, (), is_whole=False)
    return read_sheet(text, file=table.file, table=table, problems=problems)


def _relations(sheets: Sheets, *, hours: object) -> Iterator[Problem]:
    pools, requests = by_text(sheets[POOLS.file], "pool_id"), sheets[REQUESTS.file]
    for file, column, target in (
        (RESERVED.file, "pool_id", sheets[POOLS.file]),
        (ARCS.file, "pool_id", sheets[POOLS.file]),
        (ARCS.file, "request_id", requests),
    ):
        known = by_text(target, column)
        for row in sheets[file].rows if target.is_whole else ():
            value = row.find(column, str)
            if value is not None and value not in known:
                message = f'"{value}" is not in {target.file}.'
                todo = f"Correct it, or add the row to {target.file}."
                yield row.problem(column, "reference.unknown", message, todo)
    yield from _reserved(sheets[RESERVED.file].rows, pools)
    yield from _gangs(sheets[ARCS.file].rows)
    yield from _numbers(requests.rows)
    yield from _hours(requests.rows, hours)


def _reserved(rows: Iterable[Row], pools: Mapping[str, Row]) -> Iterator[Problem]:
    kept: dict[str, int] = defaultdict(int)
    for row in rows:
        pool_id, cards = row.texts.get("pool_id", ""), row.find("cards", int) or 0
        pool = pools.get(pool_id)
        most = pool.find("cards", int) if pool else None
        kept[pool_id] += cards
        if most is not None and kept[pool_id] > most >= kept[pool_id] - cards:
            message = f"{kept[pool_id]} cards of {pool_id} are reserved; it has {most}."
            todo = "Reserve at most what the pool has."
            yield row.problem("cards", "round.over_reserved", message, todo)


def _gangs(rows: Iterable[Row]) -> Iterator[Problem]:
    for row in rows:
        gang, most = row.find("gang_cards", int), row.find("cards_max", int)
        if gang and most and most % gang:
            message, todo = f"{most} is not a multiple of {gang}.", "Write whole gangs."
            yield row.problem("cards_max", "order.part_of_a_gang", message, todo)


def _numbers(rows: Iterable[Row]) -> Iterator[Problem]:
    first: dict[int, Row] = {}
    for row in rows:
        number = row.find("number", int)
        before = first.setdefault(number, row) if number is not None else row
        if before is not row:
            message = f"Line {before.line} has the same place in the order of arrival."
            yield row.problem("number", "row.repeated", message, "Number requests as they came.")


def _hours(rows: Iterable[Row], hours: object) -> Iterator[Problem]:
    for row in rows:
        earliest = row.find("earliest_hour", int) or 0
        deadline = row.find("deadline_hour", int)
        end = hours if isinstance(hours, int) else None
        if end is not None and deadline is not None and deadline > end:
            message, todo = f"The round ends at hour {end}.", "Write at most that, or leave it."
            yield row.problem("deadline_hour", "round.after_its_end", message, todo)
        until = deadline if deadline is not None else end
        if until is not None and earliest >= until:
            message = f"Hour {earliest} is not before hour {until}, by which it must be done."
            yield row.problem("earliest_hour", "round.no_hour", message, "Correct one of the two.")


def _round(stated: Mapping[str, Any], sheets: Sheets) -> Round:
    reserved: dict[str, dict[str, int]] = defaultdict(dict)
    for row in sheets[RESERVED.file].rows:
        reserved[row.get("pool_id", str)][row.get("group", str)] = row.get("cards", int)
    arcs: dict[str, list[Arc]] = defaultdict(list)
    for row in sheets[ARCS.file].rows:
        arcs[row.get("request_id", str)].append(_arc(row))
    return Round(
        id=stated["id"],
        hours=stated["hours"],
        pools=tuple(_pool(row, reserved) for row in sheets[POOLS.file].rows),
        requests=tuple(_request(row, arcs) for row in sheets[REQUESTS.file].rows),
        seed=stated.get("seed", ""),
        tiers=tuple(stated.get("tiers", ())),
    )


def _pool(row: Row, reserved: Mapping[str, Mapping[str, int]]) -> Pool:
    pool_id = row.get("pool_id", str)
    return Pool(
        id=pool_id,
        provider_id=row.get("provider_id", str),
        site=row.get("site", str),
        device_class=row.get("device_class", str),
        cards=row.get("cards", int),
        price=row.get("price_yuan_per_card_hour", Fen),
        reserved=reserved.get(pool_id, {}),
    )


def _arc(row: Row) -> Arc:
    return Arc(
        pool_id=row.get("pool_id", str),
        speed=row.get("speed", int),
        gang_cards=row.get("gang_cards", int),
        cards_max=row.get("cards_max", int),
    )


def _request(row: Row, arcs: Mapping[str, list[Arc]]) -> Request:
    request_id = row.get("request_id", str)
    return Request(
        id=request_id,
        applicant_id=row.get("applicant_id", str),
        arcs=tuple(arcs.get(request_id, ())),
        work=row.get("work", int),
        budget=row.get("budget_yuan", Fen),
        own=row.find("own_yuan", Fen) or _NOTHING,
        group=row.find("group", str) or "",
        score=row.find("score", int) or 0,
        number=row.get("number", int),
        earliest=row.find("earliest_hour", int) or 0,
        deadline=row.find("deadline_hour", int),
    )
