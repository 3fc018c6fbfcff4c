"""Facts written as text, as a sheet's cells or a command's words hold them."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from evernormal.schemes.case_facts import FACTS
from evernormal.schemes.kinds import Kind, read_table, unknown_word
from evernormal.schemes.problems import Key, Place, SchemeProblems

_FLAGS = {"yes": True, "true": True, "no": False, "false": False}
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_facts(cells: Mapping[str, str], *, path: str, line: int | None = None) -> dict[str, Any]:
    """Read facts from text by the kinds of FACTS.

    cells    text by column: `cost.COMPUTE`, `term.first`, `other_supports.national` for a part of
             a table; lists with `;`; yes, no, true or false; days as 2025-03-01; blank text is a
             fact that is not stated
    path     the file's name, for messages only
    line     the line of the row from 1, where there is one
    returns  the facts stated, by name, as `stated_case` takes them; NEEDED ones may be missing
    raises   SchemeProblems with every mistake of the row, each with its column
    """
    lines: dict[tuple[Key, ...], int] = (
        {} if line is None else {(name,): line for name in _tops(cells)}
    )
    place = Place(path, lines, is_cell=True)
    stated: dict[str, Any] = {}
    for column, cell in cells.items():
        _put(stated, column.strip(), cell.strip(), place)
    facts = read_table(stated, place, FACTS, optional=frozenset(FACTS))
    if facts is None or place.problems:
        raise SchemeProblems(place.problems)
    return facts


def _tops(cells: Mapping[str, str]) -> set[str]:
    return {column.strip().partition(".")[0] for column in cells}


def name_problem(column: str) -> str | None:
    """Say what is wrong with the name of a fact as text, and what to do; None where nothing is."""
    name, dot, part = column.partition(".")
    if name not in FACTS:
        return unknown_word(name, "fact", FACTS)
    if not _is_table(FACTS[name]):
        return f"{name} has no parts. Write {name} alone." if dot else None
    parts = _parts(FACTS[name])
    if not part:
        known = ", ".join(f"{name}.{key}" for key in parts) or f"{name}.<name>"
        return f"Name the part of {name} that is meant: {known}."
    if parts and part not in parts:
        return unknown_word(part, f"part of {name}", parts)
    pattern = FACTS[name].schema.get("propertyNames", {}).get("pattern", "")
    if not parts and not re.search(pattern, part):
        return f"{part!r} does not fit here. Write a lower-case word behind {name} and the dot."
    return None


def parts_needed(name: str) -> list[str]:
    """The columns that a fact needs: itself, or each part of a table that must be there."""
    required = FACTS[name].schema.get("required", []) if _is_table(FACTS[name]) else []
    return [f"{name}.{part}" for part in required]


def _put(stated: dict[str, Any], column: str, cell: str, place: Place) -> None:
    """Put one cell where its fact stands; a column that is no fact is told to the place."""
    name, _, part = column.partition(".")
    wrong = name_problem(column)
    if wrong is not None:
        here = place.at(name)
        (here.at(part) if part and name in FACTS else here).refuse(wrong)
    elif cell and part:
        schema = _parts(FACTS[name]).get(part, FACTS[name].schema.get("additionalProperties"))
        stated.setdefault(name, {})[part] = _value(cell, schema or {})
    elif cell:
        stated[name] = _value(cell, FACTS[name].schema)


def _is_table(kind: Kind[Any]) -> bool:
    return kind.schema.get("type") == "object"


def _parts(kind: Kind[Any]) -> Mapping[str, Any]:
    parts: Mapping[str, Any] = kind.schema.get("properties", {})
    return parts


def _value(cell: str, schema: Mapping[str, Any]) -> object:
    """Turn text into the value that TOML would hold; text that does not fit stays as it is.

    schema   the JSON Schema of the kind; the kind itself then reads or refuses what comes out
    """
    match schema:
        case {"type": "array", "items": items}:
            return [_value(item.strip(), items) for item in cell.split(";") if item.strip()]
        case {"type": "boolean"}:
            return _FLAGS.get(cell.lower(), cell)
        case {"type": "integer"}:
            return int(cell) if _WHOLE.fullmatch(cell) else cell
        case {"format": "date"}:
            return _day(cell)
        case _:
            return cell


def _day(cell: str) -> object:
    # fromisoformat alone would also take 20250301 and 2025-W09-6.
    if not _DAY.fullmatch(cell):
        return cell
    try:
        return date.fromisoformat(cell)
    except ValueError:
        return cell
