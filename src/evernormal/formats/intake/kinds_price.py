"""Cells of a price list: days of the week, hours of the day, currencies and exchange rates."""

import re
from fractions import Fraction
from itertools import pairwise
from typing import Final

from evernormal.formats.intake.kinds import Kind, demand_half_width
from evernormal.formats.problems import Unreadable

WEEKDAY_NAMES: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_DAY_PART = re.compile(r"([A-Za-z]{3})(?:-([A-Za-z]{3}))?")
_HOURS = re.compile(r"([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DECIMAL = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,9}))?")
_MIDNIGHT = 24 * 60


def _read_weekdays(text: str) -> frozenset[int]:
    demand_half_width(text)
    found: set[int] = set()
    for part in text.split(";"):
        match = _DAY_PART.fullmatch(part.strip())
        names = [name for name in match.groups() if name] if match else []
        if not names or any(name not in WEEKDAY_NAMES for name in names):
            message = f'"{part.strip()}" is not days of the week.'
            raise Unreadable("weekdays.form", message, "Write as in Mon-Fri or Sat;Sun.")
        first, last = WEEKDAY_NAMES.index(names[0]), WEEKDAY_NAMES.index(names[-1])
        if last < first:
            message = f'"{part.strip()}" goes backwards.'
            todo = "A week begins on Monday: write Sat;Sun;Mon as Sat-Sun;Mon."
            raise Unreadable("weekdays.form", message, todo)
        found |= set(range(first, last + 1))
    return frozenset(found)


def _read_hours(text: str) -> tuple[tuple[int, int], ...]:
    demand_half_width(text)
    hours = sorted(_window(part.strip()) for part in text.split(";"))
    for (_, end), (start, _) in pairwise(hours):
        if start < end:
            message = f'"{text}" names some hours twice.'
            raise Unreadable("hours.overlap", message, "Let one end where the next starts.")
    return tuple(hours)


def _window(text: str) -> tuple[int, int]:
    match = _HOURS.fullmatch(text)
    if match is None:
        todo = "Write as in 08:00-22:00, with a semicolon between two."
        raise Unreadable("hours.form", f'"{text}" is not hours of a day.', todo)
    first, second = f"{match[1]}:{match[2]}", f"{match[3]}:{match[4]}"
    start, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    if max(start, end) > _MIDNIGHT:
        message = f'"{text}" is not hours of a day.'
        raise Unreadable("hours.form", message, "A day goes from 00:00 to 24:00.")
    if start >= end:
        message = f'"{text}" does not end after it starts, on one day.'
        todo = f"Across midnight write two: {first}-24:00;00:00-{second}."
        raise Unreadable("hours.across_midnight", message, todo)
    return start, end


def _read_currency(text: str) -> str:
    demand_half_width(text)
    if not _CURRENCY.fullmatch(text):
        message = f'"{text}" is not a currency.'
        raise Unreadable("currency.form", message, "Write its ISO 4217 code, as USD.")
    return text


def _read_decimal(text: str) -> Fraction:
    demand_half_width(text)
    match = _DECIMAL.fullmatch(text)
    if match is None or not int(match[1] + (match[2] or "")):
        message = f'"{text}" is not a rate above zero.'
        raise Unreadable("rate.form", message, "Write digits, as in 7.1234.")
    # Not from a float: the rate is what the office wrote, to the last digit.
    return Fraction(text)


WEEKDAYS = Kind("days of the week, as Mon-Fri or Sat;Sun", "星期，如 Mon-Fri", _read_weekdays)
HOURS = Kind(
    "hours, as 08:00-22:00, `;` between two", "时段，如 08:00-22:00，以 `;` 分隔", _read_hours
)
CURRENCY = Kind("currency, ISO 4217", "币种（ISO 4217）", _read_currency)
DECIMAL = Kind("decimal above 0", "大于 0 的小数", _read_decimal)
