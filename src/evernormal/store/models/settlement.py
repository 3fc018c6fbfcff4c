"""Claims and payment batches."""

from django.db import models
from django.db.models import Q

from evernormal.store.models.audit import AuditRecord
from evernormal.store.models.metering import Charge
from evernormal.store.models.programme import Programme


class Claim(models.Model):
    """A decided claim, in fen. Append-only."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    claim_id = models.CharField(max_length=100)
    contract_id = models.CharField(max_length=64)
    applicant_id = models.CharField(max_length=64)
    payee_id = models.CharField(max_length=64)
    claimed_on = models.DateField()
    invoices = models.TextField()
    invoiced_fen = models.BigIntegerField()
    matched_fen = models.BigIntegerField()
    matched_by_category = models.JSONField()
    entitled_fen = models.BigIntegerField()
    approved_fen = models.BigIntegerField()
    cut_fen = models.BigIntegerField()
    limb = models.CharField(max_length=64)
    failed_checks = models.TextField(blank=True)
    # Null in rows written before it was kept; "" where there is none.
    upstream_award = models.CharField(max_length=64, null=True)  # noqa: DJ001
    act = models.OneToOneField(AuditRecord, on_delete=models.PROTECT)

    class Meta:
        db_table = "claim"
        constraints = [
            models.UniqueConstraint(fields=["programme", "claim_id"], name="claim_id"),
            models.CheckConstraint(
                name="claim_not_negative", condition=Q(approved_fen__gte=0) & Q(cut_fen__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return self.claim_id


class ClaimedCharge(models.Model):
    """A charge that a decided claim settled; a charge is settled once. Append-only."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="charges")
    charge = models.OneToOneField(Charge, on_delete=models.PROTECT, related_name="settled_by")

    class Meta:
        db_table = "claimed_charge"

    def __str__(self) -> str:
        return f"{self.claim_id} {self.charge_id}"


class PaymentBatch(models.Model):
    """Instructions approved by a second officer and sent together. Append-only."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    batch_id = models.CharField(max_length=80)
    prepared_by = models.CharField(max_length=120)
    approved_by = models.CharField(max_length=120)
    approved_on = models.DateField()
    execute_on = models.DateField()
    act = models.OneToOneField(AuditRecord, on_delete=models.PROTECT)

    class Meta:
        db_table = "payment_batch"
        constraints = [
            models.UniqueConstraint(fields=["programme", "batch_id"], name="payment_batch_id"),
            models.CheckConstraint(
                name="payment_batch_four_eyes",
                condition=~Q(prepared_by=models.F("approved_by")),
            ),
        ]

    def __str__(self) -> str:
        return self.batch_id


class PaymentInstruction(models.Model):
    """One claim's payment. Its claim can be paid once. Append-only."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    instruction_id = models.CharField(max_length=120)
    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, related_name="instructions")
    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, related_name="instruction")
    payee_id = models.CharField(max_length=64)
    amount_fen = models.BigIntegerField()

    class Meta:
        db_table = "payment_instruction"
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "instruction_id"], name="payment_instruction_id"
            ),
            models.CheckConstraint(
                name="payment_instruction_positive", condition=Q(amount_fen__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.instruction_id
