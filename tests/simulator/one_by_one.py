"""A population gone through one by one with the plain functions, as an officer would on paper."""

from dataclasses import replace
from datetime import date

from evernormal.domain.award import Assessed, assess, grant, share_pot
from evernormal.domain.policy import (
    AppliedWithin,
    Candidate,
    CapScope,
    EligibleCost,
    NetOfTax,
    Pot,
    Scheme,
    Shortage,
    ShortageRule,
    Side,
)
from evernormal.domain.values import Fen
from evernormal.simulator import Application, PotChoice


class Officer:
    """Takes applications in the order of their days, and decides each when its day has come."""

    def __init__(self, scheme: Scheme, rule: ShortageRule, choice: PotChoice) -> None:
        self.scheme, self.rule, self.choice = scheme, rule, choice
        self.taken: list[Application] = []
        self.asked: dict[str, int] = {}
        self.eligible: set[str] = set()
        self.granted: dict[str, int] = {}

    def take(self, application: Application) -> None:
        """Decide what is due before, then assess this one; serve it at once where that is so."""
        due = {self.day_of(a) for a in self.taken if a.id not in self.granted}
        for day in sorted(day for day in due if day < application.applied_on):
            self.decide(day)
        told = self.told(application)
        found = assess(self.scheme, case=told.case, request=told.request, on=told.applied_on)
        if found.is_eligible:
            self.eligible.add(told.id)
        self.asked[told.id] = found.entitlement.amount.amount if found.is_eligible else 0
        self.taken.append(application)
        if self.rule.shortage is Shortage.FIRST_COME:
            self.decide(application.applied_on)

    def finish(self) -> dict[str, int]:
        """Decide what is left; fen granted by application."""
        for day in sorted({self.day_of(a) for a in self.taken if a.id not in self.granted}):
            self.decide(day)
        return self.granted

    def day_of(self, application: Application) -> date:
        """The day of the decision."""
        applied_on = application.applied_on
        if self.rule.shortage is Shortage.FIRST_COME:
            return applied_on
        call = self.scheme.find(AppliedWithin, applied_on)
        ends_on = date(applied_on.year, 12, 31)
        return max(applied_on, min(ends_on, call[1].last) if call else ends_on)

    def decide(self, day: date) -> None:
        """Decide everything that waits for a day."""
        due = {a.id: a for a in self.taken if self.day_of(a) == day and a.id not in self.granted}
        candidates = [Candidate(a.id, a.applied_on, a.case.contract.score) for a in due.values()]
        turns = [c.contract_id for c in self.rule.turns(candidates, seed=self.choice.seed)]
        free = self.free(day)
        if self.rule.shortage is Shortage.PRO_RATA:
            asked = [Fen(self.asked[turn]) for turn in turns]
            for turn, share in zip(turns, share_pot(asked, pot=free), strict=True):
                self.granted[turn] = share.amount
        else:
            for turn in turns:
                assessed = Assessed(turn, "", is_eligible=True, entitled=Fen(self.asked[turn]))
                self.granted[turn] = grant(assessed, pot=free).amount.amount
                free -= Fen(self.granted[turn])
        for left in due.keys() - set(turns):
            self.granted[left] = 0

    def free(self, day: date) -> Fen:
        """What is left in the pot of the day's year."""
        found = self.scheme.find(Pot, day)
        pot = self.choice.amount or (found[1].amount if found else None)
        if self.choice.amount is not None:
            pot = self.choice.amount
        if pot is None:
            return Fen(10**18)
        released = (
            found[1].released_on(day, pot=pot, opens_on=date(day.year, 1, 1)) if found else pot
        )
        gone = [
            self.granted[a.id]
            for a in self.taken
            if a.id in self.granted and self.day_of(a).year == day.year
        ]
        return Fen(max(released.amount - sum(gone), 0))

    def told(self, application: Application) -> Application:
        """The application with what the earlier ones count for."""
        case = application.case
        counted = {scope: self.sum_of(scope, application) for scope in CapScope}
        counted[CapScope.CLAIM] = 0
        same = [a for a in self.taken if a.case.contract.id == case.contract.id]
        other = Side.SUPPLY if case.contract.side is Side.DEMAND else Side.DEMAND
        facility = [
            a
            for a in self.taken
            if case.contract.facility_id
            and a.case.contract.facility_id == case.contract.facility_id
            and a.case.contract.side is other
        ]
        case = replace(
            case,
            awards_on_contract=sum(1 for a in same if self.granted.get(a.id, 0) > 0),
            awards_other_side=sum(1 for a in facility if self.granted.get(a.id, 0) > 0),
        )
        request = replace(
            application.request,
            case=case,
            already={scope: Fen(fen) for scope, fen in counted.items()},
            firm_year_cost_before=Fen(self.cost_before(application)),
        )
        return replace(application, case=case, request=request)

    def given(self, application: Application) -> int:
        """What an earlier application counts: its award, or what it asks while it waits."""
        return self.granted.get(application.id, self.asked[application.id])

    def sum_of(self, scope: CapScope, application: Application) -> int:
        """Fen that earlier applications count under a cap."""
        earlier = [a for a in self.taken if self.is_together(scope, a, application)]
        return sum(self.given(a) for a in earlier)

    def is_together(self, scope: CapScope, one: Application, two: Application) -> bool:
        """Whether two applications are counted under the same cap."""
        is_same_year = one.applied_on.year == two.applied_on.year
        if "YEAR" in scope.value and not is_same_year:
            return False
        mine, other = (
            {
                "CONTRACT": a.case.contract.id,
                "PROVIDER": a.case.provider.id,
                "FIRM": a.case.applicant.id,
                "GROUP": a.case.applicant.group or f"alone:{a.case.applicant.id}",
                "CLAIM": a.id,
            }[scope.value.removesuffix("_YEAR")]
            for a in (one, two)
        )
        return mine == other

    def cost_before(self, application: Application) -> int:
        """Eligible cost of the firm's earlier contracts of the year, less what was turned away."""
        earlier = [a for a in self.taken if self.is_together(CapScope.FIRM_YEAR, a, application)]
        total = 0
        for one in earlier:
            rule = self.scheme.find(EligibleCost, one.applied_on)
            is_due_nothing = one.id in self.eligible and self.asked[one.id] == 0
            if (self.given(one) > 0 or is_due_nothing) and rule is not None:
                costs = one.request.costs.items()
                cost = sum(fen.amount for c, fen in costs if c in rule[1].categories)
                tax = self.scheme.find(NetOfTax, one.applied_on)
                total += int(cost / (1 + tax[1].ratio)) if tax else cost
        return total
