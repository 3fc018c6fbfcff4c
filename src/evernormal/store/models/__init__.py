"""One file per stage of a voucher's life. No rules here: those are in the domain."""

from evernormal.store.models.allocation import Allocation
from evernormal.store.models.audit import AuditRecord
from evernormal.store.models.award import Award, Decision
from evernormal.store.models.ledger import Account, Transfer
from evernormal.store.models.metering import Charge, UsageBatch, UsageReading
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
    "Decision",
    "Hold",
    "PaymentBatch",
    "PaymentInstruction",
    "Programme",
    "Transfer",
    "UsageBatch",
    "UsageReading",
    "Voucher",
]
