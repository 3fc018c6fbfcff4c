"""Rows that stand where a scheme's own rules change: at its days, amounts, words and places."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Any

import numpy as np

from evernormal.domain.policy import CapScope, CostCategory, Scheme
from evernormal.domain.values import Fen
from evernormal.engines.entitlement import NOT_STATED, CaseColumns, WordColumn, WordSetColumn
from evernormal.engines.entitlement.columns import CODES, FLAGS, WORD_SETS

FEN_MOST = 5 * 10**9
NEAR_MOST = 10**15


def values_in(thing: Any) -> Iterator[Any]:
    """Every plain value inside a form."""
    if is_dataclass(thing) and not isinstance(thing, (type, Fen)):
        for field in fields(thing):
            yield from values_in(getattr(thing, field.name))
    elif isinstance(thing, dict):
        yield from values_in([*thing.keys(), *thing.values()])
    elif isinstance(thing, (tuple, list, frozenset)):
        for part in thing:
            yield from values_in(part)
    elif not isinstance(thing, (Enum, bool)):
        yield thing


class Draw:
    """Columns drawn from the values of a scheme."""

    def __init__(self, scheme: Scheme, count: int, seed: int) -> None:
        forms = [version.form for rule in scheme.rules for version in rule.versions]
        found = list(values_in(forms))
        starts = [version.starts_on for rule in scheme.rules for version in rule.versions]
        self.count, self._random = count, np.random.default_rng(seed)
        self.days = sorted({*starts, *(v for v in found if isinstance(v, date))})
        self.words = sorted({v for v in found if isinstance(v, str)} - {""}) or ["word"]
        amounts = {v.amount for v in found if isinstance(v, Fen)}
        self._fen = sorted({fen for fen in amounts if fen <= NEAR_MOST} | {0})
        self._counts = sorted({v for v in found if type(v) is int} | {0, 5})

    def day(self, *, least: date = date(1990, 1, 1)) -> Any:
        near = [d + timedelta(step) for d in self.days for step in (-366, -1, 0, 1, 30, 200)]
        ordinals = [max(day, least).toordinal() for day in near]
        return self._random.choice(np.array(ordinals, dtype=np.int32), self.count)

    def fen(self) -> Any:
        near = [fen + step for fen in self._fen for step in (-1, 0, 1)]
        chosen = self._random.choice(np.array(near, dtype=np.int64), self.count)
        most = self._random.choice(np.array([200, 10**6, FEN_MOST]))
        return np.where(self.flag(), chosen, self._random.integers(0, most, self.count))

    def number(self) -> Any:
        near = [number + step for number in self._counts for step in (-1, 0, 1)]
        return self._random.choice(np.maximum(np.array(near, dtype=np.int64), 0), self.count)

    def flag(self) -> Any:
        return self._random.random(self.count) < 0.5

    def code(self, name: str) -> Any:
        return self._random.integers(0, len(CODES[name][0]), self.count, dtype=np.int8)

    def word(self, *, ending: str = "") -> WordColumn:
        words = ("", "other", *(word + ending for word in self.words))
        return WordColumn(words, self._random.integers(0, len(words), self.count, dtype=np.int32))

    def word_set(self) -> WordSetColumn:
        return WordSetColumn.of_flags(
            self.count, **{word: self.flag() for word in [*self.words, "other"]}
        )

    def stated(self, figures: Any) -> Any:
        return np.where(self.flag(), figures, NOT_STATED)


def population(scheme: Scheme, *, count: int, seed: int, applied_from: date) -> CaseColumns:
    """Rows for a scheme, all applied for from a day on."""
    draw = Draw(scheme, count, seed)
    terms = [draw.day(), draw.day()]
    lengths = np.array([1, 2, 300, 364, 365, 366, 367, 800], dtype=np.int32)
    ends = [start + lengths[draw.number() % len(lengths)] for start in terms]
    drawn: dict[str, Any] = {name: draw.day() for name in ("signed_on", "founded_on")}
    drawn |= {name: draw.code(name) for name in CODES}
    drawn |= {name: draw.word_set() for name in WORD_SETS}
    drawn |= {name: draw.flag() for name in FLAGS}
    return CaseColumns(
        applied_on=draw.day(least=applied_from),
        last_dishonesty_on=np.where(draw.flag(), draw.day(), 0).astype(np.int32),
        term_starts_on=terms[0],
        term_ends_on=ends[0],
        request_starts_on=terms[1],
        request_ends_on=ends[1],
        place=draw.word(ending="01"),
        provider_place=draw.word(ending="01"),
        facility=draw.word(),
        upstream=draw.word(),
        staff=draw.stated(draw.number()),
        revenue=draw.stated(draw.fen()),
        contract_cost=draw.fen(),
        capacity_pflops=draw.number(),
        price_per_card_hour=draw.stated(draw.fen()),
        awards_on_contract=draw.number() % 2,
        awards_other_side=draw.number() % 2,
        firm_year_cost_before=draw.fen(),
        other_support=draw.fen(),
        scale={word: draw.number() for word in draw.words},
        costs={category: draw.fen() for category in CostCategory},
        already={scope: draw.fen() for scope in CapScope},
        **drawn,
    )
