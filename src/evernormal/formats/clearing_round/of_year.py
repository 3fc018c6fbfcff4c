"""Clearing rounds of a programme year: their outcomes are inputs, and make orders.

An outcome is reckoned once, with arithmetic that may differ in its last digits from machine to
machine; so it is kept as the office used it, and every limit is checked again in whole numbers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from evernormal.domain.allocation import Arc, Grant, Pool, Request
from evernormal.domain.allocation.tally import stretches
from evernormal.domain.market import (
    NoExchangeRate,
    NoPrice,
    Order,
    PriceKey,
    PriceList,
    ProviderAnswer,
)
from evernormal.domain.policy import Contract
from evernormal.domain.values import Period
from evernormal.formats.clearing_round.columns import GRANTS, POOLS, REQUESTS
from evernormal.formats.clearing_round.reading import RoundFolder, read_grants, read_round
from evernormal.formats.intake.year_input import RoundEntry, RoundHeld, YearInput
from evernormal.formats.problems import InputProblems, Problem

_HOURS_PER_DAY: Final = 24


def with_rounds(year: YearInput, *, prices: PriceList) -> YearInput:
    """The year with its clearing rounds, and the orders that their outcomes make.

    raises   InputProblems with everything that is wrong with the rounds
    source   docs/reference/clearing-round.md
    """
    problems: list[Problem] = []
    orders = list(year.orders[: len(year.orders) - len(year.received_orders)])
    received = year.orders[len(orders) :]
    rounds = []
    for entry in year.programme.clearing_rounds:
        held = _RoundOfYear(year, entry, prices).read(orders, problems)
        if held is not None:
            rounds.append(held)
    if problems:
        raise InputProblems(problems)
    return replace(year, orders=(*orders, *received), rounds=tuple(rounds))


@dataclass(frozen=True, slots=True)
class _RoundOfYear:
    """Reads one round and compares it with the year."""

    year: YearInput
    entry: RoundEntry
    prices: PriceList

    def read(self, orders: list[Order], problems: list[Problem]) -> RoundHeld | None:
        """The round; its orders are put to those before it."""
        prefix = f"{self.entry.folder}/"
        files = {
            p.removeprefix(prefix): d for p, d in self.year.files.items() if p.startswith(prefix)
        }
        try:
            found = read_round(files)
        except InputProblems as refusal:
            problems += [replace(each, file=prefix + each.file) for each in refusal.problems]
            return None
        own: list[Problem] = []
        outcome = read_grants(files, found, own)
        own += self._pools(found)
        own += self._requests(found)
        of_request: dict[str, tuple[str, ...]] = {}
        if outcome is not None and not own:
            for request in found.round.requests:
                made = list(self._orders(found, request, outcome.of(request.id), own))
                own += [p for order in made for p in self._against(order, request, orders)]
                orders += made
                of_request[request.id] = tuple(order.id for order in made)
        problems += [replace(each, file=prefix + each.file) for each in own]
        return RoundHeld(self.entry, found.round, outcome, of_request) if outcome else None

    def _pools(self, found: RoundFolder) -> Iterator[Problem]:
        for pool in found.round.pools:
            offered = self.year.capacity.get((pool.provider_id, pool.device_class))
            if offered is None or pool.cards > offered:
                message = f"{pool.id} has {pool.cards} cards of {pool.device_class}; "
                message += f"capacity.csv gives {pool.provider_id} {offered or 0}."
                todo = "Write the provider and class as capacity.csv has them, and no more cards."
                yield Problem(POOLS.file, None, "cards", "round.over_capacity", message, todo)
                continue
            try:
                price = self.prices.dearest_on(self._price_key(pool), self.entry.starts_on)
            except (NoPrice, NoExchangeRate) as refusal:
                todo = "Add a dated row to the price list."
                yield Problem(POOLS.file, None, "pool_id", refusal.code, str(refusal), todo)
                continue
            if price.exact_fen != pool.price.amount:
                message = f"{pool.id} is posted at {pool.price.yuan}; the price list has another "
                message += f"price on {self.entry.starts_on}."
                todo = "Post the dearest price of the day, and clear the round again."
                column = "price_yuan_per_card_hour"
                yield Problem(POOLS.file, None, column, "round.other_price", message, todo)

    def _requests(self, found: RoundFolder) -> Iterator[Problem]:
        for request in found.round.requests:
            contract = self.year.contracts.get(found.contracts.get(request.id, ""))
            if contract is None:
                message = f"{request.id} names no contract of contracts.csv."
                todo = "Name the contract whose award pays."
                yield Problem(
                    REQUESTS.file, None, "contract_id", "reference.unknown", message, todo
                )
            elif contract.applicant_id != request.applicant_id:
                message = f"{request.id} is of {request.applicant_id}; contract {contract.id} of "
                message += f"{contract.applicant_id}."
                todo = "Name a contract of the applicant."
                yield Problem(
                    REQUESTS.file, None, "applicant_id", "round.other_applicant", message, todo
                )

    def _orders(
        self,
        found: RoundFolder,
        request: Request,
        grants: Sequence[Grant],
        problems: list[Problem],
    ) -> Iterator[Order]:
        """One order for each pool that a request has cards of."""
        pools = {pool.id: pool for pool in found.round.pools}
        arcs = {arc.pool_id: arc for arc in request.arcs}
        used = sorted({grant.pool_id for grant in grants})
        for number, pool_id in enumerate(used, start=1):
            pool = pools[pool_id]
            paper = self._paper(found.contracts[request.id], pool)
            if paper is None:
                message = f"{request.id} has cards of {pool.id}; contract "
                message += f"{found.contracts[request.id]} buys nothing of {pool.provider_id}."
                todo = "Add the purchase to purchases.csv, or take the arc out of arcs.csv."
                problems.append(
                    Problem(GRANTS.file, None, "pool_id", "round.no_purchase", message, todo)
                )
                continue
            of_pool = [grant for grant in grants if grant.pool_id == pool_id]
            order_id = f"{found.round.id}-{request.id}" + (f"-{number}" if len(used) > 1 else "")
            yield self._order(order_id, paper, pool, arcs[pool_id], of_pool)

    def _paper(self, contract_id: str, pool: Pool) -> Contract | None:
        """The contract or purchase with a pool's provider that an award pays."""
        papers = map(self.year.contract, self.year.under_award(contract_id))
        return next((paper for paper in papers if paper.provider_id == pool.provider_id), None)

    def _order(
        self, order_id: str, paper: Contract, pool: Pool, arc: Arc, grants: Sequence[Grant]
    ) -> Order:
        first = min(grant.starts for grant in grants) // _HOURS_PER_DAY
        last = (max(grant.ends for grant in grants) - 1) // _HOURS_PER_DAY
        most = max(sum(g.cards for g in inside) for _, _, inside in stretches(grants))
        return Order(
            id=order_id,
            contract_id=paper.id,
            provider_id=pool.provider_id,
            device_class=pool.device_class,
            cards=most,
            gang_cards=arc.gang_cards,
            card_hours=sum(grant.card_hours for grant in grants),
            period=Period(
                self.entry.starts_on + timedelta(days=first),
                self.entry.starts_on + timedelta(days=last + 1),
            ),
            ordered_on=self.entry.held_on,
            site=self._price_key(pool).site,
        )

    def _price_key(self, pool: Pool) -> PriceKey:
        """The key of the pool's price: its site's, where the price list names it."""
        has_site = any(
            (p.provider_id, p.device_class, p.site)
            == (pool.provider_id, pool.device_class, pool.site)
            for p in self.year.prices
        )
        return PriceKey(pool.provider_id, pool.device_class, pool.site if has_site else "")

    def _against(
        self, order: Order, request: Request, orders: Sequence[Order]
    ) -> Iterator[Problem]:
        def problem(code: str, message: str, todo: str) -> Problem:
            return Problem(GRANTS.file, None, "request_id", code, f"{request.id}: {message}", todo)

        if any(other.id == order.id for other in orders):
            yield problem("order.id_taken", f'"{order.id}" is taken.', "Rename the request.")
        term = self.year.contract(order.contract_id).term
        if not (term.holds(order.period.starts_on) and term.holds(order.period.last_on)):
            message = f"its days are outside the term of {order.contract_id}, "
            message += f"{term.starts_on} to {term.last_on}."
            yield problem("order.outside_term", message, "Limit the request's hours to the term.")
        for other in orders:
            is_same = (other.contract_id, other.device_class) == (
                order.contract_id,
                order.device_class,
            )
            is_apart = bool(other.site and order.site) and other.site != order.site
            is_live = other.answer is not ProviderAnswer.DECLINED
            if is_same and is_live and not is_apart and other.period.overlap(order.period):
                message = f"order {other.id} of {order.contract_id} has {order.device_class} on "
                message += "the same days."
                yield problem("order.overlap", message, "Ask for other days, or for all in one.")
                break
