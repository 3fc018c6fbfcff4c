"""The instants at which a span of days is cut: local midnights and the edges of every band."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

import numpy as np

from evernormal.domain.market import PriceKey, PriceList
from evernormal.domain.metering import cells_on
from evernormal.domain.values import Period
from evernormal.engines.rating.kernels import HINT_BITS, Ints

_SPAN_MAX = 1 << 31
"""Seconds, 68 years: then card-seconds of one reading fit into 64 bits whatever its cards."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cuts:
    """A span of time in cells: cell c is from edges[c] to edges[c + 1].

    edges  int64 [cells + 1], epoch seconds, rising
    """

    edges: Ints

    def __post_init__(self) -> None:
        edges = self.edges
        is_rising = edges.dtype == np.int64 and edges.size > 1 and bool((np.diff(edges) > 0).all())
        if not is_rising or int(edges[-1]) - int(edges[0]) >= _SPAN_MAX:
            raise ValueError("Cuts are two or more int64 seconds that rise, within 68 years.")

    @property
    def count(self) -> int:
        """How many cells there are."""
        return self.edges.size - 1

    def hints(self) -> Ints:
        """The cell that holds the start of each stretch of 2**HINT_BITS seconds."""
        starts = np.arange(self.edges[0], self.edges[-1], 1 << HINT_BITS, dtype=np.int64)
        return np.searchsorted(self.edges, starts, side="right").astype(np.int64) - 1

    def cell_of(self, instant: int) -> int:
        """The cell that begins at an instant, which is an edge."""
        return int(np.searchsorted(self.edges, instant))


def cuts_of(keys: Iterable[PriceKey], period: Period, *, prices: PriceList, zone: tzinfo) -> Cuts:
    """Cut the days of a period wherever one of some prices may change.

    keys     what is priced; without any the days are cut at midnight only
    returns  cuts fine enough for each key: a day's cells of a key are whole cells of these
    """
    asked = sorted(set(keys)) or [PriceKey("", "")]
    edges: set[int] = set()
    day = period.starts_on
    while day < period.ends_on:
        for key in asked:
            for cell in cells_on(key, day, prices=prices, zone=zone):
                edges |= {int(cell.starts_at.timestamp()), int(cell.ends_at.timestamp())}
        day += _DAY
    return Cuts(np.array(sorted(edges), dtype=np.int64))


def labels_of(
    key: PriceKey, period: Period, cuts: Cuts, *, prices: PriceList, zone: tzinfo
) -> list[tuple[date, str]]:
    """The local day and band of each cell of a period, for one price key.

    cuts     made for this key among others, and for this period or a longer one
    returns  one for each cell from the period's first
    """
    labels: list[tuple[date, str]] = []
    day = period.starts_on
    while day < period.ends_on:
        for cell in cells_on(key, day, prices=prices, zone=zone):
            first = cuts.cell_of(int(cell.starts_at.timestamp()))
            end = cuts.cell_of(int(cell.ends_at.timestamp()))
            labels += [(day, cell.band)] * (end - first)
        day += _DAY
    return labels
