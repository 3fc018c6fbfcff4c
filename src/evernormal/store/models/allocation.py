"""Cards given to orders."""

from django.db import models

from evernormal.store.models.audit import AuditRecord
from evernormal.store.models.programme import Programme


class Allocation(models.Model):
    """Cards of a provider's pool that one order has, also when it holds no value. Append-only."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    order_id = models.CharField(max_length=64)
    cards = models.PositiveIntegerField()
    limb = models.CharField(max_length=16)
    act = models.OneToOneField(AuditRecord, on_delete=models.PROTECT)

    class Meta:
        db_table = "allocation"
        constraints = [
            models.UniqueConstraint(fields=["programme", "order_id"], name="allocation_of_order"),
        ]

    def __str__(self) -> str:
        return self.order_id
