"""Which vouchers an order draws on, and what of it each would pay."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from evernormal.actions.desk import Desk
from evernormal.domain.allocation import Purse
from evernormal.domain.market import Order, Quote, quote
from evernormal.domain.policy import DesignatedClasses, NetOfTax, RoundingRule
from evernormal.domain.values import Period
from evernormal.domain.voucher import Voucher, in_burn_order
from evernormal.store.models import Programme
from evernormal.store.queries import standing
from evernormal.store.vouchers import vouchers_of


@dataclass(frozen=True, slots=True)
class Draw:
    """A voucher that an order draws on, and what the whole order would cost it."""

    contract_id: str
    voucher: Voucher
    quote: Quote

    @property
    def purse(self) -> Purse:
        """The voucher as allocation sees it."""
        return Purse(part=self.quote.voucher_part, available=self.voucher.available)


def list_draws(desk: Desk, programme: Programme, order: Order, *, on: date) -> list[Draw]:
    """The vouchers that live on the day of the order, in the order of burning."""
    contract_of = {desk.year.voucher_of(c): c for c in order.contracts}
    vouchers = vouchers_of(programme, contract_of.keys()).values()
    living = [v for v in vouchers if v.issued_on <= on < v.lapses_on]
    shares = standing.awarded_shares(programme, map(desk.year.award_contract, order.contracts))
    draws = []
    for voucher in in_burn_order(living, priority=desk.year.burn_priority):
        contract_id = contract_of[voucher.id]
        awarded = shares.get(desk.year.award_contract(contract_id), Fraction(0))
        share = share_of(desk, order, contract_id=contract_id, awarded=awarded)
        draws.append(Draw(contract_id, voucher, quote_of(desk, order, contract_id, share, on=on)))
    return draws


def share_of(desk: Desk, order: Order, *, contract_id: str, awarded: Fraction) -> Fraction:
    """The share of an order that a contract's voucher pays: none of a class not designated.

    Prices hold the invoice's tax: where the award counted cost without it, the share is less.

    awarded  the share that the contract's assessment found
    """
    if not_designated(desk, order, contract_id) is not None:
        return Fraction(0)
    tax = desk.scheme.find(NetOfTax, desk.year.contract(contract_id).applied_on)
    return awarded / (1 + tax[1].ratio) if tax else awarded


def not_designated(desk: Desk, order: Order, contract_id: str) -> str | None:
    """The rule that designates other classes than the order's, or None."""
    found = desk.scheme.find(DesignatedClasses, desk.year.contract(contract_id).applied_on)
    return found[0] if found and order.device_class not in found[1].device_classes else None


def quote_of(desk: Desk, order: Order, contract_id: str, share: Fraction, *, on: date) -> Quote:
    """What an order costs at the dearest price of the day on which it is asked, or begins.

    One that comes on a quote costs what that says: at the dearest price of all its days.

    share    that the contract's voucher pays
    raises   NoPrice, NoExchangeRate
    """
    _, rounding = desk.scheme.get(RoundingRule, desk.year.contract(contract_id).applied_on)
    priced_on = min(max(on, order.period.starts_on), order.period.last_on)
    days = order.period if order.quoted_on else Period.of_days(priced_on, priced_on)
    price = desk.prices.dearest_in(order.price_key, days)
    return quote(order, price=price, rate=share, rounding=rounding.rounding)
