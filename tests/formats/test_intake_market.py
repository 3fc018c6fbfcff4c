"""What programme.toml says of the market: clearing rounds, and the terms of the calendar."""

from datetime import date
from fractions import Fraction

import pytest

from evernormal.domain.allocation import CalendarTerms
from evernormal.formats.intake.year_input import RoundEntry
from tests.formats.broken_folder import PROGRAMME, sound_folder
from tests.formats.test_intake_modes import places, read

TERMS = """
[[calendar_terms]]
starts_on = 2025-01-01
notice_days = 3
idle_days = 7
idle_least = "1/10"
source = "the notice of 2025-01-01, item 4"
"""
ROUND = """
[[clearing_round]]
folder = "rounds/march"
held_on = 2025-03-01
starts_on = 2025-03-10
"""


def with_text(*texts: str) -> dict[str, bytes]:
    return {**sound_folder(), "programme.toml": "".join([PROGRAMME, *texts]).encode()}


def test_terms_of_the_calendar_and_rounds_are_read() -> None:
    programme = read(with_text(TERMS, ROUND)).programme

    assert programme.calendar_terms == (
        CalendarTerms(
            starts_on=date(2025, 1, 1),
            notice_hours=72,
            idle_hours=168,
            idle_least=Fraction(1, 10),
            source="the notice of 2025-01-01, item 4",
        ),
    )
    assert programme.clearing_rounds == (
        RoundEntry("rounds/march", date(2025, 3, 1), date(2025, 3, 10)),
    )


@pytest.mark.parametrize(
    ("texts", "column", "code"),
    [
        ((TERMS.replace("1/10", "3/2"),), "calendar_terms[1].idle_least", "calendar.idle_share"),
        ((ROUND, ROUND), "clearing_round[2].folder", "round.twice"),
        (
            (ROUND.replace("03-10", "02-28"),),
            "clearing_round[1].starts_on",
            "round.starts_before_held",
        ),
        (
            (ROUND.replace("held_on = 2025", "held_on = 2024"),),
            "clearing_round[1].held_on",
            "day.outside_programme",
        ),
    ],
)
def test_what_cannot_be(texts: tuple[str, ...], column: str, code: str) -> None:
    assert [(place[0], place[2], place[3]) for place in places(with_text(*texts))] == [
        ("programme.toml", column, code)
    ]
