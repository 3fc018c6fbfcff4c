"""The posting rules compiled: one pass over a batch, in order, as `Books.post` set by set.

The functions are small on purpose: a for-loop inside a while-loop has crashed the compiler. They
hand on plain arrays: a tuple of arrays costs ten times the work in counting its references.

records   the transfers that were in the books before and may be named, then the batch itself
links     int64 [records, 5], by the columns below
counters  int64 [accounts, 5], fen: debits pending and posted, credits pending and posted; then 1
          where the account stands on the debit side, else 0
slots     int64 [2**k]: open addressing by key; the first record with that key, -1: empty
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]

SINGLE, PENDING, POST, VOID = 0, 1, 2, 3
KNOWN, FRESH = -1, 0  # beside the numbers of `Outcome`, which the compiler takes as plain ones
REUSED, SAME_ACCOUNT, NOT_POSITIVE, UNKNOWN_ACCOUNT, UNKNOWN_PENDING = 1, 2, 3, 4, 5
RESOLVED, EXCEEDED, OVERDRAFT, BEYOND = 6, 7, 8, 9
MOST = 1 << 62

# Columns of `links`: places of the accounts in `counters` (-1: none); of the first record with this
# key, the record that is in the books (-1: none); whether it was resolved; whether it is new.
DEBIT, CREDIT, ENTERED, DONE, NEW = 0, 1, 2, 3, 4
# Columns of what is told of a set: outcome, place in the batch, account, fen asked, fen free.
CODE, AT, ACCOUNT, ASKED, FREE = 0, 1, 2, 3, 4

_MIX = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


@njit(cache=True)
def _slot_of(records: Any, slots: Ints, high: int, low: int) -> Any:
    """The slot that holds a key, or the empty one where it belongs."""
    mask = slots.size - 1
    slot = np.int64(((high ^ (low * _MIX)) * _MIX) >> _HALF) & mask
    while slots[slot] >= 0:
        owner = slots[slot]
        if records[owner].key_high == high and records[owner].key_low == low:
            return slot
        slot = (slot + 1) & mask
    return slot


@njit(cache=True)
def _in_books(records: Any, links: Ints, slots: Ints, high: int, low: int) -> Any:
    """The record in the books with a key, or -1."""
    owner = slots[_slot_of(records, slots, high, low)]
    return links[owner, ENTERED] if owner >= 0 else -1


@njit(cache=True)
def _enter(records: Any, links: Ints, slots: Ints, i: int) -> None:
    slot = _slot_of(records, slots, records[i].key_high, records[i].key_low)
    if slots[slot] < 0:
        slots[slot] = i
    links[slots[slot], ENTERED] = i


@njit(cache=True)
def _leave(records: Any, links: Ints, slots: Ints, i: int) -> None:
    slot = _slot_of(records, slots, records[i].key_high, records[i].key_low)
    links[slots[slot], ENTERED] = -1


@njit(cache=True)
def _is_same(one: Any, other: Any) -> Any:
    return (
        one.debit == other.debit
        and one.credit == other.credit
        and one.amount == other.amount
        and one.phase == other.phase
        and one.code == other.code
        and one.day == other.day
        and one.pending_high == other.pending_high
        and one.pending_low == other.pending_low
    )


@njit(cache=True)
def _free(counters: Ints, place: int) -> Any:
    """Fen that can still leave an account; what is on its way in does not count."""
    c = counters
    if c[place, 4]:
        return c[place, 1] - c[place, 3] - c[place, 2]
    return c[place, 3] - c[place, 1] - c[place, 0]


@njit(cache=True)
def _pending_of(records: Any, links: Ints, slots: Ints, i: int) -> Any:
    """The record in the books that a POST or VOID names, or -1."""
    t = records[i]
    if t.phase in (SINGLE, PENDING) or (t.pending_high == 0 and t.pending_low == 0):
        return -1
    return _in_books(records, links, slots, t.pending_high, t.pending_low)


@njit(cache=True)
def _set_pended(records: Any, i: int, pending: int) -> None:
    if records[i].phase == PENDING:
        records[i].pended = records[i].amount
    else:
        records[i].pended = -records[pending].amount if pending >= 0 else 0


@njit(cache=True)
def _move(records: Any, links: Ints, counters: Ints, i: int, sign: int) -> None:
    """Apply a record to both its accounts, or with -1 take it back."""
    t, debit, credit = records[i], links[i, DEBIT], links[i, CREDIT]
    pended = t.pended * sign
    posted = t.amount * sign if t.phase in (SINGLE, POST) else 0
    counters[debit, 0] += pended
    counters[debit, 1] += posted
    counters[credit, 2] += pended
    counters[credit, 3] += posted


@njit(cache=True)
def _judge_shape(records: Any, links: Ints, slots: Ints, i: int) -> int:
    """What `Books` asks of a transfer by itself: an outcome, KNOWN or FRESH."""
    t = records[i]
    earlier = _in_books(records, links, slots, t.key_high, t.key_low)
    if earlier >= 0:
        return KNOWN if _is_same(t, records[earlier]) else REUSED
    if t.debit == t.credit:
        return SAME_ACCOUNT
    if t.amount <= 0:
        return NOT_POSITIVE
    if links[i, DEBIT] < 0 or links[i, CREDIT] < 0:
        return UNKNOWN_ACCOUNT
    return FRESH


@njit(cache=True)
def _judge_pending(records: Any, links: Ints, i: int, pending: int) -> int:
    t = records[i]
    if t.phase in (SINGLE, PENDING):
        return FRESH if t.pending_high == 0 and t.pending_low == 0 else UNKNOWN_PENDING
    if pending < 0:
        return UNKNOWN_PENDING
    p = records[pending]
    if p.phase != PENDING or p.debit != t.debit or p.credit != t.credit:
        return UNKNOWN_PENDING
    if links[pending, DONE]:
        return RESOLVED
    if t.amount > p.amount or (t.phase == VOID and t.amount != p.amount):
        return EXCEEDED
    return FRESH


@njit(cache=True)
def _is_beyond(records: Any, links: Ints, counters: Ints, i: int) -> Any:
    """Whether a counter could leave the range in which sums of two fit."""
    t, debit, credit = records[i], links[i, DEBIT], links[i, CREDIT]
    if t.amount > MOST:
        return True
    if t.phase == PENDING:
        return counters[debit, 0] + t.amount > MOST or counters[credit, 2] + t.amount > MOST
    if t.phase == VOID:
        return False
    return counters[debit, 1] + t.amount > MOST or counters[credit, 3] + t.amount > MOST


@njit(cache=True)
def _post_one(records: Any, links: Ints, counters: Ints, slots: Ints, i: int) -> int:
    """Post one transfer: an outcome, and unless that is FRESH nothing has changed."""
    code = _judge_shape(records, links, slots, i)
    if code != FRESH:
        return code
    pending = _pending_of(records, links, slots, i)
    code = _judge_pending(records, links, i, pending)
    if code == FRESH and _is_beyond(records, links, counters, i):
        code = BEYOND
    if code != FRESH:
        return code
    _set_pended(records, i, pending)
    _move(records, links, counters, i, 1)
    if _free(counters, links[i, DEBIT]) < 0 or _free(counters, links[i, CREDIT]) < 0:
        _move(records, links, counters, i, -1)
        return OVERDRAFT
    _enter(records, links, slots, i)
    links[i, NEW] = 1
    if pending >= 0:
        links[pending, DONE] = 1
    return FRESH


@njit(cache=True)
def _take_back(records: Any, links: Ints, counters: Ints, slots: Ints, i: int) -> None:
    """Undo a transfer of a refused set."""
    pending = _pending_of(records, links, slots, i)
    if pending >= 0:
        links[pending, DONE] = 0
    _move(records, links, counters, i, -1)
    _leave(records, links, slots, i)
    links[i, NEW] = 0


@njit(cache=True)
def _explain_overdraft(records: Any, links: Ints, counters: Ints, i: int, told: Ints) -> None:
    """Which account was asked for how much, and how much was free."""
    t = records[i]
    free_debit, free_credit = (
        _free(counters, links[i, DEBIT]),
        _free(counters, links[i, CREDIT]),
    )
    _move(records, links, counters, i, 1)
    after_debit, after_credit = (
        _free(counters, links[i, DEBIT]),
        _free(counters, links[i, CREDIT]),
    )
    _move(records, links, counters, i, -1)
    if after_debit < 0:
        told[ACCOUNT], told[ASKED], told[FREE] = t.debit, free_debit - after_debit, free_debit
    else:
        told[ACCOUNT], told[ASKED], told[FREE] = t.credit, free_credit - after_credit, free_credit


@njit(cache=True)
def _explain(records: Any, links: Ints, counters: Ints, slots: Ints, told: Ints) -> None:
    """The facts of a refusal that its name does not say, of the record told[AT]."""
    i = told[AT]
    t = records[i]
    if told[CODE] == UNKNOWN_ACCOUNT:
        told[ACCOUNT] = t.credit if links[i, DEBIT] >= 0 else t.debit
    elif told[CODE] == EXCEEDED:
        told[ASKED] = records[_pending_of(records, links, slots, i)].amount
    elif told[CODE] == OVERDRAFT:
        _explain_overdraft(records, links, counters, i, told)


@njit(cache=True)
def enter_known(records: Any, links: Ints, slots: Ints, known: int) -> None:
    """Enter the records that were in the books before."""
    for i in range(known):
        _enter(records, links, slots, i)


@njit(cache=True)
def _post_set(records: Any, links: Ints, counters: Ints, slots: Ints, told: Ints) -> None:
    """Post records told[AT] to told[ACCOUNT] together, or none of them; tell how it ended."""
    first, end = told[AT], told[ACCOUNT]
    told[AT], told[ACCOUNT] = -1, 0
    for i in range(first, end):
        code = _post_one(records, links, counters, slots, i)
        if code > 0:
            told[CODE], told[AT] = code, i
            _explain(records, links, counters, slots, told)
            break
    for back in range(told[AT] - 1, first - 1, -1):
        if links[back, NEW]:
            _take_back(records, links, counters, slots, back)


@njit(cache=True)
def post_sets(records: Any, links: Ints, counters: Ints, slots: Ints, told: Ints) -> None:
    """Post linked sets in order; a refused one leaves nothing behind.

    told     int64 [sets, 5]: in, at AT and ACCOUNT, the first record of each set and the one after
             its last; out, its outcome, the refused record or -1, and the facts of the refusal
    """
    for number in range(told.shape[0]):
        _post_set(records, links, counters, slots, told[number])


@njit(cache=True)
def add_up(records: Any, links: Ints, counters: Ints) -> None:
    """Add to the counters what records in the books did to them; nothing is checked."""
    for i in range(records.shape[0]):
        _move(records, links, counters, i, 1)
