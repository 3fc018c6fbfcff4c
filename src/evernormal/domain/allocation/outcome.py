"""What a clearing round decided: whole cards for whole hours, and the price of scarcity."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from evernormal.domain.allocation.mechanism import Mechanism


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """Whole cards of one pool for a request, the same number in each of some hours in a row.

    A request may have several: on more than one pool, or with another number of cards later.
    A grant does not say whether its cards are reserved or open ones: the cards of a pool are
    alike, and what a group uses in an hour counts against its reserved cards first.

    cards    a multiple of the arc's gang, >= 1
    starts   first hour, counted from the start of the round, >= 0
    hours    how many hours in a row, >= 1
    """

    request_id: str
    pool_id: str
    cards: int
    starts: int
    hours: int

    def __post_init__(self) -> None:
        if self.cards < 1 or self.starts < 0 or self.hours < 1:
            raise ValueError(f"No grant is {self!r}")

    @property
    def ends(self) -> int:
        """The hour by which it is over: the first that is not in it."""
        return self.starts + self.hours

    @property
    def card_hours(self) -> int:
        """Cards times hours."""
        return self.cards * self.hours


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a clearing round decided.

    grants  in the order of request, pool and first hour
    prices  fen per card-hour of each pool, never below the posted price: what is above it is
            the pool's shadow price, what its scarcity is worth. No one is charged it; grants
            are paid at the posted price. Empty under a mechanism that has no prices
    gap     share of the best fractional objective that whole gangs may have lost, at most;
            None where the mechanism has no objective
    """

    round_id: str
    mechanism: Mechanism
    grants: tuple[Grant, ...]
    prices: Mapping[str, Fraction] = field(default_factory=dict)
    gap: Fraction | None = None

    def of(self, request_id: str) -> tuple[Grant, ...]:
        """The grants of one request."""
        return tuple(grant for grant in self.grants if grant.request_id == request_id)


def in_order(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """Grants as an outcome has them: by request, pool and first hour."""
    return tuple(sorted(grants, key=lambda grant: (grant.request_id, grant.pool_id, grant.starts)))
