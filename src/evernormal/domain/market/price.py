"""Dated prices of card-hours, by provider, site, class of card, plan and hours of the day."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from evernormal.domain.errors import DomainError
from evernormal.domain.market.band import EVERY_DAY, MINUTES_OF_DAY, Band
from evernormal.domain.values import Fen, Period, Rounding, RoundingMode
from evernormal.domain.values.money import ZERO

_TO_FEN: Final = Rounding(RoundingMode.HALF_UP)


@dataclass(frozen=True, slots=True, order=True)
class PriceKey:
    """What a price is for. It holds for exactly this, never for something near it.

    site      cluster of the meter's readings; "" where orders name no site
    plan      "" is the provider's plain plan
    known_on  day whose list counts, as a quote promises; date.max: that of the day of use
    """

    provider_id: str
    device_class: str
    site: str = ""
    plan: str = ""
    known_on: date = date.max

    @property
    def unquoted(self) -> "PriceKey":
        """The same without a quote: the list of the day of use counts."""
        return replace(self, known_on=date.max)

    def __str__(self) -> str:
        return " / ".join(part for part in (self.device_class, self.site, self.plan) if part)


class NoPrice(DomainError):
    """No price is in force: use is refused and reported, never rated at zero."""

    code = "price.none"

    def __init__(self, *, key: PriceKey, day: date, band: str = "") -> None:
        self.provider_id, self.device_class, self.day = key.provider_id, str(key), day
        self.band = band
        hours = f" in {band} hours" if band else ""
        super().__init__(
            f"Provider {key.provider_id} has no price for {key} on {day}{hours}. "
            "Add a dated row to the price list."
        )


class OverlappingPrices(DomainError):
    """Two prices are in force at the same time."""

    code = "price.overlap"

    def __init__(self, *, key: PriceKey, day: date) -> None:
        self.provider_id, self.device_class, self.day = key.provider_id, str(key), day
        super().__init__(
            f"Provider {key.provider_id} has two prices for {key} on {day}. "
            "End the first before the second starts."
        )


class NoExchangeRate(DomainError):
    """A price is in another currency, and no rate is in force on the day."""

    code = "price.no_exchange_rate"

    def __init__(self, *, currency: str, day: date) -> None:
        self.currency, self.day = currency, day
        super().__init__(
            f"There is no exchange rate for {currency} on {day}. Add a dated row to the rates."
        )


class OverlappingRates(DomainError):
    """Two exchange rates of a currency are in force on the same day."""

    code = "price.rates_overlap"

    def __init__(self, *, currency: str, day: date) -> None:
        self.currency, self.day = currency, day
        super().__init__(
            f"{currency} has two exchange rates on {day}. End the first before the second starts."
        )


@dataclass(frozen=True, slots=True)
class Price:
    """A price of one card-hour; `ends_on` is the first day it no longer holds, None is open.

    band          the hours that it holds for; None: the rest of the day
    minimum       least that an order with use on a day is charged for the day; of a price without
                  band
    currency      ISO 4217 code of both amounts, which are hundredths of it; "" is the programme's
                  unit
    published_on  first day on which it was known; date.min: from the beginning
    """

    provider_id: str
    device_class: str
    starts_on: date
    ends_on: date | None
    price_fen_per_card_hour: Fen
    site: str = ""
    plan: str = ""
    band: Band | None = None
    minimum: Fen = ZERO
    currency: str = ""
    published_on: date = date.min

    @property
    def key(self) -> PriceKey:
        """What the price is for."""
        return PriceKey(self.provider_id, self.device_class, self.site, self.plan)

    def holds_on(self, day: date) -> bool:
        """Whether it is in force in some hour of a day."""
        is_dated = self.starts_on <= day and (self.ends_on is None or day < self.ends_on)
        return is_dated and (self.band is None or day.weekday() in self.band.weekdays)


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """What one unit of a currency is worth in the programme's unit; `ends_on` as of a price."""

    currency: str
    starts_on: date
    ends_on: date | None
    rate: Fraction


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """What a card-hour costs in some hours of a day, as listed.

    amount    hundredths of the currency per card-hour
    exchange  the programme's units for one of the currency's
    """

    amount: Fen
    currency: str = ""
    exchange: Fraction = Fraction(1)

    @property
    def exact_fen(self) -> Fraction:
        """Fen per card-hour, not rounded."""
        return self.amount.amount * self.exchange


@dataclass(frozen=True, slots=True)
class _DayPrices:
    """The price list of one day: its hours in order, each from a minute on, and their prices."""

    hours: tuple[tuple[int, str], ...]
    by_band: dict[str, Price]


