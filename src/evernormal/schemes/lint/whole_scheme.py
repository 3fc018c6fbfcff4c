"""Lint of a scheme: on each day on which its rules change, and over all of its versions."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from evernormal.domain.policy import Cap, CapacitySupport, Pot, Rate, Scheme, TieredRate
from evernormal.schemes.lint.days import lint_versions, lint_windows
from evernormal.schemes.lint.finding import DayView, Finding, Level
from evernormal.schemes.lint.limits import lint_limits
from evernormal.schemes.lint.tiers import lint_tiers
from evernormal.schemes.problems import Place, find_lines

FIRMS_MIN = 50
"""A pot that fewer firms at their cap would empty is likely a slip, or gone on the first day."""

_RATES = (Rate, TieredRate, CapacitySupport)
_ORDER = list(Level)


def lint(
    scheme: Scheme, text: bytes, *, path: str, firms_min: int = FIRMS_MIN
) -> tuple[Finding, ...]:
    """Find what a scheme file says and hardly means.

    scheme     as `load_scheme` read it
    text       the bytes it was read from, for the lines
    path       the file's name, for messages only
    firms_min  a pot that fewer firms at their cap would empty is told
    returns    errors first, then warnings, then notes; each kind in order of lines
    source     docs/how-to/write-a-scheme.md
    """
    place = Place(path, find_lines(text.decode("utf-8-sig")))
    found: list[Finding] = []
    for finding in _findings(scheme, place, firms_min=firms_min):
        if finding not in found:
            found.append(finding)
    return tuple(sorted(found, key=lambda f: (_ORDER.index(f.level), f.line or 0)))


def _findings(scheme: Scheme, place: Place, *, firms_min: int) -> Iterator[Finding]:
    numbers = {rule.id: number for number, rule in enumerate(scheme.rules)}
    for day in sorted({v.starts_on for rule in scheme.rules for v in rule.versions}):
        view = DayView(scheme, day)
        for finding in _on_day(view, firms_min=firms_min):
            number = numbers[finding.rule_id]
            version = _version_on(scheme, number, day)
            yield _placed(finding, place, number, version)
    for number, version, finding in lint_versions(scheme):
        yield _placed(finding, place, number, version)
    yield from (replace(finding, path=place.path) for finding in _standing(scheme))


def _on_day(view: DayView, *, firms_min: int) -> Iterator[Finding]:
    yield from lint_tiers(view)
    yield from lint_limits(view, firms_min=firms_min)
    yield from lint_windows(view)
    if not view.one(Cap) and not view.one(Pot):
        for form in _RATES:
            for rule_id, _ in view.every(form):
                yield Finding(Level.WARNING, "rate_unlimited", rule_id)


def _version_on(scheme: Scheme, number: int, day: date) -> int:
    versions = scheme.rules[number].versions
    return max(n for n, version in enumerate(versions) if version.starts_on <= day)


def _placed(finding: Finding, place: Place, number: int, version: int) -> Finding:
    """The finding with its file and line: that of the version's value."""
    value = place.at("rule").at(number).at("from").at(version).at("value")
    return replace(finding, path=place.path, line=value.line)


def _standing(scheme: Scheme) -> Iterator[Finding]:
    """How many values nobody has compared with the original, and how many are assumed."""
    sources = [v.source for rule in scheme.rules for v in rule.versions]
    assumed = sum(source.is_assumed for source in sources)
    unread = sum(not source.verified for source in sources) - assumed
    for code, count in (("unverified", unread), ("assumed", assumed)):
        if count:
            yield Finding(Level.INFO, code, "", {"count": count, "of": len(sources)})
