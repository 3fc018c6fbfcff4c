"""Batches in pages: the same books as set by set, beside rows, however often they are read."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis.strategies import booleans, lists, tuples

from evernormal.domain.audit import Act, follow
from evernormal.domain.errors import DomainError
from evernormal.domain.ledger import (
    Account,
    AccountKind,
    Books,
    Phase,
    Transfer,
    TransferCode,
    TransferReused,
)
from evernormal.engines.posting import Names, Posted, Transfers, records_of, refusal_of
from evernormal.store import ledger
from evernormal.store.ledger import pages
from evernormal.store.ledger.journal import Journal
from evernormal.store.ledger.record import BatchAct
from evernormal.store.models import Account as AccountRow
from evernormal.store.models import AuditRecord, LedgerStanding, Programme
from evernormal.store.queries.books import read_log
from evernormal.store.queries.journal import read_accounts, read_journal
from tests.laws.posting import ACCOUNTS, DAY, empty_books, transfers

pytestmark = pytest.mark.django_db

Sets = Sequence[Sequence[Transfer]]
AT = datetime(2026, 1, 1, tzinfo=UTC)


class Office:
    """A programme whose transfers are posted in batches, or as acts' rows."""

    def __init__(self) -> None:
        self.programme = Programme.objects.create(
            id=uuid.uuid4().hex, scheme_id="s", inputs_digest="", opened_on=DAY
        )
        self.ids = Names()
        self.journal = Journal(self.programme)
        self.numbers = self.journal.open_accounts(ACCOUNTS)
        self.batches = 0

    def records(self, sets: Sets) -> Transfers:
        names = Names()
        for name in ACCOUNTS:
            names.number(name)
        records = records_of(sets, ids=self.ids, accounts=names)
        for side in ("debit", "credit"):
            records[side] = self.numbers[records[side] - 1]
        return records

    def batch(self, sets: Sets, key: str | None = None) -> Posted:
        self.batches += 1
        act = BatchAct(Act.CHARGE, key or f"batch {self.batches}", "clerk", AT)
        return self.journal.post(self.records(sets), act)

    def told(self, sets: Sets) -> list[str]:
        posted = self.batch(sets)
        flat = [t for group in sets for t in group]
        names = dict(zip(self.numbers.tolist(), ACCOUNTS, strict=True))
        refusals = {
            number: refusal_of(
                posted,
                number,
                transfer=flat[posted.at[number]],
                account_of=names.__getitem__,
            )
            for number in posted.refused.tolist()
        }
        return [str(refusals.get(number, "posted")) for number in range(len(sets))]

    def accounts(self) -> dict[str, Account]:
        return {name: ledger.account(self.programme, name) for name in ACCOUNTS}

    def post_rows(self, *transfers: Transfer) -> None:
        with transaction.atomic():
            number = AuditRecord.objects.filter(programme=self.programme).count() + 1
            act = AuditRecord.objects.create(
                programme=self.programme, number=number, key=f"k{number}", body="{}", hash="h"
            )
            ledger.post(self.programme, transfers, act=act)


def one_by_one(books: Books, sets: Sets) -> list[str]:
    told = []
    for group in sets:
        try:
            books.post(group)
        except DomainError as refusal:
            told.append(str(refusal))
        else:
            told.append("posted")
    return told


def move(number: str, amount: int = 5, phase: Phase = Phase.SINGLE) -> Transfer:
    return Transfer(number, "TREASURY", "POT", amount, phase, TransferCode.HOLD, DAY)


