"""What becomes of an order after it was placed: amended, or cancelled by its user or provider."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum

from evernormal.domain.market.order import Order, ProviderAnswer
from evernormal.domain.values import Period


class OrderChangeKind(Enum):
    """What became of an order."""

    AMENDED = "AMENDED"
    CANCELLED_BY_USER = "CANCELLED_BY_USER"
    CANCELLED_BY_PROVIDER = "CANCELLED_BY_PROVIDER"
    RECALLED_IDLE = "RECALLED_IDLE"


@dataclass(frozen=True, slots=True)
class OrderChange:
    """A change of an order, as the office was told of it.

    changed_on    day on which the office was told
    effective_on  first day for which it holds, after `changed_on`
    cards         of an amendment: wanted from then on; None: as before
    card_hours    of an amendment: in all, with those that were used; None: as before
    ends_on       of an amendment: first day after the order; None: as before
    reason        what was said; ""
    cause         what made the platform change it; "" where somebody told the office
    """

    order_id: str
    kind: OrderChangeKind
    changed_on: date
    effective_on: date
    cards: int | None = None
    card_hours: int | None = None
    ends_on: date | None = None
    reason: str = ""
    cause: str = ""

    @property
    def key(self) -> str:
        """What names the change among all changes."""
        told = f"{self.order_id}/{self.changed_on:%Y%m%d}"
        return f"{told}/{self.cause}" if self.cause else told

    @property
    def is_cancellation(self) -> bool:
        """Whether the order ends with it."""
        return self.kind is not OrderChangeKind.AMENDED


def changed(order: Order, change: OrderChange, *, settled_within: timedelta) -> Order:
    """The order as it stands after a change.

    settled_within  how long after its end a cancelled order waits for use that is told late
    returns  a cancelled order ends where the change takes effect; one that never began counts as
             declined. An amended one has what the change says, and ends no earlier than it takes
             effect; one that was over, or declined, stays as it is
    """
    period = order.period
    if order.answer is ProviderAnswer.DECLINED or period.ends_on <= change.effective_on:
        return order
    if change.is_cancellation:
        kept = replace(order, holds_until=change.effective_on + settled_within)
        return ended(kept, on=change.effective_on)
    ends_on = change.ends_on or period.ends_on
    hours = change.card_hours or order.agreed_card_hours
    return replace(
        order,
        cards=change.cards or order.cards,
        card_hours=hours,
        answer=ProviderAnswer.APPROVED,
        answered_card_hours=0,
        period=Period(period.starts_on, max(ends_on, change.effective_on, _second_day(period))),
    )


def ended(order: Order, *, on: date) -> Order:
    """The order without its days from one on; without any day left it counts as declined."""
    period = order.period
    if on <= period.starts_on:
        return replace(order, answer=ProviderAnswer.DECLINED)
    return replace(order, period=Period(period.starts_on, min(on, period.ends_on)))


def _second_day(period: Period) -> date:
    return Period.of_days(period.starts_on, period.starts_on).ends_on


def replacement_id(order_id: str, number: int) -> str:
    """The id of an order that takes another's place.

    order_id  of the first order: a replacement's replacement is numbered on
    number    1 for the first
    """
    return f"{order_id}-R{number}"
