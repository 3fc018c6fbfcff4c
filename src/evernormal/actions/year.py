"""The main job: one programme year, day by day, each act done once however often it is tried."""

from bisect import bisect_right
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from evernormal.actions.applications import (
    assess_application,
    award_application,
    issue_voucher,
)
from evernormal.actions.calls import call_of, decided_on, is_shared, shares_of, turns_of
from evernormal.actions.charges import charge_batch
from evernormal.actions.claims import settle_claim
from evernormal.actions.desk import Desk
from evernormal.actions.earlier_use import count_earlier_use
from evernormal.actions.expiry import (
    expire_hold,
    lapse_voucher,
    list_due_holds,
    list_due_vouchers,
    next_due_days,
)
from evernormal.actions.holds import bind_voucher, place_order
from evernormal.actions.idle_cards import recall_idle_cards
from evernormal.actions.order_changes import change_order
from evernormal.actions.payments import pay_batch
from evernormal.actions.programme import open_programme
from evernormal.actions.quotes import give_quote
from evernormal.actions.rounds import hold_round
from evernormal.actions.standing_orders import with_standing_orders
from evernormal.actions.usage import accept_usage, merge_sums
from evernormal.actions.vouchers import (
    extend_voucher,
    list_idle_vouchers,
    next_recall_on,
    recall_voucher,
    release_tranche,
)
from evernormal.actions.waiting import let_waiting_in
from evernormal.actions.withdrawals import withdraw
from evernormal.domain.audit import Json
from evernormal.domain.award import AwardDecision
from evernormal.domain.market import Order
from evernormal.domain.policy import Contract
from evernormal.domain.voucher import VoucherExpired, voucher_id_of
from evernormal.formats.intake.year_input import ReceivedOrder, UsageFile
from evernormal.store.models import Programme
from evernormal.store.queries import standing
from evernormal.store.queries.books import last_act_on
from evernormal.store.queries.placed_orders import list_placed
from evernormal.store.vouchers import UnknownVoucher, find_voucher

Progress = Callable[[date], None]


def run_year(desk: Desk, *, progress: Progress) -> None:
    """Do every act of the year, from opening to the last payment.

    progress  is told each day with work that is done
    raises    the refusals of the acts; what was done before stays done, and running again
              goes on where it stopped
    """
    work_until(desk, until=_END_OF_TIME, progress=progress)


def work_until(desk: Desk, *, until: datetime, progress: Progress) -> None:
    """Do every act that is due up to an instant, in the order of time; what was done stays done.

    An office's acts of a day are due when it opens. A file of readings is accepted and charged when
    it comes in: those that came before the office opened before its acts, later ones after them.
    So a service that works as things happen writes the same log as a run over the whole year.

    until     instant with zone; nothing is done after the programme's last day
    progress  is told each day with work that is done
    raises    as run_year
    """
    local = until.astimezone(desk.zone) if until is not _END_OF_TIME else until
    programme = desk.year.programme
    if local.date() < programme.opens_on:
        return
    open_programme(desk)
    # Every day before the last record's was done to its end when that record was written.
    day: date | None = last_act_on(programme.id)
    days = _days_of_work(desk)
    while day is not None and day <= min(programme.closes_on, local.date()):
        _work_day(desk, day, until=local)
        progress(day)
        day = _day_after(desk, day, days)


def _work_day(desk: Desk, day: date, *, until: datetime) -> None:
    opens_at = desk.at(day)
    of_day: list[UsageFile | ReceivedOrder] = _came_on(desk, day)
    for each in of_day:
        if each.received_at <= min(opens_at, until):
            take(desk, each)
    if until >= opens_at:
        known = _as_known(desk, opens_at)
        for work in _DAY:
            work(with_standing_orders(known), day)
    for each in of_day:
        if opens_at < each.received_at <= until:
            take(desk, each)


def take(desk: Desk, came: UsageFile | ReceivedOrder) -> None:
    """Work on what came in, as the office knows the year at that instant."""
    known = with_standing_orders(_as_known(desk, came.received_at))
    if isinstance(came, ReceivedOrder):
        _take_received(known, came)
    else:
        _take_file(known, came)


def _take_file(desk: Desk, file: UsageFile) -> None:
    """Accept a file of readings, and charge what it makes due."""
    is_deducted = desk.scheme.settlement.traits.is_deducted
    if is_deducted:
        count_earlier_use(desk, file)
    accept_usage(desk, file)
    if is_deducted:
        charge_batch(desk, file.path)
    merge_sums(desk)


def _take_received(desk: Desk, received: ReceivedOrder) -> None:
    """Place an order at the instant of its receipt; without a voucher that lives there is none."""
    if not desk.scheme.settlement.traits.is_deducted:
        return
    at, order = received.received_at.astimezone(desk.zone), received.order
    # The service has looked for the voucher, so that it is looked for once more alone.
    with suppress(UnknownVoucher, VoucherExpired):
        voucher_id = desk.year.voucher_of(order.contract_id)
        sent_as: dict[str, Json] = {"sha256": received.sha256, "signed_by": received.signed_by}
        place_order(desk, order, voucher_id=voucher_id, on=at.date(), at=at, sent_as=sent_as)


