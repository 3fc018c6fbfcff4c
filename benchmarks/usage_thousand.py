"""1,000 readings into charges, on the database that EVERNORMAL_DATABASE_URL names.

    .venv/bin/python benchmarks/usage_thousand.py [rounds]

Started by usage_to_charge.py, once a database. A round accepts a batch of 1,000 readings of one
day (into the lake, on the disk), rates it, charges every order that it concerns and posts each
voucher's part, by the acts of a year; the figures are of CPU, of this process and the database, and
of wall time, by batch. Then the same for vouchers that already have few and many charges.
Prints a line of JSON for each case.
"""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "evernormal.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - Django comes first
from usage_generator import MONTH_STARTS_AT, UsagePlan  # noqa: E402
from usage_meter import Meter, Took  # noqa: E402
from usage_programme import YEAR_ENDS_ON, ProgrammePlan, batch_of, records_of  # noqa: E402

from evernormal.actions.charges import charge_batch  # noqa: E402
from evernormal.actions.desk import Desk  # noqa: E402
from evernormal.actions.usage import accept_usage  # noqa: E402
from evernormal.domain.metering import UsageKey, UsageRecord  # noqa: E402
from evernormal.store.models import Charge, Transfer  # noqa: E402

RECORDS = 1_000
ORDERS = (1, 100, 1_000)
LENGTHS = (10, 1_000, 10_000)
_DAYS_OF_HISTORY = 250
# A partition is a day; a few of its rows only take others back, so it has more than 1,000.
_PLAN = UsagePlan(rows=33_000, partition=1_100, orders=1, providers=1)


@dataclass(slots=True)
class Bench:
    """A programme that takes one batch after another."""

    desk: Desk
    meter: Meter
    batches: int = 0

    def take(self, records: Sequence[UsageRecord]) -> tuple[Took, int]:
        """Accept and charge a batch; what that took, and how many charges it made."""
        self.batches += 1
        batch = batch_of(f"batch-{self.batches}", "P-0", records, minute=self.batches)
        desk = replace(self.desk, year=replace(self.desk.year, usage=(batch,)))
        before = _charges(desk)
        with self.meter.took() as took:
            accept_usage(desk, batch)
            charge_batch(desk, batch.path)
        return took, _charges(desk) - before


def by_orders(bench: Bench, rounds: int) -> None:
    """Batches that concern 1, 100 and 1,000 orders."""
    for orders in ORDERS:
        days = [_day(number, f"o{orders}", range(orders)) for number in range(rounds + 1)]
        bench.take(days[0])  # what is compiled or read once is read now
        tell("orders", orders, [bench.take(day) for day in days[1:]], bench.meter)


def by_length(bench: Bench, rounds: int) -> None:
    """Batches for vouchers that have 10, 1,000 and 10,000 charges, in turns."""
    for order, length in enumerate(LENGTHS):
        days = min(length, _DAYS_OF_HISTORY)
        made = 0
        for number in range(length // days):
            made += bench.take([_reading(order, day, number) for day in range(days)])[1]
        if made != length:
            sys.exit(f"The history of {length} charges has {made}.")
    found: dict[int, list[tuple[Took, int]]] = {length: [] for length in LENGTHS}
    for number in range(rounds):
        for order, length in enumerate(LENGTHS):
            found[length].append(bench.take(_day(number, f"l{order}", [order])))
    for length, batches in found.items():
        tell("charges_before", length, batches, bench.meter)


def tell(kind: str, size: int, found: list[tuple[Took, int]], meter: Meter) -> None:
    """Print the medians of some batches; CPU of the database, in ticks, as a mean."""
    database = sum(took.database for took, _ in found) / len(found)
    facts: dict[str, Any] = {kind: size, "records": RECORDS, "charges": found[-1][1]}
    facts |= {"wall": median(took.wall for took, _ in found)}
    facts |= {"cpu": median(took.here for took, _ in found) + database, "database": database}
    print(json.dumps(facts | {"has_database": meter.has_database}), flush=True)


def _day(number: int, name: str, orders: Sequence[int]) -> list[UsageRecord]:
    """1,000 readings of a day, by turns of each order, as uses that no batch spoke of before."""
    records = records_of(_PLAN.readings(number))[:RECORDS]
    return [
        _of_order(
            replace(record, key=replace(record.key, job=f"{name}-{number}-{record.key.job}")),
            orders[place % len(orders)],
        )
        for place, record in enumerate(records)
    ]


def _of_order(record: UsageRecord, order: int) -> UsageRecord:
    """The same use by the account of another order."""
    _, _, account, device_class = UsagePlan(RECORDS, RECORDS, 4, providers=1).order(order)
    return replace(record, account=account, key=replace(record.key, device_class=device_class))


def _reading(order: int, day: int, number: int) -> UsageRecord:
    """One hour of a card on a day, the same for all but its job."""
    starts_at = datetime.fromtimestamp(MONTH_STARTS_AT, tz=UTC) + timedelta(days=day, hours=1)
    key = UsageKey("P-0", "hpc-0", f"h{order}-{number}-{day}", "", starts_at)
    ends_at = starts_at + timedelta(hours=1)
    return _of_order(UsageRecord(key, "", 1, ends_at, is_final=True, state="COMPLETED"), order)


def _charges(desk: Desk) -> int:
    return Charge.objects.filter(programme_id=desk.programme_id).count()


def main() -> None:
    """Make the programmes, then measure."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    call_command("migrate", verbosity=0)
    meter = Meter()
    few = UsagePlan(rows=RECORDS, partition=RECORDS, orders=4, providers=1)
    by_length(Bench(ProgrammePlan("length", few, ends_on=YEAR_ENDS_ON).opened(), meter), rounds)
    many = replace(few, orders=ORDERS[-1])
    by_orders(Bench(ProgrammePlan("orders", many).opened(), meter), rounds)
    if not Transfer.objects.filter(code="CAPTURE").exists():
        sys.exit("No voucher paid anything: then posting was not measured.")


if __name__ == "__main__":
    main()
