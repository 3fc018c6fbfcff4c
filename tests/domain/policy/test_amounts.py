"""Each form of amount on both sides of its bound, and the limb in every case."""

from datetime import date
from fractions import Fraction
from itertools import islice, permutations

import pytest

from evernormal.domain.policy import (
    Cap,
    CapacitySupport,
    CapScope,
    CostCategory,
    CostWindow,
    EligibleCost,
    Entitlement,
    Measure,
    MinimumSpend,
    NetOfTax,
    Rate,
    RoundingRule,
    StackingCap,
    Step,
    SupportRequest,
    entitle,
)
from evernormal.domain.policy.amounts import AmountForm
from evernormal.domain.values import DayCount, Fen, Period, Rounding, RoundingMode
from tests.domain.sample import case, contract, request

TO_FEN = RoundingRule(Rounding(RoundingMode.TRUNCATE), at_each_step=False)
YUAN_EACH = RoundingRule(Rounding(RoundingMode.TRUNCATE, 100), at_each_step=True)
YUAN_END = RoundingRule(Rounding(RoundingMode.TRUNCATE, 100), at_each_step=False)
COST = EligibleCost((CostCategory.COMPUTE,))
HALF = Rate(Fraction(1, 2), is_ceiling=False)
NONE = Fraction(0)


def cap_year(fen: int) -> Cap:
    return Cap(CapScope.FIRM_YEAR, Fen(fen))


def cap_all(fen: int) -> Cap:
    return Cap(CapScope.FIRM, Fen(fen))


def entitled(
    *rules: AmountForm, asked: SupportRequest | None = None, rounding: RoundingRule = TO_FEN
) -> Entitlement:
    named = [(rule.scope.value if isinstance(rule, Cap) else rule.name, rule) for rule in rules]
    return entitle(named, request=asked or request(), rounding=rounding)


def amount_and_limb(
    *rules: AmountForm, asked: SupportRequest | None = None, rounding: RoundingRule = TO_FEN
) -> tuple[int, str]:
    found = entitled(*rules, asked=asked, rounding=rounding)
    return found.amount.amount, found.limb


def test_only_listed_categories_count() -> None:
    costs = {
        CostCategory.COMPUTE: Fen(70),
        CostCategory.STORAGE: Fen(20),
        CostCategory.NETWORK: Fen(9),
    }
    form = EligibleCost((CostCategory.STORAGE, CostCategory.COMPUTE))

    found = form.apply(NONE, request(costs=costs), NONE)

    assert found == (Fraction(90), {"categories": "COMPUTE STORAGE", "left_out_fen": 9})


VAT = NetOfTax(Fraction(6, 100))


@pytest.mark.parametrize(
    ("cost", "after"), [("10600000", "10000000"), ("10000000", "500000000/53"), ("0", "0")]
)
def test_tax_is_taken_out_exactly(cost: str, after: str) -> None:
    found = VAT.apply(Fraction(cost), request(), NONE)

    assert found == (Fraction(after), {"ratio": "3/50"})


@pytest.mark.parametrize(("cost", "after"), [(106, 100), (105, 99), (1, 0), (0, 0)])
def test_a_sum_without_its_tax_is_cut_to_the_fen(cost: int, after: int) -> None:
    assert VAT.without_tax(Fen(cost)) == Fen(after)


def test_floor_rate_stacking_and_caps_see_the_cost_without_tax() -> None:
    share = Rate(Fraction(3, 10), is_ceiling=False)
    floor = MinimumSpend(Fen(10_000_000))

    assert amount_and_limb(COST, VAT, share, asked=request(10_000_000)) == (2_830_188, "rate")
    assert amount_and_limb(COST, VAT, floor, share, asked=request(10_600_000)) == (
        3_000_000,
        "rate",
    )
    assert amount_and_limb(COST, VAT, floor, share, asked=request(10_599_999)) == (
        0,
        "minimum_spend",
    )
    asked = request(10_600_000, other_support=Fen(8_000_000))
    assert amount_and_limb(COST, VAT, share, StackingCap(Fraction(1)), asked=asked) == (
        2_000_000,
        "stacking_cap",
    )
    assert amount_and_limb(COST, VAT, share, cap_year(9), asked=request(106)) == (9, "FIRM_YEAR")


