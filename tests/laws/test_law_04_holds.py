"""Law 4: a hold is captured, voided or expired once; captures never exceed the hold."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis.strategies import integers, lists, sampled_from, tuples

from evernormal.domain.errors import DomainError
from evernormal.domain.ledger import Phase, Transfer, TransferCode
from evernormal.domain.values import Fen
from evernormal.domain.voucher import (
    CaptureExceedsHold,
    Hold,
    HoldAlreadyResolved,
    HoldCaptured,
    HoldState,
    capture,
    release,
)
from evernormal.store.models import Transfer as TransferRow
from tests.actions.reading import run
from tests.actions.years import deducting
from tests.laws.posting import DAY, empty_books

EXPIRES_ON = date(2026, 7, 1)
TRIES = lists(tuples(sampled_from(["capture", "void", "expire"]), integers(0, 60)), max_size=8)


def resolve(hold: Hold, kind: str, fen: int) -> tuple[Hold, int]:
    """The hold after a try, and fen captured by it."""
    if kind == "capture":
        captured: HoldCaptured = capture(hold, amount=Fen(fen))
        assert captured.amount + captured.released == hold.amount
        return replace(hold, state=HoldState.CAPTURED), captured.amount.amount
    released = release(hold, on=EXPIRES_ON if kind == "expire" else None)
    assert released.amount == hold.amount
    return replace(hold, state=released.state), 0


@given(amount=integers(1, 50), tries=TRIES)
def test_a_hold_is_resolved_once_and_never_beyond_itself(
    amount: int, tries: list[tuple[str, int]]
) -> None:
    hold, captured, resolved = Hold("H", "V", "O", Fen(amount), EXPIRES_ON), 0, 0
    for kind, fen in tries:
        try:
            hold, more = resolve(hold, kind, fen)
        except HoldAlreadyResolved:
            assert resolved == 1
            continue
        except CaptureExceedsHold:
            assert not 0 < fen <= amount
            assert resolved == 0
            continue
        captured, resolved = captured + more, resolved + 1
    assert resolved <= 1
    assert captured <= amount
    assert resolved == any(kind != "capture" or 0 < fen <= amount for kind, fen in tries)


@given(
    amount=integers(1, 50),
    tries=lists(tuples(sampled_from([Phase.POST, Phase.VOID]), integers(1, 60))),
)
def test_the_books_resolve_a_pending_transfer_once(
    amount: int, tries: list[tuple[Phase, int]]
) -> None:
    books = empty_books()
    code = TransferCode.HOLD
    books.post(
        [
            Transfer("m", "TREASURY", "POT", 100, Phase.SINGLE, code, DAY),
            Transfer("p", "POT", "VOUCHER:1", amount, Phase.PENDING, code, DAY),
        ]
    )
    done = 0
    for number, (phase, fen) in enumerate(tries):
        try:
            books.post([Transfer(f"{number}", "POT", "VOUCHER:1", fen, phase, code, DAY, "p")])
        except DomainError:
            continue
        done += 1
    pot = books.accounts["POT"]
    assert done <= 1
    assert pot.debits_posted <= amount
    assert pot.debits_pending == (0 if done else amount)


@pytest.mark.django_db
def test_the_database_takes_one_resolution_of_a_pending_transfer() -> None:
    run(deducting().desk())
    done = TransferRow.objects.filter(phase="POST").first()
    assert done is not None
    size = TransferRow.objects.count()

    for phase in ("POST", "VOID"):
        done.pk, done.transfer_id, done.phase = None, f"again {phase}", phase
        with pytest.raises(IntegrityError), transaction.atomic():
            done.save(force_insert=True)
    assert TransferRow.objects.count() == size
