"""Sums of a lake are those of its readings, whatever is asked, merged or taken back."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evernormal.domain.metering import UsageKey, UsageRecord, day_slices, meter
from evernormal.domain.values import Period
from evernormal.store.queries.readings import days_of, frame_of
from evernormal.store.queries.usage import (
    OWNERS,
    Dimension,
    UsageFilter,
    UsageQuestion,
    UsageView,
    dimensions_of,
    use_of,
)
from evernormal.store.queries.usage_readings import (
    ReadingsQuestion,
    hours_of,
    place_of,
    readings_of,
)
from evernormal.store.usage_days import MERGED_AT_ONCE, day_files, merge_days
from evernormal.store.usage_lake import LakeFileMissing, UsageLake

pytestmark = pytest.mark.one_database

ZONE = "Asia/Shanghai"
SHANGHAI = ZoneInfo(ZONE)
SINCE = datetime(2026, 3, 1, tzinfo=UTC)
ALWAYS = Period(date(2020, 1, 1), date(2030, 1, 1))
CONTRACTS = {"a": "C1", "b": "C2", "c": "C3", "stranger": ""}
OWNED = pl.DataFrame(
    [("C1", "V-1", "S1"), ("C2", "V-2", "S1"), ("C3", "V-3", "S2")], schema=OWNERS, orient="row"
)
BY_ALL = (
    Dimension.VOUCHER,
    Dimension.APPLICANT,
    Dimension.PROVIDER,
    Dimension.DEVICE_CLASS,
    Dimension.DAY,
)
EVERYTHING = UsageFilter(with_others=True)

records = st.builds(
    lambda use, hours, cards, revision: UsageRecord(
        UsageKey(f"P{use % 2}", "c1", f"{use}", "H100" if use % 3 else "A100", _start(use)),
        account=sorted(CONTRACTS)[use % 4],
        cards=cards,
        ends_at=_start(use) + timedelta(hours=hours),
        is_final=True,
        state="COMPLETED",
        revision=revision,
    ),
    use=st.integers(0, 11),
    hours=st.integers(1, 60),
    cards=st.integers(0, 8),
    revision=st.integers(0, 10**6),
)
"""Twelve uses that are corrected again and again; equal revisions hardly meet."""


def _start(use: int) -> datetime:
    return SINCE + timedelta(hours=7 * use)


class Lake:
    """A lake that takes in batches as the platform does, and remembers what counts."""

    def __init__(self, folder: Path) -> None:
        self.lake = UsageLake(folder)
        self.names: list[str] = []
        self.known: dict[UsageKey, tuple[UsageRecord, int]] = {}

    def take(self, batch: Sequence[UsageRecord]) -> None:
        before = {key: record for key, (record, _) in self.known.items()}
        metered = meter(before, batch)
        if not metered.kept:
            return
        lines = {record: number for number, record in enumerate(batch, start=1)}
        readings = frame_of(metered, known=self.known, contracts=CONTRACTS, lines=lines)
        days = days_of(metered, contracts=CONTRACTS, zone=SHANGHAI)
        self.names.append(self.lake.write(readings, days))
        for record in metered.kept:
            _, version = self.known.get(record.key, (record, 0))
            self.known[record.key] = (record, version + 1)

    @property
    def view(self) -> UsageView:
        return UsageView(self.lake, tuple(self.names), OWNED)

    def expected(self) -> dict[tuple[object, ...], list[int]]:
        """Add up what counts, by the plain rule."""
        whose = {row[0]: row[1:] for row in OWNED.rows()} | {"": ("", "")}
        sums: dict[tuple[object, ...], list[int]] = {}
        for record, _ in self.known.values():
            owner = whose[CONTRACTS[record.account]]
            for place, (day, used) in enumerate(day_slices(record, within=ALWAYS, zone=SHANGHAI)):
                key = (*owner, record.key.provider_id, record.key.device_class, day)
                cell = sums.setdefault(key, [0, 0])
                cell[0] += used.count
                cell[1] += place == 0
        return sums


def sums_of(told: pl.DataFrame) -> dict[tuple[object, ...], list[int]]:
    return {tuple(row[:-2]): list(row[-2:]) for row in told.rows()}


@settings(max_examples=25)
@given(
    batches=st.lists(st.lists(records, min_size=1, max_size=12), min_size=1, max_size=40),
    by=st.lists(st.sampled_from(BY_ALL), unique=True, max_size=5),
    limit=st.integers(1, 7),
)
def test_any_sum_is_the_plain_one_merged_or_not_whole_or_by_pages(
    tmp_path_factory: pytest.TempPathFactory,
    batches: list[list[UsageRecord]],
    by: list[Dimension],
    limit: int,
) -> None:
    lake = Lake(tmp_path_factory.mktemp("lake"))
    for batch in batches:
        unique = {(record.key, record.revision): record for record in batch}
        known = {(r.key, r.revision) for r, _ in lake.known.values()}
        lake.take([record for key, record in unique.items() if key not in known])
    by_all = UsageQuestion(EVERYTHING, BY_ALL)
    assert sums_of(use_of(lake.view, by_all)) == lake.expected()

    merge_days(lake.lake, lake.names)

    assert sums_of(use_of(lake.view, by_all)) == lake.expected()
    places = [BY_ALL.index(each) for each in by]
    plain: Counter[tuple[object, ...]] = Counter()
    for key, (seconds, _) in lake.expected().items():
        plain[tuple(key[place] for place in places)] += seconds
    found = pages_of(lake.view, tuple(by), limit=limit) if by else use_of(lake.view, by_none())
    assert {tuple(row[:-2]): row[-2] for row in found.rows() if row[-2]} == dict(+plain)
    if by:
        assert found.sort(found.columns[: len(by)]).equals(found)


def by_none() -> UsageQuestion:
    return UsageQuestion(EVERYTHING)


def pages_of(view: UsageView, by: tuple[Dimension, ...], *, limit: int) -> pl.DataFrame:
    """Put the pages of an answer together."""
    pages = [use_of(view, UsageQuestion(EVERYTHING, by, limit=limit))]
    while len(pages[-1]) == limit:
        after = tuple(pages[-1].row(-1)[: len(by)])
        pages.append(use_of(view, UsageQuestion(EVERYTHING, by, after=after, limit=limit)))
    return pl.concat(pages)


def reading(use: int, *, revision: int = 0, hours: int = 30, account: str = "a") -> UsageRecord:
    key = UsageKey("P1", "c1", f"{use}", "H100", _start(use))
    ends_at = _start(use) + timedelta(hours=hours)
    return UsageRecord(key, account, 2, ends_at, True, "COMPLETED", revision)  # noqa: FBT003


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Give a lake with uses of two firms and of a stranger, one of them corrected."""
    made = Lake(tmp_path)
    made.take([reading(0), reading(1, account="c"), reading(2, account="stranger")])
    made.take([reading(0, revision=1, hours=10), reading(3, account="b")])
    return made


