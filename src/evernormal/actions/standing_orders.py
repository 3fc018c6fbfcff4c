"""Orders as they stand: those of the office's files, as acts have changed or replaced them."""

from dataclasses import replace

from evernormal.actions.desk import Desk
from evernormal.domain.market import Order
from evernormal.store.models import Programme
from evernormal.store.order_versions import list_versions
from evernormal.store.queries.quotes import list_refused


def with_standing_orders(desk: Desk) -> Desk:
    """The desk with every order as the last act left it, and with those that replace others.

    Orders only change where the office's files say so: without such a file nothing is asked.
    A quote that was refused promises nothing to the order that names it.
    """
    desk = _without_refused_quotes(desk)
    if not desk.year.orders_change:
        return desk
    programme = Programme.objects.filter(id=desk.programme_id).first()
    versions = list_versions(programme) if programme else []
    standing = {version.order.id: version.order for version in versions}
    if not standing:
        return desk
    orders = [standing.pop(order.id, order) for order in desk.year.orders]
    return replace(desk, year=replace(desk.year, orders=(*orders, *standing.values())))


def _without_refused_quotes(desk: Desk) -> Desk:
    if not desk.year.quotes:
        return desk
    refused = list_refused(desk.programme_id, (asked.id for asked in desk.year.quotes))
    if not refused:
        return desk
    orders = (replace(o, quoted_on=None) if o.quote_id in refused else o for o in desk.year.orders)
    return replace(desk, year=replace(desk.year, orders=tuple(orders)))


def replacement_of(desk: Desk, order_id: str) -> Order | None:
    """The order that took another's place, or None."""
    programme = Programme.objects.get(id=desk.programme_id)
    found = [v.order for v in list_versions(programme) if v.replaces == order_id]
    return found[0] if found else None
