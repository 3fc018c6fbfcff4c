"""Each form of amount on both sides of its bound, and the limb in every case."""

from datetime import date
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest

from evernormal.domain.policy import (
    CapCount,
    CostCategory,
    CostWindow,
    EligibleCost,
    Entitlement,
    FirmCap,
    FirmYearCap,
    MinimumSpend,
    Rate,
    RoundingRule,
    Step,
    SupportRequest,
    entitle,
)
from evernormal.domain.policy.amounts import AmountForm
from evernormal.domain.values import DayCount, Fen, Period, Rounding, RoundingMode

TO_FEN = RoundingRule(Rounding(RoundingMode.TRUNCATE), at_each_step=False)
YUAN_EACH = RoundingRule(Rounding(RoundingMode.TRUNCATE, 100), at_each_step=True)
YUAN_END = RoundingRule(Rounding(RoundingMode.TRUNCATE, 100), at_each_step=False)
YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))
COST = EligibleCost((CostCategory.COMPUTE,))
HALF = Rate(Fraction(1, 2), is_ceiling=False)


def request(fen: int = 1_000, **changes: Any) -> SupportRequest:
    values: dict[str, Any] = {
        "costs": {CostCategory.COMPUTE: Fen(fen)},
        "term": YEAR,
        "counted_on": CapCount.AWARD,
        "firm_year_before": Fen(0),
        "firm_before": Fen(0),
    }
    return SupportRequest(**{**values, **changes})


def entitled(
    *rules: AmountForm, asked: SupportRequest | None = None, rounding: RoundingRule = TO_FEN
) -> Entitlement:
    named = [(rule.name, rule) for rule in rules]
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

    found = form.apply(Fraction(0), request(costs=costs))

    assert found == (Fraction(90), {"categories": "COMPUTE STORAGE", "left_out_fen": 9})


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
        CostWindow(NANNING, count).apply(Fraction(1), request(term=term))[0]
        for count in (DayCount.DIFFERENCE, DayCount.INCLUSIVE)
    ]

    assert shares == [Fraction(difference), Fraction(inclusive)]


def test_cost_window_shows_its_days() -> None:
    term = Period.of_days(date(2025, 1, 1), date(2026, 12, 31))

    assert CostWindow(NANNING, DayCount.DIFFERENCE).apply(Fraction(1), request(term=term))[1] == {
        "first": "2025-03-01",
        "last": "2025-12-31",
        "days_inside": 305,
        "days": 729,
        "day_count": "DIFFERENCE",
    }


@pytest.mark.parametrize(("cost", "after"), [("999", "0"), ("1000", "1000"), ("1999/2", "0")])
def test_minimum_spend_is_enough_itself(cost: str, after: str) -> None:
    found = MinimumSpend(Fen(1_000)).apply(Fraction(cost), request())

    assert found == (Fraction(after), {"minimum_fen": 1_000})


def test_rate_multiplies_exactly() -> None:
    found = Rate(Fraction(1, 3), is_ceiling=True).apply(Fraction(100), request())

    assert found == (Fraction(100, 3), {"ratio": "1/3", "is_ceiling": True})


@pytest.mark.parametrize(
    ("already", "after", "left"),
    [(0, 500, 600), (99, 500, 501), (100, 500, 500), (101, 499, 499), (600, 0, 0), (700, 0, 0)],
)
def test_caps_leave_what_is_left(already: int, after: int, left: int) -> None:
    facts = {"cap_fen": 600, "counted_on": "AWARD", "before_fen": already, "left_fen": left}

    in_year = FirmYearCap(Fen(600), (CapCount.AWARD,)).apply(
        Fraction(500), request(firm_year_before=Fen(already))
    )
    in_all = FirmCap(Fen(600)).apply(Fraction(500), request(firm_before=Fen(already)))

    assert in_year == in_all == (Fraction(after), facts)


