"""Orders as acts leave them, append-only as 0005 has it."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_REFUSAL = "append-only: write a new row that corrects the old one"
_NO_REPLACE = (
    "CREATE TRIGGER order_version_no_replace BEFORE INSERT ON order_version WHEN EXISTS "
    "(SELECT 1 FROM order_version WHERE id = NEW.id OR (programme_id = NEW.programme_id "
    "AND order_id = NEW.order_id AND number = NEW.number)) "
)


def _make_append_only(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(
            "CREATE TRIGGER order_version_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON order_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    for event in ("UPDATE", "DELETE"):
        editor.execute(
            f"CREATE TRIGGER order_version_no_{event.lower()} "
            f"BEFORE {event} ON order_version {refuse}"
        )
    editor.execute(_NO_REPLACE + refuse)


class Migration(migrations.Migration):
    dependencies = [("store", "0009_several_vouchers")]
    operations = [
        migrations.CreateModel(
            name="OrderVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order_id", models.CharField(max_length=64)),
                ("number", models.PositiveIntegerField()),
                ("replaces", models.CharField(max_length=64)),
                ("effective_on", models.DateField()),
                ("cards_given", models.PositiveIntegerField(null=True)),
                ("contract_id", models.CharField(max_length=64)),
                ("provider_id", models.CharField(max_length=64)),
                ("device_class", models.CharField(max_length=64)),
                ("cards", models.PositiveIntegerField()),
                ("gang_cards", models.PositiveIntegerField()),
                ("card_hours", models.PositiveBigIntegerField()),
                ("answer", models.CharField(max_length=16)),
                ("answered_card_hours", models.PositiveBigIntegerField()),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("ordered_on", models.DateField(null=True)),
                ("holds_until", models.DateField(null=True)),
                ("waits_until", models.DateField(null=True)),
                ("priority", models.PositiveIntegerField()),
                ("quote_id", models.CharField(max_length=64)),
                ("quoted_on", models.DateField(null=True)),
                ("site", models.CharField(max_length=200)),
                ("plan", models.CharField(max_length=200)),
                ("further_contracts", models.JSONField()),
                ("also_classes", models.JSONField()),
                (
                    "act",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="store.auditrecord"
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="store.programme"
                    ),
                ),
            ],
            options={
                "db_table": "order_version",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "order_id", "number"), name="order_version_number"
                    )
                ],
            },
        ),
        migrations.RunPython(_make_append_only, elidable=False),
    ]
