"""Holds: voucher value reserved for an order, resolved exactly once."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from evernormal.domain.errors import DomainError
from evernormal.domain.values import Fen


class HoldState(Enum):
    """A hold is open until it is captured, voided or expired, once."""

    OPEN = "OPEN"
    CAPTURED = "CAPTURED"
    VOIDED = "VOIDED"
    EXPIRED = "EXPIRED"


class HoldExceedsBalance(DomainError):
    """A hold asked for more than the voucher has left."""

    code = "voucher.hold_exceeds_balance"

    def __init__(self, *, asked: Fen, available: Fen) -> None:
        self.asked, self.available = asked, available
        super().__init__(
            f"Cannot hold {asked}: only {available} is available. "
            "Hold less, or void another hold first."
        )


class HoldAlreadyResolved(DomainError):
    """A hold that was captured, voided or expired before."""

    code = "voucher.hold_already_resolved"

    def __init__(self, *, hold_id: str, state: HoldState) -> None:
        self.hold_id, self.state = hold_id, state
        super().__init__(f"Hold {hold_id} is {state.value} already. Place a new hold.")


class CaptureExceedsHold(DomainError):
    """A capture asked for more than the hold."""

    code = "voucher.capture_exceeds_hold"

    def __init__(self, *, asked: Fen, held: Fen) -> None:
        self.asked, self.held = asked, held
        super().__init__(f"Cannot capture {asked}: {held} is on hold. Capture at most the hold.")


@dataclass(frozen=True, slots=True)
class Hold:
    """Fen of a voucher reserved for an order, until the start of `expires_on`."""

    id: str
    voucher_id: str
    order_id: str
    amount: Fen
    expires_on: date
    state: HoldState = HoldState.OPEN


@dataclass(frozen=True, slots=True)
class HoldPlaced:
    """Value was reserved."""

    hold_id: str
    voucher_id: str
    order_id: str
    amount: Fen
    expires_on: date


@dataclass(frozen=True, slots=True)
class HoldCaptured:
    """A hold was turned into spent value; `released` went back to the voucher."""

    hold_id: str
    voucher_id: str
    amount: Fen
    released: Fen


@dataclass(frozen=True, slots=True)
class HoldReleased:
    """A hold was voided or expired; all of it went back to the voucher."""

    hold_id: str
    voucher_id: str
    amount: Fen
    state: HoldState


def place(hold: Hold, *, available: Fen) -> HoldPlaced:
    """Reserve value for an order.

    hold       what to reserve, > 0 fen
    available  fen the voucher has left
    raises     HoldExceedsBalance
    """
    if not 0 < hold.amount.amount <= available.amount:
        raise HoldExceedsBalance(asked=hold.amount, available=available)
    return HoldPlaced(
        hold_id=hold.id,
        voucher_id=hold.voucher_id,
        order_id=hold.order_id,
        amount=hold.amount,
        expires_on=hold.expires_on,
    )


def capture(hold: Hold, *, amount: Fen) -> HoldCaptured:
    """Spend an open hold, or part of it; the rest is released.

    amount   fen, > 0
    raises   HoldAlreadyResolved, CaptureExceedsHold
    """
    _demand_open(hold)
    if not 0 < amount.amount <= hold.amount.amount:
        raise CaptureExceedsHold(asked=amount, held=hold.amount)
    return HoldCaptured(
        hold_id=hold.id,
        voucher_id=hold.voucher_id,
        amount=amount,
        released=hold.amount - amount,
    )


def release(hold: Hold, *, on: date | None) -> HoldReleased:
    """Give a hold back: expired when `on` has reached its day, voided otherwise.

    on       the day of expiry, None to void
    raises   HoldAlreadyResolved
    """
    _demand_open(hold)
    is_expired = on is not None and on >= hold.expires_on
    state = HoldState.EXPIRED if is_expired else HoldState.VOIDED
    return HoldReleased(
        hold_id=hold.id, voucher_id=hold.voucher_id, amount=hold.amount, state=state
    )


def _demand_open(hold: Hold) -> None:
    if hold.state is not HoldState.OPEN:
        raise HoldAlreadyResolved(hold_id=hold.id, state=hold.state)
