"""The decision on a claim: what the evidence supports, within what is left to give."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from evernormal.domain.policy import Entitlement
from evernormal.domain.settlement.matching import Match
from evernormal.domain.values import Fen


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A limit outside the rules: what the voucher, the award or the captures have left, in fen."""

    limb: str
    left: Fen


@dataclass(frozen=True, slots=True)
class ClaimFiled:
    """A claim as it comes in: on which contract, for whom, when."""

    contract_id: str
    payee_id: str
    claimed_on: date


@dataclass(frozen=True, slots=True)
class ClaimDecision:
    """An approved claim, or one refused with every reason.

    entitled  fen the rules give for the matched cost
    approved  fen to be paid
    limb      what bound: a rule's id, a ceiling, or `match` when a check failed
    """

    claim_id: str
    contract_id: str
    payee_id: str
    claimed_on: date
    match: Match
    entitlement: Entitlement
    ceilings: tuple[Ceiling, ...]
    approved: Fen
    limb: str

    @property
    def is_approved(self) -> bool:
        """Whether anything will be paid."""
        return self.approved.amount > 0


def claim_id_of(contract_id: str, claimed_on: date) -> str:
    """The number of the claim filed on a contract on a day."""
    return f"CL-{contract_id}-{claimed_on:%Y%m%d}"


def decide_claim(
    filed: ClaimFiled,
    *,
    match: Match,
    entitlement: Entitlement,
    ceilings: Sequence[Ceiling],
) -> ClaimDecision:
    """Approve the least of what the rules give and what is left.

    match        the evidence; when a check failed nothing is approved
    entitlement  the rules applied to the matched cost, in fen
    ceilings     e.g. the voucher's hold; the first lowest one is named
    """
    lowest, limb = entitlement.amount, entitlement.limb
    for ceiling in ceilings:
        if ceiling.left < lowest:
            lowest, limb = ceiling.left, ceiling.limb
    if not match.is_sound:
        lowest, limb = Fen(0), "match"
    return ClaimDecision(
        claim_id=claim_id_of(filed.contract_id, filed.claimed_on),
        contract_id=filed.contract_id,
        payee_id=filed.payee_id,
        claimed_on=filed.claimed_on,
        match=match,
        entitlement=entitlement,
        ceilings=tuple(ceilings),
        approved=lowest,
        limb=limb,
    )
