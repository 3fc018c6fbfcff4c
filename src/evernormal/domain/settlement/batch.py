"""Payment batches: prepared by one officer, approved by another."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from evernormal.domain.errors import DomainError
from evernormal.domain.values import Fen


class SameOfficer(DomainError):
    """One officer both prepared and approved."""

    code = "settlement.same_officer"

    def __init__(self, *, officer: str) -> None:
        self.officer = officer
        super().__init__(f"{officer} prepared this batch. A second officer must approve it.")


class EmptyBatch(DomainError):
    """A batch that would pay nothing."""

    code = "settlement.empty_batch"

    def __init__(self, *, batch_id: str) -> None:
        self.batch_id = batch_id
        super().__init__(f"Batch {batch_id} has nothing to pay. Approve claims first.")


@dataclass(frozen=True, slots=True)
class PaymentInstruction:
    """One approved claim to be paid to one payee, in fen."""

    id: str
    claim_id: str
    payee_id: str
    amount: Fen


@dataclass(frozen=True, slots=True)
class PaymentBatch:
    """Instructions that are sent to the bank together."""

    id: str
    prepared_by: str
    approved_by: str
    approved_on: date
    execute_on: date
    instructions: tuple[PaymentInstruction, ...]

    @property
    def total(self) -> Fen:
        """What leaves the treasury, in fen."""
        return Fen(sum(i.amount.amount for i in self.instructions))


def prepare_batch(
    *,
    batch_id: str,
    claims: Iterable[tuple[str, str, Fen]],
    officers: tuple[str, str],
    approved_on: date,
    execute_on: date,
) -> PaymentBatch:
    """Put approved, unpaid claims into a batch.

    claims    (claim id, payee id, fen > 0), paid in this order
    officers  who prepared and who approved
    raises    SameOfficer, EmptyBatch
    source    programmes.md section 4: payments without a second pair of eyes were the loss
    """
    prepared_by, approved_by = officers
    if _person(prepared_by) == _person(approved_by):
        raise SameOfficer(officer=prepared_by)
    instructions = tuple(
        PaymentInstruction(id=f"P-{claim_id}", claim_id=claim_id, payee_id=payee_id, amount=amount)
        for claim_id, payee_id, amount in claims
    )
    if not instructions:
        raise EmptyBatch(batch_id=batch_id)
    return PaymentBatch(
        id=batch_id,
        prepared_by=prepared_by,
        approved_by=approved_by,
        approved_on=approved_on,
        execute_on=execute_on,
        instructions=instructions,
    )


def _person(name: str) -> str:
    """A name without what hides that two are one: blanks, width and case."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
