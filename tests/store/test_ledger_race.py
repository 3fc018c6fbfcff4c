"""Spenders that race for one voucher, in batches and by acts, never overdraw it (laws 3 and 5)."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.store.ledger_writer import BATCH, BATCHES, FACE, PIECE, REFUSALS, THREADS

ROOT = Path(__file__).parents[2]
PROGRAMS = 4
SPENDERS = PROGRAMS * THREADS
Program = subprocess.Popen[str]


@contextmanager
def writers(url: str) -> Iterator[list[Program]]:
    programs = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.store.ledger_writer", str(number)],
            cwd=ROOT,
            env={**os.environ, "EVERNORMAL_DATABASE_URL": url},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(PROGRAMS)
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
    return [json.loads(program.stdout.readline()) for program in programs if program.stdout]


def test_single_transfers_are_posted_as_the_plain_books_would(own_database_url: str) -> None:
    with writers(own_database_url) as programs:
        ask("open", programs[0])
        posted, differ = ask("alone", programs[0])[0]

    assert differ == []
    assert posted > 100


def test_thirty_two_spenders_of_one_voucher(own_database_url: str) -> None:
    with writers(own_database_url) as programs:
        assert ask("open", programs[0]) == [[]]
        spending: Counter[str] = sum((Counter(told) for told in ask("spend", *programs)), Counter())
        spent = ask("read", programs[0])[0]
        replayed = ask("replay", *programs)
        repeated = ask("repeat", *programs)
        books = ask("read", programs[1])[0]

    posted = FACE // PIECE
    assert SPENDERS == 32
    assert spending["posted"] == posted
    refused = SPENDERS * REFUSALS // 2
    assert spending == {"posted": posted, "OVERDRAFT": refused, "ledger.overdraft": refused}
    assert spent["accounts"]["VOUCHER:1"] == [posted * PIECE, 0, 0, FACE]
    assert spent["accounts"]["ACCRUED:P1"] == [0, 0, posted * PIECE, 0]
    assert sum(replayed) == sum(repeated) == BATCHES * BATCH
    assert books["journal"] == 2 + posted + 2 * BATCHES * BATCH
    assert books["log"] == []
    accounts = books["accounts"].values()
    assert sum(a[1] - a[3] for a in accounts) == sum(a[0] - a[2] for a in accounts) == 0
