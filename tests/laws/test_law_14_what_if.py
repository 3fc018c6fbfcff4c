"""Law 14: what the simulator says a scheme would do is what the acts of a year do."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis.strategies import (
    DrawFn,
    composite,
    dates,
    integers,
    just,
    lists,
    none,
    one_of,
    sampled_from,
    tuples,
)

from evernormal.domain.policy import (
    AppliedWithin,
    Bound,
    Cap,
    CapCount,
    CapScope,
    Contract,
    CostCategory,
    Form,
    Measure,
    MinimumSpend,
    OtherSupport,
    Pot,
    PotTranche,
    Settlement,
    Shortage,
    ShortageRule,
    StackingCap,
    SupportRequest,
    Text,
    Tier,
    TierBasis,
    TieredRate,
)
from evernormal.domain.values import Fen
from evernormal.simulator import Application, PotChoice, what_if
from evernormal.store.models import Award
from tests.actions.office import Year, rolled_back
from tests.actions.reading import run
from tests.domain.sample import applicant, contract, provider
from tests.domain.sample import rule as sample_rule

pytestmark = pytest.mark.django_db

Decided = dict[str, tuple[int, int, str]]
FIRST, LAST = date(2026, 1, 5), date(2026, 2, 20)
COSTS = (20_000, 50_000, 50_001, 99_999, 100_000)
SEED = "published"
THIRD = Fraction(1, 3)
TIERS = (
    Tier(Text("up to", "以下"), Fraction(1, 2), high=Bound(Fen(100_000), is_inside=True)),
    Tier(Text("above", "以上"), Fraction(3, 10), low=Bound(Fen(100_000), is_inside=False)),
)
SHORTAGES = (
    ShortageRule(Shortage.FIRST_COME),
    ShortageRule(Shortage.PRO_RATA),
    ShortageRule(Shortage.RANKED, least_score=20),
    ShortageRule(Shortage.LOTTERY, least_score=15, sure_score=35),
)
LIMITS = one_of(
    tuples(sampled_from(CapScope), sampled_from((15_000, 30_001, 60_000))).map(
        lambda cap: Cap(cap[0], Fen(cap[1]))
    ),
    sampled_from((Fraction(1, 2), Fraction(3, 5), Fraction(1))).map(StackingCap),
    tuples(sampled_from((50_001, 120_000)), sampled_from(Measure)).map(
        lambda floor: MinimumSpend(Fen(floor[0]), floor[1])
    ),
    just(AppliedWithin(FIRST, date(2026, 1, 31))),
)


@composite
def contracts(draw: DrawFn, number: int) -> Contract:
    helped = draw(sampled_from((0, 0, 30_000, 70_001)))
    return contract(
        number,
        applicant_id=f"S{draw(integers(1, 3))}",
        provider_id=f"P{draw(integers(1, 2))}",
        signed_on=FIRST,
        score=draw(sampled_from((10, 20, 30, 40))),
        costs={CostCategory.COMPUTE: Fen(draw(sampled_from(COSTS)))},
        applied_on=draw(dates(FIRST, LAST)),
        supports=(OtherSupport("district", Fen(helped)),) if helped else (),
    )


def pot_of(fen: int) -> Pot:
    return Pot(Fen(fen), tuple(PotTranche(month, THIRD) for month in (1, 2, 3)))


@composite
def years(draw: DrawFn) -> tuple[Year, Form | None]:
    """A year of some firms, and the rate in the place of its plain one."""
    fen = draw(sampled_from((50_001, 100_000, 10_000_000)))
    limits = draw(lists(LIMITS, max_size=3, unique_by=lambda f: (f.name, getattr(f, "scope", ""))))
    pots: list[Form] = [pot_of(fen)] if draw(sampled_from((True, False))) else []
    year = Year(
        settlement=Settlement.REIMBURSE_VOUCHER,
        shortage=draw(sampled_from(SHORTAGES)),
        lottery_seed=SEED,
        pot=fen,
        rules=tuple((f"limit_{n}", form) for n, form in enumerate([*limits, *pots])),
        contracts=tuple(draw(contracts(n)) for n in range(1, draw(integers(2, 8)) + 1)),
        providers=(provider(1), provider(2)),
        closes_on=LAST + timedelta(days=30),
        months=24,
        changed={"applicants": {f"S{n}": applicant(n, group="g" * (n > 1)) for n in (1, 2, 3)}},
    )
    rates: Any = tuples(sampled_from(Measure), sampled_from(TierBasis)).map(
        lambda tiered: TieredRate(tiered[0], tiered[1], is_ceiling=False, tiers=TIERS)
    )
    return year, draw(one_of(none(), rates))


def applications(year: Year) -> list[Application]:
    found = []
    for one in year.contracts:
        case = year.desk().year.case_of(one.id, awards_on_contract=0)
        helped = Fen(sum(support.amount.amount for support in one.supports))
        request = SupportRequest(
            case=case,
            costs=one.costs,
            term=one.term,
            counted_on=CapCount.AWARD,
            other_support=helped,
        )
        found.append(Application(one.id, case, request))
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(years())
def test_a_year_decides_what_the_simulator_says(drawn: tuple[Year, Form | None]) -> None:
    year, rate = drawn
    desk = year.desk()
    if rate is not None:
        rules = [sample_rule("share", rate) if r.id == "share" else r for r in desk.scheme.rules]
        desk = replace(desk, scheme=replace(desk.scheme, rules=tuple(rules)))

    told = what_if(desk.scheme, applications(year), PotChoice(amount=Fen(year.pot), seed=SEED))
    simulated: Decided = {
        o.application.id: (o.asked.amount, o.granted.amount, o.reason.value) for o in told.outcomes
    }

    with rolled_back():
        run(desk)
        decided: Decided = {
            award.decision.contract_id: (award.asked_fen, award.amount_fen, award.reason)
            for award in Award.objects.select_related("decision")
        }

    event(f"{sum(granted > 0 for _, granted, _ in decided.values())} granted")
    assert simulated == decided
