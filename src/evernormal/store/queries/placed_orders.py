"""What became of an order: told from the log, so that it can be told again."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from evernormal.domain.audit import Act
from evernormal.store.bulk import rows_in
from evernormal.store.models import Allocation, AuditRecord, Programme


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """An order that was placed, whatever it got.

    number  of its audit record
    at      of that, in the programme's own time
    facts   of it: what was quoted, given and held
    """

    number: int
    at: datetime
    facts: dict[str, Any]


def find_placed(programme_id: str, order_id: str) -> PlacedOrder | None:
    """What became of an order, or None where it was not placed (yet)."""
    key = f"{Act.PLACE_HOLD.value}/{order_id}"
    rows = AuditRecord.objects.filter(programme_id=programme_id, key=key)
    row = rows.values_list("number", "body").first()
    if row is None:
        return None
    record = json.loads(row[1])
    return PlacedOrder(row[0], datetime.fromisoformat(record["at"]), record["facts"])


def list_placed(programme_id: str, order_ids: list[str] | None = None) -> list[str]:
    """The orders that were placed: all of them, or of some."""
    rows = Allocation.objects.filter(programme_id=programme_id)
    if order_ids is not None:
        rows = rows.filter(order_id__in=order_ids)
    return list(rows.values_list("order_id", flat=True))


def given_cards(programme: Programme, order_ids: Iterable[str]) -> dict[str, int]:
    """The cards that orders were given, of those that were placed."""
    sql = "SELECT order_id, cards FROM allocation WHERE programme_id = %s AND order_id"
    return dict(rows_in(sql, [programme.id], order_ids))