def test_tax_that_leaves_nothing_of_a_unit_is_the_limb() -> None:
    asked = request(105)

    assert amount_and_limb(COST, VAT, HALF, asked=asked, rounding=YUAN_EACH) == (0, "net_of_tax")


NANNING = Period.of_days(date(2025, 3, 1), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("first", "last", "difference", "inclusive"),
    [
        ("2025-01-01", "2026-12-31", "305/729", "306/730"),  # the published example
        ("2025-03-01", "2025-12-31", "1", "1"),  # exactly the window
        ("2025-03-01", "2025-03-01", "1", "1"),  # one day inside
        ("2025-02-28", "2025-03-01", "0", "1/2"),  # one day of two: a difference of 0
        ("2025-02-27", "2025-03-02", "1/3", "2/4"),
        ("2025-01-01", "2025-02-28", "0", "0"),  # the day before it opens
        ("2026-01-01", "2026-01-01", "0", "0"),  # the day after it closed
        ("2025-12-31", "2026-01-01", "0", "1/2"),
    ],
)
def test_cost_window_counts_days(first: str, last: str, difference: str, inclusive: str) -> None:
    term = Period.of_days(date.fromisoformat(first), date.fromisoformat(last))
    shares = [
        CostWindow(NANNING, count).apply(Fraction(1), request(term=term), NONE)[0]
        for count in (DayCount.DIFFERENCE, DayCount.INCLUSIVE)
    ]

    assert shares == [Fraction(difference), Fraction(inclusive)]


def test_cost_window_shows_its_days() -> None:
    term = Period.of_days(date(2025, 1, 1), date(2026, 12, 31))

    window = CostWindow(NANNING, DayCount.DIFFERENCE)

    assert window.apply(Fraction(1), request(term=term), NONE)[1] == {
        "first": "2025-03-01",
        "last": "2025-12-31",
        "days_inside": 305,
        "days": 729,
        "day_count": "DIFFERENCE",
    }


@pytest.mark.parametrize(("cost", "after"), [("999", "0"), ("1000", "1000"), ("1999/2", "0")])
def test_minimum_spend_is_enough_itself(cost: str, after: str) -> None:
    found = MinimumSpend(Fen(1_000)).apply(Fraction(cost), request(), NONE)

    reached = after != "0"
    facts = {"minimum_fen": 1_000, "measure": "COST", "reached": reached}
    assert found == (Fraction(after), facts)


@pytest.mark.parametrize(("before", "after"), [(600, 400), (599, 0), (0, 0)])
def test_minimum_spend_of_the_year_counts_earlier_cost_but_supports_only_this(
    before: int, after: int
) -> None:
    floor = MinimumSpend(Fen(1_000), Measure.FIRM_YEAR_COST)

    found = floor.apply(Fraction(400), request(firm_year_cost_before=Fen(before)), NONE)

    facts = {"minimum_fen": 1_000, "measure": "FIRM_YEAR_COST", "reached": bool(after)}
    assert found == (Fraction(after), facts)


def test_rate_multiplies_exactly() -> None:
    found = Rate(Fraction(1, 3), is_ceiling=True).apply(Fraction(100), request(), NONE)

    assert found == (Fraction(100, 3), {"ratio": "1/3", "is_ceiling": True})


@pytest.mark.parametrize(("pflops", "after"), [(0, 0), (1, 7), (300, 2_100)])
def test_capacity_is_supported_by_the_pflops_whatever_the_cost(pflops: int, after: int) -> None:
    asked = request(case=case(contract=contract(capacity_pflops=pflops)))

    found = CapacitySupport(Fen(7)).apply(Fraction(99), asked, NONE)

    assert found == (Fraction(after), {"pflops": pflops, "per_pflops_fen": 7})


NO_WINDOW = CostWindow(Period.of_days(date(2030, 1, 1), date(2030, 1, 1)), DayCount.DIFFERENCE)
YEAR_CAP = cap_year(500)
MEASURED = request(case=case(contract=contract(capacity_pflops=10)))


