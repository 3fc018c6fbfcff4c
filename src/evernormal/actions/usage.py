"""Usage in: a file of readings is taken whole, and every use is kept once."""

from collections import Counter
from collections.abc import Mapping

from evernormal.actions.desk import Desk
from evernormal.domain.audit import Act, Json
from evernormal.domain.metering import Metered, UsageKey, UsageRecord, meter
from evernormal.formats.intake.year_input import UsageFile
from evernormal.store.models import UsageBatch, UsageReading
from evernormal.store.queries import standing
from evernormal.store.transaction import transaction

Known = Mapping[UsageKey, tuple[UsageRecord, int]]
"""The version of each reading that counts now, with its number."""


def accept_usage(desk: Desk, file: UsageFile) -> None:
    """Take a file of readings in whole: what says something new is kept, the rest is counted.

    raises   ConflictingUsage; then nothing of the file is kept
    """
    key = f"{Act.ACCEPT_USAGE.value}/{file.path}"
    with transaction(desk.programme_id) as tx:
        if tx.is_done(key):
            return
        known = standing.known_usage(tx.programme, file.provider_id)
        metered = meter({k: record for k, (record, _) in known.items()}, file.records)
        act = tx.append(
            Act.ACCEPT_USAGE,
            key=key,
            by=file.provider_id,
            at=file.received_at.astimezone(desk.zone),
            facts={
                "batch": file.path,
                "file": file.path,
                "sha256": file.sha256,
                "provider": file.provider_id,
                "records": len(file.records),
                "kept": len(metered.kept),
                "duplicates": metered.duplicates,
                "without_cards": file.without_cards,
                "others": _others(desk, file, metered),
            },
        )
        batch = UsageBatch.objects.create(
            programme=tx.programme,
            batch_id=file.path,
            provider_id=file.provider_id,
            sha256=file.sha256,
            act=act,
        )
        _insert_readings(desk, file, batch, metered, known)


def _others(desk: Desk, file: UsageFile, metered: Metered) -> dict[str, Json]:
    """How many readings belong to accounts of nobody in the programme."""
    ours = desk.year.meter_accounts
    accounts = (record.account for record in metered.kept)
    others = Counter(name for name in accounts if (file.provider_id, name) not in ours)
    return dict(sorted(others.items()))


def _insert_readings(
    desk: Desk, file: UsageFile, batch: UsageBatch, metered: Metered, known: Known
) -> None:
    lines = dict(zip(file.records, file.lines, strict=True))
    contracts = desk.year.meter_accounts
    UsageReading.objects.bulk_create(
        UsageReading(
            batch=batch,
            programme=batch.programme,
            version=known[record.key][1] + 1 if record.key in known else 1,
            provider_id=record.key.provider_id,
            cluster=record.key.cluster,
            job=record.key.job,
            device_class=record.key.device_class,
            starts_at=record.key.starts_at,
            ends_at=record.ends_at,
            account=record.account,
            contract_id=contracts.get((file.provider_id, record.account), ""),
            cards=record.cards,
            state=record.state,
            is_final=record.is_final,
            line=lines[record],
        )
        for record in metered.kept
    )
