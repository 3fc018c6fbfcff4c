"""The figures of benchmarks/ledger.py on one database, in a program of their own."""

import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from django.core.management import call_command
from django.db import connection
from ledger_checks import check
from ledger_limit import Disk, Load
from ledger_traffic import BATCH, Traffic

from evernormal.engines.posting import TRANSFER, Transfers

ROUNDS, BATCHES = 7, 12
MILLION = 1_000_000
RECORD_BYTES = 128
HOLDS = 400
PAIRS = 80
GOALS = {"sqlite": 0.06, "postgresql": 0.02}
VOUCHERS = 10_000


@dataclass(frozen=True, slots=True)
class Size:
    """How much a run posts."""

    transfers: int
    accounts: int


SIZES = {"short": Size(2 * MILLION, 100_000), "full": Size(10 * MILLION, MILLION)}


def timed(traffic: Traffic, batch: Transfers) -> float:
    """Seconds that a batch takes until it is durable."""
    begin = time.perf_counter()
    traffic.post(batch)
    return time.perf_counter() - begin


def say(name: str, ratio: float, goal: float) -> None:
    """Print a figure's last line."""
    print(f"{name}_{connection.vendor} ratio={ratio:.3f} goal={goal}", flush=True)


def batches(traffic: Traffic, disk: Disk) -> None:
    """Rates of batches and of the limit, in the same rounds."""
    load, ratios, own, rates = Load(), [], [], []
    for _ in range(ROUNDS):
        ours = limit = limit_own = 0.0
        for _ in range(BATCHES):
            ours += timed(traffic, traffic.batch())
            limit += disk.seconds(BATCH * RECORD_BYTES)
            limit_own += disk.seconds(BATCH * TRANSFER.itemsize)
        ratios.append(limit / ours)
        own.append(limit_own / ours)
        rates.append(BATCHES * BATCH / ours)
    print(
        f"batch: {median(rates):,.0f} transfers/s ({min(rates):,.0f} to {max(rates):,.0f}), limit "
        f"{median(r / q for r, q in zip(rates, ratios, strict=True)):,.0f}/s; to our own "
        f"{TRANSFER.itemsize} bytes ratio {median(own):.3f}; {load.told()}"
    )
    say("ledger_batch", median(ratios), GOALS[connection.vendor])


def hot(traffic: Traffic) -> None:
    """One payee account against two hundred, turn by turn."""
    load, spread, one = Load(), [], []
    for _ in range(ROUNDS * 4):
        spread.append(timed(traffic, traffic.batch()))
        one.append(timed(traffic, traffic.batch(payees=1)))
    print(
        f"hot: {BATCH / median(one):,.0f} transfers/s to one account, {BATCH / median(spread):,.0f}"
        f" to many; {load.told()}"
    )
    say("ledger_hot_account", median(spread) / median(one), 0.8)


def holds(traffic: Traffic, disk: Disk) -> None:
    """Single holds, each beside one fdatasync."""
    traffic.post(traffic.hold())
    load, ours, limit = Load(), [], []
    for _ in range(HOLDS):
        ours.append(timed(traffic, traffic.hold()))
        limit.append(disk.seconds(RECORD_BYTES))
    ordered = sorted(ours)
    print(
        f"hold: median {median(ours) * 1e6:,.0f} us, p99 {ordered[HOLDS * 99 // 100] * 1e6:,.0f} us"
        f", {HOLDS / sum(ours):,.0f}/s; fdatasync {median(limit) * 1e6:,.0f} us; "
        f"{load.told()}"
    )
    say("ledger_single_hold", median(limit) / median(ours), 0.8)


def growth(traffic: Traffic, transfers: int) -> None:
    """Post until there are so many transfers; then go on beside a young programme, turn by turn."""
    load, times = Load(), []
    while traffic.size < transfers:
        times.append(timed(traffic, traffic.batch()))
    window = min(MILLION // BATCH, len(times) // 2)
    first, last = times[:window], times[-window:]
    print(
        f"transfers: {BATCH / median(first):,.0f}/s in the first, {BATCH / median(last):,.0f}/s in "
        f"the last {window * BATCH:,} of {traffic.size:,}; {load.told()}"
    )
    young = Traffic(VOUCHERS, room=PAIRS * BATCH)
    load = Load()
    ratios = [timed(young, young.batch()) / timed(traffic, traffic.batch()) for _ in range(PAIRS)]
    print(f"transfers: {PAIRS} batches beside a young programme's; {load.told()}")
    say("ledger_kept_with_transfers", median(ratios), 0.95)
    check(young)


def accounts(few: Traffic, count: int) -> None:
    """The rate with many accounts against that with few, turn by turn; then count them in."""
    begin = time.perf_counter()
    many = Traffic(count, room=PAIRS * BATCH)
    opened = time.perf_counter() - begin
    load, of_few, of_many = Load(), [], []
    for _ in range(PAIRS):
        of_few.append(timed(few, few.batch()))
        of_many.append(timed(many, many.batch()))
    begin = time.perf_counter()
    many.journal.count_in()
    counted = time.perf_counter() - begin
    print(
        f"accounts: {BATCH / median(of_many):,.0f} transfers/s with {count:,} accounts, "
        f"{BATCH / median(of_few):,.0f} with {VOUCHERS:,}; opened and funded in {opened:.1f} s, "
        f"counted in, once, in {counted:.1f} s; {load.told()}"
    )
    ratios = [one / other for one, other in zip(of_few, of_many, strict=True)]
    say("ledger_kept_with_accounts", median(ratios), 0.95)
    check(many)


def measure(folder: Path, size: Size) -> None:
    """Every figure, then the check of the books."""
    call_command("migrate", verbosity=0)
    room = size.transfers + (ROUNDS * (BATCHES + 8) + 2 * PAIRS + 8) * BATCH
    traffic = Traffic(VOUCHERS, room=room)
    traffic.post(traffic.batch())
    with Disk(folder) as disk:
        batches(traffic, disk)
        hot(traffic)
        holds(traffic, disk)
    growth(traffic, size.transfers)
    accounts(traffic, size.accounts)
    check(traffic)
    print(f"checked: {traffic.posted:,} transfers of {traffic.programme.pk}", flush=True)
