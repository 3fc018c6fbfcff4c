"""What a program that posts batches keeps in memory of a programme's books."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evernormal.domain.audit import AuditRecord
from evernormal.domain.ledger import AccountKind, Phase
from evernormal.engines.posting import (
    NOTHING_KNOWN,
    PHASE_NUMBERS,
    Counters,
    Keys,
    KeySpans,
    Known,
    Transfers,
    add_up,
    records_with,
)
from evernormal.store.bulk import all_rows, rows_in
from evernormal.store.ledger.columns import COUNTERS
from evernormal.store.ledger.pages import pages_after, read_pages
from evernormal.store.ledger.record import Head

_PAGES_AT_ONCE = 4_096
_TREASURY = AccountKind.TREASURY.value


@dataclass(slots=True)
class Cache:
    """The books at a version.

    counters  of all accounts, as they stand
    head      the end of the audit log when it was last read or written
    spans     the pages' keys
    waiting   transfers that the rows of `account` have not counted in
    """

    version: int
    head: Head
    counters: Counters
    spans: KeySpans
    waiting: int

    def known(self, programme_id: str, batch: Transfers) -> Known:
        """The transfers of earlier pages that a batch names, by its own keys or as pending."""
        wanted = _wanted(batch, self.spans)
        if not wanted.size:
            return NOTHING_KNOWN
        pages = (self.spans.pages_of(wanted) + 1).tolist()
        if not pages:
            return NOTHING_KNOWN
        records = records_with(read_pages(programme_id, pages), wanted)
        return Known(records, _are_resolved(programme_id, records, batch))

    def counted(self, new: Transfers, spans: NDArray[np.uint64], record: AuditRecord) -> None:
        """Go on to the version that a batch has made, which the counters follow already."""
        if spans.size:
            self.spans.append(spans)
        self.version += 1
        self.head = Head(self.head.log_id, record.number, record.hash)
        self.waiting += new.size

    def counted_one(self, high: int, low: int, record: AuditRecord) -> None:
        """The same after a batch of one transfer with a key higher than any before."""
        self.spans.append_one(high, low)
        self.version += 1
        self.head = Head(self.head.log_id, record.number, record.hash)
        self.waiting += 1


def load(programme_id: str, version: int, head: Head) -> Cache:
    """Read the books; the caller holds the programme's lock.

    version, head  as they are now
    """
    counters = _counters(programme_id)
    ((folded, pages),) = all_rows(
        "SELECT folded, pages FROM ledger_standing WHERE programme_id = %s", [programme_id]
    )
    waiting = 0
    for begin in range(folded, pages, _PAGES_AT_ONCE):
        records = pages_after(programme_id, begin, min(begin + _PAGES_AT_ONCE, pages))
        add_up(counters, records)
        waiting += records.size
    return Cache(version, head, counters, _spans(programme_id), waiting)


def _counters(programme_id: str) -> Counters:
    columns = ", ".join(COUNTERS)
    rows = all_rows(
        f"SELECT id, {columns}, CASE WHEN kind = %s THEN 1 ELSE 0 END FROM account "  # noqa: S608 - our own names
        "WHERE programme_id = %s ORDER BY id",
        [_TREASURY, programme_id],
    )
    table = np.array(rows, np.int64).reshape(len(rows), 6)
    return Counters(table[:, 0].copy(), table[:, 1:5], table[:, 5] != 0)


def _spans(programme_id: str) -> KeySpans:
    rows = all_rows(
        "SELECT first_key, last_key FROM transfer_page WHERE programme_id = %s ORDER BY number",
        [programme_id],
    )
    spans = KeySpans()
    if rows:
        joined = b"".join(bytes(key) for row in rows for key in row)
        spans.append(np.frombuffer(joined, ">u8").reshape(len(rows), 4).astype(np.uint64))
    return spans


def _wanted(batch: Transfers, spans: KeySpans) -> Keys:
    """Keys that may be in earlier pages."""
    parts = []
    for high, low in (("key_high", "key_low"), ("pending_high", "pending_low")):
        is_old = ~spans.beyond(batch[high], batch[low])
        if high == "pending_high":
            is_old &= (batch[high] != 0) | (batch[low] != 0)
        parts.append(np.stack((batch[high][is_old], batch[low][is_old]), axis=1))
    return np.concatenate(parts)


def _are_resolved(programme_id: str, records: Transfers, batch: Transfers) -> NDArray[np.bool_]:
    """Which of some earlier transfers were posted or voided, as far as a batch may ask."""
    resolved = np.zeros(records.size, np.bool_)
    pending = np.flatnonzero(records["phase"] == PHASE_NUMBERS[Phase.PENDING])
    if not pending.size or (not batch["pending_low"].any() and not batch["pending_high"].any()):
        return resolved
    halves = zip(records["key_high"][pending], records["key_low"][pending], strict=True)
    keys = [(int(high) << 64 | int(low)).to_bytes(16, "big") for high, low in halves]
    rows = rows_in(
        "SELECT pending_key FROM transfer_resolution WHERE programme_id = %s AND pending_key",
        [programme_id],
        keys,
    )
    done = {bytes(key) for (key,) in rows}
    resolved[pending] = [key in done for key in keys]
    return resolved