def test_a_year_cap_does_nothing_on_an_act_it_does_not_name() -> None:
    cap = FirmYearCap(Fen(1), (CapCount.CLAIM,))

    assert cap.apply(Fraction(500), request())[0] == 500
    assert cap.apply(Fraction(500), request(counted_on=CapCount.CLAIM))[0] == 1


def test_each_cap_looks_at_its_own_sum() -> None:
    asked = request(firm_year_before=Fen(10), firm_before=Fen(400))

    assert amount_and_limb(COST, HALF, FirmYearCap(Fen(300), (CapCount.AWARD,)), asked=asked) == (
        290,
        "firm_year_cap",
    )
    assert amount_and_limb(COST, HALF, FirmCap(Fen(450)), asked=asked) == (50, "firm_cap")


NO_WINDOW = CostWindow(Period.of_days(date(2030, 1, 1), date(2030, 1, 1)), DayCount.DIFFERENCE)
YEAR_CAP = FirmYearCap(Fen(500), (CapCount.AWARD,))


@pytest.mark.parametrize(
    ("rules", "fen", "limb"),
    [
        ((COST, HALF), 500, "rate"),
        ((COST, HALF, YEAR_CAP), 500, "rate"),  # exactly met: it lowered nothing
        ((COST, HALF, FirmYearCap(Fen(499), (CapCount.AWARD,))), 499, "firm_year_cap"),
        (
            (COST, HALF, FirmYearCap(Fen(499), (CapCount.AWARD,)), FirmCap(Fen(498))),
            498,
            "firm_cap",
        ),
        (
            (COST, HALF, FirmYearCap(Fen(499), (CapCount.AWARD,)), FirmCap(Fen(499))),
            499,
            "firm_year_cap",
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
    ],
)
def test_limb_names_why_the_amount_is_what_it_is(
    rules: tuple[AmountForm, ...], fen: int, limb: str
) -> None:
    assert amount_and_limb(*rules) == (fen, limb)


@pytest.mark.parametrize("fen", [50, 150])
def test_limb_is_named_also_where_rounding_a_step_left_nothing(fen: int) -> None:
    window = CostWindow(Period(date(2026, 1, 1), date(2026, 7, 2)), DayCount.INCLUSIVE)

    amount, limb = amount_and_limb(COST, window, HALF, asked=request(fen), rounding=YUAN_EACH)

    assert amount == 0
    assert limb in {"eligible_cost", "cost_window"}


@pytest.mark.parametrize("mode", RoundingMode)
def test_rounding_never_lifts_an_entitlement_over_a_cap(mode: RoundingMode) -> None:
    # What a firm has may be any fen: an earlier award was cut to what was left of the pot.
    cap, already = Fen(10_000), Fen(30)
    to_yuan = RoundingRule(Rounding(mode, 100), at_each_step=False)

    found = entitled(
        COST, HALF, FirmCap(cap), asked=request(40_000, firm_before=already), rounding=to_yuan
    )

    assert already + found.amount <= cap


def test_steps_are_in_the_fixed_order_whatever_order_rules_come_in() -> None:
    rules: list[tuple[str, AmountForm]] = [
        ("cost", COST),
        ("window", CostWindow(Period(date(2026, 7, 1), date(2027, 7, 1)), DayCount.INCLUSIVE)),
        ("floor", MinimumSpend(Fen(400))),
        ("share", HALF),
        ("year", FirmYearCap(Fen(240), (CapCount.AWARD,))),
        ("all", FirmCap(Fen(230))),
        ("rounding", TO_FEN),
    ]
    results = [entitle(order, request=request(), rounding=TO_FEN) for order in permutations(rules)]

    assert results == [results[0]] * len(results)
    assert [step.rule_id for step in results[0].steps] == [
        "cost",
        "window",
        "floor",
        "share",
        "year",
        "all",
    ]
    assert (results[0].amount, results[0].limb) == (Fen(230), "all")


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
