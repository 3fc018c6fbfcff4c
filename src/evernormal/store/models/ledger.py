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
    """One debit, one credit, one amount > 0 in fen. Append-only.

    Nobody asks for the transfers of an account or an act alone, so those fields have no index.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    transfer_id = models.CharField(max_length=340)
    on = models.DateField()
    debit = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="debits", db_index=False
    )
    credit = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="credits", db_index=False
    )
    amount = models.BigIntegerField()
    phase = models.CharField(max_length=8, choices=[(p.value, p.value) for p in Phase])
    code = models.CharField(max_length=16, choices=[(c.value, c.value) for c in TransferCode])
    # Unique: a pending transfer is resolved at most once (law 4), whoever writes.
    pending = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="resolution"
    )
    act = models.ForeignKey(
        AuditRecord, on_delete=models.PROTECT, related_name="transfers", db_index=False
    )

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


class TransferPage(models.Model):
    """Up to a few hundred transfers of one batch, as the records of `engines.posting.TRANSFER`.

    number     1, 2, 3 ... within the programme: the order in which they were posted
    first_key, last_key  the lowest and the highest of the transfers' keys, 16 bytes each
    body       the records, in order; their accounts are rows of `account`. Append-only.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    number = models.BigIntegerField()
    act = models.ForeignKey(
        AuditRecord, on_delete=models.PROTECT, related_name="pages", db_index=False
    )
    size = models.PositiveIntegerField()
    first_key = models.BinaryField()
    last_key = models.BinaryField()
    body = models.BinaryField()

    class Meta:
        db_table = "transfer_page"
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="transfer_page_number"),
            models.CheckConstraint(name="transfer_page_not_empty", condition=Q(size__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.number}"


class TransferResolution(models.Model):
    """That a pending transfer of a page was posted or voided: once (law 4). Append-only."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, db_index=False)
    pending_key = models.BinaryField()
    page = models.BigIntegerField()

    class Meta:
        db_table = "transfer_resolution"
        constraints = [
            models.UniqueConstraint(
                fields=["pending_key", "programme"], name="transfer_resolution_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.pending_key.hex()}"


class LedgerStanding(models.Model):
    """How far a programme's pages are counted. A programme that has no page has no row.

    version  grows with every posting, so that a program knows whether its counters still hold
    pages    number of the last page
    folded   number of the last page that the rows of `account` have counted in
    """

    programme = models.OneToOneField(Programme, on_delete=models.PROTECT, primary_key=True)
    version = models.BigIntegerField(default=0)
    pages = models.BigIntegerField(default=0)
    folded = models.BigIntegerField(default=0)

    class Meta:
        db_table = "ledger_standing"
        constraints = [
            models.CheckConstraint(
                name="ledger_standing_in_order",
                condition=Q(folded__gte=0) & Q(pages__gte=F("folded")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.version}"
