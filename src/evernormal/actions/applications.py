"""From application to voucher: assess, award, issue."""

from dataclasses import replace
from datetime import date
from typing import get_args

from evernormal.actions.desk import SYSTEM, Desk
from evernormal.actions.evidence import Proof, proof_of
from evernormal.actions.pots import free_pot
from evernormal.actions.requests import case_of, request_at_award
from evernormal.domain.audit import Act, Json
from evernormal.domain.audit.facts import of_assessment, of_award, of_check, of_step
from evernormal.domain.award import (
    Assessed,
    Assessment,
    AwardDecision,
    AwardReason,
    assess,
    award_id_of,
    grant,
)
from evernormal.domain.ledger import posting
from evernormal.domain.policy import (
    EligibleCost,
    NetOfTax,
    RateForm,
    ShortageRule,
    SupportRequest,
    TrancheRelease,
    Tranches,
    VoucherTerm,
)
from evernormal.domain.values import Fen
from evernormal.domain.voucher import issue, voucher_id_of
from evernormal.store.models import Award, Decision
from evernormal.store.transaction import Transaction, transaction
from evernormal.store.vouchers import insert_voucher

_RATES = {form.name for form in get_args(RateForm)}


def decision_id_of(contract_id: str) -> str:
    """The number of the decision on a contract's application."""
    return f"D-{contract_id}"


def assess_application(desk: Desk, contract_id: str) -> None:
    """Apply every rule in force on the day of application, and keep every reason."""
    contract = desk.year.contracts[contract_id]
    key = f"{Act.ASSESS.value}/{contract_id}"
    with transaction(desk.programme_id) as tx:
        if tx.is_done(key):
            return
        assessment, request, proof = _assess(desk, tx, contract_id)
        limb = "match" if proof and not proof.match.is_sound else assessment.entitlement.limb
        act = tx.append(
            Act.ASSESS,
            key=key,
            by=desk.year.programme.office.prepares,
            at=desk.at(contract.applied_on),
            facts={
                **of_assessment(assessment),
                "limb": limb,
                "decision": decision_id_of(contract_id),
                "provider": contract.provider_id,
                "applied_on": contract.applied_on.isoformat(),
                "costs": {c.value: f.amount for c, f in request.costs.items()},
                "already": {s.value: f.amount for s, f in request.already.items()},
                "firm_year_cost_before_fen": request.firm_year_cost_before.amount,
                "other_support_fen": request.other_support.amount,
                "evidence": _evidence_facts(proof),
            },
        )
        Decision.objects.create(
            programme=tx.programme,
            decision_id=decision_id_of(contract_id),
            contract_id=contract_id,
            applicant_id=contract.applicant_id,
            provider_id=contract.provider_id,
            applied_on=contract.applied_on,
            is_eligible=assessment.is_eligible,
            failed_rules=" ".join(c.rule_id for c in assessment.checks if not c.passed),
            entitled_fen=assessment.entitlement.amount.amount,
            limb=limb,
            cost_fen=_eligible_cost(assessment),
            share=_share(assessment),
            act=act,
        )


def award_application(
    desk: Desk,
    contract_id: str,
    *,
    on: date,
    share: Fen | None = None,
    is_admitted: bool = True,
) -> AwardDecision:
    """Grant what the assessment gave, as far as the pot reaches.

    on       the day of the decision: of application, or of the call's end when a pot is shared
    share    fen of a pot shared in proportion; None: all it asks, as far as the pot reaches
    """
    contract = desk.year.contracts[contract_id]
    key = f"{Act.AWARD.value}/{contract_id}"
    with transaction(desk.programme_id) as tx:
        if tx.is_done(key):
            return stored_award(tx, contract_id)
        decision = Decision.objects.get(programme=tx.programme, contract_id=contract_id)
        pot = free_pot(desk, tx.programme, on=on)
        award = grant(_assessed(decision), pot=pot, share=share, is_admitted=is_admitted)
        _, shortage = desk.scheme.get(ShortageRule, contract.applied_on)
        act = tx.append(
            Act.AWARD,
            key=key,
            by=desk.year.programme.office.approves,
            at=desk.at(on),
            facts={**of_award(award), "shortage": shortage.shortage.value},
            moves=[posting.of_award(award)],
        )
        Award.objects.create(
            programme=tx.programme,
            award_id=award.award_id,
            decision=decision,
            reason=award.reason.value,
            asked_fen=award.asked.amount,
            amount_fen=award.amount.amount,
            pot_before_fen=award.pot_before.amount,
            act=act,
        )
        return award


