"""Cards that a provider keeps for a group of customers: said openly, and never more than it has."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from evernormal.domain.errors import DomainError


class CustomerGroup(Enum):
    """For whom cards are kept."""

    INTERNAL = "INTERNAL"
    PRIORITY = "PRIORITY"
    PUBLIC = "PUBLIC"
    VOUCHER = "VOUCHER"


class ReservedBeyondCapacity(DomainError):
    """More cards are kept for groups than there are."""

    code = "market.reserved_beyond_capacity"

    def __init__(self, *, reserved: str, capacity: str) -> None:
        self.reserved, self.capacity = reserved, capacity
        super().__init__(
            f"{reserved} are kept for groups, of {capacity}. Lower a share, or declare more cards."
        )


@dataclass(frozen=True, slots=True)
class ReservedShares:
    """Whole cards of a pool that are kept for groups; what is left is open to all.

    cards   of the pool, >= 0
    kept    cards by group, each >= 0, together at most `cards`
    """

    cards: int
    kept: Mapping[CustomerGroup, int]

    def __post_init__(self) -> None:
        if min(self.kept.values(), default=0) < 0 or self.cards < 0:
            raise ValueError(f"Cards cannot be fewer than none: {self!r}")
        total = sum(self.kept.values())
        if total > self.cards:
            raise ReservedBeyondCapacity(reserved=f"{total}", capacity=f"{self.cards}")

    @property
    def open_cards(self) -> int:
        """Cards that are kept for nobody."""
        return self.cards - sum(self.kept.values())

    @property
    def by_group_name(self) -> dict[str, int]:
        """What `Pool.reserved` takes: cards by the group's name, groups with none left out."""
        return {group.value: self.kept[group] for group in CustomerGroup if self.kept.get(group, 0)}


def reserve_shares(cards: int, shares: Mapping[CustomerGroup, Fraction]) -> ReservedShares:
    """Turn shares of a pool into whole cards.

    cards    of the pool, >= 0
    shares   0 to 1 of the cards, by group
    returns  each share rounded down: a card that is not wholly kept is open to all
    raises   ReservedBeyondCapacity when the shares are more than all
    """
    total = sum(shares.values(), Fraction(0))
    if total > 1:
        raise ReservedBeyondCapacity(reserved=f"{total}", capacity="1")
    return ReservedShares(cards, {group: int(cards * share) for group, share in shares.items()})
