"""Corrections that meet claims, orders of the day and the day of the lapse."""

from dataclasses import replace
from datetime import date, time

import pytest

from evernormal.domain.metering import UsageRecord
from evernormal.domain.values import Fen, Period
from evernormal.formats.intake.year_input import UsageFile
from evernormal.store.models import Charge, Claim, Hold
from tests.actions.office import Year, invoice, payment_of, small_order, usage_file
from tests.actions.reading import books_hold, run, voucher_parts, voucher_row
from tests.domain.sample import record

pytestmark = pytest.mark.django_db

D = date
FEBRUARY = Period(D(2026, 2, 1), D(2026, 3, 1))
CLAIMED_ON, AGAIN_ON = D(2026, 3, 1), D(2026, 3, 25)
BOTH = (small_order(1, card_hours=20), small_order(2, card_hours=20, device_class="A100"))
ONE = record("1", ends=2, cards=1)
_OTHER = record("2", starts=24 * 29, ends=24 * 29 + 2, cards=1)
OTHER = replace(_OTHER, key=replace(_OTHER.key, device_class="A100"))


def gone(reading: UsageRecord) -> UsageRecord:
    return replace(reading, cards=0, revision=1)


def two_orders(*corrections: UsageFile, again: bool = False) -> Year:
    """One order's use of February is claimed and settled, the other's of March is not."""
    orders = tuple(replace(each, contract_id="C1") for each in BOTH)
    lines = [invoice("F1", CLAIMED_ON, amount=Fen(2_000), period=FEBRUARY)]
    if again:
        lines.append(invoice("F2", AGAIN_ON, amount=Fen(2_000), period=FEBRUARY))
    return Year(
        orders=orders,
        usage=(
            usage_file("1", D(2026, 2, 10), ONE),
            usage_file("2", D(2026, 3, 9), OTHER),
            *corrections,
        ),
        invoices=tuple(lines),
        payments=tuple(payment_of(line, 1_000) for line in lines),
    )


@pytest.mark.parametrize("together", [True, False])
def test_what_a_claim_settled_is_taken_back_from_nobody_twice(*, together: bool) -> None:
    first, second = (gone(ONE),), (gone(OTHER),)
    files = (
        (usage_file("3", D(2026, 3, 15), *first, *second),)
        if together
        else (usage_file("3", D(2026, 3, 15), *first), usage_file("4", D(2026, 3, 16), *second))
    )

    run(two_orders(*files).desk())

    # 10.00 is settled and stays; 10.00 was not, and comes back once.
    assert voucher_row().captured_fen == 1_000
    assert voucher_parts("O1") + voucher_parts("O2") == 1_000
    assert sum(Charge.objects.values_list("amount_fen", flat=True)) == 0
    books_hold()


def test_a_claim_on_days_that_were_corrected_away_approves_nothing() -> None:
    run(two_orders(usage_file("3", D(2026, 3, 15), gone(ONE)), again=True).desk())

    rows = Claim.objects.order_by("claimed_on").values_list("approved_fen", "cut_fen")
    assert list(rows) == [(1_000, 0), (0, 0)]
    books_hold()


def test_use_that_was_read_before_its_order_was_placed_is_charged_when_it_is() -> None:
    ordered_on = D(2026, 2, 3)
    later = small_order(card_hours=20, ordered_on=ordered_on)
    used = record("1", starts=48, ends=49, cards=1)
    file = usage_file("1", ordered_on, used, received=time(0, 59))

    run(
        Year(
            orders=(small_order(2, contract_id="C1", device_class="A100"), later), usage=(file,)
        ).desk()
    )

    assert voucher_parts("O1") == 500
    books_hold()


@pytest.mark.parametrize(("received", "part"), [(time(15, 59), 500), (time(16), 0)])
def test_from_the_start_of_the_day_of_its_lapse_a_voucher_pays_nothing(
    received: time, part: int
) -> None:
    # 16:00 UTC of the 9th is the start of the 10th, on which the voucher lapses.
    file = usage_file("1", D(2026, 2, 9), record("1", cards=1), received=received)

    run(Year(orders=(small_order(),), usage=(file,), months=1).desk())

    assert voucher_parts("O1") == part
    assert Hold.objects.filter(state="EXPIRED").count() == 1
    books_hold()
