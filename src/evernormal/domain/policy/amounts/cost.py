"""Forms that say which cost counts."""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from evernormal.domain.policy.amounts.request import Applied, Measure, SupportRequest, measured
from evernormal.domain.policy.facts import CostCategory
from evernormal.domain.policy.findings import Fact
from evernormal.domain.values import DayCount, Fen, Period, ratio_text


@dataclass(frozen=True, slots=True)
class EligibleCost:
    """Only listed categories of cost count."""

    name: ClassVar[str] = "eligible_cost"
    categories: tuple[CostCategory, ...]

    def apply(self, _before: Fraction, request: SupportRequest, _base: Fraction) -> Applied:
        """Add up the costs in the listed categories."""
        counted = sum(f.amount for c, f in request.costs.items() if c in self.categories)
        total = sum(f.amount for f in request.costs.values())
        names = " ".join(sorted(c.value for c in self.categories))
        facts: dict[str, Fact] = {"categories": names, "left_out_fen": total - counted}
        return Fraction(counted), facts


@dataclass(frozen=True, slots=True)
class NetOfTax:
    """Cost stated with the invoice's tax counts without it. `ratio`: tax over the net price."""

    name: ClassVar[str] = "net_of_tax"
    ratio: Fraction

    def apply(self, before: Fraction, _request: SupportRequest, _base: Fraction) -> Applied:
        """Divide the cost by one and the ratio, exactly."""
        return before / (1 + self.ratio), {"ratio": ratio_text(self.ratio)}

    def without_tax(self, cost: Fen) -> Fen:
        """A sum of earlier cost without its tax, cut to the fen."""
        return Fen(int(cost.amount / (1 + self.ratio)))


@dataclass(frozen=True, slots=True)
class CostWindow:
    """Only the part of the contract inside a window counts, by days; both days are in."""

    name: ClassVar[str] = "cost_window"
    window: Period
    day_count: DayCount

    def apply(self, before: Fraction, request: SupportRequest, _base: Fraction) -> Applied:
        """Cost times days inside over days of the contract, counted the scheme's way."""
        inside = self.window.overlap(request.term)
        days = request.term.count_days(self.day_count)
        days_inside = 0 if inside is None else inside.count_days(self.day_count)
        share = Fraction(days_inside, days) if days else Fraction(int(inside is not None))
        if inside == request.term:
            share = Fraction(1)
        facts: dict[str, Fact] = {
            "first": self.window.starts_on.isoformat(),
            "last": self.window.last_on.isoformat(),
            "days_inside": days_inside,
            "days": days,
            "day_count": self.day_count.value,
        }
        return before * share, facts


@dataclass(frozen=True, slots=True)
class MinimumSpend:
    """Below a spend there is no support; at the spend there is."""

    name: ClassVar[str] = "minimum_spend"
    spend: Fen
    measure: Measure = Measure.COST

    def apply(self, before: Fraction, request: SupportRequest, _base: Fraction) -> Applied:
        """Keep the cost when what is measured reaches the floor, else nothing."""
        reached = measured(self.measure, before, request) >= self.spend.amount
        facts: dict[str, Fact] = {
            "minimum_fen": self.spend.amount,
            "measure": self.measure.value,
            "reached": reached,
        }
        return before if reached else Fraction(0), facts
