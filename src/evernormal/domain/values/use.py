"""Metered use of cards."""

from dataclasses import dataclass

from evernormal.domain.errors import DomainError


class NegativeUse(DomainError):
    """A quantity of use below zero."""

    code = "use.negative"

    def __init__(self, *, count: int) -> None:
        self.count = count
        super().__init__(f"{count} card-seconds: use cannot be negative. Check start and end.")


@dataclass(frozen=True, slots=True, order=True)
class CardSeconds:
    """Use of one device class: cards times seconds. 3,600 of them are one card-hour (卡时)."""

    count: int

    def __post_init__(self) -> None:
        if type(self.count) is not int:
            raise TypeError(f"CardSeconds takes a whole number, got {self.count!r}")
        if self.count < 0:
            raise NegativeUse(count=self.count)

    def __add__(self, other: "CardSeconds") -> "CardSeconds":
        return CardSeconds(self.count + other.count)
