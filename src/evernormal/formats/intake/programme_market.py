"""What programme.toml says of the market: clearing rounds, and the terms of the calendar."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

from evernormal.domain.allocation import CalendarTerms
from evernormal.formats.intake.programme_file import ProgrammeFile
from evernormal.formats.intake.year_input import RoundEntry
from evernormal.formats.problems import Problem

_HOURS_PER_DAY: Final = 24


def clearing_rounds_of(file: ProgrammeFile) -> tuple[RoundEntry, ...]:
    """The clearing rounds of a file without problems."""
    return tuple(
        RoundEntry(
            file.find("clearing_round", index, "folder"),
            file.find("clearing_round", index, "held_on"),
            file.find("clearing_round", index, "starts_on"),
        )
        for index in range(file.count("clearing_round"))
    )


def calendar_terms_of(file: ProgrammeFile) -> tuple[CalendarTerms, ...]:
    """The terms of the calendar of a file without problems."""
    return tuple(_terms_of(file, index) for index in range(file.count("calendar_terms")))


def market_problems(programme: ProgrammeFile) -> Iterator[Problem]:
    """Give what is wrong with clearing rounds and terms of the calendar, key by key."""
    yield from _rounds(programme)
    for index in range(programme.count("calendar_terms")):
        least = programme.find("calendar_terms", index, "idle_least")
        if isinstance(least, str) and Fraction(least) > 1:
            yield programme.problem(
                "calendar_terms",
                index,
                "idle_least",
                code="calendar.idle_share",
                message=f"{least} is more than all card-hours.",
                todo="Write a share of 0/1 to 1/1.",
            )


def _terms_of(file: ProgrammeFile, index: int) -> CalendarTerms:
    def found(name: str) -> Any:
        return file.find("calendar_terms", index, name)

    return CalendarTerms(
        starts_on=found("starts_on"),
        notice_hours=found("notice_days") * _HOURS_PER_DAY,
        idle_hours=found("idle_days") * _HOURS_PER_DAY,
        idle_least=Fraction(found("idle_least")),
        source=found("source"),
    )


def _rounds(programme: ProgrammeFile) -> Iterator[Problem]:
    opens_on, closes_on = programme.find("opens_on"), programme.find("closes_on")
    folders: set[str] = set()
    for index in range(programme.count("clearing_round")):
        folder, held_on, starts_on = (
            programme.find("clearing_round", index, name)
            for name in ("folder", "held_on", "starts_on")
        )
        place = ("clearing_round", index)
        if folder and folder in folders:
            message, todo = f"{folder} is another round's folder too.", "Name each round once."
            yield programme.problem(
                *place, "folder", code="round.twice", message=message, todo=todo
            )
        folders.add(folder or "")
        if held_on and starts_on and starts_on < held_on:
            message = f"{starts_on} is before held_on, {held_on}."
            todo = "Hold a round before its first hour."
            yield programme.problem(
                *place, "starts_on", code="round.starts_before_held", message=message, todo=todo
            )
        if held_on and opens_on and closes_on and not opens_on <= held_on <= closes_on:
            message = f"{held_on} is outside the programme, {opens_on} to {closes_on}."
            todo = "Correct it, or the programme's days."
            yield programme.problem(
                *place, "held_on", code="day.outside_programme", message=message, todo=todo
            )
