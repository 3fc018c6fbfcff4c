"""Cancelling an order: its holds go back, and a provider's cancellation finds another place."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Final

from evernormal.actions.captures import HoldChange, updates_of
from evernormal.actions.desk import SYSTEM, Desk
from evernormal.actions.draws import share_of
from evernormal.actions.replacing import Found, Search, Tried
from evernormal.domain.allocation import days_lost
from evernormal.domain.audit import Act, Json
from evernormal.domain.market import Order, OrderChange, OrderChangeKind, ProviderAnswer, changed
from evernormal.domain.values import Fen
from evernormal.domain.voucher import Voucher, after, extend, in_burn_order
from evernormal.store.models import Allocation, AuditRecord, DayUse, OrderTotal, Programme
from evernormal.store.order_versions import insert_version
from evernormal.store.queries import standing
from evernormal.store.transaction import Transaction, transaction
from evernormal.store.vouchers import (
    holds_of,
    let_holds_live,
    save_hold_updates,
    vouchers_of,
)

SETTLED_WITHIN: Final = timedelta(days=7)
"""How long value stays on hold for use before a cancellation that the provider tells late."""

_SECONDS_PER_HOUR: Final = 3_600
_HOURS_PER_DAY: Final = 24


def cancel_order(
    desk: Desk, change: OrderChange, *, grounds: Mapping[str, Json] | None = None
) -> None:
    """Take an order back: release what it holds, and when its provider does so look elsewhere.

    What may have been used before the cancellation and not been told yet stays on hold for
    `SETTLED_WITHIN`. Days that the provider's cancellation costs are added to the validity of
    the vouchers that the order drew on.

    desk      with the orders as they stand
    grounds   what the platform went by, where nobody asked for it
    """
    key = f"{Act.CANCEL_ORDER.value}/{change.key}"
    with transaction(desk.programme_id) as tx:
        if tx.is_done(key):
            return
        order = next((o for o in desk.year.orders if o.id == change.order_id), None)
        reason = why_it_stands(tx.programme, order, change)
        if order is None or reason:
            tx.append(
                Act.CANCEL_ORDER,
                key=key,
                by=desk.year.programme.office.prepares,
                at=desk.at(change.changed_on),
                facts={"order": change.order_id, "change": change.kind.value, "stands": reason},
            )
            return
        _Cancellation(desk, tx, order, change).do(key, grounds or {})


def why_it_stands(programme: Programme, order: Order | None, change: OrderChange) -> str:
    """Why an order can no longer be changed; "" when it can."""
    if order is None:
        return "UNKNOWN"
    is_placed = Allocation.objects.filter(programme=programme, order_id=order.id).exists()
    if not is_placed or order.answer is ProviderAnswer.DECLINED:
        return "NOT_PLACED"
    return "OVER" if order.period.ends_on <= change.effective_on else ""


@dataclass(frozen=True, slots=True)
class _Released:
    """What a cancellation makes of one voucher."""

    contract_id: str
    before: Voucher
    change: HoldChange
    held: Fen
    kept: Fen

    @property
    def facts(self) -> dict[str, Json]:
        return {
            "contract": self.contract_id,
            "voucher": self.before.id,
            "released_fen": (self.held - self.kept).amount,
            "kept_fen": self.kept.amount,
            "lapsed_on_before": self.before.lapses_on.isoformat(),
            "lapses_on": self.change.voucher.lapses_on.isoformat(),
        }


class _Cancellation:
    """One cancellation, worked out before its act is written."""

    def __init__(self, desk: Desk, tx: Transaction, order: Order, change: OrderChange) -> None:
        self._desk, self._tx, self._order, self._change = desk, tx, order, change
        self._left = changed(order, change, settled_within=SETTLED_WITHIN)
        self._holds = holds_of(tx.programme, [order.id])[order.id]

    def do(self, key: str, grounds: Mapping[str, Json]) -> None:
        """Write the act, and keep what it changed."""
        found, lost = self._search(), 0
        if self._is_by_provider:
            resumed_on = found.order.period.starts_on if found.order else None
            since = self._change.effective_on
            lost = days_lost(self._order.period, since=since, resumed_on=resumed_on)
        released = self._release(lost)
        act = self._tx.append(
            Act.CANCEL_ORDER,
            key=key,
            by=self._actor,
            at=self._desk.at(self._change.changed_on),
            facts={**self._facts(found, lost, released), **_of_grounds(grounds)},
            moves=[move for each in released for move in each.change.moves],
        )
        self._keep(act, found, released)

    @property
    def _is_by_provider(self) -> bool:
        return self._change.kind is OrderChangeKind.CANCELLED_BY_PROVIDER

    @property
    def _actor(self) -> str:
        if self._change.kind is OrderChangeKind.RECALLED_IDLE:
            return SYSTEM
        if self._is_by_provider:
            return self._order.provider_id
        return self._desk.year.contract(self._order.contract_id).applicant_id

    @property
    def _used_seconds(self) -> int:
        rows = DayUse.objects.filter(programme=self._tx.programme, order_id=self._order.id)
        return sum(rows.values_list("used_seconds", flat=True))

    @property
    def _hours_left(self) -> int:
        used = math.ceil(Fraction(self._used_seconds, _SECONDS_PER_HOUR))
        return max(self._order.agreed_card_hours - used, 0)

    def _search(self) -> Found:
        if not self._is_by_provider:
            return Found(None, ())
        # What is kept for late use is not there for the place that is looked for.
        vouchers = {each.before.id: each.change.voucher for each in self._release(0)}
        search = Search(
            self._desk,
            self._tx.programme,
            self._order,
            hours=self._hours_left,
            since=self._change.effective_on,
            on=self._change.changed_on,
            vouchers=vouchers,
        )
        return search.find()

    # --- What stays on hold ----------------------------------------------------------------------

    def _release(self, lost: int) -> list[_Released]:
        """Release each voucher's hold but what late use may need; extend it by the days lost."""
        year, released = self._desk.year, list[_Released]()
        contract_of = {year.voucher_of(c): c for c in self._order.contracts}
        found = vouchers_of(self._tx.programme, contract_of.keys()).values()
        vouchers = in_burn_order(found, priority=year.burn_priority)
        kept = self._kept([contract_of[voucher.id] for voucher in vouchers])
        for voucher in vouchers:
            open_ = self._holds.open.get(voucher.id)
            longer, contract_id = self._longer(voucher, lost), contract_of[voucher.id]
            change = HoldChange(
                longer,
                self._holds,
                payee_id=self._desk.payee_of(contract_id),
                placed_before=sum(each.change.has_placed for each in released),
                until=self._left.holds_until,
            )
            held = open_.hold.amount if open_ else Fen(0)
            if open_:
                change.hold_instead(kept[contract_id])
            released.append(_Released(contract_id, voucher, change, held, kept[contract_id]))
        return released

    def _longer(self, voucher: Voucher, lost: int) -> Voucher:
        on = self._change.changed_on
        if not lost or not voucher.issued_on <= on < voucher.lapses_on:
            return voucher
        until = voucher.lapses_on + timedelta(days=lost)
        return after(voucher, extend(voucher, until=until, on=on))

    def _kept(self, contracts: Sequence[str]) -> Mapping[str, Fen]:
        """Fen that stays on hold under each contract: all that late use could still cost."""
        left = Fraction(self._worth_before() - self._charged())
        awards = map(self._desk.year.award_contract, contracts)
        shares = standing.awarded_shares(self._tx.programme, awards)
        kept = {}
        for contract_id in contracts:
            awarded = shares.get(self._desk.year.award_contract(contract_id), Fraction(0))
            share = share_of(self._desk, self._order, contract_id=contract_id, awarded=awarded)
            open_ = self._holds.open.get(self._desk.year.voucher_of(contract_id))
            held = open_.hold.amount.amount if open_ else 0
            part = min(held, max(math.ceil(left * share), 0))
            left -= part / share if share else 0
            kept[contract_id] = Fen(part)
        return kept

    def _worth_before(self) -> int:
        """Fen that the order's cards can have cost at most before the cancellation."""
        given = Allocation.objects.get(programme=self._tx.programme, order_id=self._order.id).cards
        cards, prices, key = max(given, self._order.cards), self._desk.prices, self._order.price_key
        day, worth = self._order.period.starts_on, Fraction(0)
        while day < min(self._change.effective_on, self._order.period.ends_on):
            price = prices.dearest_on(key, day).exact_fen
            minimum = prices.minimum_on(key, day).amount
            worth += max(cards * _HOURS_PER_DAY * price, Fraction(minimum))
            day += timedelta(days=1)
        return math.ceil(worth)

    def _charged(self) -> int:
        rows = OrderTotal.objects.filter(programme=self._tx.programme, order_id=self._order.id)
        return sum(rows.values_list("charged_fen", flat=True))

    # --- What is recorded ------------------------------------------------------------------------

    def _facts(self, found: Found, lost: int, released: Sequence[_Released]) -> dict[str, Json]:
        order, change = self._order, self._change
        facts: dict[str, Json] = {
            "order": order.id,
            "contract": order.contract_id,
            "provider": order.provider_id,
            "device_class": order.device_class,
            "change": change.kind.value,
            "reason": change.reason,
            "cause": change.cause,
            "effective_on": change.effective_on.isoformat(),
            "agreed_card_hours": order.agreed_card_hours,
            "used_seconds": self._used_seconds,
            "undelivered_card_hours": self._hours_left,
            "released_fen": sum((each.held - each.kept).amount for each in released),
            "kept_fen": sum(each.kept.amount for each in released),
            "draws": [each.facts for each in released],
        }
        if self._is_by_provider:
            facts |= {
                "days_lost": lost,
                "replacement": _of_order(found.order) if found.order else None,
                "tried": [_of_tried(each) for each in found.tried],
            }
        return facts

    def _keep(self, act: AuditRecord, found: Found, released: Sequence[_Released]) -> None:
        save_hold_updates(act.programme, updates_of([each.change for each in released], act))
        for each in released:
            if each.change.voucher.lapses_on != each.before.lapses_on:
                let_holds_live(act.programme, each.change.voucher, before=each.before.lapses_on)
        insert_version(self._left, act=act, effective_on=self._change.effective_on)
        if found.order:
            insert_version(
                found.order,
                act=act,
                effective_on=found.order.period.starts_on,
                replaces=self._order.id,
            )


def _of_grounds(grounds: Mapping[str, Json]) -> dict[str, Json]:
    return {"grounds": dict(grounds)} if grounds else {}


def _of_order(order: Order) -> Json:
    return {
        "order": order.id,
        "contract": order.contract_id,
        "provider": order.provider_id,
        "device_class": order.device_class,
        "site": order.site,
        "cards": order.cards,
        "card_hours": order.card_hours,
        "starts_on": order.period.starts_on.isoformat(),
        "ends_on": order.period.last_on.isoformat(),
    }


def _of_tried(tried: Tried) -> Json:
    return {
        "contract": tried.contract_id,
        "provider": tried.provider_id,
        "device_class": tried.device_class,
        "reason": tried.reason.value,
        "rule": tried.rule,
    }
