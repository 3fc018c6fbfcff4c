"""Orders after they were placed: amended, cancelled by either side, and run on elsewhere."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from evernormal.domain.market import OrderChange, OrderChangeKind
from evernormal.domain.values import Period
from evernormal.store.models import Allocation, AuditRecord, Hold
from tests.actions.office import Year, small_order, usage_file
from tests.actions.reading import books_hold, run, voucher_row
from tests.domain.sample import contract, provider, record

pytestmark = pytest.mark.django_db

D = date
# 100 card-hours at 10 yuan, half from the voucher: 500 yuan, all that it has.
BIG = small_order(cards=8, card_hours=100, period=Period(D(2026, 2, 1), D(2026, 3, 1)))
BY_PROVIDER, BY_USER = (
    OrderChangeKind.CANCELLED_BY_PROVIDER,
    OrderChangeKind.CANCELLED_BY_USER,
)


def change(kind: OrderChangeKind, on: date, **more: Any) -> OrderChange:
    values = {
        "order_id": "O1",
        "changed_on": on,
        "effective_on": date.fromordinal(on.toordinal() + 1),
    }
    return OrderChange(**{**values, "kind": kind, **more})


def year(*changes: OrderChange, second: bool = True, **more: Any) -> Year:
    own = contract(1)
    purchase = replace(own, id="B1", provider_id="P2")
    changed = {
        "order_changes": changes,
        "purchases": {"B1": purchase} if second else {},
        "paid_by": {"B1": "C1"} if second else {},
        "meter_accounts": {("P1", "lab-1"): "C1", ("P2", "lab-1"): "B1"},
        **more.pop("changed", {}),
    }
    values: dict[str, Any] = {"orders": (BIG,), "providers": (provider(1), provider(2)), **more}
    return Year(changed=changed, **values)


def facts(key: str) -> dict[str, Any]:
    body = AuditRecord.objects.get(key=key).body
    found: dict[str, Any] = json.loads(body)["facts"]
    return found


def open_holds() -> list[tuple[str, str, int, date]]:
    rows = Hold.objects.filter(state="OPEN").order_by("pk")
    return [(h.hold_id, h.payee_id, h.amount_fen, h.expires_on) for h in rows]


def placed() -> dict[str, int]:
    return dict(Allocation.objects.values_list("order_id", "cards"))


def test_an_order_that_its_provider_cancels_before_the_start_runs_on_elsewhere() -> None:
    run(year(change(BY_PROVIDER, D(2026, 1, 20))).desk())

    told = facts("CANCEL_ORDER/O1/20260120")
    assert (told["released_fen"], told["kept_fen"], told["undelivered_card_hours"]) == (
        50_000,
        0,
        100,
    )
    assert told["replacement"]["order"] == "O1-R1"
    assert (told["replacement"]["contract"], told["replacement"]["provider"]) == ("B1", "P2")
    assert (told["days_lost"], told["tried"]) == (0, [])
    assert placed() == {"O1": 8, "O1-R1": 8}
    assert [(h.hold_id, h.payee_id) for h in Hold.objects.filter(order_id="O1-R1")] == [
        ("H-O1-R1-1", "P2")
    ]
    books_hold()


def test_use_at_the_new_provider_is_charged_under_its_purchase() -> None:
    used = replace(
        usage_file("p2", D(2026, 2, 10), _p2(record("1", starts=24, ends=25, cards=8))),
        provider_id="P2",
    )
    run(year(change(BY_PROVIDER, D(2026, 1, 20)), usage=(used,)).desk())

    charged = facts("CHARGE/O1-R1/usage/p2.json")
    assert (charged["contract"], charged["captured_fen"]) == ("B1", 4_000)
    assert voucher_row(1).captured_fen == 4_000
    books_hold()


def _p2(of: Any) -> Any:
    return replace(of, key=replace(of.key, provider_id="P2"))


def test_a_cancellation_in_the_middle_keeps_what_late_use_may_need_for_seven_days() -> None:
    early = usage_file("1", D(2026, 2, 3), record("1", starts=1, ends=2, cards=8))
    late = usage_file("2", D(2026, 2, 8), record("2", starts=30, ends=31, cards=8))
    run(year(change(BY_USER, D(2026, 2, 4)), usage=(early, late)).desk())

    told = facts("CANCEL_ORDER/O1/20260204")
    # 8 card-hours used of 100. Until 5 February the eight cards could cost more than is held.
    assert (told["kept_fen"], told["released_fen"]) == (46_000, 0)
    assert "replacement" not in told
    assert facts("CHARGE/O1/usage/2.json")["captured_fen"] == 8_000
    expired = AuditRecord.objects.get(key__startswith="EXPIRE_HOLD/H-O1-")
    assert json.loads(expired.body)["at"].startswith("2026-02-12")
    assert open_holds() == []
    books_hold()


def test_without_another_provider_the_voucher_lives_longer_by_the_days_lost() -> None:
    run(year(change(BY_PROVIDER, D(2026, 2, 4)), second=False).desk())

    told = facts("CANCEL_ORDER/O1/20260204")
    assert (told["replacement"], told["days_lost"]) == (None, 24)
    assert told["draws"][0]["lapsed_on_before"] == "2027-01-10"
    assert told["draws"][0]["lapses_on"] == "2027-02-03"
    assert voucher_row(1).lapses_on == D(2027, 2, 3)
    books_hold()


def test_an_amendment_holds_what_the_whole_order_costs_now() -> None:
    small = replace(BIG, card_hours=50)
    amended = change(OrderChangeKind.AMENDED, D(2026, 1, 20), card_hours=80, cards=16)
    run(year(amended, orders=(small,)).desk())

    told = facts("AMEND_ORDER/O1/20260120")
    assert (told["stands"], told["draws"][0]["amount_fen"]) == ("", 40_000)
    assert told["before"]["cards"] == 8
    assert told["after"]["cards"] == 16
    books_hold()


def test_an_amendment_that_the_voucher_cannot_pay_changes_nothing() -> None:
    amended = change(OrderChangeKind.AMENDED, D(2026, 1, 20), card_hours=101)
    run(year(amended).desk())

    told = facts("AMEND_ORDER/O1/20260120")
    assert told["stands"] == "VOUCHER"
    assert voucher_row(1).held_fen + voucher_row(1).lapsed_fen == 50_000
    books_hold()


@pytest.mark.parametrize("kind", list(OrderChangeKind))
def test_running_again_does_nothing_twice(kind: OrderChangeKind) -> None:
    more = {"card_hours": 60} if kind is OrderChangeKind.AMENDED else {}
    desk = year(change(kind, D(2026, 2, 4), **more)).desk()
    run(desk)
    before = AuditRecord.objects.count()
    run(desk)
    assert AuditRecord.objects.count() == before
