"""Who gets which cards, for orders taken as they come."""

from evernormal.domain.allocation.allocation import (
    Allocation,
    AllocationLimb,
    allocate,
    peak_cards,
)

__all__ = ["Allocation", "AllocationLimb", "allocate", "peak_cards"]
