"""What the rules are asked about a contract: its costs, and what was given before."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from evernormal.actions.desk import Desk
from evernormal.domain.policy import (
    Cap,
    CapCount,
    CapScope,
    Case,
    Contract,
    CostCategory,
    SupportRequest,
)
from evernormal.domain.values import Fen
from evernormal.store.models import Programme
from evernormal.store.queries import standing


def case_of(desk: Desk, programme: Programme, contract_id: str) -> Case:
    """The case of a contract, with the awards that came before it."""
    contract = desk.year.contract(contract_id)
    award_contract = desk.year.award_contract(contract_id)
    others = [
        other.id
        for other in desk.year.contracts.values()
        if contract.facility_id
        and other.facility_id == contract.facility_id
        and other.side is not contract.side
    ]
    return desk.year.case_of(
        contract_id,
        awards_on_contract=standing.count_awards_on(programme, [award_contract]),
        awards_other_side=standing.count_awards_on(programme, others),
    )


def request_at_award(
    desk: Desk, programme: Programme, case: Case, *, costs: Mapping[CostCategory, Fen]
) -> SupportRequest:
    """What is asked for a contract's award, given the awards before it.

    costs    fen by category: of the contract, or as evidenced with the application
    """
    contract = case.contract
    on = contract.applied_on
    return SupportRequest(
        case=case,
        costs=costs,
        term=contract.term,
        counted_on=CapCount.AWARD,
        already={
            scope: standing.awarded(programme, ids, year=on.year if scope.is_yearly else None)
            for scope, ids in _counted(desk, case)
        },
        firm_year_cost_before=standing.awarded_cost(
            programme, contract.applicant_id, year=on.year, but=contract.id
        ),
        other_support=case.contract.other_support,
    )


def request_at_claim(
    desk: Desk,
    programme: Programme,
    case: Case,
    *,
    costs: Mapping[CostCategory, Fen],
    on: date,
) -> SupportRequest:
    """What is asked for a contract's claim, given the claims approved before it.

    The firm's cost in the year is not asked: tiers and floors were decided by the award.

    costs    fen by category that the evidence bears
    on       the day of the claim
    """
    contract = case.contract
    return SupportRequest(
        case=case,
        costs=costs,
        term=contract.term,
        counted_on=CapCount.CLAIM,
        already={
            scope: standing.approved(programme, ids, year=on.year if scope.is_yearly else None)
            for scope, ids in _counted(desk, case)
        },
        other_support=case.contract.other_support,
    )


def _counted(desk: Desk, case: Case) -> list[tuple[CapScope, list[str]]]:
    """The contracts that each cap in force counts; a claim's own cap counts none."""
    on = case.contract.applied_on
    scopes = {cap.scope for _, cap in desk.scheme.find_all(Cap, on)}
    return [
        (scope, _contracts(desk, case, scope))
        for scope in CapScope
        if scope in scopes and scope is not CapScope.CLAIM
    ]


def _contracts(desk: Desk, case: Case, scope: CapScope) -> list[str]:
    own = _key(desk, case.contract, scope)
    contracts = (*desk.year.contracts.values(), *desk.year.purchases.values())
    return [contract.id for contract in contracts if _key(desk, contract, scope) == own]


def _key(desk: Desk, contract: Contract, scope: CapScope) -> tuple[str, str]:
    """Whom a contract is counted for: a purchase counts with the contract whose award pays it."""
    counted = replace(contract, id=desk.year.award_contract(contract.id))
    return scope.key_of(counted, desk.year.applicants[contract.applicant_id])
