"""Every form of amount says its step with its numbers, in both languages and in every unit."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import get_args

import pytest

from evernormal.domain.audit.facts import of_step
from evernormal.domain.award import entitle_under
from evernormal.domain.policy import (
    Bound,
    Cap,
    CapacitySupport,
    CapCount,
    CapScope,
    CostCategory,
    CostWindow,
    EligibleCost,
    Form,
    Measure,
    MinimumSpend,
    NetOfTax,
    Rate,
    RoundingRule,
    Scheme,
    Selector,
    Side,
    StackingCap,
    SupportRequest,
    Text,
    Tier,
    TierBasis,
    TieredRate,
    Unit,
)
from evernormal.domain.policy.amounts import AmountForm
from evernormal.domain.values import DayCount, Fen, Period, Rounding, RoundingMode
from evernormal.formats.explanation import Teller, view_of
from evernormal.formats.explanation.findings import _VARIANTS
from evernormal.locale import LANGS, Lang, words
from tests.formats.sample_scheme import scheme_of
from tests.formats.sample_year import sample_input

TO_THE_FEN = RoundingRule(Rounding(RoundingMode.TRUNCATE), at_each_step=False)
YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))


def teller_of(scheme: Scheme, lang: Lang = "en") -> Teller:
    own = words(lang, unit=scheme.unit.value)
    return Teller(words=own, scheme=view_of(scheme), day=date(2026, 1, 1))


def steps_in_words(scheme: Scheme, request: SupportRequest, lang: Lang = "en") -> list[str]:
    entitlement = entitle_under(scheme, request=request, on=date(2026, 1, 1))
    teller = teller_of(scheme, lang)
    return [teller.step_sentence(of_step(step)) for step in entitlement.steps]


def request(yuan: int, *, term: Period = YEAR, before: int = 0) -> SupportRequest:
    return SupportRequest(
        case=sample_input().case_of("K01", awards_on_contract=0),
        costs={CostCategory.COMPUTE: Fen(yuan * 100)},
        term=term,
        counted_on=CapCount.AWARD,
        already=dict.fromkeys(CapScope, Fen(before * 100)),
        firm_year_cost_before=Fen(before * 100),
    )


def last_step(form: Form, asked: SupportRequest, lang: Lang = "en", *others: Form) -> str:
    scheme = scheme_of(EligibleCost((CostCategory.COMPUTE,)), *others, form, TO_THE_FEN)
    return steps_in_words(scheme, asked, lang)[-1]


def test_every_form_that_makes_a_step_has_words() -> None:
    assert set(_VARIANTS) == {f.name for f in get_args(AmountForm)} - {RoundingRule.name}


# --- The amount, step by step ---------------------------------------------------------------------

NANNING = scheme_of(
    EligibleCost((CostCategory.COMPUTE,)),
    CostWindow(Period.of_days(date(2025, 3, 1), date(2025, 12, 31)), DayCount.DIFFERENCE),
    Rate(Fraction(3, 10), is_ceiling=False),
    RoundingRule(Rounding(RoundingMode.TRUNCATE, 100), at_each_step=True),
)
NANNING_TERM = Period.of_days(date(2025, 1, 1), date(2026, 12, 31))


def test_the_official_example_of_nanning_is_told_with_its_numbers() -> None:
    assert steps_in_words(NANNING, request(200_000, term=NANNING_TERM)) == [
        "All of the cost counts (compute): 200,000.00 yuan.",
        (
            "305 of 729 days fall between 2025-03-01 and 2025-12-31 (difference of dates): "
            "200,000.00 × 305/729 = 83,676.26…, truncated to 83,676.00 yuan."
        ),
        "83,676.00 × 30 % = 25,102.80, truncated to 25,102.00 yuan.",
    ]
    assert steps_in_words(NANNING, request(200_000, term=NANNING_TERM), "zh_Hans") == [
        "成本全部计入（算力）：200,000.00 元。",
        (
            "合同期 729 天中有 305 天在2025年3月1日至2025年12月31日之间（日期相减）："
            "200,000.00 × 305/729 = 83,676.26…，舍去尾数得 83,676.00 元。"
        ),
        "83,676.00 × 30 % = 25,102.80，舍去尾数得 25,102.00 元。",
    ]


def test_cost_without_tax_is_told_with_the_tax() -> None:
    tax = NetOfTax(Fraction(6, 100))
    to_yuan = RoundingRule(Rounding(RoundingMode.TRUNCATE, 100), at_each_step=True)

    assert last_step(HALF, request(106_000), "en", tax) == "100,000.00 × 50 % = 50,000.00 yuan."
    plain = scheme_of(EligibleCost((CostCategory.COMPUTE,)), tax, HALF, TO_THE_FEN)
    assert steps_in_words(plain, request(106_000))[1] == (
        "Without tax of 6 %: 106,000.00 ÷ (1 + 6 %) = 100,000.00 yuan."
    )
    scheme = scheme_of(EligibleCost((CostCategory.COMPUTE,)), tax, HALF, to_yuan)
    assert steps_in_words(scheme, request(100_000), "zh_Hans")[1] == (
        "扣除税额（税率 6 %），按不含税金额计入："
        "100,000.00 ÷ (1 + 6 %) = 94,339.62…，舍去尾数得 94,339.00 元。"
    )


def test_a_cap_that_binds_says_what_was_left_of_it() -> None:
    scheme = scheme_of(
        EligibleCost((CostCategory.COMPUTE,)),
        MinimumSpend(Fen(5_000_000)),
        Rate(Fraction(1, 5), is_ceiling=True),
        Cap(CapScope.FIRM_YEAR, Fen(200_000_000), (CapCount.AWARD,)),
        Cap(CapScope.FIRM, Fen(500_000_000)),
        RoundingRule(Rounding(RoundingMode.TRUNCATE), at_each_step=False),
    )
    term = Period(date(2026, 1, 1), date(2027, 1, 1))

    assert steps_in_words(scheme, request(12_000_000, term=term, before=500_000))[1:] == [
        "12,000,000.00 yuan reaches the minimum spend of 50,000.00 yuan.",
        "Up to 20 %, which this programme gives in full: 12,000,000.00 × 20 % = 2,400,000.00 yuan.",
        (
            "2,400,000.00 yuan is more than the firm's year has left: ceiling 2,000,000.00 yuan, "
            "less 500,000.00 yuan so far = 1,500,000.00 yuan (counted at the award); cut to "
            "1,500,000.00 yuan."
        ),
        (
            "1,500,000.00 yuan is within what the firm has left: ceiling 5,000,000.00 yuan, "
            "less 500,000.00 yuan so far = 4,500,000.00 yuan (counted at the award)."
        ),
    ]
    assert steps_in_words(scheme, request(49_999, term=term))[1] == (
        "49,999.00 yuan is below the minimum spend of 50,000.00 yuan: nothing is supported."
    )


@pytest.mark.parametrize(
    ("term", "sentence"),
    [
        (
            Period.of_days(date(2025, 3, 1), date(2025, 12, 31)),
            "The whole contract falls between 2025-03-01 and 2025-12-31: 200,000.00 yuan counts.",
        ),
        (
            Period.of_days(date(2026, 1, 1), date(2026, 12, 31)),
            "No day of the contract falls between 2025-03-01 and 2025-12-31: nothing counts.",
        ),
    ],
)
def test_a_window_that_holds_all_or_nothing_shows_no_formula(term: Period, sentence: str) -> None:
    assert steps_in_words(NANNING, request(200_000, term=term))[1] == sentence


# --- Tiers ----------------------------------------------------------------------------------------

TIERS = (
    Tier(
        Text("Up to 500,000 yuan", "50万元以下"),
        Fraction(1, 2),
        high=Bound(Fen(500_000_00), is_inside=True),
    ),
    Tier(
        Text("Above, up to a million", "50万元以上至100万元"),
        Fraction(3, 10),
        low=Bound(Fen(500_000_00), is_inside=False),
        high=Bound(Fen(1_000_000_00), is_inside=True),
    ),
)


def tiered(basis: TierBasis, *, measure: Measure = Measure.COST, up_to: bool = False) -> TieredRate:
    return TieredRate(measure=measure, basis=basis, is_ceiling=up_to, tiers=TIERS)


@pytest.mark.parametrize(
    ("form", "yuan", "english", "chinese"),
    [
        (
            tiered(TierBasis.WHOLE),
            500_000,
            "Up to 500,000 yuan: 500,000.00 × 50 % = 250,000.00 yuan.",
            "50万元以下：500,000.00 × 50 % = 250,000.00 元。",
        ),
        (
            tiered(TierBasis.WHOLE, up_to=True),
            500_001,
            (
                "Above, up to a million, up to 30 %, which this programme gives in full: "
                "500,001.00 × 30 % = 150,000.30 yuan."
            ),
            "50万元以上至100万元，最高 30 %，本项目按上限计算：500,001.00 × 30 % = 150,000.30 元。",
        ),
        (
            tiered(TierBasis.WHOLE),
            1_000_001,
            "No tier is for this case with 1,000,001.00 yuan: nothing is supported.",
            "本申请与 1,000,001.00 元不属于任何一档：不予支持。",
        ),
        (
            tiered(TierBasis.MARGINAL),
            600_000,
            (
                "Each part of 600,000.00 yuan by its own tier: 500,000.00 × 50 % + "
                "100,000.00 × 30 % = 280,000.00 yuan."
            ),
            (
                "600,000.00 元分段适用各档比例：500,000.00 × 50 % + 100,000.00 × 30 % = "
                "280,000.00 元。"
            ),
        ),
        (
            tiered(TierBasis.MARGINAL, up_to=True),
            600_000,
            (
                "Each part of 600,000.00 yuan by its own tier, up to its ratio, which this "
                "programme gives in full: 500,000.00 × 50 % + 100,000.00 × 30 % = 280,000.00 yuan."
            ),
            (
                "600,000.00 元分段适用各档最高比例，本计划按上限支持：500,000.00 × 50 % + "
                "100,000.00 × 30 % = 280,000.00 元。"
            ),
        ),
    ],
)
def test_a_tier_is_named_in_the_language_of_the_reader(
    form: TieredRate, yuan: int, english: str, chinese: str
) -> None:
    assert last_step(form, request(yuan)) == english
    assert last_step(form, request(yuan), "zh_Hans") == chinese


def test_a_tier_by_the_year_says_what_the_year_comes_to() -> None:
    form = tiered(TierBasis.WHOLE, measure=Measure.FIRM_YEAR_COST)

    assert last_step(form, request(100_000, before=450_000)) == (
        "The firm's year comes to 550,000.00 yuan with this cost. "
        "Above, up to a million: 100,000.00 × 30 % = 30,000.00 yuan."
    )
    assert last_step(form, request(100_000, before=450_000), "zh_Hans") == (
        "计入本次成本，企业本年累计 550,000.00 元。"
        "50万元以上至100万元：100,000.00 × 30 % = 30,000.00 元。"
    )


# --- Floors, capacity, stacking and caps ----------------------------------------------------------

HALF = Rate(Fraction(1, 2), is_ceiling=False)


def test_a_floor_of_the_year_is_told_by_the_year() -> None:
    floor = MinimumSpend(Fen(500_000_00), Measure.FIRM_YEAR_COST)
    scheme = scheme_of(EligibleCost((CostCategory.COMPUTE,)), floor, HALF, TO_THE_FEN)

    assert steps_in_words(scheme, request(100_000, before=400_000))[1] == (
        "With this cost the firm's year reaches the minimum spend of 500,000.00 yuan: "
        "100,000.00 yuan counts."
    )
    assert steps_in_words(scheme, request(100_000, before=399_999))[1] == (
        "With this cost the firm's year is still below the minimum spend of 500,000.00 yuan: "
        "nothing is supported."
    )


def test_capacity_is_told_by_its_pflops() -> None:
    asked = request(1)
    contract = replace(asked.case.contract, capacity_pflops=1_200, side=Side.SUPPLY)
    asked = replace(asked, case=replace(asked.case, contract=contract))

    for lang, end in (("en", " yuan."), ("zh_Hans", " 元。")):
        told = last_step(CapacitySupport(Fen(5_000_00)), asked, lang)  # type: ignore[arg-type]
        assert told == f"1,200 PFLOPS × 5,000.00 = 6,000,000.00{end}"


def test_stacking_says_what_the_other_programmes_leave() -> None:
    form = StackingCap(Fraction(3, 5))
    asked = replace(request(1_000_000), other_support=Fen(200_000_00))

    assert last_step(form, asked, "en", HALF) == (
        "500,000.00 yuan is more than what all public support together leaves: 60 % of "
        "1,000,000.00 yuan, less 200,000.00 yuan from other programmes = 400,000.00 yuan; "
        "cut to 400,000.00 yuan."
    )
    within = last_step(form, replace(asked, other_support=Fen(0)), "zh_Hans", HALF)
    assert within == (
        "500,000.00 元未超过各项财政支持合计上限的剩余部分：1,000,000.00 元的 60 %，"
        "减去其他项目支持 0.00 元，余 600,000.00 元。"
    )


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("scope", CapScope)
def test_a_cap_of_every_scope_has_a_sentence_of_its_own(scope: CapScope, lang: Lang) -> None:
    others = [each for each in CapScope if each is not scope]
    for yuan in (1, 3_000):
        told = last_step(Cap(scope, Fen(1_000_00)), request(yuan), lang, HALF)
        assert ("1,000.00" in told) or scope is CapScope.CLAIM
        assert told not in [
            last_step(Cap(each, Fen(1_000_00)), request(yuan), lang, HALF) for each in others
        ]


def test_a_cap_that_does_not_count_here_says_why() -> None:
    at_claims = Cap(CapScope.GROUP_YEAR, Fen(1_000_00), (CapCount.CLAIM,))
    of_supply = Cap(CapScope.CONTRACT, Fen(1_000_00), when=Selector(sides=(Side.SUPPLY,)))
    a_claim = Cap(CapScope.CLAIM, Fen(1_000_00))

    assert last_step(at_claims, request(4_000), "en", HALF) == (
        "The ceiling of 1,000.00 yuan for the group's year is not counted at this act."
    )
    assert last_step(of_supply, request(4_000), "zh_Hans", HALF) == (
        "本合同的上限 1,000.00 元不适用于本申请。"
    )
    assert last_step(a_claim, request(4_000), "en", HALF) == (
        "2,000.00 yuan is more than the ceiling of 1,000.00 yuan for one claim; "
        "cut to 1,000.00 yuan."
    )


# --- Units ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "lang", "sentence"),
    [
        (Unit.EUR, "en", "1,000.00 × 50 % = 500.00 euros."),
        (Unit.INR, "zh_Hans", "1,000.00 × 50 % = 500.00 印度卢比。"),
        (Unit.CARD_HOUR, "en", "1,000.00 × 50 % = 500.00 card-hours."),
        (Unit.CREDIT, "zh_Hans", "1,000.00 × 50 % = 500.00 积分。"),
    ],
)
def test_a_step_counts_in_the_unit_of_its_scheme(unit: Unit, lang: Lang, sentence: str) -> None:
    scheme = scheme_of(EligibleCost((CostCategory.COMPUTE,)), HALF, TO_THE_FEN, unit=unit)

    assert steps_in_words(scheme, request(1_000), lang)[-1] == sentence


@pytest.mark.parametrize(
    ("unit", "unit_fen", "after", "sentence"),
    [
        (Unit.CNY, 100, "5050/3", "16.83… is truncated to whole yuan: 16.00 yuan."),
        (Unit.CNY, 1_000, 1_000, "10.00 yuan is a multiple of 10.00 yuan: nothing is rounded."),
        (Unit.EUR, 1, 1_601, "16.01 euros is a multiple of 0.01 euros: nothing is rounded."),
        (
            Unit.CARD_HOUR,
            100,
            1_601,
            "16.01 is truncated to a multiple of 1.00 card-hours: 16.00 card-hours.",
        ),
    ],
)
def test_rounding_names_a_coin_only_where_there_is_one(
    unit: Unit, unit_fen: int, after: int | str, sentence: str
) -> None:
    rule = RoundingRule(Rounding(RoundingMode.TRUNCATE, unit_fen), at_each_step=False)
    entitled = Rounding(RoundingMode.TRUNCATE, unit_fen).to_fen(Fraction(after)).amount
    line = teller_of(scheme_of(rule, unit=unit)).rounding({"after": after}, entitled_fen=entitled)

    assert line is not None
    assert line.text == sentence
