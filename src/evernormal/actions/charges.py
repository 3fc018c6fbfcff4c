"""Charges: metered use is rated by day, and the voucher's part is captured from the hold."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction

from evernormal.actions.captures import HoldChange
from evernormal.actions.desk import SYSTEM, Desk
from evernormal.actions.holds import share_of
from evernormal.domain.audit import Act, Json
from evernormal.domain.audit.facts import of_charge
from evernormal.domain.market import Order, ProviderAnswer
from evernormal.domain.metering import Charge, charges_due, total_of
from evernormal.domain.policy import RoundingRule
from evernormal.domain.values import Fen, Period, Rounding, ratio_text
from evernormal.domain.voucher import Voucher, voucher_of_contract
from evernormal.store.bulk import insert_rows
from evernormal.store.charging import (
    ChargedOrder,
    ChargingBook,
    OrderUse,
    add_charges,
    charging_book,
)
from evernormal.store.models import AuditRecord, Programme, UsageBatch
from evernormal.store.queries import standing
from evernormal.store.transaction import Planned, transaction
from evernormal.store.vouchers import OrderHolds, save_hold_updates


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
class _Terms:
    """How charges are split between voucher and user: by share, rounded as the scheme rounds."""

    rounding: Rounding
    share: Fraction

    def parts(
        self, due: Sequence[Charge], room: Room, *, total: Fen, captured: Fen
    ) -> VoucherParts:
        """The voucher's part of each charge, within the room there is.

        total     fen charged on the order before
        captured  fen of them that the voucher paid
        """
        parts, running, target = [], total, captured
        for charge in due:
            running += charge.amount
            reached = self.rounding.to_fen(running.amount * self.share)
            reached = min(max(reached, captured - room.reversible), captured + room.held)
            parts.append(reached.amount - target.amount)
            target = reached
        return VoucherParts(parts=tuple(parts), before=captured, after=target)


@dataclass(frozen=True, slots=True)
class Charging:
    """The charges of one order that one batch makes due, and what they do to its hold.

    total    fen charged on the order before
    counts   how many charges each day had before
    """

    order: Order
    batch: UsageBatch
    due: Sequence[Charge]
    total: Fen
    counts: Mapping[date, int]
    share: Fraction
    parts: VoucherParts
    change: HoldChange | None
    held: Fen

    @property
    def lines(self) -> Iterator[tuple[str, Charge, int]]:
        """Each charge with its number and the voucher's part of it in fen."""
        counts = dict(self.counts)
        for charge, part in zip(self.due, self.parts.parts, strict=True):
            counts[charge.day] = counts.get(charge.day, 0) + 1
            yield f"CH-{self.order.id}-{charge.day:%Y%m%d}-{counts[charge.day]}", charge, part

    @property
    def charged(self) -> ChargedOrder:
        """What is to be added to the order's standing."""
        total = self.total + total_of(self.due)
        return ChargedOrder(self.order.id, self.due, charged=total, captured=self.parts.after)


def charge_batch(desk: Desk, batch_id: str) -> None:
    """Charge every order for what the meter now says, and capture the vouchers' parts.

    Each order's charges are an act of their own; all that a batch makes due are written together.
    A voucher's part is the scheme's rate on the order's running total, at most what was held,
    so the split of usage into readings, files and days never changes it (docs/rules/rating.md).
    """
    with transaction(desk.programme_id) as tx:
        batches = UsageBatch.objects.filter(programme=tx.programme)
        batch = batches.get(batch_id=batch_id)
        if batches.filter(provider_id=batch.provider_id, id__gt=batch.id).exists():
            # The next batch came in when all of this one was charged. A run that is taken up
            # again passes here, and must not charge what the next one brought in this one's name.
            tx.leave_as_is()
            return
        orders = {o.id: o for o in desk.year.orders if o.provider_id == batch.provider_id}
        book = charging_book(tx.programme, {o.id: o.contract_id for o in orders.values()})
        keys = {order_id: f"{Act.CHARGE.value}/{order_id}/{batch_id}" for order_id in book.uses}
        done = tx.done_among(keys.values())
        at = received_at(desk, batch)
        charger = _Charger(desk, tx.programme, batch, book=book, at=at)
        due = [orders[order_id] for order_id in orders if order_id in book.uses]
        chargings = [
            charging
            for order in due
            if keys[order.id] not in done and (charging := charger.charging_of(order))
        ]
        if not chargings:
            tx.leave_as_is()
            return
        acts = tx.append_all([_plan(each, key=keys[each.order.id], at=at) for each in chargings])
        _save(desk, tx.programme, list(zip(chargings, acts, strict=True)))


def received_at(desk: Desk, batch: UsageBatch) -> datetime:
    """When a batch came in, in the programme's own time."""
    file = next(file for file in desk.year.usage if file.path == batch.batch_id)
    return file.received_at.astimezone(desk.zone)


