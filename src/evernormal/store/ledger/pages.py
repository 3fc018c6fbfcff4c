"""Transfers of large batches: a page of records a row, read back and counted in."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import numpy as np
import psycopg
from django.db import connection
from numpy.typing import NDArray

from evernormal.domain.ledger import Transfer
from evernormal.engines.posting import (
    CODES,
    PHASES,
    TRANSFER,
    Counters,
    Transfers,
    add_up,
    spans_of,
)
from evernormal.store.bulk import all_rows, change_rows, rows_in
from evernormal.store.ledger.columns import COUNTERS

PAGE_SIZES = {"sqlite": 256, "postgresql": 24}
"""Transfers in a page: few enough that one is found quickly, many enough that rows are few.

PostgreSQL moves a row of more than 2 kB into pieces elsewhere, each of which it would have to find.
"""

_PAGES_AT_ONCE = 4_096
_BYTES = TRANSFER.itemsize
_COLUMNS = ("programme_id", "number", "act_id", "size", "first_key", "last_key", "body")


def insert_pages(
    programme_id: str, act_id: int, records: Transfers, *, after: int
) -> NDArray[np.uint64]:
    """Write new transfers as pages behind the page `after`.

    records  in the order in which they were posted
    returns  the pages' key spans, as `KeySpans.append` takes them
    """
    size = PAGE_SIZES[connection.vendor]
    spans = spans_of(records, size)
    keys, body = spans.astype(">u8").tobytes(), records.tobytes()
    rows = [
        (
            programme_id,
            after + 1 + place,
            act_id,
            min(size, records.size - place * size),
            keys[place * 32 : place * 32 + 16],
            keys[place * 32 + 16 : place * 32 + 32],
            body[place * size * _BYTES : (place + 1) * size * _BYTES],
        )
        for place in range(spans.shape[0])
    ]
    names = ", ".join(_COLUMNS)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) > 1:
            statement = f"COPY transfer_page ({names}) FROM STDIN (FORMAT BINARY)"
            # Django does not know of COPY: a fault in its midst must be one of the database too.
            with connection.wrap_database_errors, cursor.cursor.copy(statement) as copy:
                copy.set_types(["varchar", "int8", "int8", "int4", "bytea", "bytea", "bytea"])
                for row in rows:
                    copy.write_row(row)
        else:
            places = ", ".join(["%s"] * len(_COLUMNS))
            cursor.executemany(f"INSERT INTO transfer_page ({names}) VALUES ({places})", rows)  # noqa: S608 - our own names
    return spans


def key_bytes(high: int, low: int) -> bytes:
    """A key as 16 bytes, which sort as the numbers do."""
    return (high << 64 | low).to_bytes(16, "big")


def read_pages(programme_id: str, numbers: Sequence[int]) -> Transfers:
    """The records of some pages, page by page."""
    if connection.vendor == "postgresql":
        connection.ensure_connection()
        # Django's own cursor takes answers as text, in which a byte is two letters. Each page is
        # asked for by itself, so that no plan reads the whole table, whatever is known of its size.
        with psycopg.Cursor(connection.connection) as cursor:
            cursor.execute(
                "SELECT w.number, p.body FROM unnest(%s::bigint[]) AS w(number), LATERAL "
                "(SELECT body FROM transfer_page WHERE programme_id = %s AND number = w.number "
                "LIMIT 1) p",
                [list(numbers), programme_id],
                binary=True,
            )
            rows = cursor.fetchall()
    else:
        question = "SELECT number, body FROM transfer_page WHERE programme_id = %s AND number"
        rows = list(rows_in(question, [programme_id], numbers))
    return _joined([body for _, body in sorted(rows, key=lambda row: row[0])])


def _joined(bodies: Sequence[bytes]) -> Transfers:
    if not bodies:
        return np.zeros(0, TRANSFER)
    return np.frombuffer(b"".join(bodies), TRANSFER)


def pages_after(programme_id: str, first: int, last: int) -> Transfers:
    """The records of the pages `first` + 1 to `last`, in order."""
    rows = all_rows(
        "SELECT body FROM transfer_page WHERE programme_id = %s AND number > %s AND number <= %s "
        "ORDER BY number",
        [programme_id, first, last],
    )
    return _joined([body for (body,) in rows])


def page_transfers(programme_id: str, names: Mapping[int, str]) -> Iterator[tuple[int, Transfer]]:
    """Every transfer of the pages in order, with the id of its act's record.

    names    account names by row id
    """
    last = all_rows("SELECT max(number) FROM transfer_page WHERE programme_id = %s", [programme_id])
    for begin in range(0, last[0][0] or 0, _PAGES_AT_ONCE):
        rows = all_rows(
            "SELECT act_id, body FROM transfer_page WHERE programme_id = %s AND number > %s "
            "AND number <= %s ORDER BY number",
            [programme_id, begin, begin + _PAGES_AT_ONCE],
        )
        for act_id, body in rows:
            for record in _joined([body]):
                yield act_id, transfer_of(record, names)


def transfer_of(record: np.void, names: Mapping[int, str]) -> Transfer:
    """One record as a transfer; its id is its key in hexadecimal."""
    pending = _hex_of(record["pending_high"], record["pending_low"])
    return Transfer(
        id=_hex_of(record["key_high"], record["key_low"]),
        debit=names[int(record["debit"])],
        credit=names[int(record["credit"])],
        amount=int(record["amount"]),
        phase=PHASES[record["phase"]],
        code=CODES[record["code"]],
        on=date.fromordinal(int(record["day"])),
        pending_id=pending if int(pending, 16) else None,
    )


def _hex_of(high: np.uint64, low: np.uint64) -> str:
    return key_bytes(int(high), int(low)).hex()


def added_between(programme_id: str, first: int, last: int) -> Mapping[int, Sequence[int]]:
    """What the pages `first` + 1 to `last` add to each account's counters, by row id."""
    counters = Counters(np.zeros(0, np.int64), np.zeros((0, 4), np.int64), np.zeros(0, np.bool_))
    for begin in range(first, last, _PAGES_AT_ONCE):
        records = pages_after(programme_id, begin, min(begin + _PAGES_AT_ONCE, last))
        named = np.unique(np.concatenate((records["debit"], records["credit"])))
        counters = counters.opened(named, np.zeros(named.size, np.bool_))
        add_up(counters, records)
    return dict(zip(counters.numbers.tolist(), counters.values.tolist(), strict=True))


def fold(programme_id: str) -> None:
    """Count pages in, so that the rows of `account` are how the accounts stand.

    The caller holds the programme's lock. The CHECK on the rows refuses what pages must never say.
    """
    span = all_rows(
        "SELECT folded, pages FROM ledger_standing WHERE programme_id = %s", [programme_id]
    )
    folded, pages = span[0] if span else (0, 0)
    if folded == pages:
        return
    more = added_between(programme_id, folded, pages)
    rows = [(*counters, number) for number, counters in more.items()]
    change_rows("account", rows, keys=("id",), add=COUNTERS)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_standing SET folded = pages WHERE programme_id = %s", [programme_id]
        )
