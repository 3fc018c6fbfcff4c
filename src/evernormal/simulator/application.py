"""An application of a population, and what became of it."""

from dataclasses import dataclass
from datetime import date

from evernormal.domain.award import AwardReason
from evernormal.domain.policy import Case, EligibleCost, NetOfTax, Scheme, SupportRequest
from evernormal.domain.values import Fen


@dataclass(frozen=True, slots=True)
class Application:
    """One application. Its case names the firm, the group, the provider and the contract.

    request  what the rules are asked, with what was given before the population began
    """

    id: str
    case: Case
    request: SupportRequest

    @property
    def applied_on(self) -> date:
        """The day that chooses the versions of the rules."""
        return self.case.contract.applied_on

    @property
    def place_in_line(self) -> tuple[date, str]:
        """By this, applications stand in line, whatever order they came in."""
        return (self.applied_on, self.id)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one application.

    cost         fen of cost in the categories that count; without tax where tax does not
    entitled     fen that the rules give; of an ineligible one too
    unlimited    fen that they would give without caps and stacking limits
    limb         the rule that bound
    failed       rules that were not met; () when eligible
    decided_on   the day of the award, or of its refusal
    """

    application: Application
    is_eligible: bool
    cost: Fen
    entitled: Fen
    unlimited: Fen
    limb: str
    failed: tuple[str, ...]
    reason: AwardReason
    granted: Fen
    decided_on: date

    @property
    def asked(self) -> Fen:
        """What the application asks of the pot: nothing when it is not eligible."""
        return self.entitled if self.is_eligible else Fen(0)


def eligible_cost(scheme: Scheme, application: Application) -> Fen:
    """The cost in the categories that count on the day; all of it where none is named.

    returns  fen; cut to the fen where the scheme takes the tax out of it
    """
    rule = scheme.find(EligibleCost, application.applied_on)
    costs = application.request.costs
    cost = Fen(sum(c.amount for k, c in costs.items() if rule is None or k in rule[1].categories))
    tax = scheme.find(NetOfTax, application.applied_on)
    return tax[1].without_tax(cost) if tax else cost
