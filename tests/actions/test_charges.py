"""Charges: the voucher's part by any split and order, corrections down, and what stops them."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from functools import partial

import pytest

from evernormal.actions.applications import assess_application, award_application, issue_voucher
from evernormal.actions.desk import Desk
from evernormal.actions.expiry import expire_hold, lapse_voucher
from evernormal.actions.holds import place_order
from evernormal.actions.programme import open_programme
from evernormal.actions.usage import accept_usage
from evernormal.domain.metering import ConflictingUsage, UsageRecord
from evernormal.domain.values import Fen, Period
from evernormal.domain.voucher import VoucherExpired
from evernormal.store.models import Allocation, Charge, Hold
from tests.actions.office import APPLIED_ON, Year, rolled_back, small_order, usage_file
from tests.actions.reading import (
    acts,
    all_rows,
    books_hold,
    readings,
    run,
    voucher_parts,
    voucher_row,
)
from tests.domain.sample import contract, record

pytestmark = pytest.mark.django_db

D = date
FIRST_DAY = D(2026, 2, 10)
Batches = list[list[UsageRecord]]


def year_of(batches: Batches, **changes: object) -> Year:
    files = tuple(
        usage_file(str(n), FIRST_DAY + timedelta(n), *records) for n, records in enumerate(batches)
    )
    plain = Year(orders=(small_order(),), usage=files)
    return replace(plain, **changes)  # type: ignore[arg-type]


def charged(batches: Batches, **changes: object) -> tuple[dict[date, int], int]:
    """Fen charged by day, and the voucher's part, after a year with these files."""
    with rolled_back():
        run(year_of(batches, **changes).desk())
        books_hold()
        by_day: dict[date, int] = {}
        for day, fen in Charge.objects.values_list("day", "amount_fen"):
            by_day[day] = by_day.get(day, 0) + fen
        return by_day, voucher_parts("O1")


LONG = record("1", ends=2, cards=1, final=False)
SHORT = record("1", ends=1, cards=1)
MORE = record("2", ends=1, cards=1)
NEXT_DAY = record("3", starts=30, ends=31, cards=1)


def test_the_voucher_pays_at_most_what_was_held() -> None:
    # The hold is 1,000; four card-hours at 10.00 are 4,000, half of it 2,000.
    assert charged([[record("1", ends=4, cards=1)]]) == ({D(2026, 2, 1): 4_000}, 1_000)


@pytest.mark.parametrize(
    "batches",
    [
        [[LONG], [SHORT]],
        [[LONG], [SHORT], [MORE]],
        [[LONG, MORE], [SHORT]],
        [[LONG], [SHORT, MORE, NEXT_DAY]],
        [[LONG], [MORE, NEXT_DAY], [SHORT]],
        [[LONG], [SHORT], [MORE], [NEXT_DAY], [SHORT]],
    ],
)
def test_a_correction_down_leaves_what_one_batch_would_have_given(batches: Batches) -> None:
    together = [[reading for batch in batches for reading in batch]]

    assert charged(batches) == charged(together)


def test_a_correction_down_goes_back_to_the_voucher() -> None:
    run(year_of([[LONG], [SHORT]]).desk())

    rows = Charge.objects.order_by("id").values_list("charge_id", "amount_fen", "voucher_fen")
    assert list(rows) == [
        ("CH-O1-20260201-1", 2_000, 1_000),
        ("CH-O1-20260201-2", -1_000, -500),
    ]
    voucher = voucher_row()
    assert (voucher.face_fen, voucher.captured_fen, voucher.lapsed_fen) == (50_000, 500, 0)
    books_hold()


def test_a_reading_that_moves_to_another_account_is_charged_there_only() -> None:
    contracts = (contract(1), contract(2))
    orders = (small_order(1), small_order(2))
    moved = replace(record("1", cards=1), account="lab-2")
    running = record("1", cards=1, final=False)

    run(year_of([[running], [moved]], contracts=contracts, orders=orders).desk())

    sums = {"O1": 0, "O2": 0}
    for order_id, fen in Charge.objects.values_list("order_id", "amount_fen"):
        sums[order_id] += fen
    assert sums == {"O1": 0, "O2": 1_000}


def test_the_rest_of_a_hold_is_held_again_until_it_is_used_up() -> None:
    batches = [[record("1", cards=1)], [record("2", cards=1)]]

    run(year_of(batches).desk())

    rows = Hold.objects.order_by("id").values_list("hold_id", "amount_fen", "state")
    assert list(rows) == [("H-O1-1", 1_000, "CAPTURED"), ("H-O1-2", 500, "CAPTURED")]
    books_hold()


def test_files_that_say_nothing_new_charge_nothing() -> None:
    run(year_of([[SHORT, MORE], [MORE, SHORT], [SHORT]]).desk())

    assert acts("CHARGE") == ["CHARGE/O1/usage/0.json"]
    assert [row["job"] for row in readings()] == ["1", "2"]


def test_use_of_no_contract_of_ours_is_kept_and_not_charged() -> None:
    run(year_of([[replace(SHORT, account="stranger")]]).desk())

    assert [row["contract_id"] for row in readings()] == [""]
    assert not Charge.objects.exists()