def came_in(
    desk: Desk, *, since: datetime | None, until: datetime
) -> list[UsageFile | ReceivedOrder]:
    """What came in after `since` up to `until`, in the order in which it came."""
    orders = desk.year.received_orders
    first = 0 if since is None else bisect_right(orders, since, key=_received_at)
    came: list[UsageFile | ReceivedOrder] = [*desk.year.usage, *orders[first:]]
    due = [e for e in came if e.received_at <= until and (since is None or e.received_at > since)]
    return sorted(due, key=lambda each: (each.received_at, each.path))


def _came_on(desk: Desk, day: date) -> list[UsageFile | ReceivedOrder]:
    """What came in on a local day, less orders that were placed before: a day has many."""
    start, end = (_midnight(desk, each) for each in (day, day + timedelta(days=1)))
    came = came_in(desk, since=start - _MOMENT, until=end - _MOMENT)
    orders = [each.order.id for each in came if isinstance(each, ReceivedOrder)]
    placed = frozenset(list_placed(desk.programme_id, orders)) if orders else frozenset()
    return [e for e in came if not isinstance(e, ReceivedOrder) or e.order.id not in placed]


def _midnight(desk: Desk, day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=desk.zone)


def _received_at(received: ReceivedOrder) -> datetime:
    return received.received_at


def _as_known(desk: Desk, at: datetime) -> Desk:
    """The desk without the orders that came in later than an instant."""
    year = desk.year
    came = bisect_right(year.received_orders, at, key=_received_at)
    later = len(year.received_orders) - came
    if not later:
        return desk
    orders, received = year.orders[:-later], year.received_orders[:came]
    return replace(desk, year=replace(year, orders=orders, received_orders=received))


def _days_of_work(desk: Desk) -> list[date]:
    """Every day on which the office's files have something to do, in order."""
    year = desk.year
    days = {contract.applied_on for contract in year.contracts.values()}
    days |= {decided_on(desk, contract) for contract in year.contracts.values()}
    days |= {line.claimed_on for line in year.invoices if line.claimed_on is not None}
    days |= {file.received_at.astimezone(desk.zone).date() for file in year.usage}
    days |= {sent.received_at.astimezone(desk.zone).date() for sent in year.received_orders}
    days |= {payment_day.approved_on for payment_day in year.programme.payment_days}
    days |= {held.entry.held_on for held in year.rounds}
    days |= {withdrawal.told_on for withdrawal in year.withdrawals}
    days |= {o.waits_until + timedelta(days=1) for o in year.orders if o.waits_until}
    days |= {change.changed_on for change in year.order_changes}
    days |= {order.ordered_on for order in year.orders if order.ordered_on is not None}
    days |= {asked.quoted_on for asked in year.quotes}
    days |= {day for _, day in (*year.reports, *year.extensions)}
    return sorted(days)


def _day_after(desk: Desk, day: date, days: list[date]) -> date | None:
    """The next day with work: by the files, or because a hold or voucher comes due."""
    coming = days[bisect_right(days, day) :][:1]
    coming += [due for due in next_due_days(desk.programme_id) if due > day]
    recall_on = next_recall_on(desk)
    coming += [recall_on] if recall_on is not None and recall_on > day else []
    return min(coming, default=None)


def _let_vouchers_live(desk: Desk, day: date) -> None:
    """Extensions and released parts come before time acts: both need a voucher that lives."""
    for contract_id, granted_on in desk.year.extensions:
        if granted_on == day:
            extend_voucher(desk, contract_id, on=day)
    for contract_id in sorted({contract_id for contract_id, _ in desk.year.reports}):
        accepted = [on for of, on in desk.year.reports if of == contract_id]
        for number, accepted_on in enumerate(accepted, start=1):
            if accepted_on == day:
                release_tranche(desk, contract_id, number=number, on=day)


def _recall_idle(desk: Desk, day: date) -> None:
    for voucher_id, _ in list_idle_vouchers(desk, on=day):
        recall_voucher(desk, voucher_id, on=day)


def _let_time_act(desk: Desk, day: date) -> None:
    for hold_id in list_due_holds(desk.programme_id, on=day):
        expire_hold(desk, hold_id, on=day)
    for voucher_id in list_due_vouchers(desk.programme_id, on=day):
        lapse_voucher(desk, voucher_id, on=day)


def _take_applications(desk: Desk, day: date) -> None:
    in_call = call_of(desk, day)
    for contract in _applied(desk, day):
        assess_application(desk, contract.id)
        if contract not in in_call and decided_on(desk, contract) == day:
            _support(desk, award_application(desk, contract.id, on=day), contract, day)


def _share_call(desk: Desk, day: date) -> None:
    """At the end of a call, award all that waited for it: by shares, or in turns."""
    contracts = call_of(desk, day)
    if not contracts:
        return
    if is_shared(desk, contracts):
        for contract, share in zip(contracts, shares_of(desk, contracts, on=day), strict=True):
            award = award_application(desk, contract.id, on=day, share=share)
            _support(desk, award, contract, day)
        return
    for contract, is_admitted in turns_of(desk, contracts):
        award = award_application(desk, contract.id, on=day, is_admitted=is_admitted)
        _support(desk, award, contract, day)


