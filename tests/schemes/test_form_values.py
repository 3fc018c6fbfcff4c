"""What a rule's value becomes, and what is said of one that does not fit its form."""

from datetime import date
from fractions import Fraction

import pytest

from evernormal.domain.policy import (
    Alternative,
    AnyOf,
    AppliedWithin,
    Bound,
    Cap,
    CapCount,
    CapScope,
    Clawback,
    ClawbackTrigger,
    CostWindow,
    FundingShare,
    FundingSplit,
    Measure,
    MinimumSpend,
    NetOfTax,
    Pot,
    PotTranche,
    PriceAtMost,
    RequestBetween,
    Review,
    ReviewTier,
    Selector,
    Shortage,
    ShortageRule,
    Text,
    Tier,
    TierBasis,
    TieredRate,
)
from evernormal.domain.values import DayCount, Fen, Period
from evernormal.schemes import SchemeProblems, load_scheme
from tests.schemes.form_mistakes import FORM_MISTAKES, with_form


@pytest.mark.parametrize(
    ("form", "value", "expected"),
    [
        (
            "cost_window",
            '{ first = 2025-03-01, last = 2025-12-31, day_count = "INCLUSIVE" }',
            CostWindow(Period(date(2025, 3, 1), date(2026, 1, 1)), DayCount.INCLUSIVE),
        ),
        (
            "applied_within",
            "{ first = 2025-03-01, last = 2025-03-01 }",
            AppliedWithin(first=date(2025, 3, 1), last=date(2025, 3, 1)),
        ),
        ("net_of_tax", '{ ratio = "6/100" }', NetOfTax(Fraction(6, 100))),
        ("price_at_most", '{ amount = "12.80" }', PriceAtMost(Fen(1_280))),
        ("minimum_spend", '{ amount = "49999.99" }', MinimumSpend(Fen(4_999_999))),
        (
            "minimum_spend",
            '{ amount = 1, measure = "FIRM_YEAR_COST" }',
            MinimumSpend(Fen(100), Measure.FIRM_YEAR_COST),
        ),
        ("cap", '{ scope = "GROUP", amount = 2 }', Cap(CapScope.GROUP, Fen(200))),
        (
            "cap",
            (
                '{ scope = "FIRM_YEAR", amount = 2, counted_on = ["CLAIM"], '
                "when = { staff_at_most = 0 } }"
            ),
            Cap(CapScope.FIRM_YEAR, Fen(200), (CapCount.CLAIM,), Selector(staff_at_most=0)),
        ),
        (
            "tiered_rate",
            (
                '{ measure = "COST", basis = "MARGINAL", up_to = false, tiers = ['
                '{ label = @A, above = 1, at_most = 2, ratio = "1/2" }, { label = @B, '
                'when = { places = ["44"] }, at_least = 2, below = 3, ratio = "1/1" }] }'
            ),
            TieredRate(
                Measure.COST,
                TierBasis.MARGINAL,
                is_ceiling=False,
                tiers=(
                    Tier(
                        Text("a", "甲"),
                        Fraction(1, 2),
                        low=Bound(Fen(100), is_inside=False),
                        high=Bound(Fen(200), is_inside=True),
                    ),
                    Tier(
                        Text("b", "乙"),
                        Fraction(1),
                        Selector(places=("44",)),
                        Bound(Fen(200), is_inside=True),
                        Bound(Fen(300), is_inside=False),
                    ),
                ),
            ),
        ),
        (
            "any_of",
            "{ any_of = [{ label = @A, when = { scale_at_least = { pflops = 5 } } }] }",
            AnyOf((Alternative(Text("a", "甲"), Selector(scale_at_least={"pflops": 5})),)),
        ),
        ("request_between", "{ at_least = 1, at_most = 1 }", RequestBetween(Fen(100), Fen(100))),
        ("pot", "{ amount = 9 }", Pot(Fen(900))),
        (
            "pot",
            (
                '{ amount = 9, tranches = [{ month = 1, ratio = "1/3" }, '
                '{ month = 2, ratio = "2/3" }] }'
            ),
            Pot(Fen(900), (PotTranche(1, Fraction(1, 3)), PotTranche(2, Fraction(2, 3)))),
        ),
        (
            "funding_split",
            '{ shares = [{ funder = "city", label = @A, ratio = "1/1" }] }',
            FundingSplit((FundingShare("city", Text("a", "甲"), Fraction(1)),)),
        ),
        ("shortage", '{ shortage = "PRO_RATA" }', ShortageRule(Shortage.PRO_RATA)),
        (
            "shortage",
            '{ shortage = "LOTTERY", least_score = 60, sure_score = 61 }',
            ShortageRule(Shortage.LOTTERY, 60, 61),
        ),
        (
            "shortage",
            '{ shortage = "RANKED", least_score = 0 }',
            ShortageRule(Shortage.RANKED, 0),
        ),
        (
            "review",
            "{ tiers = [{ reviewer = @A, at_most = 9 }, { reviewer = @B }] }",
            Review((ReviewTier(Text("a", "甲"), Fen(900)), ReviewTier(Text("b", "乙"), None))),
        ),
        (
            "clawback",
            (
                '{ triggers = ["MISUSE"], ratio = "1/1", interest_per_year = "0/1", '
                "exclusion_years = 0 }"
            ),
            Clawback((ClawbackTrigger.MISUSE,), Fraction(1), Fraction(0), 0),
        ),
    ],
)
def test_values_become_forms(form: str, value: str, expected: object) -> None:
    text, _ = with_form(form, value)
    scheme = load_scheme(text.encode(), path="s.toml")

    assert scheme.get_rule("more").versions[0].form == expected


@pytest.mark.parametrize(
    ("form", "value", "expected"), [pytest.param(*row[1:], id=row[0]) for row in FORM_MISTAKES]
)
def test_a_value_that_does_not_fit_its_form_is_refused_at_its_place(
    form: str, value: str, expected: str
) -> None:
    text, line = with_form(form, value)

    with pytest.raises(SchemeProblems) as refused:
        load_scheme(text.encode(), path="s.toml")

    assert str(refused.value) == f"s.toml:{line}: rule[more].from[0].value{expected}"
