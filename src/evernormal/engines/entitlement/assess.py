"""Every condition and every amount rule of a scheme, applied to a table of cases at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from evernormal.domain.award import assess
from evernormal.domain.errors import DomainError
from evernormal.domain.policy import AmountForm, Condition, RoundingRule, Scheme, Step
from evernormal.engines.entitlement.amounts import entitle_rows
from evernormal.engines.entitlement.arrays import BITS_MAX, FlagColumn, IntColumn
from evernormal.engines.entitlement.columns import CaseColumns
from evernormal.engines.entitlement.conditions import passing
from evernormal.engines.entitlement.gathering import case_at, request_at
from evernormal.engines.entitlement.limits import fitting_limits, rows_within
from evernormal.engines.entitlement.rows import Index, Rows, Sheet
from evernormal.engines.entitlement.steps import StepColumns
from evernormal.engines.entitlement.versions import Version, versions_of

ROWS_A_CHUNK = 65_536
"""A column of a chunk is half a MiB: the columns of one step stay in the processor's cache."""

NO_LIMB = -1
_CONDITIONS = get_args(Condition)
_STEPS = tuple(form for form in get_args(AmountForm) if form is not RoundingRule)


class AmountBeyondColumns(DomainError):
    """The exact amount of a row does not fit into a column."""

    code = "columns.amount_beyond"

    def __init__(self, *, row: int, amount: int) -> None:
        self.row, self.amount = row, amount
        super().__init__(
            f"Row {row} is entitled to {amount} fen, which does not fit into 64 bits. "
            "Assess this case by itself."
        )


@dataclass(frozen=True, slots=True, eq=False)
class AssessedColumns:
    """What the rules say about each row.

    rule_ids     the scheme's rules, in its order
    amount       fen, int64 [n]; an ineligible row still shows its entitlement
    is_eligible  bool [n]
    limb         place in `rule_ids` of the rule that bound, int16 [n]; -1: none
    passed       bool [n] by condition rule; True where the rule is not in force
    fell_back    numbers of the rows that the plain function decided
    steps        by amount rule, when they were asked for
    """

    rule_ids: tuple[str, ...]
    amount: IntColumn
    is_eligible: FlagColumn
    limb: NDArray[np.int16]
    passed: Mapping[str, FlagColumn]
    fell_back: NDArray[np.int64]
    steps: Mapping[str, StepColumns] = field(default_factory=dict)

    def limb_at(self, row: int) -> str:
        """The id of the rule that bound in a row; "": none."""
        place = int(self.limb[row])
        return "" if place == NO_LIMB else self.rule_ids[place]

    def failed_at(self, row: int) -> tuple[str, ...]:
        """The ids of the conditions that a row fails, in the scheme's order."""
        return tuple(rule_id for rule_id, passed in self.passed.items() if not passed[row])


def assess_columns(
    scheme: Scheme, columns: CaseColumns, *, keep_steps: bool = False
) -> AssessedColumns:
    """Apply to each row the versions in force on its own day of application.

    columns     cases and requests [n]
    keep_steps  whether to keep what each amount rule made of each row
    returns     [n], row by row as `domain.award.assess` on the row's own `applied_on`. Integers
                only: a row whose figures could need more than 64 bits goes to that function itself
    raises      UnknownRule, as `assess` for the first row that it refuses; AmountBeyondColumns
    source      docs/rules/conditions.md, docs/rules/amounts.md
    """
    assessing = _Assessing(scheme, columns, keep_steps=keep_steps)
    # All versions first: a version that is refused is named before any row is worked.
    for version in list(versions_of(scheme, columns.applied_on)):
        assessing.add(version)
    return assessing.result()


