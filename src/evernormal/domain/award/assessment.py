"""Every condition and every amount rule of a scheme, applied to one application."""

from dataclasses import dataclass
from datetime import date
from typing import get_args

from evernormal.domain.policy import (
    Case,
    Check,
    Entitlement,
    RoundingRule,
    Scheme,
    SupportRequest,
    check_conditions,
    entitle,
)
from evernormal.domain.policy.amounts import AmountForm
from evernormal.domain.policy.conditions import Condition

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
