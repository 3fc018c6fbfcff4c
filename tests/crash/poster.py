"""Posts a known sequence of batches in every way there is, each once: `poster.py COUNT [--look]`.

It may be killed and started again: a batch that was posted before is answered, not posted.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import django

from evernormal.domain.audit import Act
from evernormal.domain.errors import DomainError
from evernormal.domain.ledger import Books, Phase, Transfer, TransferCode
from evernormal.domain.ledger.posting import Move, numbered
from evernormal.domain.values import Fen
from tests.crash.office import drawn
from tests.laws.posting import ACCOUNTS, empty_books

DAY = date(2026, 1, 1)
AT = datetime(2026, 1, 1, 9, tzinfo=UTC)
PROGRAMME = "posting"
WAYS = ("acts", "batch", "acts", "one", "batch", "one")
SETS = {"acts": (6, 90), "batch": (40, 80), "one": (1, 1)}
"""Sets of the small and of the large batches of a way: ninety acts take the compiled rules."""
AGAIN = 4
"""So many batches before the last that was posted are asked for once more in each life."""


@dataclass(frozen=True, slots=True)
class Step:
    """A batch: its way, its name in the log, and linked sets of transfers."""

    way: str
    key: str
    sets: Sequence[Sequence[Move]]

    def transfers(self) -> list[tuple[Transfer, ...]]:
        return [numbered(m, act_key=f"{self.key}-{n}", on=DAY) for n, m in enumerate(self.sets)]


def script(count: int) -> list[Step]:
    """The batches, the same in every life."""
    pending: dict[bool, list[Transfer]] = {True: [], False: []}
    steps = []
    for number in range(count):
        way = WAYS[number % len(WAYS)]
        sets = []
        for place in range(SETS[way][number // len(WAYS) % 2]):
            seed, known = f"{number} {place}", pending[way == "acts"]
            kind = drawn(f"{seed} kind", 2 if way == "one" else 5)
            made = _act(seed, kind, known) if way == "acts" else _any(seed, kind, known)
            posted = numbered(made, act_key=f"b{number}-{place}", on=DAY)
            known += [t for t in posted if t.phase is Phase.PENDING]
            sets.append(made)
        steps.append(Step(way, f"b{number}", sets))
    return steps


def twin_of(steps: Sequence[Step]) -> Books:
    """What the plain rules make of the batches, set by set."""
    twin = empty_books()
    for step in steps:
        for transfers in step.transfers():
            try:
                twin.post(transfers)
            except DomainError:
                assert step.way != "acts"
    return twin


def _act(seed: str, kind: int, pending: list[Transfer]) -> list[Move]:
    """What is never refused: acts decide before they post."""
    if kind > 2 and pending:  # two kinds of five
        return [_resolution(seed, kind, pending.pop(drawn(f"{seed} old", len(pending))))]
    income, hold = _income(seed), _hold(seed)
    return [*income, hold] if kind else income


def _any(seed: str, kind: int, pending: list[Transfer]) -> list[Move]:
    """Also what is refused: more than there is, or a hold that was resolved before."""
    if kind > 2 and pending:  # two kinds of five
        return [_resolution(seed, kind, pending[drawn(f"{seed} old", len(pending))])]
    income, hold = _income(seed), _hold(seed)
    return (income[:1], [hold], [*income, hold])[kind % 3]


def _income(seed: str) -> list[Move]:
    amount = Fen(1 + drawn(f"{seed} fen", 900))
    return [
        Move("TREASURY", "POT", amount, TransferCode.APPROPRIATE),
        Move("POT", _voucher(seed), amount, TransferCode.ISSUE),
    ]


def _hold(seed: str) -> Move:
    amount = Fen(1 + drawn(f"{seed} fen", 900))
    return Move(_voucher(seed), "ACCRUED:P1", amount, TransferCode.HOLD, Phase.PENDING)


def _voucher(seed: str) -> str:
    return f"VOUCHER:{1 + drawn(f'{seed} voucher', 2)}"


def _resolution(seed: str, kind: int, old: Transfer) -> Move:
    phase = Phase.POST if kind % 2 else Phase.VOID
    fen = Fen(old.amount if phase is Phase.VOID else 1 + drawn(f"{seed} part", old.amount))
    return Move(old.debit, old.credit, fen, TransferCode.CAPTURE, phase, old.id)


def post_all(steps: Sequence[Step]) -> None:
    """Post what is not posted yet, and some of what is."""
    from django.core.management import call_command  # noqa: PLC0415 - needs the settings

    call_command("migrate", verbosity=0)
    from evernormal.engines.posting import Names, records_of  # noqa: PLC0415
    from evernormal.store.ledger.journal import Journal  # noqa: PLC0415
    from evernormal.store.ledger.record import BatchAct  # noqa: PLC0415
    from evernormal.store.models import AuditRecord, Programme  # noqa: PLC0415

    programme, _ = Programme.objects.get_or_create(
        id=PROGRAMME, scheme_id="s", inputs_digest="", opened_on=DAY
    )
    done = set(AuditRecord.objects.values_list("key", flat=True))
    journal, ids, accounts = Journal(programme), Names(), Names()
    numbers = journal.open_accounts(ACCOUNTS)
    for name in ACCOUNTS:
        accounts.number(name)
    is_done = [step.key in done or f"{step.key}-0" in done for step in steps]
    first = max(0, sum(is_done) - AGAIN)
    # What is done is a beginning of it all: no batch was lost before one that was kept.
    assert is_done == sorted(is_done, reverse=True)
    for place, step in enumerate(steps):
        if step.way == "acts":
            if place >= first:
                _post_acts(step)
            continue
        batch = records_of(step.transfers(), ids=ids, accounts=accounts)
        for side in ("debit", "credit"):
            batch[side] = numbers[batch[side] - 1]
        if place >= first:
            journal.post(batch, BatchAct(Act.CHARGE, step.key, "clerk", AT))


def _post_acts(step: Step) -> None:
    from evernormal.store.transaction import Planned, transaction  # noqa: PLC0415

    with transaction(PROGRAMME) as tx:
        keys = [f"{step.key}-{n}" for n in range(len(step.sets))]
        done = tx.done_among(keys)
        assert len(done) in {0, len(keys)}
        if done:
            tx.leave_as_is()
            return
        tx.append_all(
            [
                Planned(Act.CHARGE, key, "clerk", AT, {}, moves)
                for key, moves in zip(keys, step.sets, strict=True)
            ]
        )


def tell() -> None:
    """Assert the laws, and print the accounts and how many transfers there are."""
    from evernormal.store.models import AuditRecord  # noqa: PLC0415
    from evernormal.store.queries.journal import read_accounts, read_journal  # noqa: PLC0415
    from tests.crash.books import demand_books  # noqa: PLC0415

    demand_books(PROGRAMME)
    numbers = list(AuditRecord.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    accounts = {
        row.account_id: [
            row.debits_pending,
            row.debits_posted,
            row.credits_pending,
            row.credits_posted,
        ]
        for row in read_accounts(PROGRAMME)
    }
    told = {"accounts": accounts, "transfers": len(read_journal(PROGRAMME))}
    print(json.dumps(told))  # noqa: T201 - this is its answer


if __name__ == "__main__":
    django.setup()
    if sys.argv[2:]:
        tell()
    else:
        post_all(script(int(sys.argv[1])))
