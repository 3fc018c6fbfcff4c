"""Law 13: the same evidence gives the same sum in one claim or in many, and never beyond totals."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from hypothesis import event, given
from hypothesis.strategies import fractions, integers, lists, sampled_from

from evernormal.domain.award import assess, entitle_claim
from evernormal.domain.policy import (
    Cap,
    CapCount,
    CapScope,
    CostCategory,
    EligibleCost,
    Form,
    MinimumSpend,
    Rate,
    RateForm,
    RoundingRule,
    Scheme,
    Settlement,
    StackingCap,
    Text,
    Tier,
    TierBasis,
    TieredRate,
)
from evernormal.domain.policy.amounts import Bound, Measure
from evernormal.domain.values import Fen, Rounding, RoundingMode
from tests.domain.sample import request, rule

ON = date(2026, 1, 10)
COMPUTE = CostCategory.COMPUTE
TIERS = (
    Tier(Text("up to", "以下"), Fraction(1, 2), high=Bound(Fen(5_000), is_inside=True)),
    Tier(Text("above", "以上"), Fraction(1, 5), low=Bound(Fen(5_000), is_inside=False)),
)
RATES: tuple[Form, ...] = (
    Rate(Fraction(3, 10), is_ceiling=True),
    Rate(Fraction(1), is_ceiling=False),
    TieredRate(Measure.COST, TierBasis.WHOLE, is_ceiling=False, tiers=TIERS),
    TieredRate(Measure.COST, TierBasis.MARGINAL, is_ceiling=False, tiers=TIERS),
)
ROUNDINGS = [
    RoundingRule(Rounding(mode, unit), at_each_step=each)
    for mode in RoundingMode
    for unit in (1, 100)
    for each in (True, False)
]
ROUNDED_ONCE = [rounding for rounding in ROUNDINGS if not rounding.at_each_step]
"""Where each step rounds, the cost itself may have been rounded up before its share was taken."""
RATE_NAMES = {form.name for form in RateForm.__args__}


def scheme_of(rate: Form, rounding: RoundingRule, *more: Form) -> Scheme:
    forms = (EligibleCost((COMPUTE,)), rate, rounding, *more)
    return Scheme(
        id="law",
        title=Text("Law", "律"),
        issuer=Text("City", "市"),
        settlement=Settlement.REIMBURSE_VOUCHER,
        rules=tuple(rule(form.name, form) for form in forms),
        unknown=(),
    )


def share_at_award(scheme: Scheme, cost: int) -> Fraction:
    """The share that the award's own step found, as the acts keep it."""
    asked = request(cost)
    found = assess(scheme, case=asked.case, request=asked, on=ON)
    step = next(s for s in found.entitlement.steps if s.form in RATE_NAMES)
    return Fraction(str(step.facts["ratio"]))


def paid(scheme: Scheme, claims: Sequence[int], *, other: int = 0) -> list[int]:
    """What each of a contract's claims gives, one after the other."""
    share = share_at_award(scheme, sum(claims))
    gives, before, approved = [], 0, 0
    for cost in claims:
        asked = request(
            cost,
            counted_on=CapCount.CLAIM,
            other_support=Fen(other),
            already={CapScope.CONTRACT: Fen(approved)},
        )
        costs_before = {COMPUTE: Fen(before)} if before else {}
        found = entitle_claim(
            scheme, request=asked, costs_before=costs_before, share=share, on=ON
        ).amount.amount
        gives.append(found)
        before, approved = before + cost, approved + found
    return gives


@given(
    sampled_from(RATES),
    sampled_from(ROUNDINGS),
    lists(integers(1, 20_000), min_size=1, max_size=6),
    integers(0, 30_000),
    fractions(Fraction(1, 10), Fraction(1), max_denominator=20),
)
def test_any_split_of_claims_gives_the_same_sum(
    rate: Form, rounding: RoundingRule, claims: list[int], other: int, total: Fraction
) -> None:
    scheme = scheme_of(rate, rounding, MinimumSpend(Fen(6_000)), StackingCap(total))

    in_parts = paid(scheme, claims, other=other)

    event(f"{len(claims)} claims, {'something' if sum(in_parts) else 'nothing'} due")
    assert min(in_parts) >= 0
    assert sum(in_parts) == sum(paid(scheme, [sum(claims)], other=other))


@given(
    sampled_from(RATES),
    sampled_from(ROUNDED_ONCE),
    lists(integers(1, 20_000), min_size=1, max_size=6),
    integers(0, 30_000),
    fractions(Fraction(1, 10), Fraction(1), max_denominator=20),
)
def test_after_every_claim_all_public_support_stays_within_its_total(
    rate: Form, rounding: RoundingRule, claims: list[int], other: int, total: Fraction
) -> None:
    scheme = scheme_of(rate, rounding, StackingCap(total))

    gives, cost, given_so_far = paid(scheme, claims, other=other), 0, 0

    for claim, gave in zip(claims, gives, strict=True):
        cost, given_so_far = cost + claim, given_so_far + gave
        assert given_so_far == 0 or given_so_far + other <= cost * total


@given(
    sampled_from(RATES),
    sampled_from(ROUNDINGS),
    lists(integers(1, 20_000), min_size=1, max_size=6),
    integers(1, 10_000),
)
def test_a_cap_holds_over_all_claims_of_a_contract(
    rate: Form, rounding: RoundingRule, claims: list[int], ceiling: int
) -> None:
    scheme = scheme_of(rate, rounding, Cap(CapScope.CONTRACT, Fen(ceiling)))

    assert sum(paid(scheme, claims)) <= ceiling
