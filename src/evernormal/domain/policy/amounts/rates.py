"""Forms that turn cost, or capacity, into support."""

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from itertools import pairwise
from typing import ClassVar

from evernormal.domain.policy.amounts.request import (
    Applied,
    Measure,
    SupportRequest,
    fact_of,
    measured,
)
from evernormal.domain.policy.findings import Fact
from evernormal.domain.policy.selector import EVERY_CASE, Selector
from evernormal.domain.policy.text import Text
from evernormal.domain.values import Fen, ratio_text


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of the cost. `is_ceiling`: the text says "up to", a ceiling and not a promise."""

    name: ClassVar[str] = "rate"
    ratio: Fraction
    is_ceiling: bool

    def apply(self, before: Fraction, _request: SupportRequest, _base: Fraction) -> Applied:
        """Multiply, exactly."""
        facts: dict[str, Fact] = {"ratio": ratio_text(self.ratio), "is_ceiling": self.is_ceiling}
        return before * self.ratio, facts


class TierBasis(Enum):
    """What a tier's ratio is applied to: the whole cost, or only its part within the bounds."""

    WHOLE = "WHOLE"
    MARGINAL = "MARGINAL"


@dataclass(frozen=True, slots=True)
class Bound:
    """An end of a tier. `is_inside`: the amount itself belongs to the tier."""

    amount: Fen
    is_inside: bool


@dataclass(frozen=True, slots=True)
class Tier:
    """A ratio for the cases it is for, between two bounds; a bound that is None is open."""

    label: Text
    ratio: Fraction
    when: Selector = EVERY_CASE
    low: Bound | None = None
    high: Bound | None = None

    def holds(self, amount: Fraction) -> bool:
        """Whether an amount in fen lies between the bounds."""
        low, high = self.low, self.high
        if low is not None and not (
            amount > low.amount.amount or (low.is_inside and amount == low.amount.amount)
        ):
            return False
        return high is None or (
            amount < high.amount.amount or (high.is_inside and amount == high.amount.amount)
        )

    def covers(self, start: Fraction, end: Fraction) -> bool:
        """Whether all of the way from one amount to another lies between the bounds, in fen."""
        return (self.low is None or self.low.amount.amount <= start) and (
            self.high is None or end <= self.high.amount.amount
        )

    def cuts(self) -> list[Fraction]:
        """The amounts at which the tier begins and ends, in fen."""
        return [Fraction(b.amount.amount) for b in (self.low, self.high) if b is not None]


@dataclass(frozen=True, slots=True)
class TieredRate:
    """A share of the cost that depends on the case and on the cost.

    measure  what the bounds are compared with
    basis    WHOLE: the first tier that is for the case and holds the measured amount gives the
             ratio for all of the cost. MARGINAL: each part of the cost, from bound to bound, has
             the ratio of the first tier that is for the case and covers it, so that no yuan is
             supported twice.
    """

    name: ClassVar[str] = "tiered_rate"
    measure: Measure
    basis: TierBasis
    is_ceiling: bool
    tiers: tuple[Tier, ...]

    def apply(self, before: Fraction, request: SupportRequest, _base: Fraction) -> Applied:
        """Find the tier, or add up the tiers' parts."""
        end = measured(self.measure, before, request)
        facts: dict[str, Fact] = {
            "measure": self.measure.value,
            "basis": self.basis.value,
            "measured": fact_of(end),
            "is_ceiling": self.is_ceiling,
        }
        if self.basis is TierBasis.MARGINAL:
            parts = self._parts(end - before, end, request)
            after = sum((size * ratio for size, ratio in parts), Fraction(0))
            share = after / before if before else Fraction(0)
            told = " ".join(f"{fact_of(size)}*{ratio_text(ratio)}" for size, ratio in parts)
            return after, facts | {"tier": 0, "ratio": ratio_text(share), "parts": told}
        for number, tier in enumerate(self.tiers, start=1):
            if tier.when.matches(request.case) and tier.holds(end):
                return before * tier.ratio, facts | {
                    "tier": number,
                    "tier_en": tier.label.en,
                    "tier_zh": tier.label.zh,
                    "ratio": ratio_text(tier.ratio),
                }
        return Fraction(0), facts | {"tier": 0, "ratio": ratio_text(Fraction(0))}

    def _parts(
        self, start: Fraction, end: Fraction, request: SupportRequest
    ) -> list[tuple[Fraction, Fraction]]:
        """The supported parts of the way from one amount to another: fen, and the ratio."""
        tiers = [tier for tier in self.tiers if tier.when.matches(request.case)]
        cuts = {cut for tier in tiers for cut in tier.cuts() if start < cut < end}
        parts: list[tuple[Fraction, Tier]] = []
        for low, high in pairwise([start, *sorted(cuts), end]):
            tier = next((t for t in tiers if t.covers(low, high)), None)
            if tier is None or low >= high:
                continue
            size = high - low
            if parts and parts[-1][1] is tier:
                size += parts.pop()[0]
            parts.append((size, tier))
        return [(size, tier.ratio) for size, tier in parts]


@dataclass(frozen=True, slots=True)
class CapacitySupport:
    """An amount for each PFLOPS of measured capacity, dense FP16."""

    name: ClassVar[str] = "capacity_support"
    per_pflops: Fen

    def apply(self, _before: Fraction, request: SupportRequest, _base: Fraction) -> Applied:
        """Multiply the capacity measured."""
        pflops = request.case.contract.capacity_pflops
        facts: dict[str, Fact] = {"pflops": pflops, "per_pflops_fen": self.per_pflops.amount}
        return Fraction(pflops * self.per_pflops.amount), facts
