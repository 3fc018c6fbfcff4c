import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("key", models.CharField(max_length=320)),
                ("body", models.TextField()),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "db_table": "audit_record",
            },
        ),
        migrations.CreateModel(
            name="Programme",
            fields=[
                ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("scheme_id", models.CharField(max_length=64)),
                ("inputs_digest", models.CharField(max_length=64)),
                ("opened_on", models.DateField()),
            ],
            options={
                "db_table": "programme",
            },
        ),
        migrations.AddField(
            model_name="auditrecord",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="acts",
                to="store.programme",
            ),
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("account_id", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("TREASURY", "TREASURY"),
                            ("POT", "POT"),
                            ("AWARD", "AWARD"),
                            ("VOUCHER", "VOUCHER"),
                            ("ACCRUED", "ACCRUED"),
                            ("PAYABLE", "PAYABLE"),
                        ],
                        max_length=16,
                    ),
                ),
                ("debits_pending", models.BigIntegerField(default=0)),
                ("debits_posted", models.BigIntegerField(default=0)),
                ("credits_pending", models.BigIntegerField(default=0)),
                ("credits_posted", models.BigIntegerField(default=0)),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="store.programme"
                    ),
                ),
            ],
            options={
                "db_table": "account",
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("transfer_id", models.CharField(max_length=340)),
                ("on", models.DateField()),
                ("amount", models.BigIntegerField()),
                (
                    "phase",
                    models.CharField(
                        choices=[
                            ("SINGLE", "SINGLE"),
                            ("PENDING", "PENDING"),
                            ("POST", "POST"),
                            ("VOID", "VOID"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("APPROPRIATE", "APPROPRIATE"),
                            ("AWARD", "AWARD"),
                            ("ISSUE", "ISSUE"),
                            ("HOLD", "HOLD"),
                            ("CAPTURE", "CAPTURE"),
                            ("RELEASE", "RELEASE"),
                            ("LAPSE", "LAPSE"),
                            ("ACCRUE", "ACCRUE"),
                            ("APPROVE", "APPROVE"),
                            ("REVERSE", "REVERSE"),
                            ("PAY", "PAY"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "act",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="store.auditrecord",
                    ),
                ),
                (
                    "credit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credits",
                        to="store.account",
                    ),
                ),
                (
                    "debit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="debits",
                        to="store.account",
                    ),
                ),
                (
                    "pending",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resolution",
                        to="store.transfer",
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
                "db_table": "transfer",
            },
        ),
        migrations.AddConstraint(
            model_name="auditrecord",
            constraint=models.UniqueConstraint(
                fields=("programme", "number"), name="audit_record_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditrecord",
            constraint=models.UniqueConstraint(
                fields=("programme", "key"), name="audit_record_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                fields=("programme", "account_id"), name="account_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("debits_pending__gte", 0),
                    ("debits_posted__gte", 0),
                    ("credits_pending__gte", 0),
                    ("credits_posted__gte", 0),
                ),
                name="account_counters_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind", "TREASURY"),
                        (
                            "debits_posted__gte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("credits_pending"), "+", models.F("credits_posted")
                            ),
                        ),
                    ),
                    models.Q(
                        models.Q(("kind", "TREASURY"), _negated=True),
                        (
                            "credits_posted__gte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("debits_pending"), "+", models.F("debits_posted")
                            ),
                        ),
                    ),
                    _connector="OR",
                ),
                name="account_no_overdraft",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.UniqueConstraint(
                fields=("programme", "transfer_id"), name="transfer_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="transfer_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("debit", models.F("credit")), _negated=True),
                name="transfer_two_accounts",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("pending__isnull", False), ("phase__in", ["POST", "VOID"])),
                    models.Q(("pending__isnull", True), ("phase__in", ["SINGLE", "PENDING"])),
                    _connector="OR",
                ),
                name="transfer_pending_named",
            ),
        ),
    ]
