"""Orders that were placed without a card and wait for some."""

from collections.abc import Iterable
from typing import Final

from evernormal.domain.allocation import AllocationLimb
from evernormal.domain.audit import Act
from evernormal.store.bulk import rows_in
from evernormal.store.models import Allocation, OrderVersion, Programme

_FOR_WANT_OF_CARDS: Final = (AllocationLimb.CAPACITY.value, AllocationLimb.GANG.value)
"""What bound an order that waits: too few cards, or too few for one gang."""


def list_waiting(programme: Programme, order_ids: Iterable[str]) -> list[str]:
    """Those of some orders that got no cards for want of them, in the order of placing.

    An order that was changed, or that left the waitlist, does not wait any more.
    """
    asked = set(order_ids)
    rows = Allocation.objects.filter(
        programme=programme, order_id__in=asked, cards=0, limb__in=_FOR_WANT_OF_CARDS
    )
    placed = list(rows.order_by("act__number").values_list("order_id", flat=True))
    changed = set(
        OrderVersion.objects.filter(programme=programme, order_id__in=placed).values_list(
            "order_id", flat=True
        )
    )
    keys = {f"{Act.PROMOTE_ORDER.value}/{order_id}": order_id for order_id in placed}
    sql = "SELECT key FROM audit_record WHERE programme_id = %s AND key"
    left = {keys[str(key)] for (key,) in rows_in(sql, [programme.id], keys)}
    return [order_id for order_id in placed if order_id not in changed | left]
