"""What becomes of an order's hold when use is charged or corrected, or a claim is paid.

A hold is resolved once (law 4). A capture of a part posts that part and holds the rest again; a
correction takes captured value back and holds it again: all in the same act.
"""

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
from evernormal.store.models import AuditRecord, Programme
from evernormal.store.models import Hold as HoldRow
from evernormal.store.vouchers import (
    count_holds,
    find_open_hold,
    get_voucher,
    hold_of,
    insert_hold,
    resolve_hold,
    save_voucher,
)


class HoldChange:
    """The moves of a change, worked out before the act is written, and what to keep after it."""

    def __init__(
        self, programme: Programme, voucher: Voucher, *, order_id: str, payee_id: str
    ) -> None:
        """Start with a voucher as it stands and nothing changed."""
        self.programme, self.voucher = programme, voucher
        self.order_id, self.payee_id = order_id, payee_id
        self.moves: list[Move] = []
        self.next: HoldPlaced | None = None
        self._resolved: tuple[HoldRow, HoldState] | None = None

    def resolve(self, row: HoldRow, state: HoldState, move: Move) -> None:
        """Close the open hold by a capture or a release."""
        self._resolved = (row, state)
        self.moves.append(move)

    def hold_again(self, amount: Fen) -> None:
        """Hold an amount for the same order, until the voucher lapses; nothing for nothing."""
        if not amount.amount:
            return
        hold = Hold(
            id=hold_id_of(self.order_id, count_holds(self.programme, self.order_id) + 1),
            voucher_id=self.voucher.id,
            order_id=self.order_id,
            amount=amount,
            expires_on=self.voucher.lapses_on,
        )
        self.next = place(hold, available=self.voucher.available)
        self.voucher = after(self.voucher, self.next)
        self.moves.append(posting.of_hold(self.next, payee_id=self.payee_id))

    @property
    def held_after(self) -> int:
        """Fen on hold for the order when the change is done."""
        return self.next.amount.amount if self.next else 0

    def save(self, act: AuditRecord) -> None:
        """Keep what changed; an act's first moves are these, the last of them the new hold's."""
        if self._resolved is not None:
            resolve_hold(*self._resolved)
        if self.next is not None:
            transfer = f"{act.key}#{len(self.moves)}"
            insert_hold(
                self.programme, self.next, payee_id=self.payee_id, act=act, transfer=transfer
            )
        save_voucher(self.programme, self.voucher)


def capture_part(programme: Programme, row: HoldRow, *, amount: Fen) -> HoldChange:
    """Spend part of an open hold and hold the rest again.

    amount   fen, > 0 and at most the hold
    raises   CaptureExceedsHold, HoldAlreadyResolved
    """
    voucher = get_voucher(programme, row.voucher.voucher_id)
    change = HoldChange(programme, voucher, order_id=row.order_id, payee_id=row.payee_id)
    captured = capture(hold_of(row), amount=amount)
    change.voucher = after(voucher, captured)
    pending_id = row.pending_transfer_id
    move = posting.of_capture(captured, payee_id=row.payee_id, pending_id=pending_id)
    change.resolve(row, HoldState.CAPTURED, move)
    change.hold_again(captured.released)
    return change


def take_back(change: HoldChange, *, amount: Fen, on: date) -> HoldChange:
    """Take captured value back to the order's hold, so that later use finds it again.

    change   with nothing changed yet
    amount   fen, > 0 and at most what was captured
    on       from the day on which the voucher lapses nothing is held any more: the value lapses
    raises   ReversalExceedsCapture
    """
    change.voucher, change.moves = give_back(
        change.voucher, amount=amount, payee_id=change.payee_id, on=on
    )
    if on >= change.voucher.lapses_on:
        return change
    row = find_open_hold(change.programme, change.order_id)
    held = Fen(0)
    if row is not None:
        released = release(hold_of(row), on=None)
        change.voucher = after(change.voucher, released)
        pending_id = row.pending_transfer_id
        move = posting.of_release(released, payee_id=row.payee_id, pending_id=pending_id)
        change.resolve(row, released.state, move)
        held = released.amount
    change.hold_again(held + amount)
    return change


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
