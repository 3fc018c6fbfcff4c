"""Lint of tables of tiers: never reached, overlapping, with gaps, with notches."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import combinations, pairwise
from math import inf

from evernormal.domain.policy import (
    EVERY_CASE,
    MinimumSpend,
    Review,
    Selector,
    Tier,
    TierBasis,
    TieredRate,
)
from evernormal.domain.values import ratio_text
from evernormal.schemes.lint.finding import DayView, Finding, Level
from evernormal.schemes.lint.spans import (
    ALL,
    Span,
    Spot,
    left_for,
    shared,
    span_of,
    takes_in,
)

Numbered = tuple[int, Tier]


def lint_tiers(view: DayView) -> Iterator[Finding]:
    """Look at the tiers of the rate, and at those of the review."""
    for rule_id, rate in view.every(TieredRate):
        tiers = list(enumerate(rate.tiers, start=1))
        unreached = set(_unreached(tiers)) if rate.basis is TierBasis.WHOLE else set()
        for number in sorted(unreached):
            yield _finding("tier_unreachable", rule_id, _named(tiers[number - 1]))
        reached = [(number, tier) for number, tier in tiers if number not in unreached]
        yield from _overlaps(rule_id, reached)
        yield from _gaps(rule_id, reached)
        yield from _without_tier(rule_id, rate, view)
        if rate.basis is TierBasis.WHOLE:
            yield from _notches(rule_id, rate, view)
    for rule_id, review in view.every(Review):
        last = review.tiers[-1].at_most
        if last is not None:
            facts = {"amount": last.amount}
            yield Finding(Level.WARNING, "review_ends", rule_id, facts)


def _unreached(tiers: Iterable[Numbered]) -> Iterator[int]:
    """Tiers whose every case and amount the tiers before them take."""
    before: list[Tier] = []
    for number, tier in tiers:
        if before and not left_for(tier.when, span_of(tier), before):
            yield number
        before.append(tier)


def _overlaps(rule_id: str, tiers: list[Numbered]) -> Iterator[Finding]:
    for one, other in combinations(tiers, 2):
        both = shared(span_of(one[1]), span_of(other[1]))
        if one[1].when == other[1].when and both is not None:
            yield _finding("tier_overlap", rule_id, _named(one, other, both))


def _gaps(rule_id: str, tiers: list[Numbered]) -> Iterator[Finding]:
    """Amounts between two tiers for the same cases that no tier takes."""
    every = [tier for _, tier in tiers]
    for selector in _selectors(every):
        own = [pair for pair in tiers if pair[1].when == selector]
        for one, other in pairwise(sorted(own, key=lambda pair: span_of(pair[1]))):
            end, start = span_of(one[1]).end, span_of(other[1]).start
            for gap in left_for(selector, Span(end, start), every) if end < start else ():
                yield _finding("tier_gap", rule_id, _named(one, other, gap))


def _selectors(tiers: Iterable[Tier]) -> list[Selector]:
    """Each selector of the tiers once, in order; a table of scales has no hash."""
    selectors: list[Selector] = []
    for tier in tiers:
        if tier.when not in selectors:
            selectors.append(tier.when)
    return selectors


def _without_tier(rule_id: str, rate: TieredRate, view: DayView) -> Iterator[Finding]:
    """Cases for which no tier is, where no floor keeps them out already."""
    left = left_for(EVERY_CASE, ALL, rate.tiers)
    if left == [ALL]:
        yield Finding(Level.WARNING, "tier_none", rule_id)
        return
    floor = view.one(MinimumSpend)
    least = floor[1].spend.amount if floor else 0
    for span in left:
        is_end = span.start == ALL.start or span.is_open
        if is_end and not (least and span.end <= (least, 0)):
            yield Finding(Level.WARNING, "tier_ends", rule_id, {"shared": span})


def _notches(rule_id: str, rate: TieredRate, view: DayView) -> Iterator[Finding]:
    """Amounts above which all of the cost gets a lower ratio."""
    told: set[tuple[float, Fraction, Fraction]] = set()
    for selector in _selectors(rate.tiers):
        tiers = [tier for tier in rate.tiers if takes_in(tier.when, selector)]
        ends = {spot for tier in tiers for spot in (span_of(tier).start, span_of(tier).end)}
        spots = sorted(spot for spot in ends if spot[0] < inf)
        for before, after in pairwise(spots):
            ratios = (after[0], _ratio_at(before, tiers), _ratio_at(after, tiers))
            # Where no tier follows, `tier_gap` and `tier_ends` tell it.
            if 0 < ratios[2] < ratios[1] and ratios not in told:
                told.add(ratios)
                facts = {
                    "amount": int(ratios[0]),
                    "before": ratio_text(ratios[1]),
                    "after": ratio_text(ratios[2]),
                    "scheme": view.scheme.id,
                }
                yield Finding(Level.WARNING, "notch", rule_id, facts)


def _ratio_at(spot: Spot, tiers: Iterable[Tier]) -> Fraction:
    for tier in tiers:
        span = span_of(tier)
        if span.start <= spot < span.end:
            return tier.ratio
    return Fraction(0)


def _named(
    one: Numbered, other: Numbered | None = None, span: Span | None = None
) -> dict[str, object]:
    facts: dict[str, object] = {
        "tier": one[0],
        "label_en": one[1].label.en,
        "label_zh": one[1].label.zh,
    }
    if other is not None:
        facts |= {
            "other": other[0],
            "other_label_en": other[1].label.en,
            "other_label_zh": other[1].label.zh,
        }
    return facts if span is None else facts | {"shared": span}


def _finding(code: str, rule_id: str, facts: dict[str, object]) -> Finding:
    return Finding(Level.ERROR, code, rule_id, facts)
