"""How far a programme's pages are counted in the rows of its accounts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from evernormal.domain.ledger import Account, AccountKind
from evernormal.store.bulk import Row, all_rows, rows_in
from evernormal.store.ledger.columns import COUNTERS

_NONE = (0, 0, 0, 0)


def lock(programme_id: str) -> None:
    """Keep every other writer of the programme's books out until the transaction ends.

    Acts hold this lock already; whoever posts without an act must not do so beside one. On SQLite
    the transaction that has begun is the only one that writes.
    """
    if connection.vendor == "postgresql":
        all_rows("SELECT 1 FROM programme WHERE id = %s FOR UPDATE", [programme_id])


def begin_posting(programme_id: str) -> None:
    """Keep every other writer of the programme's books out until the transaction ends.

    Counts in what pages have moved, so that the rows of `account` are how the accounts stand, and
    tells every program that keeps counters that they no longer hold.
    """
    lock(programme_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_standing SET version = version + 1 WHERE programme_id = %s",
            [programme_id],
        )
        has_pages = bool(cursor.rowcount)
    if has_pages:
        # Loads the compiled rules, which a programme without pages need not wait for.
        from evernormal.store.ledger.pages import fold  # noqa: PLC0415

        fold(programme_id)


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """An account as it stands, and the id of its row."""

    number: int
    account: Account


def stored_accounts(programme_id: str, names: Iterable[str] | None = None) -> list[StoredAccount]:
    """Accounts as they stand, at one moment, also while others write.

    names    which; None: all of the programme
    """
    columns = ", ".join(f"a.{counter}" for counter in COUNTERS)
    question = (
        f"SELECT a.id, a.account_id, a.kind, {columns}, s.folded, s.pages FROM account a "  # noqa: S608 - our own names
        "LEFT JOIN ledger_standing s ON s.programme_id = a.programme_id WHERE a.programme_id = %s"
    )
    if names is None:
        rows = all_rows(question, [programme_id])
    else:
        rows = list(rows_in(f"{question} AND a.account_id", [programme_id], sorted(names)))
    more = _unfolded(programme_id, rows)
    return [
        StoredAccount(
            number,
            Account(
                name,
                AccountKind(kind),
                *(old + new for old, new in zip(counters, more.get(number, _NONE), strict=True)),
            ),
        )
        for number, name, kind, *counters, _, _ in rows
    ]


def _unfolded(programme_id: str, rows: Sequence[Row]) -> Mapping[int, Sequence[int]]:
    """What pages that are not counted in yet add to the counters, by row id."""
    spans = {(folded, pages) for *_, folded, pages in rows if folded != pages}
    if not spans:
        return {}
    from evernormal.store.ledger.pages import added_between  # noqa: PLC0415 - as above

    folded, pages = spans.pop()
    return added_between(programme_id, folded, pages)
