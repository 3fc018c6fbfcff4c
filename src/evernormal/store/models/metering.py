"""Usage as it was read, and the charges made of it."""

from django.db import models
from django.db.models import F, Q

from evernormal.store.models.audit import AuditRecord
from evernormal.store.models.programme import Programme


class UsageBatch(models.Model):
    """One accepted file of readings. Append-only."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    batch_id = models.CharField(max_length=200)
    provider_id = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    act = models.OneToOneField(AuditRecord, on_delete=models.PROTECT)

    class Meta:
        db_table = "usage_batch"
        constraints = [
            models.UniqueConstraint(fields=["programme", "batch_id"], name="usage_batch_id"),
        ]

    def __str__(self) -> str:
        return self.batch_id


class UsageReading(models.Model):
    """One reading that said something new. A better one is a new row with the next version."""

    batch = models.ForeignKey(UsageBatch, on_delete=models.PROTECT, related_name="readings")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    version = models.PositiveIntegerField()
    provider_id = models.CharField(max_length=64)
    cluster = models.CharField(max_length=64)
    job = models.CharField(max_length=64)
    device_class = models.CharField(max_length=64)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    account = models.CharField(max_length=64)
    contract_id = models.CharField(max_length=64, blank=True)
    cards = models.PositiveIntegerField()
    state = models.CharField(max_length=32)
    is_final = models.BooleanField()
    line = models.PositiveIntegerField()

    class Meta:
        db_table = "usage_reading"
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "programme",
                    "provider_id",
                    "cluster",
                    "job",
                    "device_class",
                    "starts_at",
                    "version",
                ],
                name="usage_reading_key",
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "contract_id", "device_class"], name="usage_of_order")
        ]

    def __str__(self) -> str:
        return f"{self.cluster} {self.job} v{self.version}"


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
    used_seconds = models.BigIntegerField()
    price_fen_per_card_hour = models.BigIntegerField()
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
