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

__all__ = [
    "EVERY_DAY",
    "MINIMUM",
    "MINUTES_OF_DAY",
    "Band",
    "ExchangeRate",
    "NoExchangeRate",
    "NoPrice",
    "Order",
    "OverlappingPrices",
    "OverlappingRates",
    "Price",
    "PriceKey",
    "PriceList",
    "ProviderAnswer",
    "Quote",
    "UnitPrice",
    "find_clash",
    "quote",
]
