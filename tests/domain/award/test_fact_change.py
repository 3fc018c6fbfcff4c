"""One fact put otherwise: every condition can be met, every selector matched."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, get_args

import pytest

from evernormal.domain.award.fact_change import changes_to_match, changes_to_pass
from evernormal.domain.policy import (
    AgeAtLeast,
    AgeAtMost,
    AllowedUse,
    Alternative,
    AnyOf,
    ApplicantType,
    ApplicantTypeIn,
    AppliedWithin,
    CapacityAtLeast,
    CapScope,
    Case,
    CleanRecord,
    Condition,
    CostCategory,
    DeviceOrigin,
    Documents,
    FacilityIn,
    Filed,
    FirmSize,
    NoOtherSupport,
    NotListed,
    OneAwardPerContract,
    OneSideOnly,
    OtherSupport,
    OtherSupportFrom,
    PriceAtMost,
    ProviderConnected,
    ProviderIn,
    ProviderRegistered,
    RegisteredIn,
    RequestBetween,
    RevenueAtMost,
    Route,
    ScaleAtLeast,
    SectorIn,
    Selector,
    Side,
    SignedFrom,
    SizeIn,
    StaffAtMost,
    TermAtMost,
    Text,
    UnrelatedParty,
    UpstreamAward,
    Use,
)
from evernormal.domain.values import Fen, Period
from tests.domain.sample import applicant, case, contract, provider, request

APPLIED = date(2026, 1, 10)
DOMESTIC = Selector(device_origins=(DeviceOrigin.DOMESTIC,))
SUPPORTED = contract(supports=(OtherSupport("national", Fen(5)),), has_other_support=True)
FOUR_YEARS = contract(term=Period(date(2024, 2, 29), date(2028, 2, 29)))

FAILING: tuple[tuple[Condition, Case, str, object], ...] = (
    (ApplicantTypeIn((ApplicantType.CHARITY,)), case(), "applicant_type", "CHARITY"),
    (SizeIn((FirmSize.LARGE,)), case(), "size", "LARGE"),
    (AgeAtMost(12), case(), "founded_on", "2025-01-10"),
    (AgeAtLeast(120), case(), "applied_on", "2030-05-01"),
    (StaffAtMost(9), case(), "staff", 9),
    (RevenueAtMost(Fen(7)), case(applicant=applicant(revenue=Fen(8))), "revenue", 7),
    (RegisteredIn(("11",)), case(), "place", "11"),
    (SectorIn(("robots",)), case(), "sectors", "robots"),
    (Filed(("model", "app")), case(applicant=applicant(filings={"model"})), "filings", "app"),
    (NotListed(("bad",)), case(applicant=applicant(lists={"bad", "odd"})), "lists", ""),
    (
        CleanRecord(3),
        case(applicant=applicant(last_dishonesty_on=date(2025, 6, 1))),
        "last_dishonesty_on",
        None,
    ),
    (
        AnyOf((Alternative(Text("domestic", "国产"), DOMESTIC),)),
        case(),
        "device_origin",
        "DOMESTIC",
    ),
    (ProviderRegistered(), case(provider=provider(is_registered=False)), "provider_listed", True),
    (ProviderConnected(), case(), "provider_connected", True),
    (ProviderIn(("31",)), case(), "provider_place", "31"),
    (FacilityIn(("public",)), case(), "facility", "public"),
    (ScaleAtLeast("pflops", 20), case(), "scale", "pflops=20"),
    (
        UnrelatedParty(),
        case(provider=provider(owners=frozenset({"person:1"}))),
        "shared_owner",
        False,
    ),
    (SignedFrom(date(2026, 2, 1)), case(), "signed_on", "2026-02-01"),
    (TermAtMost(12), case(contract=FOUR_YEARS), "term.last", "2025-02-27"),
    (OneAwardPerContract(), case(awards_on_contract=2), "awards_on_contract", 0),
    (OneSideOnly(), case(awards_other_side=1), "awards_other_side", 0),
    (AllowedUse((Use.SCIENCE,)), case(), "use", "SCIENCE"),
    (CapacityAtLeast(30), case(), "capacity_pflops", 30),
    (PriceAtMost(Fen(1_280)), case(), "price_per_card_hour", 1_280),
    (RequestBetween(Fen(200_000), Fen(300_000)), case(), "cost.COMPUTE", 200_000),
    (AppliedWithin(date(2026, 2, 1), date(2026, 3, 1)), case(), "applied_on", "2026-02-01"),
    (Documents(("plan", "deed")), case(), "documents", "deed plan"),
    (NoOtherSupport(), case(contract=SUPPORTED), "other_support", False),
    (OtherSupportFrom(("city",)), case(contract=SUPPORTED), "other_support", False),
    (UpstreamAward(("national",)), case(), "upstream", "national"),
)


def test_every_condition_is_tried_below() -> None:
    assert {type(condition) for condition, *_ in FAILING} == set(get_args(Condition))


@pytest.mark.parametrize(
    ("condition", "failing", "fact", "value"), FAILING, ids=[c.name for c, *_ in FAILING]
)
def test_the_change_makes_the_condition_hold(
    condition: Condition, failing: Case, fact: str, value: object
) -> None:
    asked = request(case=failing, costs=failing.contract.costs)
    assert not condition.check(failing)[0]

    (change,) = changes_to_pass(condition, asked)

    assert (change.fact, change.value) == (fact, value)
    assert condition.check(change.request.case)[0]
    assert change.request.term == change.request.case.contract.term


def test_a_request_that_is_too_large_comes_down_to_the_bound() -> None:
    (change,) = changes_to_pass(
        RequestBetween(Fen(0), Fen(60_000)), request(case=case(), costs=contract().costs)
    )

    assert (change.fact, change.value) == ("cost.COMPUTE", 60_000)
    assert change.request.costs == {CostCategory.COMPUTE: Fen(60_000)}


def test_no_single_category_can_come_down_that_far() -> None:
    costs = {CostCategory.COMPUTE: Fen(50), CostCategory.STORAGE: Fen(50)}
    asked = request(case=case(contract=contract(costs=costs)), costs=costs)

    assert list(changes_to_pass(RequestBetween(Fen(0), Fen(20)), asked)) == []
    assert len(list(changes_to_pass(RequestBetween(Fen(0), Fen(50)), asked))) == 1


def test_support_given_up_no_longer_counts_towards_the_total() -> None:
    asked = request(case=case(contract=SUPPORTED), other_support=Fen(5))

    (change,) = changes_to_pass(NoOtherSupport(), asked)

    assert change.request.other_support == Fen(0)


@pytest.mark.parametrize(
    ("founded_on", "months", "day"),
    [
        (date(2026, 1, 31), 1, date(2026, 3, 1)),
        (date(2025, 8, 31), 6, date(2026, 3, 1)),
        (date(2026, 1, 28), 1, date(2026, 2, 28)),
        (date(2026, 3, 31), 1, date(2026, 5, 1)),
    ],
)
def test_an_age_is_reached_on_the_first_day_that_passes(
    founded_on: date, months: int, day: date
) -> None:
    rule = AgeAtLeast(months)
    young = case(
        applicant=applicant(founded_on=founded_on), contract=contract(applied_on=founded_on)
    )

    (change,) = changes_to_pass(rule, request(case=young))

    assert change.value == day.isoformat()
    eve = replace(young, contract=contract(applied_on=day - timedelta(days=1)))
    assert (rule.check(eve)[0], rule.check(change.request.case)[0]) == (False, True)


def test_another_year_has_nothing_counted_by_the_year() -> None:
    already = {scope: Fen(7) for scope in CapScope}
    asked = request(case=case(), already=already, firm_year_cost_before=Fen(9))
    this_year = AppliedWithin(date(2026, 2, 1), date(2026, 3, 1))
    next_year = AppliedWithin(date(2027, 2, 1), date(2027, 3, 1))

    (kept,) = changes_to_pass(this_year, asked)
    (moved,) = changes_to_pass(next_year, asked)

    assert (kept.request.already, kept.request.firm_year_cost_before) == (already, Fen(9))
    assert moved.request.firm_year_cost_before == Fen(0)
    assert moved.request.already == {
        scope: Fen(7)
        for scope in (CapScope.CLAIM, CapScope.CONTRACT, CapScope.FIRM, CapScope.GROUP)
    }


def matching() -> Iterator[tuple[str, Any, str, list[object]]]:
    yield "applicant_types", (ApplicantType.UNIVERSITY,), "applicant_type", ["UNIVERSITY"]
    yield "sizes", (FirmSize.LARGE, FirmSize.MEDIUM), "size", ["LARGE", "MEDIUM"]
    yield "places", ("11", "31"), "place", ["11", "31"]
    yield "sectors", ("robots",), "sectors", ["robots"]
    yield "traits", ("start_up", "key"), "traits", ["start_up", "key"]
    yield "filings", ("model",), "filings", ["model"]
    yield "uses", (Use.SCIENCE,), "use", ["SCIENCE"]
    yield "services", (CostCategory.MODEL_SERVICE,), "service", ["MODEL_SERVICE"]
    yield "device_origins", (DeviceOrigin.DOMESTIC,), "device_origin", ["DOMESTIC"]
    yield "facilities", ("public",), "facility", ["public"]
    yield "routes", (Route.MATCHED,), "route", ["MATCHED"]
    yield "sides", (Side.SUPPLY,), "side", ["SUPPLY"]
    yield "age_months_at_most", 12, "founded_on", ["2025-01-10"]
    yield "staff_at_most", 9, "staff", [9]
    yield "revenue_at_most", Fen(7), "revenue", [7]
    yield "scale_at_least", {"racks": 3, "pflops": 2}, "scale", ["racks=3 pflops=2"]


@pytest.mark.parametrize(("test", "wanted", "fact", "values"), [*matching()])
def test_each_single_change_makes_the_selector_match(
    test: str, wanted: Any, fact: str, values: list[object]
) -> None:
    tests: dict[str, Any] = {test: wanted}
    selector = Selector(**tests)

    changes = list(changes_to_match(selector, request(case=case())))

    assert [(change.fact, change.value) for change in changes] == [(fact, v) for v in values]
    assert all(selector.matches(change.request.case) for change in changes)


def test_every_test_of_a_selector_is_tried_above() -> None:
    assert {test for test, *_ in matching()} == set(Selector.__dataclass_fields__)


def test_what_matches_already_or_fails_twice_has_no_single_change() -> None:
    twice = Selector(device_origins=(DeviceOrigin.DOMESTIC,), sizes=(FirmSize.LARGE,))
    large = replace(case(), applicant=applicant(size=FirmSize.LARGE))

    assert list(changes_to_match(Selector(sizes=(FirmSize.SMALL,)), request(case=case()))) == []
    assert list(changes_to_match(twice, request(case=case()))) == []
    assert [c.fact for c in changes_to_match(twice, request(case=large))] == ["device_origin"]
