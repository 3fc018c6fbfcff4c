"""The facts of a command: from a TOML file, word by word, or those of a worked case."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from evernormal.cli.rules.scheme_argument import SchemeFiles
from evernormal.cli.screen import fail
from evernormal.domain.award import assess
from evernormal.domain.award.counterfactual import counterfactuals
from evernormal.domain.policy import Scheme
from evernormal.formats.explanation.assessment import WorkedCase
from evernormal.schemes import SchemeProblems
from evernormal.schemes.case_facts import FACTS, NEEDED, stated_case
from evernormal.schemes.cases import CaseFacts, list_case_facts
from evernormal.schemes.fact_text import read_facts
from evernormal.schemes.kinds import read_table
from evernormal.schemes.problems import bare
from evernormal.schemes.scheme_file import parse

facts_option = click.option(
    "--facts",
    "facts_path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML file of facts, written as in [given] of a cases.toml.",
)
fact_option = click.option(
    "--fact",
    "fact_words",
    multiple=True,
    metavar="NAME=VALUE",
    help="One fact, as in cost.COMPUTE=1000000; before those of the file.",
)


def own_facts(path: Path | None, stated: Sequence[str]) -> Mapping[str, Any]:
    """The facts given by file and word by word; ends the command with all that is wrong."""
    problems: list[str] = []
    facts: dict[str, Any] = {}
    if path is not None:
        try:
            facts |= _facts_of_file(path)
        except SchemeProblems as refusal:
            problems.append(str(refusal))
    cells: dict[str, str] = {}
    for text in stated:
        name, sign, value = text.partition("=")
        if not sign:
            problems.append(f"--fact {text}: write NAME=VALUE.")
        cells[name.strip()] = value
    try:
        facts |= read_facts(cells, path="--fact")
    except SchemeProblems as refusal:
        problems.append(str(refusal))
    missing = [name for name in NEEDED if name not in facts]
    if missing and not problems:
        problems.append(_ask_for(missing))
    if problems:
        fail("\n".join(problems))
    return facts


def _ask_for(missing: Sequence[str]) -> str:
    lines = [f"  {column}: {how}" for name in missing for column, how in _columns(name)]
    return "\n".join(["Facts are missing. Give them with --fact or in --facts:", *lines])


def _columns(name: str) -> Iterator[tuple[str, str]]:
    """How a fact is written as NAME=VALUE: in its parts, and without the quotes of TOML."""
    kind = NEEDED[name]
    if name == "term":
        yield from ((f"term.{part}", "a date, as in 2025-03-01") for part in ("first", "last"))
    elif name == "cost":
        parts = kind.schema["properties"]
        yield "cost.COMPUTE", f"an amount, as in 2000000; beside COMPUTE: {', '.join(parts)}"
    else:
        yield name, bare(kind.words)


def _facts_of_file(path: Path) -> dict[str, Any]:
    tables, place = parse(path.read_bytes(), path=str(path))
    facts = read_table(tables, place, FACTS, optional=frozenset(FACTS))
    if facts is None or place.problems:
        raise SchemeProblems(place.problems)
    return facts


def facts_of_case(files: SchemeFiles, wanted: str) -> CaseFacts:
    """A worked case by its number from 1, its name, or a part of its name that no other has."""
    if files.cases is None:
        fail(f"{files.cases_path} is not there: {files.name} has no worked cases.")
    try:
        cases = list_case_facts(files.cases, path=files.cases_path)
    except SchemeProblems as refusal:
        fail(str(refusal))
    if wanted.isdecimal() and 1 <= int(wanted) <= len(cases):
        return cases[int(wanted) - 1]
    found = [case for case in cases if case.name == wanted] or [
        case for case in cases if wanted.casefold() in case.name.casefold()
    ]
    if len(found) != 1:
        listed = "\n".join(f"  {number} {case.name}" for number, case in enumerate(cases, start=1))
        fail(f"{len(found)} cases of {files.name} are called {wanted!r}. There are:\n{listed}")
    return found[0]


def work_case(scheme: Scheme, facts: Mapping[str, Any], *, name: str) -> WorkedCase:
    """Assess a case and ask what would change it.

    name     what the case is called; "" for facts given by hand
    raises   UnknownRule
    """
    stated = stated_case(facts)
    on = stated.applied_on
    return WorkedCase(
        scheme=scheme,
        name=name,
        on=on,
        facts=facts,
        assessment=assess(scheme, case=stated.case, request=stated.request, on=on),
        counterfactuals=counterfactuals(scheme, case=stated.case, request=stated.request, on=on),
    )
