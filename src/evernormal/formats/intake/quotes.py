"""Quotes that buyers ask for, and orders that come on them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final

from evernormal.domain.market import (
    VALID_AT_MOST,
    Order,
    QuoteRequest,
    quote_request,
)
from evernormal.domain.values import Period
from evernormal.formats.intake.folder import Folder
from evernormal.formats.intake.row import Row
from evernormal.formats.problems import Problem

_WORDS: Final = {
    "contract_id": "contract",
    "device_class": "class of card",
    "site": "site",
    "plan": "plan",
    "cards": "cards",
    "card_hours": "card-hours",
    "starts_on": "first day",
    "ends_on": "last day",
}


def quotes_of(rows: Iterable[Row], provider_of: Mapping[str, str]) -> tuple[QuoteRequest, ...]:
    """The quotes of rows that were found to be sound, in the order of the file.

    provider_of  by contract or purchase
    """
    read = (_quote_of(row, provider_of[row.texts["contract_id"]]) for row in rows)
    return tuple(quote for quote in read if quote is not None)


def quote_problems(folder: Folder) -> Iterator[Problem]:
    """Give what is wrong with quotes, and with the orders that come on them."""
    sheet = folder.sheets["quotes.csv"]
    if sheet.rows and not folder.has_capacity:
        message, todo = "quotes.csv needs it.", "Add it: the cards that each provider offers."
        yield Problem("capacity.csv", None, None, "file.missing", message, todo)
    for row in sheet.rows:
        yield from _of_quote(row)
    quotes: dict[str, Row] = {}
    for row in sheet.rows:
        quotes.setdefault(row.texts.get("quote_id", ""), row)
    for row in folder.sheets["orders.csv"].rows:
        quote_id = row.find("quote_id", str)
        if quote_id in quotes:
            yield from _of_order(row, quotes[quote_id])
        elif quote_id and sheet.is_whole:
            message = f'"{quote_id}" is not in quotes.csv.'
            todo = "Correct it, or add the row to quotes.csv."
            yield row.problem("quote_id", "reference.unknown", message, todo)


def _of_quote(row: Row) -> Iterator[Problem]:
    first, last = row.find("starts_on", date), row.find("ends_on", date)
    if first and last and last < first:
        message = f"{last} is before starts_on, {first}."
        yield row.problem("ends_on", "quote.ends_before_start", message, "Correct one of the two.")
    cards, gang = row.find("cards", int), row.find("gang_cards", int)
    if cards and gang and cards % gang:
        message, todo = f"{cards} is not a multiple of {gang}.", "Ask for whole gangs."
        yield row.problem("cards", "order.part_of_a_gang", message, todo)
    quoted_on, until = row.find("quoted_on", date), row.find("valid_until", date)
    if quoted_on and last and quoted_on > last:
        message = f"{quoted_on} is after the last day, {last}."
        yield row.problem("quoted_on", "quote.after_its_end", message, "Correct one of the two.")
    if quoted_on and until and not quoted_on <= until <= quoted_on + VALID_AT_MOST:
        message = f"{until} is not within {VALID_AT_MOST.days} days from quoted_on, {quoted_on}."
        todo = f"Enter a day from {quoted_on} to {quoted_on + VALID_AT_MOST}."
        yield row.problem("valid_until", "quote.valid_too_long", message, todo)


def _of_order(row: Row, quote_row: Row) -> Iterator[Problem]:
    """What an order has that its quote is not for, by columns of the order."""
    quote = _quote_of(quote_row, "")
    if quote is None:
        return
    ordered_on = row.find("ordered_on", date)
    if ordered_on is None and not row.texts.get("ordered_on"):
        message = f"Is blank, but the order comes on quote {quote.id}."
        todo = f"Enter the day of the order, {quote.quoted_on} to {quote.valid_until}."
        yield row.problem("ordered_on", "order.quote_without_day", message, todo)
    elif ordered_on and not quote.is_valid_on(ordered_on):
        message = f"Quote {quote.id} is good from {quote.quoted_on} to {quote.valid_until}."
        todo = "Ask for a new quote, or leave quote_id blank."
        yield row.problem("ordered_on", "order.quote_over", message, todo)
    order = _order_of(row, "")
    for column in quote.exceeded_by(order) if order else ():
        told = quote_row.texts.get(column) or "blank"
        message = f"Quote {quote.id} is for the {_WORDS[column]} {told}."
        todo = "Order what was quoted or a part of it, or ask for a new quote."
        yield row.problem(column, "order.not_as_quoted", message, todo)


def _quote_of(row: Row, provider_id: str) -> QuoteRequest | None:
    """The quote of a row; None where it could not be read."""
    order, quoted_on = _order_of(row, provider_id), row.find("quoted_on", date)
    if order is None or quoted_on is None:
        return None
    return quote_request(order, quoted_on=quoted_on, valid_until=row.find("valid_until", date))


def _order_of(row: Row, provider_id: str) -> Order | None:
    """What is ordered or asked for; None where it could not be read."""
    first, last = row.find("starts_on", date), row.find("ends_on", date)
    contract_id, device_class = row.find("contract_id", str), row.find("device_class", str)
    cards, hours = row.find("cards", int), row.find("card_hours", int)
    if not (first and last and first <= last and contract_id and device_class and cards and hours):
        return None
    return Order(
        id="",
        contract_id=contract_id,
        provider_id=provider_id,
        device_class=device_class,
        cards=cards,
        gang_cards=row.find("gang_cards", int) or 1,
        card_hours=hours,
        period=Period.of_days(first, last),
        site=row.texts.get("site", ""),
        plan=row.texts.get("plan", ""),
        quote_id=row.texts.get("quote_id", ""),
    )
