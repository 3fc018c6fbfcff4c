"""What a claim rests on: contract, invoices, bank payments and the meter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from evernormal.domain.policy import Case, CostCategory
from evernormal.domain.values import Fen, Period, Uscc


class InvoiceStatus(Enum):
    """The tax office's word on an invoice: normal, void, or cancelled by a red-letter invoice."""

    NORMAL = "NORMAL"
    VOID = "VOID"
    RED = "RED"


class MeterControl(Enum):
    """What the office asks of the meter before it pays.

    LIMIT: no compute is supported beyond its metered value. PRESENCE: some use must have been
    metered. NOT_REQUIRED: the programme does not meter.
    """

    LIMIT = "LIMIT"
    PRESENCE = "PRESENCE"
    NOT_REQUIRED = "NOT_REQUIRED"


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line of an invoice (fapiao), tax included. `claimed_on` None: not claimed."""

    number: str
    line: int
    contract_id: str
    category: CostCategory
    amount: Fen
    seller: Uscc
    buyer: Uscc
    issued_on: date
    period: Period
    status: InvoiceStatus
    claimed_on: date | None


@dataclass(frozen=True, slots=True)
class BankPayment:
    """Money that went from one account to another for an invoice."""

    id: str
    invoice_number: str
    payer: Uscc
    payee: Uscc
    amount: Fen
    paid_on: date


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known about a claim when it is decided.

    lines            the claimed invoice lines
    payments         the bank payments for their invoices
    claimed_before   invoice numbers in earlier approved claims
    supported_before fen of cost by category accepted in earlier claims on the contract
    deducted         fen that the provider took off these invoices for the voucher; they count
                     as paid
    metered          fen of metered use in the invoiced periods that no earlier claim rests on
    metered_seconds  card-seconds of use in the invoiced periods
    """

    case: Case
    claimed_on: date
    lines: tuple[InvoiceLine, ...]
    payments: tuple[BankPayment, ...]
    claimed_before: frozenset[str]
    supported_before: Mapping[CostCategory, Fen]
    deducted: Fen
    metered: Fen
    metered_seconds: int
    meter: MeterControl