@pytest.mark.parametrize(
    ("rules", "fen", "limb"),
    [
        ((COST, HALF), 500, "rate"),
        ((COST, HALF, YEAR_CAP), 500, "rate"),  # exactly met: it lowered nothing
        ((COST, HALF, cap_year(499)), 499, "FIRM_YEAR"),
        (
            (COST, HALF, cap_year(499), cap_all(498)),
            498,
            "FIRM",
        ),
        (
            (COST, HALF, cap_year(499), cap_all(499)),
            499,
            "FIRM_YEAR",
        ),
        ((COST, MinimumSpend(Fen(1_000)), HALF), 500, "rate"),
        ((COST, MinimumSpend(Fen(1_001)), HALF, YEAR_CAP), 0, "minimum_spend"),
        ((COST, NO_WINDOW, MinimumSpend(Fen(1)), HALF, YEAR_CAP), 0, "cost_window"),
        ((COST, NO_WINDOW, HALF, YEAR_CAP), 0, "cost_window"),
        (
            (EligibleCost((CostCategory.STORAGE,)), NO_WINDOW, MinimumSpend(Fen(0)), HALF),
            0,
            "eligible_cost",
        ),
        ((COST, Rate(Fraction(0), is_ceiling=False), YEAR_CAP), 0, "rate"),
        ((CapacitySupport(Fen(7)), YEAR_CAP), 70, "capacity_support"),
        ((CapacitySupport(Fen(70)), YEAR_CAP), 500, "FIRM_YEAR"),
        ((COST, HALF, StackingCap(Fraction(1, 2))), 500, "rate"),
        ((COST, HALF, StackingCap(Fraction(499, 1_000))), 499, "stacking_cap"),
        ((COST, HALF, StackingCap(Fraction(1, 10)), cap_year(100)), 100, "stacking_cap"),
    ],
)
def test_limb_names_why_the_amount_is_what_it_is(
    rules: tuple[AmountForm, ...], fen: int, limb: str
) -> None:
    assert amount_and_limb(*rules, asked=MEASURED) == (fen, limb)


@pytest.mark.parametrize("fen", [50, 150])
def test_limb_is_named_also_where_rounding_a_step_left_nothing(fen: int) -> None:
    window = CostWindow(Period(date(2026, 1, 1), date(2026, 7, 2)), DayCount.INCLUSIVE)

    amount, limb = amount_and_limb(COST, window, HALF, asked=request(fen), rounding=YUAN_EACH)

    assert amount == 0
    assert limb in {"eligible_cost", "cost_window"}


@pytest.mark.parametrize("mode", RoundingMode)
@pytest.mark.parametrize("at_each_step", [False, True])
def test_rounding_never_lifts_an_entitlement_over_a_cap(
    mode: RoundingMode, *, at_each_step: bool
) -> None:
    # What a firm has may be any fen: an earlier award was cut to what was left of the pot.
    cap, already = Fen(10_000), Fen(30)
    to_yuan = RoundingRule(Rounding(mode, 100), at_each_step=at_each_step)
    asked = request(40_000, already={CapScope.FIRM: already})

    found = entitled(COST, HALF, Cap(CapScope.FIRM, cap), asked=asked, rounding=to_yuan)

    assert found.amount == Fen(9_900)


@pytest.mark.parametrize("mode", RoundingMode)
def test_rounding_never_lifts_all_public_support_over_its_share(mode: RoundingMode) -> None:
    to_yuan = RoundingRule(Rounding(mode, 100), at_each_step=False)
    asked = request(40_000, other_support=Fen(10_030))

    found = entitled(COST, HALF, StackingCap(Fraction(1, 2)), asked=asked, rounding=to_yuan)

    assert found.amount == Fen(9_900)


def test_rounding_may_reach_what_is_left_exactly() -> None:
    up = RoundingRule(Rounding(RoundingMode.HALF_UP, 100), at_each_step=False)

    # Half of 19,920 is 9,960, which rounds to the 10,000 that are left, and not over them.
    assert amount_and_limb(COST, HALF, cap_all(10_000), asked=request(19_920), rounding=up) == (
        10_000,
        "rate",
    )


