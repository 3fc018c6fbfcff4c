"""Law 6.

The same usage record, sent any number of times in any order and any split, is charged once and
to the same fen.
"""

from dataclasses import replace
from datetime import UTC, date, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import (
    DrawFn,
    booleans,
    composite,
    integers,
    lists,
    permutations,
)

from evernormal.domain.market import Price, PriceList
from evernormal.domain.metering import UsageKey, UsageRecord, charges_due, meter, use_by_day
from evernormal.domain.values import Fen
from evernormal.store.models import Charge
from tests.actions.office import Year, rolled_back, small_order, usage_file
from tests.actions.reading import books_hold, run, use_holds
from tests.domain.sample import order, record

PRICES = PriceList([Price("P1", "910B", date(2026, 1, 1), None, Fen(777))])
FIRST_FILE_ON = date(2026, 2, 10)
Batches = list[list[UsageRecord]]


@composite
def jobs(draw: DrawFn, number: int) -> list[UsageRecord]:
    """A job's final reading, readings while it ran (earlier, later, none), and corrections."""
    starts = draw(integers(0, 60))
    long = draw(integers(1, 30))
    final = record(str(number), starts=starts, ends=starts + long, cards=draw(integers(1, 4)))
    seen = draw(lists(integers(1, 40), max_size=2, unique=True))
    running = [
        replace(record(str(number), starts=starts, ends=starts + n, final=False), cards=final.cards)
        for n in seen
    ]
    corrections = [
        replace(final, revision=number, cards=draw(integers(0, 4)))
        for number in range(1, draw(integers(1, 3)))
    ]
    return [*running, final, *corrections]


@composite
def sendings(draw: DrawFn, most: int = 5) -> tuple[list[UsageRecord], Batches]:
    """Readings, and the same sent in batches: shuffled, some twice."""
    readings = [r for n in range(draw(integers(1, most))) for r in draw(jobs(n))]
    again = [r for r in readings if draw(booleans())]
    sent = list(draw(permutations([*readings, *again])))
    cuts = sorted(draw(lists(integers(0, len(sent)), max_size=3)))
    edges = [0, *cuts, len(sent)]
    return readings, [sent[a:b] for a, b in pairwise(edges)]


def charged(batches: Batches) -> dict[tuple[date, str], tuple[int, Fen]]:
    """Card-seconds and fen by day after the batches, each metered and charged as it comes."""
    known: dict[UsageKey, UsageRecord] = {}
    sums: dict[tuple[date, str], tuple[int, Fen]] = {}
    asked = order()
    for batch in batches:
        known |= {r.key: r for r in meter(known, batch).kept}
        uses = use_by_day(asked, known.values(), prices=PRICES, zone=UTC)
        for charge in charges_due(asked, uses, prices=PRICES, charged=dict(sums)):
            seconds, fen = sums.get((charge.day, charge.band), (0, Fen(0)))
            sums[charge.day, charge.band] = (seconds + charge.used_seconds, fen + charge.amount)
    return {cell: used for cell, used in sums.items() if used != (0, Fen(0))}


@given(sending=sendings())
def test_any_order_number_and_split_is_charged_as_one_batch(
    sending: tuple[list[UsageRecord], Batches],
) -> None:
    readings, batches = sending

    assert charged(batches) == charged([readings])
    finals = [r for r in readings if r.is_final]
    assert charged([finals]) == charged([readings])


def stored(batches: Batches, *, card_hours: int) -> tuple[dict[date, int], int]:
    """Fen charged by day and the voucher's part of all, through the acts and the database."""
    files = tuple(
        usage_file(str(n), FIRST_FILE_ON + timedelta(n), *batch) for n, batch in enumerate(batches)
    )
    placed = small_order(card_hours=card_hours)
    closes_on = FIRST_FILE_ON + timedelta(len(batches))
    with rolled_back():
        desk = Year(orders=(placed,), usage=files, closes_on=closes_on).desk()
        run(desk)
        books_hold()
        use_holds(desk)
        by_day: dict[date, int] = {}
        voucher = 0
        rows = Charge.objects.values_list("day", "amount_fen", "voucher_fen")
        for day, fen, part in rows:
            by_day[day] = by_day.get(day, 0) + fen
            voucher += part
        return {day: fen for day, fen in by_day.items() if fen}, voucher


@pytest.mark.django_db
@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(sending=sendings(most=2), card_hours=integers(1, 90))
def test_stored_charges_and_the_vouchers_part_are_those_of_one_batch(
    sending: tuple[list[UsageRecord], Batches], card_hours: int
) -> None:
    readings, batches = sending

    assert stored(batches, card_hours=card_hours) == stored([readings], card_hours=card_hours)


@pytest.mark.django_db
def test_the_voucher_pays_for_later_use_what_a_correction_gave_back() -> None:
    """The smallest case of the law: the hold was used up by a reading that proved too long."""
    running, final = record("1", ends=2, cards=1, final=False), record("1", cards=1)
    other = record("2", cards=1)

    assert stored([[running], [final], [other]], card_hours=2) == stored(
        [[running, final, other]], card_hours=2
    )
