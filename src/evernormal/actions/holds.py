"""Holds: reserving voucher value, and cards, for an order."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from evernormal.actions.desk import Desk
from evernormal.domain.allocation import allocate, peak_cards
from evernormal.domain.audit import Act, Json
from evernormal.domain.audit.facts import of_allocation, of_quote
from evernormal.domain.ledger import posting
from evernormal.domain.market import Order, Quote, quote
from evernormal.domain.policy import DesignatedClasses, NetOfTax, RoundingRule
from evernormal.domain.values import Fen, Period
from evernormal.domain.voucher import Hold, Voucher, after, demand_valid, place
from evernormal.store.models import Allocation as AllocationRow
from evernormal.store.models import AuditRecord, Programme
from evernormal.store.queries import standing
from evernormal.store.transaction import Transaction, transaction
from evernormal.store.vouchers import get_voucher, insert_hold, save_voucher


def hold_id_of(order_id: str, number: int) -> str:
    """The number of an order's n-th hold."""
    return f"H-{order_id}-{number}"


def bind_voucher(desk: Desk, voucher_id: str, *, contract_id: str, on: date) -> None:
    """Bind a reimburse-voucher to its contract: all of it is reserved for it."""
    key = f"{Act.PLACE_HOLD.value}/{contract_id}"
    with transaction(desk.programme_id) as tx:
        if tx.is_done(key):
            return
        voucher = get_voucher(tx.programme, voucher_id)
        facts: dict[str, Json] = {
            "contract": contract_id,
            "payee": desk.payee_of(contract_id),
            "quote": None,
            "allocation": None,
        }
        hold = _hold(contract_id, voucher, amount=voucher.available)
        _place(tx, hold, voucher=voucher, desk=desk, on=on, facts=facts)


def place_order(desk: Desk, order: Order, *, voucher_id: str, on: date) -> None:
    """Quote an order, allocate cards to it, and hold the voucher's part of the quote.

    An order that gets no cards or no value is recorded with what bound it, and holds nothing.
    """
    key = f"{Act.PLACE_HOLD.value}/{order.id}"
    with transaction(desk.programme_id) as tx:
        if tx.is_done(key):
            return
        voucher = get_voucher(tx.programme, voucher_id)
        quoted = _quote(desk, tx.programme, order, on=on)
        free = _free_cards(desk, tx.programme, order, on=on)
        given = allocate(order, free_cards=free, quote=quoted, available=voucher.available)
        facts: dict[str, Json] = {
            "contract": order.contract_id,
            "payee": desk.payee_of(order.contract_id),
            "card_hours": order.card_hours,
            "answer": order.answer.value,
            "agreed_card_hours": order.agreed_card_hours,
            "not_designated": _not_designated(desk, order),
            "quote": of_quote(quoted),
            "allocation": of_allocation(given),
        }
        hold = _hold(order.id, voucher, amount=given.hold)
        act = _place(tx, hold, voucher=voucher, desk=desk, on=on, facts=facts)
        AllocationRow.objects.create(
            programme=tx.programme,
            order_id=order.id,
            cards=given.cards,
            limb=given.limb.value,
            act=act,
        )


def _hold(order_id: str, voucher: Voucher, *, amount: Fen) -> Hold:
    return Hold(
        id=hold_id_of(order_id, 1),
        voucher_id=voucher.id,
        order_id=order_id,
        amount=amount,
        expires_on=voucher.lapses_on,
    )


def _place(  # noqa: PLR0913 - the parts of one act, all of them needed in one transaction
    tx: Transaction,
    hold: Hold,
    *,
    voucher: Voucher,
    desk: Desk,
    on: date,
    facts: Mapping[str, Json],
) -> AuditRecord:
    demand_valid(voucher, on=on)
    key = f"{Act.PLACE_HOLD.value}/{hold.order_id}"
    payee_id = str(facts["payee"])
    placed = place(hold, available=voucher.available) if hold.amount.amount else None
    act = tx.append(
        Act.PLACE_HOLD,
        key=key,
        by=voucher.holder_id,
        at=desk.at(on),
        facts={
            "hold": hold.id if placed else None,
            "voucher": voucher.id,
            "order": hold.order_id,
            "amount_fen": hold.amount.amount,
            "expires_on": hold.expires_on.isoformat(),
            **facts,
        },
        moves=[posting.of_hold(placed, payee_id=payee_id)] if placed else [],
    )
    if placed is not None:
        insert_hold(tx.programme, placed, payee_id=payee_id, act=act, transfer=f"{key}#1")
        save_voucher(tx.programme, after(voucher, placed))
    return act


def share_of(desk: Desk, order: Order, *, awarded: Fraction) -> Fraction:
    """The share of an order that its voucher pays: none of a class that is not designated.

    Prices hold the invoice's tax: where the award counted cost without it, the share is less.

    awarded  the share that the contract's assessment found
    """
    if _not_designated(desk, order) is not None:
        return Fraction(0)
    applied_on = desk.year.contracts[order.contract_id].applied_on
    tax = desk.scheme.find(NetOfTax, applied_on)
    return awarded / (1 + tax[1].ratio) if tax else awarded


def _not_designated(desk: Desk, order: Order) -> str | None:
    """The rule that designates other classes than the order's, or None."""
    applied_on = desk.year.contracts[order.contract_id].applied_on
    found = desk.scheme.find(DesignatedClasses, applied_on)
    return found[0] if found and order.device_class not in found[1].device_classes else None


def _quote(desk: Desk, programme: Programme, order: Order, *, on: date) -> Quote:
    applied_on = desk.year.contracts[order.contract_id].applied_on
    share = share_of(desk, order, awarded=standing.awarded_share(programme, order.contract_id))
    _, rounding = desk.scheme.get(RoundingRule, applied_on)
    priced_on = min(max(on, order.period.starts_on), order.period.last_on)
    price = desk.prices.dearest_on(order.price_key, priced_on)
    return quote(order, price=price, rate=share, rounding=rounding.rounding)


def _free_cards(desk: Desk, programme: Programme, order: Order, *, on: date) -> int:
    """Cards of the order's pool that no earlier order has on any of its days to come."""
    pool = (order.provider_id, order.device_class)
    given = dict(AllocationRow.objects.filter(programme=programme).values_list("order_id", "cards"))
    ended = standing.ended_vouchers(programme)
    booked = [
        (period, given[other.id])
        for other in desk.year.orders
        if other.id in given
        and (other.provider_id, other.device_class) == pool
        and (period := _booked(other, ended_on=ended.get(other.contract_id)))
    ]
    is_running = order.period.starts_on < on < order.period.ends_on
    days = Period(on, order.period.ends_on) if is_running else order.period
    return max(desk.year.capacity.get(pool, 0) - peak_cards(booked, during=days), 0)


def _booked(order: Order, *, ended_on: date | None) -> Period | None:
    """The days on which an order keeps its cards: not after its voucher lapsed or was recalled."""
    period = order.period
    if ended_on is None or ended_on >= period.ends_on:
        return period
    return Period(period.starts_on, ended_on) if period.starts_on < ended_on else None
