"""2. A firm applies with a contract; each condition that fails is named, with its clause."""

import pytest

from tests.life.shelf import Books

# Contract -> the condition that fails, and words of the published clause it rests on.
BEIJING = {
    "BJ2023-003": ("signed_from", "contracts: signed on or after 2023-09-01"),
    "BJ2023-004": ("term", "contracts: a term of one year or less"),
    "BJ2023-005": ("unrelated", "suppliers: not a related party"),
    "BJ2023-006": ("clean_record", "applicants: no record of dishonesty in three years"),
    "BJ2023-009": ("applicant_type", "applicants: enterprises registered in the city"),
    "BJ2023-011": ("other_support", "applicants: not supported by other municipal money"),
    "BJ2023-012": ("provider_listed", "suppliers: members of the partner plan"),
}
NANNING = {
    "NN-003": ("call", "application: 4 to 23 January"),
    "NN-004": ("provider_listed", "suppliers: the listed suppliers of one centre"),
    "NN-008": ("unrelated", "suppliers: not a related party"),
}


def refused(books: Books) -> dict[str, str]:
    rows = books.where("decisions.csv", is_eligible="no")
    return {row["contract_id"]: row["failed_rules"] for row in rows}


def test_exactly_these_applications_are_ineligible_and_for_these_reasons(
    beijing: Books, nanning: Books, guizhou: Books
) -> None:
    assert refused(beijing) == {contract: rule for contract, (rule, _) in BEIJING.items()}
    assert refused(nanning) == {contract: rule for contract, (rule, _) in NANNING.items()}
    assert refused(guizhou) == {}


@pytest.mark.parametrize("contract", BEIJING)
def test_the_explanation_marks_that_condition_alone_and_cites_its_clause(
    contract: str, beijing: Books
) -> None:
    rule, clause = BEIJING[contract]
    checks = beijing.facts(f"ASSESS/{contract}")["checks"]
    said = beijing.explain(f"D-{contract}")
    failing = [line for line in said.splitlines() if line.startswith("    ✗")]

    assert [check["rule"] for check in checks if not check["passed"]] == [rule]
    assert len(checks) == 10
    assert len(failing) == 1
    assert clause in failing[0]


def test_a_contract_signed_a_day_too_early_is_refused_whole(beijing: Books) -> None:
    assert beijing.row("decisions.csv", contract_id="BJ2023-003") == {
        "decision_id": "D-BJ2023-003",
        "contract_id": "BJ2023-003",
        "applicant_id": "A03",
        "provider_id": "P2",
        "applied_on": "2023-09-20",
        "is_eligible": "no",
        "failed_rules": "signed_from",
        "entitled_yuan": "320000.00",
        "limb": "share",
        "reason": "NOT_ELIGIBLE",
        "award_id": "A-BJ2023-003",
        "awarded_yuan": "0.00",
    }
    said = beijing.explain("D-BJ2023-003", "zh_Hans")
    assert "合同签订日不早于2023年9月1日" in said
    assert "2023年8月31日" in said


def test_a_contract_of_thirteen_months_is_refused_whole(beijing: Books) -> None:
    assert beijing.row("decisions.csv", contract_id="BJ2023-004") == {
        "decision_id": "D-BJ2023-004",
        "contract_id": "BJ2023-004",
        "applicant_id": "A04",
        "provider_id": "P2",
        "applied_on": "2023-10-12",
        "is_eligible": "no",
        "failed_rules": "term",
        "entitled_yuan": "520000.00",
        "limb": "share",
        "reason": "NOT_ELIGIBLE",
        "award_id": "A-BJ2023-004",
        "awarded_yuan": "0.00",
    }
    said = beijing.explain("D-BJ2023-004", "zh_Hans")
    assert "合同期限不超过一年" in said
    assert "2024年10月31日" in said


def test_every_contract_handed_in_is_decided_once(
    beijing: Books, nanning: Books, guizhou: Books
) -> None:
    for books, count in ((beijing, 16), (nanning, 10), (guizhou, 6)):
        given = [row["contract_id"] for row in books.rows("inputs/contracts.csv")]
        decided = [row["contract_id"] for row in books.rows("decisions.csv")]

        assert len(decided) == count
        assert sorted(decided) == sorted(given)