def _support(desk: Desk, award: AwardDecision, contract: Contract, day: date) -> None:
    """What follows an award: a voucher and its holds, or nothing yet."""
    traits = desk.scheme.settlement.traits
    if not award.is_granted or not traits.has_voucher:
        return
    issue_voucher(desk, award, on=day)
    if not traits.is_deducted:
        bind_voucher(desk, voucher_id_of(award.award_id), contract_id=contract.id, on=day)
        return
    for order in desk.year.orders:
        if _comes_later(order) or desk.year.award_contract(order.contract_id) != contract.id:
            continue
        if _placed_on(order, issued_on=day) == day:
            place_order(desk, order, voucher_id=voucher_id_of(award.award_id), on=day)


def _placed_on(order: Order, *, issued_on: date) -> date:
    """The day of an order: its own, but never before there is a voucher."""
    return max(order.ordered_on or issued_on, issued_on)


def _comes_later(order: Order) -> bool:
    """Whether an order waits until all of a day's vouchers are issued, and quotes are given."""
    return bool(order.further_contracts or order.quote_id)


def _give_quotes(desk: Desk, day: date) -> None:
    if not desk.scheme.settlement.traits.is_deducted:
        return
    for asked in desk.year.quotes:
        if asked.quoted_on == day:
            give_quote(desk, asked)


def _take_orders(desk: Desk, day: date) -> None:
    """Orders that come after their voucher was issued; without one that lives there is none.

    Those that draw on several vouchers, or come on a quote, come when all of the day's are there.
    """
    if not desk.scheme.settlement.traits.is_deducted:
        return
    programme = Programme.objects.get(id=desk.programme_id)
    for order in desk.year.orders:
        if order.ordered_on != day and not _comes_later(order):
            continue
        voucher = find_voucher(programme, desk.year.voucher_of(order.contract_id))
        if voucher is None or not voucher.issued_on <= day < voucher.lapses_on:
            continue
        is_placed = voucher.issued_on == day and not _comes_later(order)
        if not is_placed and _placed_on(order, issued_on=voucher.issued_on) == day:
            place_order(desk, order, voucher_id=voucher.id, on=day)


def _hold_rounds(desk: Desk, day: date) -> None:
    for held in desk.year.rounds:
        if held.entry.held_on == day:
            hold_round(desk, held, on=day)


def _change_orders(desk: Desk, day: date) -> None:
    """Let changes hold that the office was told of, in the order of the orders' numbers."""
    if not desk.scheme.settlement.traits.is_deducted:
        return
    for withdrawal in desk.year.withdrawals:
        if withdrawal.told_on == day:
            withdraw(desk, withdrawal)
    for change in desk.year.order_changes:
        if change.changed_on == day:
            change_order(desk, change)


def _move_cards(desk: Desk, day: date) -> None:
    """Let cards that are free, or hardly used, go to those who wait for some."""
    if not desk.scheme.settlement.traits.is_deducted:
        return
    recall_idle_cards(desk, day)
    let_waiting_in(desk, day)


def _charge_new_orders(desk: Desk, day: date) -> None:
    """Charge orders of the day for use that was read before the office opened."""
    if not desk.scheme.settlement.traits.is_deducted:
        return
    for each in _came_on(desk, day):
        if isinstance(each, UsageFile) and each.received_at <= desk.at(day):
            charge_batch(desk, each.path)


def _decide_claims(desk: Desk, day: date) -> None:
    for contract_id in _claimed(desk, day):
        settle_claim(desk, contract_id, on=day)


def _pay(desk: Desk, day: date) -> None:
    for payment_day in desk.year.programme.payment_days:
        if payment_day.approved_on == day:
            pay_batch(desk, payment_day)


_DAY: tuple[Callable[[Desk, date], None], ...] = (
    _let_vouchers_live,
    _let_time_act,
    _move_cards,
    _hold_rounds,
    _take_applications,
    _share_call,
    _give_quotes,
    _take_orders,
    _charge_new_orders,
    _change_orders,
    _move_cards,
    _recall_idle,
    _decide_claims,
    _pay,
)
"""The order of an office's day. It is fixed, so that the same inputs give the same log."""

_MOMENT = timedelta(microseconds=1)
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def _applied(desk: Desk, day: date) -> list[Contract]:
    contracts = [c for c in desk.year.contracts.values() if c.applied_on == day]
    return sorted(contracts, key=lambda contract: contract.id)


def _claimed(desk: Desk, day: date) -> list[str]:
    """Contracts with a claim on the day; without a voucher, the award itself is the claim."""
    traits = desk.scheme.settlement.traits
    if not traits.pays_money:
        return []
    if traits.has_voucher:
        return sorted({i.contract_id for i in desk.year.invoices if i.claimed_on == day})
    granted = standing.list_granted(Programme.objects.get(id=desk.programme_id))
    return [c for c in granted if decided_on(desk, desk.year.contracts[c]) == day]
