"""Kinds of value that a file may hold: how each is written, read and refused."""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from fractions import Fraction
from typing import Any, Generic, TypeVar

from evernormal.domain.errors import DomainError
from evernormal.domain.policy import Text
from evernormal.domain.values import Fen, Period, parse_ratio
from evernormal.schemes.problems import TOLD_MAX, Place

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

_PLACE_CODE = re.compile(r"[0-9]{2,6}")
_SLUG = re.compile(r"[a-z][a-z0-9_]*")

DAY_MIN, DAY_MAX = date(1900, 1, 1), date(2999, 12, 31)
"""Far enough from both ends of the calendar that a century can be added to any day."""

_SHOWN_MAX = 80
_SHOWN_INT_MAX = 10**40

AMOUNT_MAX = 10**12
"""A thousand billion: above any public budget, so a larger figure is a slip of the hand."""


class Unfit(Exception):
    """Values that are each right and do not fit together; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """A kind of value.

    words   how it is written, for messages and the reference
    schema  the same as JSON Schema
    read    the value, or None after the place was told what is wrong
    """

    words: str
    schema: Mapping[str, Any]
    read: Callable[[object, Place], T | None]


def text_kind(example: str = "share") -> Kind[str]:
    """Read words that are not blank; the example is one that fits."""

    def fit(value: object) -> str | None:
        return value if isinstance(value, str) and value.strip() else None

    return _plain(f'text in quotes, as in "{example}"', {"type": "string", "minLength": 1}, fit)


def slug_kind() -> Kind[str]:
    """Read a lower-case word with underscores, such as a trait or a kind of facility."""

    def fit(value: object) -> str | None:
        return value if isinstance(value, str) and _SLUG.fullmatch(value) else None

    schema = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
    return _plain('a lower-case word in quotes, as in "start_up"', schema, fit)


def words_kind(*, en: str = "Computing vouchers 2025", zh: str = "2025年算力券") -> Kind[Text]:
    """Read the same words in English and in Chinese; the examples are ones that fit."""
    return table_kind({"en": text_kind(en), "zh": text_kind(zh)}, Text)


def flag_kind() -> Kind[bool]:
    """Read true or false."""

    def fit(value: object) -> bool | None:
        return value if isinstance(value, bool) else None

    return _plain("true or false", {"type": "boolean"}, fit)


def whole_kind(low: int, high: int) -> Kind[int]:
    """Read a whole number from low to high, both in."""

    def fit(value: object) -> int | None:
        return value if type(value) is int and low <= value <= high else None

    schema = {"type": "integer", "minimum": low, "maximum": high}
    return _plain(f"a whole number from {low} to {high}", schema, fit)


def day_kind() -> Kind[date]:
    """Read a date without quotes and without a time of day."""

    def fit(value: object) -> date | None:
        # A TOML date-time is a Python date too, but a rule has no time of day.
        if not isinstance(value, date) or isinstance(value, datetime):
            return None
        return value if DAY_MIN <= value <= DAY_MAX else None

    schema = {"type": "string", "format": "date"}
    words = f"a date from {DAY_MIN} to {DAY_MAX} without quotes, as in 2025-03-01"
    return _plain(words, schema, fit)


def money_kind(*, low: int = 0) -> Kind[Fen]:
    """Read an amount, whole or as text with two decimals; `low` is the least number of fen."""

    def fit(value: object) -> Fen | None:
        if type(value) is int and 0 <= value <= AMOUNT_MAX:
            amount = Fen(value * 100)
        elif isinstance(value, str):
            amount = Fen.from_yuan(value)
        else:
            return None
        return amount if low <= amount.amount <= AMOUNT_MAX * 100 else None

    whole = {"type": "integer", "minimum": -(-low // 100), "maximum": AMOUNT_MAX}
    exact = {"type": "string", "pattern": r"^[0-9]{1,13}(\.[0-9]{1,2})?$"}
    words = f'an amount from {Fen(low).yuan} to {AMOUNT_MAX}, as in 2_000_000, or "0.01" in quotes'
    return _plain(words, {"anyOf": [whole, exact]}, fit)


def ratio_kind(*, zero: bool = False) -> Kind[Fraction]:
    """Read a share of a whole: two whole numbers in quotes, above 0 and at most 1.

    zero     whether 0 is a share too
    """

    def fit(value: object) -> Fraction | None:
        ratio = parse_ratio(value) if isinstance(value, str) else Fraction(-1)
        return ratio if 0 < ratio <= 1 or (zero and ratio == 0) else None

    schema = {"type": "string", "pattern": "^[0-9]{1,9}/[0-9]{1,9}$"}
    least = "at least 0" if zero else "above 0"
    return _plain(f'a ratio in quotes, as in "20/100", {least} and at most 1', schema, fit)


def word_kind(words: type[E]) -> Kind[E]:
    """Read one of an enum's values, in quotes."""
    known = {str(member.value): member for member in words}

    def fit(value: object) -> E | None:
        return known.get(value) if isinstance(value, str) else None

    return _plain(f"one of {', '.join(known)}, in quotes", {"enum": list(known)}, fit)


