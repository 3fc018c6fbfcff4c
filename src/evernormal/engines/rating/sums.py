"""Card-seconds of readings by group and cell, exactly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evernormal.engines.partitions import SumTooLarge
from evernormal.engines.rating.cuts import Cuts
from evernormal.engines.rating.kernels import GROSS_BITS, ROWS_MAX, Codes, Ints, add_readings


class WrongReading(ValueError):
    """Readings cannot be added up: a file is damaged, or missing.

    A reading has fewer than no cards or a weight that is neither 1 nor -1, or more was taken back
    than was read.
    """


@dataclass(frozen=True, slots=True)
class Readings:
    """Columns of n readings.

    groups            int32 [n]: what each is added to, -1 is nobody's
    starts_at, ends_at  int64 [n], epoch seconds
    cards             int32 [n], >= 0
    weight            int8 [n]: 1, or -1 for a reading that is taken back
    """

    groups: Codes
    starts_at: Ints
    ends_at: Ints
    cards: Codes
    weight: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the cells of each group are in one flat array, and what counts of it.

    opens, closes  int64 [groups]: epoch seconds, edges of the cuts
    bases          int64 [groups]: cell c of group g is at bases[g] + c
    size           cells of all groups
    """

    opens: Ints
    closes: Ints
    bases: Ints
    size: int

    @classmethod
    def of_whole_span(cls, cuts: Cuts, groups: int) -> "Layout":
        """Every group has every cell."""
        return cls(
            opens=np.full(groups, cuts.edges[0], dtype=np.int64),
            closes=np.full(groups, cuts.edges[-1], dtype=np.int64),
            bases=np.arange(groups, dtype=np.int64) * cuts.count,
            size=groups * cuts.count,
        )

    @classmethod
    def of_cells(cls, cuts: Cuts, first: Ints, end: Ints) -> "Layout":
        """Each group has the cells from `first` to before `end`, and no other."""
        ends = np.cumsum(end - first, dtype=np.int64)
        size = int(ends[-1]) if ends.size else 0
        return cls(cuts.edges[first], cuts.edges[end], ends - end, size)


class Adder:
    """Adds readings up, and refuses when a sum might no longer fit into 64 bits."""

    def __init__(self, cuts: Cuts, layout: Layout) -> None:
        """Begin with nothing."""
        self.sums: Ints = np.zeros(layout.size, dtype=np.int64)
        self._edges, self._hints, self._layout = cuts.edges, cuts.hints(), layout
        self._gross = 0

    def add(self, readings: Readings) -> None:
        """Add readings.

        raises   SumTooLarge, WrongReading
        """
        for first in range(0, readings.groups.size, ROWS_MAX):
            rows = slice(first, first + ROWS_MAX)
            gross = add_readings(
                self.sums,
                self._edges,
                self._hints,
                self._layout.opens,
                self._layout.closes,
                self._layout.bases,
                readings.groups[rows],
                readings.starts_at[rows],
                readings.ends_at[rows],
                readings.cards[rows],
                readings.weight[rows],
            )
            if gross < 0:
                raise WrongReading(f"Reading {first - 1 - gross} has wrong cards or weight.")
            self._gross += int(gross)
        if self._gross << GROSS_BITS >= 1 << 63:
            raise SumTooLarge("Card-seconds may not fit into 64 bits.")


def card_seconds_by_cell(readings: Readings, cuts: Cuts, *, groups: int) -> Ints:
    """Card-seconds of each group in each cell; what is outside the cuts is left out.

    groups   how many there are; the readings' are 0 to groups - 1, or -1
    returns  int64 [groups, cells]
    raises   SumTooLarge, WrongReading
    """
    adder = Adder(cuts, Layout.of_whole_span(cuts, groups))
    adder.add(readings)
    return adder.sums.reshape(groups, cuts.count)


def card_seconds_within(readings: Readings, cuts: Cuts, *, opens: Ints, closes: Ints) -> Ints:
    """Card-seconds of each group in each cell of a period of its own.

    opens, closes  int64 [groups]: epoch seconds, each an edge of the cuts
    returns        int64 [groups, cells], 0 outside a group's period
    raises         SumTooLarge, WrongReading
    """
    whole = Layout.of_whole_span(cuts, opens.size)
    adder = Adder(cuts, Layout(opens, closes, whole.bases, whole.size))
    adder.add(readings)
    return adder.sums.reshape(opens.size, cuts.count)
