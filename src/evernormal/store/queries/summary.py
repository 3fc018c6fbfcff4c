"""The year in a few figures."""

from dataclasses import dataclass

from django.db.models import Sum

from evernormal.domain.values import Fen
from evernormal.store.models import Award, Claim, PaymentBatch, PaymentInstruction, Transfer


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts and sums of a programme year."""

    applications: int
    granted: int
    awarded: Fen
    pot: Fen
    claims: int
    claims_approved: int
    paid: Fen
    batches: int

    def in_fen(self) -> dict[str, int]:
        """The figures by name, money in fen."""
        return {
            "applications": self.applications,
            "granted": self.granted,
            "awarded_fen": self.awarded.amount,
            "pot_fen": self.pot.amount,
            "claims": self.claims,
            "claims_approved": self.claims_approved,
            "paid_fen": self.paid.amount,
            "batches": self.batches,
        }


def summarise(programme_id: str) -> Summary:
    """The figures that an officer asks for first."""
    awards = Award.objects.filter(programme_id=programme_id)
    claims = Claim.objects.filter(programme_id=programme_id)
    paid = PaymentInstruction.objects.filter(programme_id=programme_id)
    pots = Transfer.objects.filter(programme_id=programme_id, code="APPROPRIATE")
    return Summary(
        applications=awards.count(),
        granted=awards.filter(amount_fen__gt=0).count(),
        awarded=Fen(awards.aggregate(total=Sum("amount_fen"))["total"] or 0),
        pot=Fen(pots.aggregate(total=Sum("amount"))["total"] or 0),
        claims=claims.count(),
        claims_approved=claims.filter(approved_fen__gt=0).count(),
        paid=Fen(paid.aggregate(total=Sum("amount_fen"))["total"] or 0),
        batches=PaymentBatch.objects.filter(programme_id=programme_id).count(),
    )
