"""Each test of a selector from both sides, alone and together."""

from dataclasses import fields
from datetime import date
from typing import Any

import pytest

from evernormal.domain.policy import (
    EVERY_CASE,
    ApplicantType,
    Case,
    CostCategory,
    DeviceOrigin,
    FirmSize,
    Route,
    Selector,
    Side,
    Use,
)
from evernormal.domain.policy.facts import months_between
from evernormal.domain.values import Fen
from tests.domain.sample import applicant, case, contract, provider


def words(*each: str) -> frozenset[str]:
    return frozenset(each)


def buyer(**changes: Any) -> Case:
    return case(applicant=applicant(**changes))


def seller(**changes: Any) -> Case:
    return case(provider=provider(**changes))


def deal(**changes: Any) -> Case:
    return case(contract=contract(**changes))


ENTERPRISE, UNIVERSITY = ApplicantType.ENTERPRISE, ApplicantType.UNIVERSITY
BOTH_SCALES = {"pflops": 10, "racks": 2}

ON_BOTH_SIDES: list[tuple[str, object, Case, Case]] = [
    ("applicant_types", (ENTERPRISE,), buyer(type=ENTERPRISE), buyer(type=UNIVERSITY)),
    ("sizes", (FirmSize.MICRO, FirmSize.SMALL), buyer(), buyer(size=FirmSize.LARGE)),
    ("places", ("44", "5201"), buyer(place="520115"), buyer(place="520200")),
    ("sectors", ("ai", "it"), buyer(sectors=words("it", "x")), buyer(sectors=words("x"))),
    ("traits", ("young", "new"), buyer(traits=words("new")), buyer(traits=words("old"))),
    ("traits", ("young", "new"), deal(traits=words("young")), deal()),
    ("filings", ("model", "app"), buyer(filings=words("app")), buyer(filings=words("x"))),
    ("uses", (Use.SCIENCE, Use.TRAINING), deal(use=Use.SCIENCE), deal(use=Use.OTHER)),
    ("services", (CostCategory.DATA,), deal(service=CostCategory.DATA), deal()),
    (
        "device_origins",
        (DeviceOrigin.DOMESTIC,),
        deal(device_origin=DeviceOrigin.DOMESTIC),
        deal(device_origin=DeviceOrigin.FOREIGN),
    ),
    ("facilities", ("hub", "cloud"), seller(facility="hub"), seller(facility="")),
    ("routes", (Route.MATCHED,), deal(route=Route.MATCHED), deal()),
    ("sides", (Side.SUPPLY,), deal(side=Side.SUPPLY), deal()),
    (
        "age_months_at_most",
        24,
        buyer(founded_on=date(2023, 12, 11)),
        buyer(founded_on=date(2023, 12, 10)),
    ),
    ("staff_at_most", 9, buyer(staff=9), buyer(staff=10)),
    ("staff_at_most", 9, buyer(staff=0), buyer(staff=None)),
    ("revenue_at_most", Fen(9), buyer(revenue=Fen(9)), buyer(revenue=Fen(10))),
    ("revenue_at_most", Fen(9), buyer(revenue=Fen(0)), buyer(revenue=None)),
    ("scale_at_least", BOTH_SCALES, seller(scale=BOTH_SCALES), seller(scale={"pflops": 10})),
    (
        "scale_at_least",
        {"pflops": 10},
        seller(scale={"pflops": 10}),
        seller(scale={"pflops": 9, "racks": 10}),
    ),
]


@pytest.mark.parametrize(("test", "value", "passing", "failing"), ON_BOTH_SIDES)
def test_each_test_from_both_sides(test: str, value: Any, passing: Case, failing: Case) -> None:
    selector = Selector(**{test: value})

    assert selector.matches(passing)
    assert not selector.matches(failing)
    assert EVERY_CASE.matches(failing)


def test_every_test_is_tried_above() -> None:
    assert {test for test, _, _, _ in ON_BOTH_SIDES} == {f.name for f in fields(Selector)}


def test_all_tests_must_hold_together() -> None:
    of_both = case(applicant=applicant(staff=5), contract=contract(route=Route.MATCHED))
    selector = Selector(sizes=(FirmSize.SMALL,), routes=(Route.MATCHED,), staff_at_most=5)

    assert selector.matches(of_both)
    assert not selector.matches(case(applicant=applicant(staff=5)))
    assert not selector.matches(deal(route=Route.MATCHED))
    assert not selector.matches(
        case(applicant=applicant(staff=5, size=FirmSize.LARGE), contract=of_both.contract)
    )


@pytest.mark.parametrize(
    ("earlier", "later", "months"),
    [
        ("2025-01-31", "2025-02-28", 0),
        ("2025-01-31", "2025-03-31", 2),
        ("2025-01-31", "2026-01-30", 11),
        ("2025-01-31", "2026-01-31", 12),
        ("2025-01-31", "2025-01-31", 0),
        ("2025-01-31", "2024-01-31", 0),
    ],
)
def test_only_full_months_count(earlier: str, later: str, months: int) -> None:
    assert months_between(date.fromisoformat(earlier), date.fromisoformat(later)) == months
