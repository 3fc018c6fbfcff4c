"""Amending an order: more or fewer cards, hours or days, all of it or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from evernormal.actions.booked_cards import free_cards
from evernormal.actions.captures import HoldChange, updates_of
from evernormal.actions.desk import Desk
from evernormal.actions.order_cancellation import SETTLED_WITHIN, why_it_stands
from evernormal.actions.order_checks import why_not
from evernormal.actions.redrawing import redraw
from evernormal.domain.audit import Act, Json
from evernormal.domain.audit.facts import of_allocation
from evernormal.domain.market import Order, OrderChange, changed
from evernormal.domain.values import Period
from evernormal.store.order_versions import insert_version
from evernormal.store.transaction import Transaction, transaction
from evernormal.store.vouchers import save_hold_updates


def amend_order(desk: Desk, change: OrderChange) -> None:
    """Let an order have what its amendment says, if cards and vouchers allow all of it.

    An amendment that cannot hold in full is recorded with what bound it, and changes nothing.

    desk   with the orders as they stand
    """
    key = f"{Act.AMEND_ORDER.value}/{change.key}"
    with transaction(desk.programme_id) as tx:
        if tx.is_done(key):
            return
        order = next((o for o in desk.year.orders if o.id == change.order_id), None)
        stands = why_it_stands(tx.programme, order, change)
        made = None
        if order is not None and not stands:
            made = _amended(desk, tx, order, change)
            stands = made.stands
        act = tx.append(
            Act.AMEND_ORDER,
            key=key,
            by=desk.year.programme.office.prepares,
            at=desk.at(change.changed_on),
            facts=_facts(change, order, made, stands=stands),
            moves=[move for each in made.changes for move in each.moves] if made else [],
        )
        if made and not made.stands:
            save_hold_updates(tx.programme, updates_of(made.changes, act))
            insert_version(
                made.order, act=act, effective_on=change.effective_on, cards_given=made.order.cards
            )


def _facts(
    change: OrderChange, order: Order | None, made: "_Amended | None", *, stands: str
) -> dict[str, Json]:
    facts: dict[str, Json] = {
        "order": change.order_id,
        "effective_on": change.effective_on.isoformat(),
        "reason": change.reason,
        "cause": change.cause,
        "stands": stands,
    }
    if order is not None:
        facts |= {"contract": order.contract_id, "before": _of(order)}
    return facts | (made.facts if made else {})


@dataclass(frozen=True, slots=True)
class _Amended:
    """The order as it would be. `stands`: why it stays as it is; "" when it changes."""

    order: Order
    stands: str
    facts: dict[str, Json]
    changes: Sequence[HoldChange] = ()


def _amended(desk: Desk, tx: Transaction, order: Order, change: OrderChange) -> _Amended:
    wanted = changed(order, change, settled_within=SETTLED_WITHIN)
    facts: dict[str, Json] = {"after": _of(wanted)}
    stands = why_not(desk, wanted, since=change.effective_on)
    if stands:
        return _Amended(wanted, stands, facts)
    to_come = Period(max(change.effective_on, wanted.period.starts_on), wanted.period.ends_on)
    free = free_cards(desk, tx.programme, replace(wanted, period=to_come), on=change.changed_on)
    drawn = redraw(desk, tx, wanted, on=change.changed_on, free_cards=free)
    if drawn is None:
        return _Amended(wanted, "VOUCHER", facts)
    if drawn.given.cards < wanted.cards:
        facts["allocation"] = of_allocation(drawn.given)
        return _Amended(wanted, drawn.given.limb.value, facts)
    return _Amended(wanted, "", facts | drawn.facts, drawn.changes)


def _of(order: Order) -> Json:
    return {
        "cards": order.cards,
        "card_hours": order.agreed_card_hours,
        "ends_on": order.period.last_on.isoformat(),
    }
