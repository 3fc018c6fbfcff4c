"""Orders that wait for cards of a pool, and get some when they come free."""

import json
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from evernormal.domain.allocation import CalendarTerms
from evernormal.domain.market import Order, OrderChange, OrderChangeKind, Withdrawal
from evernormal.domain.values import Period
from evernormal.store.models import AuditRecord, Hold
from tests.actions.office import Year, small_order, usage_file
from tests.actions.reading import acts, books_hold, run
from tests.domain.sample import contract, record

pytestmark = pytest.mark.django_db

D = date
FEBRUARY = Period(D(2026, 2, 1), D(2026, 3, 1))
FIRST_HALF = Period(D(2026, 2, 1), D(2026, 2, 15))


def wanted(number: int, period: Period, **more: Any) -> Order:
    values: dict[str, Any] = {"cards": 8, "card_hours": 20, "period": period, **more}
    return small_order(number, contract_id=f"C{number}", **values)


def year(*orders: Order, changed: dict[str, Any] | None = None, **more: Any) -> Year:
    """Eight cards in all; one contract an order."""
    contracts = tuple(contract(int(order.contract_id[1:])) for order in orders)
    return Year(contracts=contracts, orders=orders, cards=8, changed=changed or {}, **more)


def facts(key: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(AuditRecord.objects.get(key=key).body)["facts"]
    return found


def holds() -> list[tuple[str, int]]:
    return list(Hold.objects.order_by("pk").values_list("order_id", "amount_fen"))


def test_an_order_that_waits_begins_on_the_first_day_with_room() -> None:
    run(year(wanted(1, FIRST_HALF), wanted(2, FIRST_HALF, waits_until=D(2026, 2, 20))).desk())

    told = facts("PROMOTE_ORDER/O2")
    assert (told["starts_on"], told["ends_on"]) == ("2026-02-15", "2026-02-28")
    assert (told["stands"], told["place"], told["passed_over"]) == ("", 1, [])
    assert told["allocation"]["cards"] == 8
    # 20 card-hours at 10 yuan, half of it.
    assert holds() == [("O1", 10_000), ("O2", 10_000)]
    books_hold()


def test_use_of_the_days_on_which_it_began_is_charged() -> None:
    later = record("1", starts=19 * 24, ends=19 * 24 + 1, cards=8, account="lab-2")
    run(
        year(
            wanted(1, FIRST_HALF),
            wanted(2, FIRST_HALF, waits_until=D(2026, 2, 20)),
            usage=(usage_file("a", D(2026, 2, 25), later),),
        ).desk()
    )

    assert facts("CHARGE/O2/usage/a.json")["captured_fen"] == 4_000
    books_hold()


def test_an_order_that_waits_for_nobody_to_leave_goes_when_its_last_day_has_passed() -> None:
    run(year(wanted(1, FEBRUARY), wanted(2, FIRST_HALF, waits_until=D(2026, 2, 10))).desk())

    told = AuditRecord.objects.get(key="PROMOTE_ORDER/O2")
    assert facts("PROMOTE_ORDER/O2")["stands"] == "EXPIRED"
    assert json.loads(told.body)["at"].startswith("2026-02-11")
    assert holds() == [("O1", 10_000)]
    books_hold()


def test_a_cancellation_lets_the_first_who_waits_in_and_passes_over_who_does_not_fit() -> None:
    cancelled = OrderChange("O1", OrderChangeKind.CANCELLED_BY_USER, D(2026, 2, 3), D(2026, 2, 4))
    long = wanted(2, Period(D(2026, 2, 1), D(2026, 3, 15)), waits_until=D(2026, 2, 10))
    # Four cards are taken from March on, so that the long order fits nowhere.
    march = wanted(4, Period(D(2026, 3, 1), D(2026, 3, 20)), cards=4)
    short = wanted(3, FIRST_HALF, waits_until=D(2026, 2, 12))
    desk = year(
        wanted(1, FEBRUARY), march, long, short, changed={"order_changes": (cancelled,)}
    ).desk()
    run(desk)

    told = facts("PROMOTE_ORDER/O3")
    assert (told["starts_on"], told["ends_on"]) == ("2026-02-04", "2026-02-17")
    assert (told["place"], told["passed_over"]) == (2, [{"order": "O2", "cards": 8}])
    assert facts("PROMOTE_ORDER/O2")["stands"] == "EXPIRED"
    books_hold()


def test_notice_keeps_the_first_days_free() -> None:
    terms = CalendarTerms(D(2026, 1, 1), 72, 24 * 7, Fraction(0), "rules")
    cancelled = OrderChange("O1", OrderChangeKind.CANCELLED_BY_USER, D(2026, 2, 3), D(2026, 2, 4))
    made = year(
        wanted(1, FEBRUARY),
        wanted(2, FIRST_HALF, waits_until=D(2026, 2, 12)),
        changed={"order_changes": (cancelled,)},
    )
    desk = made.desk()
    programme = replace(desk.year.programme, calendar_terms=(terms,))
    run(replace(desk, year=replace(desk.year, programme=programme)))

    assert facts("PROMOTE_ORDER/O2")["starts_on"] == "2026-02-06"
    books_hold()


def test_an_order_whose_voucher_was_spent_leaves_its_cards_to_the_next() -> None:
    # The contract's voucher pays 50,000 fen; its other order holds all of it by then.
    poor = wanted(2, FIRST_HALF, waits_until=D(2026, 2, 20))
    rich = replace(
        wanted(2, Period(D(2026, 3, 1), D(2026, 3, 10)), card_hours=100, ordered_on=D(2026, 1, 20)),
        id="O22",
    )
    cancelled = OrderChange("O1", OrderChangeKind.CANCELLED_BY_USER, D(2026, 2, 3), D(2026, 2, 4))
    next_ = wanted(3, FIRST_HALF, waits_until=D(2026, 2, 20))
    full = wanted(1, Period(D(2026, 2, 1), D(2026, 3, 1)))
    made = year(full, poor, next_, changed={"order_changes": (cancelled,)})
    made.orders = (*made.orders, rich)
    run(made.desk())

    assert facts("PROMOTE_ORDER/O2")["stands"] == "VOUCHER"
    assert facts("PROMOTE_ORDER/O3")["starts_on"] == "2026-02-04"
    books_hold()


def test_cards_that_are_withdrawn_are_not_given_to_who_waits() -> None:
    gone = Withdrawal("P1", "910B", 8, Period(D(2026, 2, 10), D(2026, 3, 27)), D(2026, 1, 6))
    made = year(
        wanted(1, Period(D(2026, 2, 1), D(2026, 2, 8))),
        wanted(2, FIRST_HALF, waits_until=D(2026, 2, 20)),
        changed={"withdrawals": (gone,)},
    )
    run(made.desk())

    assert facts("PROMOTE_ORDER/O2")["stands"] == "EXPIRED"
    assert acts("CANCEL_ORDER") == []


def test_who_was_let_in_last_loses_its_cards_first_when_some_are_withdrawn() -> None:
    gone = Withdrawal("P1", "910B", 8, Period(D(2026, 2, 20), D(2026, 3, 27)), D(2026, 2, 12))
    made = year(
        wanted(1, FIRST_HALF),
        wanted(2, FIRST_HALF, waits_until=D(2026, 2, 20)),
        changed={"withdrawals": (gone,)},
    )
    run(made.desk())

    told = facts("WITHDRAW_CARDS/P1/910B/20260212")
    assert [(lost["order"], lost["cards_left"]) for lost in told["preempted"]] == [("O2", 0)]
    cancelled = facts("CANCEL_ORDER/O2/20260212/WITHDRAWAL")
    assert (cancelled["effective_on"], cancelled["cause"]) == ("2026-02-20", "WITHDRAWAL")
    books_hold()


def test_running_again_does_nothing_twice() -> None:
    desk = year(wanted(1, FIRST_HALF), wanted(2, FIRST_HALF, waits_until=D(2026, 2, 20))).desk()
    run(desk)
    before = AuditRecord.objects.count()
    run(desk)
    assert AuditRecord.objects.count() == before
