"""Transfers: one debit, one credit, one positive amount; pending ones are resolved once."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from evernormal.domain.errors import DomainError


class Phase(Enum):
    """SINGLE posts at once; PENDING reserves; POST and VOID resolve a pending transfer."""

    SINGLE = "SINGLE"
    PENDING = "PENDING"
    POST = "POST"
    VOID = "VOID"


class TransferCode(Enum):
    """Why money moved (docs/rules/ledger.md)."""

    APPROPRIATE = "APPROPRIATE"
    AWARD = "AWARD"
    ISSUE = "ISSUE"
    HOLD = "HOLD"
    CAPTURE = "CAPTURE"
    RELEASE = "RELEASE"
    LAPSE = "LAPSE"
    RECALL = "RECALL"
    ACCRUE = "ACCRUE"
    APPROVE = "APPROVE"
    REVERSE = "REVERSE"
    PAY = "PAY"


@dataclass(frozen=True, slots=True)
class Transfer:
    """A movement between two accounts, never changed once it is in the books.

    id          chosen by the writer; the same id with the same content is the same transfer
    amount      fen, > 0; a POST may carry less than its pending transfer
    pending_id  the pending transfer that a POST or VOID resolves, else None
    """

    id: str
    debit: str
    credit: str
    amount: int
    phase: Phase
    code: TransferCode
    on: date
    pending_id: str | None = None


class SameAccount(DomainError):
    """A transfer from an account to itself."""

    code = "ledger.same_account"

    def __init__(self, *, transfer_id: str) -> None:
        super().__init__(f"Transfer {transfer_id} names one account twice. Name two.")


class NotPositive(DomainError):
    """A transfer of nothing or less."""

    code = "ledger.not_positive"

    def __init__(self, *, transfer_id: str, amount: int) -> None:
        super().__init__(
            f"Transfer {transfer_id} has the amount {amount}. Swap the accounts or leave it out."
        )


class UnknownPending(DomainError):
    """A POST or VOID names no pending transfer, or one between other accounts."""

    code = "ledger.unknown_pending"

    def __init__(self, *, transfer_id: str, pending_id: str | None) -> None:
        super().__init__(
            f"Transfer {transfer_id} resolves {pending_id}, which is no pending transfer "
            "between the same accounts. Name the pending transfer."
        )


class AlreadyResolved(DomainError):
    """A pending transfer was posted or voided before."""

    code = "ledger.already_resolved"

    def __init__(self, *, transfer_id: str, pending_id: str) -> None:
        super().__init__(
            f"Transfer {transfer_id} resolves {pending_id}, which is resolved already. "
            "Start a new pending transfer."
        )


class PendingExceeded(DomainError):
    """A POST of more than was pending, or a VOID of another amount."""

    code = "ledger.pending_exceeded"

    def __init__(self, *, transfer_id: str, amount: int, pending: int) -> None:
        super().__init__(
            f"Transfer {transfer_id} resolves {amount} fen of {pending} pending. "
            "Post at most what is pending; void all of it."
        )


class TransferReused(DomainError):
    """A transfer id came again with another content."""

    code = "ledger.transfer_reused"

    def __init__(self, *, transfer_id: str) -> None:
        super().__init__(
            f"Transfer {transfer_id} is in the books with other content. Use a new id."
        )
