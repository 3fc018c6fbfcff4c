"""Every form of amount, applied to rows in the order of `policy.amounts.entitle`.

Each function gives every row what the form's own `apply` gives its request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import singledispatch
from itertools import pairwise
from math import lcm

import numpy as np
from numpy.typing import NDArray

from evernormal.domain.policy import (
    Cap,
    CapacitySupport,
    CostWindow,
    EligibleCost,
    Measure,
    MinimumSpend,
    NetOfTax,
    Rate,
    RateForm,
    RoundingRule,
    StackingCap,
    Tier,
    TierBasis,
    TieredRate,
)
from evernormal.domain.policy.amounts import Bound
from evernormal.domain.policy.amounts.entitlement import LimbForm
from evernormal.domain.values import DayCount, RoundingMode
from evernormal.engines.entitlement.arrays import FlagColumn, all_of
from evernormal.engines.entitlement.exact import Exact, rounded
from evernormal.engines.entitlement.rows import Rows
from evernormal.engines.entitlement.selectors import matching
from evernormal.engines.entitlement.whole import ZERO, Whole

StepForm = EligibleCost | LimbForm
_NOTHING = Exact(ZERO)
_NO_CAP = Whole.constant(2**63 - 1)


@dataclass(slots=True)
class Working:
    """Where a calculation stands.

    amount   fen so far
    base     fen that the rate saw
    room     whole fen that caps leave; None: no cap so far, or rounding never goes up
    """

    rows: Rows
    rounding: RoundingRule
    amount: Exact = _NOTHING
    base: Exact = _NOTHING
    room: Whole | None = None

    def narrow(self, left: Exact, where: FlagColumn | None) -> None:
        """Note what a cap leaves in some rows: a rounding up must not exceed it."""
        if self.rounding.rounding.mode is RoundingMode.TRUNCATE:
            return
        left_fen = left.over // left.under
        before = _NO_CAP if self.room is None else self.room
        self.room = before.least(left_fen).where(where, before)

    def rounded(self, exact: Exact) -> Whole:
        """Whole fen, by the scheme's rule."""
        return rounded(exact, self.rounding.rounding, room=self.room)


@dataclass(frozen=True, slots=True, eq=False)
class Entitled:
    """Whole fen of some rows, the number of the form that bound (0: none), and the steps."""

    amount: Whole
    limb: NDArray[np.int16]
    steps: tuple[tuple[Exact, Exact], ...]


def entitle_rows(forms: Sequence[StepForm], rounding: RoundingRule, rows: Rows) -> Entitled:
    """What the amount rules give to rows, as `entitle`.

    forms    as `in_order` puts them
    returns  amounts; limb as a place in `forms` from 1, or 0 for none; (exact, after) of each step
    raises   Beyond64Bits when a row within the rows' limits could overflow, whatever is in them
    """
    working = Working(rows, rounding)
    limb = np.zeros(rows.size, dtype=np.int16)
    steps = []
    for place, form in enumerate(forms):
        before = working.amount
        if isinstance(form, RateForm):
            working.base = before
        exact = applied(form, working)
        after = Exact(working.rounded(exact)) if rounding.at_each_step else exact
        binds = np.asarray(_binds(form, before=before, after=after)).view(np.int8)
        np.maximum(limb, binds * np.int16(place + 1), out=limb)
        steps.append((exact, after))
        working.amount = after
    # What was rounded at its last step stays as it is when it is rounded again.
    whole = working.amount.over if rounding.at_each_step else working.rounded(working.amount)
    return Entitled(whole, limb, tuple(steps))


def _binds(form: StepForm, *, before: Exact, after: Exact) -> FlagColumn:
    match form:
        case EligibleCost():
            return np.equal(after.over.values, 0)
        case NetOfTax() | CostWindow():
            return np.equal(after.over.values, 0) & np.greater(before.over.values, 0)
        case CapacitySupport():
            return np.ones((), dtype=np.bool_)
        case Rate() | TieredRate():
            return np.greater(before.over.values, 0)
        case _:
            return after.is_less(before)


@singledispatch
def applied(form: StepForm, _working: Working) -> Exact:
    """What a form makes of the amount so far."""
    raise TypeError(f"No twin of {form.name}: write it in this file.")


@applied.register
def _(form: EligibleCost, working: Working) -> Exact:
    counted = ZERO
    for category in dict.fromkeys(form.categories):
        counted += working.rows.cost(category)
    return Exact(counted)


@applied.register
def _(form: NetOfTax, working: Working) -> Exact:
    return working.amount.times(Fraction(1) / (1 + form.ratio))


