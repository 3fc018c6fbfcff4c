import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0002_awards"),
    ]

    operations = [
        migrations.CreateModel(
            name="Charge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("charge_id", models.CharField(max_length=120)),
                ("order_id", models.CharField(max_length=64)),
                ("contract_id", models.CharField(max_length=64)),
                ("applicant_id", models.CharField(max_length=64)),
                ("provider_id", models.CharField(max_length=64)),
                ("device_class", models.CharField(max_length=64)),
                ("day", models.DateField()),
                ("used_seconds", models.BigIntegerField()),
                ("price_fen_per_card_hour", models.BigIntegerField()),
                ("amount_fen", models.BigIntegerField()),
                ("voucher_fen", models.BigIntegerField()),
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
                "db_table": "charge",
            },
        ),
        migrations.CreateModel(
            name="UsageBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("batch_id", models.CharField(max_length=200)),
                ("provider_id", models.CharField(max_length=64)),
                ("sha256", models.CharField(max_length=64)),
                (
                    "act",
                    models.OneToOneField(
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
                "db_table": "usage_batch",
            },
        ),
        migrations.AddField(
            model_name="charge",
            name="batch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="store.usagebatch"
            ),
        ),
        migrations.CreateModel(
            name="UsageReading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("provider_id", models.CharField(max_length=64)),
                ("cluster", models.CharField(max_length=64)),
                ("job", models.CharField(max_length=64)),
                ("device_class", models.CharField(max_length=64)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("account", models.CharField(max_length=64)),
                ("contract_id", models.CharField(blank=True, max_length=64)),
                ("cards", models.PositiveIntegerField()),
                ("state", models.CharField(max_length=32)),
                ("is_final", models.BooleanField()),
                ("line", models.PositiveIntegerField()),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="readings",
                        to="store.usagebatch",
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
                "db_table": "usage_reading",
            },
        ),
        migrations.AddConstraint(
            model_name="usagebatch",
            constraint=models.UniqueConstraint(
                fields=("programme", "batch_id"), name="usage_batch_id"
            ),
        ),
        migrations.AddIndex(
            model_name="charge",
            index=models.Index(fields=["programme", "order_id", "day"], name="charge_of_order"),
        ),
        migrations.AddIndex(
            model_name="charge",
            index=models.Index(
                models.F("programme"), models.F("contract_id"), name="charge_of_contract"
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.UniqueConstraint(fields=("programme", "charge_id"), name="charge_id"),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(("price_fen_per_card_hour__gt", 0)), name="charge_has_a_price"
            ),
        ),
        migrations.AddIndex(
            model_name="usagereading",
            index=models.Index(
                fields=["programme", "contract_id", "device_class"], name="usage_of_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="usagereading",
            constraint=models.UniqueConstraint(
                fields=(
                    "programme",
                    "provider_id",
                    "cluster",
                    "job",
                    "device_class",
                    "starts_at",
                    "version",
                ),
                name="usage_reading_key",
            ),
        ),
    ]
