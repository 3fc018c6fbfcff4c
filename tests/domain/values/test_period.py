"""Days, months and both ways to count them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import dates, integers

from evernormal.domain.values import DayCount, EmptyPeriod, Period, add_months

DAYS = dates(date(1990, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize("ends_on", [date(2026, 3, 1), date(2026, 2, 28)])
def test_a_period_without_a_day_is_refused(ends_on: date) -> None:
    with pytest.raises(EmptyPeriod) as refusal:
        Period(date(2026, 3, 1), ends_on)

    assert (refusal.value.starts_on, refusal.value.ends_on) == (date(2026, 3, 1), ends_on)


def test_days_of_the_published_example() -> None:
    window = Period.of_days(date(2025, 3, 1), date(2025, 12, 31))

    assert window.last_on == date(2025, 12, 31)
    assert window.count_days(DayCount.DIFFERENCE) == 305
    assert window.count_days(DayCount.INCLUSIVE) == 306


def test_one_day_has_difference_none() -> None:
    one = Period.of_days(date(2026, 1, 1), date(2026, 1, 1))

    assert (one.count_days(DayCount.DIFFERENCE), one.count_days(DayCount.INCLUSIVE)) == (0, 1)


@given(a=DAYS, long=integers(1, 500), b=DAYS, wide=integers(1, 500))
def test_overlap_holds_the_days_of_both(a: date, long: int, b: date, wide: int) -> None:
    one, other = Period(a, a + timedelta(long)), Period(b, b + timedelta(wide))
    both = one.overlap(other)

    days = [a + timedelta(n) for n in range(-1, long + 1)]
    shared = [day for day in days if one.holds(day) and other.holds(day)]
    found = [] if both is None else [both.starts_on + timedelta(n) for n in range(len(shared))]
    assert found == shared
    assert both is None or both.last_on == shared[-1]
    assert both == other.overlap(one)


def test_neighbours_share_no_day() -> None:
    first, second = date(2026, 1, 1), date(2026, 2, 1)

    assert Period(first, second).overlap(Period(second, date(2026, 3, 1))) is None


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 8, 31), 1, date(2026, 9, 30)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_months_end_where_the_month_ends(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later


@given(day=DAYS, months=integers(-600, 600))
def test_months_move_the_month_and_at_most_shorten_the_day(day: date, months: int) -> None:
    later = add_months(day, months)

    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(1)).day == 1)
