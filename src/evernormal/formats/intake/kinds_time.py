"""Cells that hold a day or a moment, and the other ways in which people write them."""

import re
from calendar import monthrange
from datetime import date, datetime, timedelta

from evernormal.formats.intake.kinds import Kind, demand_half_width
from evernormal.formats.problems import Unreadable

# Wide enough for any firm's founding, narrow enough that a slip in the year is seen.
YEAR_MIN, YEAR_MAX = 1900, 2199
MONTHS = 12

_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_OTHER = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[ T]+[0-9:.]+)?")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_SERIAL = re.compile(r"[1-9][0-9]{4}(\.[0-9]+)?")
# Day 0 of a spreadsheet's count, which takes 1900 for a leap year.
_SERIAL_ZERO = date(1899, 12, 30)


def _read_day(text: str) -> date:
    demand_half_width(text)
    if match := _ISO.fullmatch(text):
        return _real_day(text, match)
    for form in (_OTHER, _COMPACT):
        if match := form.fullmatch(text):
            day = _real_day(text, match)
            message = f'"{text}" is not written year-month-day.'
            raise Unreadable("date.form", message, f"Write {day}.")
    if _SERIAL.fullmatch(text):
        day = _SERIAL_ZERO + timedelta(days=int(text.partition(".")[0]))
        message = f'"{text}" is a spreadsheet\'s day number.'
        raise Unreadable("date.serial", message, f"Write {day}.")
    message = f'"{text}" is not a date.'
    raise Unreadable("date.form", message, "Write year-month-day, as in 2025-03-01.")


def _real_day(text: str, match: re.Match[str]) -> date:
    year, month, day = (int(part) for part in match.groups())
    if not YEAR_MIN <= year <= YEAR_MAX:
        message = f'"{text}" is not between {YEAR_MIN} and {YEAR_MAX}.'
        raise Unreadable("date.range", message, "Correct the year.")
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Unreadable(
            "date.impossible", f'"{text}" is not a day of the calendar.', _last_day(year, month)
        ) from error


def _last_day(year: int, month: int) -> str:
    if not 1 <= month <= MONTHS:
        return "The month is from 01 to 12; write year-month-day."
    return f"The last day of that month is {year}-{month:02d}-{monthrange(year, month)[1]}."


def _read_moment(text: str) -> datetime:
    demand_half_width(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        todo = "Write it as in 2025-03-01T08:30:00+08:00."
        raise Unreadable("time.form", f'"{text}" is not a moment.', todo) from error
    if moment.tzinfo is None:
        todo = f"Write {moment.isoformat()}+08:00 if it is Beijing time."
        raise Unreadable("time.no_offset", f'"{text}" does not say which zone it is in.', todo)
    if not YEAR_MIN <= moment.year <= YEAR_MAX:
        message = f'"{text}" is not between {YEAR_MIN} and {YEAR_MAX}.'
        raise Unreadable("date.range", message, "Correct the year.")
    return moment


def _read_whole_second(text: str) -> datetime:
    moment = _read_moment(text)
    if moment.microsecond:
        message = f'"{text}" has a fraction of a second.'
        raise Unreadable("time.fraction", message, "Use is counted in whole seconds: round it.")
    return moment


DAY = Kind("date, YYYY-MM-DD", "日期 YYYY-MM-DD", _read_day)
MOMENT = Kind("moment with offset", "带时差的时刻", _read_whole_second)
INSTANT = Kind("moment with offset, to the microsecond", "带时差的时刻，精确到微秒", _read_moment)
