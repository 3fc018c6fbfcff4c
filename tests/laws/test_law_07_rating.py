"""Law 7: rating in any order or split gives the same charge."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis.strategies import (
    DrawFn,
    composite,
    dates,
    integers,
    lists,
    permutations,
    sampled_from,
    sets,
)

from evernormal.domain.market import Band, ExchangeRate, Price, PriceList
from evernormal.domain.metering import Charge, UsageRecord, charges_due, day_slices, use_by_day
from evernormal.domain.values import Fen
from tests.domain.sample import order, record

START = datetime(2026, 3, 27, tzinfo=UTC)
PEAK = Band("peak", ((480, 720), (840, 1_320)), frozenset(range(5)))
NIGHT = Band("night", ((0, 150), (1_380, 1_440)))
CHANGE_ON = date(2026, 3, 29)
PRICES = PriceList(
    [
        Price("P1", "910B", date(2026, 1, 1), CHANGE_ON, Fen(777), minimum=Fen(300_000)),
        Price("P1", "910B", CHANGE_ON, None, Fen(101), currency="USD", minimum=Fen(90_001)),
        Price("P1", "910B", date(2026, 3, 28), None, Fen(1_333), band=PEAK),
        Price("P1", "910B", date(2026, 1, 1), None, Fen(55), band=NIGHT, currency="USD"),
    ],
    [ExchangeRate("USD", date(2026, 1, 1), None, Fraction("7.1234"))],
)
ZONES = sampled_from(["Asia/Shanghai", "Europe/Berlin"])


@composite
def readings(draw: DrawFn) -> UsageRecord:
    starts_at = START + timedelta(seconds=draw(integers(0, 300_000)))
    plain = record(str(draw(integers(1, 99))))
    return replace(
        plain,
        key=replace(plain.key, starts_at=starts_at),
        ends_at=starts_at + timedelta(seconds=draw(integers(0, 200_000))),
        cards=draw(integers(1, 8)),
    )


def split(reading: UsageRecord, seconds: int) -> list[UsageRecord]:
    """The same use in two readings that meet."""
    cut = reading.key.starts_at + timedelta(seconds=seconds)
    if cut >= reading.ends_at:
        return [reading]
    later = replace(reading, key=replace(reading.key, starts_at=cut))
    return [replace(reading, ends_at=cut), later]


def charges(records: list[UsageRecord], zone: str) -> tuple[Charge, ...]:
    asked = order()
    uses = use_by_day(asked, records, prices=PRICES, zone=ZoneInfo(zone))
    return charges_due(asked, uses, prices=PRICES, charged={})


@composite
def shuffled_splits(draw: DrawFn) -> tuple[list[UsageRecord], list[UsageRecord]]:
    whole = draw(lists(readings(), max_size=6))
    parts = [part for r in whole for part in split(r, draw(integers(1, 200_000)))]
    return whole, list(draw(permutations(parts)))


@given(pair=shuffled_splits(), zone=ZONES)
def test_any_order_and_split_gives_the_same_charges(
    pair: tuple[list[UsageRecord], list[UsageRecord]], zone: str
) -> None:
    whole, parts = pair

    assert charges(parts, zone) == charges(whole, zone)


@given(records=lists(readings(), max_size=6), zone=ZONES, size=integers(0, 6))
def test_charging_in_two_goes_adds_up_to_charging_once(
    records: list[UsageRecord], zone: str, size: int
) -> None:
    asked = order()
    sums: dict[tuple[date, str], tuple[int, Fen]] = {}
    for known in (records[:size], records):
        uses = use_by_day(asked, known, prices=PRICES, zone=ZoneInfo(zone))
        for charge in charges_due(asked, uses, prices=PRICES, charged=dict(sums)):
            seconds, fen = sums.get((charge.day, charge.band), (0, Fen(0)))
            sums[charge.day, charge.band] = (seconds + charge.used_seconds, fen + charge.amount)

    # A minimum that later use made needless was charged back: nothing is left of it.
    left = {cell: so_far for cell, so_far in sums.items() if so_far != (0, Fen(0))}
    assert left == {(c.day, c.band): (c.used_seconds, c.amount) for c in charges(records, zone)}


@given(
    before=lists(readings(), max_size=4),
    after=lists(readings(), max_size=4),
    zone=ZONES,
    touched=sets(dates(date(2026, 3, 26), date(2026, 4, 3))),
)
def test_the_days_that_are_asked_about_are_charged_as_in_all(
    before: list[UsageRecord], after: list[UsageRecord], zone: str, touched: set[date]
) -> None:
    """Also when use is taken away: what is charged of a day depends on no other day."""
    charged = {(c.day, c.band): (c.used_seconds, c.amount) for c in charges(before, zone)}
    asked = order()
    uses = use_by_day(asked, after, prices=PRICES, zone=ZoneInfo(zone))

    of_all = charges_due(asked, uses, prices=PRICES, charged=charged)
    of_touched = charges_due(
        asked,
        [use for use in uses if use.day in touched],
        prices=PRICES,
        charged={cell: sums for cell, sums in charged.items() if cell[0] in touched},
    )

    assert of_touched == tuple(charge for charge in of_all if charge.day in touched)


@given(records=lists(readings(), max_size=6), zone=ZONES)
def test_bands_cut_a_day_and_lose_nothing_of_it(records: list[UsageRecord], zone: str) -> None:
    asked = order()
    uses = use_by_day(asked, records, prices=PRICES, zone=ZoneInfo(zone))
    by_day: dict[date, int] = defaultdict(int)
    for use in uses:
        by_day[use.day] += use.used.count

    whole: dict[date, int] = defaultdict(int)
    for each in records:
        for day, used in day_slices(each, within=asked.period, zone=ZoneInfo(zone)):
            whole[day] += used.count
    assert by_day == whole


@given(records=lists(readings(), min_size=1, max_size=6), zone=ZONES)
def test_a_day_with_use_is_charged_its_minimum_or_more(
    records: list[UsageRecord], zone: str
) -> None:
    sums: dict[date, int] = defaultdict(int)
    for charge in charges(records, zone):
        sums[charge.day] += charge.amount.amount

    for day, fen in sums.items():
        assert fen >= PRICES.minimum_on(order().price_key, day).amount
