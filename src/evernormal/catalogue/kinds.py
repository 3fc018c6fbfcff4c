"""How a value is written in the catalogue's files. A wrong one is a ValueError that says so."""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from enum import Enum
from fractions import Fraction
from typing import Any, TypeVar, cast

E = TypeVar("E", bound=Enum)
T = TypeVar("T")

Kind = Callable[[Any], Any]
"""Turns what stands in a file into a value."""

CHARACTERS_MAX = 1_000
"""A note is a sentence or two."""

_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,4})?")
_RATIO = re.compile(r"([0-9]{1,9})/([1-9][0-9]{0,8})")
_COUNTRY = re.compile(r"[A-Z]{2}")


def text(value: Any) -> str:
    """Some words."""
    if not isinstance(value, str) or not value.strip() or len(value) > CHARACTERS_MAX:
        raise ValueError(f"Write words, at most {CHARACTERS_MAX} characters.")
    return value


def slug(value: Any) -> str:
    """An id."""
    return _matching(_ID, value, "Write an id of lower-case letters, digits and underscores.")


def country(value: Any) -> str:
    """A country, ISO 3166-1 alpha-2."""
    return _matching(_COUNTRY, value, "Write a country in two capitals, as in CN.")


def number(value: Any) -> Fraction:
    """An exact number above 0: in a sheet as written, in TOML a whole number or a decimal."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = Fraction(value)
    is_number = isinstance(value, int | Fraction) and not isinstance(value, bool)
    if not is_number or value <= 0:
        raise ValueError("Write a number above 0 with at most four decimals, as in 989.4.")
    return Fraction(value)


def ratio(value: Any) -> Fraction:
    """A share, whole/whole."""
    match = _RATIO.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('Write two whole numbers, as in "30/100".')
    return Fraction(int(match.group(1)), int(match.group(2)))


def count(value: Any) -> int:
    """A whole number above 0."""
    return int(_matching(re.compile(r"[1-9][0-9]{0,5}"), value, "Write a whole number above 0."))


def day(value: Any) -> date:
    """A day: in a sheet as 2026-11-23, in TOML its date."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            value = None
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    if not is_day:
        raise ValueError("Write a day, as in 2026-11-23.")
    return cast("date", value)


def flag(value: Any) -> bool:
    """True or false, of TOML."""
    is_flag = isinstance(value, bool)
    if not is_flag:
        raise ValueError("Write true or false.")
    return cast("bool", value)


def choice(enum: type[E]) -> Callable[[Any], E]:
    """One of an enum's words."""
    words = [member.value for member in enum]

    def read(value: Any) -> E:
        if value not in words:
            raise ValueError(f"Write one of: {', '.join(words)}.")
        return enum(value)

    return read


def several(kind: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    """A list of TOML, each item of one kind."""

    def read(value: Any) -> tuple[T, ...]:
        is_list = isinstance(value, list)
        if not is_list:
            raise ValueError("Write a list in brackets.")
        return tuple(kind(item) for item in value)

    return read


def perhaps(kind: Callable[[Any], T]) -> Callable[[Any], T | None]:
    """A cell that may be empty."""
    return lambda value: None if value == "" else kind(value)


def free(value: Any) -> str:
    """A cell of words that may be empty."""
    return "" if value == "" else text(value)


def read_values(
    table: Mapping[str, Any], kinds: Mapping[str, Kind], *, optional: Collection[str] = ()
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Read a table key by key.

    returns  the values that could be read, and (key, what to do) of every mistake
    """
    values: dict[str, Any] = {}
    mistakes = [(key, "There is no such key: remove it.") for key in table if key not in kinds]
    for key, kind in kinds.items():
        if key in table:
            try:
                values[key] = kind(table[key])
            except ValueError as problem:
                mistakes.append((key, str(problem)))
        elif key not in optional:
            mistakes.append((key, "It is missing: add it."))
    return values, mistakes


def _matching(pattern: re.Pattern[str], value: Any, todo: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(todo)
    return value
