"""What a worked case may state as its outcome, and how each outcome is found."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from evernormal.domain.award import (
    Assessed,
    Assessment,
    AwardReason,
    assess,
    check_under,
    grant,
)
from evernormal.domain.policy import (
    ClaimDocuments,
    Clawback,
    DesignatedClasses,
    FundingSplit,
    IdleRecall,
    Payee,
    PayeeRule,
    Pot,
    PublicNotice,
    Rate,
    Reporting,
    ReserveFund,
    Review,
    Scheme,
    Shortage,
    ShortageRule,
    TieredRate,
    TrancheRelease,
    Tranches,
    UnknownRule,
    VoucherExtension,
    VoucherTerm,
)
from evernormal.domain.policy.terms import Candidate
from evernormal.domain.values import Fen, add_months
from evernormal.schemes.case_facts import StatedCase
from evernormal.schemes.kinds import (
    Kind,
    day_kind,
    flag_kind,
    list_kind,
    map_kind,
    money_kind,
    read_table,
    slug_kind,
    text_kind,
    whole_kind,
    word_kind,
)
from evernormal.schemes.problems import Place

RULES_MAX = 200


def _read_steps(value: object, place: Place) -> dict[str, Fen] | None:
    known = {key: money_kind() for key in value} if isinstance(value, dict) else {}
    return read_table(value, place, known)


_STEPS: Kind[dict[str, Fen]] = Kind(
    "a table of <rule id> = the amount after that rule", {"type": "object"}, _read_steps
)
_RULE_IDS = list_kind(text_kind(), most=RULES_MAX, least=0)
_SLUGS = list_kind(slug_kind(), most=RULES_MAX, least=0)

OUTCOMES: Mapping[str, Kind[Any]] = {
    "eligible": flag_kind(),
    "failed": _RULE_IDS,
    "support": money_kind(),
    "limb": text_kind(),
    "steps": _STEPS,
    "rules_in_force": _RULE_IDS,
    "refused": text_kind(),
    "up_to": flag_kind(),
    "payee": word_kind(Payee),
    "voucher_months": whole_kind(1, 1_200),
    "shortage": word_kind(Shortage),
    "admitted": flag_kind(),
    "drawn": flag_kind(),
    "granted": money_kind(),
    "reason": word_kind(AwardReason),
    "pot": money_kind(),
    "pot_released": money_kind(),
    "split": map_kind(slug_kind(), money_kind(), most=RULES_MAX),
    "tranches": list_kind(money_kind(), most=RULES_MAX, same=True),
    "released": money_kind(),
    "advance": money_kind(),
    "lapses_on": day_kind(),
    "extended_to": day_kind(),
    "extendable": flag_kind(),
    "recalled_on": day_kind(),
    "designated": flag_kind(),
    "reviewed_by": text_kind(),
    "notice_ends_on": day_kind(),
    "missing_documents": _SLUGS,
    "reports_due_on": list_kind(day_kind(), most=RULES_MAX),
    "clawback": money_kind(),
    "excluded_until": day_kind(),
}
"""What `then` may state; whatever it states must be so."""


def outcomes_of(
    scheme: Scheme, stated: StatedCase, facts: Mapping[str, Any]
) -> tuple[dict[str, Any], Assessment | None]:
    """Work out every outcome that a case can have.

    facts    what the case states, with what came afterwards
    returns  outcomes by name, without those that the scheme has no rule for; and the assessment,
             None when the rules refused to give one
    """
    on = stated.applied_on
    found: dict[str, Any] = {"rules_in_force": tuple(rule for rule, _ in scheme.in_force(on))}
    assessment = None
    try:
        assessment = assess(scheme, case=stated.case, request=stated.request, on=on)
        found |= _assessed(assessment)
        found |= _granted(scheme, assessment, stated, facts)
        support = assessment.entitlement.amount
    except UnknownRule as refusal:
        found |= {"refused": refusal.code}
        found |= _checked(check_under(scheme, case=stated.case, on=on))
        support = Fen(0)
    for form, tell in _TERMS:
        if rule := scheme.find(form, on):
            found |= tell(rule[1], _Told(facts, stated, support))
    return found, assessment


class _Told:
    """What the terms are asked about: the facts, the case, and its support."""

    def __init__(self, facts: Mapping[str, Any], stated: StatedCase, support: Fen) -> None:
        self.facts, self.stated, self.support = facts, stated, support
        self.on = stated.applied_on
        self.asked = Fen(sum(cost.amount for cost in stated.request.costs.values()))

    def lapses_on(self, months: int) -> date:
        return add_months(self.on, months)


def _assessed(assessment: Assessment) -> dict[str, Any]:
    return {
        **_checked(assessment.checks),
        "support": assessment.entitlement.amount,
        "limb": assessment.entitlement.limb,
        "steps": {s.rule_id: s.after for s in assessment.entitlement.steps},
    }


def _checked(checks: tuple[Any, ...]) -> dict[str, Any]:
    failed = tuple(check.rule_id for check in checks if not check.passed)
    return {"eligible": not failed, "failed": failed}


def _granted(
    scheme: Scheme, assessment: Assessment, stated: StatedCase, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """What a free pot gives; a score below the least that has a turn gives nothing."""
    pot = scheme.find(Pot, stated.applied_on)
    free = facts.get("pot_free", pot[1].amount if pot else None)
    if free is None:
        return {}
    assessed = Assessed(
        contract_id=assessment.contract_id,
        applicant_id=assessment.applicant_id,
        is_eligible=assessment.is_eligible,
        entitled=assessment.entitlement.amount,
    )
    shortage = scheme.find(ShortageRule, stated.applied_on)
    is_admitted = shortage is None or shortage[1].admits(_candidate(stated))
    award = grant(assessed, pot=free, is_admitted=is_admitted)
    return {"granted": award.amount, "reason": award.reason}


def _candidate(stated: StatedCase) -> Candidate:
    contract = stated.case.contract
    return Candidate(contract.id, contract.applied_on, contract.score)


def _shortage(rule: ShortageRule, told: _Told) -> dict[str, Any]:
    contract, candidate = told.stated.case.contract, _candidate(told.stated)
    sure = rule.sure_score is not None and (contract.score or 0) >= rule.sure_score
    admitted = rule.admits(candidate)
    drawn = rule.shortage is Shortage.LOTTERY and admitted and not sure
    return {"shortage": rule.shortage, "admitted": admitted, "drawn": drawn}


def _voucher_term(rule: VoucherTerm, told: _Told) -> dict[str, Any]:
    return {"voucher_months": rule.months, "lapses_on": told.lapses_on(rule.months)}


def _extension(rule: VoucherExtension, told: _Told) -> dict[str, Any]:
    before = told.facts.get("extensions", 0)
    # The extension of a voucher that would lapse on the day of application.
    extended = rule.extended(told.on, before=before)
    return {"extendable": extended is not None, "extended_to": extended}


def _recall(rule: IdleRecall, told: _Told) -> dict[str, Any]:
    last_used_on = told.facts.get("last_used_on")
    return {"recalled_on": rule.recalled_on(issued_on=told.on, last_used_on=last_used_on)}


def _review(rule: Review, told: _Told) -> dict[str, Any]:
    reviewer = rule.reviewer_of(told.asked)
    return {"reviewed_by": reviewer.en if reviewer else None}


def _clawback(rule: Clawback, told: _Told) -> dict[str, Any]:
    found: dict[str, Any] = {"excluded_until": rule.excluded_until(told.on)}
    if "clawed_back_for" in told.facts:
        found["clawback"] = rule.due(
            told.facts.get("paid", Fen(0)),
            trigger=told.facts["clawed_back_for"],
            days=told.facts.get("days_since_paid", 0),
        )
    return found


def _pot(rule: Pot, told: _Told) -> dict[str, Any]:
    opens_on = date(told.on.year, 1, 1)
    released = rule.released_on(told.on, pot=rule.amount, opens_on=opens_on)
    return {"pot": rule.amount, "pot_released": released}


def _split(rule: FundingSplit, told: _Told) -> dict[str, Any]:
    funders = (share.funder for share in rule.shares)
    return {"split": dict(zip(funders, rule.split(told.support), strict=True))}


def _tranches(rule: Tranches, told: _Told) -> dict[str, Any]:
    at_once = rule.released_on(TrancheRelease.AWARD, told.support)
    released = Fen(sum(part.amount for part in at_once))
    return {"tranches": rule.split(told.support), "released": released}


def _designated(rule: DesignatedClasses, told: _Told) -> dict[str, Any]:
    return {"designated": told.facts.get("device_class") in rule.device_classes}


def _documents(rule: ClaimDocuments, told: _Told) -> dict[str, Any]:
    return {"missing_documents": rule.missing(told.facts.get("claim_documents", ()))}


_Tell = Callable[[Any, _Told], dict[str, Any]]

_TERMS: tuple[tuple[type[Any], _Tell], ...] = (
    (Rate, lambda rule, _: {"up_to": rule.is_ceiling}),
    (TieredRate, lambda rule, _: {"up_to": rule.is_ceiling}),
    (PayeeRule, lambda rule, _: {"payee": rule.payee}),
    (Pot, _pot),
    (FundingSplit, _split),
    (Tranches, _tranches),
    (ReserveFund, lambda rule, told: {"advance": rule.advance_of(told.support)}),
    (VoucherTerm, _voucher_term),
    (VoucherExtension, _extension),
    (DesignatedClasses, _designated),
    (IdleRecall, _recall),
    (ShortageRule, _shortage),
    (Review, _review),
    (PublicNotice, lambda rule, told: {"notice_ends_on": rule.ends_on(told.on)}),
    (ClaimDocuments, _documents),
    (Reporting, lambda rule, told: {"reports_due_on": rule.due_on(told.on)}),
    (Clawback, _clawback),
)
