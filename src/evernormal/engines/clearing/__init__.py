"""Clearing at speed: a round as arrays, and the mechanisms that share its cards out."""

from evernormal.engines.clearing.certificate import certified_gap
from evernormal.engines.clearing.market import (
    Lot,
    Market,
    card_hours_of,
    lots_of,
    market_of,
    requests_of,
)
from evernormal.engines.clearing.proportional import Clearing, clear_proportionally

__all__ = [
    "Clearing",
    "Lot",
    "Market",
    "card_hours_of",
    "certified_gap",
    "clear_proportionally",
    "lots_of",
    "market_of",
    "requests_of",
]
