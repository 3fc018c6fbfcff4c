"""Law 3: nothing posted is changed or deleted: mistakes are reversed by a new transfer."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given

from evernormal.domain.errors import DomainError
from evernormal.domain.ledger import Transfer
from evernormal.domain.market import OrderChange, OrderChangeKind
from tests.actions.reading import all_rows, run
from tests.actions.years import deducting
from tests.laws.posting import empty_books, postings

APPEND_ONLY = (
    "audit_record",
    "transfer",
    "decision",
    "award",
    "allocation",
    "usage_batch",
    "charge",
    "claim",
    "claimed_charge",
    "payment_batch",
    "payment_instruction",
    "order_version",
)


@given(groups=postings())
def test_what_was_posted_stays_as_it_was(groups: list[list[Transfer]]) -> None:
    books = empty_books()
    for group in groups:
        before = dict(books.transfers)
        try:
            books.post(group)
        except DomainError:
            assert books.transfers == before
        assert {number: books.transfers[number] for number in before} == before


@given(groups=postings())
def test_a_transfer_is_undone_by_its_opposite(groups: list[list[Transfer]]) -> None:
    books = empty_books()
    for group in groups:
        before = {name: account.balance for name, account in books.accounts.items()}
        known = set(books.transfers)
        try:
            books.post(group)
        except DomainError:
            continue
        new = [
            t for t in books.transfers.values() if t.id not in known and t.phase.value == "SINGLE"
        ]
        if len(new) != len(books.transfers) - len(known):
            continue
        back = [replace(t, id=f"-{t.id}", debit=t.credit, credit=t.debit) for t in reversed(new)]
        size = len(books.transfers)
        books.post(back)
        assert {name: account.balance for name, account in books.accounts.items()} == before
        assert len(books.transfers) == size + len(new)
        return


@pytest.fixture
def _full(db: None) -> None:  # noqa: ARG001 - it rolls back
    """Rows in every table."""
    fewer = OrderChange(
        "O1", OrderChangeKind.AMENDED, date(2026, 1, 20), date(2026, 1, 21), card_hours=19
    )
    year = deducting()
    year.changed["order_changes"] = (fewer,)
    run(year.desk())


def refused(statement: str) -> None:
    """Assert that the database refuses a statement and that no row has changed."""
    before = all_rows()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert all_rows() == before


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 - names of ours
        return int(cursor.fetchone()[0])


@pytest.mark.usefixtures("_full")
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_database_refuses_to_change_or_delete(table: str) -> None:
    assert count(table) > 0

    refused(f'UPDATE "{table}" SET id = id')  # noqa: S608
    refused(f"UPDATE \"{table}\" SET programme_id = 'other'")  # noqa: S608
    refused(f'DELETE FROM "{table}"')  # noqa: S608
    if connection.vendor == "postgresql":
        refused(f'TRUNCATE "{table}" CASCADE')
        clash = "ON CONFLICT (id) DO UPDATE SET id = 1"
        refused(f'INSERT INTO "{table}" SELECT * FROM "{table}" {clash}')  # noqa: S608
    else:
        refused(f'INSERT OR REPLACE INTO "{table}" SELECT * FROM "{table}"')  # noqa: S608


@pytest.mark.usefixtures("_full")
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no REPLACE")
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_sqlite_refuses_replacing_also_to_a_program_with_its_defaults(table: str) -> None:
    """Another program, as the sqlite3 shell, starts with recursive triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers=OFF")
    try:
        refused(f'INSERT OR REPLACE INTO "{table}" SELECT * FROM "{table}"')  # noqa: S608
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA recursive_triggers=ON")


@pytest.mark.usefixtures("_full")
def test_every_table_is_append_only_or_known_to_carry_a_standing() -> None:
    standing = {"account", "day_use", "hold", "order_total", "programme", "voucher"}
    standing |= {"ledger_standing"}
    of_batches = {"transfer_page", "transfer_resolution"}  # tests/store/test_ledger_journal.py
    django_own = {"django_content_type", "auth_permission", "django_migrations"}

    tables = set(connection.introspection.table_names())

    assert tables - django_own == standing | set(APPEND_ONLY) | of_batches
