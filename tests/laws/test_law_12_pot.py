"""Law 12: caps and pot hold under any order of applications, and the order changes nothing."""

from hypothesis import event, given
from hypothesis.strategies import DataObject, data, permutations

from evernormal.domain.policy import Cap, CapCount, CapScope, Rule, Scheme
from evernormal.domain.values import Fen
from evernormal.simulator import Application, Outcome, PotChoice
from evernormal.simulator.spending import pot_years
from evernormal.simulator.year import outcomes_of
from tests.simulator.generated import CHOICES, populations, pots, schemes, with_rules


@given(scheme=schemes(), pot=pots(), population=populations(), choice=CHOICES, drawn=data())
def test_the_same_for_any_order_of_the_input(
    *,
    scheme: Scheme,
    pot: tuple[Rule, ...],
    population: list[Application],
    choice: PotChoice,
    drawn: DataObject,
) -> None:
    whole = with_rules(scheme, pot)
    shuffled = drawn.draw(permutations(population))

    assert outcomes_of(whole, shuffled, choice) == outcomes_of(whole, population, choice)


@given(scheme=schemes(), pot=pots(), population=populations(), choice=CHOICES)
def test_no_more_is_granted_than_is_asked_and_than_the_pot_has_released(
    *, scheme: Scheme, pot: tuple[Rule, ...], population: list[Application], choice: PotChoice
) -> None:
    whole = with_rules(scheme, pot)
    found = outcomes_of(whole, population, choice)

    assert {o.application.id for o in found} == {a.id for a in population}
    for outcome in found:
        assert 0 <= outcome.granted.amount <= outcome.asked.amount
        assert outcome.is_eligible or not outcome.granted.amount
    for year in pot_years(whole, found, choice):
        event(f"the pot is short: {year.exhausted_on is not None}")
        assert all(d.released is None or d.granted_so_far <= d.released for d in year.days)
        assert year.pot is None or year.granted <= year.pot
        own = [o for o in found if o.application.applied_on.year == year.year]
        served = sum(o.asked.amount for o in own if _is_admitted(o, choice))
        assert year.pot is not None or year.granted == Fen(served)


@given(scheme=schemes(), pot=pots(), population=populations(), choice=CHOICES)
def test_nobody_is_turned_away_while_money_lies_in_the_pot(
    *, scheme: Scheme, pot: tuple[Rule, ...], population: list[Application], choice: PotChoice
) -> None:
    whole = with_rules(scheme, pot)
    found = outcomes_of(whole, population, choice)

    for year in pot_years(whole, found, choice):
        own = [o for o in found if o.decided_on.year == year.year]
        turned = [o for o in own if o.granted < o.asked and _is_admitted(o, choice)]
        for day in {o.decided_on for o in turned}:
            granted = sum(o.granted.amount for o in own if o.decided_on <= day)
            assert next(d.released for d in year.days if d.on == day) == Fen(granted)


def _is_admitted(outcome: Outcome, choice: PotChoice) -> bool:
    least = None if choice.shortage is None else choice.shortage.least_score
    score = outcome.application.case.contract.score
    return least is None or (score is not None and score >= least)


@given(scheme=schemes(), pot=pots(), population=populations(), choice=CHOICES)
def test_no_cap_is_exceeded(
    *, scheme: Scheme, pot: tuple[Rule, ...], population: list[Application], choice: PotChoice
) -> None:
    whole = with_rules(scheme, pot)
    done: list[Outcome] = []
    for outcome in outcomes_of(whole, population, choice):
        done.append(outcome)
        if not outcome.granted.amount:
            continue
        for _, cap in whole.find_all(Cap, outcome.application.applied_on):
            if CapCount.AWARD not in cap.counted_on or not cap.when.matches(
                outcome.application.case
            ):
                continue
            counted = [o for o in done if _is_counted(o, outcome, cap.scope)]
            event(f"counted together: {min(len(counted), 3)}")
            assert sum(o.granted.amount for o in counted) <= cap.amount.amount


def _is_counted(earlier: Outcome, outcome: Outcome, scope: CapScope) -> bool:
    """Whether an earlier application counts towards a cap of a later one, said once more."""
    one, two = earlier.application.case, outcome.application.case
    group_one = one.applicant.group or f"alone {one.applicant.id}"
    group_two = two.applicant.group or f"alone {two.applicant.id}"
    is_same_year = one.contract.applied_on.year == two.contract.applied_on.year
    return {
        CapScope.CLAIM: earlier is outcome,
        CapScope.CONTRACT: one.contract.id == two.contract.id,
        CapScope.PROVIDER_YEAR: is_same_year and one.provider.id == two.provider.id,
        CapScope.FIRM_YEAR: is_same_year and one.applicant.id == two.applicant.id,
        CapScope.FIRM: one.applicant.id == two.applicant.id,
        CapScope.GROUP_YEAR: is_same_year and group_one == group_two,
        CapScope.GROUP: group_one == group_two,
    }[scope]