def place_code_kind() -> Kind[str]:
    """Read an administrative division code or its leading digits, as GB/T 2260 writes it."""

    def fit(value: object) -> str | None:
        return value if isinstance(value, str) and _PLACE_CODE.fullmatch(value) else None

    schema = {"type": "string", "pattern": "^[0-9]{2,6}$"}
    return _plain('the first 2 to 6 digits of a division code, as in "11"', schema, fit)


def list_kind(
    item: Kind[T], *, most: int, least: int = 1, same: bool = False
) -> Kind[tuple[T, ...]]:
    """Read a list of `least` to `most` items, all different unless `same` ones may stand twice."""

    def read(value: object, place: Place) -> tuple[T, ...] | None:
        if not isinstance(value, list) or not least <= len(value) <= most:
            _refuse(place, value, f"a list of {least} to {most} entries, each {item.words}")
            return None
        found = [item.read(entry, place.at(n)) for n, entry in enumerate(value)]
        items = tuple(entry for entry in found if entry is not None)
        if not same and _has_twins(items):
            place.refuse("An entry stands twice. Take one of them out.")
            return None
        return items if len(items) == len(value) else None

    schema = {
        "type": "array",
        "items": dict(item.schema),
        "minItems": least,
        "maxItems": most,
        "uniqueItems": not same,
    }
    return Kind(f"a list, each {item.words}", schema, read)


def _has_twins(items: tuple[object, ...]) -> bool:
    return any(item in items[:number] for number, item in enumerate(items))


def map_kind(key: Kind[str], item: Kind[T], *, most: int) -> Kind[dict[str, T]]:
    """Read a table of up to `most` entries whose keys the author chooses."""

    def read(value: object, place: Place) -> dict[str, T] | None:
        if not isinstance(value, dict) or not 1 <= len(value) <= most:
            _refuse(place, value, f"a table of 1 to {most} entries, each {item.words}")
            return None
        names = [key.read(name, place.at(name)) for name in value]
        found = {name: item.read(entry, place.at(name)) for name, entry in value.items()}
        read_ = {name: entry for name, entry in found.items() if entry is not None}
        return read_ if len(read_) == len(value) and None not in names else None

    schema = {
        "type": "object",
        "propertyNames": dict(key.schema),
        "additionalProperties": dict(item.schema),
        "minProperties": 1,
        "maxProperties": most,
    }
    return Kind(f"a table, each entry {item.words}", schema, read)