def test_the_narrowest_room_holds_whichever_cap_it_is_of() -> None:
    up = RoundingRule(Rounding(RoundingMode.HALF_UP, 100), at_each_step=False)
    asked = request(40_000, already={CapScope.FIRM_YEAR: Fen(30)})

    wide_first = entitled(COST, HALF, cap_year(10_000), cap_all(99_999), asked=asked, rounding=up)

    assert wide_first.amount == Fen(9_900)


def test_steps_are_in_the_fixed_order_whatever_order_rules_come_in() -> None:
    rules: list[tuple[str, AmountForm]] = [
        ("cost", COST),
        ("tax", NetOfTax(Fraction(1, 100))),
        ("window", CostWindow(Period(date(2026, 7, 1), date(2027, 7, 1)), DayCount.INCLUSIVE)),
        ("floor", MinimumSpend(Fen(400))),
        ("share", HALF),
        ("together", StackingCap(Fraction(49, 100))),
        ("year", cap_year(240)),
        ("all", cap_all(230)),
        ("rounding", TO_FEN),
    ]
    orders = islice(permutations(rules), 0, None, 97)
    results = [entitle(order, request=request(), rounding=TO_FEN) for order in orders]

    assert len(results) > 400
    assert results == [results[0]] * len(results)
    assert [step.rule_id for step in results[0].steps] == [rule_id for rule_id, _ in rules[:-1]]
    assert (results[0].amount, results[0].limb) == (Fen(230), "all")


def test_caps_come_from_the_narrowest_scope_to_the_widest() -> None:
    caps = [Cap(scope, Fen(100 - n)) for n, scope in enumerate(CapScope)]

    found = entitled(*reversed(caps), HALF, COST)

    assert [step.rule_id for step in found.steps[2:]] == [scope.value for scope in CapScope]
    assert (found.amount, found.limb) == (Fen(94), "GROUP")


def test_rounding_at_each_step_and_once_at_the_end_differ() -> None:
    window = CostWindow(Period(date(2026, 1, 1), date(2026, 5, 1)), DayCount.INCLUSIVE)
    asked = request(100_000)
    third = Rate(Fraction(1, 3), is_ceiling=False)
    share = Fraction(120, 365)

    each = entitled(COST, window, third, asked=asked, rounding=YUAN_EACH)
    once = entitled(COST, window, third, asked=asked, rounding=YUAN_END)

    assert [(s.before, s.exact, s.after) for s in each.steps] == [
        (Fraction(0), Fraction(100_000), Fraction(100_000)),
        (Fraction(100_000), 100_000 * share, Fraction(32_800)),
        (Fraction(32_800), Fraction(32_800, 3), Fraction(10_900)),
    ]
    assert [(s.before, s.exact, s.after) for s in once.steps] == [
        (Fraction(0), Fraction(100_000), Fraction(100_000)),
        (Fraction(100_000), 100_000 * share, 100_000 * share),
        (100_000 * share, 100_000 * share / 3, 100_000 * share / 3),
    ]
    assert (each.amount, once.amount) == (Fen(10_900), Fen(10_900))
    almost = entitled(
        COST, third, Rate(Fraction(3), is_ceiling=False), asked=request(100), rounding=YUAN_EACH
    )
    whole = entitled(
        COST, third, Rate(Fraction(3), is_ceiling=False), asked=request(100), rounding=YUAN_END
    )
    assert (almost.amount, whole.amount) == (Fen(0), Fen(100))


def test_a_step_is_kept_with_its_facts() -> None:
    assert entitled(COST, HALF).steps == (
        Step(
            "eligible_cost",
            "eligible_cost",
            Fraction(0),
            Fraction(1_000),
            Fraction(1_000),
            {"categories": "COMPUTE", "left_out_fen": 0},
        ),
        Step(
            "rate",
            "rate",
            Fraction(1_000),
            Fraction(500),
            Fraction(500),
            {"ratio": "1/2", "is_ceiling": False},
        ),
    )
