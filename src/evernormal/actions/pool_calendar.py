"""The calendar of a pool as the orders and withdrawals of a year make it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from evernormal.actions.booked_cards import Pool, booked_orders
from evernormal.actions.desk import Desk
from evernormal.domain.allocation import Calendar, Reservation
from evernormal.domain.market import Withdrawal
from evernormal.domain.values import Period
from evernormal.store.models import Allocation, Programme

HOURS_PER_DAY: Final = 24


@dataclass(frozen=True, slots=True)
class PoolCalendar:
    """A calendar, and whose its reservations are.

    owners   order by reservation: an order that was amended has one for each of its steps
    """

    calendar: Calendar
    owners: Mapping[str, str]


def hour_of(day: date) -> int:
    """The number of a day's first hour on a pool's calendar."""
    return day.toordinal() * HOURS_PER_DAY


def day_of(hour: int) -> date:
    """The day that an hour on a pool's calendar lies in."""
    return date.fromordinal(hour // HOURS_PER_DAY)


def calendar_of(
    desk: Desk, programme: Programme, pool: Pool, *, on: date, out: Iterable[Withdrawal]
) -> PoolCalendar:
    """The calendar of a pool from a day on.

    desk     with the orders as they stand
    out      withdrawals that are counted
    raises   NoRoomOnCalendar where more is booked than there is
    """
    calendar, owners = Calendar("/".join(pool), desk.year.capacity.get(pool, 0)), dict[str, str]()
    booked = booked_orders(desk, programme, pool, during=Period(on, date.max))
    placed = Allocation.objects.filter(
        programme=programme, order_id__in={order.id for order, _, _ in booked}
    )
    numbers = dict(placed.values_list("order_id", "act__number"))
    for order, days, cards in sorted(booked, key=lambda one: (numbers[one[0].id], one[1])):
        if not cards or days.ends_on <= on:
            continue
        name = f"{order.id} {days.starts_on:%Y%m%d}"
        owners[name] = order.id
        starts, ends = hour_of(days.starts_on), hour_of(days.ends_on)
        # Amended orders may have fewer cards than their gangs were once made of.
        gang = order.gang_cards if cards % order.gang_cards == 0 else cards
        reservation = Reservation(
            name, cards, gang, starts, ends, order.priority, numbers[order.id]
        )
        calendar.place(reservation, at=0)
    for withdrawal in out:
        days_out = withdrawal.period
        if withdrawal.pool == pool and days_out.ends_on > on:
            starts_on = max(days_out.starts_on, on)
            calendar.withdraw(
                withdrawal.cards, starts=hour_of(starts_on), ends=hour_of(days_out.ends_on)
            )
    return PoolCalendar(calendar, owners)
