"""What a provider's last batches said of some contracts: for orders that came after them."""

import json
from collections.abc import Collection
from datetime import datetime

import polars as pl

from evernormal.domain.metering import UsageRecord
from evernormal.store.models import Programme, UsageBatch
from evernormal.store.queries.readings import batches_of, record_of
from evernormal.store.usage_lake import lake_of


def last_batch_at(programme: Programme, provider_id: str, *, but: str) -> datetime | None:
    """When a provider's last batch came in, while a further one is not accepted yet.

    but      the further one
    returns  None where there is none before it, or where it was accepted
    """
    rows = UsageBatch.objects.filter(programme=programme, provider_id=provider_id)
    last = rows.order_by("-id").values_list("batch_id", "act__body").first()
    if last is None or rows.filter(batch_id=but).exists():
        return None
    return _at(last[1])


def readings_since(
    programme: Programme, provider_id: str, contract_ids: Collection[str], *, since: datetime
) -> list[tuple[str, UsageRecord, int]]:
    """What a provider's batches that came in from an instant on say of contracts.

    returns  contract id, reading, and 1, or -1 where it was taken back
    """
    names = []
    rows = batches_of(programme.id).filter(provider_id=provider_id).order_by("-id")
    for name, body in rows.values_list("lake_sha256", "act__body").iterator(chunk_size=256):
        if _at(body) < since:
            break
        names.append(str(name))
    of_contracts = pl.col("contract_id").is_in(sorted(contract_ids))
    found = lake_of(programme.id).scan(list(dict.fromkeys(names))).filter(of_contracts).collect()
    return [(row["contract_id"], record_of(row), row["weight"]) for row in found.to_dicts()]


def _at(body: str) -> datetime:
    return datetime.fromisoformat(json.loads(body)["at"])
