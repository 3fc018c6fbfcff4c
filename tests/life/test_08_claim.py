"""8. A claim is held against contract, invoice, payment and meter, and against what is left."""

from dataclasses import dataclass

import pytest

from tests.life.money import fen
from tests.life.shelf import Books

REBATES = {"GZ-03": -200_00, "GZ-04": 900_00}
"""What README says is invoiced beside the rated charges, in fen."""
UNPAID = "CL-GZ-05-20260414"
CLAIMS = [
    "CL-GZ-01-20260410",
    "CL-GZ-02-20260410",
    "CL-GZ-03-20260413",
    "CL-GZ-04-20260413",
    UNPAID,
    "CL-GZ-06-20260414",
    "CL-GZ-01-20260512",
    "CL-GZ-02-20260512",
]


@dataclass(frozen=True)
class Period:
    """What one invoice of Guizhou says, and what the meter and the bank say of it, in fen."""

    invoiced: int
    charged: int
    captured: int
    paid: int


def period_of(books: Books, invoice: str) -> Period:
    line = books.row("inputs/invoices.csv", invoice_number=invoice)
    days = (line["period_starts_on"], line["period_ends_on"])
    charges = [
        r
        for r in books.where("charges.csv", contract_id=line["contract_id"])
        if days[0] <= r["day"] <= days[1]
    ]
    payments = books.where("inputs/payments.csv", invoice_number=invoice)
    return Period(
        invoiced=fen(line["amount_yuan"]),
        charged=sum(fen(r["amount_yuan"]) for r in charges),
        captured=sum(fen(r["voucher_yuan"]) for r in charges),
        paid=sum(fen(r["amount_yuan"]) for r in payments),
    )


@pytest.mark.parametrize("claim_id", CLAIMS)
def test_a_deduction_is_approved_as_far_as_all_four_bear_it(claim_id: str, guizhou: Books) -> None:
    """The least of invoice, money paid and deducted, and metered value, at the captured rate."""
    claim = guizhou.row("claims.csv", claim_id=claim_id)
    seen = period_of(guizhou, claim["invoices"])
    is_sound = claim_id != UNPAID
    matched = min(seen.invoiced, seen.paid + seen.captured, seen.charged) if is_sound else 0
    entitled = matched * seen.captured // seen.charged

    assert claim["failed_checks"] == ("" if is_sound else "match.payment_made")
    assert claim["payee_id"] == "P-GUIAN"
    assert [fen(claim[f"{name}_yuan"]) for name in ("invoiced", "matched", "entitled")] == [
        seen.invoiced,
        matched,
        entitled,
    ]
    limb = "share" if is_sound else "match"
    assert (fen(claim["approved_yuan"]), claim["limb"]) == (entitled, limb)
    assert fen(claim["cut_yuan"]) == (seen.captured - entitled if is_sound else 0)
    assert (entitled > 0) == is_sound


def test_these_are_all_the_claims_of_guizhou(guizhou: Books) -> None:
    assert [r["claim_id"] for r in guizhou.rows("claims.csv")] == CLAIMS


@pytest.mark.parametrize("claim_id", CLAIMS)
def test_the_example_invoices_and_pays_what_its_readme_says(claim_id: str, guizhou: Books) -> None:
    """Rated charges of the period, a rebate and an excess apart; paid less the voucher's part."""
    claim = guizhou.row("claims.csv", claim_id=claim_id)
    seen = period_of(guizhou, claim["invoices"])
    paid = seen.invoiced - seen.captured if claim_id != UNPAID else 0

    assert seen.invoiced == seen.charged + REBATES.get(claim["contract_id"], 0)
    assert seen.paid == paid


def test_what_a_claim_does_not_bear_goes_back_to_the_voucher(guizhou: Books) -> None:
    given_back = {
        r["act_key"].removeprefix("DECIDE_CLAIM/"): (r["debit"], r["credit"], fen(r["amount_yuan"]))
        for r in guizhou.where("journal.csv", code="REVERSE")
    }
    expected = {}
    for claim in guizhou.rows("claims.csv"):
        rest = period_of(guizhou, claim["invoices"]).captured - fen(claim["approved_yuan"])
        if rest and claim["claim_id"] != UNPAID:
            voucher = f"VOUCHER:V-{claim['contract_id']}"
            expected[claim["claim_id"]] = ("ACCRUED:P-GUIAN", voucher, rest)

    assert given_back == expected
    assert "CL-GZ-03-20260413" in given_back


