"""Who pays a charge: one voucher after the other, in the order of burning, and the user the rest.

A voucher's part is its share of the running total that was charged to it, so that the split of use
into readings, files and days never changes it (docs/rules/rating.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from evernormal.domain.metering.rating import Charge
from evernormal.domain.values import Fen, Period, Rounding


@dataclass(frozen=True, slots=True)
class Payer:
    """A voucher that pays for an order, under the contract whose award it was issued for.

    share       of a charge that it pays, 0 to 1, rounded as its scheme rounds
    charged     fen charged to it before, of which it paid `captured`
    held        fen by which its part can still rise
    reversible  fen by which its part can still fall
    covered     days of use that it pays for
    """

    contract_id: str
    share: Fraction
    rounding: Rounding
    charged: Fen
    captured: Fen
    held: Fen
    reversible: Fen
    covered: Period


@dataclass(frozen=True, slots=True)
class Part:
    """What is charged to one payer of one charge: `amount` in fen, of it the voucher's part.

    seconds  card-seconds of the charge that this part counts for
    """

    contract_id: str
    amount: Fen
    voucher: Fen
    seconds: int


def share_out(charges: Sequence[Charge], payers: Sequence[Payer]) -> list[tuple[Part, ...]]:
    """Say who pays each charge.

    charges  of one order, in order of days
    payers   in the order of burning; every charge's day is covered by one of them
    returns  the parts of each charge, at least one each; they add up to it in fen and in seconds.
             Each payer takes what it needs to spend its voucher; the last takes all that is
             left. What is charged back is taken from the last that has something first.
    """
    taps = [_Tap(payer) for payer in payers]
    return [_parts(charge, [tap for tap in taps if tap.covers(charge.day)]) for charge in charges]


def _parts(charge: Charge, taps: "Sequence[_Tap]") -> tuple[Part, ...]:
    if charge.amount.amount < 0:
        amounts = _taken_back(charge.amount, taps)
    else:
        amounts = _laid_on(charge.amount, taps)
    parts, seconds_left, left = [], charge.used_seconds, charge.amount
    for number, (tap, amount) in enumerate(amounts, start=1):
        is_last = number == len(amounts)
        seconds = seconds_left if is_last else seconds_left * amount.amount // left.amount
        parts.append(Part(tap.payer.contract_id, amount, tap.charge(amount), seconds))
        seconds_left, left = seconds_left - seconds, left - amount
    return tuple(parts)


def _laid_on(amount: Fen, taps: "Sequence[_Tap]") -> "list[tuple[_Tap, Fen]]":
    left, amounts = amount, []
    for tap in taps[:-1]:
        taken = min(left, tap.room)
        if taken.amount:
            amounts.append((tap, taken))
            left -= taken
    return [*amounts, (taps[-1], left)] if left.amount or not amounts else amounts


def _taken_back(amount: Fen, taps: "Sequence[_Tap]") -> "list[tuple[_Tap, Fen]]":
    left, amounts = amount, []
    for tap in reversed(taps[1:]):
        taken = max(left, Fen(-tap.charged.amount))
        if taken.amount:
            amounts.append((tap, taken))
            left -= taken
    return [*amounts, (taps[0], left)] if left.amount or not amounts else amounts


class _Tap:
    """A payer while charges are laid on it."""

    def __init__(self, payer: Payer) -> None:
        self.payer = payer
        self.charged, self._captured = payer.charged, payer.captured

    def covers(self, day: date) -> bool:
        return self.payer.covered.holds(day)

    @property
    def room(self) -> Fen:
        """What can be charged until its share has spent all that the voucher has for it."""
        payer, spent = self.payer, (self.payer.captured + self.payer.held).amount
        if not payer.share:
            return Fen(0)
        # The rounded share rises with the total: halve the distance to the least that spends all.
        low, high = -1, int((spent + payer.rounding.unit_fen) / payer.share) + 1
        while low + 1 < high:
            middle = (low + high) // 2
            if payer.rounding.to_fen(middle * payer.share).amount >= spent:
                high = middle
            else:
                low = middle
        return max(Fen(high) - self.charged, Fen(0))

    def charge(self, amount: Fen) -> Fen:
        """Add to what is charged; the change of the voucher's part."""
        payer, before = self.payer, self._captured
        self.charged += amount
        reached = payer.rounding.to_fen(self.charged.amount * payer.share)
        least, most = payer.captured - payer.reversible, payer.captured + payer.held
        self._captured = min(max(reached, least), most)
        return self._captured - before
