"""How far the pot's money has come, and what the vouchers held on each day: from the journal."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from evernormal.formats.books.rows import AccountRow, TransferRow, YearBooks

_POSTED = ("SINGLE", "POST")


@dataclass(frozen=True, slots=True)
class Flow:
    """Fen that reached each stage, and fen that lie free in the pot at the close."""

    pot: int
    awarded: int
    vouchers: int
    held: int
    earned: int
    approved: int
    paid: int
    lapsed: int
    free: int

    @property
    def reserved(self) -> int:
        """On hold now, or captured."""
        return self.held + self.earned if self.vouchers else 0


@dataclass(frozen=True, slots=True)
class VoucherDay:
    """What all vouchers together were at the end of a day, in fen."""

    on: date
    available: int
    held: int
    captured: int
    lapsed: int


def flow_of(books: YearBooks) -> Flow:
    """Add up the journal by what each transfer was for."""
    sums: Counter[str] = Counter()
    for transfer in books.journal:
        if transfer.phase in _POSTED:
            sums[transfer.code] += transfer.amount_fen
    return Flow(
        pot=sums["APPROPRIATE"],
        awarded=sums["AWARD"],
        vouchers=sums["ISSUE"],
        held=sum(a.debits_pending for a in books.accounts if a.kind == "VOUCHER"),
        earned=sums["CAPTURE"] + sums["ACCRUE"] - sums["REVERSE"],
        approved=sums["APPROVE"],
        paid=sums["PAY"],
        lapsed=sums["LAPSE"] + sums["RECALL"],
        free=sum(_free(account) for account in books.accounts if account.kind == "POT"),
    )


def voucher_days(journal: Iterable[TransferRow]) -> Sequence[VoucherDay]:
    """The vouchers' state after each day on which a transfer moved one."""
    state: Counter[str] = Counter()
    pending: dict[str, int] = {}
    days: dict[date, VoucherDay] = {}
    for transfer in journal:
        if not any(a.startswith("VOUCHER:") for a in (transfer.debit, transfer.credit)):
            continue
        pending[transfer.transfer_id] = transfer.amount_fen
        for name, change in _changes(transfer, pending.get(transfer.pending_id, 0)):
            state[name] += change
        days[transfer.on] = VoucherDay(
            on=transfer.on,
            available=state["available"],
            held=state["held"],
            captured=state["captured"],
            lapsed=state["lapsed"],
        )
    return tuple(days[on] for on in sorted(days))


def _changes(transfer: TransferRow, pending: int) -> tuple[tuple[str, int], ...]:
    """What a transfer does to the vouchers' state; the changes add up to the face it adds."""
    amount = transfer.amount_fen
    by_code: dict[str, tuple[tuple[str, int], ...]] = {
        "ISSUE": (("available", amount),),
        "HOLD": (("available", -amount), ("held", amount)),
        "CAPTURE": (("held", -pending), ("available", pending - amount), ("captured", amount)),
        "RELEASE": (("held", -amount), ("available", amount)),
        "REVERSE": (("captured", -amount), ("available", amount)),
        "LAPSE": (("available", -amount), ("lapsed", amount)),
        "RECALL": (("available", -amount), ("lapsed", amount)),
    }
    return by_code.get(transfer.code, ())


def _free(account: AccountRow) -> int:
    return account.credits_posted - account.debits_posted - account.debits_pending
