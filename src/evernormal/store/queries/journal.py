"""The journal and the accounts of a programme year, of rows and of pages."""

from collections.abc import Iterator
from dataclasses import replace

from evernormal.formats.books.rows import AccountRow, TransferRow
from evernormal.store.bulk import all_rows
from evernormal.store.ledger.standing import stored_accounts
from evernormal.store.models import AuditRecord, Transfer, TransferPage


def read_journal(programme_id: str) -> tuple[TransferRow, ...]:
    """Every transfer, in the order in which they were posted, numbered from 1."""
    by_act = [*_of_rows(programme_id), *_of_pages(programme_id)]
    by_act.sort(key=lambda place: place[:2])
    return tuple(replace(row, number=n) for n, (_, _, row) in enumerate(by_act, start=1))


def read_accounts(programme_id: str) -> tuple[AccountRow, ...]:
    """Every account as it stands, by name."""
    accounts = (stored.account for stored in stored_accounts(programme_id))
    return tuple(
        AccountRow(
            account_id=account.id,
            kind=account.kind.value,
            debits_pending=account.debits_pending,
            debits_posted=account.debits_posted,
            credits_pending=account.credits_pending,
            credits_posted=account.credits_posted,
        )
        for account in sorted(accounts, key=lambda account: account.id)
    )


def _of_rows(programme_id: str) -> Iterator[tuple[int, int, TransferRow]]:
    rows = Transfer.objects.filter(programme_id=programme_id).select_related(
        "debit", "credit", "pending", "act"
    )
    for row in rows.defer("act__body"):
        place = int(row.transfer_id.split("#")[-1])
        yield (
            row.act.number,
            place,
            TransferRow(
                number=0,
                transfer_id=row.transfer_id,
                on=row.on,
                debit=row.debit.account_id,
                credit=row.credit.account_id,
                amount_fen=row.amount,
                phase=row.phase,
                code=row.code,
                pending_id=row.pending.transfer_id if row.pending else "",
                act_key=row.act.key,
            ),
        )


def _of_pages(programme_id: str) -> Iterator[tuple[int, int, TransferRow]]:
    if not TransferPage.objects.filter(programme_id=programme_id).exists():
        return
    # Loads the compiled rules, which a programme without pages need not wait for.
    from evernormal.store.ledger.pages import page_transfers  # noqa: PLC0415

    names: dict[int, str] = dict(
        all_rows("SELECT id, account_id FROM account WHERE programme_id = %s", [programme_id])
    )
    acts = AuditRecord.objects.filter(programme_id=programme_id).values_list("id", "number", "key")
    by_id = {number: (place, key) for number, place, key in acts}
    for count, (act_id, transfer) in enumerate(page_transfers(programme_id, names)):
        number, key = by_id[act_id]
        yield (
            number,
            count,
            TransferRow(
                number=0,
                transfer_id=transfer.id,
                on=transfer.on,
                debit=transfer.debit,
                credit=transfer.credit,
                amount_fen=transfer.amount,
                phase=transfer.phase.value,
                code=transfer.code.value,
                pending_id=transfer.pending_id or "",
                act_key=key,
            ),
        )
