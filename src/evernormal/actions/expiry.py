"""What time does: holds expire back to their voucher, vouchers lapse back to the pot."""

from datetime import date

from django.db.models import Min

from evernormal.actions.desk import SYSTEM, Desk
from evernormal.actions.pots import unreleased
from evernormal.domain.audit import Act
from evernormal.domain.ledger import TransferCode, posting
from evernormal.domain.voucher import HoldState, after, lapse, release
from evernormal.store.models import Hold as HoldRow
from evernormal.store.models import Voucher as VoucherRow
from evernormal.store.transaction import transaction
from evernormal.store.vouchers import (
    get_voucher,
    hold_of,
    mark_lapsed,
    resolve_hold,
    save_voucher,
)


def list_due_holds(programme_id: str, *, on: date) -> list[str]:
    """Open holds whose day has come, by number."""
    rows = HoldRow.objects.filter(
        programme_id=programme_id, state=HoldState.OPEN.value, expires_on__lte=on
    )
    return sorted(rows.values_list("hold_id", flat=True))


def list_due_vouchers(programme_id: str, *, on: date) -> list[str]:
    """Vouchers whose day has come and that have not lapsed, by number."""
    rows = VoucherRow.objects.filter(programme_id=programme_id, is_lapsed=False, lapses_on__lte=on)
    return sorted(rows.values_list("voucher_id", flat=True))


def next_due_days(programme_id: str) -> list[date]:
    """The first day on which an open hold expires, and on which a voucher lapses, if any."""
    holds = HoldRow.objects.filter(programme_id=programme_id, state=HoldState.OPEN.value)
    vouchers = VoucherRow.objects.filter(programme_id=programme_id, is_lapsed=False)
    first = (
        holds.aggregate(day=Min("expires_on"))["day"],
        vouchers.aggregate(day=Min("lapses_on"))["day"],
    )
    return [day for day in first if day is not None]


def expire_hold(desk: Desk, hold_id: str, *, on: date) -> None:
    """Give an expired hold back to its voucher."""
    with transaction(desk.programme_id) as tx:
        key = f"{Act.EXPIRE_HOLD.value}/{hold_id}"
        if tx.is_done(key):
            return
        row = HoldRow.objects.select_related("voucher__award").get(
            programme=tx.programme, hold_id=hold_id
        )
        released = release(hold_of(row), on=on)
        voucher = after(get_voucher(tx.programme, row.voucher.voucher_id), released)
        tx.append(
            Act.EXPIRE_HOLD,
            key=key,
            by=SYSTEM,
            at=desk.at(on),
            facts={
                "hold": hold_id,
                "voucher": voucher.id,
                "amount_fen": released.amount.amount,
            },
            moves=[
                posting.of_release(
                    released, payee_id=row.payee_id, pending_id=row.pending_transfer_id
                )
            ],
        )
        resolve_hold(row, released.state)
        save_voucher(tx.programme, voucher)


def lapse_voucher(desk: Desk, voucher_id: str, *, on: date) -> None:
    """Return what is left of a voucher, and of its award, to the pot."""
    with transaction(desk.programme_id) as tx:
        key = f"{Act.LAPSE_VOUCHER.value}/{voucher_id}"
        if tx.is_done(key):
            return
        voucher = get_voucher(tx.programme, voucher_id)
        lapsed = lapse(voucher, on=on)
        rest = unreleased(tx.programme, voucher.award_id)
        tx.append(
            Act.LAPSE_VOUCHER,
            key=key,
            by=SYSTEM,
            at=desk.at(on),
            facts={
                "voucher": voucher_id,
                "amount_fen": lapsed.amount.amount,
                "unreleased_fen": rest.amount,
            },
            moves=[
                posting.of_lapse(lapsed),
                posting.of_unreleased(voucher.award_id, amount=rest, code=TransferCode.LAPSE),
            ],
        )
        mark_lapsed(tx.programme, after(voucher, lapsed))
