"""What would change an amount: every figure is the evaluator's own, asked again."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis.strategies import integers

from evernormal.domain.award import assess
from evernormal.domain.award.counterfactual import (
    Counterfactual,
    CounterfactualKind,
    counterfactuals,
)
from evernormal.domain.policy import (
    AllowedUse,
    AppliedWithin,
    Bound,
    Cap,
    CapScope,
    Case,
    CostCategory,
    CostWindow,
    DeviceOrigin,
    FirmSize,
    Form,
    Measure,
    MinimumSpend,
    NoOtherSupport,
    OtherSupport,
    ProviderRegistered,
    RequestBetween,
    Scheme,
    Selector,
    Settlement,
    SizeIn,
    StackingCap,
    SupportRequest,
    Text,
    Tier,
    TierBasis,
    TieredRate,
    UnknownRule,
    Use,
)
from evernormal.domain.values import DayCount, Fen, Period
from tests.domain.sample import (
    START,
    amount_rules,
    applicant,
    case,
    contract,
    provider,
    request,
    rule,
)

ON = date(2026, 1, 10)
DOMESTIC = Selector(device_origins=(DeviceOrigin.DOMESTIC,))
KIND = CounterfactualKind


def scheme(*more: tuple[str, Form], amounts: tuple[tuple[str, Form], ...] | None = None) -> Scheme:
    forms = (*(amount_rules() if amounts is None else amounts), *more)
    return Scheme(
        id="cn/test/2026",
        title=Text("Test", "测试"),
        issuer=Text("City", "市"),
        settlement=Settlement.REIMBURSE_VOUCHER,
        rules=tuple(rule(rule_id, form) for rule_id, form in forms),
        unknown=(),
    )


def tiered(*tiers: Tier, measure: Measure = Measure.COST, marginal: bool = False) -> TieredRate:
    basis = TierBasis.MARGINAL if marginal else TierBasis.WHOLE
    return TieredRate(measure, basis, is_ceiling=False, tiers=tiers)


def tier(name: str, ratio: str, **more: object) -> Tier:
    return replace(Tier(Text(name, name), Fraction(ratio)), **more)  # type: ignore[arg-type]


def with_rate(rate: Form, *more: tuple[str, Form]) -> Scheme:
    cost, _, rounding = amount_rules()
    return scheme(*more, amounts=(cost, ("share", rate), rounding))


def ask(rules: Scheme, asked: SupportRequest) -> tuple[Counterfactual, ...]:
    return counterfactuals(rules, case=asked.case, request=asked, on=ON)


def cap(amount: int, scope: CapScope = CapScope.FIRM_YEAR, **more: object) -> Cap:
    return replace(Cap(scope, Fen(amount)), **more)  # type: ignore[arg-type]


def test_the_cap_that_bound_is_told_with_what_it_costs() -> None:
    assert ask(scheme(("cap", cap(300))), request(1_000)) == (
        Counterfactual(KIND.LIMIT, "cap", Fen(200), Fen(500), {"without": "cap"}),
    )


def test_a_limit_that_did_not_bind_is_not_told() -> None:
    rules = scheme(
        ("cap", cap(500)),
        ("stack", StackingCap(Fraction(1))),
        ("floor", MinimumSpend(Fen(100))),
        ("window", CostWindow(contract().term, DayCount.INCLUSIVE)),
    )

    assert ask(rules, request(1_000)) == ()


def test_limits_that_bind_alike_are_told_together() -> None:
    rules = scheme(("year", cap(300)), ("life", cap(300, CapScope.FIRM)))
    wider = scheme(("year", cap(300)), ("life", cap(400, CapScope.FIRM)))

    assert ask(rules, request(1_000)) == (
        Counterfactual(KIND.LIMIT, "year", Fen(200), Fen(500), {"without": "year life"}),
    )
    assert ask(wider, request(1_000)) == (
        Counterfactual(KIND.LIMIT, "year", Fen(100), Fen(400), {"without": "year"}),
    )


@pytest.mark.parametrize(
    ("form", "asked", "entitled"),
    [
        (StackingCap(Fraction(6, 10)), request(1_000, other_support=Fen(300)), 500),
        (CostWindow(Period(START, date(2026, 7, 1)), DayCount.INCLUSIVE), request(1_000), 500),
        (MinimumSpend(Fen(5_000)), request(1_000), 500),
    ],
)
def test_every_other_limit_is_taken_away_in_the_same_way(
    form: Form, asked: SupportRequest, entitled: int
) -> None:
    rules = scheme(("limit", form))
    now = assess(rules, case=asked.case, request=asked, on=ON).entitlement.amount

    (told,) = ask(rules, asked)

    assert now.amount < entitled
    assert (told.kind, told.rule_id) == (KIND.LIMIT, "limit")
    assert (told.entitled, told.difference) == (Fen(entitled), Fen(entitled - now.amount))


def test_another_tier_is_told_with_the_fact_that_brings_it() -> None:
    rate = tiered(tier("domestic", "3/10", when=DOMESTIC), tier("other", "2/10"))

    assert ask(with_rate(rate), request(1_000)) == (
        Counterfactual(
            KIND.TIER,
            "share",
            Fen(100),
            Fen(300),
            {"fact": "device_origin", "value": "DOMESTIC"},
            Text("domestic", "domestic"),
        ),
    )


def test_a_tier_behind_one_that_holds_already_is_not_told() -> None:
    rate = tiered(tier("all", "2/10"), tier("domestic", "3/10", when=DOMESTIC))

    assert ask(with_rate(rate), request(1_000)) == ()


def test_a_change_that_breaks_a_condition_is_not_told() -> None:
    large = Selector(sizes=(FirmSize.LARGE,))
    rate = tiered(tier("large", "3/10", when=large), tier("other", "2/10"))
    small_only = ("size", SizeIn((FirmSize.SMALL,)))

    assert [told.kind for told in ask(with_rate(rate), request(1_000))] == [KIND.TIER]
    assert ask(with_rate(rate, small_only), request(1_000)) == ()


def test_a_cap_for_other_cases_is_told_as_a_fact() -> None:
    rules = scheme(("start_ups", cap(200, when=Selector(traits=("start_up",)))))

    assert ask(rules, request(1_000)) == (
        Counterfactual(
            KIND.FACT, "start_ups", Fen(-300), Fen(200), {"fact": "traits", "value": "start_up"}
        ),
    )


def test_cost_that_does_not_count_is_told_by_category() -> None:
    costs = {
        CostCategory.COMPUTE: Fen(1_000),
        CostCategory.STORAGE: Fen(60),
        CostCategory.NETWORK: Fen(0),
    }

    assert ask(scheme(), request(costs=costs)) == (
        Counterfactual(
            KIND.COST, "cost", Fen(30), Fen(530), {"category": "STORAGE", "cost_fen": 60}
        ),
    )


def low_and_high(low: str, high: str, *, is_inside: bool = True) -> TieredRate:
    """Two tiers with their bound at 1,000 fen."""
    return tiered(
        tier("small", low, high=Bound(Fen(1_000), is_inside)),
        tier("large", high, low=Bound(Fen(1_000), not is_inside)),
    )


@pytest.mark.parametrize(
    ("rate", "fen", "more", "difference", "entitled"),
    [
        (low_and_high("5/10", "2/10"), 1_000, 1, -300, 200),
        (low_and_high("5/10", "2/10"), 800, 201, -200, 200),
        (low_and_high("5/10", "2/10"), 1_200, -200, 260, 500),
        (low_and_high("5/10", "2/10", is_inside=False), 1_000, -1, 299, 499),
        (low_and_high("2/10", "5/10", is_inside=False), 999, 1, 301, 500),
    ],
)
def test_the_next_bound_of_the_cost_is_told(
    rate: Form, fen: int, more: int, difference: int, entitled: int
) -> None:
    (told,) = ask(with_rate(rate), request(fen))

    assert (told.kind, told.rule_id) == (KIND.BOUND, "share")
    assert told.changes == {"fact": "cost.COMPUTE", "value": fen + more, "more_fen": more}
    assert (told.difference, told.entitled) == (Fen(difference), Fen(entitled))


def test_a_bound_out_of_reach_is_not_told() -> None:
    assert ask(with_rate(low_and_high("5/10", "2/10")), request(600)) == ()
    assert ask(with_rate(low_and_high("5/10", "2/10")), request(2_100)) == ()


def test_a_bound_on_the_firms_year_counts_what_came_before() -> None:
    rate = replace(low_and_high("5/10", "2/10"), measure=Measure.FIRM_YEAR_COST)
    asked = request(400, firm_year_cost_before=Fen(600))

    (told,) = ask(with_rate(rate), asked)

    assert told.changes == {"fact": "cost.COMPUTE", "value": 401, "more_fen": 1}
    assert (told.difference, told.entitled) == (Fen(-120), Fen(80))


def test_tiers_that_add_up_tell_the_next_bound_upwards_only() -> None:
    rate = tiered(
        tier("first", "5/10", high=Bound(Fen(1_000), is_inside=True)),
        tier("rest", "1/10", low=Bound(Fen(1_000), is_inside=False)),
        marginal=True,
    )

    (told,) = ask(with_rate(rate), request(800))

    assert told.changes == {"fact": "cost.COMPUTE", "value": 1_000, "more_fen": 200}
    assert told.entitled == Fen(500)
    assert ask(with_rate(rate), request(1_200)) == ()


def test_half_of_a_window_needs_twice_the_cost_to_reach_a_bound() -> None:
    half = CostWindow(Period(START, date(2026, 7, 2)), DayCount.INCLUSIVE)
    asked = request(365 * 10)
    rate = tiered(
        tier("small", "5/10", high=Bound(Fen(1_829), is_inside=True)),
        tier("large", "2/10"),
    )
    rules = with_rate(rate, ("window", half))
    now = assess(rules, case=asked.case, request=asked, on=ON)

    bounds = [told for told in ask(rules, asked) if told.kind is KIND.BOUND]

    assert now.entitlement.steps[2].facts["measured"] == 1_820
    assert [told.changes["more_fen"] for told in bounds] == [19]
    assert 3_668 * 182 < 1_829 * 365 < 3_669 * 182


def test_a_floor_is_told_from_both_sides() -> None:
    rules = scheme(("floor", MinimumSpend(Fen(1_000))))

    below = ask(rules, request(900))
    above = ask(rules, request(1_100))

    assert [(told.kind, told.difference.amount) for told in below] == [
        (KIND.LIMIT, 450),
        (KIND.BOUND, 500),
    ]
    assert below[1].changes == {"fact": "cost.COMPUTE", "value": 1_000, "more_fen": 100}
    assert [(told.kind, told.difference.amount) for told in above] == [(KIND.BOUND, -550)]


def test_the_only_condition_that_fails_is_told_with_what_would_meet_it() -> None:
    rules = scheme(("listed", ProviderRegistered()), ("use", AllowedUse((Use.TRAINING,))))
    unlisted = case(provider=provider(is_registered=False))
    both = replace(unlisted, contract=contract(use=Use.OTHER))

    assert ask(rules, request(1_000, case=unlisted)) == (
        Counterfactual(
            KIND.CONDITION,
            "listed",
            Fen(500),
            Fen(500),
            {"fact": "provider_listed", "value": True},
        ),
    )
    assert ask(rules, request(1_000, case=both)) == ()


def test_a_changed_day_of_application_chooses_the_rules_of_that_day() -> None:
    later = date(2026, 3, 1)
    rules = scheme(("call", AppliedWithin(later, date(2026, 4, 1))))
    share = rules.get_rule("share")
    newer = replace(share.versions[0], starts_on=later, form=amount_rules(Fraction(1, 4))[1][1])
    raised = replace(share, versions=(*share.versions, newer))
    rules = replace(rules, rules=tuple(raised if r.id == "share" else r for r in rules.rules))

    (told,) = ask(rules, request(1_000))

    assert (told.kind, told.entitled) == (KIND.CONDITION, Fen(250))
    assert told.changes == {"fact": "applied_on", "value": "2026-03-01"}


def test_a_condition_that_no_single_fact_meets_still_tells_the_amount() -> None:
    supported = contract(supports=(OtherSupport("national", Fen(5)),))
    rules = scheme(("other", NoOtherSupport()), ("request", RequestBetween(Fen(0), Fen(10))))
    only_too_much = ask(rules, request(1_000, case=case(contract=contract(costs={}))))

    assert only_too_much == ()
    empty = scheme(("request", RequestBetween(Fen(1), Fen(10))))
    (told,) = ask(empty, request(1_000, case=case(contract=contract(costs={}))))
    assert (told.changes, told.entitled) == ({}, Fen(500))
    (given_up,) = ask(scheme(("other", NoOtherSupport())), _asked(supported))
    assert given_up.changes == {"fact": "other_support", "value": False}


def _asked(signed: object) -> SupportRequest:
    return request(1_000, case=case(contract=signed))


def test_a_scheme_without_a_rate_is_refused() -> None:
    cost, _, rounding = amount_rules()

    with pytest.raises(UnknownRule):
        ask(scheme(amounts=(cost, rounding)), request(1_000))


def _changed(asked: SupportRequest, told: Counterfactual) -> SupportRequest:
    """The request that a counterfactual of a tier or a bound speaks of, made by hand."""
    if told.kind is KIND.BOUND:
        value = told.changes["value"]
        assert isinstance(value, int)
        return replace(asked, costs={CostCategory.COMPUTE: Fen(value)})
    made: Case = replace(
        asked.case, contract=replace(asked.case.contract, device_origin=DeviceOrigin.DOMESTIC)
    )
    return replace(asked, case=made)


@given(fen=integers(1, 5_000), bound=integers(1, 5_000), ceiling=integers(1, 2_000))
def test_every_figure_is_what_the_rules_give_for_the_changed_case(
    fen: int, bound: int, ceiling: int
) -> None:
    rate = tiered(
        tier("domestic", "6/10", when=DOMESTIC),
        tier("small", "5/10", high=Bound(Fen(bound), is_inside=True)),
        tier("large", "2/10"),
    )
    rules = with_rate(rate, ("cap", cap(ceiling)))
    asked = request(fen, case=case(applicant=applicant(size=FirmSize.SMALL)))
    now = assess(rules, case=asked.case, request=asked, on=ON).entitlement.amount

    for told in ask(rules, asked):
        assert told.difference == told.entitled - now
        assert told.difference != Fen(0)
        if told.kind is KIND.LIMIT:
            uncapped = with_rate(rate)
            then = assess(uncapped, case=asked.case, request=asked, on=ON)
        else:
            changed = _changed(asked, told)
            then = assess(rules, case=changed.case, request=changed, on=ON)
        assert then.entitlement.amount == told.entitled


def test_cost_of_which_nothing_counts_reaches_no_bound() -> None:
    asked = request(costs={CostCategory.STORAGE: Fen(900)})

    told = ask(with_rate(low_and_high("5/10", "2/10")), asked)

    assert [(t.kind, t.entitled) for t in told] == [(KIND.COST, Fen(450))]