def test_a_file_with_a_contradiction_is_refused_whole() -> None:
    desk = year_of([[SHORT], [MORE, replace(SHORT, cards=2)]]).desk()
    open_programme(desk)
    accept_usage(desk, desk.year.usage[0])
    before = all_rows()

    with pytest.raises(ConflictingUsage):
        accept_usage(desk, desk.year.usage[1])

    assert all_rows() == before


def supported(desk: Desk) -> None:
    """Open, assess, award and issue, without any hold."""
    open_programme(desk)
    for contract_id in sorted(desk.year.contracts):
        assess_application(desk, contract_id)
        award = award_application(desk, contract_id, on=APPLIED_ON)
        issue_voucher(desk, award, on=APPLIED_ON)


def test_orders_never_get_more_cards_than_the_pool_has_also_when_they_hold_nothing() -> None:
    # A share so small that the hold of an order is cut to nothing.
    orders = tuple(small_order(n, contract_id="C1", cards=64) for n in (1, 2))
    desk = year_of([], orders=orders, ratio=Fraction(1, 5_000)).desk()
    supported(desk)

    for placed in orders:
        place_order(desk, placed, voucher_id="V-C1", on=APPLIED_ON)

    assert given_cards() == [("O1", 64), ("O2", 0)]


def given_cards() -> list[tuple[str, int]]:
    return list(Allocation.objects.order_by("id").values_list("order_id", "cards"))


def test_cards_are_given_as_long_as_the_pool_reaches() -> None:
    february = Period(D(2026, 2, 1), D(2026, 3, 1))
    march = Period(D(2026, 3, 1), D(2026, 4, 1))
    orders = (
        small_order(1, contract_id="C1", cards=40, period=february),
        small_order(2, contract_id="C1", cards=40, period=february, gang_cards=8),
        small_order(3, contract_id="C1", cards=40, period=march),
    )
    desk = year_of([], orders=orders).desk()
    supported(desk)

    for placed in orders:
        place_order(desk, placed, voucher_id="V-C1", on=APPLIED_ON)

    rows = Hold.objects.order_by("id").values_list("order_id", "amount_fen")
    assert list(rows) == [("O1", 1_000), ("O2", 600), ("O3", 1_000)]
    assert given_cards() == [("O1", 40), ("O2", 24), ("O3", 40)]


def test_an_order_without_cards_or_value_is_recorded_and_holds_nothing() -> None:
    desk = year_of([], orders=(small_order(gang_cards=8),), cards=7).desk()
    supported(desk)

    place_order(desk, desk.year.orders[0], voucher_id="V-C1", on=APPLIED_ON)

    assert acts("PLACE_HOLD") == ["PLACE_HOLD/O1"]
    assert not Hold.objects.exists()


def test_a_voucher_past_its_day_takes_no_hold() -> None:
    desk = year_of([], months=1).desk()
    supported(desk)
    before = all_rows()

    with pytest.raises(VoucherExpired):
        place_order(desk, desk.year.orders[0], voucher_id="V-C1", on=D(2026, 2, 10))

    assert all_rows() == before


def test_what_is_left_expires_and_lapses_on_the_day() -> None:
    run(year_of([[SHORT]], months=2).desk())

    assert acts("EXPIRE_HOLD") == ["EXPIRE_HOLD/H-O1-2"]
    assert acts("LAPSE_VOUCHER") == ["LAPSE_VOUCHER/V-C1"]
    voucher = voucher_row()
    assert (voucher.held_fen, voucher.captured_fen, voucher.lapsed_fen) == (0, 500, 49_500)
    books_hold()


def test_a_correction_after_the_lapse_lapses_too_and_once() -> None:
    batches = [[LONG], *([[]] * 30), [SHORT]]
    desk = year_of(batches, months=2, closes_on=D(2026, 3, 20)).desk()

    run(desk)

    assert acts("LAPSE_VOUCHER") == ["LAPSE_VOUCHER/V-C1"]
    voucher = voucher_row()
    assert (voucher.captured_fen, voucher.lapsed_fen) == (500, 49_500)
    books_hold()


def test_a_year_that_ends_with_a_correction_after_the_lapse_stays_as_it_is() -> None:
    batches = [[LONG], *([[]] * 30), [SHORT]]
    desk = year_of(batches, months=2, closes_on=D(2026, 3, 13)).desk()
    run(desk)
    before = acts()

    run(desk)

    assert acts() == before


def test_acts_of_time_done_twice_are_done_once() -> None:
    desk = year_of([], months=1).desk()
    supported(desk)
    place_order(desk, desk.year.orders[0], voucher_id="V-C1", on=APPLIED_ON)
    due = D(2026, 2, 10)

    for act in (
        partial(expire_hold, desk, "H-O1-1", on=due),
        partial(lapse_voucher, desk, "V-C1", on=due),
    ):
        act()
        before = all_rows()
        act()
        assert all_rows() == before
    assert Fen(voucher_row().lapsed_fen) == Fen(50_000)
