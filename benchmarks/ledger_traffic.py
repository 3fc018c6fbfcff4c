"""Made-up traffic: charges of vouchers to payees, some of them sent again, some too large."""

import uuid
from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import NDArray

from evernormal.domain.audit import Act
from evernormal.domain.ledger import Phase, TransferCode
from evernormal.engines.posting import (
    CODE_NUMBERS,
    PHASE_NUMBERS,
    TRANSFER,
    Posted,
    Transfers,
)
from evernormal.store.ledger.journal import Journal
from evernormal.store.ledger.record import BatchAct
from evernormal.store.models import Programme

BATCH = 8_192
PAYEES = 200
FUNDED_FEN = 10**9
TOO_MUCH_FEN = 10**15
REPLAYED, TOO_LARGE = 0.01, 0.005
DAY = date(2026, 1, 1)
AT = datetime(2026, 1, 1, tzinfo=UTC)


class Traffic:
    """A programme, its accounts, and everything that was asked of it so far."""

    def __init__(self, vouchers: int, *, room: int, seed: int = 1) -> None:
        """Open a programme and put money into every voucher.

        room   how many transfers may be asked for later
        """
        self.draw = np.random.default_rng(seed)
        self.programme = Programme.objects.create(
            id=uuid.uuid4().hex, scheme_id="made-up", inputs_digest="", opened_on=DAY
        )
        self.journal = Journal(self.programme)
        names = ["TREASURY", *(f"VOUCHER:{n}" for n in range(vouchers))]
        names += [f"ACCRUED:{n}" for n in range(PAYEES)]
        numbers = self.journal.open_accounts(names)
        self.treasury, self.vouchers = numbers[:1], numbers[1 : vouchers + 1]
        self.payees = numbers[vouchers + 1 :]
        self.asked = np.zeros(room, TRANSFER)
        self.size, self.keys, self.acts = 0, 0, 0
        self.posted = 0
        for begin in range(0, vouchers, BATCH):
            some = self.vouchers[begin : begin + BATCH]
            fund = self._made(np.repeat(self.treasury, some.size), some, Phase.SINGLE)
            fund["amount"] = FUNDED_FEN
            self.post(fund)

    def _made(self, debit: NDArray[np.int64], credit: NDArray[np.int64], phase: Phase) -> Transfers:
        """New transfers of 1 to 999 fen; their keys grow, as those of a UUIDv7 do."""
        made = np.zeros(debit.size, TRANSFER)
        made["key_high"] = (0x0198_0000_0000_7000) + (self.keys >> 10 << 16)
        made["key_low"] = np.arange(self.keys + 1, self.keys + 1 + debit.size)
        self.keys += debit.size
        made["debit"], made["credit"] = debit, credit
        made["amount"] = self.draw.integers(1, 1_000, debit.size)
        made["day"] = DAY.toordinal()
        made["phase"] = PHASE_NUMBERS[phase]
        made["code"] = CODE_NUMBERS[TransferCode.CAPTURE]
        return made

    def batch(self, *, payees: int = PAYEES) -> Transfers:
        """A batch of charges with its share of what was asked before and of what is too much."""
        made = self._made(
            self.draw.choice(self.vouchers, BATCH),
            self.draw.choice(self.payees[:payees], BATCH),
            Phase.SINGLE,
        )
        made["amount"][self.draw.random(BATCH) < TOO_LARGE] = TOO_MUCH_FEN
        if self.size:
            again = np.flatnonzero(self.draw.random(BATCH) < REPLAYED)
            made[again] = self.asked[self.draw.integers(0, self.size, again.size)]
        self.asked[self.size : self.size + BATCH] = made
        self.size += BATCH
        return made

    def hold(self) -> Transfers:
        """A batch of one pending transfer."""
        return self._made(self.draw.choice(self.vouchers, 1), self.payees[:1], Phase.PENDING)

    def post(self, batch: Transfers) -> Posted:
        """Post a batch under an act of its own."""
        self.acts += 1
        act = Act.PLACE_HOLD if batch.size == 1 else Act.CHARGE
        posted = self.journal.post(batch, BatchAct(act, f"batch {self.acts}", "benchmark", AT))
        self.posted += int(posted.is_new.sum())
        return posted
