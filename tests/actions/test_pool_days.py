"""The calendar of a pool, as the market shows it: reserved, withdrawn, and what is left."""

from datetime import date
from typing import Any

import pytest

from evernormal.actions.pool_days import PoolDays, list_pool_days, waiting_orders
from evernormal.actions.standing_orders import with_standing_orders
from evernormal.domain.market import Order, OrderChange, OrderChangeKind, Withdrawal
from evernormal.domain.values import Period
from tests.actions.office import Year, small_order
from tests.actions.reading import run
from tests.domain.sample import contract

pytestmark = pytest.mark.django_db

D = date
FEBRUARY = Period(D(2026, 2, 1), D(2026, 3, 1))


def wanted(number: int, **more: Any) -> Order:
    values: dict[str, Any] = {"cards": 4, "card_hours": 20, "period": FEBRUARY, **more}
    return small_order(number, contract_id=f"C{number}", **values)


def shown(*orders: Order, **changed: Any) -> tuple[list[PoolDays], list[str]]:
    """What is shown of ten cards at the end of the year."""
    contracts = tuple(contract(number) for number in range(1, len(orders) + 1))
    changed["capacity"] = {("P1", "910B"): 10}
    desk = Year(contracts=contracts, orders=orders, changed=changed).desk()
    run(desk)
    now = with_standing_orders(desk)
    within = Period(D(2026, 2, 5), D(2026, 3, 5))
    return list(list_pool_days(now, within=within)), waiting_orders(now)


def days(found: list[PoolDays]) -> list[tuple[int, int, int, int, int]]:
    """First and last day of the month, cards withdrawn, reserved and spot."""
    return [
        (d.days.starts_on.day, d.days.last_on.day, d.withdrawn, d.reserved, d.spot) for d in found
    ]


def test_what_is_not_reserved_is_the_spot_remainder() -> None:
    found, waiting = shown(wanted(1), wanted(2, period=Period(D(2026, 2, 10), D(2026, 2, 20))))

    assert days(found) == [(5, 9, 0, 4, 6), (10, 19, 0, 8, 2), (20, 28, 0, 4, 6), (1, 4, 0, 0, 10)]
    assert [each.orders for each in found] == [("O1",), ("O1", "O2"), ("O1",), ()]
    assert waiting == []


def test_withdrawn_cards_and_amended_orders_change_it_from_their_day_on() -> None:
    gone = Withdrawal("P1", "910B", 3, Period(D(2026, 2, 12), D(2026, 2, 14)), D(2026, 1, 20))
    fewer = OrderChange(
        "O1", OrderChangeKind.AMENDED, D(2026, 1, 21), D(2026, 2, 16), cards=2, card_hours=20
    )
    found, _ = shown(wanted(1), withdrawals=(gone,), order_changes=(fewer,))

    assert days(found) == [
        (5, 11, 0, 4, 6),
        (12, 13, 3, 4, 3),
        (14, 15, 0, 4, 6),
        (16, 28, 0, 2, 8),
        (1, 4, 0, 0, 10),
    ]


def test_who_waits_is_shown_until_it_leaves() -> None:
    full = wanted(1, cards=10, period=Period(D(2026, 2, 1), D(2026, 5, 1)))
    _, waiting = shown(full, wanted(2, cards=10, waits_until=D(2026, 4, 10)))

    assert waiting == ["O2"]
