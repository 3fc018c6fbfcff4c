"""A table of cases: every fact that a rule reads, one column each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import Enum
from typing import Any

import numpy as np

from evernormal.domain.policy import (
    ApplicantType,
    CapCount,
    CapScope,
    CostCategory,
    DeviceOrigin,
    FirmSize,
    Route,
    Side,
    Use,
)
from evernormal.engines.entitlement.arrays import (
    NOT_STATED,
    CodeColumn,
    DayColumn,
    FlagColumn,
    IntColumn,
    WordColumn,
    WordSetColumn,
    code_of,
)

DAYS = (
    "applied_on",
    "signed_on",
    "founded_on",
    "term_starts_on",
    "term_ends_on",
    "request_starts_on",
    "request_ends_on",
)
"""Columns of days that every row has."""

CODES: Mapping[str, tuple[type[Enum], Enum]] = {
    "applicant_type": (ApplicantType, ApplicantType.ENTERPRISE),
    "size": (FirmSize, FirmSize.SMALL),
    "use": (Use, Use.TRAINING),
    "service": (CostCategory, CostCategory.COMPUTE),
    "device_origin": (DeviceOrigin, DeviceOrigin.UNDECLARED),
    "route": (Route, Route.APPLIED),
    "side": (Side, Side.DEMAND),
    "counted_on": (CapCount, CapCount.AWARD),
}
"""Columns of codes: their enumeration, and what a row has that `columns_with` is not told of."""

WORDS = ("place", "provider_place", "facility", "upstream")
WORD_SETS = ("sectors", "filings", "lists", "traits", "documents", "support_programmes")
FLAGS = ("is_registered", "is_connected", "is_related", "has_other_support")
FIGURES: Mapping[str, int] = {
    "staff": NOT_STATED,
    "revenue": NOT_STATED,
    "contract_cost": 0,
    "capacity_pflops": 0,
    "price_per_card_hour": NOT_STATED,
    "awards_on_contract": 0,
    "awards_other_side": 0,
    "firm_year_cost_before": 0,
    "other_support": 0,
}
"""Columns of whole numbers, and what a row has that `columns_with` is not told of."""

MAPPINGS = ("scale", "costs", "already")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CaseColumns:
    """Cases and their requests as columns [n], row by row the same case. Nothing is copied.

    term_*              the contract's term, the day it ends not included
    request_*           the term that the request is pro-rated by, likewise
    last_dishonesty_on  0: no record
    place, ...          facts of `domain.policy.facts`, under the same names
    traits              words of the applicant and of the contract together
    support_programmes  programmes of the other support declared on the contract
    is_related          whether `are_related` finds a link between buyer and seller
    staff, revenue      NOT_STATED where they are not stated
    price_per_card_hour likewise: the contract's, in fen
    contract_cost       fen, all categories of the contract together
    scale               the provider's size by measure; a measure that is not there is 0
    costs, already      fen of the request by category and by scope; what is not there is 0
    raises              ValueError with every column that does not fit the others
    """

    applied_on: DayColumn
    signed_on: DayColumn
    founded_on: DayColumn
    last_dishonesty_on: DayColumn
    term_starts_on: DayColumn
    term_ends_on: DayColumn
    request_starts_on: DayColumn
    request_ends_on: DayColumn
    applicant_type: CodeColumn
    size: CodeColumn
    use: CodeColumn
    service: CodeColumn
    device_origin: CodeColumn
    route: CodeColumn
    side: CodeColumn
    counted_on: CodeColumn
    place: WordColumn
    provider_place: WordColumn
    facility: WordColumn
    upstream: WordColumn
    sectors: WordSetColumn
    filings: WordSetColumn
    lists: WordSetColumn
    traits: WordSetColumn
    documents: WordSetColumn
    support_programmes: WordSetColumn
    is_registered: FlagColumn
    is_connected: FlagColumn
    is_related: FlagColumn
    has_other_support: FlagColumn
    staff: IntColumn
    revenue: IntColumn
    contract_cost: IntColumn
    capacity_pflops: IntColumn
    price_per_card_hour: IntColumn
    awards_on_contract: IntColumn
    awards_other_side: IntColumn
    firm_year_cost_before: IntColumn
    other_support: IntColumn
    scale: Mapping[str, IntColumn]
    costs: Mapping[CostCategory, IntColumn]
    already: Mapping[CapScope, IntColumn]

    def __post_init__(self) -> None:
        problems = [*_shape_problems(self)] or [*_value_problems(self)]
        if problems:
            raise ValueError(" ".join(problems))

    def __len__(self) -> int:
        return len(self.applied_on)


def columns_with(count: int, **given: Any) -> CaseColumns:
    """A table of which only some columns are given; the others hold one value for all rows.

    count    rows
    given    columns of CaseColumns by name; applied_on, signed_on, term_starts_on, term_ends_on
             and costs must be there. A value alone (a day, a member, a word, a whole number, a
             flag) stands for a column of it. The request's term is the contract's unless given;
             the contract's cost is the sum of the request's; what else is not given is as in a
             case that does not state it
    returns  the table; a constant column takes no room
    raises   ValueError, as CaseColumns
    """
    columns: dict[str, Any] = {"founded_on": date(1900, 1, 1), "last_dishonesty_on": 0}
    columns |= {name: usual for name, (_, usual) in CODES.items()}
    columns |= dict.fromkeys(WORDS, "") | dict.fromkeys(FLAGS, False)
    columns |= dict.fromkeys(WORD_SETS, WordSetColumn((), np.zeros((0, count), dtype=np.uint64)))
    columns |= dict(FIGURES) | {name: {} for name in MAPPINGS}
    columns["contract_cost"] = sum(given["costs"].values(), np.zeros(count, dtype=np.int64))
    columns["request_starts_on"] = given["term_starts_on"]
    columns["request_ends_on"] = given["term_ends_on"]
    columns |= given
    return CaseColumns(**{name: _column(name, value, count) for name, value in columns.items()})


def _column(name: str, value: Any, count: int) -> Any:
    """A value alone as a column of it."""
    match value:
        case date():
            return np.broadcast_to(np.int32(value.toordinal()), count)
        case Enum():
            return np.broadcast_to(np.int8(code_of(value)), count)
        case bool():
            return np.broadcast_to(np.bool_(value), count)
        case int():
            kind = np.int64 if name in FIGURES else np.int32
            return np.broadcast_to(kind(value), count)
        case str():
            return WordColumn((value,), np.broadcast_to(np.int32(0), count))
        case _:
            return value


def _shape_problems(columns: CaseColumns) -> Iterator[str]:
    """Columns of another length than the first, or of another kind than they should be."""
    count = len(columns.applied_on)
    for name, column, kind in _arrays(columns):
        if column.shape != (count,) or column.dtype != kind:
            yield (
                f"{name} is {column.dtype} {list(column.shape)}. "
                f"Make it {np.dtype(kind)} [{count}], as applied_on has {count} rows."
            )
    for name in WORD_SETS:
        words = getattr(columns, name)
        blocks = -(-len(words.words) // 64)
        if words.masks.shape != (blocks, count) or words.masks.dtype != np.uint64:
            yield f"{name} needs masks uint64 [{blocks}, {count}]: a bit for each word."


def _arrays(columns: CaseColumns) -> Iterator[tuple[str, Any, type[np.generic]]]:
    kinds: dict[str, type[np.generic]] = {}
    kinds |= dict.fromkeys((*DAYS, "last_dishonesty_on"), np.int32) | dict.fromkeys(CODES, np.int8)
    kinds |= dict.fromkeys(FLAGS, np.bool_) | dict.fromkeys(FIGURES, np.int64)
    for field in fields(columns):
        column = getattr(columns, field.name)
        if field.name in WORDS:
            yield f"{field.name}.codes", column.codes, np.int32
        elif field.name in MAPPINGS:
            for key, values in column.items():
                yield f"{field.name}[{key}]", values, np.int64
        elif field.name not in WORD_SETS:
            yield field.name, column, kinds[field.name]


def _value_problems(columns: CaseColumns) -> Iterator[str]:
    """Values that stand for nothing."""
    if not len(columns):
        return
    for name in DAYS:
        yield from _outside(name, getattr(columns, name), 1, date.max.toordinal())
    yield from _outside("last_dishonesty_on", columns.last_dishonesty_on, 0, date.max.toordinal())
    for name, (kind, _) in CODES.items():
        yield from _outside(name, getattr(columns, name), 0, len(kind) - 1)
    for name in WORDS:
        words = getattr(columns, name)
        yield from _outside(f"{name}.codes", words.codes, 0, len(words.words) - 1)
    for term in ("term", "request"):
        starts_on = getattr(columns, f"{term}_starts_on")
        ends_on = getattr(columns, f"{term}_ends_on")
        if bool((ends_on <= starts_on).any()):
            yield f"{term}_ends_on must be after {term}_starts_on in every row."


def _outside(name: str, column: Any, low: int, high: int) -> Iterator[str]:
    if int(column.min()) < low or int(column.max()) > high:
        yield f"{name} must be from {low} to {high} in every row."
