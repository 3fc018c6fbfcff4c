"""Rating at speed: card-seconds by order, local day and band, summed over columns of readings.

The twin of `domain.metering.use_by_day`; tests hold the two equal (tests/laws). What a cell costs
is left to `domain.metering.charges_due`: cells are few, readings are many.
"""

from evernormal.engines.rating.cuts import Cuts, cuts_of
from evernormal.engines.rating.files import card_seconds_of_files, rate_files
from evernormal.engines.rating.plan import RatingPlan, cells_of, plan_of, uses_of
from evernormal.engines.rating.sums import Readings, WrongReading, card_seconds_by_cell

__all__ = [
    "Cuts",
    "RatingPlan",
    "Readings",
    "WrongReading",
    "card_seconds_by_cell",
    "card_seconds_of_files",
    "cells_of",
    "cuts_of",
    "plan_of",
    "rate_files",
    "uses_of",
]
