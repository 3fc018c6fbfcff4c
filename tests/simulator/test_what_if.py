"""What a what-if measures: the pot's year, concentration, limbs, and two schemes side by side."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from evernormal.domain.award import AwardReason
from evernormal.domain.policy import (
    Cap,
    CapScope,
    CostCategory,
    DeviceOrigin,
    FirmSize,
    Pot,
    PotTranche,
    Shortage,
    ShortageRule,
    SizeIn,
)
from evernormal.domain.values import Fen
from evernormal.simulator import (
    FailedLine,
    GroupLine,
    LimbLine,
    Outcome,
    PotChoice,
    SpendDay,
    WhatIf,
    compare,
    what_if,
)
from evernormal.simulator.concentration import Concentration, concentration_of
from tests.domain.sample import applicant
from tests.simulator.test_year import asking, scheme

HALF = Fraction(1, 2)


def three(**changes: Any) -> list[Any]:
    """Three firms ask 500 fen each, on 1, 2 and 3 February."""
    return [asking(n, 1_000, **changes) for n in (1, 2, 3)]


def found(*more: tuple[str, Any], choice: PotChoice | None = None) -> WhatIf:
    return what_if(scheme(*more), three(), choice or PotChoice())


# --- The pot's year -------------------------------------------------------------------------------


def test_a_pot_is_empty_on_the_first_day_on_which_someone_gets_less() -> None:
    (year,) = found(("pot", Pot(Fen(700)))).years

    assert (year.year, year.pot, year.asked, year.granted) == (2026, Fen(700), Fen(1_500), Fen(700))
    assert year.exhausted_on == date(2026, 2, 2)
    assert year.passed_on == date(2026, 2, 2)
    assert year.last_award_on == date(2026, 2, 2)
    assert year.projected_on is None
    assert year.days[1] == SpendDay(
        on=date(2026, 2, 2),
        applications=1,
        asked=Fen(500),
        granted=Fen(200),
        asked_so_far=Fen(1_000),
        granted_so_far=Fen(700),
        released=Fen(700),
    )


def test_a_pot_that_is_just_enough_is_not_empty() -> None:
    (year,) = found(("pot", Pot(Fen(1_500)))).years

    assert (year.exhausted_on, year.passed_on) == (None, None)
    assert year.projected_on == date(2026, 2, 4)


def test_a_pot_that_outlasts_the_year_is_projected_at_the_pace_of_the_population() -> None:
    # 500 a day: 10,000 last for 20 days from 1 February on.
    (year,) = found(("pot", Pot(Fen(10_000)))).years

    assert year.projected_on == date(2026, 2, 21)


def test_a_pot_that_lasts_a_century_is_not_projected() -> None:
    (year,) = found(choice=PotChoice(amount=Fen(500 * 36_525))).years
    (longer,) = found(choice=PotChoice(amount=Fen(500 * 36_526))).years

    assert year.projected_on == date(2026, 2, 1) + timedelta(36_525)
    assert longer.projected_on is None


def test_without_a_pot_everything_is_granted() -> None:
    (year,) = found().years

    assert (year.pot, year.granted, year.projected_on) == (None, Fen(1_500), None)
    assert year.days[0].released is None


def test_money_that_is_not_released_yet_is_short_for_now() -> None:
    tranches = (PotTranche(1, HALF), PotTranche(3, HALF))
    (year,) = found(("pot", Pot(Fen(2_000), tranches))).years

    assert year.exhausted_on == date(2026, 2, 3)
    assert year.passed_on is None
    assert year.granted == Fen(1_000)


def test_each_year_has_its_own_pot() -> None:
    line = [*three(), asking(4, 1_000, applied_on=date(2027, 1, 5))]

    years = what_if(scheme(("pot", Pot(Fen(700)))), line).years

    assert [(y.year, y.granted, y.exhausted_on) for y in years] == [
        (2026, Fen(700), date(2026, 2, 2)),
        (2027, Fen(500), None),
    ]


def test_the_choice_of_a_pot_wins_over_the_schemes() -> None:
    (year,) = found(("pot", Pot(Fen(700))), choice=PotChoice(amount=Fen(900))).years

    assert (year.pot, year.granted) == (Fen(900), Fen(900))


# --- Who got how much -----------------------------------------------------------------------------


def test_every_rule_of_shortage_is_shown_on_the_same_pot() -> None:
    lines = {line.shortage: line for line in found(("pot", Pot(Fen(700)))).shortages}

    assert [(s, line.is_own) for s, line in lines.items()] == [
        (s, s is Shortage.FIRST_COME) for s in Shortage
    ]
    counts = {s: (line.full, line.part, line.none, line.firms) for s, line in lines.items()}
    assert counts == {
        Shortage.FIRST_COME: (1, 1, 1, 2),
        Shortage.PRO_RATA: (0, 3, 0, 3),
        Shortage.RANKED: (1, 1, 1, 2),
        Shortage.LOTTERY: (1, 1, 1, 2),
    }
    assert {line.granted for line in lines.values()} == {Fen(700)}


def test_the_schemes_own_rule_keeps_its_scores() -> None:
    rule = ("shortage", ShortageRule(Shortage.RANKED, least_score=5))
    result = what_if(scheme(rule), [asking(1, 1_000, score=4), asking(2, 1_000, score=5)])

    assert [o.reason for o in result.outcomes] == [AwardReason.NOT_ADMITTED, AwardReason.ENTITLED]
    own = next(line for line in result.shortages if line.is_own)
    assert (own.shortage, own.full, own.none) == (Shortage.RANKED, 1, 1)


def with_grants(*fen: int) -> list[Outcome]:
    outcomes = what_if(scheme(), [asking(n, 2) for n in range(1, len(fen) + 1)]).outcomes
    return [replace(o, granted=Fen(f)) for o, f in zip(outcomes, fen, strict=True)]


@pytest.mark.parametrize(
    ("fen", "top", "hhi", "empty"),
    [
        ([100], Fraction(1), 10_000, 0),
        ([50, 50], Fraction(1), 5_000, 0),
        ([0, 0], Fraction(0), 0, 2),
        # Shares of 30, 20, 20, 10, 10, 10 %: 900 + 400 + 400 + 3 x 100.
        ([3, 2, 2, 1, 1, 1, 0], Fraction(9, 10), 2_000, 1),
        # Three thirds: 3,333.33... each time, together 3,333.
        ([1, 1, 1], Fraction(1), 3_333, 0),
    ],
)
def test_concentration(fen: list[int], top: Fraction, hhi: int, empty: int) -> None:
    measured = concentration_of(with_grants(*fen))

    assert (measured.top_share, measured.hhi, measured.firms_empty) == (top, hhi, empty)
    assert measured.firms == len(fen)
    assert measured.empty_share == Fraction(empty, len(fen))


def test_of_no_firms_none_is_empty() -> None:
    assert concentration_of([]) == Concentration(0, 0, Fraction(0), 0, ())
    assert concentration_of([]).empty_share == 0


def test_contracts_of_one_firm_are_one() -> None:
    line = [asking(n, 1_000, firm="F") for n in (1, 2)]

    assert what_if(scheme(), line).concentration.largest == (("F", Fen(1_000)),)


# --- What decided ---------------------------------------------------------------------------------


def test_limbs_conditions_and_what_they_cost() -> None:
    cap = ("cap", Cap(CapScope.CLAIM, Fen(400)))
    small = ("size", SizeIn((FirmSize.SMALL,)))
    large = asking(3, 3_000)
    case = replace(large.case, applicant=applicant(id="L", size=FirmSize.LARGE))
    line = [
        asking(1, 600),
        asking(2, 1_000, device_origin=DeviceOrigin.DOMESTIC),
        replace(large, case=case, request=replace(large.request, case=case)),
    ]

    result = what_if(scheme(cap, small), line)

    assert result.limbs == (
        LimbLine("cap", 1, entitled=Fen(400), cut=Fen(100)),
        LimbLine("share", 1, entitled=Fen(300), cut=Fen(0)),
    )
    assert result.failed == (FailedLine("size", 1, entitled=Fen(400)),)
    assert result.whole == GroupLine("", 3, 2, 3, Fen(1_600), Fen(700), Fen(700))
    assert result.whole.rate == Fraction(7, 16)
    assert [(g.key, g.applications, g.eligible, g.rate) for g in result.sizes] == [
        ("LARGE", 1, 0, 0),
        ("SMALL", 2, 2, Fraction(7, 16)),
    ]
    assert [(g.key, g.asked) for g in result.origins] == [
        ("DOMESTIC", Fen(400)),
        ("UNDECLARED", Fen(300)),
    ]


def test_only_categories_that_count_are_cost() -> None:
    costs = {CostCategory.COMPUTE: Fen(1_000), CostCategory.STORAGE: Fen(500)}

    assert what_if(scheme(), [asking(1, 0, costs=costs)]).whole.cost == Fen(1_000)


# --- Two schemes ----------------------------------------------------------------------------------


def test_gains_and_losses() -> None:
    old = scheme(("cap", Cap(CapScope.CLAIM, Fen(400))))
    new = scheme(("pot", Pot(Fen(300))), ratio=Fraction(1, 4))
    line = [asking(1, 400), asking(2, 2_000), asking(3, 1_600)]

    result = compare(old, new, line)

    assert [d.change for d in result.differences] == [Fen(-100), Fen(100), Fen(0)]
    whole = result.whole
    assert (whole.gaining, whole.losing, whole.unchanged) == (1, 1, 1)
    assert (whole.gained, whole.lost, whole.old, whole.new) == (
        Fen(100),
        Fen(100),
        Fen(1_000),
        Fen(1_000),
    )
    assert (result.old_granted, result.new_granted) == (Fen(1_000), Fen(300))
    assert [d.old.application.id for d in result.gains(10)] == ["A2"]
    assert [(d.old.limb, d.new.limb) for d in result.losses(10)] == [("share", "share")]
    assert [size.size for size in result.sizes] == ["SMALL"]


def test_the_largest_come_first_and_no_more_than_are_asked_for() -> None:
    line = [asking(n, 1_000 * n) for n in (1, 2, 3)]

    result = compare(scheme(), scheme(ratio=Fraction(1, 4)), line)

    assert [d.change.amount for d in result.losses(2)] == [-750, -500]
    assert result.gains(2) == ()
