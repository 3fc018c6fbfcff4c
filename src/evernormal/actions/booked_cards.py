"""Which cards of a pool the orders before have, and how many are free."""

from collections.abc import Iterable, Mapping
from datetime import date

from evernormal.actions.desk import Desk
from evernormal.domain.allocation import peak_cards
from evernormal.domain.market import Order, ProviderAnswer
from evernormal.domain.values import Period
from evernormal.store.models import Programme
from evernormal.store.order_versions import KnownVersion, list_versions
from evernormal.store.queries import standing
from evernormal.store.queries.placed_orders import given_cards

Pool = tuple[str, str]
"""Provider and class of card."""


def free_cards(desk: Desk, programme: Programme, order: Order, *, on: date) -> int:
    """Cards of the order's pool that no other order has on any of its days to come."""
    pool = (order.provider_id, order.device_class)
    is_running = order.period.starts_on < on < order.period.ends_on
    days = Period(on, order.period.ends_on) if is_running else order.period
    booked = booked_cards(desk, programme, pool, during=days, on=on, but=order.id)
    return max(desk.year.capacity.get(pool, 0) - peak_cards(booked, during=days), 0)


def booked_cards(  # noqa: PLR0913 - a pool, and which of its days and orders are looked at
    desk: Desk, programme: Programme, pool: Pool, *, during: Period, on: date, but: str = ""
) -> list[tuple[Period, int]]:
    """What is booked of a pool, or withdrawn from it: days, and how many cards on each of them.

    during   orders without a day of it are left out
    on       the day of the question: of later withdrawals nobody knows
    but      an order that is not counted
    """
    out = [(w.period, w.cards) for w in desk.year.withdrawals if w.pool == pool and w.told_on <= on]
    steps = booked_orders(desk, programme, pool, during=during, but=but)
    return [*out, *((days, cards) for _, days, cards in steps)]


def booked_orders(
    desk: Desk, programme: Programme, pool: Pool, *, during: Period, but: str = ""
) -> list[tuple[Order, Period, int]]:
    """The orders that have cards of a pool: on which days, and how many on each of them."""
    others = [
        other
        for other in desk.year.orders
        if (other.provider_id, other.device_class) == pool
        and other.id != but
        and other.answer is not ProviderAnswer.DECLINED
        and other.period.overlap(during)
    ]
    given = given_cards(programme, {other.id for other in others})
    vouchers = {desk.year.voucher_of(c) for other in others for c in other.contracts}
    ends = standing.voucher_ends(programme, vouchers)
    changes = list_versions(programme, given) if desk.year.orders_change else []
    return [
        (other, days, cards)
        for other in others
        if other.id in given and (period := _kept(desk, other, ends))
        for days, cards in _steps(period, given[other.id], _of(other, changes))
    ]


def _of(order: Order, versions: Iterable[KnownVersion]) -> list[KnownVersion]:
    return [v for v in versions if v.order.id == order.id and v.cards_given is not None]


def _steps(period: Period, given: int, changes: list[KnownVersion]) -> list[tuple[Period, int]]:
    """The cards of an order: as given, and from the day of each amendment on as amended."""
    steps = [(period.starts_on, given)]
    steps += [(max(v.effective_on, period.starts_on), v.cards_given or 0) for v in changes]
    ends = [*(starts_on for starts_on, _ in steps[1:]), period.ends_on]
    return [
        (Period(starts_on, ends_on), cards)
        for (starts_on, cards), ends_on in zip(steps, ends, strict=True)
        if starts_on < ends_on
    ]


def _kept(desk: Desk, order: Order, ends: Mapping[str, date | None]) -> Period | None:
    """The days on which an order keeps its cards: not after the last of its vouchers ended."""
    period = order.period
    vouchers = map(desk.year.voucher_of, order.contracts)
    ended = [ends[voucher_id] for voucher_id in vouchers if voucher_id in ends]
    ended_on = max((day for day in ended if day is not None), default=None)
    if ended_on is None or None in ended or ended_on >= period.ends_on:
        return period
    return Period(period.starts_on, ended_on) if period.starts_on < ended_on else None
