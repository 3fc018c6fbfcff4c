"""The terms of a calendar as dated values: how much notice, and when idle cards go back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from evernormal.domain.allocation.calendar import Calendar, Reservation
from evernormal.domain.errors import DomainError


class NoCalendarTerms(DomainError):
    """A day before the first terms of a calendar."""

    code = "calendar.no_terms"

    def __init__(self, *, day: date) -> None:
        self.day = day
        super().__init__(f"The calendar has no terms in force on {day}. Add dated terms.")


@dataclass(frozen=True, slots=True)
class CalendarTerms:
    """What a pool's owner promises and asks of reservations, from a day on.

    notice_hours   hours that must lie between a decision and the first hour that it reserves
    idle_hours     hours that are looked back on for idle cards, >= 1
    idle_least     share of the card-hours of those hours below which a reservation is idle, 0 to 1
    source         where the terms were published
    """

    starts_on: date
    notice_hours: int
    idle_hours: int
    idle_least: Fraction
    source: str

    def __post_init__(self) -> None:
        if self.notice_hours < 0 or self.idle_hours < 1 or not 0 <= self.idle_least <= 1:
            raise ValueError(f"No calendar has such terms: {self!r}")


@dataclass(frozen=True, slots=True)
class IdleCardsRecalled:
    """A reservation gave its cards back because it hardly used them.

    freed_from    the hour from which its cards are free
    used, least   card-hours used in the hours looked back on; fewer than `least` is idle
    """

    reservation: Reservation
    freed_from: int
    used: int
    least: Fraction


def terms_on(terms: Sequence[CalendarTerms], day: date) -> CalendarTerms:
    """The terms in force on a day. Raises NoCalendarTerms before the first."""
    in_force = [term for term in terms if term.starts_on <= day]
    if not in_force:
        raise NoCalendarTerms(day=day)
    return max(in_force, key=lambda term: term.starts_on)


def recall_idle(
    calendar: Calendar,
    *,
    used: Mapping[str, int],
    at: int,
    terms: CalendarTerms,
    told_until: int | None = None,
) -> tuple[IdleCardsRecalled, ...]:
    """Take back the cards of reservations that hardly used them.

    Only a reservation that has had its cards for all of the hours looked back on, and still has
    hours to come, can be idle. Its cards are free once the notice has run.
    used         card-hours used by reservation id in the `idle_hours` before `told_until`; none
                 said is none
    at           the hour of the decision
    told_until   the hour up to which use is known, at most `at`; None: `at`
    source       docs/rules/reservations.md
    """
    known = at if told_until is None else told_until
    recalled = []
    for held in calendar.reservations:
        freed_from = at + terms.notice_hours
        if held.starts > known - terms.idle_hours or held.ends <= freed_from:
            continue
        least = terms.idle_least * held.cards * terms.idle_hours
        if used.get(held.id, 0) < least:
            calendar.cancel(held.id, at=freed_from)
            recalled.append(IdleCardsRecalled(held, freed_from, used.get(held.id, 0), least))
    return tuple(recalled)
