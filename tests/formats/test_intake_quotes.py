"""Quotes that buyers ask for, and orders that come on them: quotes.csv."""

from datetime import date

import pytest

from tests.formats.broken_folder import sound_folder
from tests.formats.test_intake_modes import places, read

HEADER = (
    "quote_id,contract_id,device_class,site,plan,cards,gang_cards,card_hours,starts_on,ends_on,"
    "quoted_on,valid_until"
)
QUOTE = "Q1,C1,A100-80G,,,8,8,400,2025-02-01,2025-02-28,2025-01-13,2025-01-31"
ORDERS = (
    "order_id,contract_id,device_class,cards,gang_cards,card_hours,starts_on,ends_on,"
    "ordered_on,quote_id,site"
)
ORDER = "O1,C1,A100-80G,8,8,400,2025-02-01,2025-02-28,2025-01-20,Q1,"


def with_quotes(quote: str = QUOTE, order: str = ORDER) -> dict[str, bytes]:
    return {
        **sound_folder(),
        "quotes.csv": f"{HEADER}\n{quote}\n".encode(),
        "orders.csv": f"{ORDERS}\n{order}\n".encode(),
    }


def test_an_order_on_a_quote_is_for_what_was_quoted_or_a_part_of_it() -> None:
    year = read(with_quotes())
    (quote,) = year.quotes

    assert (quote.id, quote.quoted_on, quote.valid_until) == (
        "Q1",
        date(2025, 1, 13),
        date(2025, 1, 31),
    )
    assert (quote.order.provider_id, quote.order.cards, quote.order.card_hours) == ("P1", 8, 400)
    assert (year.orders[0].quote_id, year.orders[0].quoted_on) == ("Q1", date(2025, 1, 13))
    part = ORDER.replace("8,8,400,2025-02-01,2025-02-28", "4,4,100,2025-02-10,2025-02-12")
    assert places(with_quotes(order=part)) == []


def test_a_quote_is_good_for_a_week_unless_it_says_otherwise() -> None:
    (quote,) = read(with_quotes(QUOTE.replace("2025-01-31", ""))).quotes

    assert quote.valid_until == date(2025, 1, 20)


def test_quotes_need_the_cards_that_providers_offer() -> None:
    files = with_quotes()
    del files["capacity.csv"]

    assert ("capacity.csv", None, None, "file.missing") in places(files)


@pytest.mark.parametrize(
    ("quote", "column", "code"),
    [
        (QUOTE.replace("2025-02-28", "2025-01-31"), "ends_on", "quote.ends_before_start"),
        (QUOTE.replace(",8,8,400", ",12,8,400"), "cards", "order.part_of_a_gang"),
        (QUOTE.replace("2025-01-13,2025-01-31", "2025-03-01,"), "quoted_on", "quote.after_its_end"),
        (QUOTE.replace("2025-01-31", "2025-02-13"), "valid_until", "quote.valid_too_long"),
        (QUOTE.replace("2025-01-31", "2025-01-12"), "valid_until", "quote.valid_too_long"),
        (QUOTE.replace("C1", "C7"), "contract_id", "reference.unknown"),
    ],
)
def test_what_a_quote_cannot_be(quote: str, column: str, code: str) -> None:
    without = ORDER.replace(",Q1,", ",,")

    assert ("quotes.csv", 2, column, code) in places(with_quotes(quote, without))


@pytest.mark.parametrize(
    ("order", "column", "code"),
    [
        (ORDER.replace("Q1", "Q7"), "quote_id", "reference.unknown"),
        (ORDER.replace("2025-01-20", ""), "ordered_on", "order.quote_without_day"),
        (ORDER.replace("2025-01-20", "2025-02-01"), "ordered_on", "order.quote_over"),
        (ORDER.replace("8,8,400", "16,8,400"), "cards", "order.not_as_quoted"),
        (ORDER.replace("8,8,400", "8,8,401"), "card_hours", "order.not_as_quoted"),
        (ORDER.replace("2025-02-01", "2025-01-31"), "starts_on", "order.not_as_quoted"),
        (ORDER.replace("2025-02-28", "2025-03-01"), "ends_on", "order.not_as_quoted"),
        (f"{ORDER}west", "site", "order.not_as_quoted"),
    ],
)
def test_what_an_order_on_a_quote_cannot_be(order: str, column: str, code: str) -> None:
    assert ("orders.csv", 2, column, code) in places(with_quotes(order=order))
