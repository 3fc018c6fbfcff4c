"""A population through a scheme: as one by one, by the twin or by the plain function."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given

from evernormal.domain.award import AwardReason
from evernormal.domain.policy import (
    AllowedUse,
    AppliedWithin,
    Cap,
    CapScope,
    CostCategory,
    EligibleCost,
    Measure,
    MinimumSpend,
    OneAwardPerContract,
    OneSideOnly,
    Pot,
    PotTranche,
    Rate,
    RoundingRule,
    Rule,
    Scheme,
    Settlement,
    Shortage,
    ShortageRule,
    Side,
    Text,
    UnknownRule,
    Use,
)
from evernormal.domain.values import Fen, Rounding, RoundingMode
from evernormal.simulator import Application, Outcome, PotChoice
from evernormal.simulator.awarding import rule_on
from evernormal.simulator.entitling import entitle_all, entitle_one
from evernormal.simulator.year import outcomes_of
from tests.domain.sample import applicant, case, contract, provider, request, rule
from tests.simulator.generated import CHOICES, populations, pots, schemes, with_rules
from tests.simulator.one_by_one import Officer

NAME = Text("Sample", "样例")
LONG_AGO = date(1900, 1, 1)
NO_CHOICE = PotChoice()


def scheme(*more: tuple[str, Any], ratio: Fraction = Fraction(1, 2)) -> Scheme:
    """Half of the compute, cut to the fen, and more rules."""
    forms: list[tuple[str, Any]] = [
        ("cost", EligibleCost((CostCategory.COMPUTE,))),
        ("share", Rate(ratio, is_ceiling=False)),
        ("rounding", RoundingRule(Rounding(RoundingMode.TRUNCATE), at_each_step=False)),
        *more,
    ]
    rules: tuple[Rule, ...] = tuple(rule(name, form, since=LONG_AGO) for name, form in forms)
    return Scheme("t", NAME, NAME, Settlement.REIMBURSE_VOUCHER, rules, ())


def asking(number: int, fen: int, *, firm: str = "", **changes: Any) -> Application:
    """Application A1, A2, ... of its own firm, on 1 February and the days after."""
    deal = contract(
        number,
        **{
            "applied_on": date(2026, 2, number),
            "costs": {CostCategory.COMPUTE: Fen(fen)},
            **changes,
        },
    )
    made = case(applicant=applicant(id=firm or f"F{number}"), provider=provider(), contract=deal)
    return Application(f"A{number}", made, request(case=made, costs=deal.costs))


def granted(found: tuple[Outcome, ...]) -> list[int]:
    return [outcome.granted.amount for outcome in found]


# --- Equal to plainer ways ------------------------------------------------------------------------


@given(under=schemes(), pot=pots(), population=populations(), choice=CHOICES)
def test_the_same_as_going_through_one_by_one(
    *, under: Scheme, pot: tuple[Rule, ...], population: list[Application], choice: PotChoice
) -> None:
    whole = with_rules(under, pot)
    officer = Officer(whole, rule_on(whole, LONG_AGO, choice), choice)
    for application in sorted(population, key=lambda a: a.place_in_line):
        officer.take(application)
    by_hand = officer.finish()

    found = outcomes_of(whole, population, choice)

    assert {o.application.id: o.granted.amount for o in found} == by_hand
    assert {o.application.id: o.asked.amount for o in found} == officer.asked


@given(under=schemes(), population=populations())
def test_the_twin_and_the_plain_function_are_one(
    under: Scheme, population: list[Application]
) -> None:
    assert entitle_all(under, population) == [entitle_one(under, a) for a in population]


def test_an_amount_too_large_for_columns_goes_to_the_plain_function() -> None:
    huge = asking(1, 10**20)

    (found,) = entitle_all(scheme(), [huge])

    assert found.amount == Fen(5 * 10**19)


def test_nothing_is_asked_of_no_one() -> None:
    assert entitle_all(scheme(), []) == []


def test_a_scheme_without_a_rate_is_refused() -> None:
    bare = scheme()
    bare = replace(bare, rules=tuple(r for r in bare.rules if r.id != "share"))

    with pytest.raises(UnknownRule):
        outcomes_of(bare, [asking(1, 100)], NO_CHOICE)


# --- What earlier applications count for ----------------------------------------------------------


def test_the_cap_of_a_year_counts_what_the_firm_was_granted_before() -> None:
    under = scheme(("cap", Cap(CapScope.FIRM_YEAR, Fen(700))))
    line = [asking(n, 1_000, firm="F") for n in (1, 2, 3)]

    found = outcomes_of(under, line, NO_CHOICE)

    assert granted(found) == [500, 200, 0]
    assert [o.limb for o in found] == ["share", "cap", "cap"]
    assert [o.unlimited for o in found] == [Fen(500)] * 3


def test_a_new_year_counts_anew() -> None:
    under = scheme(("cap", Cap(CapScope.FIRM_YEAR, Fen(700))))
    line = [
        asking(1, 1_000, firm="F", applied_on=date(2025, 12, 31)),
        asking(2, 1_000, firm="F", applied_on=date(2026, 1, 1)),
    ]

    assert granted(outcomes_of(under, line, NO_CHOICE)) == [500, 500]


def test_a_refusal_for_an_empty_pot_uses_up_no_cap() -> None:
    tranches = (PotTranche(1, Fraction(1, 2)), PotTranche(7, Fraction(1, 2)))
    under = scheme(("cap", Cap(CapScope.FIRM_YEAR, Fen(500))), ("pot", Pot(Fen(1_200), tranches)))
    line = [
        asking(1, 1_000, firm="E"),
        asking(2, 1_000, firm="F"),
        asking(3, 1_000, firm="F", applied_on=date(2026, 7, 1)),
    ]

    found = outcomes_of(under, line, NO_CHOICE)

    # F was cut to the 100 left in spring; in July 400 of its cap of 500 are free.
    assert granted(found) == [500, 100, 400]
    assert [o.reason for o in found] == [
        AwardReason.ENTITLED,
        AwardReason.CUT_TO_POT,
        AwardReason.ENTITLED,
    ]


def test_a_contract_is_awarded_once() -> None:
    under = scheme(("once", OneAwardPerContract()))
    line = [asking(1, 1_000, id="C"), asking(2, 1_000, id="C")]

    found = outcomes_of(under, line, NO_CHOICE)

    assert granted(found) == [500, 0]
    assert found[1].failed == ("once",)
    assert found[1].reason is AwardReason.NOT_ELIGIBLE


def test_the_cost_of_contracts_below_the_floor_of_the_year_counts() -> None:
    under = scheme(("floor", MinimumSpend(Fen(500), Measure.FIRM_YEAR_COST)))
    line = [asking(n, 300, firm="F") for n in (1, 2, 3)]

    assert granted(outcomes_of(under, line, NO_CHOICE)) == [0, 150, 150]


def test_the_cost_of_a_contract_that_fails_a_condition_does_not_count() -> None:
    under = scheme(
        ("floor", MinimumSpend(Fen(500), Measure.FIRM_YEAR_COST)),
        ("use", AllowedUse((Use.TRAINING,))),
    )
    uses = {1: Use.OTHER, 2: Use.TRAINING, 3: Use.TRAINING}
    line = [asking(n, 300, firm="F", use=use) for n, use in uses.items()]

    assert granted(outcomes_of(under, line, NO_CHOICE)) == [0, 0, 150]


def test_the_cost_of_a_contract_for_which_no_money_was_left_does_not_count() -> None:
    half = (PotTranche(1, Fraction(1, 2)), PotTranche(7, Fraction(1, 2)))
    under = scheme(
        ("floor", MinimumSpend(Fen(500), Measure.FIRM_YEAR_COST)), ("pot", Pot(Fen(500), half))
    )
    line = [
        asking(1, 600, firm="E"),
        asking(2, 600, firm="F"),
        asking(3, 300, firm="F", applied_on=date(2026, 7, 1)),
    ]

    assert granted(outcomes_of(under, line, NO_CHOICE)) == [250, 0, 0]


def test_one_side_of_a_facility_is_supported_whatever_the_contract() -> None:
    under = scheme(("one_side", OneSideOnly()))
    line = [
        asking(1, 100, facility_id="P1"),
        asking(2, 100, facility_id="P1", side=Side.SUPPLY),
        asking(3, 100, facility_id="P1"),
        asking(4, 100, facility_id="P2", side=Side.SUPPLY),
    ]

    assert granted(outcomes_of(under, line, NO_CHOICE)) == [50, 0, 50, 50]


def test_without_a_facility_no_other_side_is_known() -> None:
    under = scheme(("one_side", OneSideOnly()))
    line = [asking(1, 100, id="C"), asking(2, 100, id="C", side=Side.SUPPLY)]

    assert granted(outcomes_of(under, line, NO_CHOICE)) == [50, 50]


def test_what_was_given_before_the_population_counts_too() -> None:
    under = scheme(("cap", Cap(CapScope.FIRM, Fen(700))))
    one = asking(1, 1_000)
    before = replace(one.request, already={CapScope.FIRM: Fen(600)})

    assert granted(outcomes_of(under, [replace(one, request=before)], NO_CHOICE)) == [100]


# --- The pot --------------------------------------------------------------------------------------


def test_first_come_the_last_served_is_cut() -> None:
    found = outcomes_of(
        scheme(("pot", Pot(Fen(800)))), [asking(n, 1_000) for n in (3, 1, 2)], NO_CHOICE
    )

    assert [o.application.id for o in found] == ["A1", "A2", "A3"]
    assert granted(found) == [500, 300, 0]
    assert found[2].reason is AwardReason.POT_EXHAUSTED


def test_in_proportion_at_the_end_of_the_call() -> None:
    call = AppliedWithin(date(2026, 1, 1), date(2026, 3, 31))
    shortage = ShortageRule(Shortage.PRO_RATA)
    under = scheme(("call", call), ("shortage", shortage), ("pot", Pot(Fen(600))))

    found = outcomes_of(under, [asking(1, 1_000), asking(2, 2_000)], NO_CHOICE)

    assert granted(found) == [200, 400]
    assert {o.decided_on for o in found} == {date(2026, 3, 31)}


def test_ranked_the_higher_score_goes_first_and_the_too_low_has_no_turn() -> None:
    choice = PotChoice(
        amount=Fen(700), shortage=ShortageRule(Shortage.RANKED, least_score=2), seed=""
    )
    scores = {1: 2, 2: 9, 3: 1}

    found = outcomes_of(scheme(), [asking(n, 1_000, score=s) for n, s in scores.items()], choice)

    assert granted(found) == [200, 500, 0]
    assert found[2].reason is AwardReason.NOT_ADMITTED


def test_another_seed_draws_others() -> None:
    line = [asking(n, 1_000) for n in range(1, 7)]

    drawn = {
        seed: granted(
            outcomes_of(
                scheme(),
                line,
                PotChoice(amount=Fen(1_000), shortage=ShortageRule(Shortage.LOTTERY), seed=seed),
            )
        )
        for seed in ("a", "b", "c")
    }

    assert all(sorted(found) == [0, 0, 0, 0, 500, 500] for found in drawn.values())
    assert len({tuple(found) for found in drawn.values()}) > 1
