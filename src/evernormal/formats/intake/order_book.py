"""What an order that was sent says about contracts, capacity, prices and the orders before it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from evernormal.domain.market import (
    NoExchangeRate,
    NoPrice,
    Order,
    PriceKey,
    PriceList,
    ProviderAnswer,
)
from evernormal.domain.values import Period
from evernormal.formats.intake.folder import Folder
from evernormal.formats.intake.price_relations import price_list
from evernormal.formats.intake.purchases import contracts_and_purchases
from evernormal.formats.intake.row import Row
from evernormal.formats.intake.usage_relations import unpriced_words
from evernormal.formats.intake.year_input import ReceivedOrder, YearInput
from evernormal.formats.problems import Problem
from evernormal.formats.usage_answer import BatchProblem

Pool = tuple[str, str]
"""Provider and class of card."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Between whom a contract is, and for which days; None where that could not be read."""

    applicant_id: str
    provider_id: str
    term: Period | None


class OrderBook:
    """All orders so far, with which a further one is compared.

    The service asks it when an order comes, and a run when it reads the folder: what the one
    accepts, the other never refuses.
    """

    def __init__(
        self,
        contracts: Mapping[str, Terms],
        *,
        offered: frozenset[Pool] | None,
        prices: PriceList | None,
    ) -> None:
        """Begin without orders.

        offered  pools with a capacity; None where that is not known
        prices   None where the list is not sound
        """
        self._contracts, self._offered, self._prices = contracts, offered, prices
        self._ids: set[str] = set()
        self._placed: dict[tuple[str, str], list[tuple[Period, str]]] = defaultdict(list)
        self._priced: set[tuple[PriceKey, date]] = set()

    def add(self, order: Order) -> None:
        """Count an order that was compared before."""
        self._ids.add(order.id)
        if order.answer is not ProviderAnswer.DECLINED:
            # An order that the provider declined holds nothing: another may take its place.
            placed = self._placed[order.contract_id, order.device_class]
            placed.append((order.period, order.site))

    def problems_of(self, sent: ReceivedOrder) -> Iterator[BatchProblem]:
        """What is wrong with an order; nothing is changed."""
        order = sent.order
        if order.id in self._ids:
            todo = "Give it an id that no other order has."
            yield BatchProblem("order", "order.id_taken", f'"{order.id}" is taken.', todo)
        terms = self._contracts.get(order.contract_id)
        if terms is None or terms.applicant_id != sent.applicant_id:
            # Others' contracts are nobody else's business: they are as unknown as none.
            message = f'"{order.contract_id}" is no contract of {sent.applicant_id}.'
            todo = "Name the contract that the voucher was given for."
            yield BatchProblem("contract", "order.unknown_contract", message, todo)
            return
        if terms.provider_id != order.provider_id:
            message = f"Contract {order.contract_id} is with {terms.provider_id}."
            todo = "Order from the provider of the contract."
            yield BatchProblem("provider", "order.other_provider", message, todo)
            return
        yield from self._days(order, terms)
        if self._offered is not None and (order.provider_id, order.device_class) not in (
            self._offered
        ):
            message = f"{order.provider_id} offers no {order.device_class}."
            todo = "Order a class of card that it offers."
            yield BatchProblem("device_class", "order.no_capacity", message, todo)
        else:
            yield from self._unpriced(order)
        yield from self._overlaps(order)

    def _days(self, order: Order, terms: Terms) -> Iterator[BatchProblem]:
        starts_on, last_on = order.period.starts_on, order.period.last_on
        if order.ordered_on and order.ordered_on > starts_on:
            message = f"{starts_on} is over; it is {order.ordered_on}."
            yield BatchProblem(
                "starts_on", "order.starts_too_early", message, "Order days to come."
            )
        term = terms.term
        for place, day in (("starts_on", starts_on), ("ends_on", last_on)):
            if term and not term.holds(day):
                message = f"{day} is outside the contract's term, "
                message += f"{term.starts_on} to {term.last_on}."
                yield BatchProblem(place, "order.outside_term", message, "Order within the term.")

    def _unpriced(self, order: Order) -> Iterator[BatchProblem]:
        """Refuse an order for a day without a price: it could not be quoted, or its use rated."""
        terms = self._contracts[order.contract_id]
        days = order.period.overlap(terms.term) if terms.term else None
        if self._prices is None or days is None:
            return
        key = order.price_key
        for offset in range((days.ends_on - days.starts_on).days):
            day = days.starts_on + timedelta(offset)
            if (key, day) in self._priced:
                continue
            try:
                self._prices.dearest_on(key, day)
            except (NoPrice, NoExchangeRate) as refusal:
                message, _ = unpriced_words(refusal, order.provider_id)
                code = "order.no_price" if isinstance(refusal, NoPrice) else refusal.code
                todo = "Order other days, or a class, site and plan that has a price."
                yield BatchProblem("starts_on", code, f"{message}.", todo)
                return
            self._priced.add((key, day))

    def _overlaps(self, order: Order) -> Iterator[BatchProblem]:
        """Refuse two orders of a contract for one class and day: each would be charged the use."""
        for period, site in self._placed.get((order.contract_id, order.device_class), ()):
            is_apart = bool(order.site and site) and order.site != site
            if period.overlap(order.period) and not is_apart:
                message = f"Contract {order.contract_id} has an order of {order.device_class} "
                message += f"from {period.starts_on} to {period.last_on}."
                todo = "Order days that the other does not have."
                yield BatchProblem("starts_on", "order.overlap", message, todo)
                return


