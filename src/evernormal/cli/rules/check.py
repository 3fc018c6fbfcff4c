"""`evernormal rules check`: what is wrong with a scheme file, and what it hardly means."""

import json
import shlex
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import click

from evernormal.cli.rules.language import lang_option
from evernormal.cli.rules.scheme_argument import SchemeFiles, find_schemes
from evernormal.cli.screen import REFUSED
from evernormal.locale import Lang, Words, words
from evernormal.schemes import SchemeProblem, SchemeProblems
from evernormal.schemes.cases import list_case_facts
from evernormal.schemes.file_schema import scheme_json_schema
from evernormal.schemes.lint import FIRMS_MIN, Finding, Level, lint
from evernormal.schemes.lint.spans import Span
from evernormal.schemes.problems import TOLD_MAX


@click.command()
@click.argument("schemes", nargs=-1, metavar="[SCHEME]...")
@click.option(
    "--firms",
    "firms_min",
    type=click.IntRange(min=1),
    default=FIRMS_MIN,
    show_default=True,
    help="Warn of a pot that fewer firms at their cap would empty.",
)
@click.option("--json", "is_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--schema", "is_schema", is_flag=True, help="Print the JSON Schema for editors.")
@lang_option
def check(
    schemes: tuple[str, ...], firms_min: int, *, is_json: bool, is_schema: bool, lang: Lang
) -> None:
    """Read each SCHEME, or the whole library, and tell what is wrong or looks wrong.

    Errors end with exit code 1; warnings and notes do not.
    """
    if is_schema:
        click.echo(json.dumps(scheme_json_schema(), ensure_ascii=False, indent=2))
        return
    found, said = find_schemes(schemes), words(lang)
    told: list[dict[str, Any]] = []
    for files in found:
        told += _look(files, lang, firms_min=firms_min)
    count = {level: sum(item["level"] == level.value for item in told) for level in Level}
    if is_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _print(told, said)
        click.echo(_summary(len(found), count, said))
    if count[Level.ERROR]:
        raise SystemExit(REFUSED)


def _print(told: Sequence[Mapping[str, Any]], say: Words) -> None:
    """Print what was found, of each file no more than anyone reads."""
    for _, items in groupby(told, key=lambda item: item["path"]):
        found = list(items)
        for item in found[:TOLD_MAX]:
            click.echo(_at(item, say))
        if len(found) > TOLD_MAX:
            click.echo(say.say("rules.more", more=len(found) - TOLD_MAX))


def _look(files: SchemeFiles, lang: Lang, *, firms_min: int) -> list[dict[str, Any]]:
    """The mistakes of a scheme's files, or else its findings."""
    try:
        scheme = files.load()
    except SchemeProblems as refusal:
        return [_problem(problem) for problem in refusal.problems]
    findings = lint(scheme, files.text, path=files.path, firms_min=firms_min)
    say = words(lang, scheme.unit.value)
    named = (_finding(finding, say, scheme=files.name) for finding in findings)
    return [*_cases(files, say), *named]


def _cases(files: SchemeFiles, say: Words) -> list[dict[str, Any]]:
    """What is wrong with the cases file, whose cases `rules test` works."""
    if files.cases is None:
        missing = Finding(Level.WARNING, "cases_missing", "", path=files.cases_path)
        return [_finding(missing, say, scheme=files.name)]
    try:
        list_case_facts(files.cases, path=files.cases_path)
    except SchemeProblems as refusal:
        return [_problem(problem) for problem in refusal.problems]
    return []


def _problem(problem: SchemeProblem) -> dict[str, Any]:
    return {
        "level": Level.ERROR.value,
        "code": "problem",
        "path": problem.path,
        "line": problem.line,
        "rule": problem.place,
        "text": problem.message,
    }


def _finding(finding: Finding, say: Words, *, scheme: str) -> dict[str, Any]:
    """A finding in words; `scheme` is what a command calls the scheme by, an id or a path."""
    facts = {**finding.facts, "scheme": shlex.quote(scheme)}
    if isinstance(facts.get("shared"), Span):
        facts["shared"] = say_span(facts["shared"], say)
    return {
        "level": finding.level.value,
        "code": finding.code,
        "path": finding.path,
        "line": finding.line,
        "rule": finding.rule_id,
        "text": say.say(f"lint.{finding.code}", **facts),
    }


def say_span(span: Span, say: Words) -> str:
    """Amounts from one bound to another, in words."""
    (low, is_above), (high, is_up_to) = span.start, span.end
    start = "above" if is_above else "from"
    if span.is_open:
        return say.say(f"lint_span.{start}", low=int(low))
    if low == high:
        return say.say("lint_span.exactly", low=int(low))
    end = "to" if is_up_to else "below"
    return say.say(f"lint_span.{start}_{end}", low=int(low), high=int(high))


def _at(item: Mapping[str, Any], say: Words) -> str:
    place = item["path"] if item["line"] is None else f"{item['path']}:{item['line']}"
    key = "lint.at" if item["rule"] else "lint.at_scheme"
    facts = {"level": item["level"], "rule": item["rule"], "text": item["text"]}
    return say.say(key, place=place, **facts)


def _summary(schemes: int, count: Mapping[Level, int], say: Words) -> str:
    return say.say(
        "rules.checked",
        schemes=schemes,
        errors=count[Level.ERROR],
        warnings=count[Level.WARNING],
        notes=count[Level.INFO],
    )
