"""Each form of condition on both sides of its bound."""

from datetime import date
from typing import Any, get_args

import pytest

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
    Case,
    Check,
    CleanRecord,
    CostCategory,
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
    check_conditions,
)
from evernormal.domain.policy.conditions import Condition
from evernormal.domain.values import Fen, Period
from tests.domain.sample import applicant, case, contract, provider, uscc

D = date


def words(*each: str) -> frozenset[str]:
    return frozenset(each)


def buyer(**changes: Any) -> Case:
    return case(applicant=applicant(**changes))


def seller(**changes: Any) -> Case:
    return case(provider=provider(**changes))


def deal(**changes: Any) -> Case:
    return case(contract=contract(**changes))


def term(first: date, last: date) -> Case:
    return deal(term=Period.of_days(first, last))


def cost(**fen: int) -> Case:
    return deal(costs={CostCategory(name): Fen(amount) for name, amount in fen.items()})


def supported(*programmes: str, declared: bool = False) -> Case:
    supports = tuple(OtherSupport(name, Fen(1)) for name in programmes)
    return deal(supports=supports, has_other_support=declared)


TYPES = ApplicantTypeIn((ApplicantType.UNIVERSITY, ApplicantType.ENTERPRISE))
SIZES = SizeIn((FirmSize.SMALL, FirmSize.MICRO))
CALL = AppliedWithin(D(2026, 2, 1), D(2026, 2, 28))
SECTORS = SectorIn(("software", "ai"))
FILINGS = Filed(("model", "algorithm"))
LISTS = NotListed(("tax", "dishonest"))
PAPERS = Documents(("plan", "contract"))
PROGRAMMES = OtherSupportFrom(("province", "national"))
PRICE = PriceAtMost(Fen(1_280))
EITHER = AnyOf(
    (
        Alternative(Text("small", "小型"), Selector(sizes=(FirmSize.SMALL,))),
        Alternative(Text("school", "学校"), Selector(applicant_types=(ApplicantType.UNIVERSITY,))),
    )
)
# Founded on the 11th, applied on the 10th: the last month is not full.
FULL, NOT_FULL = D(2024, 1, 10), D(2024, 1, 11)

