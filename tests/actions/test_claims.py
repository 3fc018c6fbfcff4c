"""Claims: what was captured is approved or cut, evidence is used once, limits hold by category."""

from dataclasses import replace
from datetime import date

import pytest

from evernormal.actions.payments import pay_batch
from evernormal.domain.policy import Cap, CapCount, CapScope, CostCategory, Settlement
from evernormal.domain.settlement import InvoiceStatus, MeterControl
from evernormal.domain.values import Fen, Period
from evernormal.formats.intake.year_input import PaymentDay
from evernormal.store.models import Account, Claim, PaymentInstruction
from tests.actions.office import Year, invoice, payment_of, small_order, usage_file
from tests.actions.reading import books_hold, run, voucher_row
from tests.domain.sample import contract, record

pytestmark = pytest.mark.django_db

D = date
USED_ON, CLAIMED_ON, AGAIN_ON, PAID_ON = (
    D(2026, 2, 10),
    D(2026, 3, 1),
    D(2026, 3, 9),
    D(2026, 3, 20),
)


def deducting(fen: int = 2_000, *, paid: int = 1_000, **changes: object) -> Year:
    """Two card-hours for 20.00, of which the voucher pays 10.00; the invoice is `fen`."""
    line = invoice("F1", CLAIMED_ON, amount=Fen(fen))
    plain = Year(
        orders=(small_order(card_hours=20),),
        usage=(usage_file("1", USED_ON, record("1", ends=2, cards=1)),),
        invoices=(line,),
        payments=(payment_of(line, paid),),
        payment_days=(PAID_ON,),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def claims() -> list[tuple[int, int, str]]:
    rows = Claim.objects.order_by("claimed_on", "claim_id")
    return list(rows.values_list("approved_fen", "cut_fen", "limb"))


def test_what_the_evidence_does_not_bear_goes_back_to_the_voucher() -> None:
    run(deducting(1_600, paid=800).desk())

    assert claims() == [(800, 200, "share")]
    voucher = voucher_row()
    assert (voucher.captured_fen, voucher.held_fen) == (800, 9_000)
    accrued = Account.objects.get(account_id="ACCRUED:P1")
    assert accrued.credits_posted == accrued.debits_posted == 1_000
    assert PaymentInstruction.objects.get().amount_fen == 800
    books_hold()


def test_a_claim_cannot_exceed_what_was_captured() -> None:
    run(deducting(4_000, paid=3_000).desk())

    assert claims() == [(1_000, 0, "captured")]


def test_a_claim_whose_evidence_fails_waits_for_a_better_one() -> None:
    year = deducting()
    bad = replace(year.invoices[0], status=InvoiceStatus.VOID)
    good = invoice("F2", AGAIN_ON, amount=Fen(2_000))

    run(
        replace(
            year, invoices=(bad, good), payments=(payment_of(bad), payment_of(good, 1_000))
        ).desk()
    )

    assert claims() == [(0, 0, "match"), (1_000, 0, "share")]
    assert Claim.objects.get(claimed_on=CLAIMED_ON).failed_checks == "match.invoice_normal"
    books_hold()


def test_an_invoice_is_approved_once() -> None:
    year = deducting()
    first = year.invoices[0]
    again = replace(first, line=2, claimed_on=AGAIN_ON)

    run(replace(year, invoices=(first, again)).desk())

    assert claims() == [(1_000, 0, "share"), (0, 0, "match")]
    assert PaymentInstruction.objects.count() == 1


def test_claims_on_a_meter_with_a_limit_are_limited() -> None:
    run(deducting(1_999, paid=999, meter=MeterControl.LIMIT).desk())

    assert claims() == [(999, 1, "share")]


def test_a_correction_after_the_claim_does_not_stop_the_year() -> None:
    year = deducting()
    shorter = usage_file("2", D(2026, 3, 10), record("1", ends=1, cards=1))
    running = usage_file("1", USED_ON, record("1", ends=2, cards=1, final=False))

    run(replace(year, usage=(running, shorter)).desk())

    books_hold()


def reimbursing(*numbers: str, **changes: object) -> Year:
    days = [CLAIMED_ON, AGAIN_ON]
    lines = tuple(
        invoice(number, day, amount=Fen(1_000), category=CostCategory.MODEL_SERVICE)
        for number, day in zip(numbers, days, strict=False)
    )
    plain = Year(
        settlement=Settlement.REIMBURSE_VOUCHER,
        contracts=(
            contract(
                1,
                costs={
                    CostCategory.COMPUTE: Fen(100_000),
                    CostCategory.MODEL_SERVICE: Fen(1_500),
                },
            ),
        ),
        invoices=lines,
        payments=tuple(payment_of(line) for line in lines),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_the_contract_limits_every_category_over_all_its_claims() -> None:
    run(reimbursing("F1", "F2").desk())

    assert claims() == [(500, 0, "share"), (250, 0, "share")]


def test_a_cap_on_claims_counts_approved_claims() -> None:
    cap = ("cap", Cap(CapScope.FIRM_YEAR, Fen(600), (CapCount.CLAIM,)))

    run(reimbursing("F1", "F2", rules=(cap,)).desk())

    assert claims() == [(500, 0, "share"), (100, 0, "cap")]


def test_an_invoice_for_time_before_the_contract_is_refused_with_its_reason() -> None:
    early = invoice("F1", CLAIMED_ON, period=Period(D(2025, 11, 1), D(2025, 12, 1)))
    year = reimbursing(invoices=(early,), payments=(payment_of(early),), meter=MeterControl.LIMIT)

    run(year.desk())

    assert claims() == [(0, 0, "match")]
    assert "match.invoice_in_contract" in Claim.objects.get().failed_checks.split()


def test_a_claim_after_the_hold_expired_gets_nothing() -> None:
    run(reimbursing("F1", months=1).desk())

    assert claims() == [(0, 0, "voucher")]
    assert voucher_row().lapsed_fen == 50_750


def test_a_subsidy_pays_the_award_and_no_more() -> None:
    line = invoice("F1", D(2026, 1, 10), amount=Fen(1_000), issued_on=D(2026, 1, 5))
    year = Year(
        settlement=Settlement.POST_USE_SUBSIDY,
        pot=300,
        invoices=(line,),
        payments=(payment_of(line),),
    )

    run(year.desk())

    assert claims() == [(300, 0, "award")]
    award = Account.objects.get(account_id="AWARD:A-C1")
    assert award.credits_posted == award.debits_posted == 300


def test_metered_use_limits_a_reimbursed_claim() -> None:
    line = invoice("F1", CLAIMED_ON, amount=Fen(5_000))
    year = Year(
        settlement=Settlement.REIMBURSE_VOUCHER,
        meter=MeterControl.LIMIT,
        usage=(usage_file("1", USED_ON, record("1", ends=2, cards=1)),),
        invoices=(line,),
        payments=(payment_of(line),),
    )

    run(year.desk())

    assert claims() == [(1_000, 0, "share")]


def test_a_day_of_payment_pays_no_claim_that_was_decided_later() -> None:
    desk = reimbursing("F1").desk()
    run(desk)

    pay_batch(desk, PaymentDay(D(2026, 2, 28), D(2026, 3, 2)))
    assert not PaymentInstruction.objects.exists()

    for _ in range(2):
        pay_batch(desk, PaymentDay(CLAIMED_ON, D(2026, 3, 3)))
    assert PaymentInstruction.objects.get().amount_fen == 500
