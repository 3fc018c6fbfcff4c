"""What an application would be given if one thing were otherwise, by the same evaluator."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import TypeVar

from evernormal.domain.award.assessment import Assessment, assess
from evernormal.domain.award.fact_change import (
    FactChange,
    changes_to_match,
    changes_to_pass,
    with_more_cost,
)
from evernormal.domain.policy import (
    Cap,
    Case,
    CostWindow,
    EligibleCost,
    Form,
    MinimumSpend,
    Scheme,
    StackingCap,
    Step,
    SupportRequest,
    Text,
    Tier,
    TierBasis,
    TieredRate,
)
from evernormal.domain.policy.findings import Fact
from evernormal.domain.values import Fen

_REACH = Fraction(1, 2)
"""A bound is within reach when half of the cost, more or less, would get there."""

_LIMITS = (CostWindow, MinimumSpend, StackingCap, Cap)
_NEAR_FEN = (-100, -1, 0, 1, 100)
"""Where a tier begins: at its bound, or next to it by a fen, or by a yuan where steps round."""

F = TypeVar("F", bound=Form)


class CounterfactualKind(Enum):
    """What would be otherwise."""

    CONDITION = "CONDITION"
    LIMIT = "LIMIT"
    TIER = "TIER"
    FACT = "FACT"
    COST = "COST"
    BOUND = "BOUND"


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """What the same application would be given if one thing were otherwise.

    rule_id     the rule that makes the difference
    difference  fen more than now; less where negative
    entitled    fen then
    changes     what would be otherwise. CONDITION, TIER, FACT: `fact` and its `value`; CONDITION
                without them: no single fact. LIMIT: `without`, the rules that would not be
                there. COST: the `category` that would count, and its `cost_fen`. BOUND: `fact`,
                `value` and `more_fen`, the cost more or less than now
    label       the tier's own name then, where there is one
    """

    kind: CounterfactualKind
    rule_id: str
    difference: Fen
    entitled: Fen
    changes: Mapping[str, Fact]
    label: Text | None = None


def counterfactuals(
    scheme: Scheme, *, case: Case, request: SupportRequest, on: date
) -> tuple[Counterfactual, ...]:
    """Find what bound, and what else would change the amount.

    case      as in `assess`
    request   as in `assess`
    on        the day that chooses the rule versions
    returns   what would lift the only failed condition; each limit that bound; every other tier
              or cap that one changed fact would bring; cost that does not count; the next bounds
              of the cost within reach. A change after which another condition fails is left out.
              Differences of an ineligible application are those of what the rules would give
    raises    UnknownRule
    """
    request = replace(request, case=case)
    asked = _Asked(scheme, request, on, assess(scheme, case=case, request=request, on=on))
    found = [
        *_conditions(asked),
        *_limits(asked),
        *_facts(asked),
        *_costs(asked),
        *_bounds(asked),
    ]
    kinds = list(CounterfactualKind)
    return tuple(sorted(found, key=lambda c: (kinds.index(c.kind), -c.difference.amount)))


@dataclass(frozen=True, slots=True)
class _Asked:
    """The application as it is, and how to ask again."""

    scheme: Scheme
    request: SupportRequest
    on: date
    now: Assessment

    @property
    def entitled(self) -> Fen:
        return self.now.entitlement.amount

    def again(self, request: SupportRequest, scheme: Scheme | None = None) -> Assessment:
        """The same under another request, or another scheme; a changed day chooses the rules."""
        applied_on = request.case.contract.applied_on
        moved = applied_on != self.request.case.contract.applied_on
        on = applied_on if moved else self.on
        return assess(scheme or self.scheme, case=request.case, request=request, on=on)

    def breaks(self, then: Assessment) -> bool:
        """Whether a condition fails then that holds now."""
        return bool(_failed(then) - _failed(self.now))

    def rules(self, form: type[F]) -> Sequence[tuple[str, F]]:
        return self.scheme.find_all(form, self.on)

    def told(
        self,
        kind: CounterfactualKind,
        rule_id: str,
        then: Assessment,
        changes: Mapping[str, Fact],
    ) -> Counterfactual:
        amount = then.entitlement.amount
        tier = _tier_step(then)
        label = None
        if tier is not None and "tier_en" in tier.facts:
            label = Text(en=str(tier.facts["tier_en"]), zh=str(tier.facts["tier_zh"]))
        return Counterfactual(kind, rule_id, amount - self.entitled, amount, changes, label)


def _failed(assessment: Assessment) -> set[str]:
    return {check.rule_id for check in assessment.checks if not check.passed}


def _tier_step(assessment: Assessment) -> Step | None:
    steps = assessment.entitlement.steps
    return next((step for step in steps if step.form == TieredRate.name), None)


def _tier_number(assessment: Assessment) -> Fact:
    step = _tier_step(assessment)
    return None if step is None else step.facts["tier"]


def _conditions(asked: _Asked) -> Iterator[Counterfactual]:
    """The only condition that fails: what the rules give if it held."""
    failed = _failed(asked.now)
    if len(failed) != 1:
        return
    rule_id = failed.pop()
    condition = asked.scheme.get_rule(rule_id).on(asked.on).form
    best: tuple[FactChange, Assessment] | None = None
    for change in changes_to_pass(condition, asked.request):  # type: ignore[arg-type]
        then = asked.again(change.request)
        if then.is_eligible and (best is None or _gives_more(then, best[1])):
            best = change, then
    if best is None:
        given = asked.entitled
        yield Counterfactual(CounterfactualKind.CONDITION, rule_id, given, given, {})
        return
    change, then = best
    given = then.entitlement.amount
    changes = {"fact": change.fact, "value": change.value}
    yield Counterfactual(CounterfactualKind.CONDITION, rule_id, given, given, changes)


def _gives_more(then: Assessment, other: Assessment) -> bool:
    return then.entitlement.amount > other.entitlement.amount


def _limits(asked: _Asked) -> Iterator[Counterfactual]:
    """Each limit that bound: what the rules give without it, and without what then binds alike."""
    limits = {rule_id for form in _LIMITS for rule_id, _ in asked.rules(form)}
    told: set[frozenset[str]] = set()
    for step in asked.now.entitlement.steps:
        if step.rule_id not in limits or step.exact >= step.before:
            continue
        out, then = [step.rule_id], asked.again(asked.request, _without(asked, [step.rule_id]))
        while then.entitlement.amount == asked.entitled and then.entitlement.limb in limits:
            out.append(then.entitlement.limb)
            then = asked.again(asked.request, _without(asked, out))
        if then.entitlement.amount != asked.entitled and frozenset(out) not in told:
            told.add(frozenset(out))
            changes = {"without": " ".join(out)}
            yield asked.told(CounterfactualKind.LIMIT, step.rule_id, then, changes)


def _without(asked: _Asked, rule_ids: Sequence[str]) -> Scheme:
    rules = tuple(rule for rule in asked.scheme.rules if rule.id not in rule_ids)
    return replace(asked.scheme, rules=rules)


def _facts(asked: _Asked) -> Iterator[Counterfactual]:
    """Every tier and every cap that is not for this case and would be with one fact changed."""
    told: set[tuple[str, Fact]] = set()
    for kind, rule_id, number, change in _fact_changes(asked):
        then = asked.again(change.request)
        is_other_tier = number and _tier_number(then) not in {0, number}
        if (change.fact, change.value) in told or is_other_tier or asked.breaks(then):
            continue
        if then.entitlement.amount != asked.entitled:
            told.add((change.fact, change.value))
            changes = {"fact": change.fact, "value": change.value}
            yield asked.told(kind, rule_id, then, changes)


def _fact_changes(
    asked: _Asked,
) -> Iterator[tuple[CounterfactualKind, str, int, FactChange]]:
    """Kind, rule, the number of the tier (0: none) and the change that would bring it."""
    for rule_id, rate in asked.rules(TieredRate):
        for number, tier in enumerate(rate.tiers, start=1):
            for change in changes_to_match(tier.when, asked.request):
                yield CounterfactualKind.TIER, rule_id, number, change
    for rule_id, cap in asked.rules(Cap):
        for change in changes_to_match(cap.when, asked.request):
            yield CounterfactualKind.FACT, rule_id, 0, change


def _costs(asked: _Asked) -> Iterator[Counterfactual]:
    """Each category of cost that does not count, and what it would bring if it did."""
    for rule_id, form in asked.rules(EligibleCost):
        for category, cost in asked.request.costs.items():
            if category in form.categories or not cost.amount:
                continue
            wider = EligibleCost((*form.categories, category))
            then = asked.again(asked.request, _with_form(asked, rule_id, wider))
            if then.entitlement.amount != asked.entitled:
                changes = {"category": category.value, "cost_fen": cost.amount}
                yield asked.told(CounterfactualKind.COST, rule_id, then, changes)


def _with_form(asked: _Asked, rule_id: str, form: Form) -> Scheme:
    """The scheme with one rule's value in force put otherwise."""
    rules = []
    for rule in asked.scheme.rules:
        if rule.id == rule_id:
            version = rule.on(asked.on)
            kept = tuple(v for v in rule.versions if v is not version)
            versions = sorted((*kept, replace(version, form=form)), key=lambda v: v.starts_on)
            rules.append(replace(rule, versions=tuple(versions)))
        else:
            rules.append(rule)
    return replace(asked.scheme, rules=tuple(rules))


