#!/usr/bin/env python3
"""Change each figure and word of each scheme by one step, and see whether a worked case fails.

A step is the next whole number or day to either side, another word of the same list, the other
truth, or a lower-case word that nobody writes. Words for people, such as labels, stay as they are.
What the loader refuses is no scheme, and counts neither way. A change that alters no meaning counts
as survived like any other: no list of excuses is kept.

    .venv/bin/python tools/mutate_schemes.py [--list] [--one-in N] [scheme id ...]
"""

import argparse
import hashlib
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from evernormal.domain.policy import Scheme
from evernormal.schemes import (
    SchemeProblems,
    list_schemes,
    read_library_cases,
    read_library_scheme,
)
from evernormal.schemes.cases import WorkedCase, read_cases
from evernormal.schemes.forms import FORMS
from evernormal.schemes.kinds import table_schema
from evernormal.schemes.problems import Place
from evernormal.schemes.scheme_file import parse, read_scheme

CAUGHT_MIN = Fraction(95, 100)
PROCESSES = 2

_RATIO = re.compile(r"([0-9]+)/([0-9]+)")
_FIGURE = re.compile(r"[0-9]+(?:\.([0-9]+))?")
_WORDS_FOR_PEOPLE = {"en", "zh"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A scheme's tables with one thing changed: where, from what, to what."""

    place: Place
    old: str
    new: str
    tables: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.place.path}:{self.place.line}: {self.place.shown}: {self.old} -> {self.new}"


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the mutants of one scheme, or of several."""

    caught: int = 0
    refused: int = 0
    survivors: tuple[str, ...] = ()

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.caught + other.caught,
            self.refused + other.refused,
            self.survivors + other.survivors,
        )

    @property
    def whole(self) -> int:
        """How many mutants were schemes."""
        return self.caught + len(self.survivors)

    @property
    def is_enough(self) -> bool:
        """Whether the cases noticed as many as they must."""
        return self.caught >= CAUGHT_MIN * self.whole

    def __str__(self) -> str:
        share = f"{100 * self.caught / self.whole:.1f} %" if self.whole else "nothing to change"
        return (
            f"{self.caught} of {self.whole} caught by a case, {share}; "
            f"{self.refused} more refused by the loader"
        )


def mutate(text: bytes, cases: bytes, *, path: str, one_in: int = 1) -> Tally:
    """Try every mutant of a scheme against its cases.

    text, cases  the two files, both right
    path         the scheme file's name, for the list of survivors
    one_in       1 tries all; more tries that part of them, always the same
    """
    read = read_cases(cases, path=path)
    caught, refused, survivors = 0, 0, []
    for mutant in mutants(*parse(text, path=path)):
        if not _is_sampled(mutant, one_in):
            continue
        try:
            scheme = read_scheme(mutant.tables, Place(path, {}))
        except SchemeProblems:
            refused += 1
            continue
        if _is_caught(scheme, read):
            caught += 1
        else:
            survivors.append(str(mutant))
    return Tally(caught, refused, tuple(survivors))


def mutants(tables: dict[str, Any], place: Place) -> Iterator[Mutant]:
    """Every change by one step of a first day or a value, in the file's order."""
    for number, rule in enumerate(tables["rule"]):
        at = place.at("rule").at(number, name=rule["id"]).at("from")
        schema = {
            "properties": {
                "date": {},
                "value": table_schema(FORMS[rule["form"]].keys),
            }
        }
        for where, old, new, versions in _changes(rule["from"], {"items": schema}, at):
            rules = _with(tables["rule"], number, {**rule, "from": versions})
            yield Mutant(where, old, new, {**tables, "rule": rules})


Change = tuple[Place, str, str, Any]
"""Where, the old and the new as text, and the whole value with the change in it."""


def _changes(value: Any, schema: Mapping[str, Any], place: Place) -> Iterator[Change]:
    match value:
        case list():
            yield from _of_list(value, schema["items"], place)
        case dict() if "properties" in schema:
            for key in [key for key in schema["properties"] if key in value]:
                if key not in _WORDS_FOR_PEOPLE:
                    yield from _below(value, key, schema["properties"][key], place)
        case dict():
            yield from _chosen_keys(value, schema["additionalProperties"], place)
        case _:
            for other in _others(value, schema):
                yield place, _shown(value), _shown(other), other