ON_BOTH_SIDES: list[tuple[Condition, Case, Case]] = [
    (TYPES, buyer(type=ApplicantType.ENTERPRISE), buyer(type=ApplicantType.MAKER_TEAM)),
    (SIZES, buyer(size=FirmSize.MICRO), buyer(size=FirmSize.MEDIUM)),
    (AgeAtMost(24), buyer(founded_on=FULL), buyer(founded_on=D(2023, 12, 10))),
    (AgeAtMost(0), buyer(founded_on=D(2026, 1, 11)), buyer(founded_on=D(2025, 12, 10))),
    (AgeAtLeast(24), buyer(founded_on=FULL), buyer(founded_on=NOT_FULL)),
    (StaffAtMost(300), buyer(staff=300), buyer(staff=301)),
    (StaffAtMost(300), buyer(staff=0), buyer(staff=None)),
    (RevenueAtMost(Fen(99)), buyer(revenue=Fen(99)), buyer(revenue=Fen(100))),
    (RevenueAtMost(Fen(99)), buyer(revenue=Fen(0)), buyer(revenue=None)),
    (RegisteredIn(("5201", "44")), buyer(place="520115"), buyer(place="520200")),
    (RegisteredIn(("5201", "44")), buyer(place="440300"), buyer(place="144000")),
    (SECTORS, buyer(sectors=words("ai", "steel")), buyer(sectors=words("steel"))),
    (SECTORS, buyer(sectors=words("software")), buyer(sectors=words())),
    (FILINGS, buyer(filings=words("model", "algorithm", "x")), buyer(filings=words("model"))),
    (LISTS, buyer(lists=words("other")), buyer(lists=words("tax", "other"))),
    (
        CleanRecord(3),
        buyer(last_dishonesty_on=D(2023, 1, 9)),
        buyer(last_dishonesty_on=D(2023, 1, 10)),
    ),
    (CleanRecord(3), buyer(last_dishonesty_on=None), buyer(last_dishonesty_on=D(2026, 1, 9))),
    (EITHER, buyer(size=FirmSize.SMALL), buyer(size=FirmSize.LARGE)),
    (
        EITHER,
        buyer(size=FirmSize.LARGE, type=ApplicantType.UNIVERSITY),
        buyer(size=FirmSize.LARGE, type=ApplicantType.INSTITUTE),
    ),
    (ProviderRegistered(), seller(is_registered=True), seller(is_registered=False)),
    (ProviderConnected(), seller(is_connected=True), seller(is_connected=False)),
    (ProviderIn(("5201", "44")), seller(place="520100"), seller(place="520200")),
    (FacilityIn(("hub", "cloud")), seller(facility="cloud"), seller(facility="edge")),
    (FacilityIn(("hub", "cloud")), seller(facility="hub"), seller(facility="")),
    (ScaleAtLeast("pflops", 100), seller(scale={"pflops": 100}), seller(scale={"pflops": 99})),
    (ScaleAtLeast("racks", 1), seller(scale={"racks": 1}), seller(scale={"pflops": 100})),
    (
        UnrelatedParty(),
        seller(owners=frozenset({"person:2"})),
        seller(owners=frozenset({"person:1"})),
    ),
    (UnrelatedParty(), case(), seller(owners=frozenset({uscc(1).text}))),
    (UnrelatedParty(), case(), buyer(owners=frozenset({uscc(901).text}))),
    (UnrelatedParty(), case(), seller(uscc=uscc(1))),
    (SignedFrom(D(2026, 1, 5)), deal(signed_on=D(2026, 1, 5)), deal(signed_on=D(2026, 1, 4))),
    (TermAtMost(12), term(D(2026, 1, 1), D(2026, 12, 31)), term(D(2026, 1, 1), D(2027, 1, 1))),
    (TermAtMost(12), term(D(2024, 2, 29), D(2025, 2, 28)), term(D(2024, 2, 29), D(2025, 3, 1))),
    (TermAtMost(1), term(D(2026, 1, 31), D(2026, 2, 28)), term(D(2026, 1, 31), D(2026, 3, 1))),
    (OneAwardPerContract(), case(), case(awards_on_contract=1)),
    (OneSideOnly(), case(awards_on_contract=1), case(awards_other_side=1)),
    (AllowedUse((Use.TRAINING,)), deal(use=Use.TRAINING), deal(use=Use.INFERENCE)),
    (CapacityAtLeast(500), deal(capacity_pflops=500), deal(capacity_pflops=499)),
    (PRICE, deal(price_per_card_hour=Fen(1_280)), deal(price_per_card_hour=Fen(1_281))),
    (PRICE, deal(price_per_card_hour=Fen(0)), deal(price_per_card_hour=None)),
    (RequestBetween(Fen(5), Fen(9)), cost(COMPUTE=4, DATA=1), cost(COMPUTE=4)),
    (RequestBetween(Fen(5), Fen(9)), cost(COMPUTE=9), cost(COMPUTE=9, DATA=1)),
    (NoOtherSupport(), deal(), deal(has_other_support=True)),
    (NoOtherSupport(), supported(), supported("national")),
    (PROGRAMMES, supported(), supported("district")),
    (PROGRAMMES, supported("national", declared=True), supported("national", "district")),
    (PROGRAMMES, supported("province", "national"), supported(declared=True)),
    (UpstreamAward(("national",)), case(upstream="national"), case(upstream="district")),
    (UpstreamAward(("national",)), case(upstream="national"), case()),
    (CALL, deal(applied_on=D(2026, 2, 1)), deal(applied_on=D(2026, 1, 31))),
    (CALL, deal(applied_on=D(2026, 2, 28)), deal(applied_on=D(2026, 3, 1))),
    (PAPERS, deal(documents=words("plan", "contract", "x")), deal(documents=words("plan"))),
]


@pytest.mark.parametrize(("condition", "passing", "failing"), ON_BOTH_SIDES)
def test_condition_on_both_sides_of_its_bound(
    condition: Condition, passing: Case, failing: Case
) -> None:
    assert condition.check(passing)[0] is True
    assert condition.check(failing)[0] is False


def test_every_condition_form_is_tried_above() -> None:
    tried = {type(condition) for condition, _, _ in ON_BOTH_SIDES}

    assert tried == set(get_args(Condition))


def test_every_condition_is_applied_in_order_also_after_one_failed() -> None:
    rules: list[tuple[str, Condition]] = [
        ("seller", ProviderRegistered()),
        ("use", AllowedUse((Use.SCIENCE, Use.TRAINING))),
        ("parties", UnrelatedParty()),
    ]
    unlucky = case(provider=provider(is_registered=False, owners=frozenset({"person:1"})))

    assert check_conditions(rules, case=unlucky) == (
        Check("seller", "provider_registered", passed=False, facts={"provider": "P1"}),
        Check(
            "use",
            "allowed_use",
            passed=True,
            facts={"use": "TRAINING", "allowed": "SCIENCE TRAINING"},
        ),
        Check(
            "parties",
            "unrelated_party",
            passed=False,
            facts={"provider": "P1", "links": "person:1"},
        ),
    )


RICH = case(
    applicant=applicant(
        staff=12,
        revenue=Fen(7),
        sectors=words("steel", "ai"),
        filings=words("model"),
        lists=words("tax", "other"),
        last_dishonesty_on=D(2020, 1, 2),
    ),
    provider=provider(facility="hub", is_connected=True, scale={"pflops": 5}),
    contract=contract(
        documents=words("plan"),
        supports=(OtherSupport("national", Fen(1)), OtherSupport("district", Fen(1))),
        capacity_pflops=3,
        price_per_card_hour=Fen(1_281),
    ),
    awards_on_contract=2,
    awards_other_side=4,
    upstream="national",
)

