"""Calls: on which day an application is decided, and in which order or share it is awarded."""

from collections.abc import Sequence
from datetime import date

from evernormal.actions.desk import Desk
from evernormal.actions.pots import free_pot
from evernormal.domain.award import call_ends_on, share_pot
from evernormal.domain.award import decided_on as decision_day
from evernormal.domain.policy import Candidate, Contract, Shortage, ShortageRule
from evernormal.domain.values import Fen
from evernormal.store.models import Award, Decision, Programme


def decided_on(desk: Desk, contract: Contract) -> date:
    """The day of the decision, under the rules in force when it was applied for."""
    applied_on = contract.applied_on
    return decision_day(
        _shortage(desk, applied_on), applied_on=applied_on, ends_on=_call_ends_on(desk, applied_on)
    )


def call_of(desk: Desk, day: date) -> list[Contract]:
    """The applications that wait for the end of their call on a day, in their order."""
    contracts = [
        contract
        for contract in desk.year.contracts.values()
        if _waits(desk, contract) and decided_on(desk, contract) == day
    ]
    return sorted(contracts, key=lambda contract: (contract.applied_on, contract.id))


def turns_of(desk: Desk, contracts: Sequence[Contract]) -> list[tuple[Contract, bool]]:
    """The order in which a call's applications are awarded, each with whether it has a turn.

    contracts  of one call; the rule is the one in force on the day of the last application.
               Those whose score is too low come last, in the order of their numbers.
    """
    rule = _shortage(desk, max(contract.applied_on for contract in contracts))
    by_id = {contract.id: contract for contract in contracts}
    candidates = [Candidate(c.id, c.applied_on, c.score) for c in contracts]
    turns = [c.contract_id for c in rule.turns(candidates, seed=desk.year.programme.lottery_seed)]
    others = sorted(by_id.keys() - set(turns))
    return [(by_id[i], True) for i in turns] + [(by_id[i], False) for i in others]


def is_shared(desk: Desk, contracts: Sequence[Contract]) -> bool:
    """Whether a call's pot is shared in proportion; else its applications take turns."""
    rule = _shortage(desk, max(contract.applied_on for contract in contracts))
    return rule.shortage is Shortage.PRO_RATA


def shares_of(desk: Desk, contracts: Sequence[Contract], *, on: date) -> list[Fen]:
    """What each application of a call gets of the pot, in proportion to what it asks."""
    programme = Programme.objects.get(id=desk.programme_id)
    ids = [contract.id for contract in contracts]
    decisions = Decision.objects.filter(programme=programme, contract_id__in=ids)
    asked = {row.contract_id: row.entitled_fen if row.is_eligible else 0 for row in decisions}
    awards = Award.objects.filter(programme=programme, decision__contract_id__in=ids)
    # The pot as it was before the call's first award, so that a resumed run shares it the same.
    awarded = sum(awards.values_list("amount_fen", flat=True))
    pot = free_pot(desk, programme, on=on, given_back=awarded)
    return share_pot([Fen(asked[contract_id]) for contract_id in ids], pot=pot)


def _waits(desk: Desk, contract: Contract) -> bool:
    """Whether an application waits for its call to end, and came in time for it."""
    rule = _shortage(desk, contract.applied_on)
    is_in_time = contract.applied_on <= _call_ends_on(desk, contract.applied_on)
    return rule.shortage is not Shortage.FIRST_COME and is_in_time


def _shortage(desk: Desk, day: date) -> ShortageRule:
    _, rule = desk.scheme.get(ShortageRule, day)
    return rule


def _call_ends_on(desk: Desk, day: date) -> date:
    return call_ends_on(desk.scheme, day, closes_on=desk.year.programme.closes_on)
