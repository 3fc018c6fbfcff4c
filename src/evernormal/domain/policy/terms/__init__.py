"""Forms that set terms: money, voucher, shortage, and what an award asks of both sides."""

from evernormal.domain.policy.terms.duties import (
    ClaimDocuments,
    Clawback,
    ClawbackTrigger,
    PublicNotice,
    Reporting,
    Review,
    ReviewTier,
)
from evernormal.domain.policy.terms.payment import (
    FundingShare,
    FundingSplit,
    Payee,
    PayeeRule,
    Pot,
    PotTranche,
    ReserveFund,
    Tranche,
    TrancheRelease,
    Tranches,
)
from evernormal.domain.policy.terms.shortage import Candidate, Shortage, ShortageRule, ticket_of
from evernormal.domain.policy.terms.voucher import (
    DesignatedClasses,
    IdleRecall,
    VoucherExtension,
    VoucherTerm,
)

Term = (
    PayeeRule
    | Pot
    | FundingSplit
    | Tranches
    | ReserveFund
    | VoucherTerm
    | VoucherExtension
    | DesignatedClasses
    | IdleRecall
    | ShortageRule
    | Review
    | PublicNotice
    | ClaimDocuments
    | Reporting
    | Clawback
)

__all__ = [
    "Candidate",
    "ClaimDocuments",
    "Clawback",
    "ClawbackTrigger",
    "DesignatedClasses",
    "FundingShare",
    "FundingSplit",
    "IdleRecall",
    "Payee",
    "PayeeRule",
    "Pot",
    "PotTranche",
    "PublicNotice",
    "Reporting",
    "ReserveFund",
    "Review",
    "ReviewTier",
    "Shortage",
    "ShortageRule",
    "Term",
    "Tranche",
    "TrancheRelease",
    "Tranches",
    "VoucherExtension",
    "VoucherTerm",
    "ticket_of",
]