def _bounds(asked: _Asked) -> Iterator[Counterfactual]:
    """The next bound upwards and downwards in cost that changes the tier, or meets the floor."""
    for rule_id, rate in asked.rules(TieredRate):
        tiers = [tier for tier in rate.tiers if tier.when.matches(asked.request.case)]
        edges = sorted({bound for tier in tiers for bound in _edges(tier)})
        is_whole = rate.basis is TierBasis.WHOLE
        near = {edge + by for edge in edges for by in _NEAR_FEN} if is_whole else set(edges)
        yield from _nearest(asked, rule_id, sorted(near), any_change=not is_whole)
    for rule_id, floor in asked.rules(MinimumSpend):
        spend = floor.spend.amount
        yield from _nearest(asked, rule_id, [spend - 1, spend], any_change=False)


def _edges(tier: Tier) -> Iterator[int]:
    for bound in (tier.low, tier.high):
        if bound is not None:
            yield bound.amount.amount


def _nearest(
    asked: _Asked, rule_id: str, targets: Sequence[int], *, any_change: bool
) -> Iterator[Counterfactual]:
    """The nearest target above, and below, at which the rule's own answer, and the amount, change.

    targets     fen of what the rule measures, in order
    any_change  whether the target itself is told, as where tiers add up; then only upwards
    """
    measured = _measured(asked.now, rule_id, asked.request)
    above = [target for target in targets if target > measured]
    below = [] if any_change else [target for target in reversed(targets) if target < measured]
    for direction in (above, below):
        for target in direction:
            found = _at_target(asked, rule_id, Fraction(target) - measured)
            if found is None:
                break
            more, fact, then = found
            changes_answer = _answer(then, rule_id) != _answer(asked.now, rule_id)
            is_told = any_change or changes_answer
            if is_told and then.entitlement.amount != asked.entitled and not asked.breaks(then):
                yield asked.told(
                    CounterfactualKind.BOUND, rule_id, then, {**fact, "more_fen": more}
                )
                break


