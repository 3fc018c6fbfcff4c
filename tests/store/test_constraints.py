"""The database itself refuses what must never be, whoever writes."""

from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from evernormal.store.models import Account, AuditRecord, Hold, Voucher
from tests.actions.reading import all_rows, run
from tests.actions.years import deducting

pytestmark = pytest.mark.django_db


@pytest.fixture
def _full() -> None:
    """A year with a voucher, a hold and all kinds of accounts."""
    run(deducting().desk())


def refused(table: str, change: str, where: str) -> None:
    before = all_rows()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{table}" SET {change} WHERE {where}')  # noqa: S608 - ours
    assert all_rows() == before


def allowed(table: str, change: str, where: str) -> None:
    """The same statement within the bound passes, so that it is the bound that refuses."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{table}" SET {change} WHERE {where}')  # noqa: S608 - ours
        assert cursor.rowcount > 0
        transaction.set_rollback(True)


@pytest.mark.usefixtures("_full")
def test_no_counter_is_negative_and_no_account_overdrawn() -> None:
    pot, treasury = "account_id = 'POT'", "account_id = 'TREASURY'"
    for counter in ("debits_pending", "debits_posted", "credits_pending", "credits_posted"):
        refused("account", f"{counter} = -1", pot)
    for where, way in ((pot, "debits"), (treasury, "credits")):
        row = Account.objects.get(account_id=where.split("'")[1])
        money = row.credits_posted if way == "debits" else row.debits_posted
        posted = row.debits_posted if way == "debits" else row.credits_posted
        allowed("account", f"{way}_pending = {money - posted}", where)
        refused("account", f"{way}_pending = {money - posted + 1}", where)
        refused("account", f"{way}_posted = {money + 1}", where)


@pytest.mark.usefixtures("_full")
def test_a_voucher_cannot_hold_capture_and_lapse_more_than_its_face() -> None:
    voucher = Voucher.objects.get()
    free = voucher.face_fen - voucher.held_fen - voucher.captured_fen - voucher.lapsed_fen
    for part in ("held_fen", "captured_fen", "lapsed_fen"):
        most = free + int(getattr(voucher, part))
        allowed("voucher", f"{part} = {most}", "1 = 1")
        refused("voucher", f"{part} = {most + 1}", "1 = 1")
        refused("voucher", f"{part} = -1", "1 = 1")


@pytest.mark.usefixtures("_full")
def test_a_hold_is_positive_and_an_order_has_one_open() -> None:
    refused("hold", "amount_fen = 0", "1 = 1")
    assert Hold.objects.filter(state="OPEN").count() == 1
    refused("hold", "state = 'OPEN'", "state = 'CAPTURED'")


@pytest.mark.usefixtures("_full")
@pytest.mark.parametrize(
    ("model", "changes"),
    [
        ("Award", {"amount_fen": -1}),
        ("Award", {"asked_fen": 1}),
        ("Claim", {"approved_fen": -1}),
        ("Claim", {"cut_fen": -1}),
        ("PaymentBatch", {"approved_by": "li"}),
        ("PaymentInstruction", {"amount_fen": 0}),
        ("Charge", {"price_fen_per_card_hour": 0}),
        ("Transfer", {"amount": 0}),
        ("Transfer", {"phase": "POST"}),
        ("AuditRecord", {}),
        ("UsageBatch", {}),
        ("DayUse", {}),
        ("OrderTotal", {}),
        ("Charge", {}),
        ("Claim", {}),
        ("Decision", {}),
    ],
)
def test_a_new_row_is_checked(model: str, changes: dict[str, Any]) -> None:
    row: Any = apps.get_model("store", model)._default_manager.earliest("pk")
    row.pk = None
    for field, value in changes.items():
        setattr(row, field, value)
    if changes:
        # Everything else that must be unique is made so, so that only the bound can refuse.
        _make_unique(row)
    before = all_rows()

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)
    assert all_rows() == before


def _make_unique(row: Any) -> None:
    record = AuditRecord.objects.create(
        programme_id="prog", number=9_999, key="another", body="{}", hash="h"
    )
    row.act = record
    for field in ("award_id", "claim_id", "batch_id", "instruction_id", "charge_id", "transfer_id"):
        if isinstance(getattr(row, field, None), str):
            setattr(row, field, "another")


def test_migrations_say_what_the_models_say() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_every_migration_is_applied() -> None:
    executor = MigrationExecutor(connection)

    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


def test_both_databases_have_the_same_columns() -> None:
    with connection.cursor() as cursor:
        columns = {
            (model._meta.db_table, column.name)
            for model in _models()
            for column in connection.introspection.get_table_description(
                cursor, model._meta.db_table
            )
        }

    declared = {
        (model._meta.db_table, field.column) for model in _models() for field in model._meta.fields
    }
    assert columns == declared


def _models() -> list[Any]:
    return list(apps.get_app_config("store").get_models())