class _Charger:
    """Works out the charges of one batch, order after order."""

    def __init__(
        self,
        desk: Desk,
        programme: Programme,
        batch: UsageBatch,
        *,
        book: ChargingBook,
        at: datetime,
    ) -> None:
        self._desk, self._programme, self._batch = desk, programme, batch
        self._book, self._at = book, at
        self._terms: dict[tuple[str, str], _Terms] = {}
        self._moved: dict[str, int] = defaultdict(int)

    def charging_of(self, order: Order) -> Charging | None:
        """What is due of an order; None when nothing is."""
        voucher = self._book.vouchers.get(voucher_of_contract(order.contract_id))
        covered = _covered(order, voucher)
        # Use that was read before an order of the day was placed waits until it is.
        if voucher is None or covered is None or order.id not in self._book.placed:
            return None
        use = _within(self._book.uses[order.id], covered)
        due = charges_due(order, use.uses, prices=self._desk.prices, charged=use.charged)
        if not due:
            return None
        holds = self._book.holds[order.id]
        held = self._held(holds)
        total, captured = self._book.total_of(order.id)
        room = Room(held=held, reversible=self._reversible(order, due, captured))
        terms = self._terms_of(order)
        parts = terms.parts(due, room, total=total, captured=captured)
        change = self._change(order, voucher, parts)
        self._moved[order.contract_id] += parts.change
        return Charging(
            order=order,
            batch=self._batch,
            due=due,
            total=total,
            counts=use.charges,
            share=terms.share,
            parts=parts,
            change=change,
            held=Fen(change.held_after) if change else held,
        )

    def _terms_of(self, order: Order) -> _Terms:
        """What the scheme says of an order, looked up once for each contract and class."""
        key = order.contract_id, order.device_class
        if key not in self._terms:
            awarded = self._book.shares.get(order.contract_id, Fraction(0))
            applied_on = self._desk.year.contracts[order.contract_id].applied_on
            _, rule = self._desk.scheme.get(RoundingRule, applied_on)
            share = share_of(self._desk, order, awarded=awarded)
            self._terms[key] = _Terms(rule.rounding, share)
        return self._terms[key]

    def _reversible(self, order: Order, due: Sequence[Charge], captured: Fen) -> Fen:
        """How much of the captured value can go back.

        What a claim has settled is paid or about to be: it is set off against later use.
        """
        if all(charge.amount.amount >= 0 for charge in due):
            return Fen(0)  # the running total only rises, so that nothing goes back
        # What this batch already made of the contract's other orders is not in the tables yet.
        unsettled = standing.unsettled(self._programme, order.contract_id)
        return min(unsettled + Fen(self._moved[order.contract_id]), captured)

    def _held(self, holds: OrderHolds) -> Fen:
        """What can be captured: nothing from the start of the day on which the hold expires."""
        hold = holds.open.hold if holds.open else None
        return hold.amount if hold and self._at.date() < hold.expires_on else Fen(0)

    def _change(self, order: Order, voucher: Voucher, parts: VoucherParts) -> HoldChange | None:
        """What the charges do to the order's hold; None when the voucher's part stays the same."""
        if not parts.change:
            return None
        payee_id = self._desk.payee_of(order.contract_id)
        change = HoldChange(voucher, self._book.holds[order.id], payee_id=payee_id)
        if parts.change > 0:
            change.capture(Fen(parts.change))
        else:
            change.take_back(Fen(-parts.change), on=self._at.date())
        # Orders of one contract share its voucher: the next finds what this one left of it.
        self._book.vouchers[voucher.id] = change.voucher
        return change


def _covered(order: Order, voucher: Voucher | None) -> Period | None:
    """The days of an order on which its voucher lives; None when there are none.

    Use without a voucher, before it was issued or from the day on which it lapses, is between
    the user and the provider; so is use before the order, or of an order that was declined.
    """
    if voucher is None or order.answer is ProviderAnswer.DECLINED:
        return None
    since = max(voucher.issued_on, order.ordered_on or voucher.issued_on)
    if since >= voucher.lapses_on:
        return None
    return order.period.overlap(Period(since, voucher.lapses_on))


def _within(use: OrderUse, covered: Period) -> OrderUse:
    """The use of covered days; other days keep what was charged while they were covered."""
    uses = tuple(each for each in use.uses if covered.holds(each.day))
    charged = {cell: sums for cell, sums in use.charged.items() if covered.holds(cell[0])}
    return replace(use, uses=uses, charged=charged)


def _plan(charging: Charging, *, key: str, at: datetime) -> Planned:
    order, parts = charging.order, charging.parts
    charges: list[Json] = [
        {"charge": number, **of_charge(charge, voucher_fen=part)}
        for number, charge, part in charging.lines
    ]
    return Planned(
        Act.CHARGE,
        key=key,
        by=SYSTEM,
        at=at,
        facts={
            "order": order.id,
            "contract": order.contract_id,
            "device_class": order.device_class,
            "batch": charging.batch.batch_id,
            "rate": ratio_text(charging.share),
            "charges": charges,
            "charged_before_fen": charging.total.amount,
            "charged_fen": charging.charged.charged.amount,
            "captured_before_fen": parts.before.amount,
            "captured_fen": parts.after.amount,
            "hold_left_fen": charging.held.amount,
        },
        moves=charging.change.moves if charging.change else (),
    )


_COLUMNS = (
    "programme_id",
    "charge_id",
    "order_id",
    "contract_id",
    "applicant_id",
    "provider_id",
    "device_class",
    "day",
    "band",
    "used_seconds",
    "price_fen_per_card_hour",
    "currency",
    "exchange_rate",
    "amount_fen",
    "voucher_fen",
    "batch_id",
    "act_id",
)


def _save(desk: Desk, programme: Programme, made: Sequence[tuple[Charging, AuditRecord]]) -> None:
    contracts = desk.year.contracts
    insert_rows(
        "charge",
        _COLUMNS,
        [
            (
                programme.id,
                number,
                charging.order.id,
                charging.order.contract_id,
                contracts[charging.order.contract_id].applicant_id,
                charging.order.provider_id,
                charging.order.device_class,
                charge.day,
                charge.band,
                charge.used_seconds,
                charge.price_fen_per_card_hour.amount,
                charge.currency,
                ratio_text(charge.exchange) if charge.currency else None,
                charge.amount.amount,
                part,
                charging.batch.pk,
                act.pk,
            )
            for charging, act in made
            for number, charge, part in charging.lines
        ],
    )
    add_charges(programme, (charging.charged for charging, _ in made))
    save_hold_updates(
        programme, [charging.change.update(act) for charging, act in made if charging.change]
    )
