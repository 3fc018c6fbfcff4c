"""Cards that a provider takes out: who has the lowest claim to its cards gives them up."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from evernormal.actions.desk import Desk
from evernormal.actions.order_changes import change_order
from evernormal.actions.pool_calendar import calendar_of, hour_of
from evernormal.actions.standing_orders import with_standing_orders
from evernormal.domain.allocation import (
    NoRoomOnCalendar,
    Reservation,
    ReservationPreempted,
    WithdrawalExceedsPool,
    withdraw_cards,
)
from evernormal.domain.audit import Act, Json
from evernormal.domain.market import OrderChange, OrderChangeKind, Withdrawal
from evernormal.store.models import AuditRecord, Programme
from evernormal.store.transaction import transaction

_CAUSE: Final = "WITHDRAWAL"


@dataclass(frozen=True, slots=True)
class _Lost:
    """An order that gives up cards. `cards_left` 0: all of them."""

    order_id: str
    priority: int
    cards: int
    cards_left: int


@dataclass(frozen=True, slots=True)
class _Withdrawn:
    from_spot: int
    preempted: tuple[_Lost, ...]


def withdraw(desk: Desk, withdrawal: Withdrawal) -> None:
    """Take cards out of a pool: free ones first, then those of the lowest claim.

    An order that loses its cards is cancelled by its provider, and runs on elsewhere where it can;
    one that has not begun may come with fewer gangs.
    """
    pool = "/".join(withdrawal.pool)
    key = f"{Act.WITHDRAW_CARDS.value}/{pool}/{withdrawal.told_on:%Y%m%d}"
    now = with_standing_orders(desk)
    with transaction(desk.programme_id) as tx:
        if not tx.is_done(key):
            done = _withdrawn(now, tx.programme, withdrawal)
            tx.append(
                Act.WITHDRAW_CARDS,
                key=key,
                by=withdrawal.provider_id,
                at=desk.at(withdrawal.told_on),
                facts={**_of(withdrawal), **_of_done(done)},
            )
    body = AuditRecord.objects.get(programme_id=desk.programme_id, key=key).body
    for change in _changes(json.loads(body)["facts"]["preempted"], withdrawal):
        change_order(desk, change)


def _withdrawn(desk: Desk, programme: Programme, withdrawal: Withdrawal) -> _Withdrawn | None:
    """Who gives up what; None where the pool does not have so many cards."""
    on, period = withdrawal.told_on, withdrawal.period
    before = [each for each in desk.year.withdrawals if each.told_on < on]
    try:
        known = calendar_of(desk, programme, withdrawal.pool, on=on, out=before)
        done = withdraw_cards(
            known.calendar,
            withdrawal.cards,
            starts=hour_of(period.starts_on),
            ends=hour_of(period.ends_on),
            at=hour_of(on + timedelta(days=1)),
        )
    except (WithdrawalExceedsPool, NoRoomOnCalendar):
        return None
    return _Withdrawn(done.from_spot, _by_order(done.preempted, known.owners))


def _by_order(
    preempted: Iterable[ReservationPreempted], owners: Mapping[str, str]
) -> tuple[_Lost, ...]:
    """What each order loses: of one with several steps, what it has least of any."""
    lost: dict[str, _Lost] = {}
    for each in preempted:
        order_id = owners[each.before.id]
        left = 0 if _is_over(each.before, each.after) else _cards(each.after)
        before = lost.get(order_id)
        left = min(left, before.cards_left) if before else left
        lost[order_id] = _Lost(order_id, each.before.priority, each.before.cards, left)
    return tuple(lost.values())


def _of(withdrawal: Withdrawal) -> dict[str, Json]:
    return {
        "provider": withdrawal.provider_id,
        "device_class": withdrawal.device_class,
        "cards": withdrawal.cards,
        "starts_on": withdrawal.period.starts_on.isoformat(),
        "ends_on": withdrawal.period.last_on.isoformat(),
        "reason": withdrawal.reason,
    }


def _of_done(done: _Withdrawn | None) -> dict[str, Json]:
    if done is None:
        return {"stands": "EXCEEDS_POOL", "from_spot": 0, "preempted": []}
    return {
        "stands": "",
        "from_spot": done.from_spot,
        "preempted": [
            {
                "order": lost.order_id,
                "priority": lost.priority,
                "cards": lost.cards,
                "cards_left": lost.cards_left,
            }
            for lost in done.preempted
        ],
    }


def _is_over(before: Reservation, after: Reservation | None) -> bool:
    """Whether the order ends: one that runs keeps all its cards, or none."""
    return after is None or after.ends < before.ends


def _cards(after: Reservation | None) -> int:
    return 0 if after is None else after.cards


def _changes(preempted: Iterable[Any], withdrawal: Withdrawal) -> Iterable[OrderChange]:
    effective_on = withdrawal.period.starts_on
    for lost in preempted:
        is_cancelled = not lost["cards_left"]
        yield OrderChange(
            order_id=lost["order"],
            kind=(
                OrderChangeKind.CANCELLED_BY_PROVIDER if is_cancelled else OrderChangeKind.AMENDED
            ),
            changed_on=withdrawal.told_on,
            effective_on=effective_on,
            cards=None if is_cancelled else lost["cards_left"],
            reason=withdrawal.reason,
            cause=_CAUSE,
        )
