"""Every domain fact has a canonical form that holds all of it."""

from datetime import date
from fractions import Fraction

from evernormal.domain.allocation import Allocation, AllocationLimb
from evernormal.domain.audit import canonical_bytes
from evernormal.domain.audit.facts import (
    exact,
    of_allocation,
    of_assessment,
    of_award,
    of_batch,
    of_charge,
    of_claim,
    of_quote,
    of_transfers,
)
from evernormal.domain.award import Assessment, AwardDecision, AwardReason
from evernormal.domain.ledger import Phase, Transfer, TransferCode
from evernormal.domain.market import Quote
from evernormal.domain.metering import Charge
from evernormal.domain.policy import Check, CostCategory, Entitlement, Step
from evernormal.domain.settlement import (
    Ceiling,
    ClaimFiled,
    Match,
    PaymentBatch,
    PaymentInstruction,
    decide_claim,
)
from evernormal.domain.values import Fen

DAY = date(2026, 5, 10)
CHECK = Check("use", "allowed_use", passed=False, facts={"use": "OTHER", "allowed": None})
STEP = Step("share", "rate", Fraction(100), Fraction(100, 3), Fraction(33), {"ratio": "1/3"})
CHECK_FACTS = {
    "rule": "use",
    "form": "allowed_use",
    "passed": False,
    "facts": {"use": "OTHER", "allowed": None},
}
STEP_FACTS = {
    "rule": "share",
    "form": "rate",
    "before": 100,
    "exact": "100/3",
    "after": 33,
    "facts": {"ratio": "1/3"},
}
ENTITLED = Entitlement(Fen(33), "share", (STEP,))


def test_exact_amounts() -> None:
    assert [exact(Fraction(n)) for n in ("4/2", "-1/3")] == [2, "-1/3"]


def test_an_assessment() -> None:
    facts = of_assessment(Assessment("C1", "S1", (CHECK,), ENTITLED))

    assert facts == {
        "contract": "C1",
        "applicant": "S1",
        "eligible": False,
        "checks": [CHECK_FACTS],
        "entitled_fen": 33,
        "limb": "share",
        "steps": [STEP_FACTS],
    }
    assert canonical_bytes(facts)


def test_an_award() -> None:
    award = AwardDecision("A-C1", "C1", "S1", AwardReason.CUT_TO_POT, Fen(9), Fen(8), Fen(8))

    assert of_award(award) == {
        "award": "A-C1",
        "contract": "C1",
        "applicant": "S1",
        "reason": "CUT_TO_POT",
        "asked_fen": 9,
        "amount_fen": 8,
        "pot_before_fen": 8,
    }


def test_an_order_and_its_charge() -> None:
    assert of_quote(Quote("O1", Fen(5), Fen(100), Fen(30))) == {
        "price_fen_per_card_hour": 5,
        "listed_fen": 100,
        "voucher_part_fen": 30,
        "copay_fen": 70,
    }
    assert of_allocation(Allocation("O1", 8, (Fen(30),), AllocationLimb.GANG)) == {
        "cards": 8,
        "limb": "GANG",
    }
    assert of_charge(Charge("O1", "910B", DAY, -3, Fen(5), Fen(-2)), voucher_fen=-1) == {
        "day": "2026-05-10",
        "used_seconds": -3,
        "price_fen_per_card_hour": 5,
        "amount_fen": -2,
        "voucher_fen": -1,
    }


def test_a_claim() -> None:
    claim = decide_claim(
        ClaimFiled(contract_id="C1", payee_id="P1", claimed_on=DAY),
        match=Match((CHECK,), (STEP,), {CostCategory.COMPUTE: Fen(7)}),
        entitlement=ENTITLED,
        ceilings=[Ceiling("captured", Fen(5))],
    )

    assert of_claim(claim) == {
        "claim": "CL-C1-20260510",
        "contract": "C1",
        "payee": "P1",
        "claimed_on": "2026-05-10",
        "checks": [CHECK_FACTS],
        "match_steps": [STEP_FACTS],
        "matched_fen": {"COMPUTE": 7},
        "steps": [STEP_FACTS],
        "entitled_fen": 33,
        "ceilings": [{"limb": "captured", "left_fen": 5}],
        "approved_fen": 0,
        "limb": "match",
    }


def test_a_batch_and_transfers() -> None:
    instruction = PaymentInstruction("P-CL", "CL", "P1", Fen(4))
    batch = PaymentBatch("B-1", "li", "zhao", DAY, date(2026, 5, 12), (instruction,))
    post = Transfer("x#2", "A", "B", 4, Phase.POST, TransferCode.CAPTURE, DAY, "x#1")

    assert of_batch(batch) == {
        "batch": "B-1",
        "prepared_by": "li",
        "approved_by": "zhao",
        "approved_on": "2026-05-10",
        "execute_on": "2026-05-12",
        "total_fen": 4,
        "instructions": [{"instruction": "P-CL", "claim": "CL", "payee": "P1", "amount_fen": 4}],
    }
    assert of_transfers([post]) == [
        {
            "id": "x#2",
            "debit": "A",
            "credit": "B",
            "amount_fen": 4,
            "phase": "POST",
            "code": "CAPTURE",
            "pending": "x#1",
        }
    ]
