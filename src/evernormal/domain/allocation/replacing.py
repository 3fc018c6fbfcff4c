"""Where an order runs on when its provider takes it back: the best of what others offer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from evernormal.domain.allocation.calendar_profile import Profile
from evernormal.domain.values import Fen, Period


class NoPlaceReason(Enum):
    """Why an order does not run on at a provider."""

    NOT_SIGNED = "NOT_SIGNED"
    RULE = "RULE"
    NO_CARDS = "NO_CARDS"
    NO_PRICE = "NO_PRICE"
    OTHER_ORDER = "OTHER_ORDER"
    TERM = "TERM"
    VOUCHER = "VOUCHER"


@dataclass(frozen=True, slots=True)
class Room:
    """Cards of a pool that are free for all days of a stretch."""

    cards: int
    starts_on: date


@dataclass(frozen=True, slots=True)
class PlaceOffered:
    """Somewhere an order can run on.

    cards       that it would get, > 0
    listed      fen that the rest of it costs there
    preference  0 for the order's own class, then the buyer's other classes in turn
    """

    contract_id: str
    provider_id: str
    device_class: str
    site: str
    cards: int
    period: Period
    listed: Fen
    preference: int


def find_room(
    booked: Iterable[tuple[Period, int]],
    *,
    cards: Sequence[int],
    capacity: int,
    within: Period,
    days: int,
) -> Room | None:
    """The first of some numbers of cards that a pool has free for so many days in a row.

    booked    (days, cards) of the pool's orders
    cards     numbers to try, the most wanted first, each > 0
    capacity  cards of the pool
    within    the stretch may begin on any day of it
    days      length of the stretch, > 0; it may end after `within`
    returns   the earliest stretch for the first number that fits, or None
    source    docs/rules/cancellation.md
    """
    profile = Profile()
    for period, taken in booked:
        starts, ends = period.starts_on.toordinal(), period.ends_on.toordinal()
        profile.add(taken, starts=starts, ends=ends)
    last = within.last_on.toordinal() + days
    for wanted in cards:
        if wanted > capacity:
            continue
        first = profile.first_gap(
            days, most=capacity - wanted, not_before=within.starts_on.toordinal(), ends=last
        )
        if first is not None:
            return Room(wanted, date.fromordinal(first))
    return None


def best_place(offered: Iterable[PlaceOffered]) -> PlaceOffered | None:
    """The best of the places: most cards, then soonest, cheapest, by the buyer's preference."""
    return min(
        offered,
        key=lambda place: (
            -place.cards,
            place.period.starts_on,
            place.listed,
            place.preference,
            place.contract_id,
            place.site,
        ),
        default=None,
    )


def days_lost(period: Period, *, since: date, resumed_on: date | None) -> int:
    """Days of an order that its buyer could not use, as the clause on validity counts them.

    since       first day without the provider
    resumed_on  first day elsewhere; None: nowhere, so that all the days that were left are lost
    """
    first = max(since, period.starts_on)
    until = period.ends_on if resumed_on is None else resumed_on
    return max((until - first) // timedelta(days=1), 0)
