"""Lint of days: windows that miss the call, versions that never come into force."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from evernormal.domain.policy import AppliedWithin, CostWindow, Rule, Scheme, SignedFrom
from evernormal.schemes.kinds import DAY_MAX
from evernormal.schemes.lint.finding import DayView, Finding, Level


def lint_windows(view: DayView) -> Iterator[Finding]:
    """Look at the cost window beside the call and beside the day of signing."""
    window, call, signed = view.one(CostWindow), view.one(AppliedWithin), view.one(SignedFrom)
    if window is None:
        return
    rule_id, first, last = window[0], window[1].window.starts_on, window[1].window.last_on
    if call is not None and _is_apart(view.scheme, (first, last), call[1]):
        facts = {"first": first, "last": last, "other": call[0]}
        facts |= {"opens": call[1].first, "closes": call[1].last}
        yield Finding(Level.WARNING, "window_outside_call", rule_id, facts)
    if signed is not None and last < signed[1].day:
        facts = {"last": last, "day": signed[1].day, "other": signed[0]}
        yield Finding(Level.ERROR, "window_before_signing", rule_id, facts)


def _is_apart(scheme: Scheme, window: tuple[date, date], call: AppliedWithin) -> bool:
    """Whether window and call share no day. Support for past use may be called for afterwards."""
    traits = scheme.settlement.traits
    is_afterwards = traits.is_claimed and not traits.has_voucher
    return window[0] > call.last or (window[1] < call.first and not is_afterwards)


def lint_versions(scheme: Scheme) -> Iterator[tuple[int, int, Finding]]:
    """Versions that no application will ever meet.

    returns  number of the rule and of the version, from 0, with the finding
    """
    days = _days_of_application(scheme)
    if days is None:
        return
    for number, rule in enumerate(scheme.rules):
        for version, why in _never_in_force(rule, days):
            facts = {"day": rule.versions[version].starts_on, "why": why}
            # A warning: a text may well give values for days on which nobody can apply any more.
            yield number, version, Finding(Level.WARNING, "never_in_force", rule.id, facts)


def _never_in_force(rule: Rule, days: tuple[date, date]) -> Iterator[tuple[int, str]]:
    first, last = days
    for number, version in enumerate(rule.versions):
        if version.starts_on > last:
            yield number, "after_the_call"
    for number, (_, later) in enumerate(pairwise(rule.versions)):
        if later.starts_on <= first:
            yield number, "before_the_call"


def _days_of_application(scheme: Scheme) -> tuple[date, date] | None:
    """First and last day on which an application can pass, or None where no call says so."""
    spans = []
    for rule in scheme.rules:
        if not isinstance(rule.versions[0].form, AppliedWithin):
            continue
        ends = [later.starts_on - timedelta(days=1) for later in rule.versions[1:]]
        for version, end in zip(rule.versions, [*ends, DAY_MAX], strict=True):
            if isinstance(version.form, AppliedWithin):
                span = max(version.starts_on, version.form.first), min(end, version.form.last)
                spans += [span] if span[0] <= span[1] else []
    if not spans:
        return None
    return min(first for first, _ in spans), max(last for _, last in spans)