def order_book_of(year: YearInput, *, prices: PriceList) -> OrderBook:
    """What later orders of a year are compared with."""
    contracts = {
        contract.id: Terms(contract.applicant_id, contract.provider_id, contract.term)
        for contract in (*year.contracts.values(), *year.purchases.values())
    }
    book = OrderBook(contracts, offered=frozenset(year.capacity), prices=prices)
    for order in year.orders:
        book.add(order)
    return book


def received_order_problems(folder: Folder) -> Iterator[Problem]:
    """Give what is wrong with orders that came in while the year ran."""
    if not folder.received_orders:
        return
    capacity = folder.sheets["capacity.csv"]
    offered = frozenset(
        (row.texts.get("provider_id", ""), row.texts.get("device_class", ""))
        for row in capacity.rows
    )
    book = OrderBook(
        {name: _terms(row) for name, row in contracts_and_purchases(folder).items()},
        offered=offered if capacity.is_whole else None,
        prices=price_list(folder),
    )
    for row in folder.sheets["orders.csv"].rows:
        order = _order(row)
        if order is not None:
            book.add(order)
    for sent in folder.received_orders:
        for problem in book.problems_of(sent):
            yield replace(problem.in_file(sent.path), line=1)
        book.add(sent.order)


def _terms(contract: Row) -> Terms:
    first, last = contract.find("starts_on", date), contract.find("ends_on", date)
    term = Period.of_days(first, last) if first and last and first <= last else None
    applicant_id, provider_id = (
        contract.texts.get(name, "") for name in ("applicant_id", "provider_id")
    )
    return Terms(applicant_id, provider_id, term)


def _order(row: Row) -> Order | None:
    """What is compared of an order of the office; None where it could not be read."""
    first, last = row.find("starts_on", date), row.find("ends_on", date)
    if first is None or last is None or last < first:
        return None
    return Order(
        id=row.texts.get("order_id", ""),
        contract_id=row.texts.get("contract_id", ""),
        provider_id="",
        device_class=row.texts.get("device_class", ""),
        cards=0,
        gang_cards=0,
        card_hours=0,
        period=Period.of_days(first, last),
        answer=row.find("answer", ProviderAnswer) or ProviderAnswer.APPROVED,
        site=row.texts.get("site", ""),
    )
