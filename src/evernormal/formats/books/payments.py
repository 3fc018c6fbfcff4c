"""Payment batches as ISO 20022 files for the bank."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from evernormal.formats.books.rows import BatchRow, YearBooks
from evernormal.formats.intake.year_input import YearInput
from evernormal.formats.pain001 import CreditTransfer, Party, PaymentFile, encode


def encode_payments(books: YearBooks, *, year: YearInput) -> dict[str, bytes]:
    """One pain.001.001.09 file a batch.

    returns  bytes by file name `payments/<batch>.xml`
    raises   PaymentFileProblems
    """
    return {f"payments/{b.batch_id}.xml": encode(_file(b, books, year)) for b in books.batches}


def _file(batch: BatchRow, books: YearBooks, year: YearInput) -> PaymentFile:
    programme = year.programme
    office = programme.office
    approved = {claim.claim_id: claim for claim in books.claims}
    zone = ZoneInfo(programme.zone)
    initiator = Party(name=office.name, uscc=office.uscc.text)
    transfers = []
    for claim_id in batch.claim_ids:
        claim = approved[claim_id]
        party = year.applicants.get(claim.payee_id) or year.providers[claim.payee_id]
        transfers.append(
            CreditTransfer(
                end_to_end_id=_short(f"P-{claim_id}"),
                amount_fen=claim.approved_fen,
                creditor=Party(name=party.name, uscc=party.uscc.text),
                account=year.accounts[claim.payee_id],
                remittance=f"{programme.id} {claim_id}",
            )
        )
    return PaymentFile(
        message_id=_short(f"{programme.id}-{batch.batch_id}"),
        created_at=datetime.combine(batch.approved_on, time(9), tzinfo=zone),
        execute_on=batch.execute_on,
        initiator=initiator,
        debtor=initiator,
        debtor_account=office.account,
        batch_id=_short(batch.batch_id),
        currency=programme.unit.value,
        transfers=tuple(transfers),
    )


def _short(identifier: str) -> str:
    """Bank identifiers have at most 35 characters; the last ones tell ours apart."""
    return identifier[-35:]
