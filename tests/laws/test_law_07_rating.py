"""Law 7: rating in any order or split gives the same charge."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis.strategies import DrawFn, composite, integers, lists, permutations, sampled_from

from evernormal.domain.market import Price, PriceList
from evernormal.domain.metering import Charge, UsageRecord, charges_due, use_by_day
from evernormal.domain.values import Fen
from tests.domain.sample import order, record

START = datetime(2026, 3, 27, tzinfo=UTC)
PRICES = PriceList(
    [
        Price("P1", "910B", date(2026, 1, 1), date(2026, 3, 29), Fen(777)),
        Price("P1", "910B", date(2026, 3, 29), None, Fen(1_001)),
    ]
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
    uses = use_by_day(asked, records, zone=ZoneInfo(zone))
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
    sums: dict[date, tuple[int, Fen]] = {}
    for known in (records[:size], records):
        uses = use_by_day(asked, known, zone=ZoneInfo(zone))
        for charge in charges_due(asked, uses, prices=PRICES, charged=dict(sums)):
            seconds, fen = sums.get(charge.day, (0, Fen(0)))
            sums[charge.day] = (seconds + charge.used_seconds, fen + charge.amount)

    assert sums == {c.day: (c.used_seconds, c.amount) for c in charges(records, zone)}
