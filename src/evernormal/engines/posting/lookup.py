"""Finding earlier transfers by key: which pages may hold them, and which of their records do."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evernormal.engines.posting.columns import Transfers

Keys = NDArray[np.uint64]
"""uint64 [n, 2]: both halves of each key."""

BLOCK = 128
_MIX = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_SLOTS_MIN = 16


@njit(cache=True)
def _is_within(spans: Keys, at: int, high: int, low: int) -> Any:
    if high < spans[at, 0] or high > spans[at, 2]:
        return False
    if high == spans[at, 0] and low < spans[at, 1]:
        return False
    return not (high == spans[at, 2] and low > spans[at, 3])


@njit(cache=True)
def _mark(spans: Keys, found: NDArray[np.bool_], block: int, high: int, low: int) -> None:
    for page in range(block * BLOCK, min((block + 1) * BLOCK, spans.shape[0])):
        if _is_within(spans, page, high, low):
            found[page] = True


@njit(cache=True)
def _search(keys: Keys, spans: Keys, blocks: Keys, found: NDArray[np.bool_]) -> None:
    for k in range(keys.shape[0]):
        for block in range(blocks.shape[0]):
            if _is_within(blocks, block, keys[k, 0], keys[k, 1]):
                _mark(spans, found, block, keys[k, 0], keys[k, 1])


@njit(cache=True)
def _slot_of(keys: Keys, slots: NDArray[np.int64], high: int, low: int) -> Any:
    mask = slots.size - 1
    slot = np.int64(((high ^ (low * _MIX)) * _MIX) >> _HALF) & mask
    while slots[slot] >= 0:
        if keys[slots[slot], 0] == high and keys[slots[slot], 1] == low:
            return slot
        slot = (slot + 1) & mask
    return slot


@njit(cache=True)
def _match(keys: Keys, slots: NDArray[np.int64], records: Any, found: NDArray[np.bool_]) -> None:
    for k in range(keys.shape[0]):
        slots[_slot_of(keys, slots, keys[k, 0], keys[k, 1])] = k
    for i in range(records.shape[0]):
        slot = _slot_of(keys, slots, records[i].key_high, records[i].key_low)
        found[i] = slots[slot] >= 0


@njit(cache=True)
def _widen(spans: Keys, at: int, high: int, low: int) -> None:
    if high < spans[at, 0] or (high == spans[at, 0] and low < spans[at, 1]):
        spans[at, 0], spans[at, 1] = high, low
    if high > spans[at, 2] or (high == spans[at, 2] and low > spans[at, 3]):
        spans[at, 2], spans[at, 3] = high, low


@njit(cache=True)
def _span(records: Any, size: int, spans: Keys) -> None:
    for i in range(records.shape[0]):
        high, low, at = records[i].key_high, records[i].key_low, i // size
        if i % size == 0:
            spans[at, 0], spans[at, 1], spans[at, 2], spans[at, 3] = high, low, high, low
        _widen(spans, at, high, low)


def spans_of(records: Transfers, size: int) -> Keys:
    """The lowest and the highest key of each page of so many records, for `KeySpans.append`."""
    spans = np.zeros((-(-records.size // size), 4), np.uint64)
    _span(records, size, spans)
    return spans


def records_with(records: Transfers, keys: Keys) -> Transfers:
    """Those of some records, of type TRANSFER [n], whose key is one of `keys`."""
    found = np.zeros(records.size, np.bool_)
    size = max(_SLOTS_MIN, 1 << (2 * keys.shape[0]).bit_length())
    _match(keys, np.full(size, -1, np.int64), records, found)
    chosen: Transfers = records[found]
    return chosen


class KeySpans:
    """The lowest and highest key of every page, in the pages' order.

    Where keys grow with time, a key lies within one page or two, whatever their number.
    """

    def __init__(self) -> None:
        """Start with no page."""
        self._spans = np.zeros((BLOCK, 4), np.uint64)
        self._blocks = np.zeros((1, 4), np.uint64)
        self.pages = 0
        self.most = (0, 0)

    def append(self, spans: NDArray[np.uint64]) -> None:
        """Add pages, uint64 [n, 4]: both halves of the lowest key, then of the highest."""
        end = self.pages + spans.shape[0]
        while self._spans.shape[0] < end:
            self._spans = np.concatenate((self._spans, np.zeros_like(self._spans)))
            self._blocks = np.concatenate((self._blocks, np.zeros_like(self._blocks)))
        self._spans[self.pages : end] = spans
        for block in range(self.pages // BLOCK, -(-end // BLOCK)):
            self._blocks[block] = _hull(self._spans[block * BLOCK : min((block + 1) * BLOCK, end)])
            self.most = max(self.most, (int(self._blocks[block, 2]), int(self._blocks[block, 3])))
        self.pages = end

    def append_one(self, high: int, low: int) -> None:
        """Add a page of one key that is higher than any before; quicker than `append`."""
        at, block = self.pages, self.pages // BLOCK
        if at == self._spans.shape[0] or at % BLOCK == 0 or (high, low) <= self.most:
            self.append(np.array([[high, low, high, low]], np.uint64))
            return
        self._spans[at] = high, low, high, low
        self._blocks[block, 2:] = high, low
        self.most = (high, low)
        self.pages += 1

    def beyond(self, high: NDArray[np.uint64], low: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which keys are higher than any so far, and so surely new."""
        most_high, most_low = (np.uint64(half) for half in self.most)
        is_beyond: NDArray[np.bool_] = (high > most_high) | ((high == most_high) & (low > most_low))
        return is_beyond

    def pages_of(self, keys: Keys) -> NDArray[np.int64]:
        """Places, from 0, of the pages that may hold one of some keys, rising."""
        found = np.zeros(self.pages, np.bool_)
        blocks = -(-self.pages // BLOCK)
        _search(keys, self._spans[: self.pages], self._blocks[:blocks], found)
        return np.flatnonzero(found)


def _hull(spans: NDArray[np.uint64]) -> tuple[int, int, int, int]:
    """The span of some spans."""
    least, most = spans[:, 0].min(), spans[:, 2].max()
    below, above = spans[spans[:, 0] == least, 1].min(), spans[spans[:, 2] == most, 3].max()
    return int(least), int(below), int(most), int(above)
