"""What one batch makes due of one order: its charges, who pays them, and its changed holds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from evernormal.actions.captures import HoldChange
from evernormal.domain.ledger.posting import Move
from evernormal.domain.market import Order
from evernormal.domain.metering import Charge, Part, Payer
from evernormal.domain.values import Fen
from evernormal.store.charging import ChargedOrder
from evernormal.store.models import AuditRecord, UsageBatch
from evernormal.store.vouchers import HoldUpdate


@dataclass(frozen=True, slots=True)
class Drawn:
    """What an order's charges make of one voucher, under the contract that it was issued for.

    total, captured  fen charged to it before, and of them what the voucher paid
    charged, after   the same with these charges
    held             fen left on hold for the order
    """

    payer: Payer
    charged: Fen
    after: Fen
    change: HoldChange | None
    held: Fen


@dataclass(frozen=True, slots=True)
class Charging:
    """The charges of one order that one batch makes due, and what they do to its holds.

    parts    of each charge: who pays it
    drawn    by voucher, in the order of burning
    counts   how many charges each day had before
    """

    order: Order
    batch: UsageBatch
    due: Sequence[Charge]
    parts: Sequence[tuple[Part, ...]]
    drawn: Sequence[Drawn]
    counts: Mapping[date, int]

    @property
    def lines(self) -> Iterator[tuple[str, Charge, str, int]]:
        """Each part of a charge: its number, the part, its contract, the voucher's fen of it."""
        counts = dict(self.counts)
        for charge, parts in zip(self.due, self.parts, strict=True):
            for part in parts:
                counts[charge.day] = counts.get(charge.day, 0) + 1
                number = f"CH-{self.order.id}-{charge.day:%Y%m%d}-{counts[charge.day]}"
                share = replace(charge, amount=part.amount, used_seconds=part.seconds)
                yield number, share, part.contract_id, part.voucher.amount

    @property
    def moves(self) -> list[Move]:
        """Every change of a hold."""
        return [move for drawn in self.drawn if drawn.change for move in drawn.change.moves]

    @property
    def charged(self) -> ChargedOrder:
        """What is to be added to the order's standing."""
        return ChargedOrder(
            self.order.id,
            self.due,
            lines=[len(parts) for parts in self.parts],
            totals={d.payer.contract_id: (d.charged, d.after) for d in self.drawn},
        )

    def updates(self, act: AuditRecord) -> Iterator[HoldUpdate]:
        """What to keep of the changed holds."""
        before = 0
        for drawn in self.drawn:
            if drawn.change is not None:
                yield drawn.change.update(act, moves_before=before)
                before += len(drawn.change.moves)
