"""Law 12: the steps of an explanation recompute to its result; stacking stays within its total."""

from datetime import date
from fractions import Fraction

from hypothesis import event, given
from hypothesis.strategies import just

from evernormal.domain.award import assess
from evernormal.domain.policy import (
    Entitlement,
    RateForm,
    RoundingRule,
    Scheme,
    StackingCap,
    Step,
    SupportRequest,
)
from evernormal.domain.values import Fen, Period, Rounding, RoundingMode
from evernormal.simulator import Application
from tests.simulator.generated import applications, schemes

RATES = tuple(form.name for form in RateForm.__args__)


def entitled(scheme: Scheme, one: Application) -> Entitlement:
    found = assess(scheme, case=one.case, request=one.request, on=one.applied_on)
    return found.entitlement


def number(step: Step, name: str) -> Fraction:
    """A fact as a number: whole, or as "a/b"."""
    found = step.facts[name]
    assert isinstance(found, int | str)
    return Fraction(found)


def recomputed(step: Step, request: SupportRequest, base: Fraction) -> Fraction:
    """What a step's formula gives, from its facts alone and what was asked."""
    match step.form:
        case "eligible_cost":
            named = str(step.facts["categories"]).split()
            return Fraction(sum(f.amount for c, f in request.costs.items() if c.value in named))
        case "net_of_tax":
            return step.before / (1 + number(step, "ratio"))
        case "cost_window":
            return step.before * _share_inside(step, request)
        case "rate" | "tiered_rate":
            return step.before * number(step, "ratio")
        case "capacity_support":
            return number(step, "pflops") * number(step, "per_pflops_fen")
        case _:
            return _limited(step, request, base)


def _limited(step: Step, request: SupportRequest, base: Fraction) -> Fraction:
    match step.form:
        case "minimum_spend":
            measured = step.before + _earlier(step, request)
            return step.before if measured >= number(step, "minimum_fen") else Fraction(0)
        case "stacking_cap":
            left = base * number(step, "total") - number(step, "other_fen")
            return min(step.before, max(left, Fraction(0)))
        case "cap":
            if step.facts["counted_on"] != "AWARD":
                return step.before
            left = number(step, "cap_fen") - number(step, "before_fen")
            return min(step.before, max(left, Fraction(0)))
        case _:
            raise AssertionError(step.form)


def _earlier(step: Step, request: SupportRequest) -> int:
    is_year = step.facts["measure"] == "FIRM_YEAR_COST"
    return request.firm_year_cost_before.amount if is_year else 0


def _share_inside(step: Step, request: SupportRequest) -> Fraction:
    first, last = (date.fromisoformat(str(step.facts[name])) for name in ("first", "last"))
    window = Period.of_days(first, last)
    if window.overlap(request.term) == request.term:
        return Fraction(1)
    days = number(step, "days")
    return number(step, "days_inside") / days if days else Fraction(0)


def rounded(exact: Fraction, rounding: Rounding, room: Fraction | None) -> Fraction:
    """Round by the scheme's rule, but never over what a limit has left."""
    up = Fraction(rounding.to_fen(exact).amount)
    if room is None or up <= room:
        return up
    return Fraction(Rounding(RoundingMode.TRUNCATE, rounding.unit_fen).to_fen(exact).amount)


@given(scheme=schemes(), one=applications())
def test_the_steps_recompute_to_the_result(scheme: Scheme, one: Application) -> None:
    found = entitled(scheme, one)
    _, rule = scheme.get(RoundingRule, one.applied_on)

    amount, base, room = Fraction(0), Fraction(0), None
    for step in found.steps:
        event(step.form)
        assert step.before == amount
        if step.form in RATES:
            base = step.before
        assert step.exact == recomputed(step, one.request, base)
        if "left_fen" in step.facts:
            left = number(step, "left_fen")
            room = left if room is None else min(room, left)
        amount = rounded(step.exact, rule.rounding, room) if rule.at_each_step else step.exact
        assert step.after == amount
    assert found.amount == Fen(int(rounded(amount, rule.rounding, room)))


@given(scheme=schemes(), one=applications())
def test_the_limb_is_a_step_that_lowered_or_gave_the_amount(
    scheme: Scheme, one: Application
) -> None:
    found = entitled(scheme, one)
    event(f"something is due: {found.amount.amount > 0}")
    if not found.amount.amount:
        return

    step = next(step for step in found.steps if step.rule_id == found.limb)

    assert step.form in RATES or step.after < step.before
    later = found.steps[found.steps.index(step) + 1 :]
    assert all(other.after == other.before for other in later)


@given(scheme=schemes(stacking=just(value=True)), one=applications())
def test_stacking_never_exceeds_the_stated_total(scheme: Scheme, one: Application) -> None:
    limits = scheme.find_all(StackingCap, one.applied_on)
    found = entitled(scheme, one)
    if not found.amount.amount:
        return
    base = next(step.before for step in found.steps if step.form in RATES)

    together = found.amount.amount + one.request.other_support.amount

    for _, limit in limits:
        event(f"it bound: {together >= limit.total * base - 1}")
        assert together <= limit.total * base
