"""Transfers as columns: one fixed record of 72 bytes each, in memory and in the stored journal."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from evernormal.domain.ledger import Phase, TransferCode

# Little-endian and without gaps, so that a page of the journal is these bytes and nothing else.
# A key of 0 is no key. `pended` is what the transfer adds to what is pending on both accounts:
# posting sets it, so that records can be added up without the pending ones that they resolve.
# `linked` is 1 where the next record stands or falls with this one.
TRANSFER = np.dtype(
    [
        ("key_high", "<u8"),
        ("key_low", "<u8"),
        ("pending_high", "<u8"),
        ("pending_low", "<u8"),
        ("debit", "<i8"),
        ("credit", "<i8"),
        ("amount", "<i8"),
        ("pended", "<i8"),
        ("day", "<i4"),
        ("phase", "<u1"),
        ("code", "<u1"),
        ("linked", "<u1"),
        ("spare", "<u1"),
    ]
)
AMOUNT_MAX = 1 << 62
"""No amount and no counter goes beyond, so that a sum of two always fits into 64 bits."""

PHASES = tuple(Phase)
CODES = tuple(TransferCode)
PHASE_NUMBERS = {phase: number for number, phase in enumerate(PHASES)}
CODE_NUMBERS = {code: number for number, code in enumerate(CODES)}

DEBITS_PENDING, DEBITS_POSTED, CREDITS_PENDING, CREDITS_POSTED = range(4)

Transfers = NDArray[np.void]
"""Records of the type TRANSFER."""


class Outcome(IntEnum):
    """How a linked set ended. POSTED also where every transfer of it was in the books before."""

    POSTED = 0
    TRANSFER_REUSED = 1
    SAME_ACCOUNT = 2
    NOT_POSITIVE = 3
    UNKNOWN_ACCOUNT = 4
    UNKNOWN_PENDING = 5
    ALREADY_RESOLVED = 6
    PENDING_EXCEEDED = 7
    OVERDRAFT = 8
    BEYOND_COLUMNS = 9