HELD = move("p", phase=Phase.PENDING)
POSTED = replace(HELD, id="r", phase=Phase.POST, amount=3, pending_id="p")
SETS = lists(lists(transfers(), min_size=1, max_size=3), min_size=1, max_size=6)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(batches=lists(tuples(SETS, booleans()), max_size=5))
@example(batches=[([[HELD], [POSTED]], True), ([[POSTED], [replace(POSTED, id="s")]], True)])
@example(batches=[([[HELD]], True), ([[replace(POSTED, amount=9)], [POSTED]], False)])
@example(batches=[([[move("a")]], False), ([[move("a", 6)], [move("a")]], True)])
def test_batches_are_posted_as_their_sets_one_by_one(batches: list[tuple[Sets, bool]]) -> None:
    office, plain = Office(), empty_books()
    for sets, reads_again in batches:
        assert office.told(sets) == one_by_one(plain, sets)
        assert office.accounts() == plain.accounts
        if reads_again:
            office.journal = Journal(office.programme)
    assert len(read_journal(office.programme.pk)) == len(plain.transfers)


def test_a_transfer_is_known_again_however_many_pages_came_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages, "PAGE_SIZES", {"sqlite": 3, "postgresql": 3})
    office = Office()
    office.ids.number("late")
    first = [[move(f"t{n}")] for n in range(500)]
    office.batch(first)

    again = office.batch([*first[7:400:31], [move("late")], [replace(move("t9"), amount=6)]])

    assert again.is_new.tolist() == [False] * 13 + [True, False]
    assert again.outcome.tolist() == [0] * 14 + [1]
    assert office.accounts()["POT"].credits_posted == 501 * 5


def test_a_batch_that_comes_again_gets_the_first_answer() -> None:
    office = Office()
    sets = [[move("a", 100)], [replace(move("b"), debit="POT", credit="VOUCHER:1", amount=101)]]
    first = office.batch(sets, key="b1")
    office.batch([[move("c", 1)]], key="b2")

    again = office.batch(sets, key="b1")

    for column in ("outcome", "at", "account", "asked", "free"):
        assert getattr(again, column).tolist() == getattr(first, column).tolist()
    assert not again.is_new.any()
    assert office.accounts()["POT"].balance == 101
    with pytest.raises(TransferReused):
        office.batch([[move("d")]], key="b1")


def test_rows_and_pages_are_one_set_of_books() -> None:
    office = Office()
    office.batch([[move("a", 100)]])
    stale = AccountRow.objects.get(programme=office.programme, account_id="POT")

    office.post_rows(replace(move("k#1", 60), debit="POT", credit="VOUCHER:1"))

    row = AccountRow.objects.get(programme=office.programme, account_id="POT")
    assert (stale.credits_posted, row.credits_posted, row.debits_posted) == (0, 100, 60)
    too_much = replace(move("b", 41), debit="POT", credit="VOUCHER:1")
    assert office.batch([[too_much]]).free.tolist() == [40]
    assert office.batch([[replace(too_much, id="c", amount=40)]]).is_new.all()
    with pytest.raises(DomainError, match="has 0 fen free, 1 were asked"):
        office.post_rows(replace(move("k#2", 1), debit="POT", credit="VOUCHER:1"))
    assert sum(a.credits_posted - a.debits_posted for a in office.accounts().values()) == 0


def test_the_journal_read_back_is_what_was_posted_and_makes_the_same_accounts() -> None:
    office = Office()
    office.batch([[move("a", 100)], [HELD]])
    office.post_rows(replace(move("k#1", 60), debit="POT", credit="VOUCHER:1"))
    office.batch([[POSTED], [move("z", 0)]])
    books = empty_books()

    for row in read_journal(office.programme.pk):
        phase, code = Phase(row.phase), TransferCode(row.code)
        books.post(
            [
                Transfer(
                    row.transfer_id, row.debit, row.credit, row.amount_fen, phase, code, row.on,
                    row.pending_id or None,
                )
            ]
        )  # fmt: skip

    assert len(books.transfers) == 4
    stored = {
        row.account_id: Account(
            row.account_id, AccountKind(row.kind), row.debits_pending, row.debits_posted,
            row.credits_pending, row.credits_posted,
        )
        for row in read_accounts(office.programme.pk)
    }  # fmt: skip
    assert stored == books.accounts


