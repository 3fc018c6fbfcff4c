"""`export_rules.toml`: export and purchase rules as data, without any expression."""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from evernormal.catalogue.kinds import (
    Kind,
    choice,
    country,
    day,
    flag,
    number,
    ratio,
    read_values,
    several,
    slug,
    text,
)
from evernormal.catalogue.problems import CatalogueProblem
from evernormal.domain.device import (
    Confidence,
    ExportNote,
    ExportRule,
    ExportRules,
    ExportTest,
    LicenceReview,
    Limit,
    NoteKind,
    PurchaseRule,
    Quantity,
    RuleKind,
    Sale,
)

FILE_BYTES_MAX = 1_000_000
"""Rules are tens of kilobytes; this bounds what a parser is fed."""

_HEADER = re.compile(r"\s*\[\[\s*(rule|note|purchase_rule)\s*\]\]\s*(?:#.*)?")
_LINE = re.compile(r"at line ([0-9]+)")

_LIMIT: Mapping[str, Kind] = {"at_least": number, "below": number}


def _limit(value: Any) -> Limit:
    is_table = isinstance(value, dict)
    if not is_table:
        raise ValueError("Write its bounds, as in { at_least = 4800 }.")
    found, mistakes = read_values(value, _LIMIT, optional=_LIMIT)
    if mistakes:
        raise ValueError(" ".join(f"{key}: {todo}" for key, todo in mistakes))
    return Limit(**found)


_TEST: Mapping[str, Kind] = {
    "sale": choice(Sale),
    **{quantity.value.lower(): _limit for quantity in Quantity},
}


def _test(value: Any) -> ExportTest:
    found, mistakes = read_values(value, _TEST, optional=_TEST)
    if mistakes:
        raise ValueError(" ".join(f"{key}: {todo}" for key, todo in mistakes))
    limits = {one: found[one.value.lower()] for one in Quantity if one.value.lower() in found}
    if not limits:
        names = ", ".join(quantity.value.lower() for quantity in Quantity)
        raise ValueError(f"Compare at least one of: {names}.")
    return ExportTest(found.get("sale"), limits)


_DATED: Mapping[str, Kind] = {
    "id": slug,
    "jurisdiction": country,
    "starts_on": day,
    "ends_on": day,
    "source": text,
    "confidence": choice(Confidence),
}
_RULE: Mapping[str, Kind] = {
    **_DATED,
    "kind": choice(RuleKind),
    "destinations": several(country),
    "instrument": text,
    "clause": text,
    "control": text,
    "review": choice(LicenceReview),
    "announced_on": day,
    "when": several(_test),
}
_NOTE: Mapping[str, Kind] = {
    **_DATED,
    "kind": choice(NoteKind),
    "devices": several(slug),
    "vendors": several(text),
    "text_en": text,
    "text_zh": text,
}
_PURCHASE: Mapping[str, Kind] = {
    **_DATED,
    "instrument": text,
    "state_funded": flag,
    "completed_below": ratio,
    "domestic_only": flag,
    "text_en": text,
    "text_zh": text,
}


class _Section(NamedTuple):
    """What a list of tables holds, and which keys may be left out."""

    kinds: Mapping[str, Kind]
    optional: frozenset[str]


_SECTIONS: Mapping[str, _Section] = {
    "rule": _Section(_RULE, frozenset({"ends_on", "control", "review"})),
    "note": _Section(_NOTE, frozenset({"ends_on", "devices", "vendors"})),
    "purchase_rule": _Section(_PURCHASE, frozenset({"ends_on"})),
}
Found = tuple[int, dict[str, Any]]


