"""Orders that wait for cards: who gets some when they come free, first come first served."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from evernormal.actions.booked_cards import Pool
from evernormal.actions.captures import updates_of
from evernormal.actions.desk import SYSTEM, Desk
from evernormal.actions.order_checks import why_not
from evernormal.actions.pool_calendar import HOURS_PER_DAY, calendar_of, day_of, hour_of
from evernormal.actions.redrawing import Redrawn, redraw
from evernormal.actions.standing_orders import with_standing_orders
from evernormal.domain.allocation import (
    NoCalendarTerms,
    NoRoomOnCalendar,
    Waiting,
    WaitingExpired,
    WaitingPromoted,
    Waitlist,
    terms_on,
)
from evernormal.domain.audit import Act, Json
from evernormal.domain.market import Order, ProviderAnswer
from evernormal.domain.values import Period
from evernormal.store.models import Programme
from evernormal.store.order_versions import insert_version
from evernormal.store.queries.waiting_orders import list_waiting
from evernormal.store.transaction import Transaction, transaction
from evernormal.store.vouchers import save_hold_updates

_EXPIRED = "EXPIRED"


def let_waiting_in(desk: Desk, on: date) -> None:
    """Give free cards to the orders that wait for them, pool by pool.

    An order that waits gets its cards together, for as many days as it asked for, from the first
    day from which they are free and up to `waits_until`. Who came first is served first; who does
    not fit is passed over and keeps its place. An order that cannot be paid, or whose last day has
    passed, leaves with the reason.
    """
    if not any(order.waits_until for order in desk.year.orders):
        return
    programme = Programme.objects.get(id=desk.programme_id)
    pools = sorted({_pool(order) for order in _waiting(desk, programme)})
    for pool in pools:
        while said := _next(with_standing_orders(desk), programme, pool, on=on):
            _leave_or_begin(with_standing_orders(desk), said, on=on)


def _waiting(desk: Desk, programme: Programme) -> Iterator[Order]:
    """Orders that wait, in the order in which they were placed."""
    orders = {order.id: order for order in desk.year.orders if order.waits_until}
    for order_id in list_waiting(programme, orders):
        order = orders[order_id]
        if order.answer is not ProviderAnswer.DECLINED:
            yield order


def _pool(order: Order) -> Pool:
    return order.provider_id, order.device_class


@dataclass(frozen=True, slots=True)
class _Said:
    """What the waitlist says next of an order."""

    order: Order
    said: WaitingPromoted | WaitingExpired


def _next(desk: Desk, programme: Programme, pool: Pool, *, on: date) -> _Said | None:
    """The first who leaves the waitlist of a pool now, or None.

    One at a time: an order that cannot be paid leaves its cards to the next.
    """
    orders = {order.id: order for order in _waiting(desk, programme) if _pool(order) == pool}
    if not orders:
        return None
    waitlist = Waitlist()
    for order in orders.values():
        waitlist.join(_place_of(order))
    out = [each for each in desk.year.withdrawals if each.told_on <= on]
    try:
        calendar = calendar_of(desk, programme, pool, on=on, out=out).calendar
    except NoRoomOnCalendar:
        return None
    said = waitlist.promote(calendar, at=hour_of(on), number=0, notice=_notice(desk, on))
    for each in said[:1]:
        left = each.waiting if isinstance(each, WaitingExpired) else each.reservation
        return _Said(orders[left.id], each)
    return None


def _place_of(order: Order) -> Waiting:
    """The place of an order on the waitlist of its pool."""
    period, until = order.period, order.waits_until or order.period.starts_on
    length = period.ends_on - period.starts_on
    return Waiting(
        id=order.id,
        cards=order.cards,
        gang_cards=order.gang_cards,
        hours=length.days * HOURS_PER_DAY,
        not_before=hour_of(period.starts_on),
        deadline=hour_of(until + length),
        priority=order.priority,
    )


def _notice(desk: Desk, on: date) -> int:
    """Hours between the decision and the first card; none without terms."""
    try:
        return terms_on(desk.year.programme.calendar_terms, on).notice_hours
    except NoCalendarTerms:
        return 0


def _leave_or_begin(desk: Desk, left: _Said, *, on: date) -> None:
    """Write what becomes of an order that leaves the waitlist."""
    order = left.order
    key = f"{Act.PROMOTE_ORDER.value}/{order.id}"
    with transaction(desk.programme_id) as tx:
        if tx.is_done(key):
            return
        facts: dict[str, Json] = {
            "order": order.id,
            "contract": order.contract_id,
            "provider": order.provider_id,
            "device_class": order.device_class,
            "cards": order.cards,
            "asked_from": order.period.starts_on.isoformat(),
            "waits_until": order.waits_until.isoformat() if order.waits_until else None,
        }
        if isinstance(left.said, WaitingExpired):
            _append(tx, key, {**facts, "stands": _EXPIRED}, desk=desk, on=on)
            return
        moved = _moved(order, left.said)
        stands, drawn = _drawn(desk, tx, moved, on=on)
        facts |= {**_of_promoted(left.said, moved), "stands": stands}
        if stands or drawn is None:
            _append(tx, key, facts, desk=desk, on=on)
            return
        moves = [move for each in drawn.changes for move in each.moves]
        act = tx.append(
            Act.PROMOTE_ORDER,
            key=key,
            by=SYSTEM,
            at=desk.at(on),
            facts=facts | drawn.facts,
            moves=moves,
        )
        save_hold_updates(tx.programme, updates_of(drawn.changes, act))
        insert_version(
            moved, act=act, effective_on=moved.period.starts_on, cards_given=drawn.given.cards
        )


def _append(tx: Transaction, key: str, facts: dict[str, Json], *, desk: Desk, on: date) -> None:
    tx.append(Act.PROMOTE_ORDER, key=key, by=SYSTEM, at=desk.at(on), facts=facts)


def _moved(order: Order, promoted: WaitingPromoted) -> Order:
    held = promoted.reservation
    period = Period(day_of(held.starts), day_of(held.ends - 1) + timedelta(days=1))
    return replace(order, period=period, waits_until=None)


def _drawn(desk: Desk, tx: Transaction, moved: Order, *, on: date) -> tuple[str, Redrawn | None]:
    """What keeps an order from beginning, or what it draws on its vouchers."""
    stands = why_not(desk, moved, since=moved.period.starts_on)
    if stands:
        return stands, None
    drawn = redraw(desk, tx, moved, on=on, free_cards=moved.cards)
    if drawn is None:
        return "VOUCHER", None
    return ("" if drawn.given.cards else drawn.given.limb.value), drawn


def _of_promoted(promoted: WaitingPromoted, moved: Order) -> dict[str, Json]:
    return {
        "starts_on": moved.period.starts_on.isoformat(),
        "ends_on": moved.period.last_on.isoformat(),
        "place": promoted.place,
        "passed_over": [
            {"order": passed.waiting_id, "cards": passed.cards} for passed in promoted.passed_over
        ],
    }
