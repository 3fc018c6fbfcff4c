"""Small schemes and populations for tests: a few firms and words that meet often."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from hypothesis.strategies import (
    DrawFn,
    SearchStrategy,
    booleans,
    builds,
    composite,
    integers,
    just,
    lists,
    none,
    one_of,
    sampled_from,
    text,
    tuples,
)

from evernormal.domain import policy
from evernormal.domain.policy import CapScope, CostCategory, DeviceOrigin, FirmSize, Shortage
from evernormal.domain.values import DayCount, Fen, Period, Rounding, RoundingMode
from evernormal.simulator import Application, PotChoice
from tests.domain.sample import applicant, case, contract, provider, request, rule

LONG_AGO = date(1900, 1, 1)
NAME = policy.Text("x", "甲")
DAYS = [date(2025, 12, 31), *(date(2026, month, 15) for month in (1, 3, 6, 12))]
BOUNDS = [0, 1, 99, 100, 101, 1_000, 5_000, 12_345, 10**6]
FEN = one_of(sampled_from(BOUNDS), integers(0, 20_000), integers(0, 10**9))
AMOUNT = FEN.map(lambda fen: Fen(fen + 1))
RATIO = builds(Fraction, integers(1, 10), sampled_from([10, 12, 100, 3]))
SELECTORS = one_of(
    just(policy.EVERY_CASE),
    builds(policy.Selector, sizes=just((FirmSize.MICRO, FirmSize.SMALL))),
    builds(policy.Selector, device_origins=just((DeviceOrigin.DOMESTIC,))),
    builds(policy.Selector, traits=just(("start_up",))),
)
_MEASURE = sampled_from(policy.Measure)


@composite
def _tiered(draw: DrawFn) -> policy.TieredRate:
    """Tiers on both sides of one or two bounds; now and then one is for some cases only."""
    ends = sorted(draw(lists(AMOUNT, min_size=1, max_size=2, unique=True)))
    tiers, low = [], None
    for end in [*ends, None]:
        high = None if end is None else policy.Bound(end, is_inside=draw(booleans()))
        when = draw(SELECTORS) if draw(integers(0, 4)) == 0 else policy.EVERY_CASE
        tiers.append(policy.Tier(NAME, draw(RATIO), when, low, high))
        low = None if high is None else policy.Bound(high.amount, is_inside=not high.is_inside)
    basis = draw(sampled_from([policy.TierBasis.WHOLE, *policy.TierBasis]))
    return policy.TieredRate(draw(_MEASURE), basis, is_ceiling=True, tiers=tuple(tiers))


_RATE = one_of(
    builds(policy.Rate, RATIO, booleans()),
    _tiered(),
    _tiered(),
    builds(policy.CapacitySupport, AMOUNT),
)
_WINDOW = builds(
    policy.CostWindow, just(Period(date(2026, 2, 1), date(2026, 9, 1))), sampled_from(DayCount)
)
_CAP = builds(policy.Cap, sampled_from(CapScope), AMOUNT, when=SELECTORS)
_CONDITION = one_of(
    builds(policy.SizeIn, just((FirmSize.MICRO, FirmSize.SMALL, FirmSize.MEDIUM))),
    builds(policy.RequestBetween, FEN.map(Fen), AMOUNT),
    builds(policy.OneAwardPerContract),
    builds(policy.OneSideOnly),
    builds(policy.AppliedWithin, just(date(2026, 1, 1)), just(date(2026, 6, 15))),
)
_ROUNDING = builds(
    policy.RoundingRule,
    builds(Rounding, sampled_from(RoundingMode), sampled_from([1, 1, 7, 100])),
    booleans(),
)
_MAYBE = booleans()
_COUNTED = (CostCategory.COMPUTE, CostCategory.MODEL_SERVICE)


@composite
def schemes(draw: DrawFn, *, stacking: SearchStrategy[bool] = _MAYBE) -> policy.Scheme:
    """A scheme that pays: one rate, one rounding, and some of the other forms.

    stacking  whether it limits all support together
    """
    forms: list[tuple[str, Any]] = [("eligible_cost", policy.EligibleCost(_COUNTED))]
    for name, made in (
        ("tax", builds(policy.NetOfTax, RATIO)),
        ("window", _WINDOW),
        ("floor", builds(policy.MinimumSpend, AMOUNT, _MEASURE)),
        ("condition", _CONDITION),
    ):
        if draw(integers(0, 4)) == 0:
            forms.append((name, draw(made)))
    forms.append(("share", draw(_RATE)))
    if draw(stacking):
        forms.append(("stacking", policy.StackingCap(draw(RATIO))))
    caps = draw(lists(_CAP, min_size=draw(integers(0, 1)), max_size=2))
    forms += [(f"cap_{number}", cap) for number, cap in enumerate(caps)]
    forms.append(("rounding", draw(_ROUNDING)))
    rules = tuple(rule(name, form, since=LONG_AGO) for name, form in forms)
    mode = policy.Settlement.REIMBURSE_VOUCHER
    return policy.Scheme("t", NAME, NAME, mode, rules, ())


@composite
def pots(draw: DrawFn) -> tuple[policy.Rule, ...]:
    """The rule of a pot, whole or in two tranches; or none."""
    half = Fraction(1, 2)
    tranches = (policy.PotTranche(1, half), policy.PotTranche(draw(integers(2, 12)), half))
    amount = draw(AMOUNT)
    pot = draw(sampled_from([None, policy.Pot(amount), policy.Pot(amount, tranches)]))
    return () if pot is None else (rule("pot", pot, since=LONG_AGO),)


SHORTAGES = one_of(
    builds(policy.ShortageRule, sampled_from(Shortage)),
    builds(policy.ShortageRule, sampled_from([Shortage.RANKED, Shortage.LOTTERY]), integers(0, 3)),
    builds(policy.ShortageRule, just(Shortage.LOTTERY), none(), integers(1, 3)),
)
CHOICES: SearchStrategy[PotChoice] = builds(
    PotChoice,
    amount=one_of(none(), FEN.map(Fen)),
    shortage=SHORTAGES,
    seed=text("ab", max_size=2),
)

_WHO = tuples(
    sampled_from(["F1", "F1", "F2"]),
    sampled_from(["", "", "G1"]),
    sampled_from(["P1", "P2"]),
    sampled_from(["C1", "C2", ""]),
)
_WHAT = tuples(
    sampled_from(FirmSize),
    sampled_from(DeviceOrigin),
    sampled_from(policy.Side),
    sampled_from([frozenset[str](), frozenset({"start_up"})]),
    one_of(none(), integers(0, 4)),
)


@composite
def applications(draw: DrawFn, number: int = 1) -> Application:
    """An application of one of two firms; nothing was given before the population began."""
    firm, group, seller, deal = draw(_WHO)
    size, origin, side, traits, score = draw(_WHAT)
    starts_on = draw(sampled_from(DAYS))
    made = case(
        applicant=applicant(id=firm, group=group, size=size, traits=traits),
        provider=provider(id=seller),
        contract=contract(
            id=deal or f"C-{number}",
            applicant_id=firm,
            provider_id=seller,
            applied_on=draw(sampled_from(DAYS)),
            term=Period(starts_on, date(2027, 1, draw(integers(1, 2)))),
            costs={
                CostCategory.COMPUTE: Fen(draw(one_of(FEN, integers(1_000, 50_000)))),
                CostCategory.STORAGE: Fen(draw(integers(0, 9))),
            },
            device_origin=origin,
            side=side,
            score=score,
            capacity_pflops=draw(integers(0, 3)),
            facility_id=draw(sampled_from(["", "P1", "P2"])),
        ),
    )
    other = Fen(draw(one_of(just(0), integers(1, 5_000))))
    asking = request(case=made, costs=made.contract.costs, other_support=other)
    return Application(f"A{number}", made, asking)


@composite
def populations(draw: DrawFn) -> list[Application]:
    """One to six applications."""
    return [draw(applications(number)) for number in range(draw(integers(1, 6)))]


def with_rules(scheme: policy.Scheme, more: tuple[policy.Rule, ...]) -> policy.Scheme:
    """The scheme with more rules."""
    return replace(scheme, rules=(*scheme.rules, *more))
