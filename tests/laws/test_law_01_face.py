"""Law 1: face = available + held + captured + lapsed, for every voucher, after every act."""

from datetime import date

from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from hypothesis.strategies import booleans, dates, integers

from evernormal.domain.values import Fen
from evernormal.domain.voucher import (
    Hold,
    HoldExceedsBalance,
    ReversalExceedsCapture,
    Voucher,
    VoucherEvent,
    VoucherExpired,
    VoucherStillValid,
    after,
    capture,
    extend,
    lapse,
    place,
    raise_face,
    recall,
    release,
    reverse,
)

FACE, LAPSES_ON = 100, date(2026, 7, 1)
# The days around the one on which it lapses, so that most acts meet it from both sides.
DAYS = dates(date(2026, 6, 28), date(2026, 7, 4))


class VoucherLife(RuleBasedStateMachine):
    """Any acts in any order, beside a model that is four plain numbers."""

    holds = Bundle("holds")

    def __init__(self) -> None:
        super().__init__()
        self.voucher = Voucher("V-1", "A-1", "S1", Fen(FACE), date(2026, 1, 1), LAPSES_ON)
        self.face, self.ends_on = FACE, LAPSES_ON
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

    @rule(day=DAYS)
    def end(self, day: date) -> None:
        try:
            self.happen(lapse(self.voucher, on=day))
        except VoucherStillValid:
            assert day < self.ends_on or self.held > 0
            return
        self.lapsed, self.available = self.lapsed + self.available, 0

    @rule(day=DAYS)
    def call_back(self, day: date) -> None:
        try:
            self.happen(recall(self.voucher, on=day))
        except VoucherExpired:
            assert day >= self.ends_on
            return
        except VoucherStillValid:
            assert self.held > 0
            return
        self.lapsed, self.available = self.lapsed + self.available, 0
        self.ends_on = day

    @rule(until=DAYS, day=DAYS)
    def lengthen(self, until: date, day: date) -> None:
        try:
            self.happen(extend(self.voucher, until=until, on=day))
        except VoucherExpired:
            assert day >= self.ends_on
            return
        self.ends_on = max(until, self.ends_on)

    @rule(fen=integers(0, 60), day=DAYS)
    def release_more(self, fen: int, day: date) -> None:
        try:
            self.happen(raise_face(self.voucher, amount=Fen(fen), on=day))
        except VoucherExpired:
            assert day >= self.ends_on
            return
        self.face, self.available = self.face + fen, self.available + fen

    @invariant()
    def the_parts_are_the_models(self) -> None:
        v = self.voucher
        parts = [v.available.amount, v.held.amount, v.captured.amount, v.lapsed.amount]
        assert parts == [self.available, self.held, self.captured, self.lapsed]
        assert sum(parts) == v.face.amount == self.face
        assert v.lapses_on == self.ends_on
        assert min(parts) >= 0


TestVoucherLife = VoucherLife.TestCase
