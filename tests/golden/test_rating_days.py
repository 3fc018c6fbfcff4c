"""What days are charged, from cases worked by hand and price lists as an office writes them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from evernormal.domain.market import PriceList
from evernormal.domain.metering import Charge, UsageKey, UsageRecord, charges_due, use_by_day
from evernormal.domain.policy import Unit
from evernormal.formats.intake.columns import EXCHANGE_RATES, PRICES
from evernormal.formats.intake.price_relations import price_of, rate_of
from evernormal.formats.intake.row import Row
from evernormal.formats.intake.sheet import read_sheet
from evernormal.formats.intake.table import Table
from evernormal.formats.problems import Problem
from tests.domain.sample import order
from tests.golden.test_arithmetic import tables

ORDER = order()


def rows(text: str, table: Table) -> tuple[Row, ...]:
    problems: list[Problem] = []
    sheet = read_sheet(text.strip(), file=table.file, table=table, problems=problems)
    assert not problems
    return sheet.rows


def price_list(case: dict[str, Any]) -> PriceList:
    head, *lines = case["prices"].strip().splitlines()
    whole = [f"provider_id,device_class,{head}", *(f"P1,910B,{line}" for line in lines)]
    prices = [price_of(row, unit=Unit.CNY) for row in rows("\n".join(whole), PRICES)]
    text = case.get("exchange_rates", "currency,starts_on,rate")
    rates = [rate_of(row) for row in rows(text, EXCHANGE_RATES)]
    return PriceList([p for p in prices if p], [r for r in rates if r])


def records(readings: Iterable[tuple[int, str, str]]) -> list[UsageRecord]:
    return [
        UsageRecord(
            key=UsageKey("P1", "main", str(job), "910B", datetime.fromisoformat(start)),
            account="lab-1",
            cards=cards,
            ends_at=datetime.fromisoformat(end),
            is_final=True,
            state="COMPLETED",
        )
        for job, (cards, start, end) in enumerate(readings)
    ]


def lines(charges: Iterable[Charge]) -> list[list[object]]:
    return [[str(c.day), c.band, c.used_seconds, c.amount.amount] for c in charges]


@pytest.mark.parametrize("case", tables("rating_days.toml"))
def test_a_days_charges(case: dict[str, Any]) -> None:
    prices, zone = price_list(case), ZoneInfo(case["zone"])

    uses = use_by_day(ORDER, records(case["readings"]), prices=prices, zone=zone)
    due = charges_due(ORDER, uses, prices=prices, charged={})
    assert lines(due) == case["then"]

    charged = {(c.day, c.band): (c.used_seconds, c.amount) for c in due}
    again = case.get("again", case["readings"])
    uses = use_by_day(ORDER, records(again), prices=prices, zone=zone)
    due = charges_due(ORDER, uses, prices=prices, charged=charged)
    assert lines(due) == case.get("corrected", [])
