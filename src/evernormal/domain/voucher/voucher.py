"""A voucher's value, and what the acts do to it."""

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from evernormal.domain.award import AwardDecision, award_id_of
from evernormal.domain.errors import DomainError
from evernormal.domain.values import Fen, add_months
from evernormal.domain.voucher.hold import HoldCaptured, HoldPlaced, HoldReleased

_NOTHING = Fen(0)


class VoucherExpired(DomainError):
    """An act on a voucher after its last day."""

    code = "voucher.expired"

    def __init__(self, *, voucher_id: str, lapses_on: date) -> None:
        self.voucher_id, self.lapses_on = voucher_id, lapses_on
        super().__init__(f"Voucher {voucher_id} lapsed on {lapses_on}. Ask for an extension.")


class VoucherStillValid(DomainError):
    """A voucher asked to lapse too early, or while a hold is open."""

    code = "voucher.still_valid"

    def __init__(self, *, voucher_id: str, lapses_on: date, held: Fen) -> None:
        self.voucher_id, self.lapses_on, self.held = voucher_id, lapses_on, held
        super().__init__(
            f"Voucher {voucher_id} lapses on {lapses_on} and has {held} on hold. "
            "Wait for the day and release its holds first."
        )


class ReversalExceedsCapture(DomainError):
    """More was to be given back than was captured."""

    code = "voucher.reversal_exceeds_capture"

    def __init__(self, *, asked: Fen, captured: Fen) -> None:
        self.asked, self.captured = asked, captured
        super().__init__(f"Cannot reverse {asked}: only {captured} was captured.")


@dataclass(frozen=True, slots=True)
class Voucher:
    """A voucher issued under an award. Amounts in fen; it lapses at the start of `lapses_on`."""

    id: str
    award_id: str
    holder_id: str
    face: Fen
    issued_on: date
    lapses_on: date
    held: Fen = _NOTHING
    captured: Fen = _NOTHING
    lapsed: Fen = _NOTHING

    @property
    def available(self) -> Fen:
        """What can still be held: face less held, captured and lapsed."""
        return self.face - self.held - self.captured - self.lapsed


@dataclass(frozen=True, slots=True)
class VoucherIssued:
    """A voucher came to life."""

    voucher: Voucher


@dataclass(frozen=True, slots=True)
class VoucherLapsed:
    """What was left of a voucher went back to the pot."""

    voucher_id: str
    amount: Fen


@dataclass(frozen=True, slots=True)
class CaptureReversed:
    """Captured value came back to the voucher."""

    voucher_id: str
    amount: Fen


@dataclass(frozen=True, slots=True)
class VoucherRecalled:
    """What was left of an idle voucher went back to the pot; it ends on that day."""

    voucher_id: str
    amount: Fen
    on: date


@dataclass(frozen=True, slots=True)
class VoucherExtended:
    """A voucher lives longer."""

    voucher_id: str
    lapses_on: date


@dataclass(frozen=True, slots=True)
class FaceRaised:
    """A further part of the award was released to the voucher."""

    voucher_id: str
    award_id: str
    amount: Fen


VoucherEvent = (
    VoucherIssued
    | HoldPlaced
    | HoldCaptured
    | HoldReleased
    | VoucherLapsed
    | CaptureReversed
    | VoucherRecalled
    | VoucherExtended
    | FaceRaised
)


def voucher_id_of(award_id: str) -> str:
    """The number of the voucher issued under an award."""
    return f"V-{award_id.removeprefix('A-')}"


def voucher_of_contract(contract_id: str) -> str:
    """The number of the voucher that a contract's award makes."""
    return voucher_id_of(award_id_of(contract_id))


