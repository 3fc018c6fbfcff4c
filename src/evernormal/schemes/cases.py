"""Worked cases beside a scheme: facts in, what the rules must say out."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

from evernormal.domain.award import Assessment
from evernormal.domain.policy import Scheme
from evernormal.domain.values import Fen
from evernormal.schemes.case_facts import FACTS, NEEDED, StatedCase, stated_case
from evernormal.schemes.case_outcomes import OUTCOMES, outcomes_of
from evernormal.schemes.kinds import Kind, read_table, table_kind, text_kind
from evernormal.schemes.problems import Place, SchemeProblems
from evernormal.schemes.scheme_file import parse, untouched

CASES_MAX = 1_000
"""Every case is worked at each reading; a scheme's limits from both sides need some dozens."""

_FILE: Mapping[str, Kind[Any]] = {
    "given": untouched("a table of the facts that all cases share"),
    "case": untouched("a list, each under [[case]]"),
}
_CASE: Mapping[str, Kind[Any]] = {
    "name": text_kind("One fen above the cap"),
    "given": untouched("a table of facts"),
    "then": table_kind(OUTCOMES, dict, optional=frozenset(OUTCOMES)),
    "source": text_kind("Rule cap_year"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One outcome that is not as the case says."""

    key: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case that was worked. `assessment` is None when the rules refused to give one."""

    name: str
    source: str
    line: int | None
    differences: tuple[Difference, ...]
    assessment: Assessment | None

    @property
    def is_as_stated(self) -> bool:
        """Whether every outcome is as the case says."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case as its file states it, with the facts that all cases share."""

    name: str
    facts: Mapping[str, Any]
    line: int | None


def list_case_facts(cases: bytes, *, path: str) -> list[CaseFacts]:
    """Read the facts of every case of a cases file, in the file's order.

    path     the file's name, for messages only
    raises   SchemeProblems with every mistake of the file
    """
    return [CaseFacts(case.name, case.facts, case.line) for case in read_cases(cases, path=path)]


@dataclass(frozen=True, slots=True)
class WorkedCase:
    """A case that was read: its facts, as the rules are asked them, and what must come out."""

    name: str
    source: str
    line: int | None
    stated: StatedCase
    facts: Mapping[str, Any]
    then: Mapping[str, Any]

    def work(self, scheme: Scheme) -> CaseResult:
        """Work the case under a scheme."""
        found, assessment = outcomes_of(scheme, self.stated, self.facts)
        differences = [
            difference
            for key, expected in self.then.items()
            for difference in _differences(key, expected, found.get(key))
        ]
        return CaseResult(self.name, self.source, self.line, tuple(differences), assessment)


def run_cases(scheme: Scheme, cases: bytes, *, path: str) -> list[CaseResult]:
    """Work every case of a cases file under a scheme.

    cases    TOML in UTF-8; its [given] holds the facts that its cases share
    path     the file's name, for messages only
    returns  one result a case, in the file's order, also where a case does not hold
    raises   SchemeProblems with every mistake of the file
    source   docs/reference/scheme-file.md
    """
    return [case.work(scheme) for case in read_cases(cases, path=path)]


def read_cases(cases: bytes, *, path: str) -> list[WorkedCase]:
    """Read every case of a cases file, to be worked under any scheme.

    cases    TOML in UTF-8; its [given] holds the facts that its cases share
    path     the file's name, for messages only
    raises   SchemeProblems with every mistake of the file
    """
    tables, place = parse(cases, path=path)
    found = read_table(tables, place, _FILE)
    stated = _stated_cases(tables, place) if found is not None else []
    if place.problems:
        raise SchemeProblems(place.problems)
    return stated


def _stated_cases(tables: dict[str, Any], place: Place) -> list[WorkedCase]:
    """Read each case with its facts and its line; what cannot be read is told to the place."""
    entries, at = tables["case"], place.at("case")
    shared = read_table(tables["given"], place.at("given"), FACTS, optional=frozenset(FACTS))
    if not isinstance(entries, list) or not 1 <= len(entries) <= CASES_MAX:
        at.refuse(f"Write each case under [[case]], 1 to {CASES_MAX} of them.")
        return []
    stated: list[WorkedCase] = []
    lines: dict[str, int | None] = {}
    for number, entry in enumerate(entries):
        # As `rules explain --case` counts them.
        here = at.at(number, name=str(number + 1))
        _check_case(entry, here, lines)
        case = read_table(entry, here, _CASE)
        given = entry.get("given") if isinstance(entry, dict) else None
        own = None
        if given is not None:
            own = read_table(given, here.at("given"), FACTS, optional=frozenset(FACTS))
        if case is None or own is None or shared is None:
            continue
        facts = shared | own
        missing = [key for key in NEEDED if key not in facts]
        if missing:
            here.refuse(f"Facts missing: {', '.join(missing)}. Give them here or in [given].")
        else:
            then, name = case["then"], case["name"]
            stated.append(
                WorkedCase(name, case["source"], here.line, stated_case(facts), facts, then)
            )
    return stated


def _check_case(entry: object, place: Place, lines: dict[str, int | None]) -> None:
    """Refuse a case that states no outcome, or has another one's name.

    lines    the line of each name so far; this one's is put in
    """
    if not isinstance(entry, dict):
        return
    if entry.get("then") == {}:
        place.at("then").refuse(f"Nothing is stated. Write one of: {', '.join(OUTCOMES)}.")
    name = entry.get("name")
    if isinstance(name, str) and name in lines:
        where = "" if lines[name] is None else f" on line {lines[name]}"
        place.at("name").refuse(f"The case{where} has the name {name!r} too. Rename one of them.")
    elif isinstance(name, str) and name.strip():
        lines[name] = place.at("name").line


def _differences(key: str, expected: Any, found: Any) -> list[Difference]:
    if key != "steps":
        return [] if found == expected else [Difference(key, _shown(expected), _shown(found))]
    amounts: Mapping[str, Fraction] = found or {}
    return [
        Difference(f"steps.{step}", _shown(fen), _shown(amounts.get(step)))
        for step, fen in expected.items()
        if amounts.get(step) != fen.amount
    ]


def _shown(value: object) -> str:
    match value:
        case Fen() | Fraction():
            return _amount_shown(value)
        case tuple():
            return ", ".join(_shown(item) for item in value) or "none"
        case dict():
            return ", ".join(f"{key} {_shown(item)}" for key, item in value.items()) or "none"
        case Enum():
            return str(value.value)
        case None:
            return "nothing"
        case _:
            return str(value).lower() if isinstance(value, bool) else str(value)


def _amount_shown(value: Fen | Fraction) -> str:
    """An amount as cases write it, in the scheme's unit, whichever that is."""
    if isinstance(value, Fraction) and value.denominator != 1:
        return f"{value} fen"
    return value.yuan if isinstance(value, Fen) else Fen(value.numerator).yuan
