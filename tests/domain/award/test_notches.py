"""Notches are found to the fen, in every class of cases that the rules tell apart."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from evernormal.domain.award.case_classes import classes_of
from evernormal.domain.award.notches import Edge, find_edges
from evernormal.domain.policy import (
    AgeAtLeast,
    Alternative,
    AnyOf,
    ApplicantTypeIn,
    Bound,
    Cap,
    CapScope,
    Case,
    CostCategory,
    CostWindow,
    DeviceOrigin,
    EligibleCost,
    FirmSize,
    Measure,
    MinimumSpend,
    Rate,
    RequestBetween,
    RoundingRule,
    ScaleAtLeast,
    Scheme,
    Selector,
    Settlement,
    SizeIn,
    StaffAtMost,
    Text,
    Tier,
    TierBasis,
    TieredRate,
    UnknownRule,
)
from evernormal.domain.values import DayCount, Fen, Period, Rounding, RoundingMode
from tests.domain.sample import START, applicant, case, contract, provider, request, rule

NAME = Text("x", "甲")
HALF_MILLION = Fen(50_000_000)
SMALL = Selector(sizes=(FirmSize.MICRO, FirmSize.SMALL, FirmSize.MEDIUM))
DOMESTIC = Selector(device_origins=(DeviceOrigin.DOMESTIC,))
TO_HALF_MILLION = Tier(NAME, Fraction(1, 2), SMALL, high=Bound(HALF_MILLION, is_inside=True))
HANGZHOU = (
    TO_HALF_MILLION,
    Tier(NAME, Fraction(3, 10), DOMESTIC),
    Tier(NAME, Fraction(1, 5)),
)


def scheme(*forms: tuple[str, Any], unit: int = 1, at_each_step: bool = False) -> Scheme:
    """Compute alone counts; amounts are cut."""
    cut = RoundingRule(Rounding(RoundingMode.TRUNCATE, unit), at_each_step=at_each_step)
    named = (("cost", EligibleCost((CostCategory.COMPUTE,))), *forms, ("rounding", cut))
    rules = tuple(rule(name, form) for name, form in named)
    return Scheme("t", NAME, NAME, Settlement.REIMBURSE_VOUCHER, rules, ())


def tiered(
    *tiers: Tier, measure: Measure = Measure.COST, basis: TierBasis = TierBasis.WHOLE
) -> Any:
    return ("share", TieredRate(measure, basis, is_ceiling=False, tiers=tiers))


def edges(under: Scheme, asked: Case | None = None, **changes: Any) -> tuple[Edge, ...]:
    found = asked or case()
    return find_edges(under, case=found, request=request(case=found, **changes), on=START)


def shown(edge: Edge) -> tuple[int, int, int, int]:
    """Fen at the edge: cost, support there, one fen beyond, one yuan beyond."""
    beyond = (edge.fen_beyond.support.amount, edge.yuan_beyond.support.amount)
    return (edge.at.cost.amount, edge.at.support.amount, *beyond)


# --- Edges ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "beyond", "yuan_beyond", "regained"),
    [
        (DeviceOrigin.DOMESTIC, 15_000_000, 15_000_030, 83_333_334),
        (DeviceOrigin.FOREIGN, 10_000_000, 10_000_020, 125_000_000),
    ],
)
def test_hangzhou(origin: DeviceOrigin, beyond: int, yuan_beyond: int, regained: int) -> None:
    asked = case(contract=contract(device_origin=origin))

    (edge,) = edges(scheme(tiered(*HANGZHOU, measure=Measure.FIRM_YEAR_COST)), asked)

    assert edge.is_notch
    assert edge.rule_ids == ("share",)
    assert shown(edge) == (50_000_000, 25_000_000, beyond, yuan_beyond)
    assert edge.yuan_before.support == Fen(24_999_950)
    assert edge.leap == Fen(beyond - 25_000_000)
    assert edge.regained_at == Fen(regained)


def test_what_the_firm_spent_before_moves_the_notch() -> None:
    under = scheme(tiered(*HANGZHOU, measure=Measure.FIRM_YEAR_COST))

    (edge,) = edges(under, firm_year_cost_before=Fen(20_000_000))

    assert shown(edge)[:3] == (30_000_000, 15_000_000, 6_000_000)
    assert edges(under, firm_year_cost_before=HALF_MILLION + Fen(1)) == ()


def test_a_large_firm_has_no_notch() -> None:
    asked = case(applicant=applicant(size=FirmSize.LARGE))

    assert edges(scheme(tiered(*HANGZHOU)), asked) == ()


def test_an_open_bound_lies_one_fen_lower() -> None:
    below = Tier(NAME, Fraction(1, 2), high=Bound(Fen(1_000), is_inside=False))
    above = Tier(NAME, Fraction(1, 5), low=Bound(Fen(1_000), is_inside=True))

    (edge,) = edges(scheme(tiered(below, above)))

    assert shown(edge)[:3] == (999, 499, 200)


def test_marginal_tiers_have_no_notch() -> None:
    below = Tier(NAME, Fraction(1, 2), high=Bound(Fen(1_000), is_inside=True))
    above = Tier(NAME, Fraction(1, 5), low=Bound(Fen(1_000), is_inside=False))

    assert edges(scheme(tiered(below, above, basis=TierBasis.MARGINAL))) == ()


def test_a_least_spend_is_a_jump() -> None:
    floor = MinimumSpend(Fen(5_000_000))

    (edge,) = edges(scheme(("floor", floor), ("share", Rate(Fraction(1, 2), is_ceiling=False))))

    assert not edge.is_notch
    assert shown(edge) == (4_999_999, 0, 2_500_000, 2_500_049)
    assert edge.regained_at is None


def test_beyond_the_most_that_may_be_asked_there_is_nothing_for_good() -> None:
    asked = RequestBetween(Fen(1_000), Fen(9_000))

    jump, notch = edges(scheme(("asked", asked), ("share", Rate(Fraction(1, 2), is_ceiling=False))))

    assert shown(jump)[:3] == (999, 0, 500)
    assert notch.rule_ids == ("asked",)
    assert shown(notch) == (9_000, 4_500, 0, 0)
    assert notch.is_notch
    assert notch.regained_at is None


def test_a_cap_can_keep_a_notch_from_being_regained() -> None:
    cap = ("cap", Cap(CapScope.CLAIM, Fen(20_000_000)))

    (edge,) = edges(scheme(tiered(TO_HALF_MILLION, Tier(NAME, Fraction(1, 5))), cap))
    (kept,) = edges(
        scheme(
            tiered(TO_HALF_MILLION, Tier(NAME, Fraction(1, 5))),
            ("cap", Cap(CapScope.CLAIM, Fen(24_000_000), when=Selector(traits=("other",)))),
            ("cap_two", Cap(CapScope.CLAIM, Fen(26_000_000))),
        )
    )

    assert (edge.at.support, edge.regained_at) == (Fen(20_000_000), Fen(100_000_000))
    assert kept.regained_at == Fen(125_000_000)


def test_a_notch_is_not_regained_across_a_later_notch() -> None:
    tiers = (
        Tier(NAME, Fraction(1, 2), high=Bound(Fen(1_000), is_inside=True)),
        Tier(NAME, Fraction(1, 4), high=Bound(Fen(1_500), is_inside=True)),
        Tier(NAME, Fraction(1, 10)),
    )

    first, second = edges(scheme(tiered(*tiers)))

    assert first.regained_at == Fen(5_000)
    assert (second.at.cost, second.at.support) == (Fen(1_500), Fen(375))
    assert second.regained_at == Fen(3_750)


def test_a_window_moves_the_notch_to_the_cost_that_reaches_the_tier() -> None:
    half_a_year = CostWindow(Period(START, date(2026, 7, 2)), DayCount.DIFFERENCE)
    asked = case(contract=contract(term=Period(START, date(2026, 12, 30))))

    (edge,) = edges(scheme(("window", half_a_year), tiered(*HANGZHOU)), asked)

    # 181 of 362 days: half of the cost counts.
    assert shown(edge)[:2] == (100_000_000, 25_000_000)
    assert edge.fen_beyond.support == Fen(10_000_000)


def test_rounding_at_each_step_moves_it_too() -> None:
    under = scheme(tiered(*HANGZHOU), unit=100, at_each_step=True)

    (edge,) = edges(under)

    # The cost is cut to the yuan before the tier is found: 99 fen more are still inside.
    assert shown(edge)[:2] == (50_000_099, 25_000_000)


def test_a_case_that_is_not_eligible_has_no_edges() -> None:
    under = scheme(("sizes", SizeIn((FirmSize.LARGE,))), tiered(*HANGZHOU))

    assert edges(under) == ()


def test_a_scheme_without_a_rate_is_refused() -> None:
    with pytest.raises(UnknownRule):
        edges(scheme())


def test_cost_that_no_category_counts_has_no_edges() -> None:
    whole = scheme(tiered(*HANGZHOU))
    none = replace(whole, rules=tuple(r for r in whole.rules if r.id != "cost"))

    assert edges(none) == ()


# --- Classes --------------------------------------------------------------------------------------


def facts(under: Scheme, asked: Case | None = None, **fixed: Any) -> list[dict[str, str]]:
    found = classes_of(under, case=asked or case(), on=START, **fixed)
    return [dict(each.facts) for each in found]


def test_the_classes_of_hangzhou_are_size_times_origin() -> None:
    assert facts(scheme(tiered(*HANGZHOU))) == [
        {"size": size, "device_origin": origin}
        for size in ("MICRO SMALL MEDIUM", "LARGE")
        for origin in ("DOMESTIC", "FOREIGN UNDECLARED")
    ]


def test_each_class_has_a_case_that_has_its_facts() -> None:
    found = classes_of(scheme(tiered(*HANGZHOU)), case=case(), on=START)

    assert [(c.case.applicant.size, c.case.contract.device_origin) for c in found] == [
        (FirmSize.MICRO, DeviceOrigin.DOMESTIC),
        (FirmSize.MICRO, DeviceOrigin.FOREIGN),
        (FirmSize.LARGE, DeviceOrigin.DOMESTIC),
        (FirmSize.LARGE, DeviceOrigin.FOREIGN),
    ]


def test_a_fact_that_is_stated_is_not_varied() -> None:
    assert facts(scheme(tiered(*HANGZHOU)), fixed={"size"}) == [
        {"device_origin": "DOMESTIC"},
        {"device_origin": "FOREIGN UNDECLARED"},
    ]


def test_without_selectors_there_is_one_class() -> None:
    under = scheme(("share", Rate(Fraction(1, 2), is_ceiling=False)))

    (found,) = classes_of(under, case=case(), on=START)

    assert (dict(found.facts), found.case) == ({}, case())


def test_a_condition_tells_apart_only_within_facts_that_selectors_read() -> None:
    sizes = ("sizes", SizeIn((FirmSize.MICRO,)))
    types = ("types", ApplicantTypeIn((case().applicant.type,)))

    found = facts(scheme(sizes, types, tiered(*HANGZHOU)), fixed={"device_origin"})

    assert [each["size"] for each in found] == ["MICRO", "SMALL MEDIUM", "LARGE"]
    assert all("applicant_type" not in each for each in found)


def with_cap(**tests: Any) -> Scheme:
    share = ("share", Rate(Fraction(1, 2), is_ceiling=False))
    return scheme(share, ("cap", Cap(CapScope.CLAIM, Fen(1), when=Selector(**tests))))


def test_words_may_be_there_or_not_and_alike_ones_go_together() -> None:
    asked = case(
        applicant=applicant(traits=frozenset({"own", "unicorn"})),
        contract=contract(traits=frozenset({"start_up"})),
    )

    found = classes_of(with_cap(traits=("start_up", "unicorn")), case=asked, on=START)

    assert [each.facts["traits"] for each in found] == ["-", "start_up/unicorn"]
    assert [each.case.applicant.traits for each in found] == [{"own"}, {"own", "start_up"}]
    assert all(not each.case.contract.traits for each in found)


def test_words_of_the_applicant_leave_the_contract_alone() -> None:
    asked = case(contract=contract(traits=frozenset({"alpha"})))

    found = classes_of(with_cap(sectors=("alpha",)), case=asked, on=START)

    assert [each.case.applicant.sectors for each in found] == [set(), {"alpha"}]
    assert all(each.case.contract.traits == {"alpha"} for each in found)


def test_figures_are_taken_at_each_limit_and_beyond() -> None:
    share = ("share", Rate(Fraction(1, 2), is_ceiling=False))
    cap = ("cap", Cap(CapScope.CLAIM, Fen(1), when=Selector(staff_at_most=10)))

    found = classes_of(scheme(("staff", StaffAtMost(300)), share, cap), case=case(), on=START)

    assert [(c.facts["staff"], c.case.applicant.staff) for c in found] == [
        ("≤ 10", 10),
        ("≤ 300", 300),
        ("> 300", 301),
    ]


def test_money_age_and_scale_have_limits_too() -> None:
    tests = {"revenue_at_most": Fen(100), "age_months_at_most": 12, "scale_at_least": {"pflops": 9}}
    under = with_cap(**tests)
    more = scheme(
        *((r.id, r.versions[0].form) for r in under.rules if r.id in {"share", "cap"}),
        ("age", AgeAtLeast(24)),
        ("scale", ScaleAtLeast("pflops", 4)),
    )

    found = classes_of(more, case=case(), on=START)

    assert len(found) == 2 * 3 * 3
    assert {c.facts["revenue"]: c.case.applicant.revenue for c in found} == {
        "≤ 1.00": Fen(100),
        "> 1.00": Fen(101),
    }
    assert {c.facts["founded_on"]: c.case.applicant.founded_on for c in found} == {
        "≤ 12": date(2025, 1, 10),
        "≤ 23": date(2024, 2, 10),
        "> 23": date(2024, 1, 10),
    }
    assert {c.facts["scale.pflops"]: c.case.provider.scale["pflops"] for c in found} == {
        "-": 0,
        "≥ 4": 4,
        "≥ 9": 9,
    }


def test_places_and_facilities_may_be_others() -> None:
    asked = case(applicant=applicant(place="5201"), provider=provider(facility="ai_centre"))
    under = with_cap(places=("5201", "11"), facilities=("ai_centre",))

    found = classes_of(under, case=asked, on=START)

    assert {c.facts["place"]: c.case.applicant.place for c in found} == {
        "5201 11": "5201",
        "-": "99",
    }
    assert {c.facts["facility"]: c.case.provider.facility for c in found} == {
        "ai_centre": "ai_centre",
        "-": "",
    }


def test_alternatives_of_a_condition_are_read() -> None:
    either = AnyOf((Alternative(NAME, SMALL), Alternative(NAME, DOMESTIC)))
    share = ("share", Rate(Fraction(1, 2), is_ceiling=False))

    assert len(facts(scheme(("either", either), share))) == 4
