"""Which reading is which order's, and what its cells are: worked out once, before any is read."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

import numpy as np

from evernormal.domain.market import Order, PriceKey, PriceList
from evernormal.domain.metering import DayUse
from evernormal.domain.metering.cutting import instant_of
from evernormal.domain.values import CardSeconds, Period
from evernormal.engines.rating.cuts import Cuts, cuts_of, labels_of
from evernormal.engines.rating.kernels import Codes, Ints
from evernormal.engines.rating.sums import Layout, WrongReading


@dataclass(frozen=True, slots=True)
class Names:
    """How the texts of a reading become the number of its group.

    contracts, classes, clusters  number by text; a cluster that no order names is the last one
    pairs   int32 [contracts, classes]: number of the pair, -1 where no order has it
    sites   int32 [pairs, clusters + 1]: number of the group
    """

    contracts: Mapping[str, int]
    classes: Mapping[str, int]
    clusters: Mapping[str, int]
    pairs: Codes
    sites: Codes


@dataclass(frozen=True, slots=True)
class _Taken:
    """Cells of a group that are one order's.

    first     where they begin in the flat sums
    cells     the cells of the cuts that they are; labels[c] is the day and band of cell c
    """

    order_id: str
    first: int
    cells: range
    labels: Sequence[tuple[date, str]]


@dataclass(frozen=True, slots=True)
class RatingPlan:
    """What rating a set of orders needs of its readings. It can be sent to other machines.

    layout  the flat array of sums, whose size is that of the plan
    """

    names: Names
    cuts: Cuts
    layout: Layout
    taken: tuple[_Taken, ...]

    @property
    def size(self) -> int:
        """Cells of the plan: the sums are int64 of this length."""
        return self.layout.size


def plan_of(orders: Sequence[Order], *, prices: PriceList, zone: tzinfo) -> RatingPlan:
    """Plan to rate orders, at least one.

    orders   each with the period that is to be charged; two that take the same use have none of
             their days in common (`order.overlap` of the intake)
    """
    first = min(order.period.starts_on for order in orders)
    span = Period(first, max(order.period.ends_on for order in orders))
    cuts = cuts_of((order.price_key for order in orders), span, prices=prices, zone=zone)
    takers = _takers(orders)
    labels = _Labels(span, cuts, prices=prices, zone=zone)
    layout = _layout(takers, cuts, labels)
    return RatingPlan(
        names=_names(takers),
        cuts=cuts,
        layout=layout,
        taken=tuple(_taken(takers, layout, labels)),
    )


def cells_of(plan: RatingPlan, sums: Ints) -> Iterator[tuple[str, date, str, int]]:
    """Give the card-seconds of each order, local day and band.

    sums     int64 [plan.size], as `card_seconds_of_files` gives them; of one batch's file they
             are what the batch changed, which may be negative
    returns  in order of orders, days and bands, none of them 0
    """
    seconds: dict[tuple[str, date, str], int] = defaultdict(int)
    for taken in plan.taken:
        mine = sums[taken.first : taken.first + len(taken.cells)]
        used = np.flatnonzero(mine)
        for at, n in zip(used.tolist(), mine[used].tolist(), strict=True):
            seconds[taken.order_id, *taken.labels[taken.cells[at]]] += n
    for cell, n in sorted(seconds.items()):
        if n:
            yield *cell, n


def uses_of(plan: RatingPlan, sums: Ints) -> tuple[DayUse, ...]:
    """The use by order, day and band of a plan's sums over all files: what `use_by_day` gives.

    raises   WrongReading when more was taken back of a cell than was ever read
    """
    uses = []
    for order_id, day, band, seconds in cells_of(plan, sums):
        if seconds < 0:
            raise WrongReading(f"Order {order_id} has {seconds} card-seconds on {day}.")
        uses.append(DayUse(order_id, day, band, CardSeconds(seconds)))
    return tuple(uses)


_Group = tuple[str, str, str]
"""Contract, device class and cluster; "" is every cluster that no order of the two names."""


def _takers(orders: Sequence[Order]) -> dict[_Group, list[Order]]:
    """The orders that take the use of each group."""
    of_pair: dict[tuple[str, str], list[Order]] = defaultdict(list)
    for order in orders:
        of_pair[order.contract_id, order.device_class].append(order)
    takers: dict[_Group, list[Order]] = {}
    for pair, asked in sorted(of_pair.items()):
        for site in sorted({"", *(order.site for order in asked)}):
            found = [order for order in asked if order.site in {"", site}]
            if found:
                takers[*pair, site] = found
    return takers


def _layout(takers: Mapping[_Group, Sequence[Order]], cuts: Cuts, labels: "_Labels") -> Layout:
    """Give each group the cells from its first order's first day to its last order's last."""
    cells = [
        labels.cells_of(
            Period(
                min(order.period.starts_on for order in found),
                max(order.period.ends_on for order in found),
            )
        )
        for found in takers.values()
    ]
    first = np.array([c.start for c in cells], dtype=np.int64)
    end = np.array([c.stop for c in cells], dtype=np.int64)
    return Layout.of_cells(cuts, first, end)


def _names(takers: Mapping[_Group, object]) -> Names:
    contracts = {name: n for n, name in enumerate(sorted({group[0] for group in takers}))}
    classes = {name: n for n, name in enumerate(sorted({group[1] for group in takers}))}
    clusters = {name: n for n, name in enumerate(sorted({group[2] for group in takers} - {""}))}
    numbers = {pair: n for n, pair in enumerate(dict.fromkeys(group[:2] for group in takers))}
    pairs = np.full((len(contracts), len(classes)), -1, dtype=np.int32)
    sites = np.full((len(numbers), len(clusters) + 1), -1, dtype=np.int32)
    for (contract, device_class), pair in numbers.items():
        pairs[contracts[contract], classes[device_class]] = pair
    for number, (contract, device_class, site) in enumerate(takers):
        row = sites[numbers[contract, device_class]]
        # "" comes first of a pair: to it a cluster that only others name is any cluster.
        row[clusters[site] if site else slice(None)] = number
    return Names(contracts, classes, clusters, pairs, sites)


class _Labels:
    """Days and bands of all cells, once for each price key."""

    def __init__(self, span: Period, cuts: Cuts, *, prices: PriceList, zone: tzinfo) -> None:
        self._span, self._cuts, self._prices, self._zone = span, cuts, prices, zone
        self._known: dict[PriceKey, list[tuple[date, str]]] = {}
        self._cells: dict[date, int] = {}

    def of(self, key: PriceKey) -> Sequence[tuple[date, str]]:
        """The label of each cell of the cuts."""
        if key not in self._known:
            self._known[key] = labels_of(
                key, self._span, self._cuts, prices=self._prices, zone=self._zone
            )
        return self._known[key]

    def cells_of(self, period: Period) -> range:
        """The cells of a period's days."""
        return range(self._cell_of(period.starts_on), self._cell_of(period.ends_on))

    def _cell_of(self, day: date) -> int:
        if day not in self._cells:
            midnight = instant_of(day, 0, zone=self._zone)
            self._cells[day] = self._cuts.cell_of(int(midnight.timestamp()))
        return self._cells[day]


def _taken(
    takers: Mapping[_Group, Sequence[Order]], layout: Layout, labels: _Labels
) -> Iterator[_Taken]:
    for number, found in enumerate(takers.values()):
        for order in found:
            cells = labels.cells_of(order.period)
            first = int(layout.bases[number]) + cells.start
            yield _Taken(order.id, first, cells, labels.of(order.price_key))
