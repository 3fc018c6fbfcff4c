"""Every condition and every amount rule of a scheme, applied to one application."""

from dataclasses import dataclass
from datetime import date
from typing import get_args

from evernormal.domain.policy import (
    AmountForm,
    Case,
    Check,
    Condition,
    Entitlement,
    ProviderCondition,
    Rate,
    RateForm,
    RoundingRule,
    Scheme,
    SupportRequest,
    UnknownRule,
    check_conditions,
    entitle,
)

_CONDITIONS = get_args(Condition)
_OF_PROVIDER = get_args(ProviderCondition)
_AMOUNTS = get_args(AmountForm)
_RATES = get_args(RateForm)


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
    request  costs in fen and what was given before
    on       the day that chooses the rule versions: the day of application
    raises   UnknownRule when the scheme has no rounding rule, or nothing that gives an amount
    """
    return Assessment(
        contract_id=case.contract.id,
        applicant_id=case.applicant.id,
        checks=check_under(scheme, case=case, on=on),
        entitlement=entitle_under(scheme, request=request, on=on),
    )


def check_under(scheme: Scheme, *, case: Case, on: date) -> tuple[Check, ...]:
    """The scheme's conditions in force on a day, applied to a case."""
    conditions = [(i, f) for i, f in scheme.in_force(on) if isinstance(f, _CONDITIONS)]
    return check_conditions(conditions, case=case)


def check_provider(scheme: Scheme, *, case: Case, on: date) -> tuple[Check, ...]:
    """The conditions that look at who sells, as for a further provider of an award."""
    conditions = [(i, f) for i, f in scheme.in_force(on) if isinstance(f, _OF_PROVIDER)]
    return check_conditions(conditions, case=case)


def amount_rules(scheme: Scheme, on: date) -> list[tuple[str, AmountForm]]:
    """The amount rules in force on a day.

    raises   UnknownRule when none of them gives an amount: the source does not state it
    """
    rules = [(i, f) for i, f in scheme.in_force(on) if isinstance(f, _AMOUNTS)]
    if not any(isinstance(form, _RATES) for _, form in rules):
        raise UnknownRule(scheme_id=scheme.id, form=Rate.name)
    return rules


def entitle_under(scheme: Scheme, *, request: SupportRequest, on: date) -> Entitlement:
    """The scheme's amount rules in force on a day, applied to a request.

    raises   UnknownRule
    """
    # A missing rate is named first: without it there is nothing to round.
    rules = amount_rules(scheme, on)
    _, rounding = scheme.get(RoundingRule, on)
    return entitle(rules, request=request, rounding=rounding)
