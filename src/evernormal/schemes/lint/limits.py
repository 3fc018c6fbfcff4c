"""Lint of caps and pots: caps that never bind, pots that a few firms would empty."""

from collections.abc import Iterator
from fractions import Fraction

from evernormal.domain.policy import (
    AgeAtLeast,
    AgeAtMost,
    Cap,
    CapScope,
    MinimumSpend,
    NetOfTax,
    OneAwardPerContract,
    Pot,
    Rate,
    RequestBetween,
    TierBasis,
    TieredRate,
)
from evernormal.schemes.lint.finding import DayView, Finding, Level
from evernormal.schemes.lint.spans import takes_in

_INSIDE = {
    CapScope.CLAIM: frozenset(CapScope),
    CapScope.CONTRACT: frozenset({CapScope.CONTRACT, CapScope.FIRM, CapScope.GROUP}),
    CapScope.PROVIDER_YEAR: frozenset({CapScope.PROVIDER_YEAR}),
    CapScope.FIRM_YEAR: frozenset(
        {CapScope.FIRM_YEAR, CapScope.FIRM, CapScope.GROUP_YEAR, CapScope.GROUP}
    ),
    CapScope.FIRM: frozenset({CapScope.FIRM, CapScope.GROUP}),
    CapScope.GROUP_YEAR: frozenset({CapScope.GROUP_YEAR, CapScope.GROUP}),
    CapScope.GROUP: frozenset({CapScope.GROUP}),
}
"""Whatever counts under a scope counts under these as well."""

_OF_ONE_YEAR = frozenset({CapScope.PROVIDER_YEAR, CapScope.FIRM_YEAR, CapScope.GROUP_YEAR})
_LIVES = frozenset({CapScope.FIRM, CapScope.GROUP})
_FIRM_SCOPES = (
    CapScope.FIRM_YEAR,
    CapScope.FIRM,
    CapScope.GROUP_YEAR,
    CapScope.GROUP,
    CapScope.CONTRACT,
)


def lint_limits(view: DayView, *, firms_min: int) -> Iterator[Finding]:
    """Look at caps, pot and floor together."""
    pots = [(rule_id, pot.amount.amount) for rule_id, pot in view.every(Pot)]
    for rule_id, cap in view.every(Cap):
        yield from _never_binds(rule_id, cap, view)
        for pot_id, pot in pots:
            if cap.scope not in _LIVES and cap.amount.amount > pot:
                facts = {"amount": cap.amount.amount, "limit": pot, "other": pot_id}
                yield Finding(Level.ERROR, "cap_above_pot", rule_id, facts)
    for pot_id, pot in pots:
        yield from _few_firms(pot_id, pot, view, firms_min=firms_min)
    yield from _contradictions(view)


def _never_binds(rule_id: str, cap: Cap, view: DayView) -> Iterator[Finding]:
    amount = cap.amount.amount
    for other_id, other in view.every(Cap):
        is_lower = other.amount.amount < amount or (
            other.amount == cap.amount and other.scope is cap.scope and other_id < rule_id
        )
        is_met = takes_in(other.when, cap.when) and set(cap.counted_on) <= set(other.counted_on)
        if other_id != rule_id and is_lower and is_met and _is_inside(cap, other, view):
            facts = {"amount": amount, "limit": other.amount.amount, "other": other_id}
            yield Finding(Level.ERROR, "cap_never_binds", rule_id, facts)
    yield from _above_request(rule_id, cap, view)


def _is_inside(cap: Cap, other: Cap, view: DayView) -> bool:
    """Whether all that counts under a cap counts under the other too."""
    if cap.scope is CapScope.CONTRACT and other.scope in _OF_ONE_YEAR:
        # Several awards on one contract may fall into several years.
        return view.one(OneAwardPerContract) is not None
    return other.scope in _INSIDE[cap.scope]


def _above_request(rule_id: str, cap: Cap, view: DayView) -> Iterator[Finding]:
    request, ratio = view.one(RequestBetween), _highest_ratio(view)
    if request is None or ratio is None or cap.scope not in {CapScope.CLAIM, CapScope.CONTRACT}:
        return
    limit = request[1].at_most.amount
    most = _counted(limit, view) * ratio
    if most < cap.amount.amount:
        facts = {
            "amount": cap.amount.amount,
            "limit": limit,
            "most": most.numerator // most.denominator,
            "other": request[0],
        }
        yield Finding(Level.ERROR, "cap_above_request", rule_id, facts)


def _counted(cost: int, view: DayView) -> Fraction:
    """What of a cost with its tax the floor and the rate see."""
    tax = view.one(NetOfTax)
    return cost / (1 + tax[1].ratio) if tax else Fraction(cost)


def _highest_ratio(view: DayView) -> Fraction | None:
    if rate := view.one(Rate):
        return rate[1].ratio
    tiered = view.one(TieredRate)
    if tiered is None:
        return None
    ratios = [tier.ratio for tier in tiered[1].tiers]
    # Tiers that add up may give all their ratios for the same yuan.
    return max(ratios) if tiered[1].basis is TierBasis.WHOLE else sum(ratios, Fraction(0))


def _few_firms(pot_id: str, pot: int, view: DayView, *, firms_min: int) -> Iterator[Finding]:
    """Fewer firms than is sound, each at its highest cap, would empty the pot."""
    caps = view.every(Cap)
    for scope in _FIRM_SCOPES:
        own = [(cap.amount.amount, rule_id) for rule_id, cap in caps if cap.scope is scope]
        if own:
            amount, rule_id = max(own)
            firms = -(-pot // amount)
            if firms < firms_min:
                facts = {"firms": firms, "amount": amount, "other": rule_id, "limit": pot}
                yield Finding(Level.WARNING, "pot_few_firms", pot_id, facts)
            return


def _contradictions(view: DayView) -> Iterator[Finding]:
    """Two rules that no application can meet together."""
    youngest, oldest = view.one(AgeAtLeast), view.one(AgeAtMost)
    if youngest and oldest and youngest[1].months > oldest[1].months:
        yield Finding(Level.ERROR, "never_eligible", youngest[0], {"other": oldest[0]})
    floor, request = view.one(MinimumSpend), view.one(RequestBetween)
    if floor and request and floor[1].spend.amount > _counted(request[1].at_most.amount, view):
        yield Finding(Level.ERROR, "never_eligible", floor[0], {"other": request[0]})
