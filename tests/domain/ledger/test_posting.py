"""Which transfers each fact makes."""

from datetime import date

from evernormal.domain.award import AwardDecision, AwardReason
from evernormal.domain.ledger import Phase, Transfer, TransferCode, posting
from evernormal.domain.ledger.posting import Move, numbered
from evernormal.domain.values import Fen
from evernormal.domain.voucher import (
    CaptureReversed,
    FaceRaised,
    HoldCaptured,
    HoldPlaced,
    HoldReleased,
    HoldState,
    VoucherIssued,
    VoucherLapsed,
    VoucherRecalled,
    issue,
)

DAY = date(2026, 1, 31)
AWARD = AwardDecision("A-C1", "C1", "S1", AwardReason.ENTITLED, Fen(90), Fen(80), Fen(900))
ISSUED: VoucherIssued = issue(AWARD, on=DAY, valid_months=6)
PLACED = HoldPlaced("H-1", "V-C1", "O1", Fen(50), DAY)


def test_each_fact_has_its_move() -> None:
    captured = HoldCaptured("H-1", "V-C1", Fen(30), Fen(20))
    released = HoldReleased("H-1", "V-C1", Fen(50), HoldState.VOIDED)

    moves = [
        posting.of_appropriation(Fen(900)),
        posting.of_award(AWARD),
        posting.of_issue(ISSUED),
        posting.of_hold(PLACED, payee_id="P1"),
        posting.of_capture(captured, payee_id="P1", pending_id="x#1"),
        posting.of_release(released, payee_id="P1", pending_id="x#1"),
        posting.of_reversal(CaptureReversed("V-C1", Fen(7)), payee_id="P1"),
        posting.of_lapse(VoucherLapsed("V-C1", Fen(8))),
        posting.of_recall(VoucherRecalled("V-C1", Fen(9), DAY)),
        posting.of_raised_face(FaceRaised("V-C1", "A-C1", Fen(10))),
        posting.of_accrual(AWARD, payee_id="S1", amount=Fen(60)),
        posting.of_approval(payee_id="P1", amount=Fen(23)),
        posting.of_payment(payee_id="P1", amount=Fen(23)),
    ]

    assert moves == [
        Move("TREASURY", "POT", Fen(900), TransferCode.APPROPRIATE),
        Move("POT", "AWARD:A-C1", Fen(80), TransferCode.AWARD),
        Move("AWARD:A-C1", "VOUCHER:V-C1", Fen(80), TransferCode.ISSUE),
        Move("VOUCHER:V-C1", "ACCRUED:P1", Fen(50), TransferCode.HOLD, Phase.PENDING),
        Move("VOUCHER:V-C1", "ACCRUED:P1", Fen(30), TransferCode.CAPTURE, Phase.POST, "x#1"),
        Move("VOUCHER:V-C1", "ACCRUED:P1", Fen(50), TransferCode.RELEASE, Phase.VOID, "x#1"),
        Move("ACCRUED:P1", "VOUCHER:V-C1", Fen(7), TransferCode.REVERSE),
        Move("VOUCHER:V-C1", "POT", Fen(8), TransferCode.LAPSE),
        Move("VOUCHER:V-C1", "POT", Fen(9), TransferCode.RECALL),
        Move("AWARD:A-C1", "VOUCHER:V-C1", Fen(10), TransferCode.ISSUE),
        Move("AWARD:A-C1", "ACCRUED:S1", Fen(60), TransferCode.ACCRUE),
        Move("ACCRUED:P1", "PAYABLE:P1", Fen(23), TransferCode.APPROVE),
        Move("PAYABLE:P1", "TREASURY", Fen(23), TransferCode.PAY),
    ]
    assert {move.code for move in moves} == set(TransferCode)


def test_moves_are_numbered_and_those_of_nothing_left_out() -> None:
    nothing = posting.of_approval(payee_id="P1", amount=Fen(0))
    first, second = posting.of_appropriation(Fen(900)), posting.of_hold(PLACED, payee_id="P1")

    assert numbered([nothing, first, nothing, second], act_key="ACT/1", on=DAY) == (
        Transfer("ACT/1#1", "TREASURY", "POT", 900, Phase.SINGLE, TransferCode.APPROPRIATE, DAY),
        Transfer(
            "ACT/1#2", "VOUCHER:V-C1", "ACCRUED:P1", 50, Phase.PENDING, TransferCode.HOLD, DAY
        ),
    )
