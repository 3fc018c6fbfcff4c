"""Forms that turn cost into support, one step each, in a fixed order.

eligible cost -> cost window -> minimum spend -> rate -> caps -> rounding (docs/rules/amounts.md)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import ClassVar

from evernormal.domain.policy.facts import CostCategory
from evernormal.domain.policy.findings import Fact, Step
from evernormal.domain.values import DayCount, Fen, Period, Rounding, RoundingMode, ratio_text


class CapCount(Enum):
    """At which act a cap is counted. Beijing counts on both."""

    AWARD = "AWARD"
    CLAIM = "CLAIM"


@dataclass(frozen=True, slots=True)
class SupportRequest:
    """What the amount rules are asked.

    costs            fen by category: of the contract (at award) or as evidenced (at claim)
    term             the contract's term, for pro-rating
    counted_on       the act being decided
    firm_year_before fen this firm already has in the same calendar year, at this kind of act
    firm_before      fen this firm already has under the scheme, at this kind of act
    """

    costs: Mapping[CostCategory, Fen]
    term: Period
    counted_on: CapCount
    firm_year_before: Fen
    firm_before: Fen


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What the rules give before scarcity: every step, and the limb that bound."""

    amount: Fen
    limb: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class EligibleCost:
    """Only listed categories of cost count."""

    name: ClassVar[str] = "eligible_cost"
    categories: tuple[CostCategory, ...]

    def apply(self, _before: Fraction, request: SupportRequest) -> tuple[Fraction, dict[str, Fact]]:
        """Add up the costs in the listed categories."""
        counted = sum(f.amount for c, f in request.costs.items() if c in self.categories)
        total = sum(f.amount for f in request.costs.values())
        names = " ".join(sorted(c.value for c in self.categories))
        facts: dict[str, Fact] = {"categories": names, "left_out_fen": total - counted}
        return Fraction(counted), facts


@dataclass(frozen=True, slots=True)
class CostWindow:
    """Only the part of the contract inside a window counts, by days; both days are in."""

    name: ClassVar[str] = "cost_window"
    window: Period
    day_count: DayCount

    def apply(self, before: Fraction, request: SupportRequest) -> tuple[Fraction, dict[str, Fact]]:
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

    def apply(self, before: Fraction, _request: SupportRequest) -> tuple[Fraction, dict[str, Fact]]:
        """Keep the cost when it reaches the floor, else nothing."""
        after = before if before >= self.spend.amount else Fraction(0)
        return after, {"minimum_fen": self.spend.amount}


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of the cost. `is_ceiling`: the text says "up to", a ceiling and not a promise."""

    name: ClassVar[str] = "rate"
    ratio: Fraction
    is_ceiling: bool

    def apply(self, before: Fraction, _request: SupportRequest) -> tuple[Fraction, dict[str, Fact]]:
        """Multiply, exactly."""
        facts: dict[str, Fact] = {"ratio": ratio_text(self.ratio), "is_ceiling": self.is_ceiling}
        return before * self.ratio, facts


@dataclass(frozen=True, slots=True)
class FirmYearCap:
    """A ceiling for one firm in one calendar year, counted on the named acts."""

    name: ClassVar[str] = "firm_year_cap"
    cap: Fen
    counted_on: tuple[CapCount, ...]

    def apply(self, before: Fraction, request: SupportRequest) -> tuple[Fraction, dict[str, Fact]]:
        """At most what is left of the firm's year."""
        if request.counted_on not in self.counted_on:
            return before, {"cap_fen": self.cap.amount, "counted_on": "OTHER", "before_fen": 0}
        return _capped(before, self.cap, request.firm_year_before, request.counted_on)


@dataclass(frozen=True, slots=True)
class FirmCap:
    """A ceiling for one firm over the scheme's life."""

    name: ClassVar[str] = "firm_cap"
    cap: Fen

    def apply(self, before: Fraction, request: SupportRequest) -> tuple[Fraction, dict[str, Fact]]:
        """At most what is left of the firm's ceiling."""
        return _capped(before, self.cap, request.firm_before, request.counted_on)


@dataclass(frozen=True, slots=True)
class RoundingRule:
    """How amounts are rounded: at each step of cost and support, or once at the end."""

    name: ClassVar[str] = "rounding"
    rounding: Rounding
    at_each_step: bool


LimbForm = CostWindow | MinimumSpend | Rate | FirmYearCap | FirmCap
AmountForm = EligibleCost | LimbForm | RoundingRule

_ORDER = (EligibleCost, CostWindow, MinimumSpend, Rate, FirmYearCap, FirmCap)


def entitle(
    rules: Iterable[tuple[str, AmountForm]], *, request: SupportRequest, rounding: RoundingRule
) -> Entitlement:
    """Apply the amount rules and say which limb bound.

    rules    (rule id, form) in any order; applied in the fixed order of this module
    request  costs in fen and what the firm already has
    rounding the scheme's own rule; applied at each step or once, here, at the end
    returns  whole fen, the steps, and the id of the last rule that lowered the amount
             below the rate's result, else the rate's own id
    source   docs/rules/amounts.md; golden cases in the schemes' cases.toml
    """
    ordered = sorted(
        ((rule_id, form) for rule_id, form in rules if not isinstance(form, RoundingRule)),
        key=lambda rule: _ORDER.index(type(rule[1])),
    )
    amount, limb, room, steps = Fraction(0), "", None, []
    for rule_id, form in ordered:
        exact, facts = form.apply(amount, request)
        left = facts.get("left_fen")
        if isinstance(left, int):
            room = left if room is None else min(room, left)
        after = exact
        if rounding.at_each_step:
            after = Fraction(_rounded(exact, rounding.rounding, room=room).amount)
        if _binds(form, before=amount, after=after):
            limb = rule_id
        steps.append(Step(rule_id, form.name, amount, exact, after, facts))
        amount = after
    rounded = _rounded(amount, rounding.rounding, room=room)
    return Entitlement(amount=rounded, limb=limb, steps=tuple(steps))


def _rounded(exact: Fraction, rounding: Rounding, *, room: int | None) -> Fen:
    """Round by the scheme's rule, but never over what a cap has left: then cut to the unit."""
    rounded = rounding.to_fen(exact)
    if room is None or rounded.amount <= room:
        return rounded
    return Rounding(RoundingMode.TRUNCATE, rounding.unit_fen).to_fen(exact)


def _binds(form: AmountForm, *, before: Fraction, after: Fraction) -> bool:
    """Whether a rule is why the amount is what it is, seen from the rules before it."""
    match form:
        case EligibleCost():
            return after == 0
        case CostWindow():
            return after == 0 < before
        case Rate():
            return before > 0
        case _:
            return after < before


def _capped(
    before: Fraction, cap: Fen, already: Fen, counted_on: CapCount
) -> tuple[Fraction, dict[str, Fact]]:
    left = max(cap.amount - already.amount, 0)
    facts: dict[str, Fact] = {
        "cap_fen": cap.amount,
        "counted_on": counted_on.value,
        "before_fen": already.amount,
        "left_fen": left,
    }
    return min(before, Fraction(left)), facts
