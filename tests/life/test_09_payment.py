"""9. What was approved is paid in batches that a second person approved."""

import tomllib
from itertools import pairwise

import pytest

from evernormal.formats.pain001 import check, decode
from tests.life.money import fen
from tests.life.shelf import YEARS, Books, Shelf


def batches(books: Books) -> list[str]:
    """The batches of the payment days on which something was due, in order."""
    programme = tomllib.loads(books.files["inputs/programme.toml"].decode())
    days = [f"{day['approved_on']}" for day in programme["payment_day"]]
    claims = [r["claimed_on"] for r in books.rows("claims.csv") if fen(r["approved_yuan"])]
    spans = pairwise(["", *days])
    due = [day for before, day in spans if any(before < claim <= day for claim in claims)]
    assert due
    return [f"B-{day.replace('-', '')}" for day in due]


@pytest.mark.parametrize("year", YEARS)
def test_a_payment_file_orders_exactly_the_approved_claims_of_its_batch(
    year: str, shelf: Shelf
) -> None:
    books = shelf.of(year)
    parties = {
        **{r["provider_id"]: r for r in books.rows("inputs/providers.csv")},
        **{r["applicant_id"]: r for r in books.rows("inputs/applicants.csv")},
    }
    paths = sorted(path for path in books.files if path.startswith("payments/"))

    assert paths == [f"payments/{batch}.xml" for batch in batches(books)]
    for path, batch in zip(paths, batches(books), strict=True):
        assert check(books.files[path]) == []
        ordered = [
            (t.end_to_end_id, t.amount_fen, t.creditor.uscc, t.account.number, t.account.holder)
            for t in decode(books.files[path]).transfers
        ]
        claims = books.where("claims.csv", batch_id=batch)
        assert sorted(ordered) == sorted(
            (
                f"P-{r['claim_id']}",
                fen(r["approved_yuan"]),
                parties[r["payee_id"]]["uscc"],
                parties[r["payee_id"]]["bank_account"],
                parties[r["payee_id"]]["name"],
            )
            for r in claims
        )
        assert all(amount > 0 for _, amount, *_ in ordered)


@pytest.mark.parametrize("year", YEARS)
def test_every_approved_claim_is_paid_once_and_no_other(year: str, shelf: Shelf) -> None:
    books = shelf.of(year)
    approved = {r["claim_id"]: fen(r["approved_yuan"]) for r in books.rows("claims.csv")}
    paid = [
        (t.end_to_end_id.removeprefix("P-"), t.amount_fen)
        for batch in batches(books)
        for t in decode(books.files[f"payments/{batch}.xml"]).transfers
    ]
    treasury = books.row("accounts.csv", account_id="TREASURY")

    assert sorted(paid) == sorted((claim, amount) for claim, amount in approved.items() if amount)
    assert int(treasury["credits_posted"]) == sum(amount for _, amount in paid)
    for row in books.rows("accounts.csv"):
        if row["kind"] == "PAYABLE":
            assert row["debits_posted"] == row["credits_posted"] != "0", row


@pytest.mark.parametrize("year", YEARS)
def test_a_batch_is_prepared_by_one_officer_and_approved_by_another(
    year: str, shelf: Shelf
) -> None:
    books = shelf.of(year)
    programme = tomllib.loads(books.files["inputs/programme.toml"].decode())
    office = programme["office"]
    days = {f"{day['approved_on']}": day["execute_on"] for day in programme["payment_day"]}
    for batch in batches(books):
        facts = books.facts(f"PAY_BATCH/{batch}")
        file = decode(books.files[f"payments/{batch}.xml"])
        total = sum(fen(r["approved_yuan"]) for r in books.where("claims.csv", batch_id=batch))

        assert (facts["prepared_by"], facts["approved_by"]) == (
            office["prepares"],
            office["approves"],
        )
        assert office["prepares"] != office["approves"]
        assert facts["total_fen"] == sum(t.amount_fen for t in file.transfers) == total
        assert file.execute_on == days[facts["approved_on"]]
        assert (file.debtor.uscc, file.debtor_account.number) == (
            office["uscc"],
            office["bank_account"],
        )


def test_a_refused_claim_has_no_batch(shelf: Shelf) -> None:
    refused = [
        (year, r["claim_id"], r["batch_id"], r["paid_on"])
        for year in YEARS
        for r in shelf.of(year).rows("claims.csv")
        if not fen(r["approved_yuan"])
    ]

    assert refused == [
        ("beijing-2023", "CL-BJ2024-002-20240910", "", ""),
        ("guizhou-2026", "CL-GZ-05-20260414", "", ""),
    ]
