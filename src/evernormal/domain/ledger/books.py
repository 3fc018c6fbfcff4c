"""The books in memory: the plain rules that every store of them must obey."""

from collections.abc import Iterable
from dataclasses import replace

from evernormal.domain.ledger.account import Account, AccountKind, Overdraft, UnknownAccount
from evernormal.domain.ledger.transfer import (
    AlreadyResolved,
    NotPositive,
    PendingExceeded,
    Phase,
    SameAccount,
    Transfer,
    TransferReused,
    UnknownPending,
)


class Books:
    """Accounts and transfers. Every method either does all of its work or raises and does none."""

    def __init__(self) -> None:
        """Start with empty books."""
        self.accounts: dict[str, Account] = {}
        self.transfers: dict[str, Transfer] = {}
        self._resolved: set[str] = set()

    @classmethod
    def resume(
        cls, *, accounts: Iterable[Account], transfers: Iterable[Transfer], resolved: set[str]
    ) -> "Books":
        """Go on with books that were kept elsewhere.

        accounts   as they stand
        transfers  at least the pending ones that may now be resolved
        resolved   ids of pending transfers that were posted or voided
        """
        books = cls()
        books.accounts = {account.id: account for account in accounts}
        books.transfers = {transfer.id: transfer for transfer in transfers}
        books._resolved = set(resolved)
        return books

    def open_account(self, account_id: str, kind: AccountKind) -> None:
        """Open an account; opening it again changes nothing."""
        self.accounts.setdefault(account_id, Account(account_id, kind))

    def post(self, transfers: Iterable[Transfer]) -> None:
        """Apply transfers that stand or fall together, in order.

        raises   SameAccount, NotPositive, UnknownAccount, UnknownPending, AlreadyResolved,
                 PendingExceeded, TransferReused, Overdraft; then nothing has changed
        source   docs/rules/ledger.md
        """
        accounts, known, resolved = dict(self.accounts), dict(self.transfers), set(self._resolved)
        for transfer in transfers:
            if known.get(transfer.id, transfer) != transfer:
                raise TransferReused(transfer_id=transfer.id)
            if transfer.id in known:
                continue
            _check_shape(transfer, accounts)
            pending = _pending_of(transfer, known, resolved)
            for account in _moved(transfer, pending, accounts):
                _demand_covered(account, before=accounts[account.id])
                accounts[account.id] = account
            known[transfer.id] = transfer
            if pending is not None:
                resolved.add(pending.id)
        self.accounts, self.transfers, self._resolved = accounts, known, resolved

    def out_of_balance(self) -> int:
        """Posted debits less posted credits over all accounts: 0, always."""
        return sum(a.debits_posted - a.credits_posted for a in self.accounts.values())


def _check_shape(transfer: Transfer, accounts: dict[str, Account]) -> None:
    if transfer.debit == transfer.credit:
        raise SameAccount(transfer_id=transfer.id)
    if transfer.amount <= 0:
        raise NotPositive(transfer_id=transfer.id, amount=transfer.amount)
    for account_id in (transfer.debit, transfer.credit):
        if account_id not in accounts:
            raise UnknownAccount(account_id=account_id)


def _pending_of(
    transfer: Transfer, known: dict[str, Transfer], resolved: set[str]
) -> Transfer | None:
    if transfer.phase in (Phase.SINGLE, Phase.PENDING):
        if transfer.pending_id is not None:
            raise UnknownPending(transfer_id=transfer.id, pending_id=transfer.pending_id)
        return None
    pending = known.get(transfer.pending_id or "")
    if pending is None or not _resolves(transfer, pending):
        raise UnknownPending(transfer_id=transfer.id, pending_id=transfer.pending_id)
    if pending.id in resolved:
        raise AlreadyResolved(transfer_id=transfer.id, pending_id=pending.id)
    is_void = transfer.phase is Phase.VOID
    if transfer.amount > pending.amount or (is_void and transfer.amount != pending.amount):
        raise PendingExceeded(
            transfer_id=transfer.id, amount=transfer.amount, pending=pending.amount
        )
    return pending


def _resolves(transfer: Transfer, pending: Transfer) -> bool:
    same = (transfer.debit, transfer.credit) == (pending.debit, pending.credit)
    return same and pending.phase is Phase.PENDING


def _moved(
    transfer: Transfer, pending: Transfer | None, accounts: dict[str, Account]
) -> tuple[Account, Account]:
    """Both accounts after the transfer."""
    unpended = 0 if pending is None else -pending.amount
    pended = transfer.amount if transfer.phase is Phase.PENDING else unpended
    posted = transfer.amount if transfer.phase in (Phase.SINGLE, Phase.POST) else 0
    debit, credit = accounts[transfer.debit], accounts[transfer.credit]
    return (
        replace(
            debit,
            debits_pending=debit.debits_pending + pended,
            debits_posted=debit.debits_posted + posted,
        ),
        replace(
            credit,
            credits_pending=credit.credits_pending + pended,
            credits_posted=credit.credits_posted + posted,
        ),
    )


def _demand_covered(account: Account, *, before: Account) -> None:
    if account.free < 0:
        raise Overdraft(
            account_id=account.id, asked_fen=before.free - account.free, free_fen=before.free
        )
