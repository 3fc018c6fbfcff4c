"""Rating: metered use times a dated price, rounded once per order, device class and day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, tzinfo
from fractions import Fraction

from evernormal.domain.market import Order, PriceList
from evernormal.domain.metering.usage import UsageRecord, day_slices
from evernormal.domain.values import CardSeconds, Fen, Rounding, RoundingMode

CHARGE_ROUNDING = Rounding(RoundingMode.HALF_UP)
"""A day's charge is rounded to the nearest fen, a half upwards (docs/rules/rating.md)."""

_SECONDS_PER_HOUR = 3_600


@dataclass(frozen=True, slots=True, order=True)
class DayUse:
    """All use of one order on one day."""

    order_id: str
    day: date
    used: CardSeconds


@dataclass(frozen=True, slots=True)
class Charge:
    """What one order owes for one day, or by how much that changed.

    used     card-seconds; amounts in fen. A correction carries the difference, which may be
             negative, so that the sum of an order's charges for a day is always its charge.
    """

    order_id: str
    device_class: str
    day: date
    used_seconds: int
    price_fen_per_card_hour: Fen
    amount: Fen


def rate_use(used: CardSeconds, price: Fen, rounding: Rounding) -> Fen:
    """Price the measured use of one device class.

    used      card-seconds, >= 0
    price     fen per card-hour (3,600 card-seconds) on the day of use
    returns   fen, rounded once, here
    source    docs/rules/rating.md, cases in tests/golden
    """
    return rounding.to_fen(Fraction(used.count * price.amount, _SECONDS_PER_HOUR))


def use_by_day(order: Order, records: Iterable[UsageRecord], *, zone: tzinfo) -> tuple[DayUse, ...]:
    """Add up an order's records by local day, within the order's period.

    records  the versions that count, of this order's account, provider and device class
    """
    seconds: dict[date, int] = defaultdict(int)
    for record in records:
        for day, used in day_slices(record, within=order.period, zone=zone):
            seconds[day] += used.count
    return tuple(DayUse(order.id, day, CardSeconds(n)) for day, n in sorted(seconds.items()))


def charges_due(
    order: Order,
    uses: Iterable[DayUse],
    *,
    prices: PriceList,
    charged: Mapping[date, tuple[int, Fen]],
) -> tuple[Charge, ...]:
    """What must be charged now, so that each day's charges add up to its rated use.

    uses     the order's whole use by day, as metered so far
    charged  card-seconds and fen charged so far, by day
    returns  one charge for each day that changed, in order of days; a day that was charged
             and has no use any more is charged back
    raises   NoPrice
    """
    used_on = {use.day: use.used for use in uses}
    due = []
    for day in sorted(used_on.keys() | charged.keys()):
        used = used_on.get(day, CardSeconds(0))
        before_seconds, before = charged.get(day, (0, Fen(0)))
        price = prices.price_on(order.provider_id, order.device_class, day)
        amount = rate_use(used, price, CHARGE_ROUNDING) - before
        if amount.amount or used.count != before_seconds:
            due.append(
                Charge(
                    order_id=order.id,
                    device_class=order.device_class,
                    day=day,
                    used_seconds=used.count - before_seconds,
                    price_fen_per_card_hour=price,
                    amount=amount,
                )
            )
    return tuple(due)


def total_of(charges: Iterable[Charge]) -> Fen:
    """The sum of charges, in fen."""
    return Fen(sum(charge.amount.amount for charge in charges))