def _of_list(value: list[Any], schema: Mapping[str, Any], place: Place) -> Iterator[Change]:
    for number, item in enumerate(value):
        for where, old, new, changed in _changes(item, schema, place.at(number)):
            yield where, old, new, _with(value, number, changed)


def _chosen_keys(
    value: dict[str, Any], schema: Mapping[str, Any], place: Place
) -> Iterator[Change]:
    """Changes of a table whose keys are words that the author chose."""
    for key in value:
        yield from _below(value, key, schema, place)
        renamed = {f"{key}_x" if name == key else name: item for name, item in value.items()}
        yield place.at(key), key, f"{key}_x", renamed


def _below(
    value: dict[str, Any], key: str, schema: Mapping[str, Any], place: Place
) -> Iterator[Change]:
    for where, old, new, changed in _changes(value[key], schema, place.at(key)):
        yield where, old, new, {**value, key: changed}


def _others(value: Any, schema: Mapping[str, Any]) -> list[Any]:
    """The values one step beside a single value."""
    match value:
        case bool():
            return [not value]
        case int():
            return [value - 1, value + 1]
        case date():
            return [value - timedelta(days=1), value + timedelta(days=1)]
        case _ if "enum" in schema:
            return [word for word in schema["enum"] if word != value]
        case _:
            return _other_texts(value)


def _other_texts(value: str) -> list[str]:
    if ratio := _RATIO.fullmatch(value):
        over, under = int(ratio[1]), int(ratio[2])
        beside = [(over - 1, under), (over + 1, under), (over, under - 1), (over, under + 1)]
        return [f"{a}/{b}" for a, b in beside]
    if figure := _FIGURE.fullmatch(value):
        return [_stepped(value, step, decimals=len(figure[1] or "")) for step in (-1, 1)]
    return [f"{value}_x"]


def _stepped(figure: str, step: int, *, decimals: int) -> str:
    """A figure written in quotes with its last digit one up or down, as wide as it was."""
    digits = figure.replace(".", "")
    moved = f"{int(digits) + step:0{len(digits)}d}"
    return f"{moved[:-decimals]}.{moved[-decimals:]}" if decimals else moved


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _with(items: Sequence[Any], number: int, item: Any) -> list[Any]:
    return [*items[:number], item, *items[number + 1 :]]


def _is_sampled(mutant: Mutant, one_in: int) -> bool:
    # By hash, so that the sample is spread over all forms and is the same on every machine.
    digest = hashlib.sha256(str(mutant).encode()).digest()
    return int.from_bytes(digest[:8], "big") % one_in == 0


def _is_caught(scheme: Scheme, cases: Sequence[WorkedCase]) -> bool:
    return any(not case.work(scheme).is_as_stated for case in cases)


def mutate_library(scheme_id: str, one_in: int = 1) -> Tally:
    """Try the mutants of a scheme of the library."""
    _, text = read_library_scheme(scheme_id)
    path = f"schemes/{scheme_id}/scheme.toml"
    return mutate(text, read_library_cases(scheme_id), path=path, one_in=one_in)


def main(arguments: Sequence[str]) -> int:
    """Print the rate of each scheme and of all; 1 when too many mutants survive."""
    parser = argparse.ArgumentParser(description="Change each figure of each scheme by one step.")
    parser.add_argument("schemes", nargs="*", help="scheme ids; without any, the whole library")
    parser.add_argument("--list", action="store_true", help="print each mutant that survived")
    parser.add_argument("--one-in", type=int, default=1, help="try one in so many, always the same")
    told = parser.parse_args(arguments)
    ids = told.schemes or list_schemes()
    all_, width = Tally(), max(map(len, ids))
    with ProcessPoolExecutor(PROCESSES) as pool:
        tallies = pool.map(mutate_library, ids, [told.one_in] * len(ids))
        for scheme_id, tally in zip(ids, tallies, strict=True):
            print(f"{scheme_id:<{width}}  {tally}")
            for survivor in tally.survivors if told.list else ():
                print(f"    {survivor}")
            all_ += tally
    print(f"\n{len(ids)} schemes: {all_}")
    return 0 if all_.is_enough else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
