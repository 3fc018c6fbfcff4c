"""What the amount rules are asked, and what they answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction

from evernormal.domain.policy.facts import Applicant, Case, Contract, CostCategory
from evernormal.domain.policy.findings import Fact, Step
from evernormal.domain.values import Fen, Period, ratio_text

Applied = tuple[Fraction, dict[str, Fact]]
"""What a form makes of an amount in fen, and the numbers it used."""

_NOTHING = Fen(0)


class CapCount(Enum):
    """At which act a cap is counted. Beijing counts on both."""

    AWARD = "AWARD"
    CLAIM = "CLAIM"


class CapScope(Enum):
    """What a cap is a ceiling for. Years are calendar years; without one, the scheme's life."""

    CLAIM = "CLAIM"
    CONTRACT = "CONTRACT"
    PROVIDER_YEAR = "PROVIDER_YEAR"
    FIRM_YEAR = "FIRM_YEAR"
    FIRM = "FIRM"
    GROUP_YEAR = "GROUP_YEAR"
    GROUP = "GROUP"

    @property
    def is_yearly(self) -> bool:
        """Whether it is counted anew in each calendar year."""
        return self.value.endswith("_YEAR")

    def key_of(self, contract: Contract, applicant: Applicant) -> tuple[str, str]:
        """Whom a contract is counted for: contracts with the same key are counted together.

        A firm that names no group is a group of its own.
        """
        match self:
            case CapScope.CLAIM | CapScope.CONTRACT:
                return ("contract", contract.id)
            case CapScope.PROVIDER_YEAR:
                return ("provider", contract.provider_id)
            case CapScope.GROUP | CapScope.GROUP_YEAR if applicant.group:
                return ("group", applicant.group)
            case _:
                return ("firm", applicant.id)


class Measure(Enum):
    """What a tier or a floor is measured on: this cost, or the firm's year up to and with it."""

    COST = "COST"
    FIRM_YEAR_COST = "FIRM_YEAR_COST"


@dataclass(frozen=True, slots=True)
class SupportRequest:
    """What the amount rules are asked.

    case                   who asks, for what: it chooses among tiers
    costs                  fen by category: of the contract (at award) or as evidenced (at claim)
    term                   the contract's term, for pro-rating
    counted_on             the act being decided
    already                fen already given under each scope of cap, at this kind of act
    firm_year_cost_before  fen of eligible cost of the firm's earlier cases in the calendar year
    other_support          fen of public support from other programmes for the same cost
    """

    case: Case
    costs: Mapping[CostCategory, Fen]
    term: Period
    counted_on: CapCount
    already: Mapping[CapScope, Fen] = field(default_factory=dict)
    firm_year_cost_before: Fen = _NOTHING
    other_support: Fen = _NOTHING


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What the rules give before scarcity: every step, and the limb that bound."""

    amount: Fen
    limb: str
    steps: tuple[Step, ...]


def measured(measure: Measure, cost: Fraction, request: SupportRequest) -> Fraction:
    """The figure that a tier or a floor is compared with, in fen."""
    if measure is Measure.COST:
        return cost
    return cost + request.firm_year_cost_before.amount


def fact_of(exact: Fraction) -> Fact:
    """An exact amount as a fact: a whole number of fen, or a ratio in lowest terms."""
    return exact.numerator if exact.denominator == 1 else ratio_text(exact)
