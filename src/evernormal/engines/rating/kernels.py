"""The two passes over readings compiled: names into numbers, and card-seconds into cells.

The functions are small on purpose: a for-loop inside a while-loop has crashed the compiler. They
hand on plain arrays, and let other threads run. `.py_func` is the same in plain Python: the tests'
oracle.
"""

from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Views = NDArray[np.uint64]

HINT_BITS: Final = 12
"""Cells are looked up by stretches of 4,096 seconds: short against a day, 8,000 in a year."""
GROSS_BITS: Final = 20
"""Card-seconds are bounded in units of 2**20, rounded up, so that the bound itself has room."""
ROWS_MAX: Final = 1 << 20
"""Rows of one call: their bounds, each below 2**42, then add up to less than 2**63."""

_MIX = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


@njit(cache=True, nogil=True)
def _cell_at(edges: Ints, hints: Ints, instant: int) -> Any:
    """The cell that holds an instant."""
    cell = hints[(instant - edges[0]) >> HINT_BITS]
    while edges[cell + 1] <= instant:
        cell += 1
    return cell


@njit(cache=True, nogil=True)
def _spread(  # noqa: PLR0913, PLR0917 - plain arrays, as said above
    sums: Ints, edges: Ints, base: int, cell: int, start: int, end: int, held: int
) -> None:
    """Add what is held from start to end to each cell that it meets."""
    while start < end:
        stop = min(end, edges[cell + 1])
        sums[base + cell] += (stop - start) * held
        start = stop
        cell += 1


@njit(cache=True, nogil=True)
def add_readings(  # noqa: PLR0913, PLR0917 - the same
    sums: Ints,
    edges: Ints,
    hints: Ints,
    opens: Ints,
    closes: Ints,
    bases: Ints,
    groups: Codes,
    starts: Ints,
    ends: Ints,
    cards: Codes,
    weights: NDArray[np.int8],
) -> Any:
    """Add readings' card-seconds to the cells of their groups.

    sums     int64, changed in place; cell c of group g is sums[bases[g] + c]
    edges    int64 [cells + 1], rising: a cell is from one edge to the next, less than 2**31 seconds
             from the first to the last
    hints    int64: the cell that holds the start of each stretch of 2**HINT_BITS seconds
    opens, closes   int64 [groups]: what counts of each group, within the edges
    groups   int32 [n], -1 is nobody's; n is at most ROWS_MAX
    starts, ends    int64 [n], epoch seconds
    weights  int8 [n]: 1, or -1 for a reading that is taken back
    returns  a bound in units of 2**GROSS_BITS on what any sum changed by; or -1 - i where reading i
             has fewer than no cards or another weight
    """
    gross = 0
    for i in range(groups.size):
        group = groups[i]
        if group < 0:
            continue
        if cards[i] < 0 or weights[i] > 1 or weights[i] < -1:
            return -1 - i
        start = max(starts[i], opens[group])
        end = min(ends[i], closes[group])
        if start >= end:
            continue
        held = np.int64(cards[i]) * weights[i]
        gross += (((end - start) * cards[i]) >> GROSS_BITS) + 1
        _spread(sums, edges, bases[group], _cell_at(edges, hints, start), start, end, held)
    return gross


@njit(cache=True, nogil=True)
def _slot_of(slots: Codes, known: Views, low: int, high: int) -> Any:
    """The slot that holds a view, or the empty one where it belongs."""
    mask = slots.size - 1
    slot = np.int64(((high ^ (low * _MIX)) * _MIX) >> _HALF) & mask
    while slots[slot] >= 0:
        number = slots[slot]
        if known[number, 0] == low and known[number, 1] == high:
            return slot
        slot = (slot + 1) & mask
    return slot


@njit(cache=True, nogil=True)
def number_views(views: Views, slots: Codes, known: Views, firsts: Ints, numbers: Codes) -> Any:
    """Number the distinct views of a column in the order of their first rows.

    views    uint64 [n, 2]; equal ones mean equal texts, different ones may
    slots    int32 [2**k], all -1: open addressing
    known    uint64 [at most 2**(k-1), 2], firsts int64 of that length: filled by number
    numbers  int32 [n]: filled by row
    returns  how many there are, or -1 when there are more than `known` has room for
    """
    count = 0
    for i in range(views.shape[0]):
        slot = _slot_of(slots, known, views[i, 0], views[i, 1])
        if slots[slot] < 0:
            if count == firsts.size:
                return -1
            known[count, 0] = views[i, 0]
            known[count, 1] = views[i, 1]
            firsts[count] = i
            slots[slot] = count
            count += 1
        numbers[i] = slots[slot]
    return count


@njit(cache=True, nogil=True)
def group_rows(  # noqa: PLR0913, PLR0917 - the same
    contracts: Codes,
    contract_of: Codes,
    classes: Codes,
    class_of: Codes,
    clusters: Codes,
    cluster_of: Codes,
    pairs: Codes,
    sites: Codes,
    groups: Codes,
) -> None:
    """Find the group of each row.

    contracts, classes, clusters   int32 [n]: which text of the column each row has
    contract_of, class_of, cluster_of   int32: what the orders call each text; -1 for a contract or
             class that none has
    pairs    int32 [contracts, classes]: the pair's number, -1 where no order has it
    sites    int32 [pairs, clusters]: the group
    groups   int32 [n]: filled
    """
    for i in range(groups.size):
        contract = contract_of[contracts[i]]
        device_class = class_of[classes[i]]
        groups[i] = -1
        if contract >= 0 and device_class >= 0:
            pair = pairs[contract, device_class]
            if pair >= 0:
                groups[i] = sites[pair, cluster_of[clusters[i]]]
