"""The calendar of a pool: which cards are reserved in which hours."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from evernormal.domain.allocation.calendar_profile import FOREVER, Profile
from evernormal.domain.errors import DomainError


class NoRoomOnCalendar(DomainError):
    """A reservation asked for more cards than are free in one of its hours."""

    code = "calendar.no_room"

    def __init__(self, *, reservation_id: str, cards: int, free: int) -> None:
        self.reservation_id, self.cards, self.free = reservation_id, cards, free
        super().__init__(
            f"Reservation {reservation_id} asks for {cards} cards; {free} are free in all of its "
            "hours. Ask for fewer cards or other hours, or join the waitlist."
        )


class NoticeTooShort(DomainError):
    """A reservation would start, or change, sooner than the notice allows."""

    code = "calendar.notice_too_short"

    def __init__(self, *, reservation_id: str, starts: int, earliest: int) -> None:
        self.reservation_id, self.starts, self.earliest = reservation_id, starts, earliest
        super().__init__(
            f"Reservation {reservation_id} would start at hour {starts}; after the notice, hour "
            f"{earliest} is the earliest. Start it later."
        )


class NotWholeGangs(DomainError):
    """A reservation is no block of whole gangs for whole hours."""

    code = "calendar.not_whole_gangs"

    def __init__(self, *, reservation_id: str, cards: int, gang_cards: int) -> None:
        self.reservation_id, self.cards, self.gang_cards = reservation_id, cards, gang_cards
        super().__init__(
            f"Reservation {reservation_id} of {cards} cards is not in whole gangs of {gang_cards} "
            "for at least an hour. Correct its cards or hours."
        )


class ReservationKnown(DomainError):
    """A reservation's id stands on the calendar."""

    code = "calendar.reservation_known"

    def __init__(self, *, reservation_id: str) -> None:
        self.reservation_id = reservation_id
        super().__init__(
            f"Reservation {reservation_id} is on the calendar. Amend it, or use a new id."
        )


class UnknownReservation(DomainError):
    """A reservation is not on the calendar."""

    code = "calendar.unknown_reservation"

    def __init__(self, *, reservation_id: str) -> None:
        self.reservation_id = reservation_id
        super().__init__(f"Reservation {reservation_id} is not on the calendar. Check its id.")


class ReservationOver(DomainError):
    """What has happened cannot be changed."""

    code = "calendar.reservation_over"

    def __init__(self, *, reservation_id: str, ends: int, at: int) -> None:
        self.reservation_id, self.ends, self.at = reservation_id, ends, at
        super().__init__(
            f"Reservation {reservation_id} has hours before hour {at} that would change, or was "
            f"over at hour {ends}. Change only the hours that are to come."
        )


@dataclass(frozen=True, slots=True)
class Reservation:
    """The same cards in each of some hours in a row.

    cards       a multiple of `gang_cards`
    starts      first hour; hours count from where the calendar's owner says
    ends        the hour by which it is over, after `starts`
    priority    who keeps its cards longer when some are withdrawn: the higher
    number      its place in the order of placing, no two alike on a calendar
    """

    id: str
    cards: int
    gang_cards: int
    starts: int
    ends: int
    priority: int = 0
    number: int = 0

    @property
    def card_hours(self) -> int:
        """Cards times hours."""
        return self.cards * (self.ends - self.starts)


@dataclass(frozen=True, slots=True)
class ReservationPlaced:
    """A reservation stands on the calendar."""

    reservation: Reservation


@dataclass(frozen=True, slots=True)
class ReservationAmended:
    """A reservation has other cards or hours; what it no longer has is free."""

    before: Reservation
    after: Reservation


@dataclass(frozen=True, slots=True)
class ReservationCancelled:
    """A reservation is off the calendar from an hour on; what it used before stays."""

    reservation: Reservation
    freed_from: int


@dataclass(frozen=True, slots=True)
class SpotOffer:
    """Cards that nobody has reserved in some hours: on offer until a reservation needs them."""

    cards: int
    starts: int
    ends: int


