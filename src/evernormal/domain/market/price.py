"""Dated price lists of card-hours."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from evernormal.domain.errors import DomainError
from evernormal.domain.values import Fen


class NoPrice(DomainError):
    """No price is in force: use is refused and reported, never rated at zero."""

    code = "price.none"

    def __init__(self, *, provider_id: str, device_class: str, day: date) -> None:
        self.provider_id, self.device_class, self.day = provider_id, device_class, day
        super().__init__(
            f"Provider {provider_id} has no price for {device_class} on {day}. "
            "Add a dated row to the price list."
        )


class OverlappingPrices(DomainError):
    """Two prices are in force on the same day."""

    code = "price.overlap"

    def __init__(self, *, provider_id: str, device_class: str, day: date) -> None:
        self.provider_id, self.device_class, self.day = provider_id, device_class, day
        super().__init__(
            f"Provider {provider_id} has two prices for {device_class} on {day}. "
            "End the first before the second starts."
        )


@dataclass(frozen=True, slots=True)
class Price:
    """A price of one card-hour; `ends_on` is the first day it no longer holds, None is open."""

    provider_id: str
    device_class: str
    starts_on: date
    ends_on: date | None
    price_fen_per_card_hour: Fen


class PriceList:
    """Prices by provider and device class, at most one in force on any day."""

    def __init__(self, prices: Iterable[Price]) -> None:
        """Order the prices.

        raises   OverlappingPrices
        """
        self._prices: dict[tuple[str, str], list[Price]] = defaultdict(list)
        for price in sorted(prices, key=lambda p: p.starts_on):
            cell = self._prices[price.provider_id, price.device_class]
            if cell and (cell[-1].ends_on is None or cell[-1].ends_on > price.starts_on):
                raise OverlappingPrices(
                    provider_id=price.provider_id,
                    device_class=price.device_class,
                    day=price.starts_on,
                )
            cell.append(price)

    def price_on(self, provider_id: str, device_class: str, day: date) -> Fen:
        """Fen per card-hour on a day.

        raises   NoPrice
        """
        for price in self._prices.get((provider_id, device_class), ()):
            if price.starts_on <= day and (price.ends_on is None or day < price.ends_on):
                return price.price_fen_per_card_hour
        raise NoPrice(provider_id=provider_id, device_class=device_class, day=day)
