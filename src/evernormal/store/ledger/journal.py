"""Posting large batches: thousands of linked sets in one transaction, under one audit record.

The order, the idempotency by key and the check against overdraft are those of single acts; only the
form in which transfers are kept differs: as pages (`models.TransferPage`) of records. A program
that posts many batches keeps the counters in memory. They hold as long as the version in
`ledger_standing` is the one they were read at, which every posting by anyone changes.
"""

import json
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from evernormal.domain.audit import GENESIS, AuditRecord
from evernormal.domain.ledger import AccountKind, TransferReused
from evernormal.engines.posting import Outcome, Posted, Transfers, post_batch, posted_alone
from evernormal.store.bulk import all_rows, insert_rows, rows_in
from evernormal.store.ledger.cache import Cache, load
from evernormal.store.ledger.columns import COUNTERS
from evernormal.store.ledger.pages import fold, insert_pages
from evernormal.store.ledger.record import BatchAct, Head, record_of_batch, sha256_of
from evernormal.store.ledger.single import post_single
from evernormal.store.ledger.standing import lock
from evernormal.store.models import Programme

FOLD_AFTER = 1 << 22
"""Transfers that may wait to be counted in, where accounts are few: they are read in a second."""

_FOLD_AFTER_BY_ACCOUNT = 32
"""Counting in writes every account that moved, so it waits until each has moved often."""


class Journal:
    """The books of a programme for programs that post many batches; one thread at a time."""

    def __init__(self, programme: Programme) -> None:
        """Nothing is read yet."""
        self.programme = programme
        self._cache: Cache | None = None

    def open_accounts(self, names: Sequence[str]) -> NDArray[np.int64]:
        """The numbers by which transfers name accounts, int64 [n]; new accounts are opened."""
        version: int | None = None
        with transaction.atomic(durable=True):
            lock(self.programme.pk)
            numbers = _numbers(self.programme.pk, names)
            new = sorted(set(names) - numbers.keys())
            if new:
                insert_rows(
                    "account",
                    ("programme_id", "account_id", "kind", *COUNTERS),
                    [(self.programme.pk, n, _kind_of(n).value, 0, 0, 0, 0) for n in new],
                )
                numbers = _numbers(self.programme.pk, names)
                version = _next_version(self.programme.pk)
        if new:
            self._cache = _with_new(self._cache, version, {name: numbers[name] for name in new})
        return np.array([numbers[name] for name in names], np.int64)

    def post(self, batch: Transfers, act: BatchAct) -> Posted:
        """Post the linked sets of a batch in order, each whole or not at all; durable on return.

        batch    of type TRANSFER [n], n > 0; keys are unique in the programme and best grow with
                 time: a key lower than the highest so far is looked for in older pages
        returns  outcomes by set. Where the act was done before, the first answer, and nothing new
        raises   TransferReused where the act was done before with another batch
        """
        if not batch.size:
            raise ValueError("a batch has at least one transfer")
        try:
            if batch.size == 1 and self._is_posted_alone(batch, act):
                return posted_alone(batch)
            with transaction.atomic(durable=True):
                lock(self.programme.pk)
                earlier = _answer(self.programme.pk, batch, act)
                posted = earlier or self._post(batch, act)
        except BaseException:
            # The counters may be those of a batch that was not written.
            self._cache = None
            raise
        return posted

    def count_in(self) -> None:
        """Count what pages have moved in the rows of `account`, as the next act's posting would."""
        with transaction.atomic():
            lock(self.programme.pk)
            fold(self.programme.pk)
        if self._cache:
            self._cache.waiting = 0

    def _is_posted_alone(self, batch: Transfers, act: BatchAct) -> bool:
        cache = self._cache
        if cache is None or cache.waiting >= waiting_max(cache):
            return False
        return post_single(cache, batch, act)

    def _post(self, batch: Transfers, act: BatchAct) -> Posted:
        programme_id = self.programme.pk
        version, head = _standing(programme_id)
        cache = self._cache
        if cache is None or cache.version != version:
            cache = self._cache = load(programme_id, version, head)
        known = cache.known(programme_id, batch)
        posted = post_batch(cache.counters, batch, known)
        new = posted.records[posted.is_new]
        record = record_of_batch(head, batch, new, act, posted)
        pages = cache.spans.pages
        spans = insert_pages(programme_id, _append(programme_id, record), new, after=pages)
        _insert_resolutions(programme_id, new, page=pages + spans.shape[0])
        cache.counted(new, spans, record)
        _advance(programme_id, cache)
        if cache.waiting > waiting_max(cache):
            fold(programme_id)
            cache.waiting = 0
        return posted


