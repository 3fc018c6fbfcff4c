"""Double entry: accounts, transfers in two phases, and the books that keep them true."""

from evernormal.domain.ledger.account import (
    Account,
    AccountKind,
    Overdraft,
    UnknownAccount,
    account_id,
)
from evernormal.domain.ledger.books import Books
from evernormal.domain.ledger.transfer import (
    AlreadyResolved,
    NotPositive,
    PendingExceeded,
    Phase,
    SameAccount,
    Transfer,
    TransferCode,
    TransferReused,
    UnknownPending,
)

__all__ = [
    "Account",
    "AccountKind",
    "AlreadyResolved",
    "Books",
    "NotPositive",
    "Overdraft",
    "PendingExceeded",
    "Phase",
    "SameAccount",
    "Transfer",
    "TransferCode",
    "TransferReused",
    "UnknownAccount",
    "UnknownPending",
    "account_id",
]
