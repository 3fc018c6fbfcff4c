"""The case from which notches are looked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from evernormal.cli.rules.scheme_argument import SchemeFiles
from evernormal.cli.screen import fail
from evernormal.domain.award import check_under
from evernormal.domain.policy import Case, Scheme, SupportRequest
from evernormal.domain.values import Fen
from evernormal.schemes import SchemeProblems
from evernormal.schemes.case_facts import FACTS, NEEDED, StatedCase, stated_case
from evernormal.schemes.cases import list_case_facts
from evernormal.schemes.fact_text import read_facts
from evernormal.schemes.kinds import read_table
from evernormal.schemes.scheme_file import parse

_BEFORE = frozenset(
    {"already", "firm_year_cost_before", "other_supports", "counted_on", "awards_on_contract"}
)
"""What one worked case has behind it says nothing about the others."""


@dataclass(frozen=True, slots=True)
class NotchCase:
    """A case, what is asked for it, its day, and the names of the facts that were stated."""

    case: Case
    request: SupportRequest
    on: date
    stated: frozenset[str]


def read_notch_case(
    scheme: Scheme, files: SchemeFiles, path: Path | None, texts: Sequence[str]
) -> NotchCase:
    """Make the case of what is stated, and of a worked case for what is not.

    path     TOML file of facts, as in [given] of a cases file
    texts    NAME=VALUE; these win
    Ends the command with all that is wrong with them, or missing.
    """
    facts: dict[str, Any] = {}
    try:
        if path is not None:
            facts |= _facts_of(path)
        facts |= read_facts(_cells(texts), path="--fact")
    except SchemeProblems as refusal:
        fail(str(refusal))
    worked = _worked_facts(scheme, files)
    # The cost is what is varied.
    whole = {"cost": {}, **worked, **facts}
    missing = [f"  {name}: {NEEDED[name].words}" for name in NEEDED if name not in whole]
    if missing:
        lines = ["Facts are missing. Give them with --fact or in --facts:", *missing]
        fail("\n".join(lines))
    stated = stated_case(whole)
    return NotchCase(stated.case, stated.request, stated.applied_on, frozenset(facts))


def _cells(texts: Sequence[str]) -> dict[str, str]:
    cells = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            fail(f"--fact {text}: write NAME=VALUE.")
        cells[name.strip()] = value
    return cells


def _facts_of(path: Path) -> dict[str, Any]:
    tables, place = parse(path.read_bytes(), path=str(path))
    facts = read_table(tables, place, FACTS, optional=frozenset(FACTS))
    if facts is None or place.problems:
        raise SchemeProblems(place.problems)
    return facts


def _worked_facts(scheme: Scheme, files: SchemeFiles) -> Mapping[str, Any]:
    """The facts of the first worked case that meets the conditions, else of the first of all."""
    if files.cases is None:
        return {}
    try:
        cases = list_case_facts(files.cases, path=files.cases_path)
    except SchemeProblems as refusal:
        fail(str(refusal))
    found = [{k: v for k, v in case.facts.items() if k not in _BEFORE} for case in cases]
    eligible = (facts for facts in found if _is_eligible(scheme, stated_case(facts)))
    return next(eligible, found[0])


def _is_eligible(scheme: Scheme, stated: StatedCase) -> bool:
    asked = Fen(sum(cost.amount for cost in stated.request.costs.values()))
    checks = check_under(scheme, case=stated.case, on=stated.applied_on)
    return asked.amount > 0 and all(check.passed for check in checks)
