"""The eight ways in which support reaches its payee (docs/rules/settlement.md)."""

from dataclasses import dataclass
from enum import Enum

from evernormal.domain.policy.terms import Payee


class Settlement(Enum):
    """How support reaches its payee."""

    REIMBURSE_VOUCHER = "A"
    POST_USE_SUBSIDY = "B"
    CLAIM_AND_DEDUCT = "C"
    CAPACITY_AWARD = "D"
    AUTOMATIC_MATCH = "E"
    INVOICE_DISCOUNT = "F"
    IN_KIND = "G"
    EXCHANGED_CREDITS = "H"

    @property
    def traits(self) -> "SettlementTraits":
        """What this mode has, for acts that need not know its name."""
        return _TRAITS[self]


@dataclass(frozen=True, slots=True)
class SettlementTraits:
    """What a mode of settlement has.

    payees       who may be paid
    has_voucher  the award becomes a voucher, which lapses
    is_deducted  orders hold voucher value, and metered use captures it
    is_claimed   someone claims with evidence before money moves
    pays_money   money leaves the treasury; in kind, value is used up and nothing is paid
    """

    payees: tuple[Payee, ...]
    has_voucher: bool
    is_deducted: bool
    is_claimed: bool
    pays_money: bool


def _traits(payees: str, *, voucher: int, deducted: int, claimed: int) -> SettlementTraits:
    named = tuple(Payee[payee] for payee in payees.split())
    return SettlementTraits(
        payees=named,
        has_voucher=bool(voucher),
        is_deducted=bool(deducted),
        is_claimed=bool(claimed),
        pays_money=named != (Payee.NOBODY,),
    )


_TRAITS = {
    Settlement.REIMBURSE_VOUCHER: _traits("APPLICANT", voucher=1, deducted=0, claimed=1),
    Settlement.POST_USE_SUBSIDY: _traits("APPLICANT", voucher=0, deducted=0, claimed=1),
    Settlement.CLAIM_AND_DEDUCT: _traits("PROVIDER", voucher=1, deducted=1, claimed=1),
    Settlement.CAPACITY_AWARD: _traits(
        "APPLICANT PROVIDER EITHER", voucher=0, deducted=0, claimed=1
    ),
    Settlement.AUTOMATIC_MATCH: _traits("APPLICANT", voucher=0, deducted=0, claimed=0),
    Settlement.INVOICE_DISCOUNT: _traits("PROVIDER", voucher=1, deducted=1, claimed=1),
    Settlement.IN_KIND: _traits("NOBODY", voucher=1, deducted=1, claimed=0),
    Settlement.EXCHANGED_CREDITS: _traits("NOBODY", voucher=1, deducted=1, claimed=0),
}
