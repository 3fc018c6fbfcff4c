"""Who goes first when a pool withdraws cards: spot, then the lowest claim, in whole gangs."""

from dataclasses import dataclass, replace

from evernormal.domain.allocation.calendar import Calendar, Reservation
from evernormal.domain.errors import DomainError


class WithdrawalExceedsPool(DomainError):
    """More cards are withdrawn in an hour than the pool has left."""

    code = "calendar.withdrawal_exceeds_pool"

    def __init__(self, *, pool_id: str, cards: int, left: int) -> None:
        self.pool_id, self.cards, self.left = pool_id, cards, left
        super().__init__(
            f"Pool {pool_id} cannot withdraw {cards} cards: in one of the hours it has {left} that "
            "are not withdrawn or used up already. Withdraw at most that."
        )


@dataclass(frozen=True, slots=True)
class ReservationPreempted:
    """A reservation lost cards because the pool did.

    after    what is left of it, or None: one that has started keeps all its cards or ends; one
             that has not may come with fewer gangs
    """

    before: Reservation
    after: Reservation | None

    @property
    def card_hours_lost(self) -> int:
        """Card-hours that it does not get."""
        return self.before.card_hours - (0 if self.after is None else self.after.card_hours)


@dataclass(frozen=True, slots=True)
class CardsWithdrawn:
    """Cards of a pool are not there in some hours.

    from_spot    the fewest cards that were free in any of the hours: taken before any reservation
    preempted    in the order in which they lost their cards
    """

    cards: int
    starts: int
    ends: int
    from_spot: int
    preempted: tuple[ReservationPreempted, ...]


def withdraw_cards(
    calendar: Calendar, cards: int, *, starts: int, ends: int, at: int
) -> CardsWithdrawn:
    """Take cards out of a pool in some hours to come, and cards from reservations if need be.

    Cards that are free go first. What an hour is still short of is taken from reservations that
    have it: the lowest priority first, and the last placed first among equals. What turns out not
    to be needed is given back, the best claim first: so nobody loses a gang that could stay, and
    nobody loses anything while a lower claim still has what would have done.

    at       the hour of the decision, not after `starts`
    raises   WithdrawalExceedsPool; then the calendar is as it was
    source   docs/rules/reservations.md
    """
    from_spot = min(max(calendar.free(starts=starts, ends=ends), 0), cards)
    short = calendar.short_of(cards, starts=starts, ends=ends)
    order = sorted(calendar.meeting(short) if short else [], key=_claim)
    gone: list[Reservation] = []
    for held in order:
        if not short:
            break
        if _meets(held, short):
            calendar.cancel(held.id, at=max(at, starts))
            gone.append(held)
            short = calendar.short_of(cards, starts=starts, ends=ends)
    if short:
        left = cards - max(step[2] for step in short)
        for held in gone:
            calendar.put_back(held)
        raise WithdrawalExceedsPool(pool_id=calendar.pool_id, cards=cards, left=left)
    calendar.withdraw(cards, starts=starts, ends=ends)
    kept = {held.id: _given_back(calendar, held, at=max(at, starts)) for held in reversed(gone)}
    lost = [ReservationPreempted(held, kept[held.id]) for held in gone if kept[held.id] != held]
    return CardsWithdrawn(cards, starts, ends, from_spot, tuple(lost))


def _claim(held: Reservation) -> tuple[int, int, str]:
    """Who loses first: sorted from the lowest claim to the best."""
    return (held.priority, -held.number, held.id)


def _meets(held: Reservation, short: list[tuple[int, int, int]]) -> bool:
    return any(held.starts < end and start < held.ends for start, end, _ in short)


def _given_back(calendar: Calendar, held: Reservation, *, at: int) -> Reservation | None:
    """Give a stopped reservation back as many cards as there is room for; say what it has."""
    if held.starts < at:
        free = calendar.free(starts=at, ends=held.ends)
        after = held if free >= held.cards else replace(held, ends=at)
    else:
        free = calendar.free(starts=held.starts, ends=held.ends)
        cards = min(free, held.cards) // held.gang_cards * held.gang_cards
        after = replace(held, cards=cards)
    if not after.cards:
        return None
    calendar.put_back(after)
    return after
