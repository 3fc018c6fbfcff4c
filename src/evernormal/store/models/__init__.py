"""One file per stage of a voucher's life. No rules here: those are in the domain."""

from evernormal.store.models.allocation import Allocation
from evernormal.store.models.audit import AuditRecord
from evernormal.store.models.award import Award, Decision
from evernormal.store.models.ledger import (
    Account,
    LedgerStanding,
    Transfer,
    TransferPage,
    TransferResolution,
)
from evernormal.store.models.metering import Charge, DayUse, OrderTotal, UsageBatch
from evernormal.store.models.order import OrderVersion
from evernormal.store.models.programme import Programme
from evernormal.store.models.settlement import (
    Claim,
    ClaimedCharge,
    PaymentBatch,
    PaymentInstruction,
)
from evernormal.store.models.voucher import Hold, Voucher

__all__ = [
    "Account",
    "Allocation",
    "AuditRecord",
    "Award",
    "Charge",
    "Claim",
    "ClaimedCharge",
    "DayUse",
    "Decision",
    "Hold",
    "LedgerStanding",
    "OrderTotal",
    "OrderVersion",
    "PaymentBatch",
    "PaymentInstruction",
    "Programme",
    "Transfer",
    "TransferPage",
    "TransferResolution",
    "UsageBatch",
    "Voucher",
]
