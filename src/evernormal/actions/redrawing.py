"""What an order that changes draws on its vouchers: all it has already counts as available."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from evernormal.actions.captures import HoldChange
from evernormal.actions.desk import Desk
from evernormal.actions.draws import Draw, list_draws
from evernormal.domain.allocation import Allocation, Purse, allocate
from evernormal.domain.audit import Json
from evernormal.domain.audit.facts import of_allocation, of_quote
from evernormal.domain.market import Order
from evernormal.domain.values import Fen
from evernormal.store.models import OrderTotal
from evernormal.store.transaction import Transaction
from evernormal.store.vouchers import OrderHolds, holds_of


@dataclass(frozen=True, slots=True)
class Redrawn:
    """An order as its vouchers would pay it now.

    given     the cards that they pay for
    changes   what becomes of its holds, one for each draw; nothing is kept yet
    """

    given: Allocation
    draws: Sequence[Draw]
    changes: Sequence[HoldChange]
    holds: OrderHolds
    captured: dict[str, int]

    @property
    def facts(self) -> dict[str, Json]:
        """What the log keeps of it, where the changes are made."""
        return {
            "allocation": of_allocation(self.given),
            "draws": [
                {
                    "contract": draw.contract_id,
                    "voucher": draw.voucher.id,
                    "held_before_fen": _held(self.holds, draw),
                    "amount_fen": change.held_after,
                    "captured_fen": self.captured.get(draw.contract_id, 0),
                    "quote": of_quote(draw.quote),
                }
                for draw, change in zip(self.draws, self.changes, strict=True)
            ],
        }


def redraw(
    desk: Desk, tx: Transaction, wanted: Order, *, on: date, free_cards: int
) -> Redrawn | None:
    """Allocate an order anew, and hold what it costs less what was captured for it.

    wanted       the order as it would be
    free_cards   cards that no other order has on its days to come
    returns      None where no voucher of it lives on the day
    """
    holds = holds_of(tx.programme, [wanted.id])[wanted.id]
    rows = OrderTotal.objects.filter(programme=tx.programme, order_id=wanted.id)
    captured = dict(rows.values_list("contract_id", "captured_fen"))
    draws = list_draws(desk, tx.programme, wanted, on=on)
    if not draws:
        return None
    purses = [_purse(draw, holds, captured) for draw in draws]
    given = allocate(wanted, free_cards=free_cards, purses=purses)
    changes: list[HoldChange] = []
    for draw, amount in zip(draws, given.holds, strict=True):
        change = HoldChange(
            draw.voucher,
            holds,
            payee_id=desk.payee_of(draw.contract_id),
            placed_before=sum(each.has_placed for each in changes),
        )
        change.hold_instead(Fen(max(amount.amount - captured.get(draw.contract_id, 0), 0)))
        changes.append(change)
    return Redrawn(given, draws, changes, holds, captured)


def _held(holds: OrderHolds, draw: Draw) -> int:
    open_ = holds.open.get(draw.voucher.id)
    return open_.hold.amount.amount if open_ else 0


def _purse(draw: Draw, holds: OrderHolds, captured: dict[str, int]) -> Purse:
    """A voucher as the order sees it: what the order has of it counts as available."""
    own = _held(holds, draw) + captured.get(draw.contract_id, 0)
    return Purse(part=draw.quote.voucher_part, available=draw.voucher.available + Fen(own))
