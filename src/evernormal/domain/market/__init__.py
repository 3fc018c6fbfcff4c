"""Prices, quotes and orders: vouchers meet cards."""

from evernormal.domain.market.band import EVERY_DAY, MINIMUM, MINUTES_OF_DAY, Band
from evernormal.domain.market.order import Order, ProviderAnswer, Quote, quote
from evernormal.domain.market.order_change import (
    OrderChange,
    OrderChangeKind,
    changed,
    ended,
    replacement_id,
)
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
from evernormal.domain.market.quote_request import (
    VALID_AT_MOST,
    VALID_FOR,
    QuoteRefusal,
    QuoteRequest,
    quote_request,
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
from evernormal.domain.market.withdrawal import Withdrawal

__all__ = [
    "EVERY_DAY",
    "MINIMUM",
    "MINUTES_OF_DAY",
    "VALID_AT_MOST",
    "VALID_FOR",
    "Band",
    "CancelledByProvider",
    "CapacityReported",
    "CapacityStage",
    "CustomerGroup",
    "ExchangeRate",
    "NoExchangeRate",
    "NoPrice",
    "Order",
    "OrderChange",
    "OrderChangeKind",
    "OverlappingPrices",
    "OverlappingRates",
    "Price",
    "PriceCharged",
    "PriceKey",
    "PriceList",
    "ProviderAnswer",
    "Quote",
    "QuoteRefusal",
    "QuoteRequest",
    "ReservedBeyondCapacity",
    "ReservedShares",
    "ScoreEvent",
    "ScoreLine",
    "UnitPrice",
    "Withdrawal",
    "changed",
    "ended",
    "find_clash",
    "quote",
    "quote_request",
    "replacement_id",
    "reserve_shares",
    "score",
]
