"""What a pool's calendar says of the days to come: reserved, withdrawn, and the spot remainder."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from evernormal.actions.booked_cards import Pool
from evernormal.actions.desk import Desk
from evernormal.actions.pool_calendar import PoolCalendar, calendar_of, day_of, hour_of
from evernormal.domain.allocation import NoRoomOnCalendar
from evernormal.domain.market import Withdrawal
from evernormal.domain.values import Period
from evernormal.store.models import Programme
from evernormal.store.queries.waiting_orders import list_waiting


@dataclass(frozen=True, slots=True)
class PoolDays:
    """Days in a row on which nothing changes on a pool's calendar.

    withdrawn   cards that its provider took out
    reserved    cards that orders have, and which orders these are
    spot        cards that nobody has reserved: on offer until an order needs them
    """

    pool: Pool
    days: Period
    cards: int
    withdrawn: int
    reserved: int
    orders: tuple[str, ...]
    spot: int


def list_pool_days(desk: Desk, *, within: Period) -> Iterator[PoolDays]:
    """The calendar of every pool, stretch by stretch.

    desk     with the orders as they stand on the first of the days
    within   from today on
    """
    programme = Programme.objects.filter(id=desk.programme_id).first()
    if programme is None:
        return
    out = [each for each in desk.year.withdrawals if each.told_on <= within.starts_on]
    for pool in sorted(desk.year.capacity):
        of_pool = [each for each in out if each.pool == pool]
        try:
            known = calendar_of(desk, programme, pool, on=within.starts_on, out=of_pool)
        except NoRoomOnCalendar:
            continue
        for days in _stretches(known, of_pool, within):
            yield _on(known, of_pool, pool, days)


def waiting_orders(desk: Desk) -> list[str]:
    """The orders that wait for cards, in the order in which they came."""
    programme = Programme.objects.filter(id=desk.programme_id).first()
    if programme is None:
        return []
    return list_waiting(programme, [order.id for order in desk.year.orders if order.waits_until])


def _stretches(known: PoolCalendar, out: list[Withdrawal], within: Period) -> Iterator[Period]:
    marks = {within.starts_on, within.ends_on}
    for held in known.calendar.reservations:
        marks |= {day_of(held.starts), day_of(held.ends)}
    for each in out:
        marks |= {each.period.starts_on, each.period.ends_on}
    days = sorted(day for day in marks if within.starts_on <= day <= within.ends_on)
    for first, end in pairwise(days):
        yield Period(first, end)


def _on(known: PoolCalendar, out: list[Withdrawal], pool: Pool, days: Period) -> PoolDays:
    first = days.starts_on
    starts, ends = hour_of(first), hour_of(days.ends_on)
    held = [r for r in known.calendar.reservations if r.starts <= starts < r.ends]
    return PoolDays(
        pool=pool,
        days=days,
        cards=known.calendar.cards,
        withdrawn=sum(each.cards for each in out if each.period.holds(first)),
        reserved=sum(r.cards for r in held),
        orders=tuple(known.owners[r.id] for r in held),
        spot=known.calendar.free(starts=starts, ends=ends),
    )