class PriceList:
    """Prices by key, and the rates of their currencies.

    Of the prices that are known on a day and hold in the same hours the latest published counts:
    what it takes the place of counts in none of its hours. Of those published on one day at most
    one is in force at any time.
    """

    def __init__(self, prices: Iterable[Price], rates: Iterable[ExchangeRate] = ()) -> None:
        """Order the prices.

        raises   OverlappingPrices, OverlappingRates
        """
        self._prices: dict[PriceKey, list[Price]] = defaultdict(list)
        self._rates: dict[str, list[ExchangeRate]] = defaultdict(list)
        # A day's prices as they were put together once: every cell of use asks for them.
        self._days: dict[tuple[PriceKey, date], _DayPrices] = {}
        for price in sorted(prices, key=lambda p: p.starts_on):
            of_key = self._prices[price.key]
            for other in of_key:
                day = find_clash(other, price)
                if day is not None:
                    raise OverlappingPrices(key=price.key, day=day)
            of_key.append(price)
        for rate in sorted(rates, key=lambda r: r.starts_on):
            of_currency = self._rates[rate.currency]
            last = of_currency[-1] if of_currency else None
            if last and (last.ends_on is None or last.ends_on > rate.starts_on):
                raise OverlappingRates(currency=rate.currency, day=rate.starts_on)
            of_currency.append(rate)

    def price_on(self, key: PriceKey, day: date, band: str = "") -> UnitPrice:
        """What a card-hour costs on a day, in a band's hours or, for "", in the rest of it.

        raises   NoPrice, NoExchangeRate
        """
        price = self._on(key, day).by_band.get(band)
        if price is None:
            raise NoPrice(key=key, day=day, band=band)
        return self._in_unit(price, day)

    def dearest_on(self, key: PriceKey, day: date) -> UnitPrice:
        """What a card-hour costs in the dearest hours of a day: enough to pay for any.

        raises   NoPrice when some hour of the day has no price, NoExchangeRate
        """
        bands = {band for _, band in self.hours_on(key, day)}
        found = [self.price_on(key, day, band) for band in sorted(bands)]
        return max(found, key=lambda price: price.exact_fen)

    def dearest_in(self, key: PriceKey, period: Period) -> UnitPrice:
        """What a card-hour costs in the dearest hours of a period: use in it never costs more.

        raises   NoPrice when some hour of the period has no price, NoExchangeRate
        """
        days = (period.ends_on - period.starts_on).days
        found = [self.dearest_on(key, period.starts_on + timedelta(n)) for n in range(days)]
        return max(found, key=lambda price: price.exact_fen)

    def minimum_on(self, key: PriceKey, day: date) -> Fen:
        """Fen that an order with use on a day is charged at least for it; 0 where none is set.

        returns  rounded once, HALF_UP, from the price's currency
        raises   NoExchangeRate
        """
        price = self._on(key, day).by_band.get("")
        if price is None or not price.minimum.amount:
            return ZERO
        return _TO_FEN.to_fen(price.minimum.amount * self._in_unit(price, day).exchange)

    def hours_on(self, key: PriceKey, day: date) -> tuple[tuple[int, str], ...]:
        """How a day is cut into bands.

        returns  (minute of the local day, band in force from then on) in order; the first is
                 minute 0, and "" is the rest of the day, which may have no price
        """
        return self._on(key, day).hours

    def _on(self, key: PriceKey, day: date) -> _DayPrices:
        known = self._days.get((key, day))
        if known is None:
            listed, known_on = self._prices.get(key.unquoted, ()), min(key.known_on, day)
            prices = _latest(
                price for price in listed if price.published_on <= known_on and price.holds_on(day)
            )
            by_band = {price.band.name if price.band else "": price for price in prices}
            bands = [price.band for price in prices if price.band]
            known = self._days[key, day] = _DayPrices(_hours(bands), by_band)
        return known

    def _in_unit(self, price: Price, day: date) -> UnitPrice:
        amount = price.price_fen_per_card_hour
        if not price.currency:
            return UnitPrice(amount)
        for rate in self._rates.get(price.currency, ()):
            if rate.starts_on <= day and (rate.ends_on is None or day < rate.ends_on):
                return UnitPrice(amount, price.currency, rate.rate)
        raise NoExchangeRate(currency=price.currency, day=day)


def find_clash(one: Price, other: Price) -> date | None:
    """The first day on which two prices of one key would both be in force in some hour, or None.

    A price for a band and one for the rest of the day do not clash, but two of one band do; a
    price that was published later takes the place of the earlier one.
    """
    if one.published_on != other.published_on or not _is_for_same_hours(one, other):
        return None
    bands = [price.band.weekdays for price in (one, other) if price.band]
    weekdays = EVERY_DAY.intersection(*bands)
    day = max(one.starts_on, other.starts_on)
    while day.weekday() not in weekdays:
        day += timedelta(days=1)
    return day if one.holds_on(day) and other.holds_on(day) else None


def _is_for_same_hours(one: Price, other: Price) -> bool:
    """Whether two prices of one key would both be for some hour, were both in force."""
    if one.band and other.band:
        return one.band.meets(other.band)
    return one.band is other.band


def _latest(prices: Iterable[Price]) -> list[Price]:
    """The prices of a day without those in whose place a later published one came."""
    kept: list[Price] = []
    for price in sorted(prices, key=lambda price: price.published_on, reverse=True):
        if not any(_is_for_same_hours(price, later) for later in kept):
            kept.append(price)
    return kept


def _hours(bands: Iterable[Band]) -> tuple[tuple[int, str], ...]:
    """Lay the bands' hours out over a day, with the rest of the day between them."""
    hours: list[tuple[int, str]] = []
    reached = 0
    for start, end, name in sorted((a, b, band.name) for band in bands for a, b in band.hours):
        if start > reached:
            hours.append((reached, ""))
        if not hours or hours[-1][1] != name or start > reached:
            hours.append((start, name))
        reached = end
    if reached < MINUTES_OF_DAY:
        hours.append((reached, ""))
    return tuple(hours)
