"""From application to award: is it eligible, what is it entitled to, what does the pot allow."""

from evernormal.domain.award.assessment import (
    Assessment,
    assess,
    entitle_deducted,
    entitle_under,
)
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
    "assess",
    "award_id_of",
    "entitle_deducted",
    "entitle_under",
    "grant",
    "share_pot",
]
