"""A scheme that gives no amount, in words: what its source does not state."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NoReturn

import click

from evernormal.cli.screen import fail
from evernormal.domain.audit.facts import of_check
from evernormal.domain.award import check_under
from evernormal.domain.policy import RateForm, Scheme, UnknownRule
from evernormal.formats.explanation import Teller, in_language, view_of
from evernormal.locale import Words
from evernormal.schemes.case_facts import stated_case

_RATES = tuple(form.name for form in RateForm.__args__)


def fail_without_amount(
    scheme: Scheme, refusal: UnknownRule, facts: Mapping[str, Any], words: Words
) -> NoReturn:
    """Tell which conditions fail, then that no amount can be given and why, and end."""
    stated = stated_case(facts)
    teller = Teller(words=words, scheme=view_of(scheme), day=stated.applied_on)
    for check in check_under(scheme, case=stated.case, on=stated.applied_on):
        if not check.passed:
            click.echo(f"✗ {teller.label_of(check.rule_id)}: {teller.check(of_check(check)).text}")
    fail(say_without_amount(scheme, refusal, stated.applied_on, words))


def say_without_amount(scheme: Scheme, refusal: UnknownRule, on: date, words: Words) -> str:
    """Say which rule is missing: not stated by the source, or not in force yet."""
    forms = _missing_forms(scheme, refusal, on)
    starts = [
        rule.versions[0].starts_on for rule in scheme.rules if rule.versions[0].form.name in forms
    ]
    what = _what(forms[0], words)
    if starts:
        return words.say("rules.not_in_force", what=what, day=on, first=min(starts))
    why = next(_said(scheme, forms, words), "")
    if not why:
        return words.say("rules.unknown_form", what=what)
    return words.say("rules.unknown_form_and_why", what=what, why=why)


def _missing_forms(scheme: Scheme, refusal: UnknownRule, on: date) -> tuple[str, ...]:
    """The rate before all else, since without it nothing can be rounded."""
    in_force = {form.name for _, form in scheme.in_force(on)}
    return (refusal.form,) if in_force.intersection(_RATES) else _RATES


def _what(form: str, words: Words) -> str:
    key = f"rules.missing.{form}"
    return words.say(key if words.knows(key) else "rules.missing.other", form=form)


def _said(scheme: Scheme, forms: tuple[str, ...], words: Words) -> Iterator[str]:
    """What the scheme says about the forms under [[unknown]]."""
    for entry in scheme.unknown:
        if entry.form in forms:
            yield in_language(entry.text, words)
