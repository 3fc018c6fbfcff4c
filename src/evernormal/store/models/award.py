"""Decisions on applications, and awards."""

from django.db import models
from django.db.models import F, Q

from evernormal.store.models.audit import AuditRecord
from evernormal.store.models.programme import Programme


class Decision(models.Model):
    """What the rules said about one application; every check and step is in its act's facts.

    cost_fen  eligible cost; share: of a deducted order that the voucher pays, as a/b
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    decision_id = models.CharField(max_length=80)
    contract_id = models.CharField(max_length=64)
    applicant_id = models.CharField(max_length=64)
    provider_id = models.CharField(max_length=64)
    applied_on = models.DateField()
    is_eligible = models.BooleanField()
    failed_rules = models.TextField(blank=True)
    entitled_fen = models.BigIntegerField()
    limb = models.CharField(max_length=64, blank=True)
    # Null in rows written before these were kept.
    cost_fen = models.BigIntegerField(null=True)
    share = models.CharField(max_length=64, null=True)  # noqa: DJ001 - "" would be no share
    act = models.OneToOneField(AuditRecord, on_delete=models.PROTECT)

    class Meta:
        db_table = "decision"
        constraints = [
            models.UniqueConstraint(fields=["programme", "decision_id"], name="decision_id"),
        ]

    def __str__(self) -> str:
        return self.decision_id


class Award(models.Model):
    """What was granted on a decision; 0 with a reason when nothing was."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    award_id = models.CharField(max_length=80)
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT)
    reason = models.CharField(max_length=32)
    asked_fen = models.BigIntegerField()
    amount_fen = models.BigIntegerField()
    pot_before_fen = models.BigIntegerField()
    act = models.OneToOneField(AuditRecord, on_delete=models.PROTECT)

    class Meta:
        db_table = "award"
        constraints = [
            models.UniqueConstraint(fields=["programme", "award_id"], name="award_id"),
            models.CheckConstraint(
                name="award_within_asked",
                condition=Q(amount_fen__gte=0) & Q(amount_fen__lte=F("asked_fen")),
            ),
        ]

    def __str__(self) -> str:
        return self.award_id
