"""The decision within the pot."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from evernormal.domain.values import Fen, pro_rata


class AwardReason(Enum):
    """Why an award is what it is."""

    ENTITLED = "ENTITLED"
    CUT_TO_POT = "CUT_TO_POT"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    NOTHING_DUE = "NOTHING_DUE"
    POT_EXHAUSTED = "POT_EXHAUSTED"
    NOT_ADMITTED = "NOT_ADMITTED"


@dataclass(frozen=True, slots=True)
class AwardDecision:
    """An award, or why there is none.

    asked       fen the rules gave; 0 when not eligible
    amount      fen granted, 0 when refused
    pot_before  fen that were free in the pot
    """

    award_id: str
    contract_id: str
    applicant_id: str
    reason: AwardReason
    asked: Fen
    amount: Fen
    pot_before: Fen

    @property
    def is_granted(self) -> bool:
        """Whether anything was granted."""
        return self.amount.amount > 0


@dataclass(frozen=True, slots=True)
class Assessed:
    """What an assessment leaves for the award: who, about what, and fen the rules gave."""

    contract_id: str
    applicant_id: str
    is_eligible: bool
    entitled: Fen


def award_id_of(contract_id: str) -> str:
    """The number of the award on a contract."""
    return f"A-{contract_id}"


def grant(
    assessed: Assessed, *, pot: Fen, share: Fen | None = None, is_admitted: bool = True
) -> AwardDecision:
    """Grant what is due, as far as the pot reaches.

    pot          fen free in the pot now
    share        fen this application gets of a pot shared in proportion; None: all it asks
    is_admitted  False when its score is below the least that has a turn
    returns      never more than the pot, the entitlement or the share
    """
    asked = assessed.entitled if assessed.is_eligible else Fen(0)
    amount = max(min(asked, pot, asked if share is None else share), Fen(0))
    if not is_admitted:
        amount = Fen(0)
    return AwardDecision(
        award_id=award_id_of(assessed.contract_id),
        contract_id=assessed.contract_id,
        applicant_id=assessed.applicant_id,
        reason=_reason(assessed, asked=asked, amount=amount, is_admitted=is_admitted),
        asked=asked,
        amount=amount,
        pot_before=pot,
    )


def share_pot(asked: Sequence[Fen], *, pot: Fen) -> list[Fen]:
    """Share a pot in proportion to what was asked; all of it when it is enough.

    asked [n], pot: fen. Returns [n], together min(pot, sum(asked)). Source: docs/rules/shortage.md
    """
    return [Fen(amount) for amount in pro_rata([a.amount for a in asked], pot.amount)]


def _reason(assessed: Assessed, *, asked: Fen, amount: Fen, is_admitted: bool) -> AwardReason:
    if not assessed.is_eligible:
        return AwardReason.NOT_ELIGIBLE
    if asked.amount == 0:
        return AwardReason.NOTHING_DUE
    if not is_admitted:
        return AwardReason.NOT_ADMITTED
    if amount.amount == 0:
        return AwardReason.POT_EXHAUSTED
    return AwardReason.ENTITLED if amount == asked else AwardReason.CUT_TO_POT
