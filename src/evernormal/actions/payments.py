"""Payment batches: what one officer prepares and another approves leaves the treasury."""

from evernormal.actions.desk import Desk
from evernormal.domain.audit import Act, Json
from evernormal.domain.audit.facts import of_batch
from evernormal.domain.ledger import posting
from evernormal.domain.policy import FundingSplit
from evernormal.domain.settlement import PaymentBatch as Batch
from evernormal.domain.settlement import prepare_batch
from evernormal.domain.values import Fen
from evernormal.formats.intake.year_input import PaymentDay
from evernormal.store.models import Claim, PaymentBatch, PaymentInstruction
from evernormal.store.transaction import Transaction, transaction


def pay_batch(desk: Desk, day: PaymentDay) -> None:
    """Pay every approved claim that is not paid yet; a day with none makes no batch.

    raises   SameOfficer when one person would both prepare and approve
    """
    office = desk.year.programme.office
    batch_id = f"B-{day.approved_on:%Y%m%d}"
    key = f"{Act.PAY_BATCH.value}/{batch_id}"
    with transaction(desk.programme_id) as tx:
        if tx.is_done(key):
            return
        claims = _unpaid(tx, day)
        if not claims:
            tx.leave_as_is()
            return
        batch = prepare_batch(
            batch_id=batch_id,
            claims=[(c.claim_id, c.payee_id, Fen(c.approved_fen)) for c in claims],
            officers=(office.prepares, office.approves),
            approved_on=day.approved_on,
            execute_on=day.execute_on,
        )
        act = tx.append(
            Act.PAY_BATCH,
            key=key,
            by=office.approves,
            at=desk.at(day.approved_on),
            facts={**of_batch(batch), **_funding(desk, batch)},
            moves=[
                posting.of_payment(payee_id=i.payee_id, amount=i.amount) for i in batch.instructions
            ],
        )
        row = PaymentBatch.objects.create(
            programme=tx.programme,
            batch_id=batch.id,
            prepared_by=batch.prepared_by,
            approved_by=batch.approved_by,
            approved_on=batch.approved_on,
            execute_on=batch.execute_on,
            act=act,
        )
        _insert_instructions(tx, batch, row=row, claims=claims)


def _funding(desk: Desk, batch: Batch) -> dict[str, Json]:
    """What each level of government bears of a batch, where the scheme shares the cost."""
    found = desk.scheme.find(FundingSplit, batch.approved_on)
    if found is None:
        return {}
    shares = zip(found[1].shares, found[1].split(batch.total), strict=True)
    return {"funding": {share.funder: fen.amount for share, fen in shares}}


def _unpaid(tx: Transaction, day: PaymentDay) -> list[Claim]:
    """Approved claims of this day or earlier: a run taken up again must not see later ones."""
    rows = Claim.objects.filter(programme=tx.programme, approved_fen__gt=0, instruction=None)
    rows = rows.filter(claimed_on__lte=day.approved_on)
    return sorted(rows, key=lambda claim: (claim.claimed_on, claim.claim_id))


def _insert_instructions(
    tx: Transaction, batch: Batch, *, row: PaymentBatch, claims: list[Claim]
) -> None:
    PaymentInstruction.objects.bulk_create(
        PaymentInstruction(
            programme=tx.programme,
            instruction_id=instruction.id,
            batch=row,
            claim=claim,
            payee_id=instruction.payee_id,
            amount_fen=instruction.amount.amount,
        )
        for instruction, claim in zip(batch.instructions, claims, strict=True)
    )
