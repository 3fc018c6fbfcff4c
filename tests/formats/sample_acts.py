"""The sample year while it is being made."""

from dataclasses import dataclass, field

from evernormal.domain.market import Order
from evernormal.domain.values import Fen
from evernormal.domain.voucher import (
    Voucher,
    VoucherEvent,
    after,
)
from evernormal.formats.books.rows import (
    BatchRow,
    ChargeRow,
    ClaimRow,
    DecisionRow,
    UsageRow,
)
from tests.formats.sample_year import (
    DEVICE_CLASSES,
    Log,
)

PRICE = {DEVICE_CLASSES[0]: Fen(880), DEVICE_CLASSES[1]: Fen(1_290)}


@dataclass
class Year:
    """The sample year while it is being made."""

    log: Log = field(default_factory=Log)
    decisions: list[DecisionRow] = field(default_factory=list)
    vouchers: dict[str, Voucher] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    pending: dict[str, str] = field(default_factory=dict)
    charges: list[ChargeRow] = field(default_factory=list)
    claims: list[ClaimRow] = field(default_factory=list)
    usage: list[UsageRow] = field(default_factory=list)
    batches: list[BatchRow] = field(default_factory=list)

    def change(self, voucher_id: str, event: VoucherEvent) -> None:
        self.vouchers[voucher_id] = after(self.vouchers[voucher_id], event)
