"""Charges: metered use is rated by day, and the voucher's part is captured from the hold."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction

from evernormal.actions.captures import HoldChange
from evernormal.actions.charging import Charging, Drawn
from evernormal.actions.desk import SYSTEM, Desk
from evernormal.actions.draws import share_of
from evernormal.domain.audit import Act, Json
from evernormal.domain.audit.facts import of_charge
from evernormal.domain.market import Order, ProviderAnswer
from evernormal.domain.metering import Part, Payer, charges_due, share_out
from evernormal.domain.policy import RoundingRule
from evernormal.domain.values import Fen, Period, Rounding, ratio_text
from evernormal.domain.voucher import Voucher, in_burn_order
from evernormal.store.bulk import insert_rows
from evernormal.store.charging import (
    ChargingBook,
    OrderUse,
    add_charges,
    charging_book,
)
from evernormal.store.models import AuditRecord, Programme, UsageBatch
from evernormal.store.queries import standing
from evernormal.store.transaction import Planned, transaction
from evernormal.store.vouchers import save_hold_updates


def charge_batch(desk: Desk, batch_id: str) -> None:
    """Charge every order for what the meter now says, and capture the vouchers' parts.

    Each order's charges are an act of their own; all that a batch makes due are written together.
    An order's vouchers pay one after the other, in the order of burning (docs/rules/rating.md).
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
        book = charging_book(
            tx.programme,
            {o.id: o.contracts for o in orders.values()},
            award_contract=desk.year.award_contract,
        )
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
        self._terms: dict[tuple[str, str], tuple[Rounding, Fraction]] = {}
        self._moved: dict[str, int] = defaultdict(int)

    def charging_of(self, order: Order) -> Charging | None:
        """What is due of an order; None when nothing is."""
        payers = self._payers(order)
        # Use that was read before an order of the day was placed waits until it is.
        if not payers or order.id not in self._book.placed:
            return None
        use = _within(self._book.uses[order.id], [covered for _, covered in payers])
        due = charges_due(order, use.uses, prices=self._desk.prices, charged=use.charged)
        if not due:
            return None
        falls = any(charge.amount.amount < 0 for charge in due)
        ready = [self._payer(order, c, covered, falls=falls) for c, covered in payers]
        parts = share_out(due, ready)
        return Charging(
            order=order,
            batch=self._batch,
            due=due,
            parts=parts,
            drawn=self._drawn(order, ready, parts),
            counts=use.charges,
        )

    def _payers(self, order: Order) -> list[tuple[str, Period]]:
        """The contracts whose vouchers pay for an order, in the order of burning, and their days.

        What was placed on one or more vouchers is paid by these; else by the order's own.
        """
        held_on = self._book.holds[order.id].vouchers
        contract_of = {self._desk.year.voucher_of(c): c for c in order.contracts}
        ids = [voucher_id for voucher_id in contract_of if voucher_id in held_on]
        ids = ids or [self._desk.year.voucher_of(order.contract_id)]
        vouchers = [v for v in map(self._book.vouchers.get, ids) if v is not None]
        ordered = in_burn_order(vouchers, priority=self._desk.year.burn_priority)
        found = [(contract_of[voucher.id], _covered(order, voucher)) for voucher in ordered]
        return [(contract_id, covered) for contract_id, covered in found if covered is not None]

    def _payer(self, order: Order, contract_id: str, covered: Period, *, falls: bool) -> Payer:
        charged, captured = self._book.total_of(order.id, contract_id)
        rounding, share = self._terms_of(order, contract_id)
        return Payer(
            contract_id=contract_id,
            share=share,
            rounding=rounding,
            charged=charged,
            captured=captured,
            held=self._held(order, contract_id),
            # Where the running total only rises nothing goes back.
            reversible=self._reversible(contract_id, captured) if falls else Fen(0),
            covered=covered,
        )

    def _terms_of(self, order: Order, contract_id: str) -> tuple[Rounding, Fraction]:
        """What the scheme says of an order, looked up once for each contract and class."""
        key = contract_id, order.device_class
        if key not in self._terms:
            awarded = self._book.shares.get(contract_id, Fraction(0))
            applied_on = self._desk.year.contract(contract_id).applied_on
            _, rule = self._desk.scheme.get(RoundingRule, applied_on)
            share = share_of(self._desk, order, contract_id=contract_id, awarded=awarded)
            self._terms[key] = rule.rounding, share
        return self._terms[key]

    def _reversible(self, contract_id: str, captured: Fen) -> Fen:
        """How much of the captured value can go back.

        What a claim has settled is paid or about to be: it is set off against later use.
        """
        # What this batch already made of the contract's other orders is not in the tables yet.
        unsettled = standing.unsettled(self._programme, contract_id)
        return min(unsettled + Fen(self._moved[contract_id]), captured)

    def _held(self, order: Order, contract_id: str) -> Fen:
        """What can be captured: nothing from the start of the day on which the hold expires."""
        open_ = self._book.holds[order.id].open.get(self._desk.year.voucher_of(contract_id))
        is_open = open_ is not None and self._at.date() < open_.hold.expires_on
        return open_.hold.amount if open_ is not None and is_open else Fen(0)

    def _drawn(
        self, order: Order, payers: Sequence[Payer], parts: Sequence[tuple[Part, ...]]
    ) -> list[Drawn]:
        drawn: list[Drawn] = []
        for payer in payers:
            theirs = [p for of_charge in parts for p in of_charge]
            theirs = [part for part in theirs if part.contract_id == payer.contract_id]
            after = sum((part.voucher for part in theirs), payer.captured)
            placed = sum(1 for before in drawn if before.change and before.change.has_placed)
            change = self._change(order, payer, after - payer.captured, placed_before=placed)
            self._moved[payer.contract_id] += (after - payer.captured).amount
            drawn.append(
                Drawn(
                    payer,
                    charged=sum((part.amount for part in theirs), payer.charged),
                    after=after,
                    change=change,
                    held=Fen(change.held_after) if change else payer.held,
                )
            )
        return drawn

    def _change(
        self, order: Order, payer: Payer, by: Fen, *, placed_before: int
    ) -> HoldChange | None:
        """What the charges do to the order's hold; None when the voucher's part stays the same."""
        if not by.amount:
            return None
        voucher = self._book.vouchers[self._desk.year.voucher_of(payer.contract_id)]
        change = HoldChange(
            voucher,
            self._book.holds[order.id],
            payee_id=self._desk.payee_of(payer.contract_id),
            placed_before=placed_before,
            until=order.holds_until,
        )
        if by.amount > 0:
            change.capture(by)
        else:
            change.take_back(-by, on=self._at.date())
        # Orders of one contract share its voucher: the next finds what this one left of it.
        self._book.vouchers[voucher.id] = change.voucher
        return change


