"""What a test reads of the tables: every row, so that nothing can change unseen."""

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.apps import apps

from evernormal.actions.desk import Desk
from evernormal.actions.year import run_year
from evernormal.domain.metering import use_by_day
from evernormal.store.models import (
    Account,
    AuditRecord,
    Charge,
    DayUse,
    OrderTotal,
    Programme,
    Voucher,
)
from evernormal.store.queries.readings import counting_readings, usage_of

if TYPE_CHECKING:
    from datetime import date

Rows = dict[str, list[dict[str, Any]]]


def all_rows() -> Rows:
    return {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for model in apps.get_app_config("store").get_models()
    }


def run(desk: Desk) -> None:
    run_year(desk, progress=lambda _: None)


def acts(prefix: str = "") -> list[str]:
    rows = AuditRecord.objects.filter(key__startswith=prefix).order_by("number")
    return list(rows.values_list("key", flat=True))


def readings() -> list[dict[str, Any]]:
    """The readings in the lake that count."""
    return counting_readings(Programme.objects.get()).to_dicts()


def voucher_parts(order_id: str) -> int:
    return sum(Charge.objects.filter(order_id=order_id).values_list("voucher_fen", flat=True))


def voucher_row(number: int = 1) -> Voucher:
    return Voucher.objects.get(voucher_id=f"V-C{number}")


def books_hold() -> None:
    """Assert what must be true of all stored books after every act."""
    accounts = list(Account.objects.all())
    assert sum(a.debits_posted - a.credits_posted for a in accounts) == 0
    assert sum(a.debits_pending - a.credits_pending for a in accounts) == 0
    for voucher in Voucher.objects.all():
        account = Account.objects.get(account_id=f"VOUCHER:{voucher.voucher_id}")
        captured_net = voucher.captured_fen
        available = voucher.face_fen - voucher.held_fen - captured_net - voucher.lapsed_fen
        assert min(available, voucher.held_fen, captured_net, voucher.lapsed_fen) >= 0
        assert account.debits_pending == voucher.held_fen
        assert account.credits_posted - account.debits_posted == available + voucher.held_fen
        open_holds = voucher.holds.filter(state="OPEN").values_list("amount_fen", flat=True)
        assert sum(open_holds) == voucher.held_fen
    projections_hold()


def projections_hold() -> None:
    """Assert that what is kept of orders' charges is what the charges add up to."""
    cells: dict[tuple[str, date, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    totals: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for charge in Charge.objects.all():
        cell = cells[charge.order_id, charge.day, charge.band or ""]
        for place, part in enumerate((charge.used_seconds, charge.amount_fen, 1)):
            cell[place] += part
        total = totals[charge.order_id, charge.contract_id]
        total[0] += charge.amount_fen
        total[1] += charge.voucher_fen
    kept = DayUse.objects.filter(charges__gt=0)
    assert {
        (row.order_id, row.day, row.band): [row.charged_seconds, row.charged_fen, row.charges]
        for row in kept
    } == cells
    assert {
        (row.order_id, row.contract_id): [row.charged_fen, row.captured_fen]
        for row in OrderTotal.objects.all()
    } == totals


def use_holds(desk: Desk) -> None:
    """Assert that what is kept of orders' use is what the readings in the lake say."""
    programme = Programme.objects.get()
    for order in desk.year.orders:
        records = usage_of(programme, order.contract_id).get(order.device_class, [])
        uses = use_by_day(order, records, prices=desk.prices, zone=desk.zone)
        rows = DayUse.objects.filter(order_id=order.id, used_seconds__gt=0)
        assert {(use.day, use.band): use.used.count for use in uses} == {
            (row.day, row.band): row.used_seconds for row in rows
        }
