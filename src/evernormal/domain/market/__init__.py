"""Prices, quotes and orders: vouchers meet cards."""

from evernormal.domain.market.order import Order, ProviderAnswer, Quote, quote
from evernormal.domain.market.price import NoPrice, OverlappingPrices, Price, PriceList

__all__ = [
    "NoPrice",
    "Order",
    "OverlappingPrices",
    "Price",
    "PriceList",
    "ProviderAnswer",
    "Quote",
    "quote",
]
