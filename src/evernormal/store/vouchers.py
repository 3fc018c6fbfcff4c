"""Vouchers and holds: rows to domain values and back, inside an act."""

from django.db.models import F, QuerySet

from evernormal.domain.errors import DomainError
from evernormal.domain.values import Fen
from evernormal.domain.voucher import Hold, HoldPlaced, HoldState, Voucher
from evernormal.store.models import AuditRecord, Award, Programme
from evernormal.store.models import Hold as HoldRow
from evernormal.store.models import Voucher as VoucherRow


class UnknownVoucher(DomainError):
    """A voucher that was never issued."""

    code = "voucher.unknown"

    def __init__(self, *, voucher_id: str) -> None:
        self.voucher_id = voucher_id
        super().__init__(f"Voucher {voucher_id} does not exist. Check the number.")


def voucher_of(row: VoucherRow) -> Voucher:
    """The domain's voucher of a row."""
    return Voucher(
        id=row.voucher_id,
        award_id=row.award.award_id,
        holder_id=row.holder_id,
        face=Fen(row.face_fen),
        issued_on=row.issued_on,
        lapses_on=row.lapses_on,
        held=Fen(row.held_fen),
        captured=Fen(row.captured_fen),
        lapsed=Fen(row.lapsed_fen),
    )


def hold_of(row: HoldRow) -> Hold:
    """The domain's hold of a row."""
    return Hold(
        id=row.hold_id,
        voucher_id=row.voucher.voucher_id,
        order_id=row.order_id,
        amount=Fen(row.amount_fen),
        expires_on=row.expires_on,
        state=HoldState(row.state),
    )


def find_voucher(programme: Programme, voucher_id: str) -> Voucher | None:
    """A voucher as it stands, or None."""
    row = _rows(programme).filter(voucher_id=voucher_id).first()
    return None if row is None else voucher_of(row)


def get_voucher(programme: Programme, voucher_id: str) -> Voucher:
    """A voucher as it stands.

    raises   UnknownVoucher
    """
    voucher = find_voucher(programme, voucher_id)
    if voucher is None:
        raise UnknownVoucher(voucher_id=voucher_id)
    return voucher


def insert_voucher(programme: Programme, voucher: Voucher, *, act: AuditRecord) -> None:
    """Keep a voucher that was just issued."""
    VoucherRow.objects.create(
        programme=programme,
        voucher_id=voucher.id,
        award=Award.objects.get(programme=programme, award_id=voucher.award_id),
        holder_id=voucher.holder_id,
        issued_on=voucher.issued_on,
        lapses_on=voucher.lapses_on,
        face_fen=voucher.face.amount,
        act=act,
    )


def save_voucher(programme: Programme, voucher: Voucher) -> None:
    """Keep what an act made of a voucher."""
    _rows(programme).filter(voucher_id=voucher.id).update(
        face_fen=voucher.face.amount,
        lapses_on=voucher.lapses_on,
        held_fen=voucher.held.amount,
        captured_fen=voucher.captured.amount,
        lapsed_fen=voucher.lapsed.amount,
    )


def mark_lapsed(programme: Programme, voucher: Voucher) -> None:
    """Keep a voucher that lapsed, so that time does not look at it again."""
    save_voucher(programme, voucher)
    _rows(programme).filter(voucher_id=voucher.id).update(is_lapsed=True)


def find_open_hold(programme: Programme, order_id: str) -> HoldRow | None:
    """The open hold of an order, or None."""
    rows = HoldRow.objects.select_related("voucher").filter(
        programme=programme, order_id=order_id, state=HoldState.OPEN.value
    )
    return rows.first()


def count_holds(programme: Programme, order_id: str) -> int:
    """How many holds an order has had."""
    return HoldRow.objects.filter(programme=programme, order_id=order_id).count()


def insert_hold(
    programme: Programme, placed: HoldPlaced, *, payee_id: str, act: AuditRecord, transfer: str
) -> None:
    """Keep a hold that was just placed.

    payee_id  who will be paid from it
    transfer  the id of its pending transfer
    """
    HoldRow.objects.create(
        programme=programme,
        hold_id=placed.hold_id,
        voucher=VoucherRow.objects.get(programme=programme, voucher_id=placed.voucher_id),
        order_id=placed.order_id,
        payee_id=payee_id,
        amount_fen=placed.amount.amount,
        expires_on=placed.expires_on,
        pending_transfer_id=transfer,
        act=act,
    )


def list_open_holds(programme: Programme, voucher_id: str) -> list[HoldRow]:
    """The open holds of a voucher, by number."""
    rows = HoldRow.objects.select_related("voucher").filter(
        programme=programme, voucher__voucher_id=voucher_id, state=HoldState.OPEN.value
    )
    return sorted(rows, key=lambda row: row.hold_id)


def count_extensions(programme: Programme, voucher_id: str) -> int:
    """How often a voucher was extended."""
    rows = _rows(programme).filter(voucher_id=voucher_id)
    return rows.values_list("extensions", flat=True).first() or 0


def save_extended(programme: Programme, voucher: Voucher) -> None:
    """Keep an extended voucher; its open holds live as long as it does."""
    save_voucher(programme, voucher)
    _rows(programme).filter(voucher_id=voucher.id).update(extensions=F("extensions") + 1)
    HoldRow.objects.filter(
        programme=programme, voucher__voucher_id=voucher.id, state=HoldState.OPEN.value
    ).update(expires_on=voucher.lapses_on)


def resolve_hold(row: HoldRow, state: HoldState) -> None:
    """Close a hold."""
    row.state = state.value
    row.save(update_fields=["state"])


def _rows(programme: Programme) -> QuerySet[VoucherRow]:
    return VoucherRow.objects.select_related("award").filter(programme=programme)
