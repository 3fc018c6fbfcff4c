"""Vouchers and holds: rows to domain values and back, inside an act."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, F, QuerySet

from evernormal.domain.errors import DomainError
from evernormal.domain.values import Fen
from evernormal.domain.voucher import Hold, HoldPlaced, HoldState, Voucher
from evernormal.store.bulk import Row, change_rows, insert_rows
from evernormal.store.models import AuditRecord, Award, Programme
from evernormal.store.models import Hold as HoldRow
from evernormal.store.models import Voucher as VoucherRow


class UnknownVoucher(DomainError):
    """A voucher that was never issued."""

    code = "voucher.unknown"

    def __init__(self, *, voucher_id: str) -> None:
        self.voucher_id = voucher_id
        super().__init__(f"Voucher {voucher_id} does not exist. Check the number.")


@dataclass(frozen=True, slots=True)
class OpenHold:
    """An open hold, who will be paid from it, and its pending transfer."""

    hold: Hold
    payee_id: str
    pending_transfer_id: str


@dataclass(frozen=True, slots=True)
class OrderHolds:
    """An order's holds as they stand: how many there were, on which vouchers, and the open ones.

    vouchers  ids of those that something was ever held on
    open      the open hold on a voucher, by voucher id
    """

    order_id: str
    count: int = 0
    vouchers: frozenset[str] = frozenset()
    open: Mapping[str, OpenHold] = field(default_factory=dict)

    @property
    def held(self) -> int:
        """Fen on hold for the order, on all vouchers."""
        return sum(open_.hold.amount.amount for open_ in self.open.values())


@dataclass(frozen=True, slots=True)
class HoldUpdate:
    """What an act made of a voucher and of one order's holds on it.

    resolved     the hold that it closed, and how
    placed       the hold that it placed, its pending transfer being `transfer_id`
    """

    voucher: Voucher
    resolved: tuple[str, HoldState] | None
    placed: HoldPlaced | None
    payee_id: str
    transfer_id: str
    act: AuditRecord


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
    _save_vouchers(programme, [voucher])


def _save_vouchers(programme: Programme, vouchers: Iterable[Voucher]) -> None:
    rows = [
        (
            voucher.face.amount,
            voucher.lapses_on,
            voucher.held.amount,
            voucher.captured.amount,
            voucher.lapsed.amount,
            programme.id,
            voucher.id,
        )
        for voucher in vouchers
    ]
    columns = ("face_fen", "lapses_on", "held_fen", "captured_fen", "lapsed_fen")
    change_rows("voucher", rows, keys=("programme_id", "voucher_id"), put=columns)


def save_hold_updates(programme: Programme, updates: Sequence[HoldUpdate]) -> None:
    """Keep what acts made of vouchers and holds, in the order in which they did.

    A voucher that several acts touched is kept as the last of them left it.
    """
    _save_vouchers(programme, {update.voucher.id: update.voucher for update in updates}.values())
    resolved = [(u.resolved[1].value, programme.id, u.resolved[0]) for u in updates if u.resolved]
    change_rows("hold", resolved, keys=("programme_id", "hold_id"), put=("state",))
    _insert_holds(programme, [update for update in updates if update.placed])


def mark_lapsed(programme: Programme, voucher: Voucher) -> None:
    """Keep a voucher that lapsed, so that time does not look at it again."""
    save_voucher(programme, voucher)
    VoucherRow.objects.filter(programme=programme, voucher_id=voucher.id).update(is_lapsed=True)


def holds_of(programme: Programme, order_ids: Collection[str]) -> dict[str, OrderHolds]:
    """The holds of orders as they stand, by order."""
    rows = HoldRow.objects.filter(programme=programme, order_id__in=order_ids)
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    counted = rows.values("order_id", "voucher__voucher_id").annotate(count=Count("id"))
    for order_id, voucher_id, count in counted.values_list(
        "order_id", "voucher__voucher_id", "count"
    ):
        counts[order_id][voucher_id] = count
    open_: dict[str, dict[str, OpenHold]] = defaultdict(dict)
    columns = ("hold_id", "voucher__voucher_id", "order_id", "amount_fen", "expires_on")
    open_rows = rows.filter(state=HoldState.OPEN.value)
    for *values, payee_id, pending_id in open_rows.values_list(
        *columns, "payee_id", "pending_transfer_id"
    ):
        hold_id, voucher_id, order_id, amount, expires_on = values
        hold = Hold(hold_id, voucher_id, order_id, Fen(amount), expires_on)
        open_[order_id][voucher_id] = OpenHold(hold, payee_id, pending_id)
    return {
        order_id: OrderHolds(
            order_id,
            count=sum(counts[order_id].values()),
            vouchers=frozenset(counts[order_id]),
            open=open_[order_id],
        )
        for order_id in order_ids
    }


def vouchers_of(programme: Programme, voucher_ids: Collection[str]) -> dict[str, Voucher]:
    """Vouchers as they stand, those of the ids that there are."""
    rows = VoucherRow.objects.filter(programme=programme, voucher_id__in=voucher_ids)
    columns = ("voucher_id", "award__award_id", "holder_id", "face_fen", "issued_on", "lapses_on")
    found = {}
    for row in rows.values_list(*columns, "held_fen", "captured_fen", "lapsed_fen"):
        voucher_id, award_id, holder_id, face, issued_on, lapses_on, *used = row
        found[voucher_id] = Voucher(
            voucher_id, award_id, holder_id, Fen(face), issued_on, lapses_on, *map(Fen, used)
        )
    return found


def insert_hold(
    programme: Programme, placed: HoldPlaced, *, payee_id: str, act: AuditRecord, transfer: str
) -> None:
    """Keep a hold that was just placed.

    payee_id  who will be paid from it
    transfer  the id of its pending transfer
    """
    voucher = VoucherRow.objects.get(programme=programme, voucher_id=placed.voucher_id)
    row = _hold_row(placed, voucher.pk, payee_id=payee_id, act=act, transfer=transfer)
    insert_rows("hold", _HOLD_COLUMNS, [row])


_HOLD_COLUMNS = (
    "programme_id",
    "hold_id",
    "voucher_id",
    "order_id",
    "payee_id",
    "amount_fen",
    "expires_on",
    "state",
    "pending_transfer_id",
    "act_id",
)


def _insert_holds(programme: Programme, updates: Sequence[HoldUpdate]) -> None:
    wanted = {update.voucher.id for update in updates}
    rows = VoucherRow.objects.filter(programme=programme, voucher_id__in=wanted)
    keys = dict(rows.values_list("voucher_id", "pk"))
    insert_rows(
        "hold",
        _HOLD_COLUMNS,
        [
            _hold_row(
                u.placed, keys[u.voucher.id], payee_id=u.payee_id, act=u.act, transfer=u.transfer_id
            )
            for u in updates
            if u.placed
        ],
    )


def _hold_row(
    placed: HoldPlaced, voucher_key: int, *, payee_id: str, act: AuditRecord, transfer: str
) -> Row:
    return (
        act.programme_id,
        placed.hold_id,
        voucher_key,
        placed.order_id,
        payee_id,
        placed.amount.amount,
        placed.expires_on,
        HoldState.OPEN.value,
        transfer,
        act.pk,
    )


def list_open_holds(programme: Programme, voucher_id: str) -> list[HoldRow]:
    """The open holds of a voucher, by number."""
    rows = _open_holds(programme).filter(voucher__voucher_id=voucher_id)
    return sorted(rows, key=lambda row: row.hold_id)


def count_extensions(programme: Programme, voucher_id: str) -> int:
    """How often a voucher was extended."""
    rows = _rows(programme).filter(voucher_id=voucher_id)
    return rows.values_list("extensions", flat=True).first() or 0


def save_extended(programme: Programme, voucher: Voucher, *, before: date) -> None:
    """Keep an extended voucher, and that it was extended once more.

    before   the day on which it lapsed until now
    """
    save_voucher(programme, voucher)
    _rows(programme).filter(voucher_id=voucher.id).update(extensions=F("extensions") + 1)
    let_holds_live(programme, voucher, before=before)


def let_holds_live(programme: Programme, voucher: Voucher, *, before: date) -> None:
    """Let open holds that were to live as long as an extended voucher still do so.

    before   the day on which it lapsed until now; holds of cancelled orders end before it
    """
    HoldRow.objects.filter(
        programme=programme,
        voucher__voucher_id=voucher.id,
        state=HoldState.OPEN.value,
        expires_on=before,
    ).update(expires_on=voucher.lapses_on)


def resolve_hold(row: HoldRow, state: HoldState) -> None:
    """Close a hold."""
    row.state = state.value
    row.save(update_fields=["state"])


def _rows(programme: Programme) -> QuerySet[VoucherRow]:
    return VoucherRow.objects.select_related("award").filter(programme=programme)


def _open_holds(programme: Programme) -> QuerySet[HoldRow]:
    rows = HoldRow.objects.select_related("voucher")
    return rows.filter(programme=programme, state=HoldState.OPEN.value)
