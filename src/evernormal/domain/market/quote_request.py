"""Quotes that buyers ask for: what an order would cost, with its price promised for a time."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from typing import Final

from evernormal.domain.market.order import Order

VALID_FOR: Final = timedelta(days=7)
"""How long a quote is good for where it does not say."""

VALID_AT_MOST: Final = timedelta(days=30)
"""A promise of a price binds the provider alone, so that it ends soon."""


class QuoteRefusal(Enum):
    """Why there is no quote."""

    RULE = "RULE"
    NOT_SIGNED = "NOT_SIGNED"
    TERM = "TERM"
    NOT_DESIGNATED = "NOT_DESIGNATED"
    NO_CAPACITY = "NO_CAPACITY"
    NO_PRICE = "NO_PRICE"
    VOUCHER = "VOUCHER"


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """A quote that was asked for.

    order        as it would be placed, under the price list of the day of the quote
    quoted_on    day on which the office quotes
    valid_until  last day on which an order may name it
    """

    id: str
    order: Order
    quoted_on: date
    valid_until: date

    def is_valid_on(self, day: date) -> bool:
        """Whether an order of a day may name it."""
        return self.quoted_on <= day <= self.valid_until

    def exceeded_by(self, order: Order) -> tuple[str, ...]:
        """What of an order the quote is not for; () where it is for all of it.

        returns  names of the parts, as orders.csv has them
        """
        return tuple(self._exceeded_by(order))

    def _exceeded_by(self, order: Order) -> Iterator[str]:
        quoted = self.order
        for part in ("contract_id", "device_class", "site", "plan"):
            if getattr(order, part) != getattr(quoted, part):
                yield part
        for part in ("cards", "card_hours"):
            if getattr(order, part) > getattr(quoted, part):
                yield part
        if order.period.starts_on < quoted.period.starts_on:
            yield "starts_on"
        if order.period.ends_on > quoted.period.ends_on:
            yield "ends_on"


def quote_request(
    order: Order, *, quoted_on: date, valid_until: date | None = None
) -> QuoteRequest:
    """A quote that is asked for on a day.

    order        what is to be quoted, with the id of the quote in `quote_id`
    valid_until  None: VALID_FOR after the day of the quote
    """
    # An order may bear the same id as a quote: what is only asked for is told from it.
    asked = replace(order, id=f"QUOTE/{order.quote_id}", ordered_on=quoted_on, quoted_on=quoted_on)
    return QuoteRequest(order.quote_id, asked, quoted_on, valid_until or quoted_on + VALID_FOR)