def _measured(now: Assessment, rule_id: str, request: SupportRequest) -> Fraction:
    step = _step_of(now, rule_id)
    measured = step.facts.get("measured")
    if isinstance(measured, int | str):
        return Fraction(measured)
    before = request.firm_year_cost_before.amount
    return step.before + (before if step.facts.get("measure") == "FIRM_YEAR_COST" else 0)


def _answer(assessment: Assessment, rule_id: str) -> Fact:
    facts = _step_of(assessment, rule_id).facts
    return facts.get("tier", facts.get("reached"))


def _step_of(assessment: Assessment, rule_id: str) -> Step:
    return next(step for step in assessment.entitlement.steps if step.rule_id == rule_id)


def _at_target(
    asked: _Asked, rule_id: str, way: Fraction
) -> tuple[int, Mapping[str, Fact], Assessment] | None:
    """Ask again with cost that makes the rule measure `way` more fen; None: out of reach."""
    request = asked.request
    eligible = {c for _, form in asked.rules(EligibleCost) for c in form.categories}
    costs = {c: cost.amount for c, cost in request.costs.items() if c in eligible}
    counted = sum(costs.values())
    before = _step_of(asked.now, rule_id).before
    if not counted or not before:
        return None
    more = _away(way * counted / before)
    category = max(costs, key=lambda name: costs[name])
    if abs(more) > counted * _REACH or costs[category] + more < 0:
        return None
    then = asked.again(with_more_cost(request, category, more))
    return more, {"fact": f"cost.{category.value}", "value": costs[category] + more}, then


def _away(exact: Fraction) -> int:
    """Whole fen, away from zero, so that the target is reached."""
    whole = -(-abs(exact.numerator) // exact.denominator)
    return whole if exact > 0 else -whole
