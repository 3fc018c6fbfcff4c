"""Changes of orders: what the office was told became of them."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from evernormal.domain.market import OrderChange, OrderChangeKind
from evernormal.formats.intake.folder import Folder
from evernormal.formats.intake.row import Row
from evernormal.formats.problems import Problem

_REPLACEMENT = re.compile(r"(?P<order>.+)-R[1-9][0-9]{0,3}")
_OF_AMENDMENTS = ("cards", "card_hours", "ends_on")


def order_change_of(row: Row) -> OrderChange:
    """The change of a row that was found to be sound."""
    v: Mapping[str, Any] = row.values
    ends_on = v.get("ends_on")
    return OrderChange(
        order_id=v["order_id"],
        kind=v["change"],
        changed_on=v["changed_on"],
        effective_on=v.get("effective_on") or v["changed_on"] + timedelta(days=1),
        cards=v.get("cards"),
        card_hours=v.get("card_hours"),
        ends_on=None if ends_on is None else ends_on + timedelta(days=1),
        reason=v.get("reason", ""),
    )


def order_change_problems(folder: Folder) -> Iterator[Problem]:
    """Give what is wrong with changes of orders."""
    sheet = folder.sheets["orders.csv"]
    orders = {row.texts.get("order_id", ""): row for row in sheet.rows}
    orders.pop("", None)
    rows = folder.sheets["order_changes.csv"].rows
    cancelled = {
        row.texts.get("order_id", "")
        for row in rows
        if row.find("change", OrderChangeKind) is OrderChangeKind.CANCELLED_BY_PROVIDER
    }
    received = {sent.order.id for sent in folder.received_orders}
    for row in rows:
        order_id = row.find("order_id", str)
        first = _first_of(order_id or "", orders.keys() | received)
        is_replacement = first is not None and first != order_id
        if order_id and sheet.is_whole and first is None:
            message = f'"{order_id}" is not in orders.csv.'
            todo = "Correct it, or add the row to orders.csv."
            yield row.problem("order_id", "reference.unknown", message, todo)
        elif is_replacement and first not in cancelled:
            message = f"No provider cancelled {first}, so nothing takes its place."
            todo = "Name the order itself, or enter the cancellation."
            yield row.problem("order_id", "change.of_no_replacement", message, todo)
        yield from _days(row, orders.get(order_id or ""))
        yield from _amendment(row, orders.get(order_id or ""))


def _first_of(order_id: str, orders: set[str]) -> str | None:
    """The order that an id names, or whose replacement it names; None where there is none."""
    if order_id in orders:
        return order_id
    match = _REPLACEMENT.fullmatch(order_id)
    return match["order"] if match and match["order"] in orders else None


def _days(row: Row, order: Row | None) -> Iterator[Problem]:
    changed_on, effective_on = row.find("changed_on", date), row.find("effective_on", date)
    if changed_on and effective_on and effective_on <= changed_on:
        message = f"{effective_on} is not after changed_on, {changed_on}."
        todo = "What was used before the office was told is charged: enter a later day."
        yield row.problem("effective_on", "change.takes_effect_too_early", message, todo)
    ordered_on = order.find("ordered_on", date) if order else None
    if changed_on and ordered_on and changed_on < ordered_on:
        message = f"{changed_on} is before the order of {ordered_on}."
        yield row.problem("changed_on", "change.before_order", message, "Correct one of the two.")


def _amendment(row: Row, order: Row | None) -> Iterator[Problem]:
    kind = row.find("change", OrderChangeKind)
    if kind is None:
        return
    if kind is OrderChangeKind.RECALLED_IDLE:
        message = "Idle cards are recalled by the terms of the calendar."
        todo = "Write [[calendar_terms]] in programme.toml, and take the row out."
        yield row.problem("change", "change.by_terms", message, todo)
    filled = [column for column in _OF_AMENDMENTS if row.texts.get(column)]
    if kind is OrderChangeKind.AMENDED and not filled:
        message = "Is an amendment, but cards, card_hours and ends_on are blank."
        todo = "Enter what changes."
        yield row.problem("change", "change.of_nothing", message, todo)
    for column in filled if kind is not OrderChangeKind.AMENDED else ():
        message = "A cancelled order has none."
        todo = "Leave it blank, or write AMENDED as the change."
        yield row.problem(column, "change.not_amended", message, todo)
    cards, gang = row.find("cards", int), order.find("gang_cards", int) if order else None
    if cards and gang and cards % gang:
        message, todo = f"{cards} is not a multiple of {gang}.", "Order whole gangs."
        yield row.problem("cards", "order.part_of_a_gang", message, todo)
