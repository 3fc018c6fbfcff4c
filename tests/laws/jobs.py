"""What programs that race on one database do: everyone wants everything."""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from django.core.management import call_command
from django.db import connection, transaction

from evernormal.actions.applications import (
    assess_application,
    award_application,
    issue_voucher,
)
from evernormal.actions.closing import log_of
from evernormal.actions.desk import Desk
from evernormal.actions.holds import place_order
from evernormal.actions.programme import open_programme
from evernormal.domain.audit import verify_chain
from evernormal.domain.errors import DomainError
from evernormal.domain.ledger import Phase, Transfer, TransferCode
from evernormal.store import ledger
from evernormal.store.models import Account, AuditRecord, Award, Hold, Programme, Voucher
from evernormal.store.models import Transfer as Row
from tests.actions.office import APPLIED_ON, Year, small_order
from tests.domain.sample import contract

CONTRACTS, ENTITLED, POT = 6, 50_000, 130_000
THREADS = 3


def _desk() -> Desk:
    # Every order's voucher part is 20,000, a face at most 50,000: of three orders two fit whole.
    orders = [
        small_order(10 * c + n, contract_id=f"C{c}", card_hours=40, cards=1)
        for c in range(1, CONTRACTS + 1)
        for n in range(3)
    ]
    contracts = tuple(contract(n) for n in range(1, CONTRACTS + 1))
    return Year(pot=POT, contracts=contracts, orders=tuple(orders), cards=999).desk()


def open_books(_number: int) -> object:
    call_command("migrate", verbosity=0)
    desk = _desk()
    open_programme(desk)
    for contract_id in sorted(desk.year.contracts):
        assess_application(desk, contract_id)
    return "open"


def _together(tasks: Iterable[Callable[[], object]]) -> dict[str, int]:
    """Do tasks on several threads; count outcomes, refusals by their code."""

    def attempt(task: Callable[[], object]) -> str:
        try:
            task()
        except DomainError as refusal:
            return refusal.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(THREADS) as pool:
        return dict(Counter(pool.map(attempt, tasks)))


def _turned(things: list[str], number: int) -> list[str]:
    """Every writer has an order of its own."""
    turned = things[number * 3 :] + things[: number * 3]
    return turned if number % 2 else turned[::-1]


def award(number: int) -> object:
    desk = _desk()

    def award_one(contract_id: str) -> None:
        granted = award_application(desk, contract_id, on=APPLIED_ON)
        if granted.is_granted:
            issue_voucher(desk, granted, on=APPLIED_ON)

    names = _turned(sorted(desk.year.contracts), number)
    return _together([partial(award_one, name) for name in names])


def hold(number: int) -> object:
    desk = _desk()
    orders = {o.id: o for o in desk.year.orders}
    issued = set(Voucher.objects.values_list("voucher_id", flat=True))
    names = [i for i, o in orders.items() if f"V-{o.contract_id}" in issued]

    def hold_one(name: str) -> None:
        order = orders[name]
        place_order(desk, order, voucher_id=f"V-{order.contract_id}", on=APPLIED_ON)

    return _together([partial(hold_one, n) for n in _turned(names, number)])


def post(number: int) -> object:
    """Go past the acts: every writer resolves every open hold, and draws on every voucher."""
    programme = Programme.objects.get()
    act = AuditRecord.objects.earliest("number")
    rows = Row.objects.filter(phase="PENDING").select_related("debit", "credit")
    moves = []
    for row in rows.order_by("transfer_id"):
        post = Transfer(
            f"post-{number}-{row.pk}", row.debit.account_id, row.credit.account_id, row.amount,
            Phase.POST, TransferCode.CAPTURE, APPLIED_ON, row.transfer_id,
        )  # fmt: skip
        draw = replace(post, id=f"draw-{number}-{row.pk}", phase=Phase.SINGLE, pending_id=None)
        moves += [post, replace(draw, amount=3_000)]

    def post_one(transfer: Transfer) -> None:
        with transaction.atomic():
            ledger.post(programme, [transfer], act=act)

    turned = moves[number:] + moves[:number]
    return _together([partial(post_one, t) for t in turned])


def read(_number: int) -> object:
    lines, head = log_of(_desk())
    verify_chain(lines, checkpoint=head)
    return {
        "records": head.size,
        "awards": list(Award.objects.order_by("award_id").values_list("amount_fen", flat=True)),
        "vouchers": list(
            Voucher.objects.order_by("voucher_id").values("voucher_id", "face_fen", "held_fen")
        ),
        "holds": list(Hold.objects.values_list("voucher__voucher_id", "amount_fen")),
        "resolutions": list(Row.objects.filter(phase="POST").values_list("pending_id", flat=True)),
        "accounts": {
            a.account_id: [a.debits_pending, a.debits_posted, a.credits_pending, a.credits_posted]
            for a in Account.objects.all()
        },
    }
