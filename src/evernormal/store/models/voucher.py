"""Vouchers and holds."""

from django.db import models
from django.db.models import F, Q

from evernormal.domain.voucher import HoldState
from evernormal.store.models.audit import AuditRecord
from evernormal.store.models.award import Award
from evernormal.store.models.programme import Programme


class Voucher(models.Model):
    """A voucher's value in fen. What is available is the face less the other three."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    voucher_id = models.CharField(max_length=80)
    award = models.OneToOneField(Award, on_delete=models.PROTECT)
    holder_id = models.CharField(max_length=64)
    issued_on = models.DateField()
    lapses_on = models.DateField()
    extensions = models.PositiveSmallIntegerField(default=0)
    is_lapsed = models.BooleanField(default=False)
    face_fen = models.BigIntegerField()
    held_fen = models.BigIntegerField(default=0)
    captured_fen = models.BigIntegerField(default=0)
    lapsed_fen = models.BigIntegerField(default=0)
    act = models.OneToOneField(AuditRecord, on_delete=models.PROTECT)

    class Meta:
        db_table = "voucher"
        constraints = [
            models.UniqueConstraint(fields=["programme", "voucher_id"], name="voucher_id"),
            models.CheckConstraint(
                name="voucher_face_adds_up",
                condition=Q(held_fen__gte=0)
                & Q(captured_fen__gte=0)
                & Q(lapsed_fen__gte=0)
                & Q(face_fen__gte=F("held_fen") + F("captured_fen") + F("lapsed_fen")),
            ),
        ]

    def __str__(self) -> str:
        return self.voucher_id


class Hold(models.Model):
    """Voucher value reserved for an order, resolved once."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    hold_id = models.CharField(max_length=80)
    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="holds")
    order_id = models.CharField(max_length=64)
    payee_id = models.CharField(max_length=64)
    amount_fen = models.BigIntegerField()
    expires_on = models.DateField()
    state = models.CharField(
        max_length=8,
        choices=[(s.value, s.value) for s in HoldState],
        default=HoldState.OPEN.value,
    )
    pending_transfer_id = models.CharField(max_length=340)
    act = models.ForeignKey(AuditRecord, on_delete=models.PROTECT)

    class Meta:
        db_table = "hold"
        constraints = [
            models.UniqueConstraint(fields=["programme", "hold_id"], name="hold_id"),
            models.UniqueConstraint(
                fields=["programme", "order_id", "voucher"],
                condition=Q(state="OPEN"),
                name="hold_one_open_per_order_voucher",
            ),
            models.CheckConstraint(name="hold_positive", condition=Q(amount_fen__gt=0)),
            models.CheckConstraint(
                name="hold_state_known", condition=Q(state__in=[s.value for s in HoldState])
            ),
        ]

    def __str__(self) -> str:
        return self.hold_id
