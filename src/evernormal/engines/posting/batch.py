"""Posting a batch of linked sets against counters kept as columns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evernormal.engines.posting.columns import AMOUNT_MAX, TRANSFER, Outcome, Transfers
from evernormal.engines.posting.kernel import (
    ACCOUNT,
    ASKED,
    AT,
    CODE,
    CREDIT,
    DEBIT,
    DONE,
    ENTERED,
    FREE,
    NEW,
    enter_known,
    post_sets,
)
from evernormal.engines.posting.kernel import add_up as add_up_records

_SLOTS_MIN = 16
_CREDITS = 2
LINKS, TOLD = 5, 5


class Counters:
    """The counters of a programme's accounts; posting changes them in place.

    numbers      int64 [n], rising: by which transfers name the accounts
    table        int64 [n, 5], fen: debits pending and posted, credits pending and posted; then 1
                 where the account stands on the debit side, else 0
    """

    def __init__(
        self,
        numbers: NDArray[np.int64],
        values: NDArray[np.int64],
        is_treasury: NDArray[np.bool_],
    ) -> None:
        """Start with the counters as they stand, int64 [n, 4]."""
        self.numbers = numbers
        self.table = np.concatenate((values, is_treasury[:, None]), axis=1, dtype=np.int64)
        self._first = int(numbers[0]) if numbers.size else 0
        span = int(numbers[-1]) - self._first + 1 if numbers.size else 0
        # One entry more, so that every number outside finds -1 there.
        self._places = np.full(span + 1, -1, np.int64)
        self._places[numbers - self._first] = np.arange(numbers.size)

    @property
    def values(self) -> NDArray[np.int64]:
        """The four counters, int64 [n, 4]: a view."""
        return self.table[:, :4]

    def opened(self, numbers: NDArray[np.int64], is_treasury: NDArray[np.bool_]) -> "Counters":
        """The same counters with accounts that may be new; new ones stand at nothing."""
        together, first = np.unique(np.concatenate((self.numbers, numbers)), return_index=True)
        known = first < self.numbers.size
        values = np.zeros((together.size, 4), np.int64)
        values[known] = self.values[first[known]]
        sides = np.concatenate((self.table[:, 4] != 0, is_treasury))[first]
        return Counters(together, values, sides)

    def places(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows of the table by account number; -1 where there is no such account."""
        at = numbers - self._first
        at[(at < 0) | (at >= self._places.size)] = -1
        return self._places[at]

    def place(self, number: int) -> int:
        """The row of one account; -1 where there is no such account."""
        at = number - self._first
        return int(self._places[at]) if 0 <= at < self._places.size else -1

    def room(self, place: int, column: int) -> int:
        """Fen by which a counter may grow, under the rule against overdraft and the column's own.

        column  0 to 3, as in `values`
        """
        row: list[int] = self.table[place].tolist()
        left = AMOUNT_MAX - row[column]
        if row[4] and column >= _CREDITS:
            return min(left, row[1] - row[3] - row[2])
        if not row[4] and column < _CREDITS:
            return min(left, row[3] - row[1] - row[0])
        return left


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Transfers in the books that a batch may name: by an equal key, or as its pending ones.

    records   of type TRANSFER [n]
    resolved  bool [n]: pending ones that were posted or voided before
    """

    records: Transfers
    resolved: NDArray[np.bool_]


NOTHING_KNOWN = Known(np.zeros(0, TRANSFER), np.zeros(0, np.bool_))


@dataclass(frozen=True, slots=True, eq=False)
class Posted:
    """What became of a batch.

    outcome   int64 [sets]: a number of Outcome
    at        int64 [sets]: place in the batch of the transfer that was refused, -1: none
    account   int64 [sets]: account number of an OVERDRAFT or UNKNOWN_ACCOUNT
    asked     int64 [sets]: fen asked by an OVERDRAFT; fen pending with PENDING_EXCEEDED
    free      int64 [sets]: fen free before an OVERDRAFT
    is_new    bool [n]: transfers that are now in the books and were not before
    records   of type TRANSFER [n]: the batch, `pended` set
    resolved  bool [known]: known pending transfers that are resolved now
    """

    outcome: NDArray[np.int64]
    at: NDArray[np.int64]
    account: NDArray[np.int64]
    asked: NDArray[np.int64]
    free: NDArray[np.int64]
    is_new: NDArray[np.bool_]
    records: Transfers
    resolved: NDArray[np.bool_]

    @property
    def refused(self) -> NDArray[np.int64]:
        """Numbers of the sets that were refused, rising."""
        return np.flatnonzero(self.outcome != Outcome.POSTED)


def posted_alone(batch: Transfers) -> Posted:
    """What is said of a batch whose one transfer was posted."""
    zero, none = np.zeros(1, np.int64), np.zeros(0, np.bool_)
    return Posted(zero, zero - 1, zero, zero, zero, np.ones(1, np.bool_), batch, none)


def set_starts(batch: Transfers) -> NDArray[np.int64]:
    """Where each linked set of a batch begins, and the batch's length, int64 [sets + 1].

    A set ends with the first record that is not `linked` to the next; the last set ends anyway.
    """
    if not batch.size:
        return np.zeros(1, np.int64)
    ends = np.flatnonzero(batch["linked"][:-1] == 0) + 1
    return np.concatenate(([0], ends, [batch.size])).astype(np.int64)


def post_batch(counters: Counters, batch: Transfers, known: Known = NOTHING_KNOWN) -> Posted:
    """Post the linked sets of a batch in order, each whole or not at all.

    counters  as they stand before; changed in place by what is posted
    batch     of type TRANSFER [n], keys not 0; `set_starts` says what its sets are
    known     every transfer of the books with a key that the batch has or names as pending
    returns   outcomes by set, and which records are new
    source    `domain.ledger.Books.post`, called once for each set; law 15 holds both equal
    """
    if not ((batch["key_high"] != 0) | (batch["key_low"] != 0)).all():
        raise ValueError("a transfer's key is not 0")
    first, size = known.records.size, known.records.size + batch.size
    records = np.concatenate((known.records, batch))
    links = _links(counters, records)
    links[:first, DONE] = known.resolved
    slots = np.full(max(_SLOTS_MIN, 1 << (2 * size).bit_length()), -1, np.int64)
    enter_known(records, links, slots, first)
    starts = set_starts(batch) + first
    told = np.zeros((starts.size - 1, TOLD), np.int64)
    told[:, AT], told[:, ACCOUNT] = starts[:-1], starts[1:]
    post_sets(records, links, counters.table, slots, told)
    told[:, AT] = np.maximum(told[:, AT] - first, -1)
    return Posted(
        outcome=told[:, CODE],
        at=told[:, AT],
        account=told[:, ACCOUNT],
        asked=told[:, ASKED],
        free=told[:, FREE],
        is_new=links[first:, NEW] != 0,
        records=records[first:],
        resolved=links[:first, DONE] != 0,
    )


def add_up(counters: Counters, records: Transfers) -> None:
    """Add to counters what records that are in the books did to them, without a check.

    records  of type TRANSFER [n] as `post_batch` returned them, their accounts all among `counters`
    """
    add_up_records(records, _links(counters, records), counters.table)


def _links(counters: Counters, records: Transfers) -> NDArray[np.int64]:
    links = np.zeros((records.size, LINKS), np.int64)
    links[:, DEBIT], links[:, CREDIT] = (counters.places(records[s]) for s in ("debit", "credit"))
    links[:, ENTERED] = -1
    return links
