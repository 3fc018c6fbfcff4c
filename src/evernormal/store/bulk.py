"""Many rows at once, in plain SQL that is right on SQLite and on PostgreSQL."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import connection

# SQLite takes 32,766 values in a statement; fewer make its plan no worse.
_VALUES_MAX = 900
_COPY_FROM = 50
"""From so many rows on, PostgreSQL's COPY is worth its own beginning and end."""

Row = tuple[Any, ...]
Value = str | int | bytes


def rows_in(sql: str, fixed: Sequence[Value], values: Iterable[Value]) -> Iterator[Row]:
    """Ask a question about many values.

    sql     ends with the column that is to be one of the values, as in "... WHERE a = %s AND b"
    fixed   what the placeholders before that stand for
    """
    rest = iter(values)
    with connection.cursor() as cursor:
        while part := list(islice(rest, _VALUES_MAX)):
            places = ", ".join(["%s"] * len(part))
            cursor.execute(f"{sql} IN ({places})", [*fixed, *part])
            yield from cursor.fetchall()


def all_rows(sql: str, values: Sequence[Value]) -> list[Row]:
    """Every row of an answer."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def insert_rows(table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows in order."""
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) >= _COPY_FROM:
            statement = f'COPY "{table}" ({names}) FROM STDIN'
            # Django does not know of COPY: a fault in its midst must be one of the database too.
            with connection.wrap_database_errors, cursor.cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
            return
        places = ", ".join(["%s"] * len(columns))
        cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({places})', rows)  # noqa: S608 - our own names


def insert_missing(table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert the rows that are not there; one that conflicts with another stays out."""
    _insert_each(table, columns, rows, on_conflict="DO NOTHING")


def insert_or_put(table: str, keys: Sequence[str], put: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows, or set the values of those that are there.

    keys   columns of a unique constraint
    rows   values of the keys, then of the other columns; no key twice
    """
    changes = ", ".join(f'"{column}" = excluded."{column}"' for column in put)
    names = ", ".join(f'"{column}"' for column in keys)
    _insert_each(table, (*keys, *put), rows, on_conflict=f"({names}) DO UPDATE SET {changes}")


def change_rows(
    table: str,
    rows: Sequence[Row],
    *,
    keys: Sequence[str],
    add: Sequence[str] = (),
    put: Sequence[str] = (),
) -> None:
    """Add to columns of rows, and set others.

    rows   what to add, what to set, and the values of the keys, which name one row each; none twice
    """
    if connection.vendor != "postgresql":
        changes = ", ".join([*(f'"{c}" = "{c}" + %s' for c in add), *(f'"{c}" = %s' for c in put)])
        where = " AND ".join(f'"{column}" = %s' for column in keys)
        with connection.cursor() as cursor:
            cursor.executemany(f'UPDATE "{table}" SET {changes} WHERE {where}', rows)  # noqa: S608 - our own names
        return
    # A statement a row costs PostgreSQL's planner more than the change does.
    number = {column: n for n, column in enumerate((*add, *put, *keys), start=1)}
    plus = [f'"{column}" = "{table}"."{column}" + new.column{number[column]}' for column in add]
    same = [f'"{column}" = new.column{number[column]}' for column in put]
    where = " AND ".join(f'"{table}"."{column}" = new.column{number[column]}' for column in keys)
    changes = ", ".join([*plus, *same])
    update = f'UPDATE "{table}" SET {changes} FROM (VALUES'  # noqa: S608 - our own names
    _with_values(update, f") AS new WHERE {where}", rows)


def _insert_each(
    table: str, columns: Sequence[str], rows: Sequence[Row], *, on_conflict: str
) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    insert = f'INSERT INTO "{table}" ({names}) VALUES'
    if connection.vendor == "postgresql":
        _with_values(insert, f" ON CONFLICT {on_conflict}", rows)
        return
    places = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"{insert} ({places}) ON CONFLICT {on_conflict}", rows)


def _with_values(before: str, after: str, rows: Sequence[Row]) -> None:
    """Run a statement around the values of many rows, as often as they need."""
    rest = iter(rows)
    with connection.cursor() as cursor:
        while part := list(islice(rest, _VALUES_MAX)):
            place = f"({', '.join(['%s'] * len(part[0]))})"
            places = ", ".join([place] * len(part))
            cursor.execute(f"{before} {places}{after}", [value for row in part for value in row])


def new_ids(table: str, count: int) -> Sequence[int]:
    """Ids for rows that are about to be inserted, rising; nobody else gets them.

    The caller holds a lock that keeps other writers of the table's programme out; on SQLite a
    transaction that writes keeps all of them out.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [table, count],
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute(f'SELECT coalesce(max(id), 0) FROM "{table}"')  # noqa: S608 - our own names
        last = cursor.fetchone()[0]
    return range(last + 1, last + 1 + count)
