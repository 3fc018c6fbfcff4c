"""Who waits for cards of a pool, in order, and who gets them when some come free."""

from dataclasses import dataclass

from evernormal.domain.allocation.calendar import Calendar, NotWholeGangs, Reservation
from evernormal.domain.errors import DomainError


class WaitingKnown(DomainError):
    """A place on the waitlist is asked for twice."""

    code = "calendar.waiting_known"

    def __init__(self, *, waiting_id: str) -> None:
        self.waiting_id = waiting_id
        super().__init__(f"{waiting_id} is on the waitlist. It keeps its place; leave it as it is.")


class UnknownWaiting(DomainError):
    """Somebody who does not wait is to leave the waitlist."""

    code = "calendar.unknown_waiting"

    def __init__(self, *, waiting_id: str) -> None:
        self.waiting_id = waiting_id
        super().__init__(f"{waiting_id} is not on the waitlist. Check its id.")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One place on a waitlist: a block of whole gangs for so many hours in a row.

    not_before, deadline   hours between which it must lie; a deadline of None is any hour
    """

    id: str
    cards: int
    gang_cards: int
    hours: int
    not_before: int = 0
    deadline: int | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Who was before it in the waitlist and did not fit, and how many cards were free for it."""

    waiting_id: str
    cards: int
    hours: int


@dataclass(frozen=True, slots=True)
class WaitingPromoted:
    """A place on the waitlist became a reservation.

    place         its place in the waitlist, 1 is first
    passed_over   those before it, in order: none of them fitted anywhere between its hours
    """

    reservation: Reservation
    place: int
    passed_over: tuple[PassedOver, ...]


@dataclass(frozen=True, slots=True)
class WaitingExpired:
    """A place on the waitlist whose deadline leaves too few hours."""

    waiting: Waiting


class Waitlist:
    """Places in the order in which they were taken."""

    def __init__(self) -> None:
        """Start with nobody."""
        self._waiting: dict[str, Waiting] = {}

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """Who waits, first come first."""
        return tuple(self._waiting.values())

    def join(self, waiting: Waiting) -> int:
        """Take the last place; returns it, 1 is first. Raises WaitingKnown, NotWholeGangs."""
        if waiting.id in self._waiting:
            raise WaitingKnown(waiting_id=waiting.id)
        cards, gang = waiting.cards, waiting.gang_cards
        if cards < 1 or gang < 1 or cards % gang or waiting.hours < 1:
            raise NotWholeGangs(reservation_id=waiting.id, cards=cards, gang_cards=gang)
        self._waiting[waiting.id] = waiting
        return len(self._waiting)

    def leave(self, waiting_id: str) -> Waiting:
        """Give up a place; those behind move up. Raises UnknownWaiting."""
        if waiting_id not in self._waiting:
            raise UnknownWaiting(waiting_id=waiting_id)
        return self._waiting.pop(waiting_id)

    def promote(
        self, calendar: Calendar, *, at: int, number: int, notice: int = 0
    ) -> tuple[WaitingPromoted | WaitingExpired, ...]:
        """Give free cards to those who wait, first come first; who does not fit is passed over.

        number   the first free number in the order of placing
        """
        said: list[WaitingPromoted | WaitingExpired] = []
        passed: list[PassedOver] = []
        for place, waiting in enumerate(self.waiting, start=1):
            earliest = max(at + notice, waiting.not_before)
            if waiting.deadline is not None and earliest + waiting.hours > waiting.deadline:
                said.append(WaitingExpired(self.leave(waiting.id)))
                continue
            starts = calendar.earliest_fit(
                waiting.cards, waiting.hours, not_before=earliest, deadline=waiting.deadline
            )
            if starts is None:
                passed.append(PassedOver(waiting.id, waiting.cards, waiting.hours))
                continue
            held = Reservation(
                waiting.id,
                waiting.cards,
                waiting.gang_cards,
                starts,
                starts + waiting.hours,
                waiting.priority,
                number,
            )
            calendar.place(held, at=at, notice=notice)
            number += 1
            self.leave(waiting.id)
            said.append(WaitingPromoted(held, place, tuple(passed)))
        return tuple(said)
