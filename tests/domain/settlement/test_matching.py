"""Each check of the match fails alone, and each limb lowers the cost alone."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from evernormal.domain.policy import CostCategory
from evernormal.domain.settlement import (
    BankPayment,
    Evidence,
    InvoiceLine,
    InvoiceStatus,
    Match,
    MeterControl,
    match_evidence,
)
from evernormal.domain.values import Fen, Period
from tests.domain.sample import case, contract, uscc

BUYER, SELLER, OTHER = uscc(1), uscc(901), uscc(77)
CLAIMED_ON = date(2026, 5, 10)
COMPUTE, STORAGE = CostCategory.COMPUTE, CostCategory.STORAGE

LINE = InvoiceLine(
    number="F1",
    line=1,
    contract_id="C1",
    category=COMPUTE,
    amount=Fen(1_000),
    seller=SELLER,
    buyer=BUYER,
    issued_on=date(2026, 5, 2),
    period=Period(date(2026, 4, 1), date(2026, 5, 1)),
    status=InvoiceStatus.NORMAL,
    claimed_on=CLAIMED_ON,
)
PAYMENT = BankPayment("B1", "F1", BUYER, SELLER, Fen(1_000), CLAIMED_ON)


def evidence(**changes: Any) -> Evidence:
    plain = Evidence(
        case=case(contract=contract(costs={COMPUTE: Fen(5_000), STORAGE: Fen(300)})),
        claimed_on=CLAIMED_ON,
        lines=(LINE,),
        payments=(PAYMENT,),
        claimed_before=frozenset(),
        supported_before={},
        deducted=Fen(0),
        metered=Fen(2_000),
        metered_seconds=1,
        meter=MeterControl.LIMIT,
    )
    return replace(plain, **changes)


def line(**changes: Any) -> InvoiceLine:
    return replace(LINE, **changes)


def paid(fen: int, **changes: Any) -> BankPayment:
    return replace(PAYMENT, amount=Fen(fen), **changes)


def test_sound_evidence_passes_every_check() -> None:
    match = match_evidence(evidence())

    assert [(c.rule_id, c.passed, c.facts) for c in match.checks] == [
        (f"match.{name}", True, {"failing": ""})
        for name in (
            "invoice_present",
            "invoice_normal",
            "invoice_parties",
            "invoice_in_contract",
            "invoice_claimed_once",
            "payment_parties",
            "payment_made",
            "meter_present",
        )
    ]
    assert match.is_sound
    assert match.costs == {COMPUTE: Fen(1_000)}


BEFORE_SIGNED = contract(signed_on=date(2026, 5, 3), costs={COMPUTE: Fen(5_000)})


@pytest.mark.parametrize(
    ("name", "failing", "changes"),
    [
        ("invoice_present", "C1", {"lines": (), "payments": ()}),
        ("invoice_normal", "F1", {"lines": (line(status=InvoiceStatus.VOID),)}),
        ("invoice_normal", "F1", {"lines": (line(status=InvoiceStatus.RED),)}),
        ("invoice_parties", "F1", {"lines": (line(seller=OTHER),)}),
        ("invoice_parties", "F1", {"lines": (line(buyer=OTHER),)}),
        ("invoice_parties", "F1", {"lines": (line(buyer=SELLER, seller=BUYER),)}),
        (
            "invoice_in_contract",
            "F1",
            {"lines": (line(period=Period(date(2027, 1, 1), date(2027, 2, 1))),)},
        ),
        ("invoice_in_contract", "F1", {"case": case(contract=BEFORE_SIGNED)}),
        ("invoice_claimed_once", "F1", {"claimed_before": frozenset({"F0", "F1"})}),
        ("payment_parties", "B1", {"payments": (paid(1_000, payer=OTHER),)}),
        ("payment_parties", "B1", {"payments": (paid(1_000, payee=OTHER),)}),
        ("payment_made", "F1", {"payments": ()}),
        ("payment_made", "F1", {"payments": (), "deducted": Fen(999)}),
        ("payment_made", "F1", {"payments": (paid(1_000, paid_on=date(2026, 5, 11)),)}),
        ("payment_made", "F2 F3", {"lines": (LINE, line(number="F3"), line(number="F2"))}),
        ("meter_present", "C1", {"metered_seconds": 0}),
        ("meter_present", "C1", {"metered_seconds": 0, "meter": MeterControl.PRESENCE}),
    ],
)
def test_each_check_fails_alone_and_names_what_failed(
    name: str, failing: str, changes: dict[str, Any]
) -> None:
    match = match_evidence(evidence(**changes))

    assert {c.form: c.facts["failing"] for c in match.checks if not c.passed} == {name: failing}
    assert not match.is_sound
    assert match.costs == {}


def test_a_programme_without_meter_asks_no_meter() -> None:
    match = match_evidence(
        evidence(meter=MeterControl.NOT_REQUIRED, metered_seconds=0, metered=Fen(0))
    )

    assert match.is_sound
    assert [c.form for c in match.checks][-1] == "payment_made"
    assert match.costs == {COMPUTE: Fen(1_000)}


def amounts(match: Match) -> list[int]:
    return [int(step.after) for step in match.steps]


@pytest.mark.parametrize(
    ("changes", "after"),
    [
        ({}, [1_000, 1_000, 1_000, 1_000]),
        ({"payments": (paid(400),)}, [1_000, 400, 400, 400]),
        ({"payments": (paid(400), paid(300, id="B2"))}, [1_000, 700, 700, 700]),
        ({"payments": (paid(5_000),)}, [1_000, 1_000, 1_000, 1_000]),
        ({"payments": (paid(700),), "deducted": Fen(300)}, [1_000, 1_000, 1_000, 1_000]),
        ({"payments": (), "deducted": Fen(1_000)}, [1_000, 1_000, 1_000, 1_000]),
        ({"payments": (paid(1),), "deducted": Fen(300)}, [1_000, 301, 301, 301]),
        (
            {"supported_before": {COMPUTE: Fen(4_100)}, "metered": Fen(9_999)},
            [1_000, 1_000, 900, 900],
        ),
        ({"supported_before": {COMPUTE: Fen(6_000)}, "metered": Fen(9_999)}, [1_000, 1_000, 0, 0]),
        ({"metered": Fen(999)}, [1_000, 1_000, 1_000, 999]),
        # What earlier claims took of the meter is no longer in `metered`.
        (
            {"metered": Fen(500), "supported_before": {COMPUTE: Fen(1_500)}},
            [1_000, 1_000, 1_000, 500],
        ),
        ({"metered": Fen(1), "meter": MeterControl.PRESENCE}, [1_000, 1_000, 1_000, 1_000]),
        ({"lines": (line(category=STORAGE),), "metered": Fen(0)}, [1_000, 1_000, 300, 300]),
        ({"lines": (line(category=CostCategory.SUPPORT),)}, [1_000, 1_000, 0, 0]),
    ],
)
def test_each_limit_lowers_the_cost(changes: dict[str, Any], after: list[int]) -> None:
    match = match_evidence(evidence(**changes))

    assert match.is_sound
    assert amounts(match) == after
    assert [int(step.before) for step in match.steps] == [after[0], *after[:-1]]
    assert sum(cost.amount for cost in match.costs.values()) == after[-1]


def test_cost_is_added_up_and_limited_by_category() -> None:
    lines = (LINE, line(line=2, amount=Fen(500)), line(line=3, category=STORAGE, amount=Fen(500)))

    match = match_evidence(evidence(lines=lines, payments=(paid(1_500),)))

    # Three quarters were paid: 1,125 of 1,500 and 375 of 500, of which 300 are in the contract.
    assert match.costs == {COMPUTE: Fen(1_125), STORAGE: Fen(300)}
    assert [(s.rule_id, dict(s.facts)) for s in match.steps] == [
        ("match.invoiced", {"invoices": "F1"}),
        ("match.paid", {"paid_fen": 1_500, "deducted_fen": 0}),
        ("match.contracted", {"contract": "C1"}),
        ("match.metered", {"metered_fen": 2_000, "control": "LIMIT"}),
    ]


def test_what_was_paid_beyond_one_invoice_does_not_pay_another() -> None:
    lines = (LINE, line(number="F2"))
    payments = (paid(1_900), paid(100, id="B2", invoice_number="F2"))

    match = match_evidence(evidence(lines=lines, payments=payments))

    assert match.costs == {COMPUTE: Fen(1_100)}
