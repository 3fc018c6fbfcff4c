"""Rounds of a programme year: compared with its contracts, cards and prices; their orders."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from evernormal.domain.allocation import clear_in_turn
from evernormal.domain.market import PriceList
from evernormal.domain.values import Period
from evernormal.formats.clearing_round import outcome_files, read_round, with_rounds
from evernormal.formats.intake.year_input import RoundEntry, YearInput
from evernormal.formats.problems import InputProblems
from tests.actions.office import Year, small_order
from tests.domain.sample import contract

HELD_ON, STARTS_ON = date(2026, 2, 1), date(2026, 2, 2)
TEXTS: Mapping[str, str] = {
    "round.toml": 'id = "W1"\nhours = 72\nmechanism = "FIRST_COME"\n',
    "pools.csv": (
        "pool_id,provider_id,site,device_class,cards,price_yuan_per_card_hour\n"
        "A,P1,Wuhu,910B,8,10.00\nB,P1,Wuhu,A100,8,10.00\n"
    ),
    "requests.csv": (
        "request_id,applicant_id,number,work,budget_yuan,own_yuan,group,score,"
        "earliest_hour,deadline_hour,contract_id\n"
        "R1,S1,1,2400,4000.00,,,,0,,C1\nR2,S2,2,3200,4000.00,,,,0,,C2\n"
    ),
    "arcs.csv": "request_id,pool_id,speed,gang_cards,cards_max\nR1,A,10,8,8\nR2,B,10,8,8\n",
}


def round_files() -> dict[str, bytes]:
    """The round and what its mechanism gives."""
    files = {name: text.encode() for name, text in TEXTS.items()}
    found = read_round(files)
    outcome = clear_in_turn(found.round, found.mechanism)
    return files | outcome_files(found.round, outcome)


def with_round(files: Mapping[str, bytes], **more: Any) -> YearInput:
    """A year of two contracts that holds the round."""
    made = Year(contracts=(contract(1), contract(2)), cards=8, **more).desk().year
    programme = replace(
        made.programme, clearing_rounds=(RoundEntry("rounds/w1", HELD_ON, STARTS_ON),)
    )
    inside = {f"rounds/w1/{name}": data for name, data in files.items()}
    year = replace(made, programme=programme, files={**made.files, **inside})
    return with_rounds(year, prices=PriceList(year.prices))


def refused(files: Mapping[str, bytes], **more: Any) -> list[tuple[str, int | str | None, str]]:
    with pytest.raises(InputProblems) as refusal:
        with_round(files, **more)
    return [(p.file, p.column, p.code) for p in refusal.value.problems]


def test_an_outcome_makes_one_order_for_each_pool_of_a_request() -> None:
    year = with_round(round_files())

    first, second = year.orders
    assert (first.id, first.contract_id, first.device_class) == ("W1-R1", "C1", "910B")
    # 2,400 units at 10 an hour are 240 card-hours: eight cards for 30 hours, so for two days.
    assert (first.cards, first.gang_cards, first.card_hours) == (8, 8, 240)
    assert first.period == Period(STARTS_ON, date(2026, 2, 4))
    assert first.ordered_on == HELD_ON
    assert (second.id, second.card_hours) == ("W1-R2", 320)
    assert year.rounds[0].orders == {"R1": ("W1-R1",), "R2": ("W1-R2",)}


def test_an_order_is_at_the_pools_site_where_the_price_list_names_it() -> None:
    prices = Year().desk().year.prices
    at_site = tuple(replace(price, site="Wuhu") for price in prices)

    year = with_round(round_files(), changed={"prices": at_site})

    assert {order.site for order in year.orders} == {"Wuhu"}


def test_orders_that_came_in_while_the_year_ran_stay_the_last() -> None:
    early = small_order(7, period=Period(date(2026, 1, 20), date(2026, 1, 21)))

    year = with_round(round_files(), orders=(early,))

    assert [order.id for order in year.orders] == ["O7", "W1-R1", "W1-R2"]


@pytest.mark.parametrize(
    ("file", "old", "new", "column", "code"),
    [
        ("pools.csv", "910B,8", "910B,16", "cards", "round.over_capacity"),
        ("pools.csv", "A,P1", "A,P9", "cards", "round.over_capacity"),
        ("pools.csv", "10.00\nB", "9.00\nB", "price_yuan_per_card_hour", "round.other_price"),
        ("requests.csv", ",C1\n", ",C9\n", "contract_id", "reference.unknown"),
        ("requests.csv", ",C1\n", ",\n", "contract_id", "reference.unknown"),
        ("requests.csv", "R1,S1", "R1,S2", "applicant_id", "round.other_applicant"),
        ("round.toml", "hours = 72", "hours = 0", "hours", "key.value"),
    ],
)
def test_a_round_that_does_not_fit_its_year_is_refused(
    file: str, old: str, new: str, column: str, code: str
) -> None:
    files = round_files()
    assert old in files[file].decode()
    files[file] = files[file].replace(old.encode(), new.encode(), 1)

    assert refused(files) == [(f"rounds/w1/{file}", column, code)]


def test_a_pool_without_a_price_is_refused() -> None:
    prices = Year().desk().year.prices

    found = refused(
        round_files(), changed={"prices": tuple(p for p in prices if p.device_class == "910B")}
    )

    assert found == [("rounds/w1/pools.csv", "pool_id", "price.none")]


def test_cards_of_a_provider_from_whom_nothing_is_bought_are_refused() -> None:
    files = round_files()
    other = replace(contract(1), provider_id="P2")
    year = Year(contracts=(contract(1), contract(2)), cards=8).desk().year
    contracts = {**year.contracts, "C1": other}

    assert refused(files, changed={"contracts": contracts}) == [
        ("rounds/w1/grants.csv", "pool_id", "round.no_purchase")
    ]


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"id": "W1-R1", "period": Period(date(2026, 1, 20), date(2026, 1, 21))}, "order.id_taken"),
        ({"period": Period(date(2026, 2, 3), date(2026, 2, 10))}, "order.overlap"),
    ],
)
def test_an_order_of_a_round_keeps_to_the_orders_before_it(
    other: dict[str, Any], code: str
) -> None:
    before = small_order(1, contract_id="C1", **other)

    assert refused(round_files(), orders=(before,)) == [
        ("rounds/w1/grants.csv", "request_id", code)
    ]


def test_days_outside_the_contracts_term_are_refused() -> None:
    short = replace(contract(2), term=Period(date(2026, 1, 1), date(2026, 2, 3)))
    year = Year(contracts=(contract(1), contract(2)), cards=8).desk().year

    found = refused(round_files(), changed={"contracts": {**year.contracts, "C2": short}})

    assert found == [("rounds/w1/grants.csv", "request_id", "order.outside_term")]


def test_an_outcome_that_breaks_a_limit_is_refused() -> None:
    files = round_files()
    files["grants.csv"] = files["grants.csv"].replace(b"R1,A,8,0,30,240", b"R1,A,16,0,30,480")

    assert {code for _, _, code in refused(files)} == {"round.breach"}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("R1,A,8,30,30,240", "round.no_hour"),
        ("R1,A,8,0,30,239", "round.card_hours"),
        ("R1,A,eight,0,30,240", "number.form"),
    ],
)
def test_a_row_of_an_outcome_that_cannot_be_is_refused(row: str, code: str) -> None:
    files = round_files()
    files["grants.csv"] = files["grants.csv"].replace(b"R1,A,8,0,30,240", row.encode())

    assert [found for _, _, found in refused(files)] == [code]