@pytest.mark.parametrize(
    ("where", "hours"),
    [
        (UsageFilter(), {"V-1": 10, "V-2": 30, "V-3": 30}),
        (UsageFilter(vouchers=frozenset({"V-1"})), {"V-1": 10}),
        (UsageFilter(applicants=frozenset({"S1"})), {"V-1": 10, "V-2": 30}),
        (UsageFilter(contracts=frozenset({"C3"})), {"V-3": 30}),
        (UsageFilter(providers=frozenset({"P1"}), with_others=True), {"": 30, "V-1": 10}),
        (UsageFilter(providers=frozenset({"P9"})), {}),
        (UsageFilter(device_classes=frozenset({"A100"})), {}),
        # 8:00 to 18:00 on 1 March in Shanghai, and 15:00 on 1 March to 21:00 on 2 March.
        (UsageFilter(until=date(2026, 3, 2)), {"V-1": 10, "V-3": 9}),
        (UsageFilter(since=date(2026, 3, 2), applicants=frozenset({"S2"})), {"V-3": 21}),
        (UsageFilter(vouchers=frozenset({"V-9"})), {}),
    ],
)
def test_a_filter_counts_only_its_own(
    lake: Lake, where: UsageFilter, hours: dict[str, int]
) -> None:
    told = use_of(lake.view, UsageQuestion(where, (Dimension.VOUCHER,)))

    found = {row[0]: row[1] // 7_200 for row in told.rows()}
    assert {name: found.get(name) for name in hours} == hours
    assert hours.keys() == found.keys() or where.with_others


def test_nothing_taken_in_is_nothing_used(tmp_path: Path) -> None:
    view = UsageView(UsageLake(tmp_path), (), OWNED)

    assert use_of(view, UsageQuestion(UsageFilter(), (Dimension.DAY,))).is_empty()
    assert use_of(view, UsageQuestion(UsageFilter())).is_empty()


def test_batches_that_no_manifest_names_do_not_count(lake: Lake) -> None:
    # As a power cut between the file and its row leaves them.
    lake.lake.write(pl.read_parquet(lake.lake.readings_file(lake.names[0])).head(1), _orphan(lake))
    only_first = UsageView(lake.lake, (lake.names[0],), OWNED)
    told = use_of(only_first, UsageQuestion(UsageFilter(vouchers=frozenset({"V-1"}))))

    assert told.row(0) == (30 * 7_200, 1)


def _orphan(lake: Lake) -> pl.DataFrame:
    return pl.read_parquet(lake.lake.days_file(lake.names[0]))


def test_sixteen_files_become_one_and_the_originals_stay(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for use in range(MERGED_AT_ONCE + 3):
        lake.take([reading(use)])
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.parquet")}

    assert merge_days(lake.lake, lake.names) == 1
    assert merge_days(lake.lake, lake.names) == 0

    assert sorted(len(file.names) for file in day_files(lake.lake, lake.names)) == [1, 1, 1, 16]
    assert all(path.read_bytes() == content for path, content in before.items())
    # A merged file stands for all of its batches or for none.
    some = lake.names[1:]
    assert [len(file.names) for file in day_files(lake.lake, some)] == [1] * len(some)


def test_two_hundred_and_fifty_six_files_become_one(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for use in range(MERGED_AT_ONCE**2):
        lake.take([reading(use)])

    assert merge_days(lake.lake, lake.names) == MERGED_AT_ONCE + 1
    assert [len(file.names) for file in day_files(lake.lake, lake.names)] == [MERGED_AT_ONCE**2]
    assert sums_of(use_of(lake.view, UsageQuestion(EVERYTHING, BY_ALL))) == lake.expected()


def test_a_file_that_is_gone_is_named(lake: Lake) -> None:
    lake.lake.days_file(lake.names[1]).unlink()

    with pytest.raises(LakeFileMissing, match=lake.names[1]):
        use_of(lake.view, UsageQuestion(UsageFilter()))


def test_readings_are_given_by_pages_and_what_was_taken_back_is_not(lake: Lake) -> None:
    starts_at, ends_at = hours_of(date(2026, 3, 1), date(2026, 3, 3), zone=ZONE)
    found: list[tuple[str, int]] = []
    after = None
    while True:
        question = ReadingsQuestion(UsageFilter(), starts_at, ends_at, after=after, limit=2)
        page = readings_of(lake.view, question)
        found += list(page.select("job", "revision").iter_rows())
        if len(page) < question.limit:
            break
        after = place_of(page)

    assert found == [("0", 1), ("1", 0), ("3", 0)]


@pytest.mark.parametrize(
    ("day", "jobs"),
    [(date(2026, 2, 28), []), (date(2026, 3, 1), ["0"]), (date(2026, 3, 2), [])],
)
def test_a_voucher_s_readings_of_a_day_are_those_that_ran_on_it(
    lake: Lake, day: date, jobs: list[str]
) -> None:
    starts_at, ends_at = hours_of(day, day + timedelta(days=1), zone=ZONE)
    where = UsageFilter(vouchers=frozenset({"V-1"}))

    page = readings_of(lake.view, ReadingsQuestion(where, starts_at, ends_at))

    assert page["job"].to_list() == jobs


def test_dimensions_are_read_by_name() -> None:
    assert dimensions_of("voucher, day") == (Dimension.VOUCHER, Dimension.DAY)
    assert dimensions_of("") == ()
    with pytest.raises(ValueError, match="There are voucher, applicant"):
        dimensions_of("colour")
    with pytest.raises(ValueError, match="names one twice"):
        dimensions_of("day,day")
