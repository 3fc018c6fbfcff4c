"""3. The rules give an amount, a limb binds it, and the pot grants it."""

from typing import Any

from tests.life.money import fen
from tests.life.shelf import Books


def amounts(books: Books, contract: str) -> list[tuple[str, Any]]:
    return [(s["rule"], s["after"]) for s in books.facts(f"ASSESS/{contract}")["steps"]]


def test_a_fifth_of_twelve_million_is_capped_at_two(beijing: Books) -> None:
    assert beijing.row("decisions.csv", contract_id="BJ2023-001") == {
        "decision_id": "D-BJ2023-001",
        "contract_id": "BJ2023-001",
        "applicant_id": "A01",
        "provider_id": "P1",
        "applied_on": "2023-10-09",
        "is_eligible": "yes",
        "failed_rules": "",
        "entitled_yuan": "2000000.00",
        "limb": "cap_year",
        "reason": "ENTITLED",
        "award_id": "A-BJ2023-001",
        "awarded_yuan": "2000000.00",
    }
    assert amounts(beijing, "BJ2023-001")[:3] == [
        ("eligible_cost", 12_000_000_00),
        ("share", 2_400_000_00),
        ("cap_year", 2_000_000_00),
    ]
    (bound,) = (
        line for line in beijing.explain("D-BJ2023-001").splitlines() if "What bound" in line
    )
    assert bound.endswith("At most 2 million yuan per firm and calendar year.")
    assert "每家企业每自然年不超过200万元" in beijing.explain("A-BJ2023-001", "zh_Hans")


def test_nothing_is_left_of_the_cap_for_the_same_firm_in_the_same_calendar_year(
    beijing: Books,
) -> None:
    row = beijing.row("decisions.csv", contract_id="BJ2023-010")

    assert row == {
        "decision_id": "D-BJ2023-010",
        "contract_id": "BJ2023-010",
        "applicant_id": "A01",
        "provider_id": "P1",
        "applied_on": "2023-12-11",
        "is_eligible": "yes",
        "failed_rules": "",
        "entitled_yuan": "0.00",
        "limb": "cap_year",
        "reason": "NOTHING_DUE",
        "award_id": "A-BJ2023-010",
        "awarded_yuan": "0.00",
    }
    assert amounts(beijing, "BJ2023-010")[1:3] == [("share", 600_000_00), ("cap_year", 0)]
    assert beijing.facts("ASSESS/BJ2023-010")["already"] == {"FIRM_YEAR": 2_000_000_00}


def test_the_official_example_gives_83676_and_25102_yuan(nanning: Books) -> None:
    assert nanning.row("decisions.csv", contract_id="NN-001") == {
        "decision_id": "D-NN-001",
        "contract_id": "NN-001",
        "applicant_id": "NA01",
        "provider_id": "WX",
        "applied_on": "2026-01-06",
        "is_eligible": "yes",
        "failed_rules": "",
        "entitled_yuan": "25102.00",
        "limb": "share",
        "reason": "ENTITLED",
        "award_id": "A-NN-001",
        "awarded_yuan": "25102.00",
    }
    assert amounts(nanning, "NN-001")[:3] == [
        ("eligible_cost", 200_000_00),
        ("window", 83_676_00),
        ("share", 25_102_00),
    ]
    said = nanning.explain("D-NN-001")
    assert "83,676" in said
    assert "25,102" in said


def test_what_each_contract_of_nanning_shows(nanning: Books) -> None:
    shown = {
        row["contract_id"]: (row["awarded_yuan"], row["limb"], row["reason"])
        for row in nanning.rows("decisions.csv")
    }

    assert shown == {
        "NN-001": ("25102.00", "share", "ENTITLED"),
        "NN-002": ("2000000.00", "cap_total", "ENTITLED"),
        "NN-003": ("0.00", "share", "NOT_ELIGIBLE"),
        "NN-004": ("0.00", "match", "NOT_ELIGIBLE"),
        "NN-005": ("45000.00", "share", "ENTITLED"),
        "NN-006": ("0.00", "window", "NOTHING_DUE"),
        "NN-007": ("47868.00", "share", "ENTITLED"),
        "NN-008": ("0.00", "share", "NOT_ELIGIBLE"),
        "NN-009": ("0.00", "match", "NOTHING_DUE"),
        "NN-010": ("14958.00", "share", "ENTITLED"),
    }


def test_awards_leave_the_pot_and_never_exceed_it(
    beijing: Books, nanning: Books, guizhou: Books
) -> None:
    for books in (beijing, nanning, guizhou):
        awarded = sum(fen(row["awarded_yuan"]) for row in books.rows("decisions.csv"))
        moved = {
            r["transfer_id"]: (r["credit"], fen(r["amount_yuan"]))
            for r in books.where("journal.csv", debit="POT", code="AWARD")
        }
        pot = books.row("accounts.csv", account_id="POT")

        assert moved == {
            f"AWARD/{row['contract_id']}#1": (f"AWARD:{row['award_id']}", fen(row["awarded_yuan"]))
            for row in books.rows("decisions.csv")
            if fen(row["awarded_yuan"])
        }
        assert int(pot["debits_posted"]) == awarded
        assert 0 < awarded <= int(pot["credits_posted"])
