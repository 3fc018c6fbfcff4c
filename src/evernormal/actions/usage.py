"""Usage in: a batch of readings is taken whole, and every use is kept once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from polars.exceptions import PolarsError

from evernormal.actions.desk import Desk
from evernormal.domain.audit import Act, Json
from evernormal.domain.market import Order
from evernormal.domain.metering import DayUse, Metered, UsageRecord, meter, use_by_day
from evernormal.formats.intake.year_input import UsageFile
from evernormal.store.charging import add_use
from evernormal.store.models import AuditRecord, UsageBatch
from evernormal.store.queries.readings import (
    Known,
    batches_of,
    days_of,
    frame_of,
    known_of,
    span_of,
)
from evernormal.store.transaction import Transaction, transaction
from evernormal.store.usage_days import merge_days
from evernormal.store.usage_lake import lake_of


def accept_usage(desk: Desk, file: UsageFile) -> None:
    """Take a batch of readings in whole: what says something new is kept, the rest is counted.

    The readings are on the disk before the act that accepts them is committed.

    raises   ConflictingUsage; then nothing of the batch is kept
    """
    key = f"{Act.ACCEPT_USAGE.value}/{file.path}"
    with transaction(desk.programme_id) as tx:
        if tx.is_done(key):
            return
        known = known_of(tx.programme, file.provider_id, {record.key for record in file.records})
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
                **({"signed_by": file.signed_by} if file.signed_by else {}),
            },
        )
        _keep(desk, tx, file, metered=metered, known=known, act=act)
        add_use(tx.programme, _use_of_orders(desk, file, metered))


def merge_sums(desk: Desk) -> None:
    """Keep the lake's sums by day in few files, so that questions about use stay quick.

    Nothing rests on it: a disk that does not take the merged file is told of by the next batch.
    """
    lake = lake_of(desk.programme_id)
    names = batches_of(desk.programme_id).values_list("lake_sha256", flat=True)
    with suppress(OSError, PolarsError):
        merge_days(lake, [name for name in names if name])


def _others(desk: Desk, file: UsageFile, metered: Metered) -> dict[str, Json]:
    """How many readings belong to accounts of nobody in the programme."""
    ours = desk.year.meter_accounts
    accounts = (record.account for record in metered.kept)
    others = Counter(name for name in accounts if (file.provider_id, name) not in ours)
    return dict(sorted(others.items()))


def _keep(  # noqa: PLR0913 - a batch, what it says, and what was known before it
    desk: Desk,
    tx: Transaction,
    file: UsageFile,
    *,
    metered: Metered,
    known: Known,
    act: AuditRecord,
) -> None:
    """Put what is new into the lake, and the batch's row beside its act."""
    batch = UsageBatch(
        programme=tx.programme,
        batch_id=file.path,
        provider_id=file.provider_id,
        sha256=file.sha256,
        act=act,
    )
    if metered.kept:
        lines = dict(zip(file.records, file.lines, strict=True))
        contracts = _contracts(desk, file.provider_id)
        readings = frame_of(metered, known=known, contracts=contracts, lines=lines)
        days = days_of(metered, contracts=contracts, zone=desk.zone)
        batch.lake_sha256 = lake_of(tx.programme.id).write(readings, days)
        batch.first_start, batch.last_start = span_of(readings)
    batch.save()


def _contracts(desk: Desk, provider_id: str) -> dict[str, str]:
    """Contract id by the provider's name of the account."""
    pairs = desk.year.meter_accounts.items()
    return {account: contract for (provider, account), contract in pairs if provider == provider_id}


def _use_of_orders(desk: Desk, file: UsageFile, metered: Metered) -> Iterator[tuple[DayUse, int]]:
    """What the batch adds to orders' use by day and band, and what it takes back."""
    contracts = _contracts(desk, file.provider_id)
    orders: Mapping[tuple[str, str], list[Order]] = defaultdict(list)
    for order in desk.year.orders:
        if order.provider_id == file.provider_id:
            orders[order.contract_id, order.device_class].append(order)
    for records, weight in ((metered.kept, 1), (metered.superseded, -1)):
        for key, theirs in _by_contract(records, contracts).items():
            for order in orders.get(key, ()):
                for use in use_by_day(order, theirs, prices=desk.prices, zone=desk.zone):
                    yield use, weight


def _by_contract(
    records: Iterable[UsageRecord], contracts: Mapping[str, str]
) -> dict[tuple[str, str], list[UsageRecord]]:
    """Readings by contract and class; those of nobody's account are left out."""
    found: dict[tuple[str, str], list[UsageRecord]] = defaultdict(list)
    for record in records:
        contract_id = contracts.get(record.account)
        if contract_id is not None:
            found[contract_id, record.key.device_class].append(record)
    return found
