"""What charging a batch must know of its orders, and keeps of them: at once for all of them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from django.db.models import F

from evernormal.domain.metering import Charge, DayUse
from evernormal.domain.values import CardSeconds, Fen
from evernormal.domain.voucher import Voucher, voucher_of_contract
from evernormal.store.bulk import change_rows, insert_missing, insert_or_put
from evernormal.store.models import Allocation, OrderTotal, Programme
from evernormal.store.models import DayUse as DayUseRow
from evernormal.store.queries.standing import awarded_shares
from evernormal.store.vouchers import OrderHolds, holds_of, vouchers_of

Cell = tuple[date, str]
"""A band of a day."""

_CELL = ("programme_id", "order_id", "day", "band")


@dataclass(frozen=True, slots=True)
class OrderUse:
    """An order's use and charges on the days that have something to charge.

    charged   card-seconds and fen charged so far, by cell
    charges   how many charges each day has had
    """

    uses: tuple[DayUse, ...]
    charged: Mapping[Cell, tuple[int, Fen]]
    charges: Mapping[date, int]


@dataclass(slots=True)
class ChargingBook:
    """Orders with something due, and what they draw on.

    placed    orders that were placed, whatever they hold
    totals    fen charged on an order under a contract, and the voucher's part of them
    vouchers  as they stand; whoever decides keeps them so
    shares    by contract, of those that have one
    """

    uses: Mapping[str, OrderUse]
    placed: frozenset[str]
    totals: Mapping[tuple[str, str], tuple[Fen, Fen]]
    holds: Mapping[str, OrderHolds]
    vouchers: dict[str, Voucher]
    shares: Mapping[str, Fraction]

    def total_of(self, order_id: str, contract_id: str) -> tuple[Fen, Fen]:
        """Fen charged on an order under a contract before, and the voucher's part of them."""
        return self.totals.get((order_id, contract_id), (Fen(0), Fen(0)))


@dataclass(frozen=True, slots=True)
class ChargedOrder:
    """The charges that an act made of an order, and the order's totals after them.

    lines   how many rows each charge was kept in, one for each contract that it is charged to
    totals  by contract: fen charged, and of them what the voucher paid
    """

    order_id: str
    charges: Sequence[Charge]
    lines: Sequence[int]
    totals: Mapping[str, tuple[Fen, Fen]]


def charging_book(
    programme: Programme,
    contracts_of: Mapping[str, tuple[str, ...]],
    *,
    award_contract: Callable[[str], str],
) -> ChargingBook:
    """What is due of some orders.

    contracts_of    ids of the contracts whose vouchers may pay, by order id
    award_contract  the contract whose award pays a contract or purchase
    """
    uses = due_uses(programme, contracts_of.keys())
    totals = OrderTotal.objects.filter(programme=programme, order_id__in=uses)
    placed = Allocation.objects.filter(programme=programme, order_id__in=uses)
    contracts = {contract_id for order_id in uses for contract_id in contracts_of[order_id]}
    award_of = {contract_id: award_contract(contract_id) for contract_id in contracts}
    shares = awarded_shares(programme, set(award_of.values()))
    return ChargingBook(
        uses=uses,
        placed=frozenset(placed.values_list("order_id", flat=True)),
        totals={
            (row.order_id, row.contract_id): (Fen(row.charged_fen), Fen(row.captured_fen))
            for row in totals
        },
        holds=holds_of(programme, uses.keys()),
        vouchers=vouchers_of(programme, {voucher_of_contract(c) for c in award_of.values()}),
        shares={c: shares[of] for c, of in award_of.items() if of in shares},
    )


def due_uses(programme: Programme, order_ids: Collection[str]) -> dict[str, OrderUse]:
    """Every cell of the days on which something is due, by order.

    A day is looked at whole, because its minimum charge is of the whole day.
    """
    due: dict[str, set[date]] = defaultdict(set)
    rows = DayUseRow.objects.filter(programme=programme).exclude(used_seconds=F("charged_seconds"))
    for order_id, day in rows.values_list("order_id", "day"):
        if order_id in order_ids:
            due[order_id].add(day)
    cells: dict[str, list[_CellRow]] = defaultdict(list)
    days = {day for of_order in due.values() for day in of_order}
    found = DayUseRow.objects.filter(programme=programme, order_id__in=due, day__in=days)
    for row in found.order_by("day", "band").values_list("order_id", *_CellRow._fields):
        cell = _CellRow(*row[1:])
        if cell.day in due[row[0]]:
            cells[row[0]].append(cell)
    return {order_id: _use_of(order_id, of_order) for order_id, of_order in cells.items()}


class _CellRow(NamedTuple):
    day: date
    band: str
    used_seconds: int
    charged_seconds: int
    charged_fen: int
    charges: int


def _use_of(order_id: str, cells: Sequence[_CellRow]) -> OrderUse:
    charges: dict[date, int] = defaultdict(int)
    for cell in cells:
        charges[cell.day] += cell.charges
    return OrderUse(
        uses=tuple(
            DayUse(order_id, cell.day, cell.band, CardSeconds(cell.used_seconds)) for cell in cells
        ),
        charged={
            (cell.day, cell.band): (cell.charged_seconds, Fen(cell.charged_fen))
            for cell in cells
            if cell.charges
        },
        charges=charges,
    )


def add_use(programme: Programme, uses: Iterable[tuple[DayUse, int]]) -> None:
    """Add what a batch says of orders' use, or takes back.

    uses   with weight 1, or -1
    """
    change: dict[tuple[str, date, str], int] = defaultdict(int)
    for use, weight in uses:
        change[use.order_id, use.day, use.band] += weight * use.used.count
    _open_cells(programme, change)
    rows = [(seconds, programme.id, *cell) for cell, seconds in change.items() if seconds]
    change_rows("day_use", rows, keys=_CELL, add=("used_seconds",))


def add_charges(programme: Programme, charged: Iterable[ChargedOrder]) -> None:
    """Keep that charges were made: in the cells, and in the orders' totals."""
    orders = list(charged)
    rows = [
        (c.used_seconds, c.amount.amount, lines, programme.id, order.order_id, c.day, c.band)
        for order in orders
        for c, lines in zip(order.charges, order.lines, strict=True)
    ]
    _open_cells(programme, [(o.order_id, c.day, c.band) for o in orders for c in o.charges])
    change_rows("day_use", rows, keys=_CELL, add=("charged_seconds", "charged_fen", "charges"))
    insert_or_put(
        "order_total",
        ("programme_id", "order_id", "contract_id"),
        ("charged_fen", "captured_fen"),
        [
            (programme.id, order.order_id, contract_id, charged.amount, captured.amount)
            for order in orders
            for contract_id, (charged, captured) in order.totals.items()
        ],
    )


def _open_cells(programme: Programme, cells: Iterable[tuple[str, date, str]]) -> None:
    counters = ("used_seconds", "charged_seconds", "charged_fen", "charges")
    insert_missing(
        "day_use",
        (*_CELL, *counters),
        [(programme.id, *cell, 0, 0, 0, 0) for cell in cells],
    )
