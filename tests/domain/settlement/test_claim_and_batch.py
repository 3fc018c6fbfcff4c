"""What is approved, and who may pay it."""

from datetime import date

import pytest

from evernormal.domain.policy import Check, CostCategory, Entitlement
from evernormal.domain.settlement import (
    Ceiling,
    ClaimDecision,
    ClaimFiled,
    EmptyBatch,
    Match,
    PaymentBatch,
    PaymentInstruction,
    SameOfficer,
    claim_id_of,
    decide_claim,
    prepare_batch,
)
from evernormal.domain.values import Fen

DAY = date(2026, 5, 10)
ENTITLED = Entitlement(Fen(500), "share", ())


def match(*, sound: bool = True) -> Match:
    check = Check("match.payment_made", "payment_made", passed=sound, facts={"failing": ""})
    return Match((check,), (), {CostCategory.COMPUTE: Fen(1_000)} if sound else {})


@pytest.mark.parametrize(
    ("ceilings", "sound", "approved", "limb"),
    [
        ([], True, 500, "share"),
        ([("voucher", 500)], True, 500, "share"),  # exactly met: the rule is why
        ([("voucher", 499)], True, 499, "voucher"),
        ([("voucher", 400), ("award", 400)], True, 400, "voucher"),
        ([("voucher", 400), ("award", 399)], True, 399, "award"),
        ([("voucher", 0)], True, 0, "voucher"),
        ([("voucher", 400)], False, 0, "match"),
        ([], False, 0, "match"),
    ],
)
def test_the_least_is_approved_and_named(
    *, ceilings: list[tuple[str, int]], sound: bool, approved: int, limb: str
) -> None:
    limits = tuple(Ceiling(name, Fen(left)) for name, left in ceilings)

    claim = decide_claim(
        ClaimFiled(contract_id="C1", payee_id="S1", claimed_on=DAY),
        match=match(sound=sound),
        entitlement=ENTITLED,
        ceilings=list(limits),
    )

    assert claim == ClaimDecision(
        claim_id="CL-C1-20260510",
        contract_id="C1",
        payee_id="S1",
        claimed_on=DAY,
        match=match(sound=sound),
        entitlement=ENTITLED,
        ceilings=limits,
        approved=Fen(approved),
        limb=limb,
    )
    assert claim.is_approved is (approved > 0)


def test_a_claim_is_named_by_contract_and_day() -> None:
    assert claim_id_of("C1", date(2026, 1, 2)) == "CL-C1-20260102"


CLAIMS = [("CL-2", "S1", Fen(7)), ("CL-1", "S2", Fen(5))]


def batch(officers: tuple[str, str], claims: list[tuple[str, str, Fen]]) -> PaymentBatch:
    return prepare_batch(
        batch_id="B-1",
        claims=claims,
        officers=officers,
        approved_on=DAY,
        execute_on=date(2026, 5, 12),
    )


def test_a_batch_pays_its_claims_in_their_order() -> None:
    made = batch(("li", "zhao"), CLAIMS)

    assert made == PaymentBatch(
        id="B-1",
        prepared_by="li",
        approved_by="zhao",
        approved_on=DAY,
        execute_on=date(2026, 5, 12),
        instructions=(
            PaymentInstruction("P-CL-2", "CL-2", "S1", Fen(7)),
            PaymentInstruction("P-CL-1", "CL-1", "S2", Fen(5)),
        ),
    )
    assert made.total == Fen(12)


@pytest.mark.parametrize("again", ["li", " Li ", "l\u3000i", "ｌｉ"])  # noqa: RUF001 - it is meant
def test_one_officer_cannot_do_both_however_the_name_is_written(again: str) -> None:
    with pytest.raises(SameOfficer) as refusal:
        batch(("li", again), CLAIMS)

    assert refusal.value.officer == "li"


def test_a_batch_of_nothing_is_refused() -> None:
    with pytest.raises(EmptyBatch) as refusal:
        batch(("li", "zhao"), [])

    assert refusal.value.batch_id == "B-1"