@applied.register
def _(form: CostWindow, working: Working) -> Exact:
    rows, less = working.rows, int(form.day_count is DayCount.DIFFERENCE)
    starts_on, ends_on = rows.read("request_starts_on"), rows.read("request_ends_on")
    first, end = form.window.starts_on.toordinal(), form.window.ends_on.toordinal()
    inside = np.minimum(ends_on, end) - np.maximum(starts_on, first)
    days, days_inside = ends_on - starts_on - less, np.maximum(inside - less, 0)
    if less:
        # A contract of one day has no days by the difference: all of it is inside, or nothing.
        is_one_day = days == 0
        days, days_inside = days + is_one_day, np.where(is_one_day, inside > 0, days_inside)
    most = rows.days_most
    share = Whole(days_inside.astype(np.int64), low=0, high=most)
    before = working.amount
    under = before.days * Whole(days.astype(np.int64), low=1, high=most)
    return Exact(before.over * share, before.scale, under)


@applied.register
def _(form: MinimumSpend, working: Working) -> Exact:
    before = working.amount
    figure = _measured(form.measure, working)
    least = figure.of(Whole.constant(form.spend.amount))
    reached: FlagColumn = figure.over.values >= least.values
    return Exact(before.over.where(reached, ZERO), before.scale, before.days)


@applied.register
def _(form: Rate, working: Working) -> Exact:
    return working.amount.times(form.ratio)


@applied.register
def _(form: TieredRate, working: Working) -> Exact:
    under = lcm(*(tier.ratio.denominator for tier in form.tiers))
    share = _by_part if form.basis is TierBasis.MARGINAL else _by_tier
    over = share(form, working, under)
    return Exact(over, working.amount.scale * under, working.amount.days)


def _by_tier(form: TieredRate, working: Working, under: int) -> Whole:
    """All of the cost by the first tier that holds the measured amount, `under` times."""
    end = _measured(form.measure, working)
    ratio = ZERO
    for tier in reversed(form.tiers):
        fits = all_of([matching(tier.when, working.rows), *_held(tier, end)])
        ratio = Whole.constant(_over(tier, under)).where(fits, ratio)
    return working.amount.over * ratio


def _by_part(form: TieredRate, working: Working, under: int) -> Whole:
    """Each part of the cost by the first tier that covers it, over the cost's own denominator.

    under    what the ratios are multiplied with, so that they are whole
    """
    end = _measured(form.measure, working)
    start = ZERO
    if form.measure is Measure.FIRM_YEAR_COST:
        start = end.of(working.rows.figure("firm_year_cost_before"))
    total = ZERO
    for low, high in pairwise([None, *sorted({c for t in form.tiers for c in t.cuts()}), None]):
        first = start if low is None else start.most(end.of(Whole.constant(int(low))))
        last = end.over if high is None else end.over.least(end.of(Whole.constant(int(high))))
        ratio = ZERO
        for tier in reversed(form.tiers):
            if _covers(tier, low, high):
                fits = matching(tier.when, working.rows)
                ratio = Whole.constant(_over(tier, under)).where(fits, ratio)
        total += (last - first).most(ZERO) * ratio
    return total


def _covers(tier: Tier, low: Fraction | None, high: Fraction | None) -> bool:
    """Whether a stretch between two cuts, an open end being None, lies between the bounds."""
    begins = tier.low is None or (low is not None and tier.low.amount.amount <= low)
    return begins and (tier.high is None or (high is not None and high <= tier.high.amount.amount))


def _held(tier: Tier, end: Exact) -> list[FlagColumn]:
    tests: list[FlagColumn] = []
    if tier.low is not None:
        above = np.greater_equal if tier.low.is_inside else np.greater
        tests.append(above(end.over.values, _end(tier.low, end).values))
    if tier.high is not None:
        below = np.less_equal if tier.high.is_inside else np.less
        tests.append(below(end.over.values, _end(tier.high, end).values))
    return tests


def _end(bound: Bound, amount: Exact) -> Whole:
    return amount.of(Whole.constant(bound.amount.amount))


def _over(tier: Tier, under: int) -> int:
    return tier.ratio.numerator * (under // tier.ratio.denominator)


@applied.register
def _(form: CapacitySupport, working: Working) -> Exact:
    return Exact(working.rows.figure("capacity_pflops").times(form.per_pflops.amount))


@applied.register
def _(form: StackingCap, working: Working) -> Exact:
    ceiling = working.base.times(form.total)
    other = ceiling.of(working.rows.figure("other_support"))
    left = Exact((ceiling.over - other).most(ZERO), ceiling.scale, ceiling.days)
    working.narrow(left, None)
    return working.amount.least(left)


@applied.register
def _(form: Cap, working: Working) -> Exact:
    rows = working.rows
    counted = all_of([matching(form.when, rows), rows.is_one_of("counted_on", form.counted_on)])
    left = Exact((Whole.constant(form.amount.amount) - rows.already(form.scope)).most(ZERO))
    working.narrow(left, counted)
    return working.amount.least(left, where=counted)


def _measured(measure: Measure, working: Working) -> Exact:
    amount = working.amount
    if measure is Measure.COST:
        return amount
    before = amount.of(working.rows.figure("firm_year_cost_before"))
    return Exact(amount.over + before, amount.scale, amount.days)
