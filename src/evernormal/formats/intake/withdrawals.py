"""Withdrawals: cards that providers take out of the programme."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from evernormal.domain.market import Withdrawal
from evernormal.domain.values import Period
from evernormal.formats.intake.folder import Folder
from evernormal.formats.intake.row import Row
from evernormal.formats.problems import Problem


def withdrawal_of(row: Row, *, closes_on: date) -> Withdrawal:
    """The withdrawal of a row that was found to be sound; without a last day, to the closing."""
    v: Mapping[str, Any] = row.values
    last_on = v.get("ends_on") or max(closes_on, v["starts_on"])
    return Withdrawal(
        provider_id=v["provider_id"],
        device_class=v["device_class"],
        cards=v["cards"],
        period=Period.of_days(v["starts_on"], last_on),
        told_on=v["told_on"],
        reason=v.get("reason", ""),
    )


def withdrawal_problems(folder: Folder) -> Iterator[Problem]:
    """Give what is wrong with withdrawals, apart from unknown references."""
    capacity = folder.sheets["capacity.csv"]
    offered = {
        (row.texts.get("provider_id"), row.texts.get("device_class")): row.find("cards", int)
        for row in capacity.rows
    }
    taken: dict[tuple[str | None, str | None], list[tuple[Period, int]]] = defaultdict(list)
    for row in folder.sheets["withdrawals.csv"].rows:
        yield from _days(row)
        pool = (row.find("provider_id", str), row.find("device_class", str))
        if capacity.is_whole and all(pool) and pool not in offered:
            message = f"{pool[0]} offers no {pool[1]} in capacity.csv."
            todo = "Correct the class, or add its cards to capacity.csv."
            yield row.problem("device_class", "order.no_capacity", message, todo)
        yield from _too_many(row, taken[pool], offered.get(pool))


def _days(row: Row) -> Iterator[Problem]:
    told_on, first, last = (row.find(name, date) for name in ("told_on", "starts_on", "ends_on"))
    if told_on and first and first <= told_on:
        message = f"{first} is not after told_on, {told_on}."
        todo = "Cards that are in use go on the next day at the earliest: enter a later day."
        yield row.problem("starts_on", "withdrawal.without_notice", message, todo)
    if first and last and last < first:
        message = f"{last} is before starts_on, {first}."
        yield row.problem(
            "ends_on", "withdrawal.ends_before_start", message, "Correct one of the two."
        )


def _too_many(row: Row, before: list[tuple[Period, int]], offered: int | None) -> Iterator[Problem]:
    """Refuse to take out more cards than the pool has on some day, with those taken out before."""
    first, last = row.find("starts_on", date), row.find("ends_on", date)
    cards = row.find("cards", int)
    if first is None or cards is None or offered is None:
        return
    if last is not None and last < first:
        return  # told by `_days`
    period = Period(first, date.max) if last is None else Period(first, last + timedelta(days=1))
    days = [first, *(other.starts_on for other, _ in before if period.holds(other.starts_on))]
    most = max(sum(taken for other, taken in before if other.holds(day)) for day in days)
    before.append((period, cards))
    if most + cards > offered:
        message = f"{most + cards} cards would be out; the pool has {offered}."
        todo = "Correct the number, or the days of the withdrawals."
        yield row.problem("cards", "withdrawal.of_too_many", message, todo)
