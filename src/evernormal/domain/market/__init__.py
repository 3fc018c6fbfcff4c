"""Prices, quotes and orders: vouchers meet cards."""

from evernormal.domain.market.band import EVERY_DAY, MINIMUM, MINUTES_OF_DAY, Band
from evernormal.domain.market.order import Order, ProviderAnswer, Quote, quote
from evernormal.domain.market.price import (
    ExchangeRate,
    NoExchangeRate,
    NoPrice,
    OverlappingPrices,
    OverlappingRates,
    Price,
    PriceKey,
    PriceList,
    UnitPrice,
    find_clash,
)
from evernormal.domain.market.reserved_shares import (
    CustomerGroup,
    ReservedBeyondCapacity,
    ReservedShares,
    reserve_shares,
)
from evernormal.domain.market.scorecard import (
    CancelledByProvider,
    CapacityReported,
    CapacityStage,
    PriceCharged,
    ScoreEvent,
    ScoreLine,
    score,
)

__all__ = [
    "EVERY_DAY",
    "MINIMUM",
    "MINUTES_OF_DAY",
    "Band",
    "CancelledByProvider",
    "CapacityReported",
    "CapacityStage",
    "CustomerGroup",
    "ExchangeRate",
    "NoExchangeRate",
    "NoPrice",
    "Order",
    "OverlappingPrices",
    "OverlappingRates",
    "Price",
    "PriceCharged",
    "PriceKey",
    "PriceList",
    "ProviderAnswer",
    "Quote",
    "ReservedBeyondCapacity",
    "ReservedShares",
    "ScoreEvent",
    "ScoreLine",
    "UnitPrice",
    "find_clash",
    "quote",
    "reserve_shares",
    "score",
]
