"""`evernormal rules notches`: costs beyond which one more yuan costs the applicant more."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import click

from evernormal.cli.rules.class_words import Cube, cube_in_words, gathered
from evernormal.cli.rules.facts_argument import fact_option, facts_option
from evernormal.cli.rules.language import lang_option
from evernormal.cli.rules.no_amount import say_without_amount
from evernormal.cli.rules.notch_case import NotchCase, read_notch_case
from evernormal.cli.rules.rule_label import rule_label
from evernormal.cli.rules.scheme_argument import find_scheme, load_or_fail
from evernormal.cli.screen import console, fail
from evernormal.domain.award import check_under
from evernormal.domain.award.case_classes import CaseClass, classes_of, dimensions_of
from evernormal.domain.award.notches import Edge, Point, find_edges
from evernormal.domain.policy import RequestBetween, Scheme, UnknownRule
from evernormal.formats.explanation import in_language
from evernormal.locale import Lang, Words, words

CLASSES_MAX = 2_000
"""More classes than a reader can tell apart, and half a minute of work."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found: each edge with the cases that have it, and the classes never supported."""

    classes: int
    edges: Mapping[Edge, list[Cube]]
    not_eligible: Mapping[tuple[str, ...], int]

    def edges_that(self, *, are_notches: bool) -> list[Edge]:
        """Notches or jumps: by cost, the largest leap first."""
        found = [edge for edge in self.edges if edge.is_notch is are_notches]
        return sorted(found, key=lambda e: (e.at.cost, -abs(e.leap.amount), e.rule_ids))


@click.command()
@click.argument("scheme")
@facts_option
@fact_option
@click.option(
    "--all-cases",
    is_flag=True,
    help="Vary every fact that is not stated; without any fact stated this is so.",
)
@click.option("--json", "is_json", is_flag=True, help="Print what was found as JSON.")
@lang_option
def notches(  # noqa: PLR0913 - the command's own options
    *,
    scheme: str,
    facts_path: Path | None,
    fact_words: tuple[str, ...],
    all_cases: bool,
    is_json: bool,
    lang: Lang,
) -> None:
    """Find the notches (断崖点) of SCHEME: costs beyond which more cost gets less support.

    Every class of cases that its tiers, caps and alternatives tell apart is looked at, starting
    from its first eligible worked case; facts that are stated hold for all of them.
    """
    files = find_scheme(scheme)
    loaded = load_or_fail(files)
    say = words(lang, loaded.unit.value)
    start = read_notch_case(loaded, files, facts_path, fact_words)
    is_varied = all_cases or not start.stated
    try:
        found = _search(loaded, start, is_varied=is_varied)
    except UnknownRule as refusal:
        fail(say_without_amount(loaded, refusal, start.on, say))
    if is_json:
        click.echo(json.dumps(_as_json(found, loaded), ensure_ascii=False, indent=2))
    else:
        _tell(found, loaded, say)


def _search(scheme: Scheme, start: NotchCase, *, is_varied: bool) -> _Found:
    classes, everything = [CaseClass({}, start.case)], {}
    if is_varied:
        dimensions = dimensions_of(scheme, case=start.case, on=start.on, fixed=start.stated)
        everything = {name: len(choices) for name, choices in dimensions.items()}
        if prod(everything.values()) > CLASSES_MAX:
            names = ", ".join(everything)
            fail(f"Over {CLASSES_MAX} classes of cases. State some with --fact: {names}.")
        classes = classes_of(scheme, case=start.case, on=start.on, fixed=start.stated)
    by_edge: dict[Edge, list[Mapping[str, str]]] = {}
    not_eligible: dict[tuple[str, ...], int] = {}
    for each in classes:
        failed = _failed(scheme, each, start)
        if failed:
            not_eligible[failed] = not_eligible.get(failed, 0) + 1
            continue
        for edge in find_edges(scheme, case=each.case, request=start.request, on=start.on):
            by_edge.setdefault(edge, []).append(each.facts)
    edges = {edge: gathered(facts, everything) for edge, facts in by_edge.items()}
    return _Found(len(classes), edges, not_eligible)


def _failed(scheme: Scheme, each: CaseClass, start: NotchCase) -> tuple[str, ...]:
    """The conditions that a class fails at any cost."""
    asked = {rule_id for rule_id, _ in scheme.find_all(RequestBetween, start.on)}
    checks = check_under(scheme, case=each.case, on=start.on)
    return tuple(c.rule_id for c in checks if not c.passed and c.rule_id not in asked)


def _tell(found: _Found, scheme: Scheme, say: Words) -> None:
    drops = found.edges_that(are_notches=True)
    key = "title" if drops else "none"
    facts = {"notches": len(drops), "classes": found.classes}
    console.print(say.say(f"notches.{key}", scheme=in_language(scheme.title, say), **facts))
    for edge in (*drops, *found.edges_that(are_notches=False)):
        rules = say.listed([rule_label(scheme, rule_id, say) for rule_id in edge.rule_ids])
        kind = "notch" if edge.is_notch else "jump"
        console.print()
        console.print(say.say(f"notches.{kind}", at=edge.at.cost, rules=rules))
        for cube in found.edges[edge]:
            console.print(say.say("notches.cases", classes=cube_in_words(cube, say)))
        for point in _points(edge):
            console.print(say.say("notches.point", cost=point.cost, support=point.support))
        console.print(_meaning(edge, say))
    for failed, count in found.not_eligible.items():
        rules = say.listed([rule_label(scheme, rule_id, say) for rule_id in failed])
        console.print()
        console.print(say.say("notches.not_eligible", count=count, rules=rules))


def _points(edge: Edge) -> Sequence[Point]:
    return (edge.yuan_before, edge.at, edge.fen_beyond, edge.yuan_beyond)


def _meaning(edge: Edge, say: Words) -> str:
    if not edge.is_notch:
        return say.say("notches.gain", gain=edge.leap)
    if edge.regained_at is None:
        return say.say("notches.loss_for_good", loss=-edge.leap)
    return say.say("notches.loss", loss=-edge.leap, at=edge.at.cost, regained=edge.regained_at)


def _as_json(found: _Found, scheme: Scheme) -> dict[str, Any]:
    return {
        "scheme": scheme.id,
        "unit": scheme.unit.value,
        "classes": found.classes,
        "notches": [_edge(edge, found) for edge in found.edges_that(are_notches=True)],
        "jumps": [_edge(edge, found) for edge in found.edges_that(are_notches=False)],
        "not_eligible": [
            {"rules": list(failed), "classes": count}
            for failed, count in found.not_eligible.items()
        ],
    }


def _edge(edge: Edge, found: _Found) -> dict[str, Any]:
    names = ("yuan_before", "at", "fen_beyond", "yuan_beyond")
    return {
        "rules": list(edge.rule_ids),
        **{
            name: {"cost": point.cost.yuan, "support": point.support.yuan}
            for name, point in zip(names, _points(edge), strict=True)
        },
        "leap": edge.leap.yuan,
        "regained_at": None if edge.regained_at is None else edge.regained_at.yuan,
        "cases": [{name: list(values) for name, values in cube} for cube in found.edges[edge]],
    }
