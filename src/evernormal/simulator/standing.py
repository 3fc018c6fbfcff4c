"""What earlier applications count for: caps, the firm's year, awards on a contract."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from evernormal.domain.award import AwardDecision, AwardReason
from evernormal.domain.policy import (
    Cap,
    CapScope,
    Form,
    Measure,
    MinimumSpend,
    OneAwardPerContract,
    OneSideOnly,
    Scheme,
    Side,
    TieredRate,
)
from evernormal.domain.values import Fen
from evernormal.simulator.application import Application
from evernormal.simulator.entitling import Entitled

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Counting:
    """What a scheme counts over applications, in any of its versions."""

    scopes: frozenset[CapScope]
    counts_cost: bool
    counts_awards: bool

    @classmethod
    def of(cls, scheme: Scheme) -> "Counting":
        """Look through every version of every rule."""
        forms = list(_forms(scheme))
        return cls(
            # A claim is counted for itself.
            scopes=frozenset(f.scope for f in forms if isinstance(f, Cap)) - {CapScope.CLAIM},
            counts_cost=any(
                isinstance(f, TieredRate | MinimumSpend) and f.measure is Measure.FIRM_YEAR_COST
                for f in forms
            ),
            counts_awards=any(isinstance(f, OneAwardPerContract | OneSideOnly) for f in forms),
        )


def _forms(scheme: Scheme) -> Iterator[Form]:
    for rule in scheme.rules:
        yield from (version.form for version in rule.versions)


@dataclass(frozen=True, slots=True)
class Weight:
    """What an application counts for later ones: fen given, fen of eligible cost, awards."""

    given: int
    cost: int
    awards: int

    @classmethod
    def waiting(cls, entitled: Entitled, *, cost: int) -> "Weight":
        """An application that waits for its award counts with what it asks.

        cost     fen in the categories that count
        """
        return cls(entitled.asked, cost if entitled.is_eligible else 0, 0)

    @classmethod
    def decided(cls, decision: AwardDecision, *, cost: int) -> "Weight":
        """An award counts, and the cost of a contract that was due nothing.

        Else no sum of small contracts would reach a floor of the firm's year. One for which no
        money was left does not count, as in the real year (docs/rules/amounts.md).

        cost     fen in the categories that count
        """
        counts = decision.is_granted or decision.reason is AwardReason.NOTHING_DUE
        return cls(decision.amount.amount, cost if counts else 0, int(decision.is_granted))


@dataclass(slots=True)
class Standing:
    """Running sums over the applications so far, in fen, by what they are counted for."""

    counting: Counting
    _given: dict[Key, int] = field(default_factory=lambda: defaultdict(int))
    _cost: dict[Key, int] = field(default_factory=lambda: defaultdict(int))
    _awards: dict[Key, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, application: Application, weight: Weight, *, times: int = 1) -> None:
        """Count an application; `times` -1 takes back what was counted for it."""
        for scope in self.counting.scopes:
            self._given[_key(scope, application)] += times * weight.given
        if self.counting.counts_cost:
            self._cost[_key(CapScope.FIRM_YEAR, application)] += times * weight.cost
        if self.counting.counts_awards:
            contract = application.case.contract
            self._awards[("contract", contract.id)] += times * weight.awards
            self._awards[("side", contract.facility_id, contract.side)] += times * weight.awards

    def before(self, application: Application) -> tuple[int, ...]:
        """What is counted for an application, to compare with an earlier look."""
        counting = self.counting
        sums = [self._given[_key(s, application)] for s in _SCOPES if s in counting.scopes]
        if counting.counts_cost:
            sums.append(self._cost[_key(CapScope.FIRM_YEAR, application)])
        if counting.counts_awards:
            sums += [self._awards_on_contract(application), self._awards_other_side(application)]
        return tuple(sums)

    def _awards_on_contract(self, application: Application) -> int:
        return self._awards[("contract", application.case.contract.id)]

    def _awards_other_side(self, application: Application) -> int:
        """Awards for the same facility to the other side; none where no facility is named."""
        contract = application.case.contract
        other = Side.SUPPLY if contract.side is Side.DEMAND else Side.DEMAND
        return self._awards[("side", contract.facility_id, other)] if contract.facility_id else 0

    def told(self, application: Application) -> Application:
        """The application with what is counted for it, on top of what it states itself."""
        case, request = application.case, application.request
        if self.counting.counts_awards:
            case = replace(
                case,
                awards_on_contract=case.awards_on_contract + self._awards_on_contract(application),
                awards_other_side=case.awards_other_side + self._awards_other_side(application),
            )
        already = dict(request.already)
        for scope in self.counting.scopes:
            counted = Fen(self._given[_key(scope, application)])
            already[scope] = already.get(scope, Fen(0)) + counted
        cost = Fen(self._cost[_key(CapScope.FIRM_YEAR, application)])
        request = replace(
            request,
            case=case,
            already=already,
            firm_year_cost_before=request.firm_year_cost_before + cost,
        )
        return replace(application, case=case, request=request)


_SCOPES = tuple(CapScope)


def _key(scope: CapScope, application: Application) -> Key:
    """Applications with the same key are counted together."""
    case = application.case
    year = application.applied_on.year if scope.is_yearly else None
    return (scope, *scope.key_of(case.contract, case.applicant), year)
