"""Notches (断崖点): costs beyond which one more yuan of cost takes support away."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from evernormal.domain.award.assessment import amount_rules, check_under
from evernormal.domain.policy import (
    AmountForm,
    Case,
    CostCategory,
    EligibleCost,
    Measure,
    MinimumSpend,
    RequestBetween,
    RoundingRule,
    Scheme,
    SupportRequest,
    TieredRate,
    check_conditions,
    entitle,
)
from evernormal.domain.values import Fen

COST_MAX = Fen(10**14)
"""A thousand billion of the unit: no contract is larger, so the search for an edge ends here."""

FEN_PER_YUAN = 100


@dataclass(frozen=True, slots=True)
class Point:
    """A cost and the support that it gets, in fen; an ineligible case gets 0."""

    cost: Fen
    support: Fen


@dataclass(frozen=True, slots=True)
class Edge:
    """A cost at which support leaps: down it is a notch, up a jump.

    rule_ids      the rules whose bound lies here
    at            the last cost before the leap
    yuan_before   one yuan of cost less than `at`, or no cost at all
    fen_beyond    one fen more than `at`
    yuan_beyond   one yuan more than `at`
    regained_at   of a notch: the lowest higher cost that gets as much as `at`; None: no cost does
    """

    rule_ids: tuple[str, ...]
    at: Point
    yuan_before: Point
    fen_beyond: Point
    yuan_beyond: Point
    regained_at: Fen | None = None

    @property
    def is_notch(self) -> bool:
        """Whether one fen more of cost takes support away."""
        return self.fen_beyond.support < self.at.support

    @property
    def leap(self) -> Fen:
        """What one fen more of cost adds to the support; below 0 in a notch."""
        return self.fen_beyond.support - self.at.support


@dataclass(frozen=True, slots=True)
class _Bound:
    """Where a rule changes: from an amount on, or only above it."""

    rule_id: str
    amount: int
    is_above: bool


def find_edges(
    scheme: Scheme, *, case: Case, request: SupportRequest, on: date
) -> tuple[Edge, ...]:
    """Find every cost at which the support of a case leaps.

    The whole cost stands in one eligible category and is varied; all else stays as it is.
    Between two bounds of the rules more cost never gives less, so only bounds are looked at.

    case      the case; what its contract costs does not matter
    request   what was given and spent before; its costs do not matter
    on        the day that chooses the versions of the rules
    returns   edges by cost
    raises    UnknownRule when the scheme has no rounding rule, or nothing that gives an amount
    source    docs/rules/notches.md
    """
    curve = _Curve(scheme, case=case, request=request, on=on)
    starts: dict[int, list[str]] = {}
    for bound in curve.bounds():
        start = curve.start_of(bound)
        if start and bound.rule_id not in starts.setdefault(start, []):
            starts[start].append(bound.rule_id)
    edges = []
    for start, rule_ids in sorted(starts.items()):
        edge = _edge(curve, start, rule_ids)
        if edge.is_notch:
            later = [other for other in sorted(starts) if other > start]
            edges.append(replace(edge, regained_at=_regained_at(curve, edge, later)))
        elif edge.leap.amount > curve.unit_fen + 1:
            # More than rounding makes of one fen.
            edges.append(edge)
    return tuple(edges)


def _edge(curve: "_Curve", start: int, rule_ids: list[str]) -> Edge:
    return Edge(
        rule_ids=tuple(rule_ids),
        at=curve.point(start - 1),
        yuan_before=curve.point(max(start - 1 - FEN_PER_YUAN, 0)),
        fen_beyond=curve.point(start),
        yuan_beyond=curve.point(start - 1 + FEN_PER_YUAN),
    )


def _regained_at(curve: "_Curve", edge: Edge, later: list[int]) -> Fen | None:
    """The lowest cost beyond a notch with no less support: each stretch is searched by halves."""
    target, low = edge.at.support, edge.fen_beyond.cost.amount
    for end in (*later, COST_MAX.amount + 1):
        if curve.support(end - 1) >= target:
            return Fen(_first(low, end - 1, lambda cost: curve.support(cost) >= target))
        low = end
    return None


class _Curve:
    """Support as a function of cost, all else being as the case has it."""

    def __init__(self, scheme: Scheme, *, case: Case, request: SupportRequest, on: date) -> None:
        _, self._rounding = scheme.get(RoundingRule, on)
        self._rules = amount_rules(scheme, on)
        self._request = request
        self._case = case
        self._asked = scheme.find_all(RequestBetween, on)
        asked_ids = {rule_id for rule_id, _ in self._asked}
        checks = check_under(scheme, case=case, on=on)
        self._is_eligible = all(c.passed for c in checks if c.rule_id not in asked_ids)
        self._category = _category_of(self._rules)

    @property
    def unit_fen(self) -> int:
        return self._rounding.rounding.unit_fen

    def bounds(self) -> Iterator[_Bound]:
        """Every amount of cost at which a rule changes."""
        for rule_id, asked in self._asked:
            yield _Bound(rule_id, asked.at_least.amount, is_above=False)
            yield _Bound(rule_id, asked.at_most.amount, is_above=True)
        for rule_id, form in self._rules:
            match form:
                case MinimumSpend():
                    yield _Bound(rule_id, form.spend.amount, is_above=False)
                case TieredRate():
                    yield from _tier_bounds(rule_id, form)
                case _:  # no other form looks at how large the cost is
                    pass

    def start_of(self, bound: _Bound) -> int | None:
        """The lowest cost that lies beyond a bound; None when none or every cost does."""
        if self._is_beyond(bound, 0) or not self._is_beyond(bound, COST_MAX.amount):
            return None
        # Without a window or roundings between, the bound itself is the cost: two looks tell.
        before = self._request.firm_year_cost_before.amount
        for guess in (bound.amount, bound.amount - before):
            start = guess + int(bound.is_above)
            if 0 < start <= COST_MAX.amount and self._starts_at(bound, start):
                return start
        return _first(0, COST_MAX.amount, lambda cost: self._is_beyond(bound, cost))

    def _starts_at(self, bound: _Bound, cost: int) -> bool:
        return self._is_beyond(bound, cost) and not self._is_beyond(bound, cost - 1)

    def point(self, cost: int) -> Point:
        return Point(Fen(cost), self.support(cost))

    def support(self, cost: int) -> Fen:
        case = self._with_cost(cost)
        if not self._is_eligible or not all(
            check.passed for check in check_conditions(self._asked, case=case)
        ):
            return Fen(0)
        return entitle(self._rules, request=self._asking(case), rounding=self._rounding).amount

    def _is_beyond(self, bound: _Bound, cost: int) -> bool:
        measured = self._measured(bound.rule_id, cost)
        return measured > bound.amount if bound.is_above else measured >= bound.amount

    def _measured(self, rule_id: str, cost: int) -> Fraction:
        """What a rule compares with its bounds: the cost as it reaches the rule."""
        form = dict(self._rules).get(rule_id)
        if not isinstance(form, MinimumSpend | TieredRate):
            return Fraction(cost)
        asking = self._asking(self._with_cost(cost))
        steps = entitle(self._rules, request=asking, rounding=self._rounding).steps
        reaching = next(step.before for step in steps if step.rule_id == rule_id)
        if form.measure is Measure.FIRM_YEAR_COST:
            return reaching + self._request.firm_year_cost_before.amount
        return reaching

    def _with_cost(self, cost: int) -> Case:
        contract = replace(self._case.contract, costs={self._category: Fen(cost)})
        return replace(self._case, contract=contract)

    def _asking(self, case: Case) -> SupportRequest:
        return replace(self._request, case=case, costs=case.contract.costs)


def _category_of(rules: list[tuple[str, AmountForm]]) -> CostCategory:
    """A category of cost that counts; of several rules, the last one has the say."""
    eligible = [form for _, form in rules if isinstance(form, EligibleCost)]
    return eligible[-1].categories[0] if eligible else CostCategory.COMPUTE


def _tier_bounds(rule_id: str, form: TieredRate) -> Iterator[_Bound]:
    for tier in form.tiers:
        if tier.low is not None:
            yield _Bound(rule_id, tier.low.amount.amount, is_above=not tier.low.is_inside)
        if tier.high is not None:
            yield _Bound(rule_id, tier.high.amount.amount, is_above=tier.high.is_inside)


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The lowest number from low to high for which something holds; from there on it does."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low
