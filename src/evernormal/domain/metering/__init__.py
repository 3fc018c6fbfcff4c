"""Usage records, counted once, cut by day, and priced."""

from evernormal.domain.metering.cutting import cells_on, instant_of
from evernormal.domain.metering.payers import Part, Payer, share_out
from evernormal.domain.metering.rating import (
    CHARGE_ROUNDING,
    Charge,
    DayUse,
    charges_due,
    rate_use,
    total_of,
    use_by_day,
)
from evernormal.domain.metering.usage import (
    ConflictingUsage,
    Metered,
    UsageKey,
    UsageRecord,
    day_slices,
    meter,
)

__all__ = [
    "CHARGE_ROUNDING",
    "Charge",
    "ConflictingUsage",
    "DayUse",
    "Metered",
    "Part",
    "Payer",
    "UsageKey",
    "UsageRecord",
    "cells_on",
    "charges_due",
    "day_slices",
    "instant_of",
    "meter",
    "rate_use",
    "share_out",
    "total_of",
    "use_by_day",
]
