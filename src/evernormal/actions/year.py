"""The main job: one programme year, day by day, each act done once however often it is tried."""

from bisect import bisect_right
from collections.abc import Callable
from datetime import date

from evernormal.actions.applications import (
    assess_application,
    award_application,
    issue_voucher,
)
from evernormal.actions.calls import call_of, decided_on, shares_of
from evernormal.actions.charges import charge_order
from evernormal.actions.claims import settle_claim
from evernormal.actions.desk import Desk
from evernormal.actions.expiry import (
    expire_hold,
    lapse_voucher,
    list_due_holds,
    list_due_vouchers,
    next_due_days,
)
from evernormal.actions.holds import bind_voucher, place_order
from evernormal.actions.payments import pay_batch
from evernormal.actions.programme import open_programme
from evernormal.actions.usage import accept_usage
from evernormal.domain.award import AwardDecision
from evernormal.domain.policy import Contract, Settlement
from evernormal.domain.voucher import voucher_id_of
from evernormal.formats.intake.year_input import UsageFile
from evernormal.store.models import Programme
from evernormal.store.queries import standing
from evernormal.store.queries.books import last_act_on

Progress = Callable[[date], None]


def run_year(desk: Desk, *, progress: Progress) -> None:
    """Do every act of the year in the order of days, from opening to the last payment.

    progress  is told each day with work that is done
    raises    the refusals of the acts; what was done before stays done, and running again
              goes on where it stopped
    """
    open_programme(desk)
    programme = desk.year.programme
    # Every day before the last record's was done to its end when that record was written.
    day: date | None = last_act_on(programme.id)
    days = _days_of_work(desk)
    while day is not None and day <= programme.closes_on:
        for work in _DAY:
            work(desk, day)
        progress(day)
        day = _day_after(desk, day, days)


def _days_of_work(desk: Desk) -> list[date]:
    """Every day on which the office's files have something to do, in order."""
    year = desk.year
    days = {contract.applied_on for contract in year.contracts.values()}
    days |= {decided_on(desk, contract) for contract in year.contracts.values()}
    days |= {line.claimed_on for line in year.invoices if line.claimed_on is not None}
    days |= {file.received_at.astimezone(desk.zone).date() for file in year.usage}
    days |= {payment_day.approved_on for payment_day in year.programme.payment_days}
    return sorted(days)


def _day_after(desk: Desk, day: date, days: list[date]) -> date | None:
    """The next day with work: by the files, or because a hold or voucher comes due."""
    coming = days[bisect_right(days, day) :][:1]
    coming += [due for due in next_due_days(desk.programme_id) if due > day]
    return min(coming, default=None)


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
    """At the end of a call whose pot is shared in proportion, award all that waited for it."""
    contracts = call_of(desk, day)
    if not contracts:
        return
    for contract, share in zip(contracts, shares_of(desk, contracts), strict=True):
        award = award_application(desk, contract.id, on=day, share=share)
        _support(desk, award, contract, day)


def _support(desk: Desk, award: AwardDecision, contract: Contract, day: date) -> None:
    """What follows an award: a voucher and its holds, or nothing yet."""
    settlement = desk.scheme.settlement
    if not award.is_granted or settlement is Settlement.POST_USE_SUBSIDY:
        return
    issue_voucher(desk, award, on=day)
    voucher_id = voucher_id_of(award.award_id)
    if settlement is Settlement.REIMBURSE_VOUCHER:
        bind_voucher(desk, voucher_id, contract_id=contract.id, on=day)
        return
    for order in desk.year.orders:
        if order.contract_id == contract.id:
            place_order(desk, order, voucher_id=voucher_id, on=day)


def _take_usage(desk: Desk, day: date) -> None:
    for file in _received(desk, day):
        accept_usage(desk, file)


def _charge_usage(desk: Desk, day: date) -> None:
    if desk.scheme.settlement is not Settlement.CLAIM_AND_DEDUCT:
        return
    for file in _received(desk, day):
        for order in desk.year.orders:
            if order.provider_id == file.provider_id:
                charge_order(desk, order, batch_id=file.path)


def _decide_claims(desk: Desk, day: date) -> None:
    for contract_id in _claimed(desk, day):
        settle_claim(desk, contract_id, on=day)


def _pay(desk: Desk, day: date) -> None:
    for payment_day in desk.year.programme.payment_days:
        if payment_day.approved_on == day:
            pay_batch(desk, payment_day)


_DAY: tuple[Callable[[Desk, date], None], ...] = (
    _let_time_act,
    _take_usage,
    _take_applications,
    _share_call,
    _charge_usage,
    _decide_claims,
    _pay,
)
"""The order of a day's work. It is fixed, so that the same inputs give the same log.

Usage comes before applications, which may rest on it, and is charged after them.
"""


def _received(desk: Desk, day: date) -> list[UsageFile]:
    files = desk.year.usage
    return [file for file in files if file.received_at.astimezone(desk.zone).date() == day]


def _applied(desk: Desk, day: date) -> list[Contract]:
    contracts = [c for c in desk.year.contracts.values() if c.applied_on == day]
    return sorted(contracts, key=lambda contract: contract.id)


def _claimed(desk: Desk, day: date) -> list[str]:
    """Contracts with a claim on the day; a post-use subsidy is claimed by its award."""
    if desk.scheme.settlement is not Settlement.POST_USE_SUBSIDY:
        return sorted({i.contract_id for i in desk.year.invoices if i.claimed_on == day})
    granted = standing.list_granted(Programme.objects.get(id=desk.programme_id))
    return [c for c in granted if decided_on(desk, desk.year.contracts[c]) == day]
