"""What each amount rule made of the amounts, kept by column."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from evernormal.domain.policy import Step
from evernormal.engines.entitlement.arrays import IntColumn
from evernormal.engines.entitlement.exact import Exact
from evernormal.engines.entitlement.rows import Index

_MOST = 2**63 - 1


@dataclass(frozen=True, slots=True, eq=False)
class StepColumns:
    """One rule's steps, in fen: `exact` and `after` as numerator over denominator [n].

    A denominator of 0 says that the rule made no step in the row, or that the row was decided by
    the plain function with a fraction that does not fit into 64 bits.
    """

    exact_over: IntColumn
    exact_under: IntColumn
    after_over: IntColumn
    after_under: IntColumn

    @classmethod
    def none(cls, count: int) -> "StepColumns":
        """No step in any row."""
        return cls(*(np.zeros(count, dtype=np.int64) for _ in range(4)))

    def put(self, index: Index, *, exact: Exact, after: Exact) -> None:
        """Keep the steps of some rows."""
        self.exact_over[index] = exact.over.values
        self.exact_under[index] = exact.under.values
        self.after_over[index] = after.over.values
        self.after_under[index] = after.under.values

    def put_plain(self, row: int, step: Step) -> None:
        """Keep one row's step."""
        exact, after = step.exact, step.after
        if all(abs(f.numerator) <= _MOST >= f.denominator for f in (exact, after)):
            self.exact_over[row], self.exact_under[row] = exact.numerator, exact.denominator
            self.after_over[row], self.after_under[row] = after.numerator, after.denominator

    def exact_at(self, row: int) -> Fraction | None:
        """What the rule's formula gave in a row, in fen; None when no step was kept."""
        under = int(self.exact_under[row])
        return Fraction(int(self.exact_over[row]), under) if under else None

    def after_at(self, row: int) -> Fraction | None:
        """What the rule left in a row, in fen; None when no step was kept."""
        under = int(self.after_under[row])
        return Fraction(int(self.after_over[row]), under) if under else None
