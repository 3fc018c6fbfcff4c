"""Charges: metered use is rated by day, and the voucher's part is captured from the hold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from evernormal.actions.captures import HoldChange, capture_part, take_back
from evernormal.actions.desk import SYSTEM, Desk
from evernormal.actions.holds import share_of
from evernormal.domain.audit import Act, Json
from evernormal.domain.audit.facts import of_charge
from evernormal.domain.award import award_id_of
from evernormal.domain.market import Order, ProviderAnswer
from evernormal.domain.metering import Charge, charges_due, total_of, use_by_day
from evernormal.domain.policy import RoundingRule
from evernormal.domain.values import Fen, Period, Rounding, ratio_text
from evernormal.domain.voucher import voucher_id_of
from evernormal.store.models import AuditRecord, Programme, UsageBatch
from evernormal.store.models import Charge as ChargeRow
from evernormal.store.models import Hold as HoldRow
from evernormal.store.queries import standing
from evernormal.store.transaction import Transaction, transaction
from evernormal.store.vouchers import find_open_hold, find_voucher, get_voucher


@dataclass(frozen=True, slots=True)
class VoucherParts:
    """How much of each charge the voucher pays, in fen; their sum is captured or given back."""

    parts: tuple[int, ...]
    before: Fen
    after: Fen

    @property
    def change(self) -> int:
        """Fen to capture, or to give back when negative."""
        return self.after.amount - self.before.amount


@dataclass(frozen=True, slots=True)
class Room:
    """How far the voucher's part can still rise, and fall, in fen."""

    held: Fen
    reversible: Fen


@dataclass(frozen=True, slots=True)
class Charging:
    """The charges of one order that one batch makes due, and what the order was charged before."""

    order: Order
    batch: UsageBatch
    due: Sequence[Charge]
    total: Fen
    share: Fraction
    parts: VoucherParts

    def lines(self, programme: Programme) -> Iterator[tuple[str, Charge, int]]:
        """Each charge with its number and the voucher's part of it in fen."""
        counts = standing.count_charges(programme, self.order.id)
        for charge, part in zip(self.due, self.parts.parts, strict=True):
            number = f"CH-{self.order.id}-{charge.day:%Y%m%d}-{counts[charge.day] + 1}"
            yield number, charge, part


def charge_order(desk: Desk, order: Order, *, batch_id: str) -> None:
    """Charge an order for what the meter now says, and capture the voucher's part.

    The voucher's part is the scheme's rate on the order's running total, at most what was held,
    so the split of usage into readings, files and days never changes it (docs/rules/rating.md).
    """
    key = f"{Act.CHARGE.value}/{order.id}/{batch_id}"
    with transaction(desk.programme_id) as tx:
        if tx.is_done(key):
            return
        batch = UsageBatch.objects.select_related("act").get(
            programme=tx.programme, batch_id=batch_id
        )
        # As things stood when this batch had come in, also when a run is taken up again later.
        until = batch.act.number
        by_day, total, captured = standing.charged_by_day(tx.programme, order.id, until=until)
        usage = standing.usage_of(tx.programme, order.contract_id, until=until)
        covered = _covered(tx, order)
        if covered is None:
            tx.leave_as_is()
            return
        uses = use_by_day(covered, usage.get(order.device_class, []), zone=desk.zone)
        due = charges_due(order, uses, prices=desk.prices, charged=by_day)
        if not due:
            tx.leave_as_is()
            return
        hold = find_open_hold(tx.programme, order.id)
        held = Fen(hold.amount_fen if hold else 0)
        # What a claim has settled is paid or about to be: it is set off against later use.
        reversible = standing.unsettled(tx.programme, order.contract_id)
        room = Room(held=held, reversible=min(reversible, captured))
        share = share_of(desk, tx.programme, order)
        split = _Split(_rounding(desk, order), share, room)
        parts = split.parts(due, total=total, captured=captured)
        charging = Charging(order, batch, due=due, total=total, share=share, parts=parts)
        change = _change(desk, tx, charging, hold)
        act = _record(desk, tx, charging, key=key, change=change)
        _save(desk, charging, act=act)
        if change is not None:
            change.save(act)


