"""What became of orders after they were placed: order_changes.csv."""

from datetime import date

import pytest

from evernormal.domain.market import OrderChange, OrderChangeKind
from tests.formats.broken_folder import ORDERS, sound_folder
from tests.formats.test_intake_modes import places, read

HEADER = "order_id,changed_on,change,effective_on,cards,card_hours,ends_on,reason"
CANCELLED = "O1,2025-02-03,CANCELLED_BY_PROVIDER,,,,,own training"


def with_changes(*rows: str, ordered_on: str = "2025-01-20") -> dict[str, bytes]:
    """The sound folder with an order of a day, and what became of it."""
    header, order = ORDERS.splitlines()
    orders = f"{header},ordered_on\n{order},{ordered_on}\n"
    changes = "\n".join([HEADER, *rows]) + "\n"
    return {
        **sound_folder(),
        "orders.csv": orders.encode(),
        "order_changes.csv": changes.encode(),
    }


def test_a_cancellation_takes_effect_the_next_day_unless_it_says_otherwise() -> None:
    changes = read(with_changes(CANCELLED)).order_changes

    assert changes == (
        OrderChange(
            "O1",
            OrderChangeKind.CANCELLED_BY_PROVIDER,
            date(2025, 2, 3),
            date(2025, 2, 4),
            reason="own training",
        ),
    )


def test_an_amendment_says_what_changes_and_its_last_day_is_still_in_it() -> None:
    (change,) = read(
        with_changes("O1,2025-02-03,AMENDED,2025-02-10,16,300,2025-02-20,")
    ).order_changes

    assert (change.effective_on, change.cards, change.card_hours) == (date(2025, 2, 10), 16, 300)
    assert change.ends_on == date(2025, 2, 21)


def test_a_replacement_may_be_cancelled_too() -> None:
    year = read(with_changes(CANCELLED, "O1-R1,2025-02-06,CANCELLED_BY_USER,,,,,"))

    assert [change.order_id for change in year.order_changes] == ["O1", "O1-R1"]


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (CANCELLED.replace("O1", "O7"), "order_id", "reference.unknown"),
        ("O1-R1,2025-02-06,CANCELLED_BY_USER,,,,,", "order_id", "change.of_no_replacement"),
        (
            "O1,2025-02-03,CANCELLED_BY_USER,2025-02-03,,,,",
            "effective_on",
            "change.takes_effect_too_early",
        ),
        ("O1,2025-01-19,CANCELLED_BY_USER,,,,,", "changed_on", "change.before_order"),
        ("O1,2025-02-03,RECALLED_IDLE,,,,,", "change", "change.by_terms"),
        ("O1,2025-02-03,AMENDED,,,,,", "change", "change.of_nothing"),
        ("O1,2025-02-03,CANCELLED_BY_USER,,16,,,", "cards", "change.not_amended"),
        ("O1,2025-02-03,CANCELLED_BY_USER,,,9,,", "card_hours", "change.not_amended"),
        ("O1,2025-02-03,CANCELLED_BY_USER,,,,2025-02-20,", "ends_on", "change.not_amended"),
        ("O1,2025-02-03,AMENDED,,12,,,", "cards", "order.part_of_a_gang"),
        ("O1,2025-02-03,LOST,,,,,", "change", "choice.unknown"),
    ],
)
def test_what_a_change_cannot_be(row: str, column: str, code: str) -> None:
    assert places(with_changes(row)) == [("order_changes.csv", 2, column, code)]
