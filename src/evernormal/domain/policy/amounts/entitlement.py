"""Cost into support, one step for each rule, in a fixed order.

eligible cost -> net of tax -> cost window -> minimum spend -> rate -> stacking -> caps -> rounding
(docs/rules/amounts.md)
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from evernormal.domain.policy.amounts.caps import Cap, StackingCap
from evernormal.domain.policy.amounts.cost import (
    CostWindow,
    EligibleCost,
    MinimumSpend,
    NetOfTax,
)
from evernormal.domain.policy.amounts.rates import CapacitySupport, Rate, TieredRate
from evernormal.domain.policy.amounts.request import CapScope, Entitlement, SupportRequest
from evernormal.domain.policy.findings import Step
from evernormal.domain.values import Fen, Rounding, RoundingMode


@dataclass(frozen=True, slots=True)
class RoundingRule:
    """How amounts are rounded: at each step of cost and support, or once at the end."""

    name: ClassVar[str] = "rounding"
    rounding: Rounding
    at_each_step: bool


RateForm = Rate | TieredRate | CapacitySupport
LimbForm = NetOfTax | CostWindow | MinimumSpend | RateForm | StackingCap | Cap
AmountForm = EligibleCost | LimbForm | RoundingRule

_SCOPES = tuple(CapScope)
_ORDER = (
    EligibleCost,
    NetOfTax,
    CostWindow,
    MinimumSpend,
    Rate,
    TieredRate,
    CapacitySupport,
    StackingCap,
    Cap,
)


_NOTHING = Fraction(0)


def entitle(
    rules: Iterable[tuple[str, AmountForm]],
    *,
    request: SupportRequest,
    rounding: RoundingRule,
    start: Fraction = _NOTHING,
) -> Entitlement:
    """Apply the amount rules and say which limb bound.

    rules    (rule id, form) in any order; applied in the fixed order of this module, caps from
             the narrowest scope to the widest
    request  costs in fen and what was given before
    rounding the scheme's own rule; applied at each step or once, here, at the end
    start    fen with which the rules begin, where they are caps alone
    returns  whole fen, the steps, and the id of the last rule that lowered the amount
             below the rate's result, else the rate's own id
    source   docs/rules/amounts.md; golden cases in the schemes' cases.toml
    """
    amount, base, limb, room, steps = start, _NOTHING, "", None, []
    for rule_id, form in in_order(rules):
        if isinstance(form, RateForm):
            base = amount
        exact, facts = form.apply(amount, request, base)
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


def in_order(
    rules: Iterable[tuple[str, AmountForm]],
) -> list[tuple[str, EligibleCost | LimbForm]]:
    """The rules that make steps, in the order in which they are applied."""
    stepping = [(rule_id, f) for rule_id, f in rules if not isinstance(f, RoundingRule)]
    return sorted(stepping, key=lambda rule: _place(rule[1]))


def _place(form: EligibleCost | LimbForm) -> tuple[int, int]:
    scope = _SCOPES.index(form.scope) if isinstance(form, Cap) else 0
    return _ORDER.index(type(form)), scope


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
        case NetOfTax() | CostWindow():
            return after == 0 < before
        case CapacitySupport():
            return True
        case Rate() | TieredRate():
            return before > 0
        case _:
            return after < before
