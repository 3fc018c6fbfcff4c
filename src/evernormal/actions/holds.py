"""Holds: reserving voucher value, and cards, for an order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from itertools import accumulate

from evernormal.actions.desk import Desk
from evernormal.domain.allocation import Allocation, Purse, allocate, peak_cards
from evernormal.domain.audit import Act, Json
from evernormal.domain.audit.facts import of_allocation, of_quote
from evernormal.domain.ledger import posting
from evernormal.domain.market import Order, Quote, quote
from evernormal.domain.policy import DesignatedClasses, NetOfTax, RoundingRule
from evernormal.domain.values import Fen, Period
from evernormal.domain.voucher import (
    Hold,
    Voucher,
    after,
    demand_valid,
    in_burn_order,
    place,
    voucher_of_contract,
)
from evernormal.store.models import Allocation as AllocationRow
from evernormal.store.models import AuditRecord, Programme
from evernormal.store.queries import standing
from evernormal.store.queries.placed_orders import given_cards
from evernormal.store.transaction import Transaction, transaction
from evernormal.store.vouchers import get_voucher, insert_hold, save_voucher, vouchers_of


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
        demand_valid(voucher, on=on)
        hold = _hold(contract_id, voucher, amount=voucher.available)
        _place(tx, [hold], vouchers=[voucher], at=desk.at(on), facts=facts)


def place_order(  # noqa: PLR0913 - an order, and where it comes from
    desk: Desk,
    order: Order,
    *,
    voucher_id: str,
    on: date,
    at: datetime | None = None,
    sent_as: Mapping[str, Json] | None = None,
) -> None:
    """Quote an order, allocate cards to it, and hold each voucher's part of the quote.

    An order that gets no cards or no value is recorded with what bound it, and holds nothing.

    voucher_id  of the order's own contract, which lives on the day
    at          instant of the act, on that day; None: when the office opens
    sent_as     facts of what was sent, where the buyer sent it
    raises      VoucherExpired
    """
    key = f"{Act.PLACE_HOLD.value}/{order.id}"
    with transaction(desk.programme_id) as tx:
        if tx.is_done(key):
            return
        demand_valid(get_voucher(tx.programme, voucher_id), on=on)
        draws = _draws(desk, tx.programme, order, on=on)
        free = _free_cards(desk, tx.programme, order, on=on)
        given = allocate(order, free_cards=free, purses=[draw.purse for draw in draws])
        facts: dict[str, Json] = {
            "contract": order.contract_id,
            "payee": desk.payee_of(order.contract_id),
            "card_hours": order.card_hours,
            "answer": order.answer.value,
            "agreed_card_hours": order.agreed_card_hours,
            "not_designated": _not_designated(desk, order, order.contract_id),
            "allocation": of_allocation(given),
            **(sent_as or {}),
        }
        act = _place_draws(
            tx, _holds(order, draws, given), draws, at=at or desk.at(on), facts=facts
        )
        AllocationRow.objects.create(
            programme=tx.programme,
            order_id=order.id,
            cards=given.cards,
            limb=given.limb.value,
            act=act,
        )


@dataclass(frozen=True, slots=True)
class _Draw:
    """A voucher that an order draws on, and what the whole order would cost it."""

    contract_id: str
    voucher: Voucher
    quote: Quote

    @property
    def purse(self) -> Purse:
        return Purse(part=self.quote.voucher_part, available=self.voucher.available)


def _draws(desk: Desk, programme: Programme, order: Order, *, on: date) -> list[_Draw]:
    """The vouchers that live on the day of the order, in the order of burning."""
    contract_of = {voucher_of_contract(c): c for c in order.contracts}
    vouchers = vouchers_of(programme, contract_of.keys()).values()
    living = [v for v in vouchers if v.issued_on <= on < v.lapses_on]
    shares = standing.awarded_shares(programme, contract_of.values())
    draws = []
    for voucher in in_burn_order(living, priority=desk.year.burn_priority):
        contract_id = contract_of[voucher.id]
        awarded = shares.get(contract_id, Fraction(0))
        share = share_of(desk, order, contract_id=contract_id, awarded=awarded)
        draws.append(_Draw(contract_id, voucher, _quote(desk, order, contract_id, share, on=on)))
    return draws


def _holds(order: Order, draws: Sequence[_Draw], given: Allocation) -> list[Hold]:
    """A hold on each voucher; only those of something have a number of their own."""
    numbers = accumulate((1 if hold.amount else 0 for hold in given.holds[:-1]), initial=1)
    return [
        _hold(order.id, draw.voucher, amount=amount, number=number)
        for draw, amount, number in zip(draws, given.holds, numbers, strict=True)
    ]


def _place_draws(
    tx: Transaction,
    holds: Sequence[Hold],
    draws: Sequence[_Draw],
    *,
    at: datetime,
    facts: dict[str, Json],
) -> AuditRecord:
    if len(draws) > 1:
        facts["draws"] = [_of_draw(d, hold) for d, hold in zip(draws, holds, strict=True)]
    else:
        facts["quote"] = of_quote(draws[0].quote)
    return _place(tx, holds, vouchers=[draw.voucher for draw in draws], at=at, facts=facts)


def _of_draw(draw: _Draw, hold: Hold) -> dict[str, Json]:
    return {
        "contract": draw.contract_id,
        "voucher": draw.voucher.id,
        "hold": hold.id if hold.amount.amount else None,
        "amount_fen": hold.amount.amount,
        "expires_on": hold.expires_on.isoformat(),
        "quote": of_quote(draw.quote),
    }


def _hold(order_id: str, voucher: Voucher, *, amount: Fen, number: int = 1) -> Hold:
    return Hold(
        id=hold_id_of(order_id, number),
        voucher_id=voucher.id,
        order_id=order_id,
        amount=amount,
        expires_on=voucher.lapses_on,
    )


def _place(
    tx: Transaction,
    holds: Sequence[Hold],
    *,
    vouchers: Sequence[Voucher],
    at: datetime,
    facts: Mapping[str, Json],
) -> AuditRecord:
    """Place an order's holds, one for each voucher, leaving out those of nothing."""
    order_id, payee_id = holds[0].order_id, str(facts["payee"])
    placed = [
        (voucher, place(hold, available=voucher.available))
        for hold, voucher in zip(holds, vouchers, strict=True)
        if hold.amount.amount
    ]
    own: dict[str, Json] = {}
    if "draws" not in facts:
        own = {
            "hold": holds[0].id if placed else None,
            "voucher": vouchers[0].id,
            "expires_on": holds[0].expires_on.isoformat(),
        }
    act = tx.append(
        Act.PLACE_HOLD,
        key=f"{Act.PLACE_HOLD.value}/{order_id}",
        by=vouchers[0].holder_id,
        at=at,
        facts={
            "order": order_id,
            "amount_fen": sum(hold.amount.amount for hold in holds),
            **own,
            **facts,
        },
        moves=[posting.of_hold(each, payee_id=payee_id) for _, each in placed],
    )
    for number, (voucher, each) in enumerate(placed, start=1):
        transfer = f"{act.key}#{number}"
        insert_hold(tx.programme, each, payee_id=payee_id, act=act, transfer=transfer)
        save_voucher(tx.programme, after(voucher, each))
    return act


