"""Holds: reserving voucher value, and cards, for an order."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import accumulate

from evernormal.actions.booked_cards import free_cards
from evernormal.actions.desk import Desk
from evernormal.actions.draws import Draw, list_draws, not_designated
from evernormal.domain.allocation import Allocation, allocate
from evernormal.domain.audit import Act, Json
from evernormal.domain.audit.facts import of_allocation, of_quote
from evernormal.domain.ledger import posting
from evernormal.domain.market import Order
from evernormal.domain.values import Fen
from evernormal.domain.voucher import (
    Hold,
    Voucher,
    after,
    demand_valid,
    place,
)
from evernormal.store.models import Allocation as AllocationRow
from evernormal.store.models import AuditRecord
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
        draws = list_draws(desk, tx.programme, order, on=on)
        free = free_cards(desk, tx.programme, order, on=on)
        given = allocate(order, free_cards=free, purses=[draw.purse for draw in draws])
        facts: dict[str, Json] = {
            "contract": order.contract_id,
            "payee": desk.payee_of(order.contract_id),
            "card_hours": order.card_hours,
            "answer": order.answer.value,
            "agreed_card_hours": order.agreed_card_hours,
            "not_designated": not_designated(desk, order, order.contract_id),
            "allocation": of_allocation(given),
            **({"on_quote": order.quote_id} if order.quoted_on else {}),
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


def _holds(order: Order, draws: Sequence[Draw], given: Allocation) -> list[Hold]:
    """A hold on each voucher; only those of something have a number of their own."""
    numbers = accumulate((1 if hold.amount else 0 for hold in given.holds[:-1]), initial=1)
    return [
        _hold(order.id, draw.voucher, amount=amount, number=number)
        for draw, amount, number in zip(draws, given.holds, numbers, strict=True)
    ]


def _place_draws(
    tx: Transaction,
    holds: Sequence[Hold],
    draws: Sequence[Draw],
    *,
    at: datetime,
    facts: dict[str, Json],
) -> AuditRecord:
    if len(draws) > 1:
        facts["draws"] = [_of_draw(d, hold) for d, hold in zip(draws, holds, strict=True)]
    else:
        facts["quote"] = of_quote(draws[0].quote)
    return _place(tx, holds, vouchers=[draw.voucher for draw in draws], at=at, facts=facts)


def _of_draw(draw: Draw, hold: Hold) -> dict[str, Json]:
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
