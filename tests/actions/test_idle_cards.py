"""Cards that are hardly used go back to the pool, as the terms of the calendar say."""

import json
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from evernormal.actions.desk import Desk
from evernormal.domain.allocation import CalendarTerms
from evernormal.domain.market import Order
from evernormal.domain.values import Period
from evernormal.formats.intake.year_input import UsageFile
from evernormal.store.models import AuditRecord
from tests.actions.office import Year, small_order, usage_file
from tests.actions.reading import acts, books_hold, run
from tests.domain.sample import contract, record

pytestmark = pytest.mark.django_db

D = date
FEBRUARY = Period(D(2026, 2, 1), D(2026, 3, 1))
# Looks back on five days, asks for a tenth of 8 x 24 x 5 = 960 card-hours, gives two days' notice.
TERMS = CalendarTerms(D(2026, 1, 1), 48, 5 * 24, Fraction(1, 10), "rules, article 9")


def wanted(number: int, **more: Any) -> Order:
    values: dict[str, Any] = {"cards": 8, "card_hours": 20, "period": FEBRUARY, **more}
    return small_order(number, contract_id=f"C{number}", **values)


def used_of(account: str, job: str, day: int, hours: float) -> Any:
    start = (day - 1) * 24
    return record(job, starts=start, ends=start + hours, cards=8, account=account)


def desk(*usage: UsageFile, orders: tuple[Order, ...], terms: CalendarTerms = TERMS) -> Desk:
    contracts = tuple(contract(int(order.contract_id[1:])) for order in orders)
    made = Year(contracts=contracts, orders=orders, cards=16, usage=usage).desk()
    programme = replace(made.year.programme, calendar_terms=(terms,))
    return replace(made, year=replace(made.year, programme=programme))


def facts(key: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(AuditRecord.objects.get(key=key).body)["facts"]
    return found


def test_an_order_that_hardly_used_its_cards_ends_after_the_notice() -> None:
    # 8 card-hours in five days, where 96 are asked for; the other order used 100.
    busy = [used_of("lab-2", f"b{day}", day, 2.5) for day in range(3, 8)]
    told = usage_file("a", D(2026, 2, 8), used_of("lab-1", "i1", 4, 1), *busy)
    run(desk(told, orders=(wanted(1), wanted(2))))

    found = facts("CANCEL_ORDER/O1/20260208/IDLE")
    assert (found["change"], found["cause"]) == ("RECALLED_IDLE", "IDLE")
    assert found["effective_on"] == "2026-02-10"
    # The last reading begins on the 7th, so that the 2nd to the 6th are known.
    assert found["grounds"] == {
        "from": "2026-02-02",
        "to": "2026-02-06",
        "used_card_hours": 8,
        "least_card_hours": "96/1",
        "terms_from": "2026-01-01",
        "source": "rules, article 9",
    }
    body = json.loads(AuditRecord.objects.get(key="CANCEL_ORDER/O1/20260208/IDLE").body)
    assert body["actor"] == "system"
    # By then 96 card-hours are not reached by the other either: 80 of its 100 lie in those days.
    assert facts("CANCEL_ORDER/O2/20260208/IDLE")["grounds"]["used_card_hours"] == 80
    books_hold()


def test_the_least_is_enough() -> None:
    busy = [used_of("lab-1", f"b{day}", day, 2.4) for day in range(2, 7)]
    told = usage_file("a", D(2026, 2, 8), *busy, used_of("lab-1", "last", 7, 1))
    run(desk(told, orders=(wanted(1),)))

    assert acts("CANCEL_ORDER") == []


@pytest.mark.parametrize(
    ("day_told", "received"),
    [
        pytest.param(5, D(2026, 2, 6), id="had its cards for fewer days"),
        pytest.param(20, D(2026, 2, 27), id="what is known is too old"),
        pytest.param(27, D(2026, 2, 27), id="would end before the notice has run"),
    ],
)
def test_no_cards_are_recalled_without_grounds(day_told: int, received: date) -> None:
    told = usage_file("a", received, used_of("lab-1", "i1", day_told, 1))
    run(desk(told, orders=(wanted(1),)))

    assert acts("CANCEL_ORDER") == []


def test_a_provider_that_told_nothing_is_no_ground() -> None:
    run(desk(orders=(wanted(1), wanted(2, ordered_on=D(2026, 2, 20)))))

    assert acts("CANCEL_ORDER") == []


def test_terms_hold_from_their_first_day_on() -> None:
    told = usage_file("a", D(2026, 2, 8), used_of("lab-1", "i1", 7, 1))
    run(desk(told, orders=(wanted(1),), terms=replace(TERMS, starts_on=D(2026, 2, 9))))

    assert acts("CANCEL_ORDER") == []


def test_cards_that_go_back_go_to_who_waits() -> None:
    told = usage_file("a", D(2026, 2, 8), used_of("lab-1", "i1", 7, 1))
    waits = wanted(
        2,
        cards=16,
        gang_cards=16,
        waits_until=D(2026, 2, 12),
        period=Period(D(2026, 2, 2), D(2026, 2, 5)),
    )
    run(desk(told, orders=(wanted(1), waits)))

    assert facts("PROMOTE_ORDER/O2")["starts_on"] == "2026-02-10"
    books_hold()
