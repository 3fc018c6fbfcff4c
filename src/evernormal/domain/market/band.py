"""Hours of a day that have a price of their own, as peak hours have."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

MINIMUM: Final = "minimum"
"""The band of the line that lifts a day's charges to the day's minimum; no price may have it."""

MINUTES_OF_DAY: Final = 24 * 60
EVERY_DAY: Final = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Band:
    """Named hours of some days of the week.

    weekdays  0 is Monday, 6 is Sunday
    hours     (from, until) in minutes of the local day, in order, 0 to 1,440; hours across midnight
              are two: (1320, 1440) and (0, 360)
    """

    name: str
    hours: tuple[tuple[int, int], ...]
    weekdays: frozenset[int] = EVERY_DAY

    def __post_init__(self) -> None:
        edges = [minute for window in self.hours for minute in window]
        is_in_order = all(a < b for a, b in self.hours) and all(a <= b for a, b in pairwise(edges))
        if not edges or not is_in_order or edges[0] < 0 or edges[-1] > MINUTES_OF_DAY:
            raise ValueError(f"A band has hours in order within a day, got {self.hours!r}")
        has_days = bool(self.weekdays) and self.weekdays <= EVERY_DAY
        if not self.name or self.name == MINIMUM or not has_days:
            raise ValueError(f"{self.name!r} on {sorted(self.weekdays)} is no band")

    def meets(self, other: "Band") -> bool:
        """Whether both may hold on one day and either bear one name or share a minute."""
        if not self.weekdays & other.weekdays:
            return False
        return self.name == other.name or any(
            a < d and c < b for a, b in self.hours for c, d in other.hours
        )
