"""`evernormal rules diff`: what an amendment changes, in values and in money."""

import json
from pathlib import Path
from typing import Any

import click

from evernormal.cli.rules.diff_text import tell_changes, tell_comparison
from evernormal.cli.rules.language import lang_option
from evernormal.cli.rules.named_population import read_applications
from evernormal.cli.rules.no_amount import say_without_amount
from evernormal.cli.rules.scheme_argument import find_scheme, load_or_fail
from evernormal.cli.screen import fail
from evernormal.domain.policy import DatedValue, Scheme, UnknownRule
from evernormal.locale import Lang, words
from evernormal.schemes.changes import RuleChange, changes_between, stated_value
from evernormal.simulator import Application, Comparison, Difference, SizeDifference, compare

TOP = 10
"""How many gains and losses are named."""


@click.command()
@click.argument("old")
@click.argument("new")
@click.argument(
    "population", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--json", "is_json", is_flag=True, help="Print the differences as JSON.")
@lang_option
def diff(*, old: str, new: str, population: Path | None, is_json: bool, lang: Lang) -> None:
    """Say what differs between the schemes OLD and NEW.

    With POPULATION, a CSV file of applications, also in money: who gains and who loses.
    """
    schemes = (load_or_fail(find_scheme(old)), load_or_fail(find_scheme(new)))
    found = None
    if population is not None:
        found = _compared(schemes, read_applications(population), lang)
    changes = changes_between(*schemes)
    if is_json:
        told = _as_json(schemes, changes, found)
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    say = words(lang, schemes[1].unit.value)
    tell_changes(schemes, changes, say)
    if found is not None:
        tell_comparison(found, schemes, say, top=TOP)


def _compared(
    schemes: tuple[Scheme, Scheme], applications: list[Application], lang: Lang
) -> Comparison:
    old, new = schemes
    if old.unit is not new.unit:
        fail(
            f"{old.id} counts in {old.unit.value}, {new.id} in {new.unit.value}: "
            "leave POPULATION out."
        )
    try:
        return compare(old, new, applications)
    except UnknownRule as refusal:
        scheme = old if refusal.scheme_id == old.id else new
        first = min(application.applied_on for application in applications)
        say = words(lang, scheme.unit.value)
        fail(f"{scheme.id}: {say_without_amount(scheme, refusal, first, say)}")


def _as_json(
    schemes: tuple[Scheme, Scheme], changes: tuple[RuleChange, ...], found: Comparison | None
) -> dict[str, Any]:
    old, new = schemes
    told: dict[str, Any] = {
        "old": old.id,
        "new": new.id,
        "unit": new.unit.value,
        "settlement": [old.settlement.value, new.settlement.value],
        "rules": [
            {
                "rule": change.rule_id,
                "kind": change.kind.value,
                "old": [_version(version) for version in change.old],
                "new": [_version(version) for version in change.new],
            }
            for change in changes
        ],
    }
    if found is not None:
        told |= _money_of(found)
    return told


def _version(version: DatedValue) -> dict[str, Any]:
    source = version.source
    return {
        "date": version.starts_on.isoformat(),
        "form": version.form.name,
        "value": stated_value(version.form),
        "source": {"en": source.title.en, "zh": source.title.zh},
        "clause": {"en": source.clause.en, "zh": source.clause.zh},
    }


def _money_of(found: Comparison) -> dict[str, Any]:
    return {
        **_size(found.whole),
        "granted": [found.old_granted.yuan, found.new_granted.yuan],
        "sizes": [{"size": size.size, **_size(size)} for size in found.sizes],
        "gains": [_difference(each) for each in found.gains(TOP)],
        "losses": [_difference(each) for each in found.losses(TOP)],
    }


def _size(found: SizeDifference) -> dict[str, Any]:
    return {
        "applications": found.applications,
        "gaining": found.gaining,
        "losing": found.losing,
        "unchanged": found.unchanged,
        "gained": found.gained.yuan,
        "lost": found.lost.yuan,
        "entitled": [found.old.yuan, found.new.yuan],
    }


def _difference(each: Difference) -> dict[str, Any]:
    return {
        "application": each.old.application.id,
        "firm": each.old.application.case.applicant.id,
        "change": each.change.yuan,
        "entitled": [each.old.asked.yuan, each.new.asked.yuan],
        "limb": [each.old.limb, each.new.limb],
        "failed_rules": [list(each.old.failed), list(each.new.failed)],
    }
