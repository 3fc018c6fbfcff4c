"""Readings leave the database for the lake; use by day, band and order takes their place.

The new fields of append-only tables are nullable: so SQLite adds them in place, and the triggers
that make the tables append-only stay.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def _demand_no_readings(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    if apps.get_model("store", "UsageReading").objects.exists():
        raise RuntimeError(
            "This database holds meter readings of an earlier version. Run the year again from its "
            "folder into an empty database: the books come out the same."
        )


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0006_rules_as_data"),
    ]

    operations = [
        migrations.RunPython(_demand_no_readings, elidable=False),
        *(
            migrations.AddField(
                model_name="charge",
                name=name,
                field=models.CharField(max_length=length, null=True),
            )
            for name, length in (("band", 64), ("currency", 3), ("exchange_rate", 64))
        ),
        migrations.AddField(
            model_name="usagebatch",
            name="lake_sha256",
            field=models.CharField(max_length=64, null=True),
        ),
        migrations.AddField(
            model_name="usagebatch",
            name="first_start",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="usagebatch",
            name="last_start",
            field=models.BigIntegerField(null=True),
        ),
        migrations.CreateModel(
            name="DayUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order_id", models.CharField(max_length=64)),
                ("day", models.DateField()),
                ("band", models.CharField(max_length=64)),
                ("used_seconds", models.BigIntegerField()),
                ("charged_seconds", models.BigIntegerField(default=0)),
                ("charged_fen", models.BigIntegerField(default=0)),
                ("charges", models.PositiveIntegerField(default=0)),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="store.programme"
                    ),
                ),
            ],
            options={"db_table": "day_use"},
        ),
        migrations.CreateModel(
            name="OrderTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order_id", models.CharField(max_length=64)),
                ("charged_fen", models.BigIntegerField()),
                ("captured_fen", models.BigIntegerField()),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="store.programme"
                    ),
                ),
            ],
            options={"db_table": "order_total"},
        ),
        migrations.DeleteModel(name="UsageReading"),
        migrations.AddIndex(
            model_name="dayuse",
            index=models.Index(
                condition=models.Q(("used_seconds", models.F("charged_seconds")), _negated=True),
                fields=["programme", "order_id"],
                name="day_use_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="dayuse",
            constraint=models.UniqueConstraint(
                fields=("programme", "order_id", "day", "band"), name="day_use_cell"
            ),
        ),
        migrations.AddConstraint(
            model_name="dayuse",
            constraint=models.CheckConstraint(
                condition=models.Q(("used_seconds__gte", 0)), name="day_use_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="ordertotal",
            constraint=models.UniqueConstraint(
                fields=("programme", "order_id"), name="order_total_order"
            ),
        ),
    ]
