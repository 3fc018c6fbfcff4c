"""Which reading counts, and its use by day."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis.strategies import integers, sampled_from

from evernormal.domain.metering import (
    ConflictingUsage,
    Metered,
    UsageKey,
    UsageRecord,
    day_slices,
    meter,
)
from evernormal.domain.values import CardSeconds, Period
from tests.domain.sample import record

FINAL = record(ends=2)
RUNNING = record(ends=1, final=False)
RUNNING_LATER = record(ends=3, final=False)
CORRECTED = replace(FINAL, ends_at=RUNNING.ends_at, revision=1)
WITHDRAWN = replace(FINAL, cards=0, revision=2)


def known(*records: UsageRecord) -> dict[UsageKey, UsageRecord]:
    return {r.key: r for r in records}


@pytest.mark.parametrize(
    ("before", "incoming", "kept", "duplicates"),
    [
        (None, FINAL, FINAL, 0),
        (None, RUNNING, RUNNING, 0),
        (RUNNING, FINAL, FINAL, 0),
        (RUNNING_LATER, FINAL, FINAL, 0),  # final beats provisional, also when it ends earlier
        (RUNNING, RUNNING_LATER, RUNNING_LATER, 0),
        (RUNNING_LATER, RUNNING, None, 1),
        (RUNNING, RUNNING, None, 1),
        (FINAL, RUNNING_LATER, None, 1),
        (FINAL, FINAL, None, 1),
        (FINAL, CORRECTED, CORRECTED, 0),
        (CORRECTED, FINAL, None, 1),
        (CORRECTED, RUNNING_LATER, None, 1),
        (CORRECTED, CORRECTED, None, 1),
        (CORRECTED, WITHDRAWN, WITHDRAWN, 0),
    ],
)
def test_which_reading_counts(
    before: UsageRecord | None, incoming: UsageRecord, kept: UsageRecord | None, duplicates: int
) -> None:
    superseded = (before,) if before and kept else ()
    expected = Metered((kept,) if kept else (), superseded, duplicates)

    assert meter(known(before) if before else {}, [incoming]) == expected
    if before is not None:
        # In one batch, either way round, one of two readings of a use says nothing new.
        once = Metered((kept or before,), (), duplicates=1)
        assert meter({}, [before, incoming]) == meter({}, [incoming, before]) == once


@pytest.mark.parametrize(
    "other",
    [
        replace(FINAL, ends_at=FINAL.ends_at + timedelta(seconds=1)),
        replace(FINAL, cards=9),
        replace(FINAL, account="lab-2"),
        replace(FINAL, state="FAILED"),
    ],
)
def test_two_final_readings_that_differ_are_refused(other: UsageRecord) -> None:
    with pytest.raises(ConflictingUsage) as refusal:
        meter(known(FINAL), [other])
    assert (refusal.value.known, refusal.value.incoming) == (FINAL, other)
    with pytest.raises(ConflictingUsage):
        meter({}, [FINAL, other])


def test_two_corrections_of_one_revision_that_differ_are_refused() -> None:
    with pytest.raises(ConflictingUsage):
        meter(known(CORRECTED), [replace(CORRECTED, cards=1)])


@pytest.mark.parametrize(
    "key",
    [
        replace(FINAL.key, job="2"),
        replace(FINAL.key, cluster="other"),
        replace(FINAL.key, provider_id="P2"),
        replace(FINAL.key, device_class="H20"),
        replace(FINAL.key, starts_at=FINAL.key.starts_at + timedelta(seconds=1)),
    ],
)
def test_another_key_is_another_use(key: UsageKey) -> None:
    requeued = replace(FINAL, key=key)

    assert meter(known(FINAL), [requeued]) == Metered((requeued,), (), duplicates=0)


def test_what_is_kept_is_in_the_order_of_keys() -> None:
    records = [record(job) for job in ("3", "1", "2")]

    assert [r.key.job for r in meter({}, records).kept] == ["1", "2", "3"]


def test_two_readings_of_a_running_job_at_one_moment_give_one_result_in_any_order() -> None:
    one, other = replace(RUNNING, cards=4), replace(RUNNING, cards=8)

    results = []
    for batch in ([one, other], [other, one]):
        try:
            results.append(meter({}, batch).kept)
        except ConflictingUsage:
            results.append(())
    assert results[0] == results[1]


SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
LONG = Period(date(2020, 1, 1), date(2030, 1, 1))


def used(start: datetime, end: datetime, cards: int = 1) -> UsageRecord:
    return UsageRecord(
        UsageKey("P1", "main", "1", "910B", start), "lab", cards, end, is_final=True, state=""
    )


def hours(slices: list[tuple[date, CardSeconds]]) -> list[tuple[str, float]]:
    return [(day.isoformat(), seconds.count / 3_600) for day, seconds in slices]


@pytest.mark.parametrize("written_in", [UTC, SHANGHAI, timezone(timedelta(hours=-5))])
def test_use_is_cut_at_local_midnight_whatever_zone_it_was_written_in(
    written_in: timezone | ZoneInfo,
) -> None:
    start = datetime(2026, 4, 1, 22, 30, tzinfo=SHANGHAI).astimezone(written_in)
    end = datetime(2026, 4, 3, 1, 0, tzinfo=SHANGHAI).astimezone(written_in)

    assert hours(day_slices(used(start, end, 8), within=LONG, zone=SHANGHAI)) == [
        ("2026-04-01", 12.0),
        ("2026-04-02", 192.0),
        ("2026-04-03", 8.0),
    ]


@pytest.mark.parametrize("written_in", [UTC, BERLIN])
@pytest.mark.parametrize(("month", "day", "long"), [(3, 29, 23.0), (10, 25, 25.0), (7, 1, 24.0)])
def test_days_on_which_clocks_change_have_their_real_length(
    month: int, day: int, long: float, written_in: timezone | ZoneInfo
) -> None:
    middle = date(2026, month, day)
    start = datetime.combine(middle - timedelta(1), time(12), tzinfo=BERLIN)
    end = datetime.combine(middle + timedelta(1), time(12), tzinfo=BERLIN)

    slices = day_slices(
        used(start.astimezone(written_in), end.astimezone(written_in)), within=LONG, zone=BERLIN
    )

    assert hours(slices) == [
        ((middle - timedelta(1)).isoformat(), 12.0),
        (middle.isoformat(), long),
        ((middle + timedelta(1)).isoformat(), 12.0),
    ]


@pytest.mark.parametrize("written_in", [UTC, BERLIN])
def test_an_hour_that_the_clock_shows_twice_counts(written_in: timezone | ZoneInfo) -> None:
    start = datetime(2026, 10, 25, 0, 30, tzinfo=UTC).astimezone(written_in)
    end = datetime(2026, 10, 25, 1, 30, tzinfo=UTC).astimezone(written_in)

    assert hours(day_slices(used(start, end), within=LONG, zone=BERLIN)) == [("2026-10-25", 1.0)]


def test_a_midnight_that_does_not_exist_is_cut_where_the_day_begins() -> None:
    beirut = ZoneInfo("Asia/Beirut")  # 2026-03-29: from 24:00 the clock shows 01:00
    start = datetime(2026, 3, 28, 20, 0, tzinfo=beirut).astimezone(UTC)
    end = datetime(2026, 3, 29, 2, 0, tzinfo=beirut).astimezone(UTC)

    assert hours(day_slices(used(start, end), within=LONG, zone=beirut)) == [
        ("2026-03-28", 4.0),
        ("2026-03-29", 1.0),
    ]


ONE_DAY = Period(date(2026, 4, 2), date(2026, 4, 3))


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [
        ("2026-04-01T00:00", "2026-04-02T00:00", None),
        ("2026-04-01T00:00", "2026-04-02T00:01", 60),
        ("2026-04-02T23:59", "2026-04-03T08:00", 60),
        ("2026-04-03T00:00", "2026-04-03T08:00", None),
        ("2026-04-01T00:00", "2026-04-09T00:00", 86_400),
        ("2026-04-02T08:00", "2026-04-02T08:00", None),
        ("2026-04-02T08:00", "2026-04-02T07:00", None),
    ],
)
def test_use_is_clipped_to_the_period(start: str, end: str, seconds: int | None) -> None:
    first, last = (datetime.fromisoformat(t).replace(tzinfo=SHANGHAI) for t in (start, end))
    slices = day_slices(used(first, last), within=ONE_DAY, zone=SHANGHAI)

    assert slices == ([] if seconds is None else [(date(2026, 4, 2), CardSeconds(seconds))])


def test_no_card_or_no_whole_second_is_no_use() -> None:
    start = datetime(2026, 4, 2, 8, tzinfo=UTC)

    assert day_slices(used(start, start + timedelta(hours=1), 0), within=LONG, zone=UTC) == []
    assert day_slices(used(start, start + timedelta(seconds=0.9)), within=LONG, zone=UTC) == []


@given(
    start=sampled_from([1_774_600_000, 1_792_700_000, 1_772_900_000]),  # before clocks change
    later=integers(0, 300_000),
    long=integers(0, 400_000),
    cards=integers(1, 9),
    zone=sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Beirut"]),
)
def test_slices_add_up_to_the_use(start: int, later: int, long: int, cards: int, zone: str) -> None:
    first = datetime.fromtimestamp(start + later, UTC)
    use = used(first, first + timedelta(seconds=long), cards)

    slices = day_slices(use, within=LONG, zone=ZoneInfo(zone))

    assert sum(seconds.count for _, seconds in slices) == long * cards
    assert [day for day, _ in slices] == sorted({day for day, _ in slices})


def test_clocks_that_go_back_over_midnight_make_one_longer_day() -> None:
    st_johns = ZoneInfo("America/St_Johns")  # on 7 November 2010, 00:01 became 23:01 of the 6th
    start = datetime(2010, 11, 6, 12, 30, tzinfo=UTC)
    period = Period(date(2010, 1, 1), date(2011, 1, 1))

    slices = day_slices(used(start, start + timedelta(days=2)), within=period, zone=st_johns)

    assert hours(slices) == [("2010-11-06", 14.0), ("2010-11-07", 25.0), ("2010-11-08", 9.0)]
    # 23:31 for the second time: the 6th has ended.
    late = datetime(2010, 11, 7, 3, 1, tzinfo=UTC)
    slices = day_slices(used(late, late + timedelta(hours=1)), within=period, zone=st_johns)
    assert hours(slices) == [("2010-11-07", 1.0)]
