"""Which rows a version of the rules is for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import get_args

import numpy as np

from evernormal.domain.award import amount_rules
from evernormal.domain.policy import Condition, RoundingRule, Scheme
from evernormal.domain.policy.amounts import in_order
from evernormal.engines.entitlement.amounts import StepForm
from evernormal.engines.entitlement.arrays import DayColumn
from evernormal.engines.entitlement.calendar import DayTable
from evernormal.engines.entitlement.rows import Index

_CONDITIONS = get_args(Condition)


@dataclass(frozen=True, slots=True)
class Version:
    """The rules in force for some rows, and those rows; a slice is all rows.

    amounts  in the order in which they are applied
    """

    conditions: Sequence[tuple[str, Condition]]
    rounding: RoundingRule
    amounts: Sequence[tuple[str, StepForm]]
    index: Index


def versions_of(scheme: Scheme, applied_on: DayColumn) -> Iterator[Version]:
    """Every version of the rules that a row needs, in the order of their first rows.

    raises   UnknownRule for the version of the first row that has no amount or no rounding
    """
    if not len(applied_on):
        return
    changes = sorted({v.starts_on.toordinal() for rule in scheme.rules for v in rule.versions})

    def epochs_of(days: DayColumn) -> DayColumn:
        return np.searchsorted(np.array(changes), days, side="right").astype(np.int32)

    ends = np.array([applied_on.min(), applied_on.max()])
    first_epoch, last_epoch = epochs_of(ends).tolist()
    if first_epoch == last_epoch:
        yield _version_on(scheme, date.fromordinal(int(ends[0])), slice(None))
        return
    epochs = DayTable(applied_on, epochs_of).of(applied_on)
    indexes = [np.flatnonzero(epochs == e) for e in range(first_epoch, last_epoch + 1)]
    for index in sorted((i for i in indexes if len(i)), key=lambda i: int(i[0])):
        yield _version_on(scheme, date.fromordinal(int(applied_on[index[0]])), index)


def _version_on(scheme: Scheme, on: date, index: Index) -> Version:
    # The rate first, as `entitle_under`: of two missing rules the same one is named.
    amounts = in_order(amount_rules(scheme, on))
    _, rounding = scheme.get(RoundingRule, on)
    return Version(
        conditions=[(i, f) for i, f in scheme.in_force(on) if isinstance(f, _CONDITIONS)],
        rounding=rounding,
        amounts=amounts,
        index=index,
    )
