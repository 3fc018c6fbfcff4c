"""The ledger at speed: transfers of large batches in pages, and no index that nobody asks.

SQLite would make `transfer` anew to drop an index of a field, and its triggers would go with the
old one; so the indexes are dropped by their names, and Django is only told.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import F, Q

_UNASKED = ("programme_id", "debit_id", "credit_id", "act_id")
_TABLES = {
    "transfer_page": (("id",), ("programme_id", "number")),
    "transfer_resolution": (("id",), ("pending_key", "programme_id")),
}
_REFUSAL = "append-only: write a new row that corrects the old one"


def _drop_unasked_indexes(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    with editor.connection.cursor() as cursor:
        found = editor.connection.introspection.get_constraints(cursor, "transfer")
    for name, constraint in found.items():
        is_plain = constraint["index"] and not constraint["unique"]
        if is_plain and constraint["columns"] in [[column] for column in _UNASKED]:
            editor.execute(f'DROP INDEX "{name}"')


def _make_append_only(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    is_postgresql = editor.connection.vendor == "postgresql"
    for table, keys in _TABLES.items():
        for statement in _on_postgresql(table) if is_postgresql else _on_sqlite(table, keys):
            editor.execute(statement)


def _on_postgresql(table: str) -> list[str]:
    # As in 0005. Records hardly compress: PostgreSQL need not try.
    stored = [f"ALTER TABLE {table} ALTER body SET STORAGE EXTERNAL"]
    return [
        (
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        ),
        *(stored if table == "transfer_page" else []),
    ]


def _on_sqlite(table: str, keys: tuple[tuple[str, ...], ...]) -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    same = " OR ".join(
        "(" + " AND ".join(f'"{column}" = NEW."{column}"' for column in columns) + ")"
        for columns in keys
    )
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        (
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608 - our own names
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse}"
        ),
    ]


def _unindexed(name: str, to: str, related_name: str | None = None) -> migrations.AlterField:
    return migrations.AlterField(
        model_name="transfer",
        name=name,
        field=models.ForeignKey(
            db_index=False,
            on_delete=django.db.models.deletion.PROTECT,
            related_name=related_name,
            to=to,
        ),
    )


def _number() -> "tuple[str, models.Field[Any, Any]]":
    return "id", models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


def _programme() -> "tuple[str, models.Field[Any, Any]]":
    return "programme", models.ForeignKey(
        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="store.programme"
    )


class Migration(migrations.Migration):
    dependencies = [("store", "0007_usage_lake")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(_drop_unasked_indexes, elidable=False)],
            state_operations=[
                _unindexed("programme", "store.programme"),
                _unindexed("debit", "store.account", related_name="debits"),
                _unindexed("credit", "store.account", related_name="credits"),
                _unindexed("act", "store.auditrecord", related_name="transfers"),
            ],
        ),
        migrations.CreateModel(
            name="TransferPage",
            fields=[
                _number(),
                ("number", models.BigIntegerField()),
                ("size", models.PositiveIntegerField()),
                ("first_key", models.BinaryField()),
                ("last_key", models.BinaryField()),
                ("body", models.BinaryField()),
                (
                    "act",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pages",
                        to="store.auditrecord",
                    ),
                ),
                _programme(),
            ],
            options={
                "db_table": "transfer_page",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["programme", "number"], name="transfer_page_number"
                    ),
                    models.CheckConstraint(name="transfer_page_not_empty", condition=Q(size__gt=0)),
                ],
            },
        ),
        migrations.CreateModel(
            name="TransferResolution",
            fields=[
                _number(),
                ("pending_key", models.BinaryField()),
                ("page", models.BigIntegerField()),
                _programme(),
            ],
            options={
                "db_table": "transfer_resolution",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["pending_key", "programme"], name="transfer_resolution_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerStanding",
            fields=[
                (
                    "programme",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="store.programme",
                    ),
                ),
                ("version", models.BigIntegerField(default=0)),
                ("pages", models.BigIntegerField(default=0)),
                ("folded", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "ledger_standing",
                "constraints": [
                    models.CheckConstraint(
                        name="ledger_standing_in_order",
                        condition=Q(folded__gte=0) & Q(pages__gte=F("folded")),
                    ),
                ],
            },
        ),
        migrations.RunPython(_make_append_only, elidable=False),
    ]
