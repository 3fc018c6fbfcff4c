"""A month of readings into posted charges, on the database that EVERNORMAL_DATABASE_URL names.

    .venv/bin/python benchmarks/usage_month.py [rows] [orders] [rounds]

Started by usage_to_charge.py, once a database. Each round makes another month of readings, as the
lake keeps them, for the same orders, and takes in the same minutes

limit   Polars reads and sums the columns that rating needs, of all files: numbers by their sum,
        texts by that of their lengths, so that they too are read and not only counted
rated   the files' card-seconds by order, day and band (engines/rating), all files at once
posted  the whole path: provider by provider the files are rated and added to the orders' days, each
        order with something due is charged, each voucher's part captured, all of it written to the
        database with its audit records, durably

and holds the sums of the second against the third. Prints a line of JSON a database.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "evernormal.settings")
django.setup()

import polars as pl  # noqa: E402 - Django comes first
from django.core.management import call_command  # noqa: E402
from django.db.models import Sum  # noqa: E402
from usage_generator import READINGS, UsagePlan, write_partition  # noqa: E402
from usage_meter import Meter, Took  # noqa: E402
from usage_programme import ProgrammePlan, batch_of  # noqa: E402

from evernormal.actions.charges import charge_batch  # noqa: E402
from evernormal.actions.desk import Desk  # noqa: E402
from evernormal.domain.audit import Act  # noqa: E402
from evernormal.engines.rating import rate_files  # noqa: E402
from evernormal.engines.rating.files import COLUMNS  # noqa: E402
from evernormal.formats.intake.year_input import UsageFile  # noqa: E402
from evernormal.store import usage_lake  # noqa: E402
from evernormal.store.charging import add_use  # noqa: E402
from evernormal.store.models import AuditRecord, Charge, UsageBatch  # noqa: E402
from evernormal.store.models import Transfer as TransferRow  # noqa: E402
from evernormal.store.transaction import transaction  # noqa: E402

PARTITION = 1_000_000


@dataclass(slots=True)
class Month:
    """One round: its files by provider, and what each way took."""

    number: int
    plan: UsagePlan
    files: dict[str, list[Path]]

    @property
    def all_files(self) -> list[Path]:
        """The whole month."""
        return [path for paths in self.files.values() for path in paths]


def written(number: int, plan: UsagePlan, folder: Path) -> Month:
    """Make a month's files."""
    plan = replace(plan, seed=10 + number)
    folder = folder / f"month-{number}"
    folder.mkdir()
    files: dict[str, list[Path]] = {}
    for partition in range(plan.partitions):
        provider = f"P-{plan.provider_of(partition)}"
        files.setdefault(provider, []).append(write_partition(plan, partition, folder))
    return Month(number, plan, files)


def read_bare(paths: Sequence[Path]) -> None:
    """Read and sum what rating reads: the limit."""
    texts = [name for name in COLUMNS if READINGS[name] == pl.String]
    numbers = [name for name in COLUMNS if name not in texts]
    pl.scan_parquet(list(paths), glob=False).select(
        pl.col(numbers).cast(pl.Int64).sum(), pl.col(texts).str.len_bytes().sum()
    ).collect()


def rated(desk: Desk, paths: Sequence[Path]) -> int:
    """Card-seconds of all orders, rated from the files."""
    uses = rate_files(paths, desk.year.orders, prices=desk.prices, zone=desk.zone)
    return sum(use.used.count for use in uses)


def posted(desk: Desk, month: Month) -> int:
    """The whole path for all providers; gives how many charges it made."""
    mine = Charge.objects.filter(programme_id=desk.programme_id)
    before = mine.count()
    for place, (provider, paths) in enumerate(month.files.items()):
        batch = batch_of(f"{month.number}-{provider}", provider, minute=month.number * 60 + place)
        year = replace(desk.year, usage=(batch,))
        _add_batch(replace(desk, year=year), batch, paths)
        charge_batch(replace(desk, year=year), batch.path)
    return mine.count() - before


