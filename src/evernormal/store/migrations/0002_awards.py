import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0001_books"),
    ]

    operations = [
        migrations.CreateModel(
            name="Decision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("decision_id", models.CharField(max_length=80)),
                ("contract_id", models.CharField(max_length=64)),
                ("applicant_id", models.CharField(max_length=64)),
                ("provider_id", models.CharField(max_length=64)),
                ("applied_on", models.DateField()),
                ("is_eligible", models.BooleanField()),
                ("failed_rules", models.TextField(blank=True)),
                ("entitled_fen", models.BigIntegerField()),
                ("limb", models.CharField(blank=True, max_length=64)),
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
                "db_table": "decision",
            },
        ),
        migrations.CreateModel(
            name="Award",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("award_id", models.CharField(max_length=80)),
                ("reason", models.CharField(max_length=32)),
                ("asked_fen", models.BigIntegerField()),
                ("amount_fen", models.BigIntegerField()),
                ("pot_before_fen", models.BigIntegerField()),
                (
                    "act",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, to="store.auditrecord"
                    ),
                ),
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, to="store.decision"
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
                "db_table": "award",
            },
        ),
        migrations.CreateModel(
            name="Allocation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order_id", models.CharField(max_length=64)),
                ("cards", models.PositiveIntegerField()),
                ("limb", models.CharField(max_length=16)),
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
                "db_table": "allocation",
            },
        ),
        migrations.CreateModel(
            name="Voucher",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("voucher_id", models.CharField(max_length=80)),
                ("holder_id", models.CharField(max_length=64)),
                ("issued_on", models.DateField()),
                ("lapses_on", models.DateField()),
                ("is_lapsed", models.BooleanField(default=False)),
                ("face_fen", models.BigIntegerField()),
                ("held_fen", models.BigIntegerField(default=0)),
                ("captured_fen", models.BigIntegerField(default=0)),
                ("lapsed_fen", models.BigIntegerField(default=0)),
                (
                    "act",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, to="store.auditrecord"
                    ),
                ),
                (
                    "award",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, to="store.award"
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
                "db_table": "voucher",
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hold_id", models.CharField(max_length=80)),
                ("order_id", models.CharField(max_length=64)),
                ("payee_id", models.CharField(max_length=64)),
                ("amount_fen", models.BigIntegerField()),
                ("expires_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("OPEN", "OPEN"),
                            ("CAPTURED", "CAPTURED"),
                            ("VOIDED", "VOIDED"),
                            ("EXPIRED", "EXPIRED"),
                        ],
                        default="OPEN",
                        max_length=8,
                    ),
                ),
                ("pending_transfer_id", models.CharField(max_length=340)),
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
                (
                    "voucher",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="store.voucher",
                    ),
                ),
            ],
            options={
                "db_table": "hold",
            },
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                fields=("programme", "decision_id"), name="decision_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="award",
            constraint=models.UniqueConstraint(fields=("programme", "award_id"), name="award_id"),
        ),
        migrations.AddConstraint(
            model_name="award",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount_fen__gte", 0), ("amount_fen__lte", models.F("asked_fen"))
                ),
                name="award_within_asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.UniqueConstraint(
                fields=("programme", "order_id"), name="allocation_of_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="voucher",
            constraint=models.UniqueConstraint(
                fields=("programme", "voucher_id"), name="voucher_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="voucher",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("held_fen__gte", 0),
                    ("captured_fen__gte", 0),
                    ("lapsed_fen__gte", 0),
                    (
                        "face_fen__gte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("held_fen"), "+", models.F("captured_fen")
                            ),
                            "+",
                            models.F("lapsed_fen"),
                        ),
                    ),
                ),
                name="voucher_face_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.UniqueConstraint(fields=("programme", "hold_id"), name="hold_id"),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "OPEN")),
                fields=("programme", "order_id"),
                name="hold_one_open_per_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_fen__gt", 0)), name="hold_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["OPEN", "CAPTURED", "VOIDED", "EXPIRED"])),
                name="hold_state_known",
            ),
        ),
    ]
