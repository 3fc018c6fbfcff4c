"""Use of the day of an order that was read before the order came in."""

from collections.abc import Sequence
from datetime import date, datetime, time

from django.db import transaction as database_transaction

from evernormal.actions.desk import Desk
from evernormal.domain.market import Order
from evernormal.domain.metering import UsageRecord, use_by_day
from evernormal.formats.intake.year_input import UsageFile
from evernormal.formats.signed_request import CLOCKS_APART_MAX
from evernormal.store.charging import add_use
from evernormal.store.models import DayUse, Programme
from evernormal.store.queries.earlier_readings import last_batch_at, readings_since


def count_earlier_use(desk: Desk, file: UsageFile) -> None:
    """Let orders that came after a provider's last batch have the use that it told before.

    An order counts from its own day on, also where the meter was read on that day before it came;
    what was read then is charged with the provider's next batch.

    file   that next batch, not accepted yet
    """
    if not desk.year.received_orders:
        return
    programme = Programme.objects.get(id=desk.programme_id)
    last = last_batch_at(programme, file.provider_id, but=file.path)
    if last is None:
        return
    orders = [
        received.order
        for received in desk.year.received_orders
        if received.received_at > last and received.order.provider_id == file.provider_id
    ]
    days = [order.ordered_on for order in orders if order.ordered_on is not None]
    if days:
        _count(desk, programme, orders, since=min(days))


def _count(desk: Desk, programme: Programme, orders: Sequence[Order], *, since: date) -> None:
    midnight = datetime.combine(since, time(), tzinfo=desk.zone)
    read = readings_since(
        programme,
        orders[0].provider_id,
        {order.contract_id for order in orders},
        # A meter's clock may be ahead of ours: nothing before tells of use on that day.
        since=midnight - CLOCKS_APART_MAX,
    )
    for order in orders:
        theirs = [
            (record, weight)
            for contract_id, record, weight in read
            if contract_id == order.contract_id and record.key.device_class == order.device_class
        ]
        if theirs:
            _add(desk, programme, order, theirs)


def _add(
    desk: Desk, programme: Programme, order: Order, theirs: Sequence[tuple[UsageRecord, int]]
) -> None:
    with database_transaction.atomic():
        if DayUse.objects.filter(programme=programme, order_id=order.id).exists():
            return  # a run that was taken up again has counted it
        add_use(
            programme,
            (
                (use, weight)
                for record, weight in theirs
                for use in use_by_day(order, [record], prices=desk.prices, zone=desk.zone)
            ),
        )
