"""Law 1: face = available + held + captured + lapsed, for every voucher, after every act."""

from datetime import date

from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from hypothesis.strategies import booleans, integers

from evernormal.domain.values import Fen
from evernormal.domain.voucher import (
    Hold,
    HoldExceedsBalance,
    ReversalExceedsCapture,
    Voucher,
    VoucherEvent,
    VoucherStillValid,
    after,
    capture,
    lapse,
    place,
    release,
    reverse,
)

FACE, LAPSES_ON, BEFORE = 100, date(2026, 7, 1), date(2026, 6, 30)


class VoucherLife(RuleBasedStateMachine):
    """Any acts in any order, beside a model that is four plain numbers."""

    holds = Bundle("holds")

    def __init__(self) -> None:
        super().__init__()
        self.voucher = Voucher("V-1", "A-1", "S1", Fen(FACE), date(2026, 1, 1), LAPSES_ON)
        self.available, self.held, self.captured, self.lapsed = FACE, 0, 0, 0

    def happen(self, event: VoucherEvent) -> None:
        self.voucher = after(self.voucher, event)

    @rule(target=holds, fen=integers(-1, 60))
    def hold(self, fen: int) -> Hold | None:
        wanted = Hold("H", "V-1", "O", Fen(fen), LAPSES_ON)
        try:
            self.happen(place(wanted, available=self.voucher.available))
        except HoldExceedsBalance:
            assert not 0 < fen <= self.available
            return None
        self.available, self.held = self.available - fen, self.held + fen
        return wanted

    @rule(hold=consumes(holds), fen=integers(1, 60))
    def spend(self, hold: Hold | None, fen: int) -> None:
        if hold is None:
            return
        part = min(fen, hold.amount.amount)
        self.happen(capture(hold, amount=Fen(part)))
        self.held -= hold.amount.amount
        self.captured += part
        self.available += hold.amount.amount - part

    @rule(hold=consumes(holds), expired=booleans())
    def give_up(self, hold: Hold | None, *, expired: bool) -> None:
        if hold is None:
            return
        self.happen(release(hold, on=LAPSES_ON if expired else None))
        self.held, self.available = (
            self.held - hold.amount.amount,
            self.available + hold.amount.amount,
        )

    @rule(fen=integers(-1, 60))
    def correct(self, fen: int) -> None:
        try:
            self.happen(reverse(self.voucher, amount=Fen(fen)))
        except ReversalExceedsCapture:
            assert not 0 < fen <= self.captured
            return
        self.captured, self.available = self.captured - fen, self.available + fen

    @rule(in_time=booleans())
    def end(self, *, in_time: bool) -> None:
        try:
            self.happen(lapse(self.voucher, on=LAPSES_ON if in_time else BEFORE))
        except VoucherStillValid:
            assert not in_time or self.held > 0
            return
        self.lapsed, self.available = self.lapsed + self.available, 0

    @invariant()
    def the_parts_are_the_models(self) -> None:
        v = self.voucher
        parts = [v.available.amount, v.held.amount, v.captured.amount, v.lapsed.amount]
        assert parts == [self.available, self.held, self.captured, self.lapsed]
        assert sum(parts) == v.face.amount == FACE
        assert min(parts) >= 0


TestVoucherLife = VoucherLife.TestCase
