"""The stored books are the plain books: what one accepts the other does, with the same counters."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings

from evernormal.domain.errors import DomainError
from evernormal.domain.ledger import Account, Books, Phase, Transfer, TransferCode
from evernormal.store import ledger
from evernormal.store.models import Account as AccountRow
from evernormal.store.models import AuditRecord, Programme
from evernormal.store.models import Transfer as TransferRow
from tests.actions.office import rolled_back
from tests.laws.posting import ACCOUNTS, DAY, empty_books, postings

pytestmark = pytest.mark.django_db


class Stored:
    """The stored books of a programme."""

    def __init__(self, programme_id: str = "p") -> None:
        self.programme = Programme.objects.create(
            id=programme_id, scheme_id="s", inputs_digest="", opened_on=DAY
        )
        self.act = AuditRecord.objects.create(
            programme=self.programme, number=1, key="k", body="{}", hash="h"
        )

    def post(self, transfers: Iterable[Transfer]) -> None:
        with transaction.atomic():
            ledger.post(self.programme, transfers, act=self.act)

    def accounts(self) -> dict[str, Account]:
        return {name: ledger.account(self.programme, name) for name in ACCOUNTS}

    def transfers(self) -> set[Transfer]:
        rows = TransferRow.objects.filter(programme=self.programme).select_related(
            "debit", "credit", "pending"
        )
        return {
            Transfer(
                id=row.transfer_id,
                debit=row.debit.account_id,
                credit=row.credit.account_id,
                amount=row.amount,
                phase=Phase(row.phase),
                code=TransferCode(row.code),
                on=row.on,
                pending_id=row.pending.transfer_id if row.pending else None,
            )
            for row in rows
        }


def outcome(books: Books | Stored, group: list[Transfer]) -> str:
    try:
        books.post(group)
    except DomainError as refusal:
        return refusal.code
    return "posted"


def move(number: str, amount: int = 5, phase: Phase = Phase.SINGLE) -> Transfer:
    return Transfer(number, "TREASURY", "POT", amount, phase, TransferCode.HOLD, DAY)


HELD = move("p", phase=Phase.PENDING)
POSTED = replace(HELD, id="r", phase=Phase.POST, amount=3, pending_id="p")


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(groups=postings(size=8))
@example(groups=[[move("a")], [move("a")]])
@example(groups=[[move("a"), move("a")]])
@example(groups=[[move("a")], [move("b"), move("a", 6)]])
@example(groups=[[HELD], [POSTED], [POSTED], [replace(POSTED, id="s")]])
@example(groups=[[HELD, POSTED]])
@example(groups=[[HELD], [HELD, POSTED], [replace(POSTED, amount=2)]])
def test_stored_books_are_the_plain_books(groups: list[list[Transfer]]) -> None:
    with rolled_back():
        plain, stored = empty_books(), Stored()
        for group in groups:
            assert outcome(stored, group) == outcome(plain, group)
            assert stored.accounts() == plain.accounts
            assert stored.transfers() == set(plain.transfers.values())


def test_accounts_of_two_programmes_are_apart() -> None:
    one, other = Stored("p1"), Stored("p2")

    one.post([move("a")])
    other.post([move("a", 7)])

    assert one.accounts()["POT"].credits_posted == 5
    assert other.accounts()["POT"].credits_posted == 7


def test_a_pending_transfer_of_another_programme_cannot_be_resolved() -> None:
    one, other = Stored("p1"), Stored("p2")
    one.post([HELD])

    assert outcome(other, [POSTED]) == "ledger.unknown_pending"
    assert not AccountRow.objects.filter(programme=other.programme).exists()


def test_posting_nothing_writes_nothing() -> None:
    stored = Stored()

    stored.post([])

    assert not AccountRow.objects.exists()