class Calendar:
    """Reservations of one pool. Every method does all of its work, or raises and does none."""

    def __init__(self, pool_id: str, cards: int) -> None:
        """Start without a reservation; `cards` are there in every hour, but those withdrawn."""
        if cards < 0:
            raise ValueError(f"Pool {pool_id} cannot have {cards} cards")
        self.pool_id, self.cards = pool_id, cards
        self._reservations: dict[str, Reservation] = {}
        self._profile = Profile()

    @property
    def reservations(self) -> tuple[Reservation, ...]:
        """All of them, in the order of placing."""
        return tuple(sorted(self._reservations.values(), key=lambda r: (r.number, r.id)))

    def get(self, reservation_id: str) -> Reservation:
        """The reservation with this id. Raises UnknownReservation."""
        if reservation_id not in self._reservations:
            raise UnknownReservation(reservation_id=reservation_id)
        return self._reservations[reservation_id]

    def free(self, *, starts: int, ends: int) -> int:
        """Cards that are free in every hour from `starts` to before `ends`."""
        return self.cards - self._profile.most(starts=starts, ends=ends)

    def earliest_fit(
        self, cards: int, hours: int, *, not_before: int, deadline: int | None = None
    ) -> int | None:
        """The first hour from which so many cards are free for so many hours in a row.

        deadline   hour by which they must be over; None: any
        returns    None where they fit nowhere
        """
        if cards > self.cards:
            return None
        return self._profile.first_gap(
            hours,
            most=self.cards - cards,
            not_before=not_before,
            ends=FOREVER if deadline is None else deadline,
        )

    def place(self, reservation: Reservation, *, at: int, notice: int = 0) -> ReservationPlaced:
        """Put a reservation on the calendar.

        at       the hour of the decision
        notice   hours that must lie between the decision and the first hour
        raises   ReservationKnown, NotWholeGangs, NoticeTooShort, NoRoomOnCalendar
        source   docs/rules/reservations.md
        """
        if reservation.id in self._reservations:
            raise ReservationKnown(reservation_id=reservation.id)
        if reservation.starts < at + notice:
            raise NoticeTooShort(
                reservation_id=reservation.id, starts=reservation.starts, earliest=at + notice
            )
        self._demand_room(reservation)
        self._put(reservation)
        return ReservationPlaced(reservation)

    def cancel(self, reservation_id: str, *, at: int) -> ReservationCancelled:
        """Take a reservation off the calendar from an hour on.

        A reservation that has not started goes altogether; one that has ends at that hour.
        raises   UnknownReservation, ReservationOver
        """
        found = self.get(reservation_id)
        if found.ends <= at:
            raise ReservationOver(reservation_id=reservation_id, ends=found.ends, at=at)
        self._take(found)
        if found.starts < at:
            self._put(replace(found, ends=at))
        return ReservationCancelled(found, freed_from=max(at, found.starts))

    def amend(self, wanted: Reservation, *, at: int, notice: int = 0) -> ReservationAmended:
        """Give a reservation other cards or hours; its id, place in the order and gang stay.

        One that has started keeps its first hour and its cards, and may end at another hour to
        come. One that has not may change all, and starts after the notice where it starts anew.
        raises   UnknownReservation, ReservationOver, NotWholeGangs, NoticeTooShort,
                 NoRoomOnCalendar; then the calendar is as it was
        """
        before = self.get(wanted.id)
        after = replace(wanted, number=before.number, gang_cards=before.gang_cards)
        if before.starts < at:
            kept = (before.starts, before.cards) == (after.starts, after.cards)
            if not kept or min(before.ends, after.ends) < at:
                raise ReservationOver(reservation_id=wanted.id, ends=before.ends, at=at)
        elif after.starts != before.starts and after.starts < at + notice:
            raise NoticeTooShort(
                reservation_id=wanted.id, starts=after.starts, earliest=at + notice
            )
        self.put_back(after)
        return ReservationAmended(before, after)

    def spot(self, *, starts: int, ends: int, gang_cards: int = 1) -> tuple[SpotOffer, ...]:
        """What is left in each stretch of hours, in whole gangs: on offer until it is reserved."""
        offers: list[SpotOffer] = []
        for start, end, used in self._profile.between(starts=starts, ends=ends):
            cards = max(self.cards - used, 0) // gang_cards * gang_cards
            if offers and offers[-1].cards == cards and offers[-1].ends == start:
                offers[-1] = replace(offers[-1], ends=end)
            elif cards:
                offers.append(SpotOffer(cards, start, end))
        return tuple(offers)

    def withdraw(self, cards: int, *, starts: int, ends: int) -> None:
        """Count cards as not there in some hours; `calendar_preemption` makes room for it first.

        raises   NoRoomOnCalendar
        """
        free = self.free(starts=starts, ends=ends)
        if cards > free:
            raise NoRoomOnCalendar(reservation_id=self.pool_id, cards=cards, free=free)
        self._profile.add(cards, starts=starts, ends=ends)

    def put_back(self, reservation: Reservation) -> None:
        """Let a reservation stand as said, whatever of it is on the calendar now.

        raises   NotWholeGangs, NoRoomOnCalendar; then the calendar is as it was
        """
        now = self._reservations.get(reservation.id)
        if now is not None:
            self._take(now)
        try:
            self._demand_room(reservation)
        except DomainError:
            if now is not None:
                self._put(now)
            raise
        self._put(reservation)

    def short_of(self, cards: int, *, starts: int, ends: int) -> list[tuple[int, int, int]]:
        """(starts, ends, cards missing) wherever fewer than so many cards are free."""
        steps = self._profile.between(starts=starts, ends=ends)
        short = [(start, end, used + cards - self.cards) for start, end, used in steps]
        return [step for step in short if step[2] > 0]

    def meeting(self, stretches: Iterable[tuple[int, int, int]]) -> list[Reservation]:
        """Reservations with an hour in any of (starts, ends, …), in the order of placing."""
        spans = list(stretches)
        first, last = min(s[0] for s in spans), max(s[1] for s in spans)
        near = [r for r in self.reservations if r.starts < last and first < r.ends]
        return [r for r in near if any(r.starts < s[1] and s[0] < r.ends for s in spans)]

    def _demand_room(self, reservation: Reservation) -> None:
        cards, gang = reservation.cards, reservation.gang_cards
        if cards < 1 or gang < 1 or cards % gang or reservation.ends <= reservation.starts:
            raise NotWholeGangs(reservation_id=reservation.id, cards=cards, gang_cards=gang)
        free = self.free(starts=reservation.starts, ends=reservation.ends)
        if cards > free:
            raise NoRoomOnCalendar(reservation_id=reservation.id, cards=cards, free=free)

    def _put(self, reservation: Reservation) -> None:
        self._reservations[reservation.id] = reservation
        self._profile.add(reservation.cards, starts=reservation.starts, ends=reservation.ends)

    def _take(self, reservation: Reservation) -> None:
        del self._reservations[reservation.id]
        self._profile.add(-reservation.cards, starts=reservation.starts, ends=reservation.ends)