def read_table(
    value: object,
    place: Place,
    keys: Mapping[str, Kind[Any]],
    *,
    optional: frozenset[str] = frozenset(),
) -> dict[str, Any] | None:
    """Read a table whose keys are known.

    keys      kind by key; those in `optional` may be missing
    returns   the values read, or None when anything was refused; then the place knows all of it
    """
    if not isinstance(value, dict):
        _refuse(place, value, "a table with " + (", ".join(keys) or "no keys"))
        return None
    before = len(place.problems)
    for key in value:
        if key not in keys:
            # Looking for the nearest word takes a while, in a file that is wrong everywhere.
            is_told = len(place.problems) < TOLD_MAX
            place.at(key).refuse(
                unknown_word(key, "key", keys) if is_told else f"There is no key {_shown(key)}."
            )
    for key in keys:
        if key not in value and key not in optional:
            words = place.written(keys[key].words)
            place.refuse(f"{key} is missing. Write {'' if place.is_cell else f'{key} = '}{words}.")
    found = {k: keys[k].read(v, place.at(k)) for k, v in value.items() if k in keys}
    return found if len(place.problems) == before else None


def table_kind(
    keys: Mapping[str, Kind[Any]],
    build: Callable[..., T],
    *,
    optional: frozenset[str] = frozenset(),
) -> Kind[T]:
    """Read a table that becomes a value: `build` takes the keys by name, or raises Unfit."""

    def read(value: object, place: Place) -> T | None:
        found = read_table(value, place, keys, optional=optional)
        if found is None:
            return None
        try:
            return build(**found)
        except Unfit as misfit:
            place.refuse(str(misfit))
            return None

    words = "{ " + ", ".join(keys) + " }"
    return Kind(words, table_schema(keys, optional=optional), read)


def period_of(first: date, last: date) -> Period:
    """Make the period that holds both days.

    raises   Unfit when the last comes before the first
    """
    if last < first:
        raise Unfit(f"The last day, {last}, comes before the first, {first}. Swap or correct them.")
    return Period.of_days(first, last)


def table_schema(
    keys: Mapping[str, Kind[Any]], *, optional: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """Describe a closed table as JSON Schema."""
    return {
        "type": "object",
        "properties": {key: dict(kind.schema) for key, kind in keys.items()},
        "required": [key for key in keys if key not in optional],
        "additionalProperties": False,
    }


def unknown_word(word: str, what: str, known: Mapping[str, object]) -> str:
    """Say what is wrong with a word that is none of those known, and name the nearest."""
    near = difflib.get_close_matches(word, known, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"Use one of: {', '.join(known) or 'none'}."
    return f"There is no {what} {_shown(word)}. {hint}"


def _plain(words: str, schema: Mapping[str, Any], fit: Callable[[object], T | None]) -> Kind[T]:
    """Make a kind of a function that gives None, or a refusal, for a value that does not fit."""

    def read(value: object, place: Place) -> T | None:
        try:
            found = fit(value)
        except DomainError as refusal:
            place.refuse(str(refusal))
            return None
        if found is None:
            _refuse(place, value, words)
        return found

    return Kind(words, schema, read)


def _refuse(place: Place, value: object, kind_words: str) -> None:
    wanted = place.written(kind_words)
    if isinstance(value, str) and not value.strip():
        place.refuse(f"This is blank. Write {wanted}.")
    elif isinstance(value, float):
        place.refuse(f"{value!r} is a float, which cannot be exact. Write {wanted}.")
    elif isinstance(value, dict | list):
        place.refuse(f"This is a {'table' if isinstance(value, dict) else 'list'}. Write {wanted}.")
    else:
        place.refuse(f"{_shown(value)} does not fit here. Write {wanted}.")


def _shown(value: object) -> str:
    """Show a value as it was written, or its beginning: a file may hold a number of any length."""
    if type(value) is int and abs(value) > _SHOWN_INT_MAX:
        return "So large a number"
    shown = repr(str(value)) if isinstance(value, date | time) else repr(value)
    return shown if len(shown) <= _SHOWN_MAX else f"{shown[:_SHOWN_MAX]}…"
