"""What becomes of an order's hold when use is charged or corrected, or a claim is paid.

A hold is resolved once (law 4). A capture of a part posts that part and holds the rest again; a
correction takes captured value back and holds it again: all in the same act.
"""

from collections.abc import Iterable
from datetime import date

from evernormal.actions.holds import hold_id_of
from evernormal.domain.ledger import posting
from evernormal.domain.ledger.posting import Move
from evernormal.domain.values import Fen
from evernormal.domain.voucher import (
    Hold,
    HoldPlaced,
    HoldState,
    Voucher,
    after,
    capture,
    lapse,
    place,
    release,
    reverse,
)
from evernormal.store.models import AuditRecord
from evernormal.store.vouchers import HoldUpdate, OpenHold, OrderHolds, save_hold_updates


class HoldChange:
    """The moves of a change, worked out before the act is written, and what to keep after it."""

    def __init__(
        self,
        voucher: Voucher,
        holds: OrderHolds,
        *,
        payee_id: str,
        placed_before: int = 0,
        until: date | None = None,
    ) -> None:
        """Start with a voucher and an order's holds as they stand, and nothing changed.

        placed_before  holds that the same act has placed for the order
        until          first day on which nothing is held for the order any more; None: as long as
                       the voucher lives
        """
        self._until = until
        self.voucher, self.payee_id = voucher, payee_id
        self.moves: list[Move] = []
        self._order_id, self._number = holds.order_id, holds.count + placed_before + 1
        self._open = holds.open.get(voucher.id)
        self._resolved: tuple[str, HoldState] | None = None
        self._placed: HoldPlaced | None = None

    def capture(self, amount: Fen) -> None:
        """Spend part of the open hold and hold the rest again.

        amount   fen, > 0 and at most the hold
        raises   CaptureExceedsHold, HoldAlreadyResolved
        """
        open_ = self._demand_open()
        captured = capture(open_.hold, amount=amount)
        self.voucher = after(self.voucher, captured)
        pending_id = open_.pending_transfer_id
        move = posting.of_capture(captured, payee_id=open_.payee_id, pending_id=pending_id)
        self._resolve(open_.hold.id, HoldState.CAPTURED, move)
        self._hold_again(captured.released)

    def take_back(self, amount: Fen, *, on: date) -> None:
        """Take captured value back to the order's hold, so that later use finds it again.

        amount   fen, > 0 and at most what was captured
        on       from the day on which the voucher lapses nothing is held any more: it lapses
        raises   ReversalExceedsCapture
        """
        self.voucher, self.moves = give_back(
            self.voucher, amount=amount, payee_id=self.payee_id, on=on
        )
        if on >= self._expires_on:
            return
        self._hold_again(self._release() + amount)

    def hold_instead(self, amount: Fen) -> None:
        """Hold another amount than now, for an order that was amended or cancelled.

        amount   fen, >= 0 and at most the open hold and what the voucher has available
        raises   HoldExceedsBalance
        """
        self._release()
        self._hold_again(amount)

    def _release(self) -> Fen:
        """Void the open hold, if there is one, and give what it held."""
        open_ = self._open
        if open_ is None:
            return Fen(0)
        released = release(open_.hold, on=None)
        self.voucher = after(self.voucher, released)
        pending_id = open_.pending_transfer_id
        move = posting.of_release(released, payee_id=open_.payee_id, pending_id=pending_id)
        self._resolve(open_.hold.id, released.state, move)
        return released.amount

    def _resolve(self, hold_id: str, state: HoldState, move: Move) -> None:
        self._resolved = (hold_id, state)
        self.moves.append(move)

    def _hold_again(self, amount: Fen) -> None:
        """Hold an amount for the same order, as long as one may be held; nothing for nothing."""
        if not amount.amount:
            return
        hold = Hold(
            id=hold_id_of(self._order_id, self._number),
            voucher_id=self.voucher.id,
            order_id=self._order_id,
            amount=amount,
            expires_on=self._expires_on,
        )
        self._placed = place(hold, available=self.voucher.available)
        self.voucher = after(self.voucher, self._placed)
        self.moves.append(posting.of_hold(self._placed, payee_id=self.payee_id))

    @property
    def _expires_on(self) -> date:
        lapses_on = self.voucher.lapses_on
        return lapses_on if self._until is None else min(self._until, lapses_on)

    def _demand_open(self) -> OpenHold:
        """The open hold, which the caller has seen before."""
        if self._open is None:
            raise AssertionError(f"order {self._order_id} has no open hold on {self.voucher.id}")
        return self._open

    @property
    def has_placed(self) -> bool:
        """Whether something is held again."""
        return self._placed is not None

    @property
    def held_after(self) -> int:
        """Fen on hold for the order on the voucher when the change is done."""
        if self._placed is not None:
            return self._placed.amount.amount
        is_open = self._open is not None and self._resolved is None
        return self._demand_open().hold.amount.amount if is_open else 0

    def update(self, act: AuditRecord, *, moves_before: int = 0) -> HoldUpdate:
        """What to keep; the last of the change's moves is the new hold's.

        moves_before  moves that the act has before those of this change
        """
        return HoldUpdate(
            voucher=self.voucher,
            resolved=self._resolved,
            placed=self._placed,
            payee_id=self.payee_id,
            transfer_id=f"{act.key}#{moves_before + len(self.moves)}",
            act=act,
        )

    def save(self, act: AuditRecord) -> None:
        """Keep what changed."""
        save_hold_updates(act.programme, [self.update(act)])


def updates_of(changes: Iterable[HoldChange], act: AuditRecord) -> list[HoldUpdate]:
    """What to keep of several changes whose moves an act has one after the other."""
    updates, moves = [], 0
    for change in changes:
        updates.append(change.update(act, moves_before=moves))
        moves += len(change.moves)
    return updates


def give_back(
    voucher: Voucher, *, amount: Fen, payee_id: str, on: date
) -> tuple[Voucher, list[Move]]:
    """Give captured value back to its voucher; a voucher that has lapsed gives it to the pot.

    amount   fen, > 0 and at most what was captured
    raises   ReversalExceedsCapture
    """
    reversed_ = reverse(voucher, amount=amount)
    voucher = after(voucher, reversed_)
    moves = [posting.of_reversal(reversed_, payee_id=payee_id)]
    if on >= voucher.lapses_on and not voucher.held.amount:
        lapsed = lapse(voucher, on=on)
        voucher = after(voucher, lapsed)
        moves.append(posting.of_lapse(lapsed))
    return voucher, moves
