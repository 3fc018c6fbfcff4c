"""Who gets which cards: orders taken as they come, and rounds that clear many requests."""

from evernormal.domain.allocation.allocation import (
    Allocation,
    AllocationLimb,
    Purse,
    allocate,
    peak_cards,
)
from evernormal.domain.allocation.request import Arc, Pool, Request, Round

__all__ = [
    "Allocation",
    "AllocationLimb",
    "Arc",
    "Pool",
    "Purse",
    "Request",
    "Round",
    "allocate",
    "peak_cards",
]