def issue_voucher(desk: Desk, award: AwardDecision, *, on: date) -> None:
    """Issue the voucher of an award."""
    contract = desk.year.contracts[award.contract_id]
    key = f"{Act.ISSUE_VOUCHER.value}/{voucher_id_of(award.award_id)}"
    with transaction(desk.programme_id) as tx:
        if tx.is_done(key):
            return
        _, term = desk.scheme.get(VoucherTerm, contract.applied_on)
        face = _released_at_once(desk, award, on=contract.applied_on)
        issued = issue(award, on=on, valid_months=term.months, face=face)
        act = tx.append(
            Act.ISSUE_VOUCHER,
            key=key,
            by=SYSTEM,
            at=desk.at(on),
            facts={
                "voucher": issued.voucher.id,
                "award": award.award_id,
                "contract": award.contract_id,
                "holder": issued.voucher.holder_id,
                "face_fen": issued.voucher.face.amount,
                "issued_on": issued.voucher.issued_on.isoformat(),
                "lapses_on": issued.voucher.lapses_on.isoformat(),
            },
            moves=[posting.of_issue(issued)],
        )
        insert_voucher(tx.programme, issued.voucher, act=act)


def stored_award(tx: Transaction, contract_id: str) -> AwardDecision:
    """The award that was decided on a contract."""
    row = Award.objects.select_related("decision").get(
        programme=tx.programme, award_id=award_id_of(contract_id)
    )
    return award_of_row(row)


def award_of_row(row: Award) -> AwardDecision:
    """The domain's award of a stored row."""
    return AwardDecision(
        award_id=row.award_id,
        contract_id=row.decision.contract_id,
        applicant_id=row.decision.applicant_id,
        reason=AwardReason(row.reason),
        asked=Fen(row.asked_fen),
        amount=Fen(row.amount_fen),
        pot_before=Fen(row.pot_before_fen),
    )


def _assessed(row: Decision) -> Assessed:
    return Assessed(
        contract_id=row.contract_id,
        applicant_id=row.applicant_id,
        is_eligible=row.is_eligible,
        entitled=Fen(row.entitled_fen),
    )


def _assess(
    desk: Desk, tx: Transaction, contract_id: str
) -> tuple[Assessment, SupportRequest, Proof | None]:
    contract = desk.year.contracts[contract_id]
    case = case_of(desk, tx.programme, contract_id)
    proof, costs, asking = None, contract.costs, case
    if not desk.scheme.settlement.traits.has_voucher:
        # The award is paid at once, so what it rests on is looked at before it binds the pot.
        proof = proof_of(desk, tx.programme, contract_id, on=contract.applied_on)
        costs = proof.match.costs
        if not proof.match.is_sound:
            asking = replace(case, contract=replace(contract, capacity_pflops=0))
    request = request_at_award(desk, tx.programme, asking, costs=costs)
    assessment = assess(desk.scheme, case=case, request=request, on=contract.applied_on)
    return assessment, request, proof


def _released_at_once(desk: Desk, award: AwardDecision, *, on: date) -> Fen:
    """The part of an award that needs no report first."""
    found = desk.scheme.find(Tranches, on)
    if found is None:
        return award.amount
    parts = found[1].released_on(TrancheRelease.AWARD, award.amount)
    return Fen(sum(part.amount for part in parts))


def _eligible_cost(assessment: Assessment) -> int:
    """The cost in the categories that count; where tax does not count, without it."""
    steps = {step.form: int(step.after) for step in assessment.entitlement.steps}
    return steps.get(NetOfTax.name, steps.get(EligibleCost.name, 0))


def _share(assessment: Assessment) -> str:
    """The ratio at which cost became support, before other support and caps."""
    steps = [step for step in assessment.entitlement.steps if step.form in _RATES]
    return str(steps[0].facts.get("ratio", "0/1")) if steps else "0/1"


def _evidence_facts(proof: Proof | None) -> Json:
    if proof is None:
        return None
    return {
        "invoices": list(proof.invoices),
        "checks": [of_check(check) for check in proof.match.checks],
        "match_steps": [of_step(step) for step in proof.match.steps],
        "matched_fen": {
            category.value: cost.amount for category, cost in proof.match.costs.items()
        },
    }