def read_export_rules(
    content: bytes, *, path: str, devices: Collection[str], vendors: Collection[str]
) -> tuple[ExportRules, list[CatalogueProblem]]:
    """Read the rules.

    content           TOML in UTF-8; decimals are read exactly
    devices, vendors  whom a note may name
    returns           the rules that could be read, and every mistake
    """
    try:
        tables = _parsed(content)
    except ValueError as problem:
        at = _LINE.search(str(problem))
        line = int(at.group(1)) if at else 0
        return ExportRules(()), [CatalogueProblem(path, line, "", f"{problem}: correct it.")]
    problems = [
        CatalogueProblem(path, 0, key, f"There is no such list. Use {', '.join(_SECTIONS)}.")
        for key in tables
        if key not in _SECTIONS
    ]
    lines = _header_lines(content.decode())
    found: dict[str, list[Found]] = {}
    for name, section in _SECTIONS.items():
        found[name] = list(_section(tables.get(name, []), section, lines[name], path, problems))
    _refuse_wrong(found, path, problems, {"devices": devices, "vendors": vendors})
    if problems:
        return ExportRules(()), problems
    return ExportRules(
        rules=tuple(_rule(values) for _, values in found["rule"]),
        purchase=tuple(_purchase(values) for _, values in found["purchase_rule"]),
        notes=tuple(ExportNote(**values) for _, values in found["note"]),
    ), []


def _parsed(content: bytes) -> dict[str, Any]:
    if len(content) > FILE_BYTES_MAX:
        raise ValueError(f"It has more than {FILE_BYTES_MAX:,} bytes")
    return tomllib.loads(content.decode("utf-8"), parse_float=Fraction)


def _header_lines(content: str) -> dict[str, list[int]]:
    """Where each table of each list begins, which the parser does not tell."""
    lines: dict[str, list[int]] = {name: [] for name in _SECTIONS}
    for number_, line in enumerate(content.splitlines(), start=1):
        if header := _HEADER.fullmatch(line):
            lines[header.group(1)].append(number_)
    return lines


def _section(
    tables: Any,
    section: _Section,
    lines: list[int],
    path: str,
    problems: list[CatalogueProblem],
) -> Iterable[Found]:
    if not isinstance(tables, list) or len(tables) != len(lines):
        message = "Write each under a header of its own in double brackets."
        problems.append(CatalogueProblem(path, 0, "", message))
        return
    for line, table in zip(lines, tables, strict=True):
        values, mistakes = read_values(table, section.kinds, optional=section.optional)
        problems += [CatalogueProblem(path, line, key, todo) for key, todo in mistakes]
        if not mistakes:
            yield line, values


def _refuse_wrong(
    found: Mapping[str, list[Found]],
    path: str,
    problems: list[CatalogueProblem],
    known: Mapping[str, Collection[str]],
) -> None:
    """Refuse what is wrong between values: doubled ids, terms turned round, names of nobody."""
    seen: set[str] = set()
    for section, tables in found.items():
        for line, values in tables:
            mistakes = [*_wrong_term(values), *_unknown_names(values, known)]
            if values["id"] in seen:
                mistakes.append(("id", "Another has this id: change one."))
            seen.add(values["id"])
            if section == "rule":
                mistakes += _wrong_parts(values)
            problems += [CatalogueProblem(path, line, key, todo) for key, todo in mistakes]


def _wrong_term(values: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    if "ends_on" in values and values["ends_on"] <= values["starts_on"]:
        yield "ends_on", "It has to be after starts_on: correct one of them."


def _unknown_names(
    values: Mapping[str, Any], known: Mapping[str, Collection[str]]
) -> Iterable[tuple[str, str]]:
    for key, names in known.items():
        for name in values.get(key, ()):
            if name not in names:
                yield key, f"devices.csv has no {name}: correct it."


def _wrong_parts(values: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    is_control = values["kind"] is RuleKind.CONTROL
    if is_control is not ("control" in values):
        yield "control", "A rule of kind CONTROL names its class, no other does."
    if (values["kind"] is RuleKind.CARVE_OUT) is ("review" in values):
        yield "review", "CONTROL and REVIEW say how a licence is decided on, CARVE_OUT does not."
    if not values["when"]:
        yield "when", "Add a [[rule.when]] with what is compared."


def _rule(values: dict[str, Any]) -> ExportRule:
    kept = {key: value for key, value in values.items() if key != "when"}
    return ExportRule(tests=values["when"], **kept)


def _purchase(values: dict[str, Any]) -> PurchaseRule:
    kept = {key: value for key, value in values.items() if key != "state_funded"}
    return PurchaseRule(is_state_funded=values["state_funded"], **kept)
