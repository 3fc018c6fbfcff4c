"""What a test reads of the tables: every row, so that nothing can change unseen."""

from typing import Any

from django.apps import apps

from evernormal.actions.desk import Desk
from evernormal.actions.year import run_year
from evernormal.store.models import Account, AuditRecord, Charge, Voucher

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
