"""Forms that say who is paid, out of which money, and in which parts."""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import ClassVar

from evernormal.domain.policy.text import Text
from evernormal.domain.values import Fen, Rounding, RoundingMode, pro_rata

_DOWN = Rounding(RoundingMode.TRUNCATE)


class Payee(Enum):
    """Who receives the money. EITHER: the side that claims. NOBODY: support in kind."""

    APPLICANT = "APPLICANT"
    PROVIDER = "PROVIDER"
    EITHER = "EITHER"
    NOBODY = "NOBODY"


@dataclass(frozen=True, slots=True)
class PayeeRule:
    """Who is paid under the scheme."""

    name: ClassVar[str] = "payee"
    payee: Payee


@dataclass(frozen=True, slots=True)
class PotTranche:
    """From the first day of a month on, this much more of the year's pot may be awarded.

    Months follow each other from the one in which the programme year opens.
    """

    month: int
    ratio: Fraction


@dataclass(frozen=True, slots=True)
class Pot:
    """The money of one programme year. Without tranches all of it may be awarded at once."""

    name: ClassVar[str] = "pot"
    amount: Fen
    tranches: tuple[PotTranche, ...] = ()

    def released_on(self, day: date, *, pot: Fen, opens_on: date) -> Fen:
        """How much of a year's pot may have been awarded up to and with a day.

        pot      fen appropriated for the year
        opens_on first day of the programme year; a tranche of an earlier month comes in the next
                 calendar year
        returns  fen, cut to the fen
        """
        if not self.tranches:
            return pot
        months = (day.year - opens_on.year) * 12 + day.month - opens_on.month
        released = [t.ratio for t in self.tranches if (t.month - opens_on.month) % 12 <= months]
        return _DOWN.to_fen(pot.amount * sum(released, Fraction(0)))


@dataclass(frozen=True, slots=True)
class FundingShare:
    """What one level of government bears of each payment."""

    funder: str
    label: Text
    ratio: Fraction


@dataclass(frozen=True, slots=True)
class FundingSplit:
    """How levels of government share the cost. The ratios together are 1."""

    name: ClassVar[str] = "funding_split"
    shares: tuple[FundingShare, ...]

    def split(self, amount: Fen) -> tuple[Fen, ...]:
        """Share an amount; the parts add up to it, and a spare fen goes to the largest remainder.

        returns  fen by share, in the order of the shares
        source   docs/rules/funding.md
        """
        whole = 1
        for share in self.shares:
            whole *= share.ratio.denominator
        weights = [int(share.ratio * whole) for share in self.shares]
        # Weights of the size of the amount let `pro_rata` share all of it.
        scaled = [weight * max(amount.amount, 1) for weight in weights]
        return tuple(Fen(part) for part in pro_rata(scaled, amount.amount))


class TrancheRelease(Enum):
    """What releases a part of an award."""

    AWARD = "AWARD"
    REPORT = "REPORT"


@dataclass(frozen=True, slots=True)
class Tranche:
    """A part of an award and what releases it."""

    ratio: Fraction
    on: TrancheRelease


@dataclass(frozen=True, slots=True)
class Tranches:
    """An award in parts. The ratios together are 1."""

    name: ClassVar[str] = "tranches"
    parts: tuple[Tranche, ...]

    def split(self, amount: Fen) -> tuple[Fen, ...]:
        """Cut an award into its parts, each cut to the fen; the last has what is left.

        returns  fen by part, in the order of the parts
        """
        parts = [_DOWN.to_fen(amount.amount * tranche.ratio) for tranche in self.parts[:-1]]
        return (*parts, Fen(amount.amount - sum(part.amount for part in parts)))

    def released_on(self, release: TrancheRelease, amount: Fen) -> tuple[Fen, ...]:
        """The parts of an award that one kind of event releases, in their order."""
        parts = zip(self.parts, self.split(amount), strict=True)
        return tuple(fen for part, fen in parts if part.on is release)


@dataclass(frozen=True, slots=True)
class ReserveFund:
    """A share of each voucher is advanced to the provider and set off against its claims."""

    name: ClassVar[str] = "reserve_fund"
    ratio: Fraction

    def advance_of(self, face: Fen) -> Fen:
        """What is advanced for a voucher, cut to the fen."""
        return _DOWN.to_fen(face.amount * self.ratio)
