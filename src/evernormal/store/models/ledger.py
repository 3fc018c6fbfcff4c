"""The double-entry ledger."""

from django.db import models
from django.db.models import F, Q

from evernormal.domain.ledger import AccountKind, Phase, TransferCode
from evernormal.store.models.audit import AuditRecord
from evernormal.store.models.programme import Programme

_TREASURY = Q(kind=AccountKind.TREASURY.value)


class Account(models.Model):
    """Four counters in fen, and a CHECK that refuses overdraft whoever writes."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    account_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in AccountKind])
    debits_pending = models.BigIntegerField(default=0)
    debits_posted = models.BigIntegerField(default=0)
    credits_pending = models.BigIntegerField(default=0)
    credits_posted = models.BigIntegerField(default=0)

    class Meta:
        db_table = "account"
        constraints = [
            models.UniqueConstraint(fields=["programme", "account_id"], name="account_id"),
            models.CheckConstraint(
                name="account_counters_not_negative",
                condition=Q(debits_pending__gte=0)
                & Q(debits_posted__gte=0)
                & Q(credits_pending__gte=0)
                & Q(credits_posted__gte=0),
            ),
            models.CheckConstraint(
                name="account_no_overdraft",
                condition=(
                    _TREASURY & Q(debits_posted__gte=F("credits_pending") + F("credits_posted"))
                )
                | (~_TREASURY & Q(credits_posted__gte=F("debits_pending") + F("debits_posted"))),
            ),
        ]

    def __str__(self) -> str:
        return self.account_id


class Transfer(models.Model):
    """One debit, one credit, one amount > 0 in fen. Append-only."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    transfer_id = models.CharField(max_length=340)
    on = models.DateField()
    debit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="debits")
    credit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="credits")
    amount = models.BigIntegerField()
    phase = models.CharField(max_length=8, choices=[(p.value, p.value) for p in Phase])
    code = models.CharField(max_length=16, choices=[(c.value, c.value) for c in TransferCode])
    # Unique: a pending transfer is resolved at most once (law 4), whoever writes.
    pending = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="resolution"
    )
    act = models.ForeignKey(AuditRecord, on_delete=models.PROTECT, related_name="transfers")

    class Meta:
        db_table = "transfer"
        constraints = [
            models.UniqueConstraint(fields=["programme", "transfer_id"], name="transfer_id"),
            models.CheckConstraint(name="transfer_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(name="transfer_two_accounts", condition=~Q(debit=F("credit"))),
            models.CheckConstraint(
                name="transfer_pending_named",
                condition=Q(phase__in=["POST", "VOID"], pending__isnull=False)
                | Q(phase__in=["SINGLE", "PENDING"], pending__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.transfer_id