def issue(
    award: AwardDecision, *, on: date, valid_months: int, face: Fen | None = None
) -> VoucherIssued:
    """Issue a voucher with the award's amount as its face, or with the part released so far.

    on            day of issue
    valid_months  months until it lapses
    face          fen released at once, at most the award; None: all of it
    """
    voucher = Voucher(
        id=voucher_id_of(award.award_id),
        award_id=award.award_id,
        holder_id=award.applicant_id,
        face=award.amount if face is None else face,
        issued_on=on,
        lapses_on=add_months(on, valid_months),
    )
    return VoucherIssued(voucher)


def demand_valid(voucher: Voucher, *, on: date) -> None:
    """Nothing new is held on a voucher from its last day on.

    raises   VoucherExpired
    """
    if on >= voucher.lapses_on:
        raise VoucherExpired(voucher_id=voucher.id, lapses_on=voucher.lapses_on)


def lapse(voucher: Voucher, *, on: date) -> VoucherLapsed:
    """Let what is left go back to the pot.

    raises   VoucherStillValid before its day or while something is on hold
    """
    if on < voucher.lapses_on or voucher.held.amount > 0:
        raise VoucherStillValid(
            voucher_id=voucher.id, lapses_on=voucher.lapses_on, held=voucher.held
        )
    return VoucherLapsed(voucher_id=voucher.id, amount=voucher.available)


def recall(voucher: Voucher, *, on: date) -> VoucherRecalled:
    """Call back what is left of an idle voucher.

    raises   VoucherExpired from its last day on, VoucherStillValid while something is on hold
    """
    demand_valid(voucher, on=on)
    if voucher.held.amount > 0:
        raise VoucherStillValid(
            voucher_id=voucher.id, lapses_on=voucher.lapses_on, held=voucher.held
        )
    return VoucherRecalled(voucher_id=voucher.id, amount=voucher.available, on=on)


def extend(voucher: Voucher, *, until: date, on: date) -> VoucherExtended:
    """Let a voucher live longer.

    until    the day on which it lapses from now on, later than before
    on       the day of the extension
    raises   VoucherExpired when it has lapsed already
    """
    demand_valid(voucher, on=on)
    return VoucherExtended(voucher_id=voucher.id, lapses_on=max(until, voucher.lapses_on))


def raise_face(voucher: Voucher, *, amount: Fen, on: date) -> FaceRaised:
    """Release a further part of the award to its voucher.

    amount   fen, >= 0
    raises   VoucherExpired
    """
    demand_valid(voucher, on=on)
    return FaceRaised(voucher_id=voucher.id, award_id=voucher.award_id, amount=amount)


def reverse(voucher: Voucher, *, amount: Fen) -> CaptureReversed:
    """Give captured value back, when usage is corrected or a claim is cut.

    amount   fen, > 0
    raises   ReversalExceedsCapture
    """
    if not 0 < amount.amount <= voucher.captured.amount:
        raise ReversalExceedsCapture(asked=amount, captured=voucher.captured)
    return CaptureReversed(voucher_id=voucher.id, amount=amount)


def after(  # noqa: C901, PLR0911 - one event, one case
    voucher: Voucher, event: VoucherEvent
) -> Voucher:
    """The voucher after an event. Law 1 holds for the result."""
    match event:
        case VoucherIssued():
            return event.voucher
        case HoldPlaced():
            return replace(voucher, held=voucher.held + event.amount)
        case HoldCaptured():
            held = voucher.held - event.amount - event.released
            return replace(voucher, held=held, captured=voucher.captured + event.amount)
        case HoldReleased():
            return replace(voucher, held=voucher.held - event.amount)
        case VoucherLapsed():
            return replace(voucher, lapsed=voucher.lapsed + event.amount)
        case CaptureReversed():
            return replace(voucher, captured=voucher.captured - event.amount)
        case VoucherRecalled():
            lapsed = voucher.lapsed + event.amount
            return replace(voucher, lapsed=lapsed, lapses_on=event.on)
        case VoucherExtended():
            return replace(voucher, lapses_on=event.lapses_on)
        case FaceRaised():
            return replace(voucher, face=voucher.face + event.amount)
        case _:
            assert_never(event)
