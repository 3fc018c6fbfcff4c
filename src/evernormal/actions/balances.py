"""What vouchers still pay for: for each account that a provider meters, and each class of card."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import Final

from evernormal.actions.desk import Desk
from evernormal.actions.draws import share_of
from evernormal.actions.standing_orders import with_standing_orders
from evernormal.domain.market import NoExchangeRate, NoPrice, Order, ProviderAnswer
from evernormal.domain.voucher import Voucher, in_burn_order
from evernormal.store.models import Programme
from evernormal.store.queries.standing import awarded_shares
from evernormal.store.vouchers import OrderHolds, holds_of, vouchers_of

_SECONDS_PER_HOUR: Final = 3_600


class BalanceState(Enum):
    """Whether a job may start on the voucher's account."""

    OPEN = "OPEN"
    SPENT = "SPENT"
    EXPIRED = "EXPIRED"
    NOT_ISSUED = "NOT_ISSUED"


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left of one order.

    account                 name under which the provider meters the buyer
    card_types              the provider's own names of the class of card
    voucher_id              the next to be spent; "" while none is issued
    remaining_fen           on hold for the order, on all vouchers that pay for it
    remaining_card_seconds  what that pays for in the dearest hours of today, rounded down
    starts_on, lapses_on    first day on which the order is paid for, and first on which not
                            any more; None while there is no voucher
    """

    account: str
    device_class: str
    card_types: tuple[str, ...]
    order_id: str
    voucher_id: str
    state: BalanceState
    remaining_fen: int
    remaining_card_seconds: int
    starts_on: date | None
    lapses_on: date | None


def list_balances(desk: Desk, provider_id: str, *, on: date) -> list[Balance]:
    """The balance of each order of a provider that counts on a day, by account and class.

    on    the local day
    """
    programme = Programme.objects.filter(id=desk.programme_id).first()
    if programme is None or not desk.scheme.settlement.traits.is_deducted:
        return []
    desk = with_standing_orders(desk)
    orders = _orders(desk, provider_id, on=on)
    contracts = {contract_id for _, order in orders for contract_id in order.contracts}
    vouchers = vouchers_of(programme, set(map(desk.year.voucher_of, contracts)))
    holds = holds_of(programme, {order.id for _, order in orders})
    shares = awarded_shares(programme, map(desk.year.award_contract, contracts))
    view = _View(desk, vouchers, shares, on)
    return [view.balance(account, order, holds[order.id]) for account, order in orders]


def _orders(desk: Desk, provider_id: str, *, on: date) -> list[tuple[str, Order]]:
    """For each account and class of a provider the order that counts, or counts next or last."""
    year = desk.year
    accounts = {c: name for (of, name), c in year.meter_accounts.items() if of == provider_id}
    candidates: dict[tuple[str, str], list[Order]] = {}
    for order in year.orders:
        account = accounts.get(order.contract_id)
        if account is not None and order.provider_id == provider_id:
            candidates.setdefault((account, order.device_class), []).append(order)
    return [
        (account, min(orders, key=lambda order: _nearness(order, on)))
        for (account, _), orders in sorted(candidates.items())
    ]


def _nearness(order: Order, on: date) -> tuple[bool, bool, int]:
    """Sort key: orders that the provider took, then those that are not over, then the nearest."""
    is_over = order.period.ends_on <= on
    apart = (on - order.period.ends_on) if is_over else (order.period.starts_on - on)
    return order.answer is ProviderAnswer.DECLINED, is_over, max(apart.days, 0)


@dataclass(frozen=True, slots=True)
class _Left:
    held_fen: int
    card_seconds: int
    on: date


@dataclass(frozen=True, slots=True)
class _View:
    """What balances are read from."""

    desk: Desk
    vouchers: Mapping[str, Voucher]
    shares: Mapping[str, Fraction]
    on: date

    def balance(self, account: str, order: Order, holds: OrderHolds) -> Balance:
        """The balance of an order, on all the vouchers that pay for it."""
        vouchers = self._payers(order, holds)
        starts_on = lapses_on = None
        if vouchers:
            starts_on = max(min(v.issued_on for v in vouchers), order.period.starts_on)
            lapses_on = min(max(v.lapses_on for v in vouchers), order.period.ends_on)
        held, seconds = 0, 0
        for voucher_id, open_ in holds.open.items():
            if self.on < open_.hold.expires_on:
                held += open_.hold.amount.amount
                seconds += self._seconds(order, voucher_id, held=open_.hold.amount.amount)
        left = _Left(held, seconds, self.on)
        state = _state(order, starts_on, lapses_on, left)
        is_open = state is BalanceState.OPEN
        return Balance(
            account=account,
            device_class=order.device_class,
            card_types=_card_types(self.desk, order),
            order_id=order.id,
            voucher_id=vouchers[0].id if vouchers else "",
            state=state,
            remaining_fen=left.held_fen if is_open else 0,
            remaining_card_seconds=left.card_seconds if is_open else 0,
            starts_on=starts_on,
            lapses_on=lapses_on,
        )

    def _payers(self, order: Order, holds: OrderHolds) -> list[Voucher]:
        """The vouchers that pay, the next to be spent first; else the order's own, if issued."""
        ids = holds.open.keys() or holds.vouchers or {self.desk.year.voucher_of(order.contract_id)}
        vouchers = [self.vouchers[voucher_id] for voucher_id in ids if voucher_id in self.vouchers]
        return in_burn_order(vouchers, priority=self.desk.year.burn_priority)

    def _seconds(self, order: Order, voucher_id: str, *, held: int) -> int:
        """Card-seconds whose voucher's part is the hold, at the dearest price of the day."""
        contract_id = next(c for c in order.contracts if self.desk.year.voucher_of(c) == voucher_id)
        awarded = self.shares.get(self.desk.year.award_contract(contract_id), Fraction(0))
        share = share_of(self.desk, order, contract_id=contract_id, awarded=awarded)
        if not share:
            return 0
        try:
            price = self.desk.prices.dearest_on(order.price_key, self.on)
        except (NoPrice, NoExchangeRate):
            # The list was complete for the order's days: outside them it pays for nothing.
            return 0
        return int(held * _SECONDS_PER_HOUR / (price.exact_fen * share))


def _state(
    order: Order, starts_on: date | None, lapses_on: date | None, left: _Left
) -> BalanceState:
    if starts_on is None or lapses_on is None or order.answer is ProviderAnswer.DECLINED:
        return BalanceState.NOT_ISSUED
    if left.on >= lapses_on:
        return BalanceState.EXPIRED
    if left.on < starts_on:
        return BalanceState.NOT_ISSUED
    return BalanceState.OPEN if left.card_seconds else BalanceState.SPENT


def _card_types(desk: Desk, order: Order) -> tuple[str, ...]:
    agents = [agent for agent in desk.year.agents if agent.provider_id == order.provider_id]
    return _sorted(
        name
        for agent in agents
        for name, device_class in agent.device_classes.items()
        if device_class == order.device_class
    )


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    found: Sequence[str] = sorted(set(names))
    return tuple(found)
