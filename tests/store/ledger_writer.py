"""A program that races others for one voucher: `python -m tests.store.ledger_writer NUMBER`.

It reads the name of a job from each line of its input and answers each with a line of JSON.
EVERNORMAL_DATABASE_URL says where.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "evernormal.settings")
django.setup()

import numpy as np  # noqa: E402 - Django comes first
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from evernormal.domain.audit import Act, follow  # noqa: E402
from evernormal.domain.errors import DomainError  # noqa: E402
from evernormal.domain.ledger import (  # noqa: E402
    AccountKind,
    Books,
    Phase,
    Transfer,
    TransferCode,
)
from evernormal.domain.ledger.posting import Move  # noqa: E402
from evernormal.domain.values import Fen  # noqa: E402
from evernormal.engines.posting import (  # noqa: E402
    CODE_NUMBERS,
    PHASE_NUMBERS,
    TRANSFER,
    Outcome,
    Transfers,
)
from evernormal.store.ledger.journal import Journal  # noqa: E402
from evernormal.store.ledger.pages import key_bytes  # noqa: E402
from evernormal.store.ledger.record import BatchAct  # noqa: E402
from evernormal.store.models import Programme  # noqa: E402
from evernormal.store.queries.books import read_log  # noqa: E402
from evernormal.store.queries.journal import read_accounts, read_journal  # noqa: E402
from evernormal.store.transaction import transaction  # noqa: E402

NAMES = ("TREASURY", "POT", "VOUCHER:1", "ACCRUED:P1")
FACE, PIECE = 1_000, 7
THREADS, REFUSALS = 8, 3
BATCHES, BATCH = 12, 40
DAY, AT = date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)


def records(debit: int, credit: int, keys: range, amount: int, phase: Phase) -> Transfers:
    made = np.zeros(len(keys), TRANSFER)
    made["key_low"], made["debit"], made["credit"] = np.array(keys), debit, credit
    made["amount"], made["day"] = amount, DAY.toordinal()
    made["phase"], made["code"] = PHASE_NUMBERS[phase], CODE_NUMBERS[TransferCode.HOLD]
    return made


class Writer:
    """A program of several threads."""

    def __init__(self, number: int) -> None:
        self.number = number

    def open(self) -> object:
        call_command("migrate", verbosity=0)
        programme = Programme.objects.create(id="p", scheme_id="s", inputs_digest="", opened_on=DAY)
        journal = Journal(programme)
        treasury, pot, voucher, _ = journal.open_accounts(NAMES).tolist()
        fund = BatchAct(Act.ISSUE_VOUCHER, "fund", "clerk", AT)
        moves = (
            records(treasury, pot, range(1, 2), 10**6, Phase.SINGLE),
            records(pot, voucher, range(2, 3), FACE, Phase.SINGLE),
        )
        return journal.post(np.concatenate(moves), fund).refused.tolist()

    def spend(self) -> object:
        """Every thread takes pieces of the voucher until it was refused several times."""
        return dict(sum(self._each(self._spend_alone), Counter()))

    def _each(self, task: Callable[[int], Counter[str]]) -> list[Counter[str]]:
        def closing(thread: int) -> Counter[str]:
            try:
                return task(thread)
            finally:
                connection.close()

        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(closing, range(THREADS)))

    def _spend_alone(self, thread: int) -> Counter[str]:
        told: Counter[str] = Counter()
        place = self.number * THREADS + thread
        journal = Journal(Programme.objects.get())
        for turn in range(10_000):
            key = (place + 1) * 100_000 + turn
            ended = self._by_act(key) if thread % 2 else self._by_batch(journal, key)
            told[ended] += 1
            if told.total() - told["posted"] == REFUSALS:
                break
        return told

    def _by_batch(self, journal: Journal, key: int) -> str:
        _, _, voucher, payee = journal.open_accounts(NAMES).tolist()
        hold = records(voucher, payee, range(key, key + 1), PIECE, Phase.PENDING)
        posted = journal.post(hold, BatchAct(Act.PLACE_HOLD, f"hold {key}", "clerk", AT))
        outcome = Outcome(int(posted.outcome[0]))
        return "posted" if outcome is Outcome.POSTED else outcome.name

    def _by_act(self, key: int) -> str:
        move = Move("VOUCHER:1", "ACCRUED:P1", Fen(PIECE), TransferCode.HOLD, Phase.PENDING)
        try:
            with transaction("p") as tx:
                tx.append(
                    Act.PLACE_HOLD, key=f"act {key}", by="clerk", at=AT, facts={}, moves=[move]
                )
        except DomainError as refusal:
            return refusal.code
        return "posted"

    def replay(self) -> object:
        """All programs send the same transfers, each in batches and an order of its own."""
        return self._send("own {number} {batch}")

    def repeat(self) -> object:
        """All programs send the same batches under the same names."""
        return self._send("same {batch}", first=BATCHES)

    def _send(self, name: str, *, first: int = 0) -> object:
        journal = Journal(Programme.objects.get())
        treasury, pot, *_ = journal.open_accounts(NAMES).tolist()
        new = 0
        for step in range(BATCHES):
            batch = first + (step + 3 * self.number) % BATCHES
            keys = range(10**9 + batch * BATCH, 10**9 + (batch + 1) * BATCH)
            act = BatchAct(Act.CHARGE, name.format(number=self.number, batch=batch), "clerk", AT)
            posted = journal.post(records(treasury, pot, keys, 1, Phase.SINGLE), act)
            assert not posted.refused.size
            new += int(posted.is_new.sum())
        return new

    def alone(self) -> object:
        """Single transfers, right and wrong, beside the plain books: how many, how they differ."""
        programme = Programme.objects.create(
            id="alone", scheme_id="s", inputs_digest="", opened_on=DAY
        )
        journal, books = Journal(programme), Books()
        numbers = journal.open_accounts(NAMES).tolist()
        for name in NAMES:
            books.open_account(name, AccountKind(name.split(":")[0]))
        draw, differ = np.random.default_rng(self.number), []
        for turn in range(400):
            t = _drawn(draw, turn)
            one = records(0, 0, range(int(t.id, 16), int(t.id, 16) + 1), t.amount, t.phase)
            one["debit"], one["credit"] = (numbers[NAMES.index(n)] for n in (t.debit, t.credit))
            one["pending_low"] = int(t.pending_id or "0", 16)
            posted = journal.post(one, BatchAct(Act.CHARGE, f"turn {turn}", "clerk", AT))
            try:
                books.post([t])
            except DomainError as refusal:
                told = refusal.code.removeprefix("ledger.").upper()
            else:
                told = "POSTED"
            if Outcome(int(posted.outcome[0])).name != told:
                differ.append([turn, told])
        stored = {a.account_id: a.debits_posted for a in read_accounts("alone")}
        differ += [
            [n, a.debits_posted] for n, a in books.accounts.items() if stored[n] != a.debits_posted
        ]
        return [len(books.transfers), differ]

    def read(self) -> object:
        return {
            "log": list(follow(read_log("p"))),
            "journal": len(read_journal("p")),
            "accounts": {
                row.account_id: [
                    row.debits_pending,
                    row.debits_posted,
                    row.credits_pending,
                    row.credits_posted,
                ]
                for row in read_accounts("p")
            },
        }


def _drawn(draw: np.random.Generator, turn: int) -> Transfer:
    """A transfer that may be one from before, resolve one from before, or ask too much."""
    number = int(draw.choice([turn + 1, turn + 1, turn + 1, int(draw.integers(1, turn + 2))]))
    phase = tuple(Phase)[draw.choice(4, p=[0.3, 0.4, 0.2, 0.1])]
    debit, credit = draw.choice(len(NAMES), 2, p=[0.4, 0.3, 0.2, 0.1])
    resolves = phase in (Phase.POST, Phase.VOID)
    return Transfer(
        id=key_bytes(0, number).hex(),
        debit=NAMES[debit],
        credit=NAMES[(debit + 1) % len(NAMES)] if draw.random() < 0.8 else NAMES[credit],
        amount=int(draw.choice([0, 3, 3, 3, 8, 40])),
        phase=phase,
        code=TransferCode.HOLD,
        on=DAY,
        pending_id=key_bytes(0, int(draw.integers(1, turn + 2))).hex() if resolves else None,
    )


def main(number: int) -> None:
    writer = Writer(number)
    for line in sys.stdin:
        print(json.dumps(getattr(writer, line.strip())()), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main(int(sys.argv[1]))
