"""Posting rules: which transfers each fact makes. The chart is in docs/rules/ledger.md."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from evernormal.domain.award import AwardDecision
from evernormal.domain.ledger.account import AccountKind, account_id
from evernormal.domain.ledger.transfer import Phase, Transfer, TransferCode
from evernormal.domain.values import Fen
from evernormal.domain.voucher import (
    CaptureReversed,
    FaceRaised,
    HoldCaptured,
    HoldPlaced,
    HoldReleased,
    VoucherIssued,
    VoucherLapsed,
    VoucherRecalled,
)

TREASURY = account_id(AccountKind.TREASURY)
POT = account_id(AccountKind.POT)


@dataclass(frozen=True, slots=True)
class Move:
    """Half of a transfer: what moves where, before the act gives it a number and a day."""

    debit: str
    credit: str
    amount: Fen
    code: TransferCode
    phase: Phase = Phase.SINGLE
    pending_id: str | None = None


def of_appropriation(pot: Fen) -> Move:
    """The year's money comes in."""
    return Move(TREASURY, POT, pot, TransferCode.APPROPRIATE)


def of_award(award: AwardDecision) -> Move:
    """The pot is encumbered."""
    return Move(POT, encumbered(award.award_id), award.amount, TransferCode.AWARD)


def of_issue(issued: VoucherIssued) -> Move:
    """The encumbrance becomes a voucher."""
    voucher = issued.voucher
    return Move(
        encumbered(voucher.award_id), _voucher(voucher.id), voucher.face, TransferCode.ISSUE
    )


def of_hold(placed: HoldPlaced, *, payee_id: str) -> Move:
    """Voucher value is reserved for whoever will be paid."""
    return Move(
        _voucher(placed.voucher_id),
        accrued(payee_id),
        placed.amount,
        TransferCode.HOLD,
        Phase.PENDING,
    )


def of_capture(captured: HoldCaptured, *, payee_id: str, pending_id: str) -> Move:
    """A hold is posted; what is not posted is free again."""
    return Move(
        _voucher(captured.voucher_id),
        accrued(payee_id),
        captured.amount,
        TransferCode.CAPTURE,
        Phase.POST,
        pending_id,
    )


def of_release(released: HoldReleased, *, payee_id: str, pending_id: str) -> Move:
    """A hold is voided or expired."""
    return Move(
        _voucher(released.voucher_id),
        accrued(payee_id),
        released.amount,
        TransferCode.RELEASE,
        Phase.VOID,
        pending_id,
    )


def of_reversal(reversed_: CaptureReversed, *, payee_id: str) -> Move:
    """Captured value goes back to the voucher by a new transfer."""
    return Move(
        accrued(payee_id),
        _voucher(reversed_.voucher_id),
        reversed_.amount,
        TransferCode.REVERSE,
    )


def of_lapse(lapsed: VoucherLapsed) -> Move:
    """What was left of a voucher goes back to the pot."""
    return Move(_voucher(lapsed.voucher_id), POT, lapsed.amount, TransferCode.LAPSE)


def of_recall(recalled: VoucherRecalled) -> Move:
    """What was left of an idle voucher goes back to the pot."""
    return Move(_voucher(recalled.voucher_id), POT, recalled.amount, TransferCode.RECALL)


def of_unreleased(award_id: str, *, amount: Fen, code: TransferCode) -> Move:
    """What no report has released of an award goes back to the pot when its voucher ends.

    code     why the voucher ends: it lapses, or is called back
    """
    return Move(encumbered(award_id), POT, amount, code)


def of_raised_face(raised: FaceRaised) -> Move:
    """A further part of the encumbrance becomes voucher value."""
    return Move(
        encumbered(raised.award_id), _voucher(raised.voucher_id), raised.amount, TransferCode.ISSUE
    )


def of_accrual(award: AwardDecision, *, payee_id: str, amount: Fen) -> Move:
    """Support without a voucher: the award itself becomes due."""
    return Move(encumbered(award.award_id), accrued(payee_id), amount, TransferCode.ACCRUE)


def of_approval(*, payee_id: str, amount: Fen) -> Move:
    """An approved claim becomes payable."""
    return Move(accrued(payee_id), payable(payee_id), amount, TransferCode.APPROVE)


def of_payment(*, payee_id: str, amount: Fen) -> Move:
    """Money leaves."""
    return Move(payable(payee_id), TREASURY, amount, TransferCode.PAY)


def accrued(payee_id: str) -> str:
    """The account of what a payee has earned and not yet claimed with success."""
    return account_id(AccountKind.ACCRUED, payee_id)


def payable(payee_id: str) -> str:
    """The account of what a payee will be paid."""
    return account_id(AccountKind.PAYABLE, payee_id)


def numbered(moves: Iterable[Move], *, act_key: str, on: date) -> tuple[Transfer, ...]:
    """Give an act's moves their transfer numbers and day; moves of nothing are left out.

    act_key  the act's unique key, so that the numbers are unique and repeatable
    """
    return tuple(
        Transfer(
            id=f"{act_key}#{number}",
            debit=move.debit,
            credit=move.credit,
            amount=move.amount.amount,
            phase=move.phase,
            code=move.code,
            on=on,
            pending_id=move.pending_id,
        )
        for number, move in enumerate((m for m in moves if m.amount.amount), start=1)
    )


def encumbered(award_id: str) -> str:
    """The account of what an award binds and has not passed on."""
    return account_id(AccountKind.AWARD, award_id)


def _voucher(voucher_id: str) -> str:
    return account_id(AccountKind.VOUCHER, voucher_id)