def share_of(desk: Desk, order: Order, *, contract_id: str, awarded: Fraction) -> Fraction:
    """The share of an order that a contract's voucher pays: none of a class not designated.

    Prices hold the invoice's tax: where the award counted cost without it, the share is less.

    awarded  the share that the contract's assessment found
    """
    if _not_designated(desk, order, contract_id) is not None:
        return Fraction(0)
    tax = desk.scheme.find(NetOfTax, desk.year.contracts[contract_id].applied_on)
    return awarded / (1 + tax[1].ratio) if tax else awarded


def _not_designated(desk: Desk, order: Order, contract_id: str) -> str | None:
    """The rule that designates other classes than the order's, or None."""
    found = desk.scheme.find(DesignatedClasses, desk.year.contracts[contract_id].applied_on)
    return found[0] if found and order.device_class not in found[1].device_classes else None


def _quote(desk: Desk, order: Order, contract_id: str, share: Fraction, *, on: date) -> Quote:
    _, rounding = desk.scheme.get(RoundingRule, desk.year.contracts[contract_id].applied_on)
    priced_on = min(max(on, order.period.starts_on), order.period.last_on)
    price = desk.prices.dearest_on(order.price_key, priced_on)
    return quote(order, price=price, rate=share, rounding=rounding.rounding)


def _free_cards(desk: Desk, programme: Programme, order: Order, *, on: date) -> int:
    """Cards of the order's pool that no earlier order has on any of its days to come."""
    pool = (order.provider_id, order.device_class)
    is_running = order.period.starts_on < on < order.period.ends_on
    days = Period(on, order.period.ends_on) if is_running else order.period
    others = [
        other
        for other in desk.year.orders
        if (other.provider_id, other.device_class) == pool and other.period.overlap(days)
    ]
    given = given_cards(programme, {other.id for other in others})
    ends = standing.voucher_ends(programme, {c for other in others for c in other.contracts})
    booked = [
        (period, given[other.id])
        for other in others
        if other.id in given and (period := _booked(other, ends))
    ]
    return max(desk.year.capacity.get(pool, 0) - peak_cards(booked, during=days), 0)


def _booked(order: Order, ends: Mapping[str, date | None]) -> Period | None:
    """The days on which an order keeps its cards: not after the last of its vouchers ended."""
    period = order.period
    ended = [ends[contract_id] for contract_id in order.contracts if contract_id in ends]
    ended_on = max((day for day in ended if day is not None), default=None)
    if ended_on is None or None in ended or ended_on >= period.ends_on:
        return period
    return Period(period.starts_on, ended_on) if period.starts_on < ended_on else None
