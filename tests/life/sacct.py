"""What `sacct` printed for the example of Guizhou, read by a few lines of the tests' own."""

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta

from tests.life.money import days, fen, midnight
from tests.life.shelf import Books, Row

TEXT, JSON = "usage/sacct-2026-03.txt", "usage/sacct-2026-03.json"
CLASSES = {"a100": "A100-80G", "h100": "H100-80G", "ascend910b": "Ascend-910B"}


@dataclass(frozen=True)
class Run:
    """One run of one job on cards of one class, in epoch seconds."""

    job: str
    starts_at: int
    account: str
    device_class: str
    cards: int
    ends_at: int
    state: str


def runs(books: Books) -> list[Run]:
    """Every run with cards in the later of the two files, which repeats the earlier."""
    header, *lines = books.files[f"inputs/{TEXT}"].decode().split("\n")[:-1]
    rows = [dict(zip(header.split("|"), line.split("|"), strict=True)) for line in lines]
    return [run for row in rows if "." not in row["JobIDRaw"] for run in _run(row)]


def _run(row: Row) -> list[Run]:
    found = re.search(r"gres/gpu:(\w+)=(\d+)", row["AllocTRES"])
    if found is None:
        return []
    start = int(row["Start"])
    is_over = row["End"] != "Unknown"
    end = int(row["End"]) if is_over else start + int(row["ElapsedRaw"])
    name, cards = CLASSES[found[1]], int(found[2])
    return [Run(row["JobID"], start, row["Account"], name, cards, end, row["State"].split()[0])]


def running_in_the_json(books: Books) -> set[tuple[str, int]]:
    """(job, start) of what the first file saw still running."""
    jobs = json.loads(books.files[f"inputs/{JSON}"])["jobs"]
    return {
        (str(job["job_id"]), job["time"]["start"])
        for job in jobs
        if job["state"]["current"] == "RUNNING"
    }


def use_by_day(books: Books, order: Row) -> dict[date, int]:
    """Card-seconds of an order on each day of its period."""
    contract = books.row("inputs/contracts.csv", contract_id=order["contract_id"])
    first = midnight(date.fromisoformat(order["starts_on"]))
    last = midnight(date.fromisoformat(order["ends_on"]) + timedelta(days=1))
    used: dict[date, int] = {}
    for run in runs(books):
        if (run.account, run.device_class) == (contract["meter_account"], order["device_class"]):
            for day, seconds in days(max(run.starts_at, first), min(run.ends_at, last)):
                used[day] = used.get(day, 0) + seconds * run.cards
    return used


def price_on(books: Books, device_class: str, day: date) -> int:
    """Fen per card-hour on a day."""
    (price,) = (
        fen(row["price_yuan_per_card_hour"])
        for row in books.where("inputs/prices.csv", device_class=device_class)
        if row["starts_on"] <= f"{day}" <= (row["ends_on"] or "9999-12-31")
    )
    return price
