"""Mode F: the provider takes the support off its bill, for designated classes, and claims it."""

import pytest

from tests.life.modes.sound import acts, balances, demand_explained, demand_sound, voucher
from tests.life.money import fen
from tests.life.shelf import Books, Shelf


@pytest.fixture
def books(shelf: Shelf) -> Books:
    return shelf.of("mode-f-discount")


def test_the_year_is_told_in_its_acts(books: Books) -> None:
    assert acts(books) == [
        ("2026-02-02", "ASSESS/EX-F-01"),
        ("2026-02-02", "AWARD/EX-F-01"),
        ("2026-02-02", "ISSUE_VOUCHER/V-EX-F-01"),
        ("2026-02-02", "PLACE_HOLD/EX-O-01"),
        ("2026-02-02", "PLACE_HOLD/EX-O-02"),
        ("2026-02-03", "ASSESS/EX-F-02"),
        ("2026-02-03", "AWARD/EX-F-02"),
        ("2026-02-03", "ISSUE_VOUCHER/V-EX-F-02"),
        ("2026-02-03", "PLACE_HOLD/EX-O-03"),
        ("2026-02-09", "ASSESS/EX-F-03"),
        ("2026-02-09", "AWARD/EX-F-03"),
        ("2026-02-09", "ISSUE_VOUCHER/V-EX-F-03"),
        ("2026-02-09", "PLACE_HOLD/EX-O-04"),
        ("2026-04-01", "ACCEPT_USAGE/usage/shili-2026-03.csv"),
        ("2026-04-01", "CHARGE/EX-O-01/usage/shili-2026-03.csv"),
        ("2026-04-01", "CHARGE/EX-O-02/usage/shili-2026-03.csv"),
        ("2026-04-01", "CHARGE/EX-O-03/usage/shili-2026-03.csv"),
        ("2026-04-01", "CHARGE/EX-O-04/usage/shili-2026-03.csv"),
        ("2026-04-13", "DECIDE_CLAIM/CL-EX-F-01-20260413"),
        ("2026-04-13", "DECIDE_CLAIM/CL-EX-F-02-20260413"),
        ("2026-04-14", "DECIDE_CLAIM/CL-EX-F-03-20260414"),
        ("2026-05-20", "PAY_BATCH/B-20260520"),
        ("2026-08-02", "EXPIRE_HOLD/H-EX-O-01-2"),
        ("2026-08-02", "LAPSE_VOUCHER/V-EX-F-01"),
        ("2026-08-03", "LAPSE_VOUCHER/V-EX-F-02"),
        ("2026-08-09", "EXPIRE_HOLD/H-EX-O-04-2"),
        ("2026-08-09", "LAPSE_VOUCHER/V-EX-F-03"),
    ]


def test_a_person_has_a_maximum_of_its_own(books: Books) -> None:
    decided = {
        row["contract_id"]: (row["limb"], fen(row["awarded_yuan"]))
        for row in books.rows("decisions.csv")
    }

    # 40 % of 30,000.00, of 12,000.00 but at most 3,000.00, and of 8,000.00.
    assert decided == {
        "EX-F-01": ("share", 12_000_00),
        "EX-F-02": ("cap_person", 3_000_00),
        "EX-F-03": ("share", 3_200_00),
    }


def test_an_order_of_another_class_gets_none_of_the_voucher(books: Books) -> None:
    facts = books.facts("PLACE_HOLD/EX-O-02")
    charges = books.where("charges.csv", order_id="EX-O-02")

    assert (facts["hold"], facts["amount_fen"], facts["not_designated"]) == (None, 0, "classes")
    assert facts["quote"]["copay_fen"] == facts["quote"]["listed_fen"] == 200 * 11_00
    assert sum(fen(row["amount_yuan"]) for row in charges) == 100 * 11_00
    assert {fen(row["voucher_yuan"]) for row in charges} == {0}
    assert "Ascend-910B only: The voucher pays for other classes" in books.explain("EX-O-02")


def test_the_provider_claims_what_it_took_off(books: Books) -> None:
    claims = {
        r["contract_id"]: (fen(r["invoiced_yuan"]), fen(r["approved_yuan"]), r["failed_checks"])
        for r in books.rows("claims.csv")
    }

    # 800 and 1,360 card-hours at 6.35: 40 % of the first, what was held of the second.
    assert claims == {
        "EX-F-01": (800 * 6_35 + 100 * 11_00, 2_032_00, ""),
        "EX-F-02": (1_360 * 6_35, 2_997_20, ""),
        "EX-F-03": (248 * 6_35, 0, "claim_documents"),
    }
    assert {r["payee_id"] for r in books.rows("claims.csv")} == {"P-SHILI"}
    assert books.facts("PAY_BATCH/B-20260520")["total_fen"] == 2_032_00 + 2_997_20
    assert balances(books, "PAYABLE") == {"P-SHILI": 0}


def test_what_a_refused_claim_took_off_stays_earned_and_the_rest_lapses(books: Books) -> None:
    third = voucher(books, "EX-F-03", unit="yuan")

    assert third["captured"] == 248 * 6_35 * 4 // 10 == 629_92
    assert balances(books, "ACCRUED") == {"P-SHILI": 629_92}
    assert third["lapsed"] == 3_200_00 - 629_92
    assert balances(books, "POT") == {"": 100_000_00 - 2_032_00 - 2_997_20 - 629_92}


def test_the_books_hold_and_every_number_is_told(books: Books) -> None:
    demand_sound(books, unit="yuan", pot=100_000_00)
    demand_explained(books, "EX-O-01", "EX-O-03", "H-EX-O-01-1", "B-20260520")
