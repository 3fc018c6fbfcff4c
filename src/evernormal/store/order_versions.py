"""Orders as acts have left them: rows to domain values and back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from evernormal.domain.market import Order, ProviderAnswer
from evernormal.domain.values import Period
from evernormal.store.models import AuditRecord, OrderVersion, Programme


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """An order as an act left it; fields as in OrderVersion."""

    order: Order
    number: int
    replaces: str
    effective_on: date
    cards_given: int | None


def insert_version(
    order: Order,
    *,
    act: AuditRecord,
    effective_on: date,
    replaces: str = "",
    cards_given: int | None = None,
) -> None:
    """Keep an order as an act leaves it."""
    before = OrderVersion.objects.filter(programme=act.programme, order_id=order.id)
    OrderVersion.objects.create(
        programme=act.programme,
        order_id=order.id,
        number=before.count() + 1,
        replaces=replaces or before.values_list("replaces", flat=True).first() or "",
        effective_on=effective_on,
        cards_given=cards_given,
        contract_id=order.contract_id,
        provider_id=order.provider_id,
        device_class=order.device_class,
        cards=order.cards,
        gang_cards=order.gang_cards,
        card_hours=order.card_hours,
        answer=order.answer.value,
        answered_card_hours=order.answered_card_hours,
        starts_on=order.period.starts_on,
        ends_on=order.period.ends_on,
        ordered_on=order.ordered_on,
        holds_until=order.holds_until,
        waits_until=order.waits_until,
        priority=order.priority,
        quote_id=order.quote_id,
        quoted_on=order.quoted_on,
        site=order.site,
        plan=order.plan,
        further_contracts=list(order.further_contracts),
        also_classes=list(order.also_classes),
        act=act,
    )


def list_versions(
    programme: Programme, order_ids: Iterable[str] | None = None
) -> list[KnownVersion]:
    """Every version of all orders, or of some, in the order in which acts made them."""
    rows = OrderVersion.objects.filter(programme=programme)
    if order_ids is not None:
        rows = rows.filter(order_id__in=set(order_ids))
    return [_version_of(row) for row in rows.order_by("pk")]


def _version_of(row: OrderVersion) -> KnownVersion:
    order = Order(
        id=row.order_id,
        contract_id=row.contract_id,
        provider_id=row.provider_id,
        device_class=row.device_class,
        cards=row.cards,
        gang_cards=row.gang_cards,
        card_hours=row.card_hours,
        period=Period(row.starts_on, row.ends_on),
        answer=ProviderAnswer(row.answer),
        answered_card_hours=row.answered_card_hours,
        ordered_on=row.ordered_on,
        site=row.site,
        plan=row.plan,
        further_contracts=tuple(row.further_contracts),
        also_classes=tuple(row.also_classes),
        holds_until=row.holds_until,
        waits_until=row.waits_until,
        priority=row.priority,
        quote_id=row.quote_id,
        quoted_on=row.quoted_on,
    )
    return KnownVersion(order, row.number, row.replaces, row.effective_on, row.cards_given)