def _covered(order: Order, voucher: Voucher) -> Period | None:
    """The days of an order on which a voucher lives; None when there are none.

    Use without a voucher, before it was issued or from the day on which it lapses, is between
    the user and the provider; so is use before the order, or of an order that was declined.
    """
    if order.answer is ProviderAnswer.DECLINED:
        return None
    since = max(voucher.issued_on, order.ordered_on or voucher.issued_on)
    if since >= voucher.lapses_on:
        return None
    return order.period.overlap(Period(since, voucher.lapses_on))


def _within(use: OrderUse, covered: Sequence[Period]) -> OrderUse:
    """The use of covered days; other days keep what was charged while they were covered."""

    def is_covered(day: date) -> bool:
        return any(period.holds(day) for period in covered)

    uses = tuple(each for each in use.uses if is_covered(each.day))
    charged = {cell: sums for cell, sums in use.charged.items() if is_covered(cell[0])}
    return replace(use, uses=uses, charged=charged)


def _plan(charging: Charging, *, key: str, at: datetime) -> Planned:
    order, drawn = charging.order, charging.drawn
    several = len(drawn) > 1
    charges: list[Json] = [
        {
            "charge": number,
            **of_charge(charge, voucher_fen=part),
            **({"contract": contract_id} if several else {}),
        }
        for number, charge, contract_id, part in charging.lines
    ]
    payers: list[Json] = [{"contract": d.payer.contract_id, **_standing(d)} for d in drawn]
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
            "charges": charges,
            **({"payers": payers} if several else _standing(drawn[0])),
        },
        moves=charging.moves,
    )


def _standing(drawn: Drawn) -> dict[str, Json]:
    """What was charged under one contract, and what its voucher paid, before and after."""
    return {
        "rate": ratio_text(drawn.payer.share),
        "charged_before_fen": drawn.payer.charged.amount,
        "charged_fen": drawn.charged.amount,
        "captured_before_fen": drawn.payer.captured.amount,
        "captured_fen": drawn.after.amount,
        "hold_left_fen": drawn.held.amount,
    }


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
    insert_rows(
        "charge",
        _COLUMNS,
        [
            (
                programme.id,
                number,
                charging.order.id,
                contract_id,
                desk.year.contract(contract_id).applicant_id,
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
            for number, charge, contract_id, part in charging.lines
        ],
    )
    add_charges(programme, (charging.charged for charging, _ in made))
    save_hold_updates(
        programme, [update for charging, act in made for update in charging.updates(act)]
    )
