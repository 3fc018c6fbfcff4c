"""Claims, payments and what time does, in the sample year."""

from datetime import date

from evernormal.domain.audit import facts as facts_of
from evernormal.domain.award import assess
from evernormal.domain.ledger import posting
from evernormal.domain.policy import CapCount, CostCategory, SupportRequest
from evernormal.domain.settlement import (
    BankPayment,
    ClaimDecision,
    ClaimFiled,
    Evidence,
    InvoiceLine,
    InvoiceStatus,
    MeterControl,
    decide_claim,
    match_evidence,
    prepare_batch,
)
from evernormal.domain.settlement.claim import Ceiling
from evernormal.domain.values import Fen, Period
from evernormal.domain.voucher import (
    HoldReleased,
    HoldState,
    VoucherLapsed,
)
from evernormal.formats.books.rows import (
    BatchRow,
    ClaimRow,
)
from tests.formats.sample_acts import Year
from tests.formats.sample_scheme import SCHEME
from tests.formats.sample_year import (
    YEAR,
    sample_input,
)


def _evidence(year: Year, contract_id: str, *, on: date) -> Evidence:
    """One invoice for all charges, paid but for the deduction; K08's invoice is void."""
    case = sample_input().case_of(contract_id, awards_on_contract=1)
    own = [c for c in year.charges if c.contract_id == contract_id]
    total, deducted = sum(c.amount_fen for c in own), sum(c.voucher_fen for c in own)
    number = f"265220{int(contract_id[1:]):014d}"
    buyer, seller = case.applicant.uscc, case.provider.uscc
    line = InvoiceLine(
        number=number,
        line=1,
        contract_id=contract_id,
        category=CostCategory.COMPUTE,
        amount=Fen(total),
        seller=seller,
        buyer=buyer,
        issued_on=on,
        period=Period(date(YEAR, 4, 1), date(YEAR, 7, 1)),
        status=InvoiceStatus.VOID if contract_id == "K08" else InvoiceStatus.NORMAL,
        claimed_on=on,
    )
    paid = BankPayment(f"B{contract_id}", number, buyer, seller, Fen(total - deducted), on)
    return Evidence(
        case=case,
        claimed_on=on,
        lines=(line,),
        payments=(paid,),
        claimed_before=frozenset(),
        supported_before={},
        deducted=Fen(deducted),
        metered=Fen(total),
        metered_seconds=sum(c.used_seconds for c in own),
        meter=MeterControl.LIMIT,
    )


def claim(year: Year, contract_id: str) -> None:
    on = date(YEAR, 7, 6)
    evidence = _evidence(year, contract_id, on=on)
    match = match_evidence(evidence)
    request = SupportRequest(
        case=evidence.case,
        costs=match.costs,
        term=evidence.case.contract.term,
        counted_on=CapCount.CLAIM,
    )
    entitlement = assess(SCHEME, case=evidence.case, request=request, on=on).entitlement
    captured = year.vouchers[f"V-{contract_id}"].captured
    decided = decide_claim(
        ClaimFiled(contract_id=contract_id, payee_id=evidence.case.provider.id, claimed_on=on),
        match=match,
        entitlement=entitlement,
        ceilings=(Ceiling("captured", captured),),
    )
    invoices = sorted({line.number for line in evidence.lines})
    facts: facts_of.Facts = {
        **facts_of.of_claim(decided),
        "invoices": invoices,
        "invoiced_fen": sum(line.amount.amount for line in evidence.lines),
        "cut_fen": 0,
    }
    moves = [posting.of_approval(payee_id=decided.payee_id, amount=decided.approved)]
    year.log.act("DECIDE_CLAIM", f"claim:{contract_id}", on, facts, moves)
    year.claims.append(_claim_row(decided, evidence))


def _claim_row(decided: ClaimDecision, evidence: Evidence) -> ClaimRow:
    return ClaimRow(
        claim_id=decided.claim_id,
        contract_id=decided.contract_id,
        applicant_id=evidence.case.applicant.id,
        payee_id=decided.payee_id,
        claimed_on=decided.claimed_on,
        invoices=tuple(line.number for line in evidence.lines),
        invoiced_fen=sum(line.amount.amount for line in evidence.lines),
        matched_fen=sum(f.amount for f in decided.match.costs.values()),
        entitled_fen=decided.entitlement.amount.amount,
        approved_fen=decided.approved.amount,
        cut_fen=0,
        limb=decided.limb,
        failed_checks=tuple(c.rule_id for c in decided.match.checks if not c.passed),
        batch_id="B-20260710" if decided.approved.amount else "",
        paid_on=date(YEAR, 7, 14) if decided.approved.amount else None,
    )


def pay(year: Year) -> None:
    due = [(c.claim_id, c.payee_id, Fen(c.approved_fen)) for c in year.claims if c.approved_fen]
    batch = prepare_batch(
        batch_id="B-20260710",
        claims=due,
        officers=("li.min", "zhao.yan"),
        approved_on=date(YEAR, 7, 10),
        execute_on=date(YEAR, 7, 14),
    )
    moves = [posting.of_payment(payee_id=i.payee_id, amount=i.amount) for i in batch.instructions]
    facts = facts_of.of_batch(batch)
    year.log.act("PAY_BATCH", f"pay:{batch.id}", batch.approved_on, facts, moves)
    year.batches.append(
        BatchRow(
            batch_id=batch.id,
            prepared_by=batch.prepared_by,
            approved_by=batch.approved_by,
            approved_on=batch.approved_on,
            execute_on=batch.execute_on,
            total_fen=batch.total.amount,
            claim_ids=tuple(i.claim_id for i in batch.instructions),
        )
    )


def expire(year: Year, contract_id: str) -> None:
    """The order never ran: its hold expires."""
    order, voucher = year.orders[f"O-{contract_id}"], year.vouchers[f"V-{contract_id}"]
    hold_id = f"H-{order.id}-1"
    released = HoldReleased(hold_id, voucher.id, voucher.held, HoldState.EXPIRED)
    move = posting.of_release(
        released, payee_id=order.provider_id, pending_id=year.pending[order.id]
    )
    facts: facts_of.Facts = {
        "hold": hold_id,
        "voucher": voucher.id,
        "amount_fen": released.amount.amount,
    }
    year.log.act("EXPIRE_HOLD", f"expire:{hold_id}", date(YEAR, 7, 1), facts, [move])
    year.change(voucher.id, released)


def lapse(year: Year, contract_id: str) -> None:
    """Nothing of the voucher was used: all of it goes back to the pot."""
    voucher = year.vouchers[f"V-{contract_id}"]
    lapsed = VoucherLapsed(voucher.id, voucher.available)
    facts: facts_of.Facts = {"voucher": voucher.id, "amount_fen": lapsed.amount.amount}
    moves = [posting.of_lapse(lapsed)]
    year.log.act("LAPSE_VOUCHER", f"lapse:{voucher.id}", voucher.lapses_on, facts, moves)
    year.change(voucher.id, lapsed)
