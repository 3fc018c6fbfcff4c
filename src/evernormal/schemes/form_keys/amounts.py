"""How the forms that make amounts are written."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from evernormal.domain.policy import (
    BOTH_ACTS,
    EVERY_CASE,
    Bound,
    Cap,
    CapacitySupport,
    CapCount,
    CapScope,
    CostCategory,
    CostWindow,
    EligibleCost,
    Measure,
    MinimumSpend,
    NetOfTax,
    Rate,
    RoundingRule,
    Selector,
    StackingCap,
    Text,
    Tier,
    TierBasis,
    TieredRate,
)
from evernormal.domain.values import DayCount, Fen, Rounding, RoundingMode
from evernormal.schemes.form_keys.selectors import SELECTOR
from evernormal.schemes.kinds import (
    Kind,
    Unfit,
    day_kind,
    flag_kind,
    list_kind,
    money_kind,
    period_of,
    ratio_kind,
    table_kind,
    whole_kind,
    word_kind,
    words_kind,
)

# A thousand yuan as a unit of rounding: more is a slip.
_UNIT_FEN_MAX = 100_000
_TIERS_MAX = 50


def _cost_window(first: date, last: date, day_count: DayCount) -> CostWindow:
    return CostWindow(window=period_of(first, last), day_count=day_count)


def _minimum_spend(amount: Fen, measure: Measure = Measure.COST) -> MinimumSpend:
    return MinimumSpend(spend=amount, measure=measure)


def _rate(*, ratio: Fraction, up_to: bool) -> Rate:
    return Rate(ratio=ratio, is_ceiling=up_to)


def _tier(
    label: Text,
    ratio: Fraction,
    when: Selector = EVERY_CASE,
    **bounds: Fen,
) -> Tier:
    low = _bound(bounds, inside="at_least", outside="above")
    high = _bound(bounds, inside="at_most", outside="below")
    if low and high and (low.amount > high.amount or _is_empty(low, high)):
        raise Unfit("No amount lies between the bounds. Swap or correct them.")
    return Tier(label=label, ratio=ratio, when=when, low=low, high=high)


def _bound(bounds: Mapping[str, Fen], *, inside: str, outside: str) -> Bound | None:
    if inside in bounds and outside in bounds:
        raise Unfit(f"{inside} and {outside} both set one bound. Keep one of them.")
    if inside in bounds:
        return Bound(bounds[inside], is_inside=True)
    return Bound(bounds[outside], is_inside=False) if outside in bounds else None


def _is_empty(low: Bound, high: Bound) -> bool:
    return low.amount == high.amount and not (low.is_inside and high.is_inside)


def _tiered_rate(
    *, measure: Measure, basis: TierBasis, up_to: bool, tiers: tuple[Tier, ...]
) -> TieredRate:
    return TieredRate(measure=measure, basis=basis, is_ceiling=up_to, tiers=tiers)


def _capacity_support(per_pflops: Fen) -> CapacitySupport:
    return CapacitySupport(per_pflops=per_pflops)


def _cap(
    scope: CapScope,
    amount: Fen,
    counted_on: tuple[CapCount, ...] = BOTH_ACTS,
    when: Selector = EVERY_CASE,
) -> Cap:
    return Cap(scope=scope, amount=amount, counted_on=counted_on, when=when)


def _rounding(*, mode: RoundingMode, unit_fen: int, at_each_step: bool) -> RoundingRule:
    return RoundingRule(rounding=Rounding(mode, unit_fen), at_each_step=at_each_step)


_AMOUNT = money_kind(low=1)
_TIER_KEYS: dict[str, Kind[Any]] = {
    "label": words_kind(),
    "when": SELECTOR,
    "at_least": money_kind(),
    "above": money_kind(),
    "at_most": money_kind(),
    "below": money_kind(),
    "ratio": ratio_kind(),
}
_TIER = table_kind(_TIER_KEYS, _tier, optional=frozenset(_TIER_KEYS) - {"label", "ratio"})

FORMS: Mapping[str, tuple[Any, ...]] = {
    EligibleCost.name: (
        {"categories": list_kind(word_kind(CostCategory), most=len(CostCategory))},
        EligibleCost,
    ),
    NetOfTax.name: ({"ratio": ratio_kind()}, NetOfTax),
    CostWindow.name: (
        {"first": day_kind(), "last": day_kind(), "day_count": word_kind(DayCount)},
        _cost_window,
    ),
    MinimumSpend.name: (
        {"amount": _AMOUNT, "measure": word_kind(Measure)},
        _minimum_spend,
        {"optional": ["measure"]},
    ),
    Rate.name: ({"ratio": ratio_kind(), "up_to": flag_kind()}, _rate),
    TieredRate.name: (
        {
            "measure": word_kind(Measure),
            "basis": word_kind(TierBasis),
            "up_to": flag_kind(),
            "tiers": list_kind(_TIER, most=_TIERS_MAX),
        },
        _tiered_rate,
    ),
    CapacitySupport.name: ({"per_pflops": _AMOUNT}, _capacity_support),
    StackingCap.name: ({"total": ratio_kind()}, StackingCap),
    Cap.name: (
        {
            "scope": word_kind(CapScope),
            "amount": _AMOUNT,
            "counted_on": list_kind(word_kind(CapCount), most=len(CapCount)),
            "when": SELECTOR,
        },
        _cap,
        {"optional": ["counted_on", "when"], "repeats": True},
    ),
    RoundingRule.name: (
        {
            "mode": word_kind(RoundingMode),
            "unit_fen": whole_kind(1, _UNIT_FEN_MAX),
            "at_each_step": flag_kind(),
        },
        _rounding,
    ),
}
