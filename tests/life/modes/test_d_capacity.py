"""Mode D: an award for measured capacity, paid by batch, its cost shared by two levels."""

import pytest

from tests.life.modes.sound import acts, balances, demand_explained, demand_sound
from tests.life.money import fen
from tests.life.shelf import Books, Shelf


@pytest.fixture
def books(shelf: Shelf) -> Books:
    return shelf.of("mode-d-capacity")


def test_the_year_is_told_in_its_acts(books: Books) -> None:
    assert acts(books) == [
        ("2026-01-12", "ASSESS/EX-D-01"),
        ("2026-01-12", "AWARD/EX-D-01"),
        ("2026-01-12", "DECIDE_CLAIM/CL-EX-D-01-20260112"),
        ("2026-02-03", "ASSESS/EX-D-02"),
        ("2026-02-03", "AWARD/EX-D-02"),
        ("2026-02-10", "ASSESS/EX-D-03"),
        ("2026-02-10", "AWARD/EX-D-03"),
        ("2026-03-02", "ASSESS/EX-D-04"),
        ("2026-03-02", "AWARD/EX-D-04"),
        ("2026-03-02", "DECIDE_CLAIM/CL-EX-D-04-20260302"),
        ("2026-03-20", "PAY_BATCH/B-20260320"),
        ("2026-04-15", "ASSESS/EX-D-05"),
        ("2026-04-15", "AWARD/EX-D-05"),
        ("2026-09-08", "ASSESS/EX-D-06"),
        ("2026-09-08", "AWARD/EX-D-06"),
        ("2026-09-08", "DECIDE_CLAIM/CL-EX-D-06-20260908"),
        ("2026-10-20", "PAY_BATCH/B-20261020"),
    ]


def test_capacity_times_the_amount_for_a_p_to_the_fen(books: Books) -> None:
    decided = {
        row["contract_id"]: (
            row["failed_rules"],
            fen(row["entitled_yuan"]),
            row["limb"],
            row["reason"],
            fen(row["awarded_yuan"]),
        )
        for row in books.rows("decisions.csv")
    }

    assert decided == {
        "EX-D-01": ("", 333 * 1_234_57, "per_pflops", "ENTITLED", 411_111_81),
        "EX-D-02": ("one_side", 411_111_81, "per_pflops", "NOT_ELIGIBLE", 0),
        "EX-D-03": ("scale", 80 * 1_234_57, "per_pflops", "NOT_ELIGIBLE", 0),
        "EX-D-04": ("", 1_000_000_00, "cap_firm", "ENTITLED", 1_000_000_00),
        "EX-D-05": ("", 0, "match", "NOTHING_DUE", 0),
        "EX-D-06": ("", 251 * 1_234_57, "per_pflops", "CUT_TO_POT", 188_888_19),
    }


def test_an_application_without_its_papers_binds_no_money(books: Books) -> None:
    facts = books.facts("ASSESS/EX-D-05")

    assert [c["rule"] for c in facts["evidence"]["checks"] if not c["passed"]] == [
        "claim_documents"
    ]
    assert [step["after"] for step in facts["steps"]] == [0, 0]
    assert books.facts("AWARD/EX-D-05").get("transfers", []) == []
    assert "third_party_report" in books.explain("D-EX-D-05")


def test_each_batch_is_borne_in_halves_and_the_spare_fen_by_the_city(books: Books) -> None:
    batches = {
        act.key: (act.facts["total_fen"], act.facts["funding"])
        for act in books.acts
        if act.act == "PAY_BATCH"
    }

    assert batches == {
        "PAY_BATCH/B-20260320": (1_411_111_81, {"city": 705_555_91, "district": 705_555_90}),
        "PAY_BATCH/B-20261020": (188_888_19, {"city": 94_444_10, "district": 94_444_09}),
    }


def test_whoever_claims_is_paid_all_that_was_awarded(books: Books) -> None:
    paid = {r["payee_id"]: fen(r["approved_yuan"]) for r in books.rows("claims.csv")}

    assert paid == {"FA": 411_111_81, "FD": 1_000_000_00, "FC": 188_888_19}
    assert {row["batch_id"] for row in books.rows("claims.csv")} == {"B-20260320", "B-20261020"}
    assert balances(books, "AWARD") == {"A-EX-D-01": 0, "A-EX-D-04": 0, "A-EX-D-06": 0}
    assert set(balances(books, "PAYABLE").values()) == {0}
    assert balances(books, "TREASURY") == {"": 0}
    assert books.rows("vouchers.csv") == []


def test_the_books_hold_and_every_number_is_told(books: Books) -> None:
    demand_sound(books, unit="yuan", pot=1_600_000_00)
    demand_explained(books, "B-20260320", "B-20261020")
