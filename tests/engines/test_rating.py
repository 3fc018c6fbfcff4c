"""What the law on generated readings does not reach: limits, damaged files, texts of every kind."""

from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from evernormal.domain.market import Price, PriceList
from evernormal.domain.metering import DayUse
from evernormal.domain.values import CardSeconds, Fen, Period
from evernormal.engines.partitions import SumTooLarge
from evernormal.engines.rating import (
    Cuts,
    Readings,
    WrongReading,
    card_seconds_by_cell,
    card_seconds_of_files,
    plan_of,
    rate_files,
    uses_of,
)
from evernormal.engines.rating.kernels import add_readings
from evernormal.engines.rating.sums import card_seconds_within
from evernormal.engines.rating.views import numbers_of
from tests.domain.sample import order

ZONE = ZoneInfo("Asia/Shanghai")
MIDNIGHT = 1_772_380_800
"""2 March 2026, 00:00 in Shanghai."""
DAY = 86_400
CUTS = Cuts(np.array([0, 100, 250, 10_000], dtype=np.int64))
PRICES = PriceList([Price("P1", "910B", date(2026, 1, 1), None, Fen(100))])
PERIOD = Period(date(2026, 3, 1), date(2026, 4, 1))


def readings(*rows: tuple[int, int, int, int, int]) -> Readings:
    """Rows of group, start, end, cards and weight."""
    columns = list(zip(*rows, strict=True)) or [()] * 5
    kinds = (np.int32, np.int64, np.int64, np.int32, np.int8)
    return Readings(*(np.array(c, dtype=k) for c, k in zip(columns, kinds, strict=True)))


def test_a_reading_is_cut_at_each_edge_and_clipped_to_the_first_and_last() -> None:
    rows = readings(
        (1, -50, 20_000, 2, 1), (0, 99, 101, 3, 1), (0, 99, 100, 3, -1), (-1, 0, 9, 9, 1)
    )

    sums = card_seconds_by_cell(rows, CUTS, groups=2)

    assert sums.tolist() == [[0, 3, 0], [200, 300, 19_500]]


def test_each_group_has_a_period_of_its_own() -> None:
    rows = readings((0, 0, 300, 1, 1), (1, 0, 300, 1, 1))
    opens, closes = np.array([0, 100], np.int64), np.array([100, 250], np.int64)

    sums = card_seconds_within(rows, CUTS, opens=opens, closes=closes)

    assert sums.tolist() == [[100, 0, 0], [0, 150, 0]]


def test_the_compiled_sum_is_that_of_its_own_text() -> None:
    chance = np.random.default_rng(1)
    starts = chance.integers(-500, 11_000, 200)
    arguments = (
        CUTS.edges,
        CUTS.hints(),
        np.array([0, 100], np.int64),
        np.array([10_000, 250], np.int64),
        np.array([0, 3], np.int64),
        chance.integers(-1, 2, 200).astype(np.int32),
        starts,
        starts + chance.integers(-5, 9_000, 200),
        chance.integers(0, 99, 200).astype(np.int32),
        chance.choice(np.array([1, -1], np.int8), 200),
    )
    compiled, plain = np.zeros(6, np.int64), np.zeros(6, np.int64)

    bounds = [
        f(s, *arguments) for f, s in ((add_readings, compiled), (add_readings.py_func, plain))
    ]

    assert compiled.tolist() == plain.tolist()
    assert bounds[0] == bounds[1] > 0


@pytest.mark.parametrize("wrong", [(0, 0, 9, -1, 1), (0, 0, 9, 1, 2), (0, 0, 9, 1, -2)])
def test_a_damaged_reading_is_refused_with_its_place(wrong: tuple[int, int, int, int, int]) -> None:
    rows = readings((0, 0, 9, 1, 1), wrong)

    with pytest.raises(WrongReading, match="Reading 1 "):
        card_seconds_by_cell(rows, CUTS, groups=1)


def test_sums_that_may_not_fit_are_refused_and_none_wraps_round() -> None:
    years = Cuts(np.array([0, (1 << 31) - 1], dtype=np.int64))
    most = (0, 0, (1 << 31) - 1, (1 << 31) - 1, 1)

    one = card_seconds_by_cell(readings(most), years, groups=1)
    assert one.tolist() == [[((1 << 31) - 1) ** 2]]
    with pytest.raises(SumTooLarge):
        card_seconds_by_cell(readings(most, most, most), years, groups=1)


@pytest.mark.parametrize(
    "edges", [[0], [0, 0], [5, 4], [0, 1 << 31], np.array([0, 1], dtype=np.int32)]
)
def test_what_is_no_cuts(edges: object) -> None:
    array = edges if isinstance(edges, np.ndarray) else np.array(edges, dtype=np.int64)

    with pytest.raises(ValueError, match="rise"):
        Cuts(array)


