"""Usage as it was read, and the charges made of it."""

from django.db import models
from django.db.models import F, Q

from evernormal.store.models.audit import AuditRecord
from evernormal.store.models.programme import Programme


class UsageBatch(models.Model):
    """One accepted batch of readings, and its file in the lake. Append-only."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    batch_id = models.CharField(max_length=200)
    provider_id = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    # Nullable, so that SQLite adds them in place and keeps the triggers; none where a batch said
    # nothing new. Starts are epoch seconds.
    lake_sha256 = models.CharField(max_length=64, null=True)  # noqa: DJ001
    first_start = models.BigIntegerField(null=True)
    last_start = models.BigIntegerField(null=True)
    act = models.OneToOneField(AuditRecord, on_delete=models.PROTECT)

    class Meta:
        db_table = "usage_batch"
        constraints = [
            models.UniqueConstraint(fields=["programme", "batch_id"], name="usage_batch_id"),
        ]

    def __str__(self) -> str:
        return self.batch_id


class DayUse(models.Model):
    """What the lake says an order used in a band of a day, and what was charged of it.

    A projection: whatever says more than the batches and the charges do is wrong. It is here so
    that charging looks at what changed, and never at all that an order ever used.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    order_id = models.CharField(max_length=64)
    day = models.DateField()
    band = models.CharField(max_length=64)
    used_seconds = models.BigIntegerField()
    charged_seconds = models.BigIntegerField(default=0)
    charged_fen = models.BigIntegerField(default=0)
    charges = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "day_use"
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "order_id", "day", "band"], name="day_use_cell"
            ),
            models.CheckConstraint(name="day_use_not_negative", condition=Q(used_seconds__gte=0)),
        ]
        indexes = [
            # Of a year's cells few are due at any time.
            models.Index(
                fields=["programme", "order_id"],
                condition=~Q(used_seconds=F("charged_seconds")),
                name="day_use_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.day} {self.band}"


class OrderTotal(models.Model):
    """What an order's charges under a contract add up to, and the voucher's part. A projection."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    order_id = models.CharField(max_length=64)
    contract_id = models.CharField(max_length=64)
    charged_fen = models.BigIntegerField()
    captured_fen = models.BigIntegerField()

    class Meta:
        db_table = "order_total"
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "order_id", "contract_id"], name="order_total_of_contract"
            ),
        ]

    def __str__(self) -> str:
        return self.order_id


class Charge(models.Model):
    """One order's charge for one day, or a later difference to it, in fen. Append-only."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    charge_id = models.CharField(max_length=120)
    order_id = models.CharField(max_length=64)
    contract_id = models.CharField(max_length=64)
    applicant_id = models.CharField(max_length=64)
    provider_id = models.CharField(max_length=64)
    device_class = models.CharField(max_length=64)
    day = models.DateField()
    # Nullable, as are currency and exchange rate, so that SQLite adds them in place.
    band = models.CharField(max_length=64, null=True)  # noqa: DJ001
    used_seconds = models.BigIntegerField()
    price_fen_per_card_hour = models.BigIntegerField()
    currency = models.CharField(max_length=3, null=True)  # noqa: DJ001
    exchange_rate = models.CharField(max_length=64, null=True)  # noqa: DJ001
    amount_fen = models.BigIntegerField()
    voucher_fen = models.BigIntegerField()
    batch = models.ForeignKey(UsageBatch, on_delete=models.PROTECT)
    act = models.ForeignKey(AuditRecord, on_delete=models.PROTECT)

    class Meta:
        db_table = "charge"
        constraints = [
            models.UniqueConstraint(fields=["programme", "charge_id"], name="charge_id"),
            models.CheckConstraint(
                name="charge_has_a_price", condition=Q(price_fen_per_card_hour__gt=0)
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "order_id", "day"], name="charge_of_order"),
            models.Index(F("programme"), F("contract_id"), name="charge_of_contract"),
        ]

    def __str__(self) -> str:
        return self.charge_id
