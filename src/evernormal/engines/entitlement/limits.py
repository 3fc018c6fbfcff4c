"""How large a row's facts may be so that no step of a calculation needs more than 64 bits.

The calculation is run on no rows at all, with facts said to be as large as the limits: its numbers
know their ends and refuse (`whole.py`). What passes for no rows is proven for all rows within.
"""

from collections.abc import Sequence

import numpy as np

from evernormal.domain.policy import RoundingRule
from evernormal.engines.entitlement.amounts import StepForm, entitle_rows
from evernormal.engines.entitlement.rows import WIDEST, Index, Limits, Rows, Sheet, width_of
from evernormal.engines.entitlement.whole import Beyond64Bits

_NO_ROWS = slice(0, 0)


def fitting_limits(
    forms: Sequence[StepForm], rounding: RoundingRule, sheet: Sheet
) -> Limits | None:
    """The widest limits under which the forms are safe; None when there are none.

    Most tables are safe as they are; then no row is outside.
    """

    def is_safe(limits: Limits) -> bool:
        try:
            found = entitle_rows(forms, rounding, Rows(sheet, _NO_ROWS, 0, limits))
            for exact, after in found.steps:
                _ = exact.under, after.under
        except Beyond64Bits:
            return False
        return True

    if is_safe(WIDEST):
        return WIDEST
    widths = range(WIDEST.fen, -1, -1)
    count = next((c for c in widths if is_safe(Limits(fen=0, count=c))), None)
    if count is None:
        return None
    return next(limits for f in widths if is_safe(limits := Limits(fen=f, count=count)))


def rows_within(limits: Limits, sheet: Sheet, index: Index) -> tuple[Index, list[int]]:
    """Of the rows at an index, those whose facts are within the limits, and the numbers of others.

    Only the columns that the sheet has noted as read are looked at.
    """
    within = np.ones(len(sheet.columns), dtype=np.bool_)
    for (name, part), column in sheet.read.items():
        widest = width_of(name, limits)
        low, high = sheet.extent(name, part, column)
        if low < -widest or high > widest:
            within &= (column >= -widest) & (column <= widest)
    if within.all():
        return index, []
    rows = np.arange(len(sheet.columns))[index]
    return rows[within[rows]], rows[~within[rows]].tolist()
