"""The stored books. The rules are those of `domain.ledger.Books`; here they only load and save."""

from collections.abc import Iterable

from evernormal.domain.ledger import Account, AccountKind, Books, Phase, Transfer, TransferCode
from evernormal.store.models import Account as AccountRow
from evernormal.store.models import AuditRecord, Programme
from evernormal.store.models import Transfer as TransferRow

_COUNTERS = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")


def post(programme: Programme, transfers: Iterable[Transfer], *, act: AuditRecord) -> None:
    """Post transfers that stand or fall together.

    raises   the refusals of Books.post; then nothing is written
    """
    wanted = tuple(transfers)
    if not wanted:
        return
    rows = _lock_accounts(programme, {a for t in wanted for a in (t.debit, t.credit)})
    named = {t.id for t in wanted} | {t.pending_id for t in wanted if t.pending_id}
    known = _known_rows(programme, named)
    books = _books_of(rows.values(), known.values())
    books.post(wanted)
    for account_id, row in rows.items():
        after = books.accounts[account_id]
        for counter in _COUNTERS:
            setattr(row, counter, getattr(after, counter))
    AccountRow.objects.bulk_update(rows.values(), _COUNTERS)
    for transfer in wanted:
        if transfer.id in known:
            continue  # sent again: it is in the books already
        known[transfer.id] = TransferRow.objects.create(
            programme=programme,
            transfer_id=transfer.id,
            on=transfer.on,
            debit=rows[transfer.debit],
            credit=rows[transfer.credit],
            amount=transfer.amount,
            phase=transfer.phase.value,
            code=transfer.code.value,
            pending=known[transfer.pending_id] if transfer.pending_id else None,
            act=act,
        )


def account(programme: Programme, account_id: str) -> Account:
    """One account as it stands; not opened yet, it stands at nothing."""
    row = AccountRow.objects.filter(programme=programme, account_id=account_id).first()
    return Account(account_id, _kind_of(account_id)) if row is None else _account_of(row)


def _lock_accounts(programme: Programme, account_ids: set[str]) -> dict[str, AccountRow]:
    """The rows of the accounts, in one order for all writers; new ones are opened."""
    for account_id in sorted(account_ids):
        AccountRow.objects.get_or_create(
            programme=programme,
            account_id=account_id,
            defaults={"kind": _kind_of(account_id).value},
        )
    rows = AccountRow.objects.select_for_update().filter(
        programme=programme, account_id__in=account_ids
    )
    return {row.account_id: row for row in rows.order_by("account_id")}


def _kind_of(account_id: str) -> AccountKind:
    return AccountKind(account_id.split(":", 1)[0])


def _known_rows(programme: Programme, transfer_ids: set[str]) -> dict[str, TransferRow]:
    rows = TransferRow.objects.filter(programme=programme, transfer_id__in=transfer_ids)
    return {
        row.transfer_id: row
        for row in rows.select_related("debit", "credit", "pending", "resolution")
    }


def _books_of(accounts: Iterable[AccountRow], known: Iterable[TransferRow]) -> Books:
    return Books.resume(
        accounts=[_account_of(row) for row in accounts],
        transfers=[_transfer_of(row) for row in known],
        resolved={row.transfer_id for row in known if hasattr(row, "resolution")},
    )


def _account_of(row: AccountRow) -> Account:
    return Account(
        id=row.account_id,
        kind=AccountKind(row.kind),
        debits_pending=row.debits_pending,
        debits_posted=row.debits_posted,
        credits_pending=row.credits_pending,
        credits_posted=row.credits_posted,
    )


def _transfer_of(row: TransferRow) -> Transfer:
    return Transfer(
        id=row.transfer_id,
        debit=row.debit.account_id,
        credit=row.credit.account_id,
        amount=row.amount,
        phase=Phase(row.phase),
        code=TransferCode(row.code),
        on=row.on,
        pending_id=row.pending.transfer_id if row.pending else None,
    )
