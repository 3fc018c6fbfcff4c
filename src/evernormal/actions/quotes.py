"""Quotes: what an order would cost, with its price promised for a time, or why there is none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from evernormal.actions.booked_cards import free_cards
from evernormal.actions.desk import Desk
from evernormal.actions.draws import Draw, list_draws, not_designated
from evernormal.actions.requests import case_of
from evernormal.domain.allocation import Allocation, allocate
from evernormal.domain.audit import Act, Json
from evernormal.domain.audit.facts import of_currency
from evernormal.domain.award import check_provider
from evernormal.domain.market import (
    NoExchangeRate,
    NoPrice,
    Order,
    QuoteRefusal,
    QuoteRequest,
    UnitPrice,
)
from evernormal.domain.values import Fen
from evernormal.store.models import Programme
from evernormal.store.transaction import transaction
from evernormal.store.vouchers import find_voucher


@dataclass(frozen=True, slots=True)
class Refused:
    """A reason against a quote; `rule` is the scheme's rule that says so, "" none does."""

    reason: QuoteRefusal
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Priced:
    """What an order would cost, as the vouchers stand.

    price       of a card-hour in the dearest hours of the order's days
    listed      fen at that price: the most that the ordered card-hours are charged
    contracted  fen at the price that the provider committed itself to; None: the contract has none
    draws       vouchers in the order of burning
    given       the cards that they pay for, were as many free, and the hold on each
    """

    price: UnitPrice
    listed: Fen
    contracted: Fen | None
    draws: Sequence[Draw]
    given: Allocation

    @property
    def voucher_part(self) -> Fen:
        """What the vouchers pay, at most what is left on them."""
        return sum(self.given.holds, Fen(0))

    @property
    def copay(self) -> Fen:
        """What the buyer pays beside them."""
        return self.listed - self.voucher_part


@dataclass(frozen=True, slots=True)
class Quoted:
    """An order as it would be, the cards that are free for it, and what it costs.

    priced  None where there is a refusal
    """

    order: Order
    free_cards: int
    priced: Priced | None
    refusals: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Where a buyer looks. A site or plan of None is any that has a price."""

    classes: Sequence[str]
    site: str | None = None
    plan: str | None = None


def give_quote(desk: Desk, asked: QuoteRequest) -> None:
    """Quote an order that was asked for: its price is promised until the last day of the quote.

    A quote that is refused is recorded with every reason, and promises nothing.
    """
    key = f"{Act.QUOTE.value}/{asked.id}"
    with transaction(desk.programme_id) as tx:
        if tx.is_done(key):
            return
        quoted = price_order(desk, tx.programme, asked.order, on=asked.quoted_on)
        tx.append(
            Act.QUOTE,
            key=key,
            by=desk.year.contract(asked.order.contract_id).applicant_id,
            at=desk.at(asked.quoted_on),
            facts={
                "quote": asked.id,
                "valid_until": asked.valid_until.isoformat(),
                **of_quoted(quoted),
            },
        )


def price_order(desk: Desk, programme: Programme, order: Order, *, on: date) -> Quoted:
    """What an order would cost on a day, under the list that is known then, or what is against it.

    order    as it would be placed, with `quoted_on`; nothing is placed
    """
    refusals = tuple(_refusals(desk, programme, order, on=on))
    return Quoted(
        order=order,
        free_cards=free_cards(desk, programme, order, on=on),
        priced=None if refusals else _priced(desk, programme, order, on=on),
        refusals=refusals,
    )


def list_offers(
    desk: Desk, programme: Programme, wanted: Order, *, places: Places, on: date
) -> list[Quoted]:
    """What an order would cost at every place that its award pays.

    wanted   of a contract or purchase of the award; its provider, class, site and plan are not
             looked at
    returns  those that can serve, the cheapest first, then those that cannot
    """
    year = desk.year
    found = [
        price_order(desk, programme, order, on=on)
        for contract_id in year.under_award(year.award_contract(wanted.contract_id))
        for order in _at_places(desk, wanted, contract_id=contract_id, places=places)
    ]
    return sorted(found, key=_cheapness)


def of_quoted(quoted: Quoted) -> dict[str, Json]:
    """A quote as the log keeps it."""
    order = quoted.order
    return {
        "contract": order.contract_id,
        "provider": order.provider_id,
        "device_class": order.device_class,
        "site": order.site,
        "plan": order.plan,
        "cards": order.cards,
        "gang_cards": order.gang_cards,
        "card_hours": order.card_hours,
        "starts_on": order.period.starts_on.isoformat(),
        "ends_on": order.period.last_on.isoformat(),
        "free_cards": quoted.free_cards,
        "priced": _of_priced(quoted.priced) if quoted.priced else None,
        "refusals": [
            {"reason": refused.reason.value, **({"rule": refused.rule} if refused.rule else {})}
            for refused in quoted.refusals
        ],
    }


def _of_priced(priced: Priced) -> dict[str, Json]:
    return {
        "price_fen_per_card_hour": priced.price.amount.amount,
        **of_currency(priced.price.currency, priced.price.exchange),
        "listed_fen": priced.listed.amount,
        "contracted_fen": priced.contracted.amount if priced.contracted else None,
        "voucher_part_fen": priced.voucher_part.amount,
        "copay_fen": priced.copay.amount,
        "paid_cards": priced.given.cards,
        "draws": [
            {
                "contract": draw.contract_id,
                "voucher": draw.voucher.id,
                "available_fen": draw.voucher.available.amount,
                "amount_fen": amount.amount,
            }
            for draw, amount in zip(priced.draws, priced.given.holds, strict=True)
        ],
    }


def _refusals(desk: Desk, programme: Programme, order: Order, *, on: date) -> Iterator[Refused]:
    """What the rules, the contract, the provider and the price list say against an order."""
    contract = desk.year.contract(order.contract_id)
    yield from _against_rules(desk, programme, order)
    if contract.signed_on > on:
        yield Refused(QuoteRefusal.NOT_SIGNED)
    if not all(map(contract.term.holds, (order.period.starts_on, order.period.last_on))):
        yield Refused(QuoteRefusal.TERM)
    if not desk.year.capacity.get((order.provider_id, order.device_class)):
        yield Refused(QuoteRefusal.NO_CAPACITY)
    if not _has_price(desk, order):
        yield Refused(QuoteRefusal.NO_PRICE)
    elif not _has_own_voucher(desk, programme, order, on=on):
        yield Refused(QuoteRefusal.VOUCHER)


def _against_rules(desk: Desk, programme: Programme, order: Order) -> Iterator[Refused]:
    """What the scheme says of the contract's provider, and of the class of card."""
    contract = desk.year.contract(order.contract_id)
    case = case_of(desk, programme, contract.id)
    for check in check_provider(desk.scheme, case=case, on=contract.applied_on):
        if not check.passed:
            yield Refused(QuoteRefusal.RULE, check.rule_id)
    rule = not_designated(desk, order, contract.id)
    if rule is not None:
        yield Refused(QuoteRefusal.NOT_DESIGNATED, rule)


