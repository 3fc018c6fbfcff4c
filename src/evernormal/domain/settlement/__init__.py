"""Claims, the match of their evidence, and payment batches."""

from evernormal.domain.settlement.batch import (
    EmptyBatch,
    PaymentBatch,
    PaymentInstruction,
    SameOfficer,
    prepare_batch,
)
from evernormal.domain.settlement.claim import (
    Ceiling,
    ClaimDecision,
    ClaimFiled,
    claim_id_of,
    decide_claim,
)
from evernormal.domain.settlement.evidence import (
    BankPayment,
    Evidence,
    InvoiceLine,
    InvoiceStatus,
    MeterControl,
)
from evernormal.domain.settlement.matching import Match, match_evidence, with_check
from evernormal.domain.settlement.unbilled import match_capacity, match_upstream

__all__ = [
    "BankPayment",
    "Ceiling",
    "ClaimDecision",
    "ClaimFiled",
    "EmptyBatch",
    "Evidence",
    "InvoiceLine",
    "InvoiceStatus",
    "Match",
    "MeterControl",
    "PaymentBatch",
    "PaymentInstruction",
    "SameOfficer",
    "claim_id_of",
    "decide_claim",
    "match_capacity",
    "match_evidence",
    "match_upstream",
    "prepare_batch",
    "with_check",
]