FACTS: list[tuple[Condition, Case, dict[str, object]]] = [
    (TYPES, case(), {"type": "ENTERPRISE", "allowed": "ENTERPRISE UNIVERSITY"}),
    (SIZES, case(), {"size": "SMALL", "allowed": "MICRO SMALL"}),
    (AgeAtMost(9), case(), {"founded": "2020-05-01", "age_months": 68, "months": 9}),
    (AgeAtLeast(9), case(), {"founded": "2020-05-01", "age_months": 68, "months": 9}),
    (StaffAtMost(9), RICH, {"staff": 12, "people": 9}),
    (StaffAtMost(9), case(), {"staff": None, "people": 9}),
    (RevenueAtMost(Fen(9)), RICH, {"revenue_fen": 7, "limit_fen": 9}),
    (RevenueAtMost(Fen(9)), case(), {"revenue_fen": None, "limit_fen": 9}),
    (RegisteredIn(("5201", "44")), case(), {"place": "520115", "allowed": "5201 44"}),
    (SECTORS, RICH, {"sectors": "ai steel", "allowed": "ai software"}),
    (FILINGS, RICH, {"filings": "algorithm model", "missing": "algorithm"}),
    (LISTS, RICH, {"lists": "dishonest tax", "found": "tax"}),
    (CleanRecord(3), case(), {"years": 3, "since": "2023-01-10", "last": None}),
    (CleanRecord(3), RICH, {"years": 3, "since": "2023-01-10", "last": "2020-01-02"}),
    (EITHER, case(), {"number": 1, "met_en": "small", "met_zh": "小型"}),
    (
        EITHER,
        buyer(size=FirmSize.LARGE, type=ApplicantType.UNIVERSITY),
        {"number": 2, "met_en": "school", "met_zh": "学校"},
    ),
    (
        EITHER,
        buyer(size=FirmSize.LARGE),
        {"options_en": "small; school", "options_zh": "小型；学校"},
    ),
    (ProviderRegistered(), case(), {"provider": "P1"}),
    (ProviderConnected(), case(), {"provider": "P1"}),
    (ProviderIn(("44", "52")), case(), {"place": "520100", "allowed": "44 52"}),
    (FacilityIn(("hub", "cloud")), RICH, {"facility": "hub", "allowed": "cloud hub"}),
    (ScaleAtLeast("pflops", 9), RICH, {"measure": "pflops", "found": 5, "least": 9}),
    (ScaleAtLeast("racks", 9), RICH, {"measure": "racks", "found": 0, "least": 9}),
    (UnrelatedParty(), case(), {"provider": "P1", "links": ""}),
    (SignedFrom(D(2026, 1, 5)), case(), {"signed": "2026-01-01", "from": "2026-01-05"}),
    (TermAtMost(12), case(), {"months": 12, "starts": "2026-01-01", "last": "2026-12-31"}),
    (OneAwardPerContract(), RICH, {"contract": "C1", "awards": 2}),
    (OneSideOnly(), RICH, {"side": Side.DEMAND.value, "awards": 4}),
    (AllowedUse((Use.TESTING,)), case(), {"use": "TRAINING", "allowed": "TESTING"}),
    (CapacityAtLeast(9), RICH, {"found": 3, "least": 9}),
    (PRICE, RICH, {"price_fen": 1_281, "limit_fen": 1_280}),
    (PRICE, case(), {"price_fen": None, "limit_fen": 1_280}),
    (
        RequestBetween(Fen(5), Fen(9)),
        cost(COMPUTE=4, DATA=2),
        {"asked_fen": 6, "least_fen": 5, "most_fen": 9},
    ),
    (NoOtherSupport(), case(), {"contract": "C1"}),
    (PROGRAMMES, RICH, {"allowed": "national province", "strange": "district"}),
    (
        UpstreamAward(("national", "ministry")),
        RICH,
        {"upstream": "national", "allowed": "ministry national"},
    ),
    (CALL, case(), {"applied": "2026-01-10", "first": "2026-02-01", "last": "2026-02-28"}),
    (PAPERS, RICH, {"documents": "contract plan", "missing": "contract"}),
]


@pytest.mark.parametrize(("condition", "of", "facts"), FACTS)
def test_a_finding_shows_what_it_compared(
    condition: Condition, of: Case, facts: dict[str, object]
) -> None:
    assert condition.check(of)[1] == facts


def test_the_facts_of_every_condition_form_are_looked_at() -> None:
    assert {type(condition) for condition, _, _ in FACTS} == set(get_args(Condition))
