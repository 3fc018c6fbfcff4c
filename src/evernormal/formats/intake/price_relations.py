"""The price list and its exchange rates as domain values, and what their rows say of each other."""

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

from evernormal.domain.market import (
    EVERY_DAY,
    MINIMUM,
    Band,
    ExchangeRate,
    OverlappingPrices,
    OverlappingRates,
    Price,
    PriceKey,
    PriceList,
    find_clash,
)
from evernormal.domain.policy import Unit
from evernormal.domain.values import Fen
from evernormal.formats.intake.folder import Folder, unit_of
from evernormal.formats.intake.prices_toml import PRICES_TOML
from evernormal.formats.intake.row import Row, Sheet
from evernormal.formats.problems import Problem


def price_of(row: Row, *, unit: Unit) -> Price | None:
    """The price of a row, or None where it cannot be relied on.

    unit   the programme's: a row that names it as its currency is in no other
    """
    if any(text and name not in row.values for name, text in row.texts.items()):
        return None
    starts_on, ends_on = row.find("starts_on", date), row.find("ends_on", date)
    amount = row.find("price_yuan_per_card_hour", Fen)
    provider_id, device_class = row.find("provider_id", str), row.find("device_class", str)
    if not (starts_on and amount and provider_id and device_class) or list(_of_band(row)):
        return None
    currency = row.find("currency", str) or ""
    return Price(
        provider_id=provider_id,
        device_class=device_class,
        starts_on=starts_on,
        ends_on=None if ends_on is None else ends_on + timedelta(days=1),
        price_fen_per_card_hour=amount,
        site=row.find("site", str) or "",
        plan=row.find("plan", str) or "",
        band=_band(row),
        minimum=row.find("minimum_yuan_per_day", Fen) or Fen(0),
        currency="" if currency == unit.value else currency,
        published_on=row.find("published_on", date) or date.min,
    )


def rate_of(row: Row) -> ExchangeRate | None:
    """The exchange rate of a row, or None where it cannot be relied on."""
    starts_on, ends_on = row.find("starts_on", date), row.find("ends_on", date)
    currency, rate = row.find("currency", str), row.find("rate", Fraction)
    is_end_read = ends_on is not None or not row.texts.get("ends_on")
    if not (starts_on and currency and rate and is_end_read):
        return None
    end = None if ends_on is None else ends_on + timedelta(days=1)
    return ExchangeRate(currency, starts_on, end, rate)


def price_list(folder: Folder) -> PriceList | None:
    """The price list, or None where a row of it, or of its rates, cannot be relied on."""
    sheets = (folder.sheets["prices.csv"], folder.sheets["exchange_rates.csv"])
    unit = unit_of(folder.programme)
    prices = [price_of(row, unit=unit) for row in sheets[0].rows]
    rates = [rate_of(row) for row in sheets[1].rows]
    if not all(sheet.is_whole for sheet in sheets) or None in prices or None in rates:
        return None
    try:
        return PriceList(
            (price for price in prices if price is not None),
            (rate for rate in rates if rate is not None),
        )
    except (OverlappingPrices, OverlappingRates):
        return None


def price_problems(folder: Folder) -> Iterator[Problem]:
    """Give what is wrong between the cells of a row, and between rows."""
    prices, rates = folder.sheets["prices.csv"], folder.sheets["exchange_rates.csv"]
    for row in prices.rows:
        yield from _ends_before_start(row, "price.ends_before_start")
        yield from _published_after_end(row)
        yield from _of_band(row)
    yield from _without_rates(folder)
    yield from _overlaps(prices, unit=unit_of(folder.programme))
    for row in rates.rows:
        yield from _ends_before_start(row, "price.rate_ends_before_start")
    yield from _overlapping_rates(rates)


def _band(row: Row) -> Band | None:
    name, hours = row.find("band", str), row.find("hours", tuple)
    if not name or not hours:
        return None
    return Band(name, hours, row.find("weekdays", frozenset) or EVERY_DAY)


def _ends_before_start(row: Row, code: str) -> Iterator[Problem]:
    first, last = row.find("starts_on", date), row.find("ends_on", date)
    if first and last and last < first:
        message = f"{last} is before starts_on, {first}."
        yield row.problem("ends_on", code, message, "Correct one of the two.")


