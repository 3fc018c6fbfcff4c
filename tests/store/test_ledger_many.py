"""Thousands of acts posted together: as one after the other, or none of them."""

from collections.abc import Sequence

import numpy as np
import pytest
from django.db import transaction

from evernormal.domain.errors import DomainError
from evernormal.domain.ledger import AccountKind, Books, Overdraft, Phase, Transfer, TransferCode
from evernormal.store import ledger
from evernormal.store.models import Account, AuditRecord, Programme
from evernormal.store.models import Transfer as TransferRow
from tests.laws.posting import DAY

pytestmark = pytest.mark.django_db

VOUCHERS = 6
NAMES = ("TREASURY", "POT", *(f"VOUCHER:{n}" for n in range(VOUCHERS)), "ACCRUED:P1")


def programme() -> Programme:
    return Programme.objects.create(id="p", scheme_id="s", inputs_digest="", opened_on=DAY)


def acts_of(programme: Programme, count: int) -> list[AuditRecord]:
    return [
        AuditRecord.objects.create(
            programme=programme, number=n, key=f"act {n}", body="{}", hash="h"
        )
        for n in range(1, count + 1)
    ]


def transfer(number: str, debit: str, credit: str, amount: int, **more: object) -> Transfer:
    fields = {"phase": Phase.SINGLE, "code": TransferCode.HOLD, "on": DAY} | more
    return Transfer(id=number, debit=debit, credit=credit, amount=amount, **fields)  # type: ignore[arg-type]


def sets_of(count: int) -> list[tuple[Transfer, ...]]:
    """Funding, then holds that are captured in part and held again, as charging does."""
    draw = np.random.default_rng(7)
    fund = [transfer("act 1#1", "TREASURY", "POT", 10**9)]
    fund += [transfer(f"act 1#{n + 2}", "POT", f"VOUCHER:{n}", 10**6) for n in range(VOUCHERS)]
    sets = [tuple(fund)]
    open_holds: dict[str, Transfer] = {}
    for number in range(2, count + 1):
        voucher = f"VOUCHER:{draw.integers(VOUCHERS)}"
        moves = []
        if voucher in open_holds:
            held = open_holds[voucher]
            part = int(draw.integers(1, held.amount + 1))
            moves.append(
                transfer(
                    f"act {number}#1",
                    voucher,
                    "ACCRUED:P1",
                    part,
                    phase=Phase.POST,
                    pending_id=held.id,
                )
            )
        hold = transfer(
            f"act {number}#2", voucher, "ACCRUED:P1", int(draw.integers(1, 90)),
            phase=Phase.PENDING,
        )  # fmt: skip
        open_holds[voucher] = hold
        sets.append((*moves, hold))
    return sets


def plain(sets: Sequence[Sequence[Transfer]]) -> Books:
    books = Books()
    for name in NAMES:
        books.open_account(name, AccountKind(name.split(":")[0]))
    for transfers in sets:
        books.post(transfers)
    return books


@pytest.mark.parametrize("count", [10, 400])
@pytest.mark.parametrize("together", [3, 1_000])
def test_acts_posted_together_are_as_one_after_the_other(count: int, together: int) -> None:
    office, sets = programme(), sets_of(count)
    acts = acts_of(office, count)
    planned = [(act.pk, transfers) for act, transfers in zip(acts, sets, strict=True)]

    for begin in range(0, count, together):
        with transaction.atomic():
            ledger.post_many(office, planned[begin : begin + together])

    books = plain(sets)
    assert {name: ledger.account(office, name) for name in NAMES} == books.accounts
    rows = TransferRow.objects.select_related("pending", "act").order_by("id")
    assert [
        (row.transfer_id, row.act.key, row.pending and row.pending.transfer_id) for row in rows
    ] == [(t.id, t.id.split("#")[0], t.pending_id) for t in books.transfers.values()]


@pytest.mark.parametrize("count", [10, 400])
def test_the_first_refused_act_undoes_all(count: int) -> None:
    office, sets = programme(), sets_of(count)
    sets[-3] = (transfer("too much", "VOUCHER:0", "ACCRUED:P1", 10**8),)
    sets[-2] = (transfer("itself", "POT", "POT", 1),)
    planned = list(zip((act.pk for act in acts_of(office, count)), sets, strict=True))

    with pytest.raises(DomainError) as refused, transaction.atomic():
        ledger.post_many(office, planned)

    assert isinstance(refused.value, Overdraft)
    assert refused.value.account_id == "VOUCHER:0"
    assert not TransferRow.objects.exists()
    assert not Account.objects.exists()


@pytest.mark.parametrize("count", [10, 400])
def test_acts_that_are_posted_again_move_nothing(count: int) -> None:
    office, sets = programme(), sets_of(count)
    planned = list(zip((act.pk for act in acts_of(office, count)), sets, strict=True))
    with transaction.atomic():
        ledger.post_many(office, planned)
    before = {name: ledger.account(office, name) for name in NAMES}

    with transaction.atomic():
        ledger.post_many(office, planned)

    assert {name: ledger.account(office, name) for name in NAMES} == before
    assert TransferRow.objects.count() == sum(len(transfers) for transfers in sets)
