"""Calls: on which day an application is decided, and how a pot that is too small is shared."""

from collections.abc import Sequence
from datetime import date

from evernormal.actions.desk import Desk
from evernormal.domain.award import share_pot
from evernormal.domain.ledger.posting import POT
from evernormal.domain.policy import AppliedWithin, Contract, Shortage, ShortageRule
from evernormal.domain.values import Fen
from evernormal.store import ledger
from evernormal.store.models import Award, Decision, Programme


def decided_on(desk: Desk, contract: Contract) -> date:
    """The day of the decision, under the rules in force when it was applied for.

    First come, first served: the day of application. A shared pot: the end of the call, for
    whom it is not over yet.
    """
    applied_on = contract.applied_on
    return (
        max(applied_on, _call_ends_on(desk, applied_on)) if _waits(desk, contract) else applied_on
    )


def call_of(desk: Desk, day: date) -> list[Contract]:
    """The applications that share the pot at the end of their call on a day, in their order."""
    contracts = [
        contract
        for contract in desk.year.contracts.values()
        if _waits(desk, contract) and decided_on(desk, contract) == day
    ]
    return sorted(contracts, key=lambda contract: (contract.applied_on, contract.id))


def shares_of(desk: Desk, contracts: Sequence[Contract]) -> list[Fen]:
    """What each application of a call gets of the pot, in proportion to what it asks."""
    programme = Programme.objects.get(id=desk.programme_id)
    ids = [contract.id for contract in contracts]
    decisions = Decision.objects.filter(programme=programme, contract_id__in=ids)
    asked = {row.contract_id: row.entitled_fen if row.is_eligible else 0 for row in decisions}
    awards = Award.objects.filter(programme=programme, decision__contract_id__in=ids)
    # The pot as it was before the call's first award, so that a resumed run shares it the same.
    awarded = sum(awards.values_list("amount_fen", flat=True))
    pot = Fen(ledger.account(programme, POT).free + awarded)
    return share_pot([Fen(asked[contract_id]) for contract_id in ids], pot=pot)


def _waits(desk: Desk, contract: Contract) -> bool:
    """Whether an application waits for its call to end: the pot is shared, and it came in time."""
    _, rule = desk.scheme.get(ShortageRule, contract.applied_on)
    is_in_time = contract.applied_on <= _call_ends_on(desk, contract.applied_on)
    return rule.shortage is Shortage.PRO_RATA and is_in_time


def _call_ends_on(desk: Desk, day: date) -> date:
    call = desk.scheme.find(AppliedWithin, day)
    closes_on = desk.year.programme.closes_on
    return closes_on if call is None else min(call[1].last, closes_on)
