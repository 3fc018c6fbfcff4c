"""Quotes that are asked for, changes of orders, and price lists that are known from a day on."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from evernormal.domain.market import (
    VALID_FOR,
    Order,
    OrderChange,
    OrderChangeKind,
    Price,
    PriceList,
    ProviderAnswer,
    changed,
    quote_request,
)
from evernormal.domain.values import Fen, Period
from tests.domain.sample import order

D = date
MAY = Period(D(2026, 5, 1), D(2026, 6, 1))
ASKED = order(cards=8, card_hours=100, period=MAY, quote_id="Q1")
QUOTE = quote_request(ASKED, quoted_on=D(2026, 4, 20))


def test_a_quote_is_good_for_a_week_unless_it_says_otherwise() -> None:
    assert QUOTE.valid_until == D(2026, 4, 20) + VALID_FOR
    assert (QUOTE.order.id, QUOTE.order.quoted_on) == ("QUOTE/Q1", D(2026, 4, 20))
    assert [QUOTE.is_valid_on(D(2026, 4, day)) for day in (19, 20, 27, 28)] == [
        False,
        True,
        True,
        False,
    ]
    longer = quote_request(ASKED, quoted_on=D(2026, 4, 20), valid_until=D(2026, 5, 4))
    assert longer.is_valid_on(D(2026, 5, 4))


@pytest.mark.parametrize(
    ("ordered", "exceeded"),
    [
        (ASKED, ()),
        (replace(ASKED, cards=4, card_hours=50), ()),
        (replace(ASKED, period=Period(D(2026, 5, 2), D(2026, 5, 20))), ()),
        (replace(ASKED, contract_id="C2", plan="night"), ("contract_id", "plan")),
        (replace(ASKED, device_class="A100", site="north"), ("device_class", "site")),
        (replace(ASKED, cards=16, card_hours=101), ("cards", "card_hours")),
        (replace(ASKED, period=Period(D(2026, 4, 30), D(2026, 6, 2))), ("starts_on", "ends_on")),
    ],
)
def test_an_order_may_be_a_part_of_what_was_quoted(
    ordered: Order, exceeded: tuple[str, ...]
) -> None:
    assert QUOTE.exceeded_by(ordered) == exceeded


def test_an_order_with_a_quote_keeps_to_the_list_of_that_day() -> None:
    old = Price("P1", "910B", D(2026, 1, 1), None, Fen(1_000))
    new = replace(old, price_fen_per_card_hour=Fen(1_500), published_on=D(2026, 4, 25))
    prices, day = PriceList([old, new]), D(2026, 5, 10)
    quoted = replace(ASKED, quoted_on=D(2026, 4, 20))

    assert prices.price_on(quoted.price_key, day).amount == Fen(1_000)
    assert prices.price_on(ASKED.price_key, day).amount == Fen(1_500)
    # Before it was published nobody had to pay it.
    assert prices.price_on(ASKED.price_key, D(2026, 4, 24)).amount == Fen(1_000)
    assert prices.dearest_in(ASKED.price_key, Period(D(2026, 4, 20), day)).amount == Fen(1_500)
    assert quoted.price_key.unquoted == ASKED.price_key


@pytest.mark.parametrize(
    "stands",
    [
        replace(ASKED, answer=ProviderAnswer.DECLINED),
        replace(ASKED, period=Period(D(2026, 4, 1), D(2026, 5, 2))),
    ],
)
def test_what_is_over_or_declined_does_not_change(stands: Order) -> None:
    change = OrderChange("O1", OrderChangeKind.CANCELLED_BY_USER, D(2026, 5, 1), D(2026, 5, 2))
    assert changed(stands, change, settled_within=timedelta(days=7)) == stands
    assert change.key == "O1/20260501"
