"""4. An award becomes a voucher: a face value, a holder, a day of lapse."""

from datetime import date

from tests.life.money import fen
from tests.life.shelf import Books


def test_every_award_above_nothing_becomes_one_voucher_of_its_amount(
    beijing: Books, guizhou: Books
) -> None:
    for books, count in ((beijing, 8), (guizhou, 6)):
        issued = {
            (r["voucher_id"], r["award_id"], r["holder_id"], r["face_yuan"], r["issued_on"])
            for r in books.rows("vouchers.csv")
        }

        assert len(issued) == count
        assert issued == {
            (
                f"V-{r['contract_id']}",
                r["award_id"],
                r["applicant_id"],
                r["awarded_yuan"],
                r["applied_on"],
            )
            for r in books.rows("decisions.csv")
            if fen(r["awarded_yuan"])
        }


def test_a_subsidy_after_use_needs_no_voucher(nanning: Books) -> None:
    assert nanning.rows("vouchers.csv") == []
    assert nanning.where("journal.csv", code="ISSUE") == []
    assert len(nanning.where("journal.csv", code="AWARD")) == 5


def test_a_voucher_lives_for_twelve_months(beijing: Books, guizhou: Books) -> None:
    for books in (beijing, guizhou):
        for row in books.rows("vouchers.csv"):
            issued = date.fromisoformat(row["issued_on"])

            assert date.fromisoformat(row["lapses_on"]) == issued.replace(year=issued.year + 1)


def test_face_is_available_and_held_and_captured_and_lapsed(beijing: Books, guizhou: Books) -> None:
    for books in (beijing, guizhou):
        for row in books.rows("vouchers.csv"):
            parts = ("available_yuan", "held_yuan", "captured_yuan", "lapsed_yuan")

            assert fen(row["face_yuan"]) == sum(fen(row[part]) for part in parts), row


def test_a_voucher_that_nobody_claims_on_lapses_back_to_the_pot(beijing: Books) -> None:
    assert beijing.row("vouchers.csv", voucher_id="V-BJ2023-008") == {
        "voucher_id": "V-BJ2023-008",
        "award_id": "A-BJ2023-008",
        "holder_id": "A03",
        "issued_on": "2023-11-15",
        "lapses_on": "2024-11-15",
        "face_yuan": "400000.00",
        "available_yuan": "0.00",
        "held_yuan": "0.00",
        "captured_yuan": "0.00",
        "lapsed_yuan": "400000.00",
    }
    moved = beijing.where("journal.csv", debit="VOUCHER:V-BJ2023-008")
    assert [
        (r["on"], r["credit"], r["amount_yuan"], r["phase"], r["code"], r["pending_id"])
        for r in moved
    ] == [
        ("2023-11-15", "ACCRUED:A03", "400000.00", "PENDING", "HOLD", ""),
        ("2024-11-15", "ACCRUED:A03", "400000.00", "VOID", "RELEASE", "PLACE_HOLD/BJ2023-008#1"),
        ("2024-11-15", "POT", "400000.00", "SINGLE", "LAPSE", ""),
    ]


def test_what_is_left_when_a_voucher_lapses_goes_back_and_no_more(beijing: Books) -> None:
    lapsed = {
        r["debit"].removeprefix("VOUCHER:"): r["amount_yuan"]
        for r in beijing.where("journal.csv", code="LAPSE")
    }

    assert lapsed == {
        "V-BJ2023-002": "200000.00",
        "V-BJ2023-007": "100000.00",
        "V-BJ2023-008": "400000.00",
    }
    assert lapsed == {
        r["voucher_id"]: r["lapsed_yuan"]
        for r in beijing.rows("vouchers.csv")
        if fen(r["lapsed_yuan"])
    }
