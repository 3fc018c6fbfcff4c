"""Orders of a year that runs: compared with all that is known, and answered from the log."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from evernormal.actions.desk import Desk
from evernormal.actions.standing_orders import with_standing_orders
from evernormal.domain.errors import DomainError
from evernormal.formats.intake.order_book import order_book_of
from evernormal.formats.intake.received_orders import received_order_of
from evernormal.formats.intake.register import ORDERS, Receipt
from evernormal.formats.intake.year_input import Buyer, ReceivedOrder
from evernormal.formats.order_request import OrderRequest, decode, verify
from evernormal.formats.signed_request import NotSigned
from evernormal.formats.usage_answer import BatchProblem, BatchProblems
from evernormal.store.models import Programme
from evernormal.store.queries.placed_orders import PlacedOrder, find_placed, list_placed
from evernormal.store.vouchers import find_voucher


class OrderReused(DomainError):
    """An order has the id of an earlier one of its sender, and says something else."""

    code = "order.reused"

    def __init__(self, *, order: str) -> None:
        self.order = order
        super().__init__(
            f"Order {order} was received before with other bytes. Send these under a new id."
        )


class OrdersLost(DomainError):
    """The books hold orders that the folder of the year does not."""

    code = "order.lost"

    def __init__(self, *, order: str, count: int) -> None:
        self.order, self.count = order, count
        super().__init__(
            f"The books hold {count} placed orders that neither orders.csv nor "
            f"orders/received.csv names, as {order}. Put the register and the orders back from a "
            "backup; orders without a line lie in .set-aside. Nothing was received."
        )


@dataclass(frozen=True, slots=True)
class SentOrder:
    """An order that a registered key signed, not yet compared with anything."""

    request: OrderRequest
    body: bytes
    buyer: Buyer
    signature: str

    @property
    def path(self) -> str:
        """Where it is kept in the folder of the year."""
        return ORDERS.path_of(self.buyer.applicant_id, self.request.id)


@dataclass(frozen=True, slots=True)
class TakenOrder:
    """An order that was taken in. `is_new`: now, and not by an earlier request."""

    request: OrderRequest
    is_new: bool
    outcome: PlacedOrder


def read_order(body: bytes, *, buyer: Buyer, signature: str) -> SentOrder:
    """Read what was sent, and find out whether its buyer sent it.

    signature  in base64
    raises     NotSigned; BatchProblems
    """
    verify(body, signature=signature, public_key=buyer.public_key)
    request = decode(body)
    if request.applicant_id != buyer.applicant_id:
        # Whose key it is says who orders: the applicant that is named did not sign it.
        raise NotSigned
    return SentOrder(request, body, buyer, signature)


class LiveOrders:
    """All orders of a year that runs."""

    def __init__(self, desk: Desk) -> None:
        """Begin with the orders that the folder holds.

        raises   OrdersLost
        """
        self._desk = desk
        self._programme: Programme | None = None
        self._sha256 = {each.path: each.sha256 for each in desk.year.received_orders}
        self._book = order_book_of(desk.year, prices=desk.prices)
        known = {order.id for order in with_standing_orders(desk).year.orders}
        lost = sorted(set(list_placed(desk.programme_id)) - known)
        if lost:
            raise OrdersLost(order=lost[0], count=len(lost))

    def is_new(self, sent: SentOrder) -> bool:
        """Whether an order was not received before.

        raises   OrderReused
        """
        sha256 = hashlib.sha256(sent.body).hexdigest()
        if self._sha256.get(sent.path, sha256) != sha256:
            raise OrderReused(order=sent.request.id)
        return sent.path not in self._sha256

    def demand_sound(self, sent: SentOrder, *, at: datetime) -> ReceivedOrder:
        """The order as the year knows it, if it can be placed at an instant.

        raises   BatchProblems
        """
        buyer, zone = sent.buyer, self._desk.zone
        receipt = Receipt(sent.path, buyer.applicant_id, at, buyer.key, sent.signature)
        received = received_order_of(sent.request, body=sent.body, receipt=receipt, zone=zone)
        problems = list(self._book.problems_of(received)) or self._without_voucher(received, at)
        if problems:
            raise BatchProblems(problems)
        return received

    def add(self, received: ReceivedOrder) -> None:
        """Count an order that was found to be sound."""
        self._book.add(received.order)
        self._sha256[received.path] = received.sha256

    def outcome_of(self, sent: SentOrder) -> PlacedOrder:
        """What became of an order that was taken in."""
        outcome = find_placed(self._desk.programme_id, sent.request.id)
        if outcome is None:
            raise AssertionError(f"{sent.path} was registered and not placed")
        return outcome

    def _without_voucher(self, received: ReceivedOrder, at: datetime) -> list[BatchProblem]:
        if not self._desk.scheme.settlement.traits.is_deducted:
            todo = "Order from the provider: the voucher pays its invoice."
            return [
                BatchProblem("", "order.not_deducted", "No orders draw on vouchers here.", todo)
            ]
        contract_id, day = received.order.contract_id, at.astimezone(self._desk.zone).date()
        if self._programme is None:
            self._programme = Programme.objects.get(id=self._desk.programme_id)
        voucher = find_voucher(self._programme, self._desk.year.voucher_of(contract_id))
        if voucher is not None and voucher.issued_on <= day < voucher.lapses_on:
            return []
        message = f"Contract {contract_id} has no voucher on {day}."
        todo = "Order when the voucher is issued, and before it lapses."
        return [BatchProblem("contract", "order.no_voucher", message, todo)]
