"""Between domain transfers, which carry names, and records, which carry numbers."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from evernormal.domain.errors import DomainError
from evernormal.domain.ledger import (
    Account,
    AccountKind,
    AlreadyResolved,
    NotPositive,
    Overdraft,
    PendingExceeded,
    SameAccount,
    Transfer,
    TransferReused,
    UnknownAccount,
    UnknownPending,
)
from evernormal.engines.posting.batch import Counters, Posted
from evernormal.engines.posting.columns import (
    AMOUNT_MAX,
    CODE_NUMBERS,
    PHASE_NUMBERS,
    TRANSFER,
    Outcome,
    Transfers,
)


class AmountBeyondBooks(DomainError):
    """An amount, or what it would make of an account, does not fit into the books."""

    code = "ledger.amount_beyond"

    def __init__(self, *, transfer_id: str, amount: int) -> None:
        self.transfer_id, self.amount = transfer_id, amount
        super().__init__(
            f"Transfer {transfer_id} of {amount} fen makes an account count beyond 2^62 fen. "
            "Look for a slip in the amount."
        )


class Names:
    """Numbers for names, in the order in which they come; the first is 1."""

    def __init__(self) -> None:
        """Start with no name."""
        self.numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        """The number of a name, a new one where it is new."""
        return self.numbers.setdefault(name, len(self.numbers) + 1)


def records_of(sets: Iterable[Sequence[Transfer]], *, ids: Names, accounts: Names) -> Transfers:
    """Sets of transfers as one batch of records.

    ids, accounts  number the transfers' ids and accounts; new ones get new numbers
    returns        of type TRANSFER [n]; an amount that does not fit is AMOUNT_MAX + 1, which
                   posting refuses
    """
    rows = [
        (
            0,
            ids.number(t.id),
            0,
            ids.number(t.pending_id) if t.pending_id is not None else 0,
            accounts.number(t.debit),
            accounts.number(t.credit),
            max(min(t.amount, AMOUNT_MAX + 1), -1),
            0,
            t.on.toordinal(),
            PHASE_NUMBERS[t.phase],
            CODE_NUMBERS[t.code],
            place + 1 < len(transfers),
            0,
        )
        for transfers in sets
        for place, t in enumerate(transfers)
    ]
    return np.array(rows, TRANSFER)


def counters_of(accounts: Mapping[str, Account], names: Names) -> Counters:
    """The counters of open accounts, numbered by their names."""
    ordered = sorted((names.number(name), account) for name, account in accounts.items())
    values = [
        (a.debits_pending, a.debits_posted, a.credits_pending, a.credits_posted) for _, a in ordered
    ]
    return Counters(
        numbers=np.array([number for number, _ in ordered], np.int64),
        values=np.array(values, np.int64).reshape(len(ordered), 4),
        is_treasury=np.array([a.kind is AccountKind.TREASURY for _, a in ordered], np.bool_),
    )


def refusal_of(
    posted: Posted, number: int, *, transfer: Transfer, account_of: Callable[[int], str]
) -> DomainError:
    """Why a set was refused, as `Books.post` would have raised it.

    number      of the set
    transfer    the one that was refused, at `posted.at[number]`
    account_of  an account's name by its number
    """
    match Outcome(int(posted.outcome[number])):
        case Outcome.OVERDRAFT:
            return Overdraft(
                account_id=account_of(int(posted.account[number])),
                asked_fen=int(posted.asked[number]),
                free_fen=int(posted.free[number]),
            )
        case Outcome.UNKNOWN_ACCOUNT:
            return UnknownAccount(account_id=account_of(int(posted.account[number])))
        case Outcome.PENDING_EXCEEDED | Outcome.ALREADY_RESOLVED | Outcome.UNKNOWN_PENDING as why:
            return _refused_resolution(why, transfer, pending=int(posted.asked[number]))
        case why:
            return _refused_shape(why, transfer)


def _refused_resolution(why: Outcome, transfer: Transfer, *, pending: int) -> DomainError:
    if why is Outcome.PENDING_EXCEEDED:
        return PendingExceeded(transfer_id=transfer.id, amount=transfer.amount, pending=pending)
    if why is Outcome.ALREADY_RESOLVED:
        return AlreadyResolved(transfer_id=transfer.id, pending_id=transfer.pending_id or "")
    return UnknownPending(transfer_id=transfer.id, pending_id=transfer.pending_id)


def _refused_shape(why: Outcome, transfer: Transfer) -> DomainError:
    match why:
        case Outcome.TRANSFER_REUSED:
            return TransferReused(transfer_id=transfer.id)
        case Outcome.SAME_ACCOUNT:
            return SameAccount(transfer_id=transfer.id)
        case Outcome.NOT_POSITIVE:
            return NotPositive(transfer_id=transfer.id, amount=transfer.amount)
        case Outcome.BEYOND_COLUMNS:
            return AmountBeyondBooks(transfer_id=transfer.id, amount=transfer.amount)
        case _:
            raise AssertionError(f"{why.name} is no refusal of a transfer's shape")