def _has_own_voucher(desk: Desk, programme: Programme, order: Order, *, on: date) -> bool:
    voucher = find_voucher(programme, desk.year.voucher_of(order.contract_id))
    return voucher is not None and voucher.issued_on <= on < voucher.lapses_on


def _has_price(desk: Desk, order: Order) -> bool:
    try:
        desk.prices.dearest_in(order.price_key, order.period)
    except (NoPrice, NoExchangeRate):
        return False
    return True


def _priced(desk: Desk, programme: Programme, order: Order, *, on: date) -> Priced:
    """The price of an order against which there is nothing."""
    draws = list_draws(desk, programme, order, on=on)
    committed = desk.year.contract(order.contract_id).price_per_card_hour
    return Priced(
        price=desk.prices.dearest_in(order.price_key, order.period),
        listed=draws[0].quote.listed,
        contracted=Fen(order.card_hours * committed.amount) if committed else None,
        draws=draws,
        given=allocate(order, free_cards=order.cards, purses=[draw.purse for draw in draws]),
    )


def _at_places(desk: Desk, wanted: Order, *, contract_id: str, places: Places) -> Iterator[Order]:
    """The order under a contract, for each class, site and plan that it could have there."""
    provider_id = desk.year.contract(contract_id).provider_id
    listed = {
        (price.device_class, price.site, price.plan)
        for price in desk.year.prices
        if price.provider_id == provider_id
    }
    for device_class in dict.fromkeys(places.classes):
        found = sorted(
            (site, plan)
            for of_class, site, plan in listed
            if of_class == device_class
            and places.site in (None, site)
            and places.plan in (None, plan)
        )
        for site, plan in found or [(places.site or "", places.plan or "")]:
            yield replace(
                wanted,
                contract_id=contract_id,
                provider_id=provider_id,
                device_class=device_class,
                site=site,
                plan=plan,
            )


def _cheapness(quoted: Quoted) -> tuple[bool, int, str, str, str, str]:
    """Sort key: those that can serve by what the buyer pays in all, then by name."""
    order, priced = quoted.order, quoted.priced
    listed = priced.listed.amount if priced else 0
    return priced is None, listed, order.contract_id, order.device_class, order.site, order.plan
