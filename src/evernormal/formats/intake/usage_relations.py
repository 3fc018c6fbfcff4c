"""What orders and meter readings say about contracts, prices and each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from evernormal.domain.market import NoPrice, OverlappingPrices, Price, PriceList, ProviderAnswer
from evernormal.domain.metering import UsageKey, UsageRecord, day_slices
from evernormal.domain.values import Fen, Period
from evernormal.formats.intake.folder import Folder
from evernormal.formats.intake.relations import by_text
from evernormal.formats.intake.row import Row
from evernormal.formats.intake.usage import Meter
from evernormal.formats.problems import Problem
from evernormal.formats.slurm import Reading


def order_problems(folder: Folder) -> Iterator[Problem]:
    """Give what is wrong with orders."""
    rows = folder.sheets["orders.csv"].rows
    if rows and not folder.has_capacity:
        message, todo = "orders.csv needs it.", "Add it: the cards that each provider offers."
        yield Problem("capacity.csv", None, None, "file.missing", message, todo)
    contracts = by_text(folder.sheets["contracts.csv"], "contract_id")
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
        if is_named and (provider_id, device_class) in offered:
            yield from _unpriced(row, provider_id or "", prices)
    yield from _overlapping_orders(rows)


def _unpriced(row: Row, provider_id: str, prices: PriceList | None) -> Iterator[Problem]:
    """Refuse an order for a day without a price: it could not be quoted, or its use not rated."""
    first, last = row.find("starts_on", date), row.find("ends_on", date)
    if prices is None or first is None or last is None or last < first:
        return
    for offset in range((last - first).days + 1):
        day = first + timedelta(offset)
        try:
            prices.price_on(provider_id, row.get("device_class", str), day)
        except NoPrice:
            message = f"{provider_id} has no price for {row.texts['device_class']} on {day}."
            todo = "Add a dated row to the price list, or end the order before."
            yield row.problem("starts_on", "order.no_price", message, todo)
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
            if other.overlap(period) and before.texts["order_id"] != row.texts["order_id"]:
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


@dataclass(frozen=True, slots=True)
class _Known:
    """What readings are compared with. `prices` is None where the list is not sound."""

    contracts: dict[tuple[str, str], Row]
    classes: frozenset[tuple[str, str]]
    prices: PriceList | None
    zone: ZoneInfo


# A reading as it is counted, and the file and line where it stands.
_Placed = tuple[UsageRecord, Meter, int]


def usage_problems(folder: Folder) -> Iterator[Problem]:
    """Give what is wrong with the readings of our contracts, and readings that contradict."""
    if folder.programme is None or folder.programme.find("timezone") is None:
        return
    known = _known(folder, ZoneInfo(folder.programme.find("timezone")))
    final: dict[UsageKey, _Placed] = {}
    for meter in folder.meters:
        if meter.entry.provider_id is None:
            continue
        reported: set[tuple[str, str]] = set()
        for reading in meter.readings:
            yield from _late(meter, reading)
            yield from _conflict(meter, reading, final)
            contract = known.contracts.get((meter.entry.provider_id, reading.account))
            if contract is None:
                continue
            for problem in _ours(meter, reading, contract, known):
                about = (problem.code, reading.card_type)
                if about not in reported:
                    reported.add(about)
                    yield problem
    yield from _overlaps(folder.meters)


def _known(folder: Folder, zone: ZoneInfo) -> _Known:
    contracts = {
        (row.texts.get("provider_id", ""), row.texts["meter_account"]): row
        for row in folder.sheets["contracts.csv"].rows
        if row.texts.get("meter_account")
    }
    prices = folder.sheets["prices.csv"]
    offered = (*prices.rows, *folder.sheets["capacity.csv"].rows)
    classes = frozenset(
        (row.texts.get("provider_id", ""), row.texts.get("device_class", "")) for row in offered
    )
    return _Known(contracts, classes, price_list(folder), zone)


def price_list(folder: Folder) -> PriceList | None:
    """The price list, or None where a row of it cannot be relied on."""
    sheet = folder.sheets["prices.csv"]
    prices = [_price(row) for row in sheet.rows]
    if not sheet.is_whole or None in prices:
        return None
    try:
        return PriceList(price for price in prices if price is not None)
    except OverlappingPrices:
        return None


def _price(row: Row) -> Price | None:
    starts_on, ends_on = row.find("starts_on", date), row.find("ends_on", date)
    amount = row.find("price_yuan_per_card_hour", Fen)
    provider_id, device_class = row.find("provider_id", str), row.find("device_class", str)
    is_end_read = ends_on is not None or not row.texts.get("ends_on")
    if not (starts_on and amount and provider_id and device_class and is_end_read):
        return None
    return Price(
        provider_id=provider_id,
        device_class=device_class,
        starts_on=starts_on,
        ends_on=None if ends_on is None else ends_on + timedelta(days=1),
        price_fen_per_card_hour=amount,
    )


def _late(meter: Meter, reading: Reading) -> Iterator[Problem]:
    received_at = meter.entry.received_at
    if received_at and reading.ends_at > received_at:
        message = f"Job {reading.job} ends after the file was received, {received_at.isoformat()}."
        todo = "Correct received_at in programme.toml, or the zone of the file's times."
        yield meter.problem(reading.line, None, "usage.after_receipt", message, todo)


def _conflict(meter: Meter, reading: Reading, final: dict[UsageKey, _Placed]) -> Iterator[Problem]:
    """Refuse two final readings of the same use that differ, in one file or in two."""
    if not reading.is_final:
        return
    record = meter.record_of(reading)
    known, place, line = final.setdefault(record.key, (record, meter, reading.line))
    if known != record:
        message = (
            f"Job {reading.job} is read otherwise on line {line} of {place.path}: "
            f"{known.cards} cards for {known.account} to {known.ends_at.isoformat()}, "
            f"{known.state}."
        )
        todo = "Ask the provider which is right and remove the other."
        yield meter.problem(reading.line, None, "usage.conflict", message, todo)


def _overlaps(meters: Sequence[Meter]) -> Iterator[Problem]:
    """Refuse two runs of one job at one time: each would be counted.

    A requeued job's runs follow one another. Of the readings of a run only the one that counts
    is compared: a final one, or the one that reaches furthest.
    """
    counted: dict[UsageKey, _Placed] = {}
    for meter in meters:
        for reading in meter.readings if meter.entry.provider_id else ():
            record = meter.record_of(reading)
            before = counted.get(record.key)
            if before is None or _reach(record) > _reach(before[0]):
                counted[record.key] = (record, meter, reading.line)
    runs: dict[tuple[str, str, str, str], list[_Placed]] = {}
    for key, placed in counted.items():
        job = (key.provider_id, key.cluster, key.job, key.device_class)
        runs.setdefault(job, []).append(placed)
    for of_job in runs.values():
        if len(of_job) > 1:
            yield from _overlaps_of(sorted(of_job, key=lambda run: run[0].key.starts_at))


def _reach(record: UsageRecord) -> tuple[bool, datetime]:
    return record.is_final, record.ends_at


def _overlaps_of(runs: Sequence[_Placed]) -> Iterator[Problem]:
    """Compare a job's runs, by their starts, with the earlier one that reaches furthest."""
    furthest, place, line = runs[0]
    for record, meter, at in runs[1:]:
        starts_at = record.key.starts_at
        if starts_at < min(record.ends_at, furthest.ends_at):
            message = (
                f"Job {record.key.job} starts {starts_at.isoformat()}, while its run on line "
                f"{line} of {place.path} goes on to {furthest.ends_at.isoformat()}."
            )
            todo = "Ask the provider which is right and remove the other: both would be counted."
            column = "starts_at" if meter.entry.format == "csv" else None
            yield meter.problem(at, column, "usage.overlap", message, todo)
        if record.ends_at > furthest.ends_at:
            furthest, place, line = record, meter, at


