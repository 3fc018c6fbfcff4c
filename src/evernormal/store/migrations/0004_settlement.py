import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0003_usage"),
    ]

    operations = [
        migrations.CreateModel(
            name="Claim",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("claim_id", models.CharField(max_length=100)),
                ("contract_id", models.CharField(max_length=64)),
                ("applicant_id", models.CharField(max_length=64)),
                ("payee_id", models.CharField(max_length=64)),
                ("claimed_on", models.DateField()),
                ("invoices", models.TextField()),
                ("invoiced_fen", models.BigIntegerField()),
                ("matched_fen", models.BigIntegerField()),
                ("matched_by_category", models.JSONField()),
                ("entitled_fen", models.BigIntegerField()),
                ("approved_fen", models.BigIntegerField()),
                ("cut_fen", models.BigIntegerField()),
                ("limb", models.CharField(max_length=64)),
                ("failed_checks", models.TextField(blank=True)),
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
                "db_table": "claim",
            },
        ),
        migrations.CreateModel(
            name="PaymentBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("batch_id", models.CharField(max_length=80)),
                ("prepared_by", models.CharField(max_length=120)),
                ("approved_by", models.CharField(max_length=120)),
                ("approved_on", models.DateField()),
                ("execute_on", models.DateField()),
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
                "db_table": "payment_batch",
            },
        ),
        migrations.CreateModel(
            name="ClaimedCharge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "charge",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settled_by",
                        to="store.charge",
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charges",
                        to="store.claim",
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
                "db_table": "claimed_charge",
            },
        ),
        migrations.CreateModel(
            name="PaymentInstruction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("instruction_id", models.CharField(max_length=120)),
                ("payee_id", models.CharField(max_length=64)),
                ("amount_fen", models.BigIntegerField()),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="instructions",
                        to="store.paymentbatch",
                    ),
                ),
                (
                    "claim",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="instruction",
                        to="store.claim",
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
                "db_table": "payment_instruction",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "instruction_id"), name="payment_instruction_id"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_fen__gt", 0)),
                        name="payment_instruction_positive",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="paymentbatch",
            constraint=models.UniqueConstraint(
                fields=("programme", "batch_id"), name="payment_batch_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("prepared_by", models.F("approved_by")), _negated=True),
                name="payment_batch_four_eyes",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.UniqueConstraint(fields=("programme", "claim_id"), name="claim_id"),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(("approved_fen__gte", 0), ("cut_fen__gte", 0)),
                name="claim_not_negative",
            ),
        ),
    ]
