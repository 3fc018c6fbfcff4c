"""Accounts: four counters and one rule against overdraft."""

from dataclasses import dataclass
from enum import Enum

from evernormal.domain.errors import DomainError


class AccountKind(Enum):
    """The chart of accounts of a programme (docs/rules/ledger.md).

    TREASURY is the money behind the appropriation and stands on the debit side; the others
    stand on the credit side.
    """

    TREASURY = "TREASURY"
    POT = "POT"
    AWARD = "AWARD"
    VOUCHER = "VOUCHER"
    ACCRUED = "ACCRUED"
    PAYABLE = "PAYABLE"


class Overdraft(DomainError):
    """A transfer would take more from an account than is in it."""

    code = "ledger.overdraft"

    def __init__(self, *, account_id: str, asked_fen: int, free_fen: int) -> None:
        self.account_id, self.asked_fen, self.free_fen = account_id, asked_fen, free_fen
        super().__init__(
            f"Account {account_id} has {free_fen} fen free, {asked_fen} were asked. Ask for less."
        )


class UnknownAccount(DomainError):
    """A transfer names an account that was never opened."""

    code = "ledger.unknown_account"

    def __init__(self, *, account_id: str) -> None:
        self.account_id = account_id
        super().__init__(f"Account {account_id} is not open. Open it first.")


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the books, its four counters in fen, each only ever growing or resolving."""

    id: str
    kind: AccountKind
    debits_pending: int = 0
    debits_posted: int = 0
    credits_pending: int = 0
    credits_posted: int = 0

    @property
    def balance(self) -> int:
        """Posted fen on the account's own side."""
        net = self.credits_posted - self.debits_posted
        return -net if self.kind is AccountKind.TREASURY else net

    @property
    def free(self) -> int:
        """Fen that can still leave the account; money on its way in does not count."""
        if self.kind is AccountKind.TREASURY:
            return self.balance - self.credits_pending
        return self.balance - self.debits_pending


def account_id(kind: AccountKind, owner_id: str = "") -> str:
    """The name of an account: its kind, and whose it is."""
    return f"{kind.value}:{owner_id}" if owner_id else kind.value
