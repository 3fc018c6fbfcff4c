"""Rating: metered use times a dated price, rounded once per order, local day and band."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, tzinfo
from fractions import Fraction

from evernormal.domain.market import MINIMUM, Order, PriceList, UnitPrice
from evernormal.domain.metering.cutting import DayCells, instant_of
from evernormal.domain.metering.usage import UsageRecord
from evernormal.domain.values import CardSeconds, Fen, Rounding, RoundingMode
from evernormal.domain.values.money import ZERO

CHARGE_ROUNDING = Rounding(RoundingMode.HALF_UP)
"""A charge is rounded to the nearest fen, a half upwards (docs/rules/rating.md)."""

_SECONDS_PER_HOUR = 3_600

Charged = tuple[int, Fen]
"""Card-seconds and fen charged so far."""


@dataclass(frozen=True, slots=True, order=True)
class DayUse:
    """All use of one order on one local day in one band; "" is the rest of the day."""

    order_id: str
    day: date
    band: str
    used: CardSeconds


@dataclass(frozen=True, slots=True)
class Charge:
    """What one order owes for one day and band, or by how much that changed.

    used     card-seconds; amount in fen. A correction carries the difference, which may be
             negative, so that the sum of an order's charges for a day is always its charge.
    price    hundredths of `currency` per card-hour, "" the programme's unit; `exchange` is what one
             of the currency is worth in that unit
    band     the hours; "" the rest of the day; MINIMUM what lifts the day to its minimum, beside
             the price of the row that sets it
    """

    order_id: str
    device_class: str
    day: date
    used_seconds: int
    price_fen_per_card_hour: Fen
    amount: Fen
    band: str = ""
    currency: str = ""
    exchange: Fraction = Fraction(1)


def rate_use(
    used: CardSeconds, price: Fen, rounding: Rounding, *, exchange: Fraction = Fraction(1)
) -> Fen:
    """Price the measured use of one device class.

    used      card-seconds, >= 0
    price     hundredths per card-hour (3,600 card-seconds) on the day of use
    exchange  fen for one of those hundredths; 1 where the price is in fen
    returns   fen, rounded once, here
    source    docs/rules/rating.md, cases in tests/golden
    """
    top = used.count * price.amount * exchange.numerator
    return rounding.to_fen(Fraction(top, exchange.denominator * _SECONDS_PER_HOUR))


def use_by_day(
    order: Order, records: Iterable[UsageRecord], *, prices: PriceList, zone: tzinfo
) -> tuple[DayUse, ...]:
    """Add up an order's records by local day and band, within the order's period.

    records  the versions that count, of this order's account, provider and device class; of
             another cluster than the order's site they are left out
    returns  in order of days, each use above nothing
    """
    cells = DayCells(order.price_key, prices=prices, zone=zone)
    opens_at = instant_of(order.period.starts_on, 0, zone=zone)
    closes_at = instant_of(order.period.ends_on, 0, zone=zone)
    seconds: dict[tuple[date, str], int] = defaultdict(int)
    for record in records:
        if order.site and order.site != record.key.cluster:
            continue
        start = max(record.key.starts_at.astimezone(UTC), opens_at)
        end = min(record.ends_at.astimezone(UTC), closes_at)
        for cell, held in cells.between(start, end) if start < end else ():
            seconds[cell.day, cell.band] += held * record.cards
    return tuple(
        DayUse(order.id, day, band, CardSeconds(n))
        for (day, band), n in sorted(seconds.items())
        if n
    )


def charges_due(
    order: Order,
    uses: Iterable[DayUse],
    *,
    prices: PriceList,
    charged: Mapping[tuple[date, str], Charged],
) -> tuple[Charge, ...]:
    """What must be charged now, so that each day's charges add up to its rated use.

    uses     the order's whole use by day and band, as metered so far; of the days asked about
    charged  card-seconds and fen charged so far, by day and band; of the same days
    returns  one charge for each day and band that changed, in order of days and bands, a day's
             minimum last; what was charged and has no use any more is charged back. A day's
             charges do not depend on other days, so that any whole days may be left out.
    raises   NoPrice, NoExchangeRate
    """
    used: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    before: dict[date, dict[str, Charged]] = defaultdict(dict)
    for use in uses:
        used[use.day][use.band] += use.used.count
    for (day, band), so_far in charged.items():
        before[day][band] = so_far
    return tuple(
        charge
        for day in sorted(used.keys() | before.keys())
        for charge in _due_on(_Day(order, day, prices), used.get(day, {}), before.get(day, {}))
    )


@dataclass(frozen=True, slots=True)
class _Day:
    """One order's day and its prices."""

    order: Order
    day: date
    prices: PriceList

    def price_of(self, band: str) -> UnitPrice:
        return self.prices.price_on(self.order.price_key, self.day, band)

    def minimum(self) -> Fen:
        return self.prices.minimum_on(self.order.price_key, self.day)

    def charge(self, band: str, seconds: int, price: UnitPrice, amount: Fen) -> Charge:
        return Charge(
            order_id=self.order.id,
            device_class=self.order.device_class,
            day=self.day,
            used_seconds=seconds,
            price_fen_per_card_hour=price.amount,
            amount=amount,
            band=band,
            currency=price.currency,
            exchange=price.exchange,
        )


def _due_on(day: _Day, used: Mapping[str, int], charged: Mapping[str, Charged]) -> Iterator[Charge]:
    """Give a day's changes: its bands by name, the rest of the day first, then its minimum."""
    rated = ZERO
    for band in sorted((used.keys() | charged.keys()) - {MINIMUM}):
        price, seconds = day.price_of(band), used.get(band, 0)
        amount = rate_use(
            CardSeconds(seconds), price.amount, CHARGE_ROUNDING, exchange=price.exchange
        )
        rated += amount
        seconds_before, before = charged.get(band, (0, ZERO))
        if amount != before or seconds != seconds_before:
            yield day.charge(band, seconds - seconds_before, price, amount - before)
    _, before = charged.get(MINIMUM, (0, ZERO))
    lift = max(day.minimum() - rated, ZERO) if any(used.values()) else ZERO
    if lift != before:
        yield day.charge(MINIMUM, 0, day.price_of(""), lift - before)


def total_of(charges: Iterable[Charge]) -> Fen:
    """The sum of charges, in fen."""
    return Fen(sum(charge.amount.amount for charge in charges))