# --- Texts ----------------------------------------------------------------------------------------


def test_texts_of_every_length_are_numbered_by_what_they_say() -> None:
    texts = [
        "",
        "短",
        "a",
        "twelve bytes",
        "thirteen bytes",
        "thirteen bytes!",
        "贵阳市算力券运营中心",
    ]
    known = {text: n for n, text in enumerate(texts)}
    column = pl.concat([pl.Series(texts * 3), pl.Series(["other", "no other", *texts])])

    rows, meant = numbers_of(column[2:], known, other=-7)

    assert meant[rows].tolist() == [known.get(text, -7) for text in column[2:]]


def test_more_distinct_texts_than_were_expected_are_numbered_too() -> None:
    texts = [f"contract number {n}" for n in range(40_000)]
    column = pl.Series(texts + texts[::-1])

    rows, meant = numbers_of(column, {text: n for n, text in enumerate(texts)}, other=-1)

    assert meant[rows].tolist() == [*range(40_000), *range(39_999, -1, -1)]


def test_a_column_without_rows_and_one_with_a_gap() -> None:
    rows, _ = numbers_of(pl.Series([], dtype=pl.String), {}, other=-1)
    assert rows.tolist() == []

    with pytest.raises(AssertionError, match="missing"):
        numbers_of(pl.Series(["a", None]), {}, other=-1)


# --- Files ----------------------------------------------------------------------------------------


def lake_file(path: Path, *rows: tuple[str, str, str, int, int, int, int]) -> Path:
    schema = {
        "contract_id": pl.String,
        "device_class": pl.String,
        "cluster": pl.String,
        "starts_at": pl.Int64,
        "ends_at": pl.Int64,
        "cards": pl.Int32,
        "weight": pl.Int8,
    }
    pl.DataFrame(list(rows), schema=schema, orient="row").write_parquet(path)
    return path


def test_one_pass_or_one_for_each_contract_gives_the_same(tmp_path: Path) -> None:
    orders = [
        order(n, contract_id=f"C{n % 3}", period=period)
        for n, period in enumerate([PERIOD] * 3 + [Period(date(2026, 4, 1), date(2026, 5, 1))] * 3)
    ]
    path = lake_file(
        tmp_path / "a.parquet",
        *(
            (f"C{n % 4}", "910B", "main", MIDNIGHT + n * DAY, MIDNIGHT + n * DAY + 60, 8, 1)
            for n in range(50)
        ),
    )

    in_one = sorted(rate_files([path], orders, prices=PRICES, zone=ZONE))
    in_three = sorted(rate_files([path], orders, prices=PRICES, zone=ZONE, cells_max=1))

    assert in_one == in_three
    assert sum(use.used.count for use in in_one) == sum(480 for n in range(50) if n % 4 != 3)


def test_the_sums_of_files_add_up_to_those_of_all(tmp_path: Path) -> None:
    plan = plan_of([order(period=PERIOD)], prices=PRICES, zone=ZONE)
    held = ("C1", "910B", "main", MIDNIGHT, MIDNIGHT + 3_600)
    first = lake_file(tmp_path / "1.parquet", (*held, 8, 1))
    # The second takes the first's reading back and says it again, longer.
    longer = (*held[:4], MIDNIGHT + 7_200, 8, 1)
    second = lake_file(tmp_path / "2.parquet", (*held, 8, -1), longer)

    parts = [card_seconds_of_files([path], plan) for path in (first, second)]

    assert (parts[0] + parts[1] == card_seconds_of_files([first, second], plan)).all()
    day = date(2026, 3, 2)
    assert uses_of(plan, parts[0] + parts[1]) == (DayUse("O1", day, "", CardSeconds(57_600)),)
    assert uses_of(plan, card_seconds_of_files([], plan)) == ()
    with pytest.raises(WrongReading, match="O1 has"):
        uses_of(plan, card_seconds_of_files([second], plan) - 2 * parts[0])


def test_a_long_reading_meets_every_day_of_its_order_only(tmp_path: Path) -> None:
    year = ("C1", "910B", "main", MIDNIGHT - 400 * DAY, MIDNIGHT + 400 * DAY, 1, 1)
    path = lake_file(tmp_path / "a.parquet", year)

    uses = list(rate_files([path], [order(period=PERIOD)], prices=PRICES, zone=ZONE))

    days = [PERIOD.starts_on + timedelta(n) for n in range(31)]
    assert uses == [DayUse("O1", day, "", CardSeconds(DAY)) for day in days]
