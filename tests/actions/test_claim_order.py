"""Claims for different months: the order in which they are filed changes no amount."""

from dataclasses import replace
from datetime import date

import pytest

from evernormal.domain.metering import UsageRecord
from evernormal.domain.policy import CostCategory, Settlement
from evernormal.domain.settlement import MeterControl
from evernormal.domain.values import Fen, Period
from evernormal.store.models import Charge, Claim, ClaimedCharge
from tests.actions.office import APPLIED_ON, Year, invoice, payment_of, small_order, usage_file
from tests.actions.reading import books_hold, run, voucher_row
from tests.domain.sample import contract, record

pytestmark = pytest.mark.django_db

D = date
FEBRUARY, MARCH = Period(D(2026, 2, 1), D(2026, 3, 1)), Period(D(2026, 3, 1), D(2026, 4, 1))
DAY_H = 24.0
FILED = D(2026, 3, 9), D(2026, 3, 16)


def hours(day: date) -> float:
    """Hours from the first of February, local time of the office, from which `record` counts."""
    return (day - D(2026, 2, 1)).days * DAY_H


def used(job: str, day: date, card_hours: float) -> UsageRecord:
    return record(job, starts=hours(day), ends=hours(day) + card_hours, cards=1)


def two_months(settlement: Settlement, *, later_first: bool, meter: MeterControl) -> Year:
    """Three card-hours in February and two in March at 10.00, each month invoiced on its own."""
    first, second = reversed(FILED) if later_first else FILED
    months = [(FEBRUARY, 3_000, first), (MARCH, 2_000, second)]
    invoices = tuple(
        invoice(f"F{number}", filed_on, amount=Fen(fen), period=period)
        for number, (period, fen, filed_on) in enumerate(months)
    )
    readings = used("1", D(2026, 2, 10), 3), used("2", D(2026, 3, 3), 2)
    return Year(
        settlement=settlement,
        meter=meter,
        contracts=(contract(1, costs={CostCategory.COMPUTE: Fen(100_000)}),),
        orders=(small_order(card_hours=20),),
        usage=(usage_file("1", D(2026, 3, 8), *readings),),
        invoices=invoices,
        payments=tuple(payment_of(line) for line in invoices),
    )


@pytest.mark.parametrize("later_first", [False, True])
@pytest.mark.parametrize("settlement", [Settlement.REIMBURSE_VOUCHER, Settlement.CLAIM_AND_DEDUCT])
def test_the_order_of_claims_changes_no_amount(
    settlement: Settlement, *, later_first: bool
) -> None:
    run(two_months(settlement, later_first=later_first, meter=MeterControl.LIMIT).desk())

    paid = dict(Claim.objects.values_list("invoices", "approved_fen"))
    assert paid == {"F0": 1_500, "F1": 1_000}
    assert set(Claim.objects.values_list("cut_fen", flat=True)) == {0}
    assert voucher_row().captured_fen == 2_500
    books_hold()


def test_every_charge_is_settled_by_the_claim_for_its_day() -> None:
    year = two_months(Settlement.CLAIM_AND_DEDUCT, later_first=True, meter=MeterControl.LIMIT)

    run(year.desk())

    settled = ClaimedCharge.objects.values_list("claim__invoices", "charge__day")
    assert set(settled) == {("F0", D(2026, 2, 10)), ("F1", D(2026, 3, 3))}


def test_days_that_nobody_invoiced_wait_for_their_invoice() -> None:
    year = two_months(Settlement.CLAIM_AND_DEDUCT, later_first=False, meter=MeterControl.LIMIT)

    run(replace(year, invoices=year.invoices[1:]).desk())

    assert list(Claim.objects.values_list("approved_fen", "cut_fen")) == [(1_000, 0)]
    assert voucher_row().captured_fen == 2_500
    assert Charge.objects.filter(settled_by=None).count() == 1
    books_hold()


def test_all_that_was_charged_gives_all_that_was_captured_to_the_fen() -> None:
    # Three times 3.33 fen at one half: each day's part is cut, and the claims add up all the same.
    readings = [used(str(n), D(2026, 2, 10 + n), 0.333) for n in range(3)]
    line = invoice("F1", FILED[0], amount=Fen(999), period=FEBRUARY)
    year = Year(
        orders=(small_order(card_hours=20),),
        usage=(usage_file("1", D(2026, 3, 8), *readings),),
        invoices=(line,),
        payments=(payment_of(line),),
        meter=MeterControl.LIMIT,
    )

    run(year.desk())

    charged = sum(Charge.objects.values_list("amount_fen", flat=True))
    captured = sum(Charge.objects.values_list("voucher_fen", flat=True))
    assert (charged, captured) == (999, 499)
    assert list(Claim.objects.values_list("approved_fen", "cut_fen")) == [(499, 0)]


def test_use_before_the_voucher_was_issued_is_the_users_own() -> None:
    before = used("1", D(2026, 1, 8), 2)
    on_the_day = used("2", APPLIED_ON, 2)
    year = Year(
        orders=(small_order(card_hours=20),),
        usage=(usage_file("1", APPLIED_ON, before, on_the_day),),
    )

    run(year.desk())

    assert list(Charge.objects.values_list("day", "amount_fen")) == [(APPLIED_ON, 2_000)]
    assert voucher_row().captured_fen == 1_000


def test_use_that_came_in_on_the_day_of_the_application_counts_for_it() -> None:
    line = invoice("F1", APPLIED_ON, amount=Fen(1_000), issued_on=D(2026, 1, 9))
    year = Year(
        settlement=Settlement.POST_USE_SUBSIDY,
        meter=MeterControl.PRESENCE,
        contracts=(contract(1, costs={CostCategory.COMPUTE: Fen(100_000)}),),
        usage=(usage_file("1", APPLIED_ON, used("1", D(2026, 1, 8), 2)),),
        invoices=(line,),
        payments=(payment_of(line),),
    )

    run(year.desk())

    assert list(Claim.objects.values_list("approved_fen", flat=True)) == [500]


def test_use_that_two_earlier_claims_share_is_not_found_free_by_a_third() -> None:
    january = D(2026, 1, 1)
    periods = [
        Period(january, D(2026, 3, 1)),  # takes the two card-hours of February
        Period(D(2026, 2, 1), D(2026, 4, 1)),  # meets it there; takes the one of March
        Period(D(2026, 3, 1), D(2026, 4, 1)),  # meets only the second: nothing is left
    ]
    filed = D(2026, 3, 9), D(2026, 3, 16), D(2026, 3, 20)
    fen = 2_000, 1_000, 1_000
    invoices = tuple(
        invoice(f"F{n}", day, amount=Fen(amount), period=period)
        for n, (period, day, amount) in enumerate(zip(periods, filed, fen, strict=True))
    )
    year = replace(
        two_months(Settlement.REIMBURSE_VOUCHER, later_first=False, meter=MeterControl.LIMIT),
        usage=(
            usage_file(
                "1", D(2026, 3, 8), used("1", D(2026, 2, 9), 2), used("2", D(2026, 3, 3), 1)
            ),
        ),
        invoices=invoices,
        payments=tuple(payment_of(line) for line in invoices),
    )

    run(year.desk())

    paid = dict(Claim.objects.values_list("invoices", "approved_fen"))
    assert paid == {"F0": 1_000, "F1": 500, "F2": 0}