def _add_batch(desk: Desk, batch: UsageFile, paths: Sequence[Path]) -> None:
    """Rate files that are in the lake already, and add them to the orders' days, as an act."""
    orders = [order for order in desk.year.orders if order.provider_id == batch.provider_id]
    with transaction(desk.programme_id) as tx:
        uses = rate_files(paths, orders, prices=desk.prices, zone=desk.zone)
        act = tx.append(
            Act.ACCEPT_USAGE,
            key=f"{Act.ACCEPT_USAGE.value}/{batch.path}",
            by=batch.provider_id,
            at=batch.received_at.astimezone(desk.zone),
            facts={"batch": batch.path, "files": len(paths)},
        )
        UsageBatch.objects.create(
            programme=tx.programme,
            batch_id=batch.path,
            provider_id=batch.provider_id,
            sha256=batch.sha256,
            act=act,
        )
        add_use(tx.programme, ((use, 1) for use in uses))


def seconds_of(meter: Meter, work: Any, *given: Any) -> tuple[Took, Any]:
    """What work took, and what it gave."""
    with meter.took() as took:
        found = work(*given)
    return took, found


def measure(rows: int, orders: int, rounds: int) -> dict[str, Any]:
    """Rounds of the three, each with files of its own; medians, ratios by round."""
    if pl.Schema(READINGS) != usage_lake.READINGS:
        sys.exit("The lake has other columns than the generator makes.")
    plan = UsagePlan(rows=rows, partition=min(PARTITION, rows), orders=orders)
    desk = ProgrammePlan(f"month-{orders}", plan).opened()
    meter = Meter()
    walls: dict[str, list[float]] = {"limit": [], "rated": [], "posted": []}
    charges, cpu = 0, []
    with tempfile.TemporaryDirectory(prefix="evernormal-lake-") as place:
        for number in range(rounds + 1):
            month = written(number, plan, Path(place))
            limit, _ = seconds_of(meter, read_bare, month.all_files)
            rating, used = seconds_of(meter, rated, desk, month.all_files)
            posting, charges = seconds_of(meter, posted, desk, month)
            _demand_all_charged(desk, used, month)
            for path in month.all_files:
                path.unlink()
            if number:  # the first compiles and reads what stays read
                for name, took in zip(walls, (limit, rating, posting), strict=True):
                    walls[name].append(took.wall)
                cpu.append(posting.cpu)
            time.sleep(1)  # lets the disk finish with the files that went
    facts: dict[str, Any] = {"rows": rows, "orders": orders, "charges": charges}
    facts |= {"rows_per_charge": rows // charges}
    facts |= {f"{name}_per_second": rows / median(found) for name, found in walls.items()}
    facts |= {"posted_cpu_us_per_row": median(cpu) / rows * 1e6}
    for name in ("rated", "posted"):
        pairs = zip(walls["limit"], walls[name], strict=True)
        facts[f"{name}_ratio"] = median(limit / found for limit, found in pairs)
    return facts


def _demand_all_charged(desk: Desk, used: int, month: Month) -> None:
    """The card-seconds rated at once are those charged by provider, and vouchers paid a part."""
    names = [f"{month.number}-{provider}" for provider in month.files]
    charges = Charge.objects.filter(programme_id=desk.programme_id, batch__batch_id__in=names)
    charged = charges.aggregate(Sum("used_seconds"), Sum("voucher_fen"))
    if charged["used_seconds__sum"] != used:
        sys.exit(f"Rated {used} card-seconds, charged {charged['used_seconds__sum']}.")
    acts = AuditRecord.objects.filter(charge__in=charges).distinct()
    transfers = TransferRow.objects.filter(act__in=acts).count()
    if not charged["voucher_fen__sum"] or transfers < acts.count():
        sys.exit("Not every order's charge was posted to its voucher.")


def main() -> None:
    """Measure on this database."""
    sizes = [int(each) for each in sys.argv[1:]]
    call_command("migrate", verbosity=0)
    print(json.dumps(measure(*(sizes + [20_000_000, 1_000, 3][len(sizes) :]))))


if __name__ == "__main__":
    main()
