"""Instants at which days and their bands begin, also where clocks are moved."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from evernormal.domain.market import Band, Price, PriceKey, PriceList
from evernormal.domain.metering import cells_on, instant_of
from evernormal.domain.metering.cutting import DayCells
from evernormal.domain.values import Fen

KEY = PriceKey("P1", "910B")
BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("zone", "day", "minute", "utc"),
    [
        ("Asia/Shanghai", "2026-03-06", 0, "2026-03-05T16:00"),
        ("Asia/Shanghai", "2026-03-06", 1_320, "2026-03-06T14:00"),
        ("Asia/Shanghai", "2026-03-06", 1_440, "2026-03-06T16:00"),
        ("Europe/Berlin", "2026-03-29", 120, "2026-03-29T01:00"),  # leapt over
        ("Europe/Berlin", "2026-03-29", 150, "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-03-29", 180, "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-03-29", 181, "2026-03-29T01:01"),
        ("Europe/Berlin", "2026-10-25", 150, "2026-10-25T00:30"),  # shown twice
        ("Europe/Berlin", "2026-10-25", 180, "2026-10-25T02:00"),
        ("Asia/Beirut", "2026-03-29", 0, "2026-03-28T22:00"),  # midnight is leapt over
        ("Asia/Beirut", "2026-03-29", 30, "2026-03-28T22:00"),
        ("Asia/Beirut", "2026-10-25", 0, "2026-10-24T22:00"),  # 23 to 24 o'clock is shown twice
        ("Australia/Lord_Howe", "2026-10-04", 135, "2026-10-03T15:30"),  # leaps half an hour
    ],
)
def test_when_clocks_show_a_time_first_or_have_passed_it(
    zone: str, day: str, minute: int, utc: str
) -> None:
    found = instant_of(date.fromisoformat(day), minute, zone=ZoneInfo(zone))

    assert found == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def prices(*bands: Band) -> PriceList:
    return PriceList(Price("P1", "910B", date(2026, 1, 1), None, Fen(1), band=b) for b in bands)


def test_a_day_is_its_cells() -> None:
    listed = prices(Band("peak", ((480, 1_320),)))

    cells = cells_on(KEY, date(2026, 3, 6), prices=listed, zone=SHANGHAI)

    midnight = datetime(2026, 3, 5, 16, tzinfo=UTC)
    edges = [midnight + timedelta(hours=h) for h in (0, 8, 22, 24)]
    assert [(c.starts_at, c.ends_at, c.band) for c in cells] == [
        (edges[0], edges[1], ""),
        (edges[1], edges[2], "peak"),
        (edges[2], edges[3], ""),
    ]


def test_a_band_that_clocks_leap_over_has_no_cell_on_that_day() -> None:
    listed = prices(Band("small_hours", ((120, 180),)))

    bands = [c.band for c in cells_on(KEY, date(2026, 3, 29), prices=listed, zone=BERLIN)]

    assert bands == ["", ""]


def test_a_stretch_of_time_meets_the_cells_in_order() -> None:
    listed = prices(Band("peak", ((480, 1_320),)))
    cells = DayCells(KEY, prices=listed, zone=UTC)
    start = datetime(2026, 3, 6, 21, tzinfo=UTC)

    met = [(str(c.day), c.band, s) for c, s in cells.between(start, start + timedelta(hours=12))]

    assert met == [
        ("2026-03-06", "peak", 3_600),
        ("2026-03-06", "", 7_200),
        ("2026-03-07", "", 28_800),
        ("2026-03-07", "peak", 3_600),
    ]
    assert list(cells.between(start, start)) == []


def test_a_day_that_clocks_show_again_has_ended() -> None:
    """In St. John's clocks went back at 00:01, to 23:01 of the day before."""
    cells = DayCells(KEY, prices=prices(), zone=ZoneInfo("America/St_Johns"))
    second_half_past = datetime(2010, 11, 7, 3, tzinfo=UTC)

    met = cells.between(second_half_past, second_half_past + timedelta(hours=1))

    assert [(cell.day, seconds) for cell, seconds in met] == [(date(2010, 11, 7), 3_600)]
