"""Forms about what an award asks of both sides: review, notice, papers, reports, clawback."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from fractions import Fraction
from typing import ClassVar

from evernormal.domain.policy.text import Text
from evernormal.domain.values import Fen, Rounding, RoundingMode, add_months

_DOWN = Rounding(RoundingMode.TRUNCATE)
_DAYS_OF_YEAR = 365


@dataclass(frozen=True, slots=True)
class ReviewTier:
    """Who decides on requests up to an amount; None: whatever the amount."""

    reviewer: Text
    at_most: Fen | None


@dataclass(frozen=True, slots=True)
class Review:
    """Who decides, by the amount asked; tiers from the smallest to the largest."""

    name: ClassVar[str] = "review"
    tiers: tuple[ReviewTier, ...]

    def reviewer_of(self, asked: Fen) -> Text | None:
        """Who decides on a request; None when it is above every tier."""
        for tier in self.tiers:
            if tier.at_most is None or asked <= tier.at_most:
                return tier.reviewer
        return None


@dataclass(frozen=True, slots=True)
class PublicNotice:
    """Awards are published for so many days, and may be objected to for so many."""

    name: ClassVar[str] = "public_notice"
    days: int
    objection_days: int

    def ends_on(self, proposed_on: date) -> date:
        """The first day on which a proposed award may be final."""
        return proposed_on + timedelta(days=max(self.days, self.objection_days))


@dataclass(frozen=True, slots=True)
class ClaimDocuments:
    """Every paper that a claim needs."""

    name: ClassVar[str] = "claim_documents"
    documents: tuple[str, ...]

    def missing(self, documents: Collection[str]) -> tuple[str, ...]:
        """The papers that were not put forward, in order."""
        return tuple(sorted(set(self.documents) - set(documents)))


@dataclass(frozen=True, slots=True)
class Reporting:
    """Reports fall due so many months after the award."""

    name: ClassVar[str] = "reporting"
    after_months: tuple[int, ...]

    def due_on(self, awarded_on: date) -> tuple[date, ...]:
        """The days on which reports fall due."""
        return tuple(add_months(awarded_on, months) for months in self.after_months)


class ClawbackTrigger(Enum):
    """What makes support due back."""

    RED_LETTER_INVOICE = "RED_LETTER_INVOICE"
    FALSE_STATEMENT = "FALSE_STATEMENT"
    MISUSE = "MISUSE"
    REPORT_MISSED = "REPORT_MISSED"
    CONTRACT_ENDED = "CONTRACT_ENDED"


@dataclass(frozen=True, slots=True)
class Clawback:
    """What is due back, with simple interest by the year of 365 days, and how long one is out."""

    name: ClassVar[str] = "clawback"
    triggers: tuple[ClawbackTrigger, ...]
    ratio: Fraction
    interest_per_year: Fraction
    exclusion_years: int

    def due(self, paid: Fen, *, trigger: ClawbackTrigger, days: int) -> Fen:
        """What must be paid back of a payment, cut to the fen.

        paid     fen
        days     from the payment to the demand
        returns  0 when the scheme does not claw back for this
        """
        if trigger not in self.triggers:
            return Fen(0)
        principal = paid.amount * self.ratio
        return _DOWN.to_fen(principal * (1 + self.interest_per_year * days / _DAYS_OF_YEAR))

    def excluded_until(self, found_on: date) -> date:
        """The first day on which the applicant may apply again."""
        return add_months(found_on, 12 * self.exclusion_years)
