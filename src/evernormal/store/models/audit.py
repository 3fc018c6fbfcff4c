"""The audit log."""

from django.db import models

from evernormal.store.models.programme import Programme


class AuditRecord(models.Model):
    """One act. `body` is the canonical text whose SHA-256 is `hash`. Append-only."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="acts")
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=320)
    body = models.TextField()
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_record"
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="audit_record_number"),
            models.UniqueConstraint(fields=["programme", "key"], name="audit_record_key"),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.number} {self.key}"
