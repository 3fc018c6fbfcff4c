"""Cards that providers take out of the programme: withdrawals.csv."""

from datetime import date

import pytest

from evernormal.domain.market import Withdrawal
from evernormal.domain.values import Period
from tests.formats.test_intake_modes import places, read, with_file

HEADER = "provider_id,device_class,told_on,starts_on,ends_on,cards,reason"


def with_withdrawals(*rows: str) -> dict[str, bytes]:
    return with_file("withdrawals.csv", HEADER, *rows)


def test_a_withdrawal_without_a_last_day_goes_on_to_the_closing() -> None:
    rows = (
        "P1,A100-80G,2025-03-01,2025-03-05,2025-03-09,8,repair",
        "P1,A100-80G,2025-04-01,2025-04-02,,8,",
    )

    assert read(with_withdrawals(*rows)).withdrawals == (
        Withdrawal(
            provider_id="P1",
            device_class="A100-80G",
            cards=8,
            period=Period(date(2025, 3, 5), date(2025, 3, 10)),
            told_on=date(2025, 3, 1),
            reason="repair",
        ),
        Withdrawal(
            provider_id="P1",
            device_class="A100-80G",
            cards=8,
            period=Period(date(2025, 4, 2), date(2026, 1, 1)),
            told_on=date(2025, 4, 1),
            reason="",
        ),
    )


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("P1,L20,2025-03-01,2025-03-05,,8,", "device_class", "order.no_capacity"),
        ("P1,A100-80G,2025-03-05,2025-03-05,,8,", "starts_on", "withdrawal.without_notice"),
        (
            "P1,A100-80G,2025-03-01,2025-03-05,2025-03-04,8,",
            "ends_on",
            "withdrawal.ends_before_start",
        ),
        ("P1,A100-80G,2025-03-01,2025-03-05,,65,", "cards", "withdrawal.of_too_many"),
        ("P1,A100-80G,2025-03-01,2025-03-05,,0,", "cards", "number.form"),
    ],
)
def test_what_a_withdrawal_cannot_be(row: str, column: str, code: str) -> None:
    assert places(with_withdrawals(row)) == [("withdrawals.csv", 2, column, code)]


def test_withdrawals_of_the_same_days_add_up_and_others_do_not() -> None:
    first = "P1,A100-80G,2025-03-01,2025-03-05,2025-03-31,40,"
    later = "P1,A100-80G,2025-03-02,2025-04-01,,40,"
    same = "P1,A100-80G,2025-03-03,2025-03-31,,25,"

    assert places(with_withdrawals(first, later)) == []
    assert places(with_withdrawals(first, same)) == [
        ("withdrawals.csv", 3, "cards", "withdrawal.of_too_many")
    ]