def _ours(meter: Meter, reading: Reading, contract: Row, known: _Known) -> Iterator[Problem]:
    """Check the class of card and its price, for a reading of one of our contracts."""
    provider_id, card_type = meter.entry.provider_id or "", reading.card_type
    classes = meter.entry.device_classes
    is_named = card_type in classes or card_type in classes.values()
    column = "device_class" if meter.entry.format == "csv" else None
    if not is_named and (classes or meter.entry.format != "csv"):
        message = f'"{card_type}", used by {reading.account}, is not in device_classes.'
        todo = f'Add {card_type} = "..." to this file\'s device_classes in programme.toml.'
        yield meter.problem(reading.line, column, "usage.unmapped_class", message, todo)
        return
    if known.prices is None:
        return
    record = meter.record_of(reading)
    device_class = record.key.device_class
    if not is_named and (provider_id, device_class) not in known.classes:
        message = f'"{device_class}" is not a class of {provider_id} in the price list.'
        todo = "Correct it, or add the class to the price list."
        yield meter.problem(reading.line, column, "usage.unknown_class", message, todo)
        return
    day = _first_unpriced(record, contract, known.prices, known.zone)
    if day is not None:
        message = f"{provider_id} has no price for {device_class} on {day}, for job {reading.job}."
        todo = "Add a dated row to the price list."
        yield meter.problem(reading.line, column, "price.none", message, todo)


def _first_unpriced(
    record: UsageRecord, contract: Row, prices: PriceList, zone: ZoneInfo
) -> date | None:
    """Find the first day of use within the contract that has no price."""
    first, last = contract.find("starts_on", date), contract.find("ends_on", date)
    if first is None or last is None or last < first:
        return None
    for day, _ in day_slices(record, within=Period.of_days(first, last), zone=zone):
        try:
            prices.price_on(record.key.provider_id, record.key.device_class, day)
        except NoPrice:
            return day
    return None