def _published_after_end(row: Row) -> Iterator[Problem]:
    """Refuse a price that nobody knew while it held: it is never charged."""
    last, published_on = row.find("ends_on", date), row.find("published_on", date)
    if last and published_on and last < published_on:
        message = f"{published_on} is after ends_on, {last}."
        todo = "Correct one of the two: what was used is never charged at a price told later."
        yield row.problem("published_on", "price.published_after_end", message, todo)


def _of_band(row: Row) -> Iterator[Problem]:
    """Refuse a band without hours, hours without a band, and what only the whole day can have."""
    band = row.texts.get("band", "")
    if not band:
        for column in ("weekdays", "hours"):
            if row.texts.get(column):
                message, todo = "Is filled, but the row has no band.", "Name the band, as peak."
                yield row.problem(column, "price.hours_without_band", message, todo)
        return
    if not row.texts.get("hours"):
        message, todo = f"Is blank, but the row is for {band}.", "Enter hours, as 08:00-22:00."
        yield row.problem("hours", "price.band_without_hours", message, todo)
    if band == MINIMUM:
        message = f'"{MINIMUM}" is what charges call a day\'s minimum.'
        yield row.problem("band", "price.band_reserved", message, "Give the band another name.")
    if row.texts.get("minimum_yuan_per_day"):
        message, todo = "A minimum is of the whole day.", "Write it in the row without a band."
        yield row.problem("minimum_yuan_per_day", "price.minimum_in_band", message, todo)


def _without_rates(folder: Folder) -> Iterator[Problem]:
    """Refuse a currency that no row of the rates names; a day without one is found by its use."""
    rates, unit = folder.sheets["exchange_rates.csv"], unit_of(folder.programme)
    known = {row.texts.get("currency") for row in rates.rows} | {unit.value}
    for row in folder.sheets["prices.csv"].rows if rates.is_whole else ():
        currency = row.find("currency", str)
        if currency and currency not in known:
            message = f"exchange_rates.csv has no rate for {currency}."
            todo = f"Add a dated row for it, or write the price in {unit.value}."
            yield row.problem("currency", "price.no_exchange_rate", message, todo)


def _overlaps(sheet: Sheet, *, unit: Unit) -> Iterator[Problem]:
    """Refuse a price that begins while another is in force for the same hours of the same key."""
    placed: dict[PriceKey, list[tuple[Price, Row]]] = {}
    read = [(price, row) for row in sheet.rows if (price := price_of(row, unit=unit))]
    for price, row in sorted(read, key=lambda one: (one[0].starts_on, one[1].line)):
        earlier = placed.setdefault(price.key, [])
        for other, before in earlier:
            day = find_clash(other, price)
            # Of a spreadsheet, rows with the same key are told as such already.
            is_told = sheet.file != PRICES_TOML and _key(row) == _key(before)
            if day is not None and not is_told:
                yield _overlap(row, before, day)
                break
        earlier.append((price, row))


def _key(row: Row) -> tuple[str, ...]:
    names = ("band", "weekdays", "published_on", "starts_on")
    return tuple(row.texts.get(name, "") for name in names)


def _overlap(row: Row, before: Row, day: date) -> Problem:
    band = row.texts.get("band", "")
    if not band:
        message = f"The price of line {before.line} is still in force on {day}."
        todo = "End the earlier one on the day before."
        return row.problem("starts_on", "price.overlap", message, todo)
    if band == before.texts.get("band"):
        message = f"Line {before.line} has a price for {band} hours of {day} too."
        todo = "Write all its hours in one row, end the earlier one, or name another band."
        return row.problem("band", "price.overlap", message, todo)
    message = f"Line {before.line} has a price for some of these hours on {day} too."
    todo = "Let the hours of one end where those of the other start."
    return row.problem("hours", "price.overlap", message, todo)


def _overlapping_rates(sheet: Sheet) -> Iterator[Problem]:
    last: dict[str, tuple[ExchangeRate, Row]] = {}
    read = [(rate, row) for row in sheet.rows if (rate := rate_of(row))]
    for rate, row in sorted(read, key=lambda one: (one[0].starts_on, one[1].line)):
        before = last.get(rate.currency)
        if before and before[0].starts_on < rate.starts_on:
            ends_on = before[0].ends_on
            if ends_on is None or ends_on > rate.starts_on:
                message = (
                    f"The rate of line {before[1].line} is still in force on {rate.starts_on}."
                )
                todo = "End the earlier one on the day before."
                yield row.problem("starts_on", "price.rates_overlap", message, todo)
        last[rate.currency] = (rate, row)