def test_a_claim_on_an_unpaid_co_pay_is_refused_and_its_captures_wait(guizhou: Books) -> None:
    invoice = guizhou.row("claims.csv", claim_id=UNPAID)["invoices"]
    captured = period_of(guizhou, invoice).captured
    voucher = guizhou.row("vouchers.csv", voucher_id="V-GZ-05")
    said = guizhou.explain(UNPAID)

    assert guizhou.where("journal.csv", act_key=f"DECIDE_CLAIM/{UNPAID}") == []
    assert fen(voucher["captured_yuan"]) >= captured > 0
    assert [line for line in said.splitlines() if "✗" in line and invoice in line]


def test_the_claims_of_beijing(beijing: Books) -> None:
    """In order of contract and day: cost that all four bear, what is approved, what failed."""
    shown = sorted(
        (r["contract_id"], r["claimed_on"], r["matched_yuan"], r["approved_yuan"], r["limb"])
        for r in beijing.rows("claims.csv")
    )

    assert [(contract, *amounts) for contract, _, *amounts in shown] == [
        ("BJ2023-001", "6000000.00", "1200000.00", "share"),
        ("BJ2023-001", "4000000.00", "800000.00", "share"),
        ("BJ2023-002", "1900000.00", "380000.00", "share"),
        ("BJ2023-002", "1900000.00", "380000.00", "share"),
        ("BJ2023-007", "1110000.00", "180000.00", "share"),  # storage does not count: 900,000
        ("BJ2023-007", "1200000.00", "200000.00", "share"),
        ("BJ2024-001", "360000.00", "72000.00", "share"),
        ("BJ2024-001", "300000.00", "60000.00", "share"),  # paid in part: 300,000 of 500,000
        ("BJ2024-002", "0.00", "0.00", "match"),  # never paid
        ("BJ2024-002", "479140.70", "95828.14", "share"),
        ("BJ2024-003", "529340.00", "105868.00", "share"),  # the meter binds
        ("BJ2024-003", "529004.00", "105800.80", "share"),
        ("BJ2024-004", "2296000.00", "440000.00", "share"),
        ("BJ2024-004", "3344000.00", "640000.00", "share"),
    ]
    assert [r["contract_id"] for r in beijing.rows("claims.csv") if r["failed_checks"]] == [
        "BJ2024-002"
    ]


def test_a_void_invoice_is_never_claimed_on(beijing: Books) -> None:
    (void,) = beijing.where("inputs/invoices.csv", status="VOID")
    claimed = " ".join(r["invoices"] for r in beijing.rows("claims.csv"))

    assert void["contract_id"] == "BJ2023-002"
    assert void["invoice_number"] not in claimed
    replaced = [
        r["invoice_number"]
        for r in beijing.where("inputs/invoices.csv", contract_id="BJ2023-002")
        if r["period_starts_on"] == void["period_starts_on"] and r["status"] == "NORMAL"
    ]
    assert len(replaced) == 1
    assert replaced[0] in claimed


def test_the_claim_of_the_official_example(nanning: Books) -> None:
    assert nanning.row("claims.csv", contract_id="NN-001") == {
        "claim_id": "CL-NN-001-20260123",
        "contract_id": "NN-001",
        "applicant_id": "NA01",
        "payee_id": "NA01",
        "claimed_on": "2026-01-23",
        "invoices": nanning.row("inputs/invoices.csv", contract_id="NN-001")["invoice_number"],
        "invoiced_yuan": "200000.00",
        "matched_yuan": "200000.00",
        "entitled_yuan": "25102.00",
        "approved_yuan": "25102.00",
        "cut_yuan": "0.00",
        "limb": "share",
        "failed_checks": "",
        "batch_id": "B-20260227",
        "paid_on": "2026-03-02",
    }


def test_what_is_approved_is_payable_and_nothing_else(
    beijing: Books, nanning: Books, guizhou: Books
) -> None:
    for books in (beijing, nanning, guizhou):
        payable = {
            r["act_key"]: (r["credit"], r["amount_yuan"])
            for r in books.where("journal.csv", code="APPROVE")
        }

        assert payable == {
            f"DECIDE_CLAIM/{r['claim_id']}": (f"PAYABLE:{r['payee_id']}", r["approved_yuan"])
            for r in books.rows("claims.csv")
            if fen(r["approved_yuan"])
        }
        assert payable