def test_a_batch_is_one_record_of_the_audit_log() -> None:
    programme = Programme.objects.create(id="p", scheme_id="s", inputs_digest="", opened_on=DAY)
    journal = Journal(programme)
    numbers = journal.open_accounts(["TREASURY", "POT"])
    records = records_of([[move("a")]], ids=Names(), accounts=Names())
    records["debit"], records["credit"] = numbers

    for key in ("one", "two"):
        records["key_low"] += 1
        journal.post(records, BatchAct(Act.CHARGE, key, "clerk", AT))

    assert list(follow(read_log("p"))) == []
    assert list(AuditRecord.objects.values_list("number", "key")) == [(1, "one"), (2, "two")]


def test_a_batch_that_could_not_be_written_leaves_the_counters_as_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    office = Office()
    office.batch([[move("a", 100)]])
    monkeypatch.setattr(pages, "_COLUMNS", ("no_such_column",))
    with pytest.raises(Exception, match=r"."), transaction.atomic():
        office.batch([[move("b", 1)]])
    monkeypatch.undo()

    office.batch([[move("c", 10)]])

    assert office.accounts()["POT"].balance == 110


def test_transfers_that_wait_are_counted_in_when_there_are_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("evernormal.store.ledger.journal.FOLD_AFTER", 3)
    monkeypatch.setattr("evernormal.store.ledger.journal._FOLD_AFTER_BY_ACCOUNT", 0)
    office = Office()
    for number in range(6):
        office.batch([[move(f"t{number}")]])

    standing = LedgerStanding.objects.get(programme=office.programme)
    assert (standing.pages, standing.folded) == (6, 4)
    row = AccountRow.objects.get(programme=office.programme, account_id="POT")
    assert row.credits_posted == 20
    assert office.accounts()["POT"].credits_posted == 30


@pytest.mark.parametrize("table", ["transfer_page", "transfer_resolution"])
def test_the_database_refuses_to_change_pages(table: str) -> None:
    office = Office()
    office.batch([[HELD], [POSTED]])
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names of ours
        before = [tuple(map(str, row[:3])) for row in cursor.fetchall()]
    assert before
    replaces = connection.vendor == "sqlite"
    for statement in (
        f'UPDATE "{table}" SET id = id',  # noqa: S608
        f'DELETE FROM "{table}"',  # noqa: S608
        f'INSERT OR REPLACE INTO "{table}" SELECT * FROM "{table}"'  # noqa: S608
        if replaces
        else f'TRUNCATE "{table}"',
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_database_takes_one_resolution_of_a_pending_record() -> None:
    office = Office()
    office.batch([[HELD], [POSTED]])

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO transfer_resolution (programme_id, pending_key, page) "
            "SELECT programme_id, pending_key, page FROM transfer_resolution"
        )


def test_an_account_that_another_program_opens_is_known_at_once() -> None:
    office = Office()
    office.batch([[move("a", 100)]])
    (late,) = Journal(office.programme).open_accounts(["VOUCHER:late"])

    to_late = office.records([[replace(move("b"), debit="POT")]])
    to_late["credit"] = late
    posted = office.journal.post(to_late, BatchAct(Act.CHARGE, "b", "clerk", AT))
    (own,) = office.journal.open_accounts(["VOUCHER:own"])
    to_own = office.records([[replace(move("c"), debit="POT")]])
    to_own["credit"] = own

    assert posted.is_new.all()
    assert office.journal.post(to_own, BatchAct(Act.CHARGE, "c", "clerk", AT)).is_new.all()
    assert office.accounts()["POT"].balance == 90


def test_a_batch_of_nothing_and_a_key_of_nothing_are_slips_of_the_program() -> None:
    office = Office()
    records = office.records([[move("a")]])
    records["key_low"] = 0
    for batch in (records, records[:0]):
        with pytest.raises(ValueError, match="transfer"):
            office.journal.post(batch, BatchAct(Act.CHARGE, "b", "clerk", AT))
    assert np.array_equal(office.journal.open_accounts(ACCOUNTS), office.numbers)
