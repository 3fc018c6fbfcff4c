"""Forms about the voucher: how long it lives, what it buys, when it is called back."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from evernormal.domain.values import add_months


@dataclass(frozen=True, slots=True)
class VoucherTerm:
    """How many months after issue a voucher lapses."""

    name: ClassVar[str] = "voucher_term"
    months: int


@dataclass(frozen=True, slots=True)
class VoucherExtension:
    """A voucher may be extended by so many months, so many times."""

    name: ClassVar[str] = "voucher_extension"
    months: int
    times: int

    def extended(self, lapses_on: date, *, before: int) -> date | None:
        """The day on which an extended voucher lapses, or None when it may not be extended again.

        before   how often it was extended already
        """
        return add_months(lapses_on, self.months) if before < self.times else None


@dataclass(frozen=True, slots=True)
class DesignatedClasses:
    """The voucher pays for listed classes of card only."""

    name: ClassVar[str] = "designated_classes"
    device_classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IdleRecall:
    """What is left of a voucher not used for so many days goes back to the pot."""

    name: ClassVar[str] = "idle_recall"
    days: int

    def recalled_on(self, *, issued_on: date, last_used_on: date | None) -> date:
        """The first day on which the voucher counts as idle."""
        return max(issued_on, last_used_on or issued_on) + timedelta(days=self.days)
