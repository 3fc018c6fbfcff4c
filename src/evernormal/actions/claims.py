"""Claims: the four-way match, the rules, what is left, and what becomes payable."""

from datetime import date

from evernormal.actions.applications import stored_award
from evernormal.actions.captures import HoldChange, give_back
from evernormal.actions.desk import Desk
from evernormal.actions.evidence import Proof, proof_of
from evernormal.actions.requests import case_of, request_at_claim
from evernormal.domain.audit import Act
from evernormal.domain.audit.facts import of_claim
from evernormal.domain.award import entitle_claim, entitle_deducted
from evernormal.domain.ledger import posting
from evernormal.domain.ledger.posting import Move
from evernormal.domain.settlement import (
    Ceiling,
    ClaimDecision,
    ClaimFiled,
    claim_id_of,
    decide_claim,
)
from evernormal.domain.values import Fen
from evernormal.store.models import AuditRecord, ClaimedCharge
from evernormal.store.models import Claim as ClaimRow
from evernormal.store.queries import standing
from evernormal.store.transaction import Transaction, transaction
from evernormal.store.vouchers import get_voucher, holds_of, save_voucher


def settle_claim(desk: Desk, contract_id: str, *, on: date) -> None:
    """Decide the claim that was filed on a contract on a day, and make it payable."""
    claim_id = claim_id_of(contract_id, on)
    key = f"{Act.DECIDE_CLAIM.value}/{claim_id}"
    with transaction(desk.programme_id) as tx:
        if tx.is_done(key):
            return
        proof = proof_of(desk, tx.programme, contract_id, on=on)
        claim = _decide(desk, tx, proof, contract_id=contract_id, on=on)
        settling = _settle(desk, tx, claim, proof)
        act = tx.append(
            Act.DECIDE_CLAIM,
            key=key,
            by=desk.year.programme.office.prepares,
            at=desk.at(on),
            facts={
                **of_claim(claim),
                "invoices": list(proof.invoices),
                "invoiced_fen": proof.invoiced.amount,
                "cut_fen": settling.cut.amount,
            },
            moves=settling.moves,
        )
        settling.save(act)
        _insert(desk, claim, proof, settling=settling, act=act)


class _Settling:
    """The moves of a decided claim and what must be kept with them."""

    def __init__(self, moves: list[Move], *, cut: Fen, capture: HoldChange | None = None) -> None:
        self.moves, self.cut, self.capture = moves, cut, capture

    def save(self, act: AuditRecord) -> None:
        if self.capture is not None:
            self.capture.save(act)


def _decide(
    desk: Desk, tx: Transaction, proof: Proof, *, contract_id: str, on: date
) -> ClaimDecision:
    case = case_of(desk, tx.programme, contract_id)
    costs = proof.match.costs
    request = request_at_claim(desk, tx.programme, case, costs=costs, on=on)
    payee_id = desk.payee_of(contract_id)
    on_rules = case.contract.applied_on
    if desk.scheme.settlement.traits.is_deducted:
        entitlement = entitle_deducted(
            desk.scheme,
            request=request,
            on=on_rules,
            captured=proof.deducted,
            charged=proof.metered,
        )
    else:
        entitlement = entitle_claim(
            desk.scheme,
            request=request,
            costs_before=standing.supported(tx.programme, contract_id),
            share=standing.awarded_share(tx.programme, contract_id),
            on=on_rules,
        )
    return decide_claim(
        ClaimFiled(contract_id=contract_id, payee_id=payee_id, claimed_on=on),
        match=proof.match,
        entitlement=entitlement,
        ceilings=[_ceiling(desk, tx, proof, contract_id=contract_id)],
    )


def _ceiling(desk: Desk, tx: Transaction, proof: Proof, *, contract_id: str) -> Ceiling:
    """What is left to give, by mode of settlement."""
    traits = desk.scheme.settlement.traits
    if traits.is_deducted:
        return Ceiling("captured", proof.deducted)
    if traits.has_voucher:
        held = holds_of(tx.programme, [contract_id])[contract_id].held
        return Ceiling("voucher", Fen(held))
    awarded = standing.awarded_on(tx.programme, contract_id)
    return Ceiling("award", awarded - standing.settled(tx.programme, contract_id))


def _settle(desk: Desk, tx: Transaction, claim: ClaimDecision, proof: Proof) -> _Settling:
    approval = posting.of_approval(payee_id=claim.payee_id, amount=claim.approved)
    traits = desk.scheme.settlement.traits
    if traits.is_deducted:
        return _deducted(desk, tx, claim, approval, deducted=proof.deducted)
    if not claim.is_approved:
        return _Settling([], cut=Fen(0))
    if traits.has_voucher:
        holds = holds_of(tx.programme, [claim.contract_id])[claim.contract_id]
        voucher = get_voucher(tx.programme, desk.year.voucher_of(claim.contract_id))
        if voucher.id not in holds.open:
            return _Settling([], cut=Fen(0))
        capture = HoldChange(voucher, holds, payee_id=holds.open[voucher.id].payee_id)
        capture.capture(claim.approved)
        return _Settling([*capture.moves, approval], cut=Fen(0), capture=capture)
    award = stored_award(tx, claim.contract_id)
    accrual = posting.of_accrual(award, payee_id=claim.payee_id, amount=claim.approved)
    return _Settling([accrual, approval], cut=Fen(0))


def _deducted(
    desk: Desk, tx: Transaction, claim: ClaimDecision, approval: Move, *, deducted: Fen
) -> _Settling:
    """Approve what was captured; what the evidence does not bear goes back to the voucher.

    A claim whose checks failed is refused as a whole: its captures wait for a better claim.
    """
    if not claim.match.is_sound:
        return _Settling([], cut=Fen(0))
    cut = deducted - claim.approved
    moves = [approval]
    if cut.amount:
        voucher_id = desk.year.voucher_of(claim.contract_id)
        voucher = get_voucher(tx.programme, voucher_id)
        voucher, back = give_back(voucher, amount=cut, payee_id=claim.payee_id, on=claim.claimed_on)
        save_voucher(tx.programme, voucher)
        moves += back
    return _Settling(moves, cut=cut)


def _insert(
    desk: Desk, claim: ClaimDecision, proof: Proof, *, settling: _Settling, act: AuditRecord
) -> None:
    costs = claim.match.costs
    row = ClaimRow.objects.create(
        programme=act.programme,
        claim_id=claim.claim_id,
        contract_id=claim.contract_id,
        applicant_id=desk.year.contract(claim.contract_id).applicant_id,
        payee_id=claim.payee_id,
        claimed_on=claim.claimed_on,
        invoices=" ".join(proof.invoices),
        invoiced_fen=proof.invoiced.amount,
        matched_fen=sum(cost.amount for cost in costs.values()),
        matched_by_category={category.value: cost.amount for category, cost in costs.items()},
        entitled_fen=claim.entitlement.amount.amount,
        approved_fen=claim.approved.amount,
        cut_fen=settling.cut.amount,
        limb=claim.limb,
        failed_checks=" ".join(c.rule_id for c in claim.match.checks if not c.passed),
        upstream_award=proof.upstream_award,
        act=act,
    )
    if claim.match.is_sound:
        ClaimedCharge.objects.bulk_create(
            ClaimedCharge(programme=act.programme, claim=row, charge=charge)
            for charge in proof.charges
        )
