"""Finding where a cancelled order runs on: among the purchases that its award pays too."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from evernormal.actions.booked_cards import booked_cards
from evernormal.actions.desk import Desk
from evernormal.actions.draws import list_draws
from evernormal.actions.requests import case_of
from evernormal.domain.allocation import (
    NoPlaceReason,
    PlaceOffered,
    allocate,
    best_place,
    find_room,
)
from evernormal.domain.award import check_provider
from evernormal.domain.market import (
    NoExchangeRate,
    NoPrice,
    Order,
    ProviderAnswer,
    replacement_id,
)
from evernormal.domain.policy import Contract
from evernormal.domain.values import Period
from evernormal.domain.voucher import Voucher
from evernormal.store.models import OrderVersion, Programme

_HOURS_PER_DAY: Final = 24

WINDOW: Final = timedelta(days=30)
"""A place that only has cards later than this is none: the voucher is extended instead."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A place that was looked at and does not serve; `rule` is one that refuses the provider."""

    contract_id: str
    provider_id: str
    device_class: str
    reason: NoPlaceReason
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for an order: the order that takes its place, or why there is none."""

    order: Order | None
    tried: tuple[Tried, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """Looks for a place for what is left of an order.

    order     as it stood before its provider took it back
    hours     card-hours that are left of it
    since     first day without the provider; `on`: the day of the search
    vouchers  as they stand once the order's holds are released, by id
    """

    desk: Desk
    programme: Programme
    order: Order
    hours: int
    since: date
    on: date
    vouchers: Mapping[str, Voucher]

    def find(self) -> Found:
        """The best place that the award's purchases offer."""
        if not self.hours:
            return Found(None, ())
        orders: dict[PlaceOffered, Order] = {}
        tried: list[Tried] = []
        for contract, device_class in self._candidates():
            offered, against = self._look_at(contract, device_class)
            orders |= offered
            tried += against
        best = best_place(orders)
        return Found(orders[best] if best else None, tuple(tried))

    def _candidates(self) -> Iterator[tuple[Contract, str]]:
        year = self.desk.year
        papers = year.under_award(year.award_contract(self.order.contract_id))
        classes = dict.fromkeys((self.order.device_class, *self.order.also_classes))
        for contract_id in papers:
            contract = year.contract(contract_id)
            if contract.provider_id != self.order.provider_id:
                for device_class in classes:
                    yield contract, device_class

    def _look_at(
        self, contract: Contract, device_class: str
    ) -> tuple[dict[PlaceOffered, Order], list[Tried]]:
        """What a contract offers with a class: places with their orders, or why there is none."""
        rule = self._rule_against(contract)
        reasons = self._refusals(contract, rule)
        if not reasons:
            found = [self._at_site(contract, device_class, site) for site in self._sites(contract)]
            offered = dict(each for each in found if not isinstance(each, NoPlaceReason))
            if offered:
                return offered, []
            reasons = [each for each in found if isinstance(each, NoPlaceReason)]
        reason = reasons[0] if reasons else NoPlaceReason.NO_PRICE
        return {}, [Tried(contract.id, contract.provider_id, device_class, reason, rule)]

    def _refusals(self, contract: Contract, rule: str) -> list[NoPlaceReason]:
        refusals = [NoPlaceReason.NOT_SIGNED] if contract.signed_on > self.on else []
        refusals += [NoPlaceReason.RULE] if rule else []
        return refusals or ([] if self._window(contract) else [NoPlaceReason.TERM])

    def _rule_against(self, contract: Contract) -> str:
        case = case_of(self.desk, self.programme, contract.id)
        checks = check_provider(self.desk.scheme, case=case, on=contract.applied_on)
        return next((check.rule_id for check in checks if not check.passed), "")

    def _sites(self, contract: Contract) -> list[str]:
        """The clusters that the provider has a price for under the order's plan."""
        return sorted(
            {
                price.site
                for price in self.desk.year.prices
                if price.provider_id == contract.provider_id and price.plan == self.order.plan
            }
        )

    def _days(self) -> int:
        left = self.order.period.ends_on - max(self.since, self.order.period.starts_on)
        return left // timedelta(days=1)

    def _window(self, contract: Contract) -> Period | None:
        """The days on which the order may begin anew under a contract."""
        first = max(self.since, self.order.period.starts_on)
        starts_on = max(first, contract.term.starts_on)
        last = min(first + WINDOW, contract.term.ends_on - timedelta(days=self._days()))
        return Period.of_days(starts_on, last) if starts_on <= last else None

    def _at_site(
        self, contract: Contract, device_class: str, site: str
    ) -> tuple[PlaceOffered, Order] | NoPlaceReason:
        window = self._window(contract)
        pool = (contract.provider_id, device_class)
        capacity = self.desk.year.capacity.get(pool, 0)
        if window is None or not capacity:
            return NoPlaceReason.NO_CARDS
        days, gang = self._days(), self.order.gang_cards
        reach = Period(window.starts_on, window.ends_on + timedelta(days=days))
        room = find_room(
            booked_cards(self.desk, self.programme, pool, during=reach, on=self.on),
            cards=range(self.order.cards, 0, -gang),
            capacity=capacity,
            within=window,
            days=days,
        )
        if room is None:
            return NoPlaceReason.NO_CARDS
        period = Period(room.starts_on, room.starts_on + timedelta(days=days))
        order = self._order(contract, device_class, site=site, period=period, cards=room.cards)
        return self._priced(order)

    def _priced(self, order: Order) -> tuple[PlaceOffered, Order] | NoPlaceReason:
        if self._has_other_order(order):
            return NoPlaceReason.OTHER_ORDER
        if not self._has_prices(order):
            return NoPlaceReason.NO_PRICE
        draws = list_draws(self.desk, self.programme, order, on=self.on)
        draws = [replace(d, voucher=self.vouchers.get(d.voucher.id, d.voucher)) for d in draws]
        own = self.desk.year.voucher_of(order.contract_id)
        if all(draw.voucher.id != own for draw in draws):
            return NoPlaceReason.VOUCHER
        given = allocate(order, free_cards=order.cards, purses=[draw.purse for draw in draws])
        if not given.cards or not any(hold.amount for hold in given.holds):
            return NoPlaceReason.VOUCHER
        classes = (self.order.device_class, *self.order.also_classes)
        place = PlaceOffered(
            contract_id=order.contract_id,
            provider_id=order.provider_id,
            device_class=order.device_class,
            site=order.site,
            cards=given.cards,
            period=order.period,
            listed=draws[0].quote.listed,
            preference=classes.index(order.device_class),
        )
        return place, order

    def _has_other_order(self, order: Order) -> bool:
        """Whether the contract has the class on some day: each would be charged the use."""
        return any(
            other.contract_id == order.contract_id
            and other.device_class == order.device_class
            and other.answer is not ProviderAnswer.DECLINED
            and not (order.site and other.site and order.site != other.site)
            and other.period.overlap(order.period)
            for other in self.desk.year.orders
        )

    def _has_prices(self, order: Order) -> bool:
        days = (order.period.ends_on - order.period.starts_on).days
        try:
            for offset in range(days):
                day = order.period.starts_on + timedelta(days=offset)
                self.desk.prices.dearest_on(order.price_key, day)
        except (NoPrice, NoExchangeRate):
            return False
        return True

    def _order(
        self, contract: Contract, device_class: str, *, site: str, period: Period, cards: int
    ) -> Order:
        """The order as it would be under a contract: fewer cards run what they can in its days."""
        most = cards * _HOURS_PER_DAY * ((period.ends_on - period.starts_on) // timedelta(days=1))
        return replace(
            self.order,
            id=self._new_id(),
            contract_id=contract.id,
            provider_id=contract.provider_id,
            device_class=device_class,
            cards=cards,
            card_hours=min(self.hours, most),
            period=period,
            answer=ProviderAnswer.APPROVED,
            answered_card_hours=0,
            ordered_on=self.on,
            site=site,
            further_contracts=self._further(contract),
            holds_until=None,
            quote_id="",
            quoted_on=None,
        )

    def _new_id(self) -> str:
        """The first order's id and the next number: O1-R1, then O1-R2."""
        first, _, number = self.order.id.rpartition("-R")
        is_replacement = OrderVersion.objects.filter(
            programme=self.programme, order_id=self.order.id
        ).exclude(replaces="")
        if first and is_replacement.exists():
            return replacement_id(first, int(number) + 1)
        return replacement_id(self.order.id, 1)

    def _further(self, contract: Contract) -> tuple[str, ...]:
        """What the order's further contracts have with the same provider."""
        year = self.desk.year
        awards = [year.award_contract(each) for each in self.order.contracts]
        papers = [each for award in awards for each in year.under_award(award)]
        return tuple(
            each
            for each in papers
            if each != contract.id and year.contract(each).provider_id == contract.provider_id
        )
