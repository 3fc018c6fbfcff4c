"""Rates by tiers: which tier a case falls into, and what its bounds hold."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis.strategies import booleans, integers, lists

from evernormal.domain.policy import (
    Bound,
    FirmSize,
    Measure,
    Selector,
    Text,
    Tier,
    TierBasis,
    TieredRate,
)
from evernormal.domain.values import Fen
from tests.domain.sample import applicant, case, request

BASE = Fraction(0)
SMALL = Selector(sizes=(FirmSize.SMALL,))
LARGE = request(case=case(applicant=applicant(size=FirmSize.LARGE)))


def bound(fen: int, *, inside: bool) -> Bound:
    return Bound(Fen(fen), is_inside=inside)


def tier(
    ratio: str, *, low: Bound | None = None, high: Bound | None = None, when: Selector | None = None
) -> Tier:
    label = Text(f"at {ratio}", f"按{ratio}")
    return Tier(label, Fraction(ratio), when or Selector(), low, high)


def tiered(
    *tiers: Tier, basis: TierBasis = TierBasis.WHOLE, measure: Measure = Measure.COST
) -> TieredRate:
    return TieredRate(measure=measure, basis=basis, is_ceiling=True, tiers=tiers)


@pytest.mark.parametrize(
    ("low", "high", "held"),
    [
        (None, None, [99, 100, 101, 199, 200, 201]),
        (bound(100, inside=True), None, [100, 101, 199, 200, 201]),
        (bound(100, inside=False), None, [101, 199, 200, 201]),
        (None, bound(200, inside=True), [99, 100, 101, 199, 200]),
        (None, bound(200, inside=False), [99, 100, 101, 199]),
        (bound(100, inside=True), bound(200, inside=False), [100, 101, 199]),
        (bound(100, inside=False), bound(200, inside=True), [101, 199, 200]),
    ],
)
def test_a_tier_holds_what_lies_between_its_bounds(
    low: Bound | None, high: Bound | None, held: list[int]
) -> None:
    found = [
        fen
        for fen in (99, 100, 101, 199, 200, 201)
        if tier("1/2", low=low, high=high).holds(Fraction(fen))
    ]

    assert found == held


@pytest.mark.parametrize(
    ("start", "end", "low", "high", "part"),
    [
        (0, 300, 100, 200, 100),
        (150, 300, 100, 200, 50),
        (0, 150, 100, 200, 50),
        (120, 130, 100, 200, 10),
        (0, 100, 100, 200, 0),
        (200, 300, 100, 200, 0),
        (0, 300, None, 200, 200),
        (0, 300, 100, None, 200),
    ],
)
def test_the_part_of_an_amount_between_the_bounds(
    start: int, end: int, low: int | None, high: int | None, part: int
) -> None:
    bounds = [None if fen is None else bound(fen, inside=True) for fen in (low, high)]
    form = TieredRate(
        Measure.FIRM_YEAR_COST,
        TierBasis.MARGINAL,
        is_ceiling=False,
        tiers=(tier("1/2", low=bounds[0], high=bounds[1]),),
    )
    asked = request(firm_year_cost_before=Fen(start))
    after, _ = form.apply(Fraction(end - start), asked, Fraction(0))

    assert after == Fraction(part, 2)


def test_where_marginal_tiers_overlap_the_first_takes_the_part() -> None:
    form = TieredRate(
        Measure.COST,
        TierBasis.MARGINAL,
        is_ceiling=False,
        tiers=(
            tier("9/10", when=SMALL, low=bound(200, inside=True), high=bound(300, inside=True)),
            tier("7/10", high=bound(500, inside=True)),
            tier("1/2", low=bound(100, inside=True)),
        ),
    )
    after, facts = form.apply(Fraction(600), request(), Fraction(0))

    assert facts["parts"] == "200*7/10 100*9/10 200*7/10 100*1/2"
    assert after == 140 + 90 + 140 + 50


BY_SIZE = tiered(
    tier("1/2", when=SMALL, high=bound(1_000, inside=True)),
    tier("1/3", when=SMALL),
    tier("1/4", low=bound(600, inside=False)),
)


@pytest.mark.parametrize(
    ("fen", "after", "number"), [(1_000, "500", 1), (1_001, "1001/3", 2), (600, "300", 1)]
)
def test_the_first_tier_that_is_for_the_case_and_holds_the_cost_gives_the_ratio(
    fen: int, after: str, number: int
) -> None:
    found, facts = BY_SIZE.apply(Fraction(fen), request(), BASE)

    ratio = ("1/2", "1/3")[number - 1]
    assert found == Fraction(after)
    assert facts == {
        "measure": "COST",
        "basis": "WHOLE",
        "measured": fen,
        "is_ceiling": True,
        "tier": number,
        "tier_en": f"at {ratio}",
        "tier_zh": f"按{ratio}",
        "ratio": ratio,
    }


@pytest.mark.parametrize(("fen", "after", "number"), [(601, "601/4", 3), (600, "0", 0)])
def test_tiers_of_other_cases_are_passed_over_and_without_any_there_is_nothing(
    fen: int, after: str, number: int
) -> None:
    found, facts = BY_SIZE.apply(Fraction(fen), LARGE, BASE)

    assert (found, facts["tier"]) == (Fraction(after), number)
    assert facts["ratio"] == ("1/4" if number else "0/1")
    assert ("tier_en" in facts) == bool(number)


STEPS = (
    tier("1/10", high=bound(100, inside=True)),
    tier("2/10", low=bound(100, inside=False), high=bound(300, inside=True)),
    tier("5/10", low=bound(300, inside=False), when=SMALL),
)


@pytest.mark.parametrize(
    ("fen", "after", "ratio", "parts"),
    [
        (0, "0", "0/1", ""),
        (100, "10", "1/10", "100*1/10"),
        (200, "30", "3/20", "100*1/10 100*1/5"),
        (300, "50", "1/6", "100*1/10 200*1/5"),
        (500, "150", "3/10", "100*1/10 200*1/5 200*1/2"),
    ],
)
def test_marginal_tiers_give_each_part_its_own_ratio(
    fen: int, after: str, ratio: str, parts: str
) -> None:
    found, facts = tiered(*STEPS, basis=TierBasis.MARGINAL).apply(Fraction(fen), request(), BASE)

    assert found == Fraction(after)
    assert facts == {
        "measure": "COST",
        "basis": "MARGINAL",
        "measured": fen,
        "is_ceiling": True,
        "tier": 0,
        "ratio": ratio,
        "parts": parts,
    }


def test_a_marginal_tier_of_another_case_gives_nothing() -> None:
    assert tiered(*STEPS, basis=TierBasis.MARGINAL).apply(Fraction(500), LARGE, BASE)[0] == 50


@pytest.mark.parametrize(
    ("basis", "before", "after"),
    [
        (TierBasis.WHOLE, 0, 40),
        (TierBasis.WHOLE, 100, 40),
        (TierBasis.WHOLE, 101, 100),
        (TierBasis.MARGINAL, 0, 30),
        (TierBasis.MARGINAL, 100, 40),
        (TierBasis.MARGINAL, 200, 70),
    ],
)
def test_the_firms_year_may_choose_the_tier_of_this_cost(
    basis: TierBasis, before: int, after: int
) -> None:
    asked = request(firm_year_cost_before=Fen(before))
    form = tiered(*STEPS, basis=basis, measure=Measure.FIRM_YEAR_COST)

    found, facts = form.apply(Fraction(200), asked, BASE)

    assert found == after
    assert facts["measured"] == 200 + before


@given(costs=lists(integers(0, 500), min_size=1, max_size=6), inside=booleans())
def test_marginal_tiers_give_the_same_however_a_years_cost_is_split(
    costs: list[int], *, inside: bool
) -> None:
    form = tiered(
        tier("1/10", high=bound(100, inside=inside)),
        tier("2/10", low=bound(100, inside=not inside)),
        basis=TierBasis.MARGINAL,
        measure=Measure.FIRM_YEAR_COST,
    )
    together, before = form.apply(Fraction(sum(costs)), request(), BASE)[0], 0
    one_by_one = Fraction(0)
    for cost in costs:
        asked = request(firm_year_cost_before=Fen(before))
        one_by_one += form.apply(Fraction(cost), asked, BASE)[0]
        before += cost

    assert one_by_one == together