class _Assessing:
    """Columns of outcomes that are being filled."""

    def __init__(self, scheme: Scheme, columns: CaseColumns, *, keep_steps: bool) -> None:
        self._scheme, self._columns, self._sheet = scheme, columns, Sheet(columns)
        count = len(columns)
        conditions = _ids_of(scheme, _CONDITIONS)
        self._all_passed = np.ones((len(conditions), count), dtype=np.bool_)
        self._passed = dict(zip(conditions, self._all_passed, strict=True))
        self._amount = np.zeros(count, dtype=np.int64)
        self._limb = np.full(count, NO_LIMB, dtype=np.int16)
        self._number = {rule.id: place for place, rule in enumerate(scheme.rules)}
        stepping = _ids_of(scheme, _STEPS) if keep_steps else []
        self._steps = {rule_id: StepColumns.none(count) for rule_id in stepping}
        self._fell_back: list[int] = []

    def add(self, version: Version) -> None:
        """Fill the rows of a version."""
        limits = fitting_limits([f for _, f in version.amounts], version.rounding, self._sheet)
        if limits is None:
            self._add_plainly(np.arange(len(self._columns))[version.index].tolist())
            return
        index, beyond = rows_within(limits, self._sheet, version.index)
        self._add_plainly(beyond)
        for part, size in _chunks(index, len(self._columns)):
            rows = Rows(self._sheet, part, size, limits)
            self._add_rows(version, rows, part)
            if rows.uncertain is not None:
                own = np.arange(len(self._columns))[part]
                self._add_plainly(own[rows.uncertain].tolist())

    def _add_rows(self, version: Version, rows: Rows, part: Index) -> None:
        for rule_id, condition in version.conditions:
            passed = passing(condition, rows)
            if passed is not None:
                self._passed[rule_id][part] &= passed
        found = entitle_rows([form for _, form in version.amounts], version.rounding, rows)
        self._amount[part] = found.amount.values
        places = [NO_LIMB, *(self._number[rule_id] for rule_id, _ in version.amounts)]
        self._limb[part] = np.array(places, dtype=np.int16).take(found.limb)
        if self._steps:
            for (rule_id, _), (exact, after) in zip(version.amounts, found.steps, strict=True):
                self._steps[rule_id].put(part, exact=exact, after=after)

    def _add_plainly(self, rows: Iterable[int]) -> None:
        for row in rows:
            case, request = case_at(self._columns, row), request_at(self._columns, row)
            found = assess(self._scheme, case=case, request=request, on=case.contract.applied_on)
            entitlement = found.entitlement
            if entitlement.amount.amount.bit_length() > BITS_MAX:
                raise AmountBeyondColumns(row=row, amount=entitlement.amount.amount)
            self._amount[row] = entitlement.amount.amount
            self._limb[row] = self._number.get(entitlement.limb, NO_LIMB)
            for passed in self._passed.values():
                passed[row] = True
            for check in found.checks:
                self._passed[check.rule_id][row] &= check.passed
            self._put_steps(row, entitlement.steps)
            self._fell_back.append(row)

    def _put_steps(self, row: int, steps: Iterable[Step]) -> None:
        if self._steps:
            for step in steps:
                self._steps[step.rule_id].put_plain(row, step)

    def result(self) -> AssessedColumns:
        """What was filled."""
        is_eligible: FlagColumn = np.logical_and.reduce(self._all_passed, axis=0)
        return AssessedColumns(
            rule_ids=tuple(rule.id for rule in self._scheme.rules),
            amount=self._amount,
            is_eligible=is_eligible,
            limb=self._limb,
            passed=self._passed,
            fell_back=np.array(sorted(self._fell_back), dtype=np.int64),
            steps=self._steps,
        )


def _ids_of(scheme: Scheme, forms: tuple[type, ...]) -> list[str]:
    """The rules with a version of one of the forms, each once."""
    return list(
        dict.fromkeys(
            rule.id
            for rule in scheme.rules
            for version in rule.versions
            if isinstance(version.form, forms)
        )
    )


def _chunks(index: Index, count: int) -> Iterator[tuple[Index, int]]:
    """An index in pieces, each with its size."""
    if isinstance(index, slice):
        for start in range(0, count, ROWS_A_CHUNK):
            end = min(start + ROWS_A_CHUNK, count)
            yield slice(start, end), end - start
    else:
        for start in range(0, len(index), ROWS_A_CHUNK):
            part = index[start : start + ROWS_A_CHUNK]
            yield part, len(part)
