"""A provider's scorecard: what it offered, delivered and cancelled, and what it asked for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import TypeAlias

from evernormal.domain.values import CardSeconds, Fen, Period
from evernormal.domain.values.money import ZERO

_NO_USE = CardSeconds(0)


class CapacityStage(Enum):
    """How far capacity came: held out, handed over, used."""

    OFFERED = "OFFERED"
    DELIVERED = "DELIVERED"
    USED = "USED"


@dataclass(frozen=True, slots=True)
class CapacityReported:
    """Capacity of one device class that a provider offered, delivered or saw used on a day."""

    provider_id: str
    device_class: str
    on: date
    stage: CapacityStage
    use: CardSeconds


@dataclass(frozen=True, slots=True)
class CancelledByProvider:
    """An order that its provider took back.

    undelivered  what the order still had coming
    days_lost    days until the buyer runs elsewhere, or until its voucher's extension ends, >= 0
    """

    provider_id: str
    device_class: str
    on: date
    order_id: str
    undelivered: CardSeconds
    days_lost: int


@dataclass(frozen=True, slots=True)
class PriceCharged:
    """What use cost at the provider's price, and what it would have cost at a benchmark.

    charged, benchmark  fen for the same use
    """

    provider_id: str
    device_class: str
    on: date
    charged: Fen
    benchmark: Fen


ScoreEvent: TypeAlias = CapacityReported | CancelledByProvider | PriceCharged
"""What a scorecard is made of."""


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """A provider's record with one device class. Card-hours of two classes are never added.

    cancelled_orders  orders that the provider took back, each counted once
    charged           fen, for the use that a benchmark is known for; `benchmark` fen likewise
    """

    provider_id: str
    device_class: str
    offered: CardSeconds = _NO_USE
    delivered: CardSeconds = _NO_USE
    used: CardSeconds = _NO_USE
    cancelled_orders: int = 0
    cancelled: CardSeconds = _NO_USE
    days_lost: int = 0
    charged: Fen = ZERO
    benchmark: Fen = ZERO

    @property
    def delivered_share(self) -> Fraction | None:
        """Delivered of offered; None where nothing was offered."""
        return _share(self.delivered.count, self.offered.count)

    @property
    def used_share(self) -> Fraction | None:
        """Used of delivered; None where nothing was delivered."""
        return _share(self.used.count, self.delivered.count)

    @property
    def cancelled_share(self) -> Fraction | None:
        """Cancelled of what would have been delivered without; None where that is nothing."""
        return _share(self.cancelled.count, self.cancelled.count + self.delivered.count)

    @property
    def price_ratio(self) -> Fraction | None:
        """Price against benchmark, weighted by use: 1 is at the benchmark; None without one."""
        return _share(self.charged.amount, self.benchmark.amount)


def score(events: Iterable[ScoreEvent], *, period: Period) -> tuple[ScoreLine, ...]:
    """Make the scorecards of a period.

    events   in any order; those of other days are left out. An order cancelled twice counts once,
             as it was first cancelled
    returns  one line for each provider and device class with an event, in order of both
    source   docs/reference/catalogue.md
    """
    of_line: dict[tuple[str, str], list[ScoreEvent]] = {}
    for event in events:
        if period.starts_on <= event.on < period.ends_on:
            of_line.setdefault((event.provider_id, event.device_class), []).append(event)
    return tuple(_line(*key, of_line[key]) for key in sorted(of_line))


def _line(provider_id: str, device_class: str, events: list[ScoreEvent]) -> ScoreLine:
    reported = [event for event in events if isinstance(event, CapacityReported)]
    charged = [event for event in events if isinstance(event, PriceCharged)]
    cancelled = _first_of_each_order(events)

    def reached(stage: CapacityStage) -> CardSeconds:
        return CardSeconds(sum(one.use.count for one in reported if one.stage is stage))

    return ScoreLine(
        provider_id=provider_id,
        device_class=device_class,
        offered=reached(CapacityStage.OFFERED),
        delivered=reached(CapacityStage.DELIVERED),
        used=reached(CapacityStage.USED),
        cancelled_orders=len(cancelled),
        cancelled=CardSeconds(sum(one.undelivered.count for one in cancelled)),
        days_lost=sum(one.days_lost for one in cancelled),
        charged=Fen(sum(one.charged.amount for one in charged)),
        benchmark=Fen(sum(one.benchmark.amount for one in charged)),
    )


def _first_of_each_order(events: Iterable[ScoreEvent]) -> list[CancelledByProvider]:
    found = [event for event in events if isinstance(event, CancelledByProvider)]
    found.sort(key=lambda one: (one.order_id, one.on, one.undelivered, one.days_lost))
    first: dict[str, CancelledByProvider] = {}
    for one in found:
        first.setdefault(one.order_id, one)
    return list(first.values())


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None
