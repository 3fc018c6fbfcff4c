"""Law 5.

Awards never exceed the pot; no voucher, hold or capture overdraws, under any interleaving of
writers.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis.strategies import integers, lists, tuples

from evernormal.domain.award import Assessed, AwardDecision, AwardReason, grant, share_pot
from evernormal.domain.errors import DomainError
from evernormal.domain.ledger import Transfer
from evernormal.domain.values import Fen
from tests.laws.jobs import CONTRACTS, ENTITLED, POT
from tests.laws.posting import empty_books, postings

ROOT = Path(__file__).parents[2]
WRITERS = 2
ASKED = lists(integers(0, 1_000), max_size=12)


def assessed(entitled: int) -> Assessed:
    return Assessed("C", "S", is_eligible=True, entitled=Fen(entitled))


@given(asked=ASKED, pot=integers(0, 3_000))
def test_awards_one_after_another_use_at_most_the_pot(asked: list[int], pot: int) -> None:
    left = Fen(pot)
    awards: list[AwardDecision] = []
    for entitled in asked:
        awards.append(grant(assessed(entitled), pot=left))
        left -= awards[-1].amount

    assert left == Fen(max(pot - sum(asked), 0))
    cut = [a for a in awards if a.reason is AwardReason.CUT_TO_POT]
    assert len(cut) <= 1


@given(asked=ASKED, pot=integers(0, 3_000))
def test_a_shared_pot_is_used_up_and_no_further(asked: list[int], pot: int) -> None:
    shares = share_pot([Fen(a) for a in asked], pot=Fen(pot))
    left = Fen(pot)
    for entitled, share in zip(asked, shares, strict=True):
        award = grant(assessed(entitled), pot=left, share=share)
        assert award.amount == share
        left -= award.amount

    assert left == Fen(max(pot - sum(asked), 0))


@given(groups=postings(), more=lists(tuples(integers(0, 3), integers(1, 9)), max_size=3))
def test_no_account_is_ever_overdrawn(
    groups: list[list[Transfer]], more: list[tuple[int, int]]
) -> None:
    books = empty_books()
    for group in groups:
        wanted = [
            replace(t, amount=t.amount * factor) if n == place else t
            for n, t in enumerate(group)
            for place, factor in (more or [(-1, 1)])[:1]
        ]
        try:
            books.post(wanted)
        except DomainError:
            continue
        for account in books.accounts.values():
            assert account.free >= 0
            assert account.debits_pending >= 0
            assert account.credits_pending >= 0


Program = subprocess.Popen[str]


@contextmanager
def writers(url: str) -> Iterator[list[Program]]:
    """Start programs that write to one database, and stop them at the end."""
    programs = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.laws.writer", str(number)],
            cwd=ROOT,
            env={**os.environ, "EVERNORMAL_DATABASE_URL": url},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(WRITERS)
    ]
    try:
        yield programs
    finally:
        for program in programs:
            program.communicate(timeout=120)


def ask(job: str, *programs: Program) -> list[Any]:
    """Give all of them a job at the same time; their answers."""
    for program in programs:
        assert program.stdin
        program.stdin.write(f"{job}\n")
        program.stdin.flush()
    answers = [program.stdout.readline() for program in programs if program.stdout]
    return [json.loads(answer) for answer in answers]


def race(job: str, programs: list[Program]) -> Counter[str]:
    """Every writer wants everything. How each try ended, over all writers."""
    told: Counter[str] = Counter()
    for answer in ask(job, *programs):
        told.update(answer)
    return told


def test_writers_that_race_never_overdraw(own_database_url: str) -> None:
    with writers(own_database_url) as programs:
        ask("open", programs[0])
        awarding = race("award", programs)
        holding = race("hold", programs)
        held = ask("read", programs[0])[0]
        posting = race("post", programs)
        posted = ask("read", programs[1])[0]

    assert awarding == {"done": WRITERS * CONTRACTS}
    whole, rest = divmod(POT, ENTITLED)
    refused = [0] * (CONTRACTS - whole - 1)
    assert sorted(held["awards"], reverse=True) == [ENTITLED] * whole + [rest, *refused]
    assert set(holding) == {"done"}
    _check_holds(held)
    assert posting["ledger.already_resolved"] == len(held["holds"]) * (WRITERS - 1)
    assert posting["ledger.overdraft"] > 0
    assert set(posting) == {"done", "ledger.already_resolved", "ledger.overdraft"}
    _check_books(posted, holds=len(held["holds"]))


def _check_holds(held: Any) -> None:
    """Of three orders of 20,000 two fit a voucher of 50,000, and the third gets the rest."""
    for voucher in held["vouchers"]:
        amounts = [fen for name, fen in held["holds"] if name == voucher["voucher_id"]]
        assert sum(amounts) == voucher["held_fen"] <= voucher["face_fen"]
    assert {fen for _, fen in held["holds"]} <= {20_000, 10_000}
    assert len(held["holds"]) > len(held["vouchers"])


def _check_books(posted: Any, *, holds: int) -> None:
    """Each hold was resolved once, nothing is overdrawn, and all of it sums to zero."""
    assert len(posted["resolutions"]) == len(set(posted["resolutions"])) == holds
    accounts = posted["accounts"]
    assert sum(a[1] - a[3] for a in accounts.values()) == 0
    assert sum(a[0] + a[2] for a in accounts.values()) == 0
    for name, (debits_pending, debits_posted, _, credits_posted) in accounts.items():
        if name != "TREASURY":
            assert credits_posted - debits_posted - debits_pending >= 0
