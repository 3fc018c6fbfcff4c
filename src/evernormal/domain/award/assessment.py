"""Every condition and every amount rule of a scheme, applied to one application."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import get_args

from evernormal.domain.policy import (
    Case,
    Check,
    Entitlement,
    Rate,
    RoundingRule,
    Scheme,
    SupportRequest,
    check_conditions,
    entitle,
)
from evernormal.domain.policy.amounts import AmountForm
from evernormal.domain.policy.conditions import Condition
from evernormal.domain.values import Fen, Rounding, RoundingMode

_CONDITIONS = get_args(Condition)
_AMOUNTS = get_args(AmountForm)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the rules say about one application. An ineligible one still shows its entitlement."""

    contract_id: str
    applicant_id: str
    checks: tuple[Check, ...]
    entitlement: Entitlement

    @property
    def is_eligible(self) -> bool:
        """Whether every condition holds."""
        return all(check.passed for check in self.checks)


def assess(scheme: Scheme, *, case: Case, request: SupportRequest, on: date) -> Assessment:
    """Apply the versions in force on a day.

    case     applicant, provider, contract
    request  costs in fen and what the firm already has
    on       the day that chooses the rule versions: the day of application
    raises   UnknownRule when the scheme has no rounding rule
    """
    rules = tuple(scheme.in_force(on))
    conditions = [(i, f) for i, f in rules if isinstance(f, _CONDITIONS)]
    return Assessment(
        contract_id=case.contract.id,
        applicant_id=case.applicant.id,
        checks=check_conditions(conditions, case=case),
        entitlement=entitle_under(scheme, request=request, on=on),
    )


def entitle_under(scheme: Scheme, *, request: SupportRequest, on: date) -> Entitlement:
    """The scheme's amount rules in force on a day, applied to a request."""
    amounts = [(i, f) for i, f in scheme.in_force(on) if isinstance(f, _AMOUNTS)]
    _, rounding = scheme.get(RoundingRule, on)
    return entitle(amounts, request=request, rounding=rounding)


def entitle_deducted(
    scheme: Scheme, *, request: SupportRequest, on: date, captured: Fen, charged: Fen
) -> Entitlement:
    """What a provider may claim for use whose support was captured as it was charged.

    The rate is the one at which the use was captured, so that evidence for all that was charged
    gives all that was captured, to the fen; caps apply as ever.

    captured  fen captured for the claimed use
    charged   fen charged for it; nothing charged gives nothing
    """
    share = Rate(Fraction(captured.amount, max(charged.amount, 1)), is_ceiling=False)
    rules = [
        (rule_id, share if isinstance(form, Rate) else form)
        for rule_id, form in scheme.in_force(on)
        if isinstance(form, _AMOUNTS)
    ]
    cut = RoundingRule(Rounding(RoundingMode.TRUNCATE), at_each_step=False)
    return entitle(rules, request=request, rounding=cut)
