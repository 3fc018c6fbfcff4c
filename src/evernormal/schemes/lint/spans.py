"""Amounts between bounds, as spans that can be compared, and selectors that take in others."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from enum import Enum
from math import inf
from typing import Any

from evernormal.domain.policy import (
    EVERY_CASE,
    ApplicantType,
    CostCategory,
    DeviceOrigin,
    FirmSize,
    Route,
    Selector,
    Side,
    Tier,
    Use,
)
from evernormal.domain.values import Fen

Spot = tuple[float, int]
"""(fen, 0) is the amount itself, (fen, 1) is right above it. Infinity is above every amount."""

_ENUMS: dict[str, type[Enum]] = {
    "applicant_types": ApplicantType,
    "sizes": FirmSize,
    "uses": Use,
    "services": CostCategory,
    "device_origins": DeviceOrigin,
    "routes": Route,
    "sides": Side,
}


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Amounts from a spot up to, not including, another."""

    start: Spot
    end: Spot

    @property
    def is_open(self) -> bool:
        """Whether it has no upper end."""
        return self.end[0] == inf


ALL = Span((0, 0), (inf, 0))


def span_of(tier: Tier) -> Span:
    """The amounts that a tier holds."""
    start, end = ALL.start, ALL.end
    if tier.low is not None:
        start = (tier.low.amount.amount, 0 if tier.low.is_inside else 1)
    if tier.high is not None:
        end = (tier.high.amount.amount, 1 if tier.high.is_inside else 0)
    return Span(start, end)


def shared(one: Span, other: Span) -> Span | None:
    """The amounts in both, or None."""
    start, end = max(one.start, other.start), min(one.end, other.end)
    return Span(start, end) if start < end else None


def left_of(span: Span, taken: Iterable[Span]) -> list[Span]:
    """What others leave of a span, in order."""
    left, start = [], span.start
    for other in sorted(taken):
        if other.start > start and start < span.end:
            left.append(Span(start, min(other.start, span.end)))
        start = max(start, other.end)
    if start < span.end:
        left.append(Span(start, span.end))
    return left


def takes_in(wide: Selector, narrow: Selector) -> bool:
    """Whether every case of the narrow selector is one of the wide one, as far as one can tell."""
    return all(
        _test_takes_in(f.name, getattr(wide, f.name), getattr(narrow, f.name))
        for f in fields(Selector)
        if getattr(wide, f.name) != getattr(EVERY_CASE, f.name)
    )


def _test_takes_in(name: str, wide: Any, narrow: Any) -> bool:
    if name == "scale_at_least":
        return all(narrow.get(measure, 0) >= least for measure, least in wide.items())
    if name.endswith("at_most"):
        return narrow is not None and _figure(narrow) <= _figure(wide)
    if name == "places":
        return bool(narrow) and all(place.startswith(wide) for place in narrow)
    return bool(narrow) and set(narrow) <= set(wide)


def _figure(value: int | Fen) -> int:
    return value.amount if isinstance(value, Fen) else value


def left_for(selector: Selector, span: Span, tiers: Iterable[Tier]) -> list[Span]:
    """What tiers leave of a span for the cases of a selector.

    Tiers that share out one set of codes, such as all origins of cards, take in every case.
    """
    tiers = list(tiers)
    best = _left(selector, span, tiers)
    for split in _splits(selector):
        left = {part for narrow in split for part in _left(narrow, span, tiers)}
        if len(left) < len(best) or not left:
            best = sorted(left)
    return best


def _left(selector: Selector, span: Span, tiers: list[Tier]) -> list[Span]:
    return left_of(span, (span_of(tier) for tier in tiers if takes_in(tier.when, selector)))


def _splits(selector: Selector) -> Iterator[list[Selector]]:
    for name, codes in _ENUMS.items():
        wanted = getattr(selector, name) or tuple(codes)
        tests: list[dict[str, Any]] = [{name: (code,)} for code in wanted]
        yield [replace(selector, **test) for test in tests]
