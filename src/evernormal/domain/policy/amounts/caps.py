"""Forms that limit support: ceilings by scope, and the total of all public support."""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from evernormal.domain.policy.amounts.request import (
    Applied,
    CapCount,
    CapScope,
    SupportRequest,
    fact_of,
)
from evernormal.domain.policy.findings import Fact
from evernormal.domain.policy.selector import EVERY_CASE, Selector
from evernormal.domain.values import Fen, ratio_text

BOTH_ACTS = (CapCount.AWARD, CapCount.CLAIM)


@dataclass(frozen=True, slots=True)
class Cap:
    """A ceiling for a claim, a contract, a provider, a firm or a group of related firms.

    counted_on  the acts at which it is counted, each for itself
    when        the cases it is for
    """

    name: ClassVar[str] = "cap"
    scope: CapScope
    amount: Fen
    counted_on: tuple[CapCount, ...] = BOTH_ACTS
    when: Selector = EVERY_CASE

    def apply(self, before: Fraction, request: SupportRequest, _base: Fraction) -> Applied:
        """At most what is left under the ceiling."""
        facts: dict[str, Fact] = {"scope": self.scope.value, "cap_fen": self.amount.amount}
        if not self.when.matches(request.case):
            return before, facts | {"counted_on": "OTHER_CASE", "before_fen": 0}
        if request.counted_on not in self.counted_on:
            return before, facts | {"counted_on": "OTHER", "before_fen": 0}
        already = request.already.get(self.scope, Fen(0))
        left = max(self.amount.amount - already.amount, 0)
        facts |= {
            "counted_on": request.counted_on.value,
            "before_fen": already.amount,
            "left_fen": left,
        }
        return min(before, Fraction(left)), facts


@dataclass(frozen=True, slots=True)
class StackingCap:
    """All public support for a cost together is at most a share of it."""

    name: ClassVar[str] = "stacking_cap"
    total: Fraction

    def apply(self, before: Fraction, request: SupportRequest, base: Fraction) -> Applied:
        """At most what other programmes leave of the share of the cost that the rate saw."""
        ceiling = base * self.total
        left = max(ceiling - request.other_support.amount, Fraction(0))
        facts: dict[str, Fact] = {
            "total": ratio_text(self.total),
            "base": fact_of(base),
            "other_fen": request.other_support.amount,
            "left": fact_of(left),
            # What rounding may not exceed.
            "left_fen": left.numerator // left.denominator,
        }
        return min(before, left), facts
