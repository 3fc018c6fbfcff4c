"""Cards that a provider withdraws: free ones first, then those of the lowest claim."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from evernormal.domain.market import Order, Withdrawal
from evernormal.domain.values import Period
from evernormal.store.models import AuditRecord, OrderVersion
from tests.actions.office import Year, small_order
from tests.actions.reading import acts, books_hold, run
from tests.domain.sample import contract, provider

pytestmark = pytest.mark.django_db

D = date
TOLD_ON = D(2026, 1, 20)
FEBRUARY = Period(D(2026, 2, 1), D(2026, 3, 1))


def wanted(number: int, **more: Any) -> Order:
    values: dict[str, Any] = {"cards": 4, "card_hours": 20, "period": FEBRUARY, **more}
    return small_order(number, contract_id=f"C{number}", **values)


def year(*orders: Order, out: tuple[Withdrawal, ...], elsewhere: int = 0) -> Year:
    """Ten cards; every contract may buy of a second provider that has some cards."""
    contracts = tuple(contract(int(order.contract_id[1:])) for order in orders)
    purchases = {c.id.replace("C", "B"): replace(c, provider_id="P2") for c in contracts}
    capacity = {("P1", "910B"): 10, **({("P2", "910B"): elsewhere} if elsewhere else {})}
    changed = {
        "withdrawals": out,
        "capacity": capacity,
        "purchases": {k: replace(c, id=k) for k, c in purchases.items()},
        "paid_by": {k: k.replace("B", "C") for k in purchases},
    }
    return Year(
        contracts=contracts,
        orders=orders,
        providers=(provider(1), provider(2)),
        changed=changed,
    )


def withdrawal(cards: int, told_on: date = TOLD_ON) -> Withdrawal:
    period = Period(D(2026, 2, 10), D(2026, 2, 20))
    return Withdrawal("P1", "910B", cards, period, told_on, "power cut")


def facts(key: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(AuditRecord.objects.get(key=key).body)["facts"]
    return found


KEY = "WITHDRAW_CARDS/P1/910B/20260120"


def test_free_cards_go_first() -> None:
    run(year(wanted(1), wanted(2), out=(withdrawal(2),)).desk())

    told = facts(KEY)
    assert (told["from_spot"], told["preempted"], told["stands"]) == (2, [], "")
    assert acts("CANCEL_ORDER") == acts("AMEND_ORDER") == []


def test_the_lowest_priority_loses_whole_gangs_and_keeps_the_rest() -> None:
    # One that begins later than the cards go can begin with fewer gangs.
    low = wanted(1, gang_cards=2, period=Period(D(2026, 2, 12), D(2026, 3, 1)))
    high = wanted(2, priority=5)
    run(year(low, high, out=(withdrawal(4),)).desk())

    lost = facts(KEY)["preempted"]
    assert [(each["order"], each["cards"], each["cards_left"]) for each in lost] == [("O1", 4, 2)]
    amended = facts("AMEND_ORDER/O1/20260120/WITHDRAWAL")
    assert (amended["stands"], amended["after"]["cards"]) == ("", 2)
    assert OrderVersion.objects.get().order_id == "O1"
    books_hold()


def test_among_equals_the_last_placed_loses_and_runs_on_elsewhere() -> None:
    run(year(wanted(1), wanted(2), out=(withdrawal(6),), elsewhere=4).desk())

    assert [each["order"] for each in facts(KEY)["preempted"]] == ["O2"]
    told = facts("CANCEL_ORDER/O2/20260120/WITHDRAWAL")
    assert told["change"] == "CANCELLED_BY_PROVIDER"
    assert (told["replacement"]["contract"], told["replacement"]["provider"]) == ("B2", "P2")
    assert acts("PLACE_HOLD/O2") == ["PLACE_HOLD/O2", "PLACE_HOLD/O2-R1"]
    books_hold()


def test_cards_that_are_gone_are_not_given_to_later_orders() -> None:
    late = wanted(2, cards=6, ordered_on=D(2026, 1, 25))
    run(year(wanted(1), late, out=(withdrawal(6),)).desk())

    assert facts("PLACE_HOLD/O2")["allocation"]["cards"] == 0
    # Before it was told of, nobody knew: an order of the day before has its cards.
    assert facts(KEY)["preempted"] == []


def test_a_second_withdrawal_counts_the_first() -> None:
    later = withdrawal(4, told_on=D(2026, 1, 22))
    run(year(wanted(1), wanted(2), out=(withdrawal(2), later)).desk())

    assert facts(KEY)["preempted"] == []
    lost = facts("WITHDRAW_CARDS/P1/910B/20260122")["preempted"]
    assert [each["order"] for each in lost] == ["O2"]
    books_hold()


def test_running_again_does_nothing_twice() -> None:
    desk = year(wanted(1), wanted(2), out=(withdrawal(6),), elsewhere=4).desk()
    run(desk)
    before = AuditRecord.objects.count()
    run(desk)
    assert AuditRecord.objects.count() == before
