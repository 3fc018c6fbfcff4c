"""Contracts with further providers that the voucher of an award pays too: purchases.csv."""

from datetime import date

import pytest

from evernormal.domain.values import Period
from tests.formats.broken_folder import PROVIDERS, sound_folder
from tests.formats.test_intake_modes import places, read

HEADER = "purchase_id,contract_id,provider_id,signed_on,starts_on,ends_on,meter_account"
SOUND = "B1,C1,P2,2025-02-01,2025-02-02,2025-06-30,jiayi-2"
SECOND = (
    "P2,北京戊己算力有限公司,91110108MA00ABCD32,yes,110107,person:p2,银行,102100000019,622200010002"
)


def folder(*rows: str) -> dict[str, bytes]:
    """The sound folder with a second provider, and purchases."""
    purchases = "\n".join([HEADER, *rows]) + "\n"
    return {"providers.csv": f"{PROVIDERS}{SECOND}\n".encode(), "purchases.csv": purchases.encode()}


def with_purchases(*rows: str) -> dict[str, bytes]:
    return {**sound_folder(), **folder(*rows)}


def test_a_purchase_has_its_provider_and_term_and_the_buyer_of_its_award() -> None:
    year = read(with_purchases(SOUND))
    bought = year.purchases["B1"]

    assert (bought.provider_id, bought.applicant_id) == ("P2", "A1")
    assert bought.term == Period(date(2025, 2, 2), date(2025, 7, 1))
    assert (year.award_contract("B1"), year.under_award("C1")) == ("C1", ("C1", "B1"))
    assert year.meter_accounts["P2", "jiayi-2"] == "B1"
    assert year.voucher_of("B1") == year.voucher_of("C1")
    assert "B1" not in year.contracts


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (SOUND.replace("2025-06-30", "2025-02-01"), "ends_on", "contract.ends_before_start"),
        (SOUND.replace("B1", "C1"), "purchase_id", "id.shared"),
        (SOUND.replace("P2", "P1"), "provider_id", "purchase.of_own_provider"),
        (SOUND.replace("C1", "C7"), "contract_id", "reference.unknown"),
        (SOUND.replace("P2", "P7"), "provider_id", "reference.unknown"),
        (
            "B1,C1,P2,2025-01-01,2025-01-02,2025-01-11,jiayi-2",
            "ends_on",
            "purchase.over_before_award",
        ),
    ],
)
def test_what_a_purchase_cannot_be(row: str, column: str, code: str) -> None:
    assert ("purchases.csv", 2, column, code) in places(with_purchases(row))


def test_two_purchases_of_one_award_with_one_provider_are_refused() -> None:
    other = SOUND.replace("B1", "B2").replace("jiayi-2", "jiayi-3")

    assert places(with_purchases(SOUND, other)) == [
        ("purchases.csv", 3, "provider_id", "purchase.twice")
    ]
