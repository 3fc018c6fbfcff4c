"""How far providers have told of use, and what orders used in some days."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db.models import Max, Sum

from evernormal.domain.values import Period
from evernormal.store.models import DayUse, Programme, UsageBatch


def told_until(programme: Programme, provider_id: str) -> datetime | None:
    """The start of the last reading that a provider sent; None where it sent none."""
    batches = UsageBatch.objects.filter(programme=programme, provider_id=provider_id)
    last = batches.aggregate(last=Max("last_start"))["last"]
    return None if last is None else datetime.fromtimestamp(last, tz=UTC)


def used_in(programme: Programme, order_ids: Iterable[str], days: Period) -> dict[str, int]:
    """Card-seconds that orders used in some days; those that used nothing are left out."""
    rows = DayUse.objects.filter(
        programme=programme,
        order_id__in=set(order_ids),
        day__gte=days.starts_on,
        day__lt=days.ends_on,
    )
    sums = rows.values("order_id").annotate(used=Sum("used_seconds"))
    return dict(sums.order_by("order_id").values_list("order_id", "used"))
