"""Orders as acts have left them: amended, cancelled, or put in another's place."""

from django.db import models

from evernormal.store.models.audit import AuditRecord
from evernormal.store.models.programme import Programme


class OrderVersion(models.Model):
    """An order as an act left it; the last one counts. Append-only.

    replaces      the order whose place it takes; "" where the office's files have the order
    cards_given   cards that it has from `effective_on` on; None: as its allocation says
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    order_id = models.CharField(max_length=64)
    number = models.PositiveIntegerField()
    replaces = models.CharField(max_length=64)
    effective_on = models.DateField()
    cards_given = models.PositiveIntegerField(null=True)
    contract_id = models.CharField(max_length=64)
    provider_id = models.CharField(max_length=64)
    device_class = models.CharField(max_length=64)
    cards = models.PositiveIntegerField()
    gang_cards = models.PositiveIntegerField()
    card_hours = models.PositiveBigIntegerField()
    answer = models.CharField(max_length=16)
    answered_card_hours = models.PositiveBigIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    ordered_on = models.DateField(null=True)
    holds_until = models.DateField(null=True)
    waits_until = models.DateField(null=True)
    priority = models.PositiveIntegerField()
    quote_id = models.CharField(max_length=64)
    quoted_on = models.DateField(null=True)
    site = models.CharField(max_length=200)
    plan = models.CharField(max_length=200)
    further_contracts = models.JSONField()
    also_classes = models.JSONField()
    act = models.ForeignKey(AuditRecord, on_delete=models.PROTECT)

    class Meta:
        db_table = "order_version"
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "order_id", "number"], name="order_version_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.number}"
