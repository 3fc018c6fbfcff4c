"""Half-open periods of days, and the two ways in which published rules count them."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from evernormal.domain.errors import DomainError


class EmptyPeriod(DomainError):
    """A period that ends before or when it starts."""

    code = "period.empty"

    def __init__(self, *, starts_on: date, ends_on: date) -> None:
        self.starts_on, self.ends_on = starts_on, ends_on
        super().__init__(f"A period from {starts_on} to {ends_on} holds no day. Swap or correct.")


class DayCount(Enum):
    """How many days a period has: the difference of its first and last day, or both counted."""

    DIFFERENCE = "DIFFERENCE"
    INCLUSIVE = "INCLUSIVE"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days from `starts_on` up to, not including, `ends_on`."""

    starts_on: date
    ends_on: date

    def __post_init__(self) -> None:
        if self.ends_on <= self.starts_on:
            raise EmptyPeriod(starts_on=self.starts_on, ends_on=self.ends_on)

    @classmethod
    def of_days(cls, first: date, last: date) -> "Period":
        """The period that holds both named days, as contracts write it."""
        return cls(first, last + timedelta(days=1))

    @property
    def last_on(self) -> date:
        """The last day inside the period."""
        return self.ends_on - timedelta(days=1)

    def count_days(self, day_count: DayCount) -> int:
        """Days in the period: DIFFERENCE is last minus first (0 for one day), INCLUSIVE one more.

        source   programmes.md 2.4: the official worked example of Nanning needs DIFFERENCE
        """
        inclusive = (self.ends_on - self.starts_on).days
        return inclusive - 1 if day_count is DayCount.DIFFERENCE else inclusive

    def overlap(self, other: "Period") -> "Period | None":
        """The days in both periods, or None when there are none."""
        starts_on, ends_on = max(self.starts_on, other.starts_on), min(self.ends_on, other.ends_on)
        return Period(starts_on, ends_on) if starts_on < ends_on else None

    def holds(self, day: date) -> bool:
        """Whether the day is inside."""
        return self.starts_on <= day < self.ends_on


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