def _next_version(programme_id: str) -> int | None:
    """Tell every program that keeps counters that they no longer hold; None: there is no page."""
    found = all_rows(
        "UPDATE ledger_standing SET version = version + 1 WHERE programme_id = %s "
        "RETURNING version",
        [programme_id],
    )
    return found[0][0] if found else None


def _with_new(cache: Cache | None, version: int | None, new: Mapping[str, int]) -> Cache | None:
    """Counters that held until accounts were opened hold with them; others are read again."""
    if cache is None or version is None or cache.version != version - 1:
        return None
    is_treasury = [_kind_of(name) is AccountKind.TREASURY for name in new]
    numbers = np.array(list(new.values()), np.int64)
    cache.counters = cache.counters.opened(numbers, np.array(is_treasury, np.bool_))
    cache.version = version
    return cache


def waiting_max(cache: Cache) -> int:
    """Transfers from which on what waits is counted in."""
    return max(FOLD_AFTER, _FOLD_AFTER_BY_ACCOUNT * cache.counters.numbers.size)


def _standing(programme_id: str) -> tuple[int, Head]:
    """The books' version and the end of the log; a first batch opens the books to pages."""
    found = all_rows(
        "SELECT s.version, a.number, a.hash FROM programme p "
        "LEFT JOIN ledger_standing s ON s.programme_id = p.id "
        "LEFT JOIN audit_record a ON a.programme_id = p.id AND a.number = "
        "(SELECT max(number) FROM audit_record WHERE programme_id = p.id) WHERE p.id = %s",
        [programme_id],
    )
    version, number, digest = found[0]
    if version is None:
        insert_rows(
            "ledger_standing",
            ("programme_id", "version", "pages", "folded"),
            [(programme_id, 0, 0, 0)],
        )
    return version or 0, Head(programme_id, number or 0, digest or GENESIS)


def _append(programme_id: str, record: AuditRecord) -> int:
    """Write an audit record; its id."""
    found = all_rows(
        "INSERT INTO audit_record (programme_id, number, key, body, hash) "
        "VALUES (%s, %s, %s, %s, %s) RETURNING id",
        [programme_id, record.number, record.key, record.body.decode("utf-8"), record.hash],
    )
    return int(found[0][0])


def _answer(programme_id: str, batch: Transfers, act: BatchAct) -> Posted | None:
    """What a batch was told that was posted before under the same key."""
    found = all_rows(
        "SELECT body FROM audit_record WHERE programme_id = %s AND key = %s",
        [programme_id, act.key],
    )
    if not found:
        return None
    facts = json.loads(found[0][0])["facts"]
    if facts.get("batch_sha256") != sha256_of(batch):
        raise TransferReused(transfer_id=act.key)
    told = np.zeros((5, facts["sets"]), np.int64)
    told[1] = -1
    for number, outcome, *rest in facts["refused"]:
        told[:, number] = (Outcome[outcome], *rest)
    outcome, at, account, asked, free = told
    nothing = np.zeros(batch.size, np.bool_)
    return Posted(
        outcome,
        at,
        account,
        asked,
        free,
        is_new=nothing,
        records=batch,
        resolved=nothing[:0],
    )


def _insert_resolutions(programme_id: str, new: Transfers, *, page: int) -> None:
    done = new[(new["pending_high"] != 0) | (new["pending_low"] != 0)]
    keys = zip(done["pending_high"].tolist(), done["pending_low"].tolist(), strict=True)
    rows = [(programme_id, (high << 64 | low).to_bytes(16, "big"), page) for high, low in keys]
    if rows:
        insert_rows("transfer_resolution", ("programme_id", "pending_key", "page"), rows)


def _advance(programme_id: str, cache: Cache) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_standing SET version = %s, pages = %s WHERE programme_id = %s",
            [cache.version, cache.spans.pages, programme_id],
        )


def _numbers(programme_id: str, names: Iterable[str]) -> dict[str, int]:
    rows = rows_in(
        "SELECT account_id, id FROM account WHERE programme_id = %s AND account_id",
        [programme_id],
        sorted(set(names)),
    )
    return dict(rows)


def _kind_of(account_id: str) -> AccountKind:
    return AccountKind(account_id.split(":", 1)[0])
