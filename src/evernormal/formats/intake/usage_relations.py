"""What orders say about contracts, prices and each other."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from evernormal.domain.market import (
    NoExchangeRate,
    NoPrice,
    PriceKey,
    PriceList,
    ProviderAnswer,
)
from evernormal.domain.values import Period
from evernormal.formats.intake.folder import Folder
from evernormal.formats.intake.price_relations import price_list
from evernormal.formats.intake.purchases import contracts_and_purchases
from evernormal.formats.intake.relations import by_text
from evernormal.formats.intake.row import Row
from evernormal.formats.problems import Problem


def order_problems(folder: Folder) -> Iterator[Problem]:
    """Give what is wrong with orders."""
    rows = folder.sheets["orders.csv"].rows
    if rows and not folder.has_capacity:
        message, todo = "orders.csv needs it.", "Add it: the cards that each provider offers."
        yield Problem("capacity.csv", None, None, "file.missing", message, todo)
    contracts = contracts_and_purchases(folder)
    capacity = folder.sheets["capacity.csv"]
    offered = {(r.texts.get("provider_id"), r.texts.get("device_class")) for r in capacity.rows}
    knows_offered = folder.has_capacity and capacity.is_whole
    providers = by_text(folder.sheets["providers.csv"], "provider_id")
    prices = price_list(folder)
    for row in rows:
        cards, gang = row.find("cards", int), row.find("gang_cards", int)
        if cards and gang and cards % gang:
            message, todo = f"{cards} is not a multiple of {gang}.", "Order whole gangs."
            yield row.problem("cards", "order.part_of_a_gang", message, todo)
        contract = contracts.get(row.texts.get("contract_id", ""))
        device_class = row.find("device_class", str)
        if contract is None:
            continue
        provider_id = contract.find("provider_id", str)
        is_named = knows_offered and provider_id in providers and device_class
        if is_named and (provider_id, device_class) not in offered:
            message = f"{provider_id} offers no {device_class} in capacity.csv."
            todo = "Correct the class, or add its cards to capacity.csv."
            yield row.problem("device_class", "order.no_capacity", message, todo)
        yield from _order_days(row, contract)
        yield from _further_contracts(row, contract, contracts)
        if is_named and (provider_id, device_class) in offered:
            yield from _unpriced(row, provider_id or "", prices)
    yield from _overlapping_orders(rows)


def _further_contracts(row: Row, contract: Row, contracts: Mapping[str, Row]) -> Iterator[Problem]:
    """Give each further contract that is not another one of the same buyer and provider."""
    further = row.find("further_contracts", tuple) or ()
    named = (row.texts.get("contract_id"), *further)
    for position, contract_id in enumerate(further):
        other = contracts.get(contract_id)
        if other is None:
            message = f'"{contract_id}" is not in contracts.csv.'
            todo = "Correct it, or add the row to contracts.csv."
            yield row.problem("further_contracts", "reference.unknown", message, todo)
        elif contract_id in named[: position + 1]:
            message = f"The order names {contract_id} already."
            todo = "Name each contract once."
            yield row.problem("further_contracts", "order.contract_twice", message, todo)
        elif any(
            other.texts.get(party) != contract.texts.get(party)
            for party in ("applicant_id", "provider_id")
        ):
            message = f"{contract_id} is between another buyer and provider."
            todo = "Name contracts of the order's own buyer with its own provider."
            yield row.problem("further_contracts", "order.contract_of_others", message, todo)


def _unpriced(row: Row, provider_id: str, prices: PriceList | None) -> Iterator[Problem]:
    """Refuse an order for a day without a price: it could not be quoted, or its use not rated."""
    first, last = row.find("starts_on", date), row.find("ends_on", date)
    if prices is None or first is None or last is None or last < first:
        return
    key = _key_of(row, provider_id)
    for offset in range((last - first).days + 1):
        day = first + timedelta(offset)
        try:
            prices.dearest_on(key, day)
        except (NoPrice, NoExchangeRate) as refusal:
            message, todo = unpriced_words(refusal, provider_id)
            todo = f"{todo.rstrip('.')}, or end the order before."
            code = "order.no_price" if isinstance(refusal, NoPrice) else refusal.code
            yield row.problem("starts_on", code, f"{message}.", todo)
            return


def _overlapping_orders(rows: Sequence[Row]) -> Iterator[Problem]:
    """Refuse two orders of one contract for one class and day: each would be charged the use."""
    placed: dict[tuple[str, str], list[tuple[Period, Row]]] = {}
    # An order that the provider declined holds nothing: another may take its place.
    taken = [r for r in rows if r.find("answer", ProviderAnswer) is not ProviderAnswer.DECLINED]
    for row in taken:
        first, last = row.find("starts_on", date), row.find("ends_on", date)
        contract_id, device_class = row.find("contract_id", str), row.find("device_class", str)
        if not (first and last and first <= last and contract_id and device_class):
            continue
        period = Period.of_days(first, last)
        earlier = placed.setdefault((contract_id, device_class), [])
        for other, before in earlier:
            sites = {row.texts.get("site", ""), before.texts.get("site", "")}
            is_apart = "" not in sites and len(sites) > 1
            is_other = before.texts["order_id"] != row.texts["order_id"]
            if other.overlap(period) and is_other and not is_apart:
                message = f"Line {before.line} orders {device_class} on the same days."
                todo = "Make one order of the two, or let one end before the other starts."
                yield row.problem("starts_on", "order.overlap", message, todo)
                break
        earlier.append((period, row))


def _order_days(row: Row, contract: Row) -> Iterator[Problem]:
    starts_on, ends_on = row.find("starts_on", date), row.find("ends_on", date)
    if starts_on and ends_on and ends_on < starts_on:
        message = f"{ends_on} is before starts_on, {starts_on}."
        yield row.problem("ends_on", "order.ends_before_start", message, "Correct one of the two.")
        return
    waits_until = row.find("waits_until", date)
    if waits_until and starts_on and waits_until <= starts_on:
        message = f"{waits_until} is not after starts_on, {starts_on}."
        todo = "Enter a later day, or leave it blank: the order does not wait."
        yield row.problem("waits_until", "order.waits_for_nothing", message, todo)
    ordered_on = row.find("ordered_on", date)
    if ordered_on and ends_on and ordered_on > ends_on:
        message = f"{ordered_on} is after the order's last day, {ends_on}."
        yield row.problem("ordered_on", "order.after_its_end", message, "Correct one of the two.")
    first, last = contract.find("starts_on", date), contract.find("ends_on", date)
    if first and last and first <= last:
        for column, day in (("starts_on", starts_on), ("ends_on", ends_on)):
            if day and not first <= day <= last:
                message = f"{day} is outside the contract's term, {first} to {last}."
                todo = "Order within the term."
                yield row.problem(column, "order.outside_term", message, todo)


def unpriced_words(refusal: NoPrice | NoExchangeRate, provider_id: str) -> tuple[str, str]:
    """What is not there, without a full stop, and what to do."""
    if isinstance(refusal, NoExchangeRate):
        message = f"There is no exchange rate for {refusal.currency} on {refusal.day}"
        return message, "Add a dated row to exchange_rates.csv."
    hours = f" in {refusal.band} hours" if refusal.band else ""
    message = f"{provider_id} has no price for {refusal.device_class} on {refusal.day}{hours}"
    return message, "Add a dated row to the price list."


def asked_prices(folder: Folder) -> dict[tuple[str, str], list[tuple[PriceKey, Period]]]:
    """What price the orders of each contract and class ask for, and on which days."""
    contracts = contracts_and_purchases(folder)
    asked: dict[tuple[str, str], list[tuple[PriceKey, Period]]] = {}
    for row in folder.sheets["orders.csv"].rows:
        first, last = row.find("starts_on", date), row.find("ends_on", date)
        contract = contracts.get(row.texts.get("contract_id", ""))
        if contract is None or first is None or last is None or last < first:
            continue
        key = _key_of(row, contract.texts.get("provider_id", ""))
        place = (row.texts["contract_id"], key.device_class)
        asked.setdefault(place, []).append((key, Period.of_days(first, last)))
    for order in (received.order for received in folder.received_orders):
        place = (order.contract_id, order.device_class)
        asked.setdefault(place, []).append((order.price_key, order.period))
    return asked


def _key_of(order: Row, provider_id: str) -> PriceKey:
    device_class, site, plan = (order.texts.get(n, "") for n in ("device_class", "site", "plan"))
    return PriceKey(provider_id, device_class, site, plan)
