"""Mode E: another programme's award brings ours, without an application."""

import pytest

from tests.life.modes.sound import acts, balances, demand_explained, demand_sound
from tests.life.money import fen
from tests.life.shelf import Books, Shelf


@pytest.fixture
def books(shelf: Shelf) -> Books:
    return shelf.of("mode-e-match")


def test_the_year_is_told_in_its_acts(books: Books) -> None:
    assert acts(books) == [
        ("2026-03-02", "ASSESS/EX-E-01"),
        ("2026-03-02", "AWARD/EX-E-01"),
        ("2026-03-02", "ASSESS/EX-E-02"),
        ("2026-03-02", "AWARD/EX-E-02"),
        ("2026-03-02", "DECIDE_CLAIM/CL-EX-E-01-20260302"),
        ("2026-03-02", "DECIDE_CLAIM/CL-EX-E-02-20260302"),
        ("2026-04-20", "ASSESS/EX-E-03"),
        ("2026-04-20", "AWARD/EX-E-03"),
        ("2026-05-11", "ASSESS/EX-E-04"),
        ("2026-05-11", "AWARD/EX-E-04"),
        ("2026-05-11", "DECIDE_CLAIM/CL-EX-E-04-20260511"),
        ("2026-06-30", "PAY_BATCH/B-20260630"),
        ("2026-09-01", "ASSESS/EX-E-05"),
        ("2026-09-01", "AWARD/EX-E-05"),
    ]


def test_the_matched_share_within_all_public_support_and_the_firms_year(books: Books) -> None:
    decided = {
        row["contract_id"]: (row["failed_rules"], row["limb"], fen(row["awarded_yuan"]))
        for row in books.rows("decisions.csv")
    }

    # 25 % of what the province accepted, at most 60 % of it less what the province gives.
    assert decided == {
        "EX-E-01": ("", "share", 50_000_00),
        "EX-E-02": ("", "stacking", 60_000_06 - 50_000_05),
        "EX-E-03": ("upstream other_support", "share", 0),
        "EX-E-04": ("", "cap_year", 70_000_00 - 50_000_00),
        "EX-E-05": ("", "stacking", 0),
    }


def test_the_cost_is_what_the_province_accepted_and_the_tier_that_of_matched_cases(
    books: Books,
) -> None:
    steps = {step["rule"]: step for step in books.facts("ASSESS/EX-E-01")["steps"]}

    assert steps["eligible_cost"]["after"] == 200_000_00
    assert (steps["share"]["facts"]["tier"], steps["share"]["facts"]["ratio"]) == (1, "1/4")
    assert books.facts("ASSESS/EX-E-01")["other_support_fen"] == 60_000_00


def test_each_claim_rests_on_one_award_of_the_province(books: Books) -> None:
    claims = {
        r["contract_id"]: books.facts(f"DECIDE_CLAIM/{r['claim_id']}")
        for r in books.rows("claims.csv")
    }

    rests_on = {
        contract: facts["match_steps"][0]["facts"]["upstream_award"]
        for contract, facts in claims.items()
    }
    assert rests_on == {
        "EX-E-01": "SHENG-2026-017",
        "EX-E-02": "SHENG-2026-018",
        "EX-E-04": "SHENG-2026-044",
    }
    assert all(
        [(c["form"], c["passed"]) for c in facts["checks"]]
        == [("upstream_present", True), ("upstream_matched_once", True)]
        for facts in claims.values()
    )


def test_all_is_paid_in_one_batch(books: Books) -> None:
    facts = books.facts("PAY_BATCH/B-20260630")

    assert facts["total_fen"] == 80_000_01
    assert [(i["payee"], i["amount_fen"]) for i in facts["instructions"]] == [
        ("MA", 50_000_00),
        ("MB", 10_000_01),
        ("MA", 20_000_00),
    ]
    assert balances(books, "POT") == {"": 500_000_00 - 80_000_01}


def test_the_books_hold_and_every_number_is_told(books: Books) -> None:
    demand_sound(books, unit="yuan", pot=500_000_00)
    demand_explained(books, "B-20260630")
