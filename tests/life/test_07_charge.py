"""7. Use times the day's list price is a charge; the voucher pays its share from the hold."""

import pytest

from tests.life.money import HOUR_S, days, fen
from tests.life.sacct import price_on, runs, use_by_day
from tests.life.shelf import Books

PERCENT = 30
RUNS_OUT = {"O-02-A", "O-04-H", "O-06-A"}
ORDERS = [f"O-0{firm}-{card}" for firm in range(1, 7) for card in "AHN"]


@pytest.mark.parametrize("order_id", ORDERS)
def test_an_orders_days_are_charged_by_the_list_price_of_each_day(
    order_id: str, guizhou: Books
) -> None:
    order = guizhou.row("inputs/orders.csv", order_id=order_id)
    charged: dict[str, tuple[int, int]] = {}
    for row in guizhou.where("charges.csv", order_id=order_id):
        seconds, amount = charged.get(row["day"], (0, 0))
        charged[row["day"]] = (
            seconds + int(row["used_seconds"]),
            amount + fen(row["amount_yuan"]),
        )
    expected = {}
    for day, seconds in use_by_day(guizhou, order).items():
        fen_seconds = seconds * price_on(guizhou, order["device_class"], day)
        expected[f"{day}"] = (seconds, (2 * fen_seconds + HOUR_S) // (2 * HOUR_S))

    assert charged == expected
    assert charged


@pytest.mark.parametrize("order_id", ORDERS)
def test_the_voucher_pays_its_share_of_the_whole_as_far_as_the_hold_goes(
    order_id: str, guizhou: Books
) -> None:
    rows = guizhou.where("charges.csv", order_id=order_id)
    journal = guizhou.rows("journal.csv")
    (hold,) = (r for r in journal if r["act_key"] == f"PLACE_HOLD/{order_id}")
    charged = sum(fen(r["amount_yuan"]) for r in rows)
    share = charged * PERCENT // 100
    captured = sum(
        fen(r["amount_yuan"])
        for r in journal
        if r["code"] == "CAPTURE" and r["act_key"].startswith(f"CHARGE/{order_id}/")
    )

    assert captured == min(fen(hold["amount_yuan"]), share)
    assert captured == sum(fen(r["voucher_yuan"]) for r in rows)
    assert sum(fen(r["copay_yuan"]) for r in rows) == charged - captured
    assert (captured < share) == (order_id in RUNS_OUT)


def test_when_a_hold_runs_out_the_rest_is_co_pay(guizhou: Books) -> None:
    tail = guizhou.where("charges.csv", order_id="O-02-A")[-2:]

    assert [(r["day"], r["amount_yuan"], r["voucher_yuan"], r["copay_yuan"]) for r in tail] == [
        ("2026-03-30", "1252.95", "72.56", "1180.39"),
        ("2026-03-31", "866.42", "0.00", "866.42"),
    ]


def test_a_job_that_ran_over_the_first_reading_is_charged_once_in_two_parts(
    guizhou: Books,
) -> None:
    parts = [
        (r["charge_id"], r["used_seconds"], r["amount_yuan"], r["voucher_yuan"], r["batch"])
        for r in guizhou.where("charges.csv", order_id="O-01-A", day="2026-04-01")
    ]
    use = sum(
        seconds * run.cards
        for run in runs(guizhou)
        if (run.account, run.device_class) == ("qianyun", "A100-80G")
        for day, seconds in days(run.starts_at, run.ends_at)
        if f"{day}" == "2026-04-01"
    )

    assert parts == [
        ("CH-O-01-A-20260401-1", "14712", "22.07", "6.62", "usage/sacct-2026-03.json"),
        ("CH-O-01-A-20260401-2", "831784", "1247.67", "374.30", "usage/sacct-2026-03.txt"),
    ]
    assert sum(int(part[1]) for part in parts) == use


def test_another_firms_use_is_nobodys_charge(guizhou: Books) -> None:
    strangers = [run for run in runs(guizhou) if run.account == "otherfirm"]
    charged = {r["contract_id"] for r in guizhou.rows("charges.csv")}
    used = sum(int(r["used_seconds"]) for r in guizhou.rows("charges.csv"))
    metered = sum((run.ends_at - run.starts_at) * run.cards for run in runs(guizhou))

    assert len(strangers) == 7
    assert charged == {f"GZ-0{n}" for n in range(1, 7)}
    assert used == metered - sum((run.ends_at - run.starts_at) * run.cards for run in strangers)


def test_only_deduction_charges_for_metered_use(beijing: Books, nanning: Books) -> None:
    for books in (beijing, nanning):
        assert books.rows("charges.csv") == []
        assert books.rows("usage.csv") != []
