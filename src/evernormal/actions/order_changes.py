"""What becomes of orders after they were placed, as the office was told of it."""

from evernormal.actions.desk import Desk
from evernormal.actions.holds import place_order
from evernormal.actions.order_amendment import amend_order
from evernormal.actions.order_cancellation import cancel_order
from evernormal.actions.standing_orders import replacement_of, with_standing_orders
from evernormal.domain.market import OrderChange, OrderChangeKind


def change_order(desk: Desk, change: OrderChange) -> None:
    """Let a change of an order hold; a provider's cancellation finds it another place at once.

    A change that cannot hold is recorded with the reason, and changes nothing.
    """
    if change.kind is OrderChangeKind.AMENDED:
        amend_order(with_standing_orders(desk), change)
        return
    cancel_order(with_standing_orders(desk), change)
    now = with_standing_orders(desk)
    order = replacement_of(now, change.order_id)
    if order is not None:
        voucher_id = now.year.voucher_of(order.contract_id)
        place_order(now, order, voucher_id=voucher_id, on=change.changed_on)
