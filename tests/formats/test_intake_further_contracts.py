"""Orders that draw on several vouchers: which contracts they may name."""

import pytest

from tests.formats.broken_folder import sound_folder
from tests.formats.test_intake_modes import places, read, with_columns


def with_further(cell: str, second: str) -> dict[str, bytes]:
    """The sound folder with a second contract, and an order that names further contracts."""
    files = with_columns("orders.csv", further_contracts=cell)
    head, row = files["contracts.csv"].decode().splitlines()[:2]
    files["contracts.csv"] = f"{head}\n{row}\n{second}\n".encode()
    return files


def second_contract(**changes: str) -> str:
    head, row = sound_folder()["contracts.csv"].decode().splitlines()[:2]
    cells = dict(zip(head.split(","), row.split(","), strict=True))
    cells |= {"contract_id": "C2", "meter_account": "lab-2", **changes}
    return ",".join(cells[name] for name in head.split(","))


def test_an_order_may_draw_on_further_contracts_of_its_buyer_and_provider() -> None:
    (order,) = read(with_further("C2", second_contract())).orders

    assert order.contracts == ("C1", "C2")


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("C9", "reference.unknown"),
        ("C1", "order.contract_twice"),
        ("C2; C2", "order.contract_twice"),
        ("C 2", "id.form"),
    ],
)
def test_a_further_contract_is_another_one(cell: str, code: str) -> None:
    found = places(with_further(cell, second_contract()))

    assert found == [("orders.csv", 2, "further_contracts", code)]


def test_a_further_contract_is_of_the_same_parties() -> None:
    others = second_contract(applicant_id="S9")

    assert ("orders.csv", 2, "further_contracts", "order.contract_of_others") in places(
        with_further("C2", others)
    )
