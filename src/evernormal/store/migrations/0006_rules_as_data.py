"""What tiers, matches and extensions need to know of earlier acts.

The new fields of append-only tables are nullable: so SQLite adds them in place, and the triggers
that make the tables append-only stay.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0005_append_only"),
    ]

    operations = [
        migrations.AddField(
            model_name="claim",
            name="upstream_award",
            field=models.CharField(max_length=64, null=True),
        ),
        migrations.AddField(
            model_name="decision",
            name="cost_fen",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="decision",
            name="share",
            field=models.CharField(max_length=64, null=True),
        ),
        migrations.AddField(
            model_name="voucher",
            name="extensions",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="transfer",
            name="code",
            field=models.CharField(
                choices=[
                    ("APPROPRIATE", "APPROPRIATE"),
                    ("AWARD", "AWARD"),
                    ("ISSUE", "ISSUE"),
                    ("HOLD", "HOLD"),
                    ("CAPTURE", "CAPTURE"),
                    ("RELEASE", "RELEASE"),
                    ("LAPSE", "LAPSE"),
                    ("RECALL", "RECALL"),
                    ("ACCRUE", "ACCRUE"),
                    ("APPROVE", "APPROVE"),
                    ("REVERSE", "REVERSE"),
                    ("PAY", "PAY"),
                ],
                max_length=16,
            ),
        ),
    ]
