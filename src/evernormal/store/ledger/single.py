"""One transfer, one act, one commit, with as few steps as there can be: a hold at a counter.

Only what is plainly right goes this way: a new single or pending transfer that is covered, by books
that nobody else has posted to since. Everything else is left to the way of batches, which says what
is wrong; it decides the same of what goes this way too (tests/store/test_ledger_journal.py).
"""

import sqlite3

from django.db import DatabaseError, connection
from psycopg.pq import DiagnosticField, ExecStatus, Format

from evernormal.domain.audit import AuditRecord
from evernormal.domain.ledger import Phase
from evernormal.engines.posting import AMOUNT_MAX, PHASE_NUMBERS, TRANSFER, Transfers
from evernormal.store.ledger.cache import Cache
from evernormal.store.ledger.record import BatchAct, record_of_batch

_PENDING, _SINGLE = PHASE_NUMBERS[Phase.PENDING], PHASE_NUMBERS[Phase.SINGLE]
_FIELDS = {name: place for place, name in enumerate(TRANSFER.names or ())}

_RECORD_ON_SQLITE = (
    "INSERT INTO audit_record (programme_id, number, key, body, hash) VALUES (?, ?, ?, ?, ?)"
)
_PAGE_ON_SQLITE = (
    "INSERT INTO transfer_page (programme_id, number, act_id, size, first_key, last_key, body) "
    "VALUES (?, ?, last_insert_rowid(), 1, ?, ?, ?)"
)
_STANDING_ON_SQLITE = (
    "UPDATE ledger_standing SET version = version + 1, pages = pages + 1 "
    "WHERE programme_id = ? AND version = ?"
)
# One statement, so one exchange. It waits for the programme's lock; where the version is another by
# then it does nothing, and where the log has grown its number is taken.
_NAME = b"evernormal_post_single"
_ON_POSTGRESQL = b"""
WITH p AS (SELECT id FROM programme WHERE id = $1 FOR UPDATE),
s AS (UPDATE ledger_standing SET version = version + 1, pages = pages + 1 FROM p
      WHERE programme_id = p.id AND version = $2 RETURNING pages),
a AS (INSERT INTO audit_record (programme_id, number, key, body, hash)
      SELECT p.id, $3, $4, $5, $6 FROM p, s RETURNING id)
INSERT INTO transfer_page (programme_id, number, act_id, size, first_key, last_key, body)
SELECT $1, s.pages, a.id, 1, $7, $7, $8 FROM s, a
"""
_FORMATS = [Format.TEXT] * 6 + [Format.BINARY] * 2
_NOT_PREPARED, _TAKEN = b"26000", b"23505"


def post_single(cache: Cache, batch: Transfers, act: BatchAct) -> bool:
    """Post a batch of one transfer, if that is plain; durable where it returns True.

    returns  False: nothing has changed, and the way of batches shall decide
    """
    t = batch[0].item()
    moved = None if connection.in_atomic_block else _moved(cache, t)
    if moved is None:
        return False
    new = batch.copy()
    new["pended"] = t[_FIELDS["amount"]] if t[_FIELDS["phase"]] == _PENDING else 0
    record = record_of_batch(cache.head, batch, new, act)
    key = (t[0] << 64 | t[1]).to_bytes(16, "big")
    connection.ensure_connection()
    write = _write_postgresql if connection.vendor == "postgresql" else _write_sqlite
    # Neither way of writing goes through Django's cursors, which name the faults of a database.
    with connection.wrap_database_errors:
        is_written = write(cache, record, key, new.tobytes())
    if not is_written:
        return False
    debit, credit, column = moved
    cache.counters.table[debit, column] += t[_FIELDS["amount"]]
    cache.counters.table[credit, column + 2] += t[_FIELDS["amount"]]
    cache.counted_one(t[0], t[1], record)
    return True


def _moved(cache: Cache, t: tuple[int, ...]) -> tuple[int, int, int] | None:
    """Rows of both accounts and the debit's column that a plain transfer moves, else None."""
    high, low, pending_high, pending_low, debit_number, credit_number, amount = t[:7]
    phase = t[_FIELDS["phase"]]
    if (high, low) <= cache.spans.most or pending_high or pending_low:
        return None
    if phase not in (_SINGLE, _PENDING) or not 0 < amount <= AMOUNT_MAX:
        return None
    counters = cache.counters
    debit, credit = counters.place(debit_number), counters.place(credit_number)
    if debit == credit or debit < 0 or credit < 0:
        return None
    column = 0 if phase == _PENDING else 1
    if counters.room(debit, column) < amount or counters.room(credit, column + 2) < amount:
        return None
    return debit, credit, column


def _write_sqlite(cache: Cache, record: AuditRecord, key: bytes, body: bytes) -> bool:
    raw: sqlite3.Connection = connection.connection
    programme_id, text = record.log_id, record.body.decode("utf-8")
    raw.execute("BEGIN IMMEDIATE")
    try:
        standing = raw.execute(_STANDING_ON_SQLITE, (programme_id, cache.version))
        is_current = standing.rowcount == 1
        if is_current:
            row = (programme_id, record.number, record.key, text, record.hash)
            raw.execute(_RECORD_ON_SQLITE, row)
            raw.execute(_PAGE_ON_SQLITE, (programme_id, cache.spans.pages + 1, key, key, body))
            raw.execute("COMMIT")
    except sqlite3.IntegrityError:
        is_current = False  # the act was done before, or another act has come in between
    except BaseException:
        if raw.in_transaction:
            raw.execute("ROLLBACK")
        raise
    if raw.in_transaction:
        raw.execute("ROLLBACK")
    return is_current


def _write_postgresql(cache: Cache, record: AuditRecord, key: bytes, body: bytes) -> bool:
    # Planning the statement takes longer than running it, and Django's cursors never prepare.
    raw = connection.connection.pgconn
    values = [
        record.log_id.encode(),
        b"%d" % cache.version,
        b"%d" % record.number,
        record.key.encode(),
        record.body,
        record.hash.encode(),
        key,
        body,
    ]
    done = raw.exec_prepared(_NAME, values, _FORMATS)
    if done.error_field(DiagnosticField.SQLSTATE) == _NOT_PREPARED:
        raw.prepare(_NAME, _ON_POSTGRESQL)
        done = raw.exec_prepared(_NAME, values, _FORMATS)
    if done.status == ExecStatus.COMMAND_OK:
        return bool(done.command_tuples)
    if done.error_field(DiagnosticField.SQLSTATE) == _TAKEN:
        return False  # the act was done before, or another act has come in between
    raise DatabaseError(done.get_error_message())