def _covered(tx: Transaction, order: Order) -> Order | None:
    """The order for the days on which its voucher lives; None when it has none of them.

    Use without a voucher, before it was issued or from the day on which it lapses, is between
    the user and the provider; so is use before the order, or of an order that was declined.
    """
    voucher = find_voucher(tx.programme, voucher_id_of(award_id_of(order.contract_id)))
    if voucher is None or order.answer is ProviderAnswer.DECLINED:
        return None
    since = max(voucher.issued_on, order.ordered_on or voucher.issued_on)
    if since >= voucher.lapses_on:
        return None
    period = order.period.overlap(Period(since, voucher.lapses_on))
    return None if period is None else replace(order, period=period)


@dataclass(frozen=True, slots=True)
class _Split:
    """How charges are split between voucher and user: by share, within the room there is."""

    rounding: Rounding
    share: Fraction
    room: Room

    def parts(self, due: Sequence[Charge], *, total: Fen, captured: Fen) -> VoucherParts:
        """The voucher's part of each charge.

        total     fen charged on the order before
        captured  fen of them that the voucher paid
        """
        parts, running, target = [], total, captured
        for charge in due:
            running += charge.amount
            reached = self.rounding.to_fen(running.amount * self.share)
            reached = min(max(reached, captured - self.room.reversible), captured + self.room.held)
            parts.append(reached.amount - target.amount)
            target = reached
        return VoucherParts(parts=tuple(parts), before=captured, after=target)


def _rounding(desk: Desk, order: Order) -> Rounding:
    _, rule = desk.scheme.get(RoundingRule, desk.year.contracts[order.contract_id].applied_on)
    return rule.rounding


def _change(
    desk: Desk, tx: Transaction, charging: Charging, hold: HoldRow | None
) -> HoldChange | None:
    """What the charges do to the order's hold; None when the voucher's part stays the same."""
    parts, order = charging.parts, charging.order
    if hold is not None and parts.change > 0:
        return capture_part(tx.programme, hold, amount=Fen(parts.change))
    if parts.change < 0:
        voucher = get_voucher(tx.programme, voucher_id_of(award_id_of(order.contract_id)))
        payee_id = desk.payee_of(order.contract_id)
        change = HoldChange(tx.programme, voucher, order_id=order.id, payee_id=payee_id)
        on = _received_at(desk, charging.batch).date()
        return take_back(change, amount=Fen(-parts.change), on=on)
    return None


def _record(
    desk: Desk, tx: Transaction, charging: Charging, *, key: str, change: HoldChange | None
) -> AuditRecord:
    order, parts = charging.order, charging.parts
    charges: list[Json] = [
        {"charge": number, **of_charge(charge, voucher_fen=part)}
        for number, charge, part in charging.lines(tx.programme)
    ]
    hold = find_open_hold(tx.programme, order.id)
    return tx.append(
        Act.CHARGE,
        key=key,
        by=SYSTEM,
        at=_received_at(desk, charging.batch),
        facts={
            "order": order.id,
            "contract": order.contract_id,
            "device_class": order.device_class,
            "batch": charging.batch.batch_id,
            "rate": ratio_text(charging.share),
            "charges": charges,
            "charged_before_fen": charging.total.amount,
            "charged_fen": (charging.total + total_of(charging.due)).amount,
            "captured_before_fen": parts.before.amount,
            "captured_fen": parts.after.amount,
            "hold_left_fen": change.held_after if change else hold.amount_fen if hold else 0,
        },
        moves=change.moves if change else [],
    )


def _save(desk: Desk, charging: Charging, *, act: AuditRecord) -> None:
    order = charging.order
    contract = desk.year.contracts[order.contract_id]
    ChargeRow.objects.bulk_create(
        ChargeRow(
            programme=act.programme,
            charge_id=number,
            order_id=order.id,
            contract_id=order.contract_id,
            applicant_id=contract.applicant_id,
            provider_id=order.provider_id,
            device_class=order.device_class,
            day=charge.day,
            used_seconds=charge.used_seconds,
            price_fen_per_card_hour=charge.price_fen_per_card_hour.amount,
            amount_fen=charge.amount.amount,
            voucher_fen=part,
            batch=charging.batch,
            act=act,
        )
        for number, charge, part in charging.lines(act.programme)
    )


def _received_at(desk: Desk, batch: UsageBatch) -> datetime:
    file = next(file for file in desk.year.usage if file.path == batch.batch_id)
    return file.received_at.astimezone(desk.zone)
