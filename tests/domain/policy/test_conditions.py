"""Each form of condition on both sides of its bound."""

from datetime import date
from typing import Any

import pytest

from evernormal.domain.policy import (
    AllowedUse,
    ApplicantType,
    ApplicantTypeIn,
    AppliedWithin,
    Case,
    Check,
    CleanRecord,
    NoOtherSupport,
    OneAwardPerContract,
    ProviderRegistered,
    RegisteredIn,
    SignedFrom,
    TermAtMost,
    UnrelatedParty,
    Use,
    check_conditions,
)
from evernormal.domain.policy.conditions import Condition
from evernormal.domain.values import Period
from tests.domain.sample import applicant, case, contract, provider, uscc

D = date


def buyer(**changes: Any) -> Case:
    return case(applicant=applicant(**changes))


def seller(**changes: Any) -> Case:
    return case(provider=provider(**changes))


def deal(**changes: Any) -> Case:
    return case(contract=contract(**changes))


def term(first: date, last: date) -> Case:
    return deal(term=Period.of_days(first, last))


TYPES = ApplicantTypeIn((ApplicantType.UNIVERSITY, ApplicantType.ENTERPRISE))
CALL = AppliedWithin(D(2026, 2, 1), D(2026, 2, 28))

ON_BOTH_SIDES: list[tuple[Condition, Case, Case]] = [
    (TYPES, buyer(type=ApplicantType.ENTERPRISE), buyer(type=ApplicantType.MAKER_TEAM)),
    (RegisteredIn(("5201", "44")), buyer(place="520115"), buyer(place="520200")),
    (RegisteredIn(("5201", "44")), buyer(place="440300"), buyer(place="144000")),
    (
        CleanRecord(3),
        buyer(last_dishonesty_on=D(2023, 1, 9)),
        buyer(last_dishonesty_on=D(2023, 1, 10)),
    ),
    (CleanRecord(3), buyer(last_dishonesty_on=None), buyer(last_dishonesty_on=D(2026, 1, 9))),
    (ProviderRegistered(), seller(is_registered=True), seller(is_registered=False)),
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
    (AllowedUse((Use.TRAINING,)), deal(use=Use.TRAINING), deal(use=Use.INFERENCE)),
    (NoOtherSupport(), deal(), deal(has_other_support=True)),
    (CALL, deal(applied_on=D(2026, 2, 1)), deal(applied_on=D(2026, 1, 31))),
    (CALL, deal(applied_on=D(2026, 2, 28)), deal(applied_on=D(2026, 3, 1))),
]


@pytest.mark.parametrize(("condition", "passing", "failing"), ON_BOTH_SIDES)
def test_condition_on_both_sides_of_its_bound(
    condition: Condition, passing: Case, failing: Case
) -> None:
    assert condition.check(passing)[0] is True
    assert condition.check(failing)[0] is False


def test_every_condition_form_is_tried_above() -> None:
    tried = {type(condition) for condition, _, _ in ON_BOTH_SIDES}

    assert tried == set(Condition.__args__)


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


FACTS: list[tuple[Condition, dict[str, object]]] = [
    (TYPES, {"type": "ENTERPRISE", "allowed": "ENTERPRISE UNIVERSITY"}),
    (RegisteredIn(("5201", "44")), {"place": "520115", "allowed": "5201 44"}),
    (CleanRecord(3), {"years": 3, "since": "2023-01-10", "last": None}),
    (SignedFrom(D(2026, 1, 5)), {"signed": "2026-01-01", "from": "2026-01-05"}),
    (TermAtMost(12), {"months": 12, "starts": "2026-01-01", "last": "2026-12-31"}),
    (OneAwardPerContract(), {"contract": "C1", "awards": 0}),
    (NoOtherSupport(), {"contract": "C1"}),
    (CALL, {"applied": "2026-01-10", "first": "2026-02-01", "last": "2026-02-28"}),
]


@pytest.mark.parametrize(("condition", "facts"), FACTS)
def test_a_finding_shows_what_it_compared(condition: Condition, facts: dict[str, object]) -> None:
    assert condition.check(case())[1] == facts
