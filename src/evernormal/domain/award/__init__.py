"""From application to award: is it eligible, what is it entitled to, what does the pot allow."""

from evernormal.domain.award.assessment import (
    Assessment,
    amount_rules,
    assess,
    check_provider,
    check_under,
    entitle_under,
)
from evernormal.domain.award.call import call_ends_on, decided_on
from evernormal.domain.award.claimed import entitle_claim, entitle_deducted
from evernormal.domain.award.grant import (
    Assessed,
    AwardDecision,
    AwardReason,
    award_id_of,
    grant,
    share_pot,
)

__all__ = [
    "Assessed",
    "Assessment",
    "AwardDecision",
    "AwardReason",
    "amount_rules",
    "assess",
    "award_id_of",
    "call_ends_on",
    "check_provider",
    "check_under",
    "decided_on",
    "entitle_claim",
    "entitle_deducted",
    "entitle_under",
    "grant",
    "share_pot",
]
