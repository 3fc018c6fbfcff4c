"""Cards that an order hardly uses go back to the pool, as the terms of the calendar say."""

import math
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from evernormal.actions.booked_cards import Pool
from evernormal.actions.desk import Desk
from evernormal.actions.order_cancellation import cancel_order
from evernormal.actions.pool_calendar import HOURS_PER_DAY, PoolCalendar, calendar_of, hour_of
from evernormal.actions.standing_orders import with_standing_orders
from evernormal.domain.allocation import (
    CalendarTerms,
    IdleCardsRecalled,
    NoCalendarTerms,
    NoRoomOnCalendar,
    recall_idle,
    terms_on,
)
from evernormal.domain.audit import Json
from evernormal.domain.market import OrderChange, OrderChangeKind
from evernormal.domain.values import Period, ratio_text
from evernormal.store.models import Programme
from evernormal.store.queries.told_use import told_until, used_in

_CAUSE: Final = "IDLE"
_SECONDS_PER_HOUR: Final = 3_600


def recall_idle_cards(desk: Desk, on: date) -> None:
    """End orders that used less of their cards than the terms ask for, after the notice.

    What is looked back on ends on the last day before the provider's last reading: of later days
    nobody knows. A provider that has told nothing for as long as is looked back on is no ground
    to take cards away.
    """
    try:
        terms = terms_on(desk.year.programme.calendar_terms, on)
    except NoCalendarTerms:
        return
    programme = Programme.objects.get(id=desk.programme_id)
    for pool in sorted(desk.year.capacity):
        now = with_standing_orders(desk)
        known = _calendar(now, programme, pool, on=on)
        days = _looked_back_on(now, programme, pool[0], terms=terms, on=on)
        if known is None or days is None:
            continue
        used = _used(programme, known, days)
        idle = recall_idle(
            known.calendar,
            used=used,
            at=hour_of(on),
            told_until=hour_of(days.ends_on),
            terms=terms,
        )
        for order_id in dict.fromkeys(known.owners[each.reservation.id] for each in idle):
            grounds = next(g for g in idle if known.owners[g.reservation.id] == order_id)
            _recall(now, order_id, grounds, days=days, terms=terms, on=on)


def _calendar(desk: Desk, programme: Programme, pool: Pool, *, on: date) -> PoolCalendar | None:
    out = [each for each in desk.year.withdrawals if each.told_on <= on]
    try:
        return calendar_of(desk, programme, pool, on=on, out=out)
    except NoRoomOnCalendar:
        return None


def _looked_back_on(
    desk: Desk, programme: Programme, provider_id: str, *, terms: CalendarTerms, on: date
) -> Period | None:
    """The days whose use is known and counts; None where what is known is too old."""
    told = told_until(programme, provider_id)
    if told is None:
        return None
    length = timedelta(days=terms.idle_hours // HOURS_PER_DAY)
    ends_on = min(told.astimezone(desk.zone).date(), on)
    return Period(ends_on - length, ends_on) if on - ends_on < length else None


def _used(programme: Programme, known: PoolCalendar, days: Period) -> Mapping[str, int]:
    """Card-hours by reservation, a part of one counted in full."""
    used = used_in(programme, known.owners.values(), days)
    return {
        name: math.ceil(Fraction(used.get(order_id, 0), _SECONDS_PER_HOUR))
        for name, order_id in known.owners.items()
    }


def _recall(  # noqa: PLR0913 - what is recalled, and the grounds for it
    desk: Desk,
    order_id: str,
    idle: IdleCardsRecalled,
    *,
    days: Period,
    terms: CalendarTerms,
    on: date,
) -> None:
    change = OrderChange(
        order_id=order_id,
        kind=OrderChangeKind.RECALLED_IDLE,
        changed_on=on,
        effective_on=on + timedelta(days=terms.notice_hours // HOURS_PER_DAY),
        cause=_CAUSE,
    )
    grounds: dict[str, Json] = {
        "from": days.starts_on.isoformat(),
        "to": days.last_on.isoformat(),
        "used_card_hours": idle.used,
        "least_card_hours": ratio_text(idle.least),
        "terms_from": terms.starts_on.isoformat(),
        "source": terms.source,
    }
    cancel_order(desk, change, grounds=grounds)
