"""What may befall a voucher in its life: a further part, an extension, a recall."""

from datetime import date

from evernormal.actions.applications import stored_award
from evernormal.actions.desk import SYSTEM, Desk
from evernormal.actions.pots import unreleased
from evernormal.domain.audit import Act
from evernormal.domain.ledger import TransferCode, posting
from evernormal.domain.ledger.posting import Move
from evernormal.domain.policy import IdleRecall, TrancheRelease, Tranches, VoucherExtension
from evernormal.domain.values import Fen
from evernormal.domain.voucher import (
    after,
    extend,
    raise_face,
    recall,
    release,
    voucher_of_contract,
)
from evernormal.store.models import Programme
from evernormal.store.models import Voucher as VoucherRow
from evernormal.store.queries import standing
from evernormal.store.transaction import Transaction, transaction
from evernormal.store.vouchers import (
    count_extensions,
    find_voucher,
    get_voucher,
    hold_of,
    list_open_holds,
    mark_lapsed,
    resolve_hold,
    save_extended,
    save_voucher,
)


def release_tranche(desk: Desk, contract_id: str, *, number: int, on: date) -> None:
    """Release a further part of an award, now that a report was accepted.

    number   of the contract's accepted report, from 1: it releases the part of that number
    on       the day of acceptance; a voucher that has lapsed gets nothing, and the act says so
    """
    key = f"{Act.RELEASE_TRANCHE.value}/{contract_id}/{number}"
    with transaction(desk.programme_id) as tx:
        if tx.is_done(key):
            return
        voucher = find_voucher(tx.programme, voucher_of_contract(contract_id))
        amount = _part(desk, tx, contract_id, number=number) if voucher else None
        if voucher is None or amount is None:
            tx.leave_as_is()
            return
        lives = on < voucher.lapses_on
        raised = raise_face(voucher, amount=amount, on=on) if lives else None
        tx.append(
            Act.RELEASE_TRANCHE,
            key=key,
            by=desk.year.programme.office.approves,
            at=desk.at(on),
            facts={
                "voucher": voucher.id,
                "award": voucher.award_id,
                "contract": contract_id,
                "number": number,
                "amount_fen": amount.amount if raised else 0,
                "held_back_fen": 0 if raised else amount.amount,
            },
            moves=[posting.of_raised_face(raised)] if raised else [],
        )
        if raised:
            save_voucher(tx.programme, after(voucher, raised))


def _part(desk: Desk, tx: Transaction, contract_id: str, *, number: int) -> Fen | None:
    """The part of an award that the n-th report releases; None when there is none."""
    found = desk.scheme.find(Tranches, desk.year.contracts[contract_id].applied_on)
    if found is None:
        return None
    awarded = stored_award(tx, contract_id).amount
    parts = found[1].released_on(TrancheRelease.REPORT, awarded)
    return parts[number - 1] if number <= len(parts) else None


def extend_voucher(desk: Desk, contract_id: str, *, on: date) -> None:
    """Let a contract's voucher live longer, as often as the scheme allows.

    A voucher that has lapsed, or was extended often enough, stays as it is, and the act says so.
    """
    key = f"{Act.EXTEND_VOUCHER.value}/{contract_id}/{on:%Y%m%d}"
    with transaction(desk.programme_id) as tx:
        if tx.is_done(key):
            return
        voucher = find_voucher(tx.programme, voucher_of_contract(contract_id))
        applied_on = desk.year.contracts[contract_id].applied_on
        rule = desk.scheme.find(VoucherExtension, applied_on)
        if voucher is None or rule is None:
            tx.leave_as_is()
            return
        before = count_extensions(tx.programme, voucher.id)
        until = rule[1].extended(voucher.lapses_on, before=before)
        lives = on < voucher.lapses_on
        extended = extend(voucher, until=until, on=on) if until and lives else None
        longer = after(voucher, extended) if extended else voucher
        tx.append(
            Act.EXTEND_VOUCHER,
            key=key,
            by=desk.year.programme.office.approves,
            at=desk.at(on),
            facts={
                "voucher": voucher.id,
                "rule": rule[0],
                "extensions_before": before,
                "extended": extended is not None,
                "lapsed_on_before": voucher.lapses_on.isoformat(),
                "lapses_on": longer.lapses_on.isoformat(),
            },
        )
        if extended:
            save_extended(tx.programme, longer, before=voucher.lapses_on)


def list_idle_vouchers(desk: Desk, *, on: date) -> list[tuple[str, date]]:
    """Vouchers that the scheme calls back on a day or before, with that day, by number."""
    return [(voucher_id, day) for voucher_id, day in _recalls(desk) if day <= on]


def next_recall_on(desk: Desk) -> date | None:
    """The first day on which a voucher will be called back if nothing uses it, or None."""
    return min((day for _, day in _recalls(desk)), default=None)


def _recalls(desk: Desk) -> list[tuple[str, date]]:
    """Each voucher that the scheme may call back, with its day, before the day it lapses."""
    if not any(isinstance(v.form, IdleRecall) for r in desk.scheme.rules for v in r.versions):
        return []
    programme = Programme.objects.get(id=desk.programme_id)
    rows = VoucherRow.objects.filter(programme=programme, is_lapsed=False)
    due = []
    for row in rows.select_related("award__decision").order_by("voucher_id"):
        contract_id = row.award.decision.contract_id
        rule = desk.scheme.find(IdleRecall, desk.year.contracts[contract_id].applied_on)
        if rule is None:
            continue
        last_used_on = standing.last_use_on(programme, desk.year.under_award(contract_id))
        day = rule[1].recalled_on(issued_on=row.issued_on, last_used_on=last_used_on)
        if day < row.lapses_on:
            due.append((row.voucher_id, day))
    return due


def recall_voucher(desk: Desk, voucher_id: str, *, on: date) -> None:
    """Call an idle voucher back: its holds are voided, and what is left goes to the pot."""
    key = f"{Act.RECALL_VOUCHER.value}/{voucher_id}"
    with transaction(desk.programme_id) as tx:
        if tx.is_done(key):
            return
        voucher, moves = get_voucher(tx.programme, voucher_id), list[Move]()
        rows = list_open_holds(tx.programme, voucher_id)
        released = [(row, release(hold_of(row), on=None)) for row in rows]
        for row, freed in released:
            voucher = after(voucher, freed)
            pending_id = row.pending_transfer_id
            moves.append(posting.of_release(freed, payee_id=row.payee_id, pending_id=pending_id))
        recalled = recall(voucher, on=on)
        rest = unreleased(tx.programme, voucher.award_id)
        tx.append(
            Act.RECALL_VOUCHER,
            key=key,
            by=SYSTEM,
            at=desk.at(on),
            facts={
                "voucher": voucher_id,
                "holds": [freed.hold_id for _, freed in released],
                "amount_fen": recalled.amount.amount,
                "unreleased_fen": rest.amount,
            },
            moves=[
                *moves,
                posting.of_recall(recalled),
                posting.of_unreleased(voucher.award_id, amount=rest, code=TransferCode.RECALL),
            ],
        )
        for row, freed in released:
            resolve_hold(row, freed.state)
        mark_lapsed(tx.programme, after(voucher, recalled))
