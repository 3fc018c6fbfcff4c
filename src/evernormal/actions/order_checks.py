"""What stands against an order that is to change after it was placed."""

from datetime import date, timedelta

from evernormal.actions.desk import Desk
from evernormal.domain.market import NoExchangeRate, NoPrice, Order, ProviderAnswer


def why_not(desk: Desk, wanted: Order, *, since: date) -> str:
    """What its contract, its quote, another order or the prices say against an order.

    wanted    the order as it would be
    since     first day of it that is new
    returns   TERM, QUOTE, OTHER_ORDER or NO_PRICE; "" nothing
    """
    term = desk.year.contract(wanted.contract_id).term
    if not term.holds(wanted.period.last_on):
        return "TERM"
    # What was used already is charged at the quote's price: the order cannot outgrow it.
    quoted = {asked.id: asked for asked in desk.year.quotes if wanted.quoted_on}
    if wanted.quote_id in quoted and quoted[wanted.quote_id].exceeded_by(wanted):
        return "QUOTE"
    if any(_meets(other, wanted) for other in desk.year.orders):
        return "OTHER_ORDER"
    return "" if _has_prices(desk, wanted, since=since) else "NO_PRICE"


def _meets(other: Order, wanted: Order) -> bool:
    """Whether both would be charged for the same use."""
    is_same = (other.contract_id, other.device_class) == (wanted.contract_id, wanted.device_class)
    is_apart = bool(other.site and wanted.site) and other.site != wanted.site
    is_live = other.id != wanted.id and other.answer is not ProviderAnswer.DECLINED
    return is_same and is_live and not is_apart and bool(other.period.overlap(wanted.period))


def _has_prices(desk: Desk, wanted: Order, *, since: date) -> bool:
    day = since
    try:
        while day < wanted.period.ends_on:
            desk.prices.dearest_on(wanted.price_key, day)
            day += timedelta(days=1)
    except (NoPrice, NoExchangeRate):
        return False
    return True
