"""Gathering what a claim rests on from the office's files and the meter."""

from dataclasses import dataclass
from datetime import date

from evernormal.actions.desk import Desk
from evernormal.domain.market import Order
from evernormal.domain.metering import CHARGE_ROUNDING, rate_use, use_by_day
from evernormal.domain.policy import Settlement
from evernormal.domain.settlement import Evidence, InvoiceLine
from evernormal.domain.values import Fen, Period
from evernormal.store.models import Programme
from evernormal.store.queries import standing


@dataclass(frozen=True, slots=True)
class Proof:
    """Evidence, with the numbers and the sum of its invoices in fen."""

    evidence: Evidence
    invoices: tuple[str, ...]
    invoiced: Fen


def evidence_of(desk: Desk, programme: Programme, contract_id: str, *, on: date) -> Proof:
    """All that is known about a contract's claim of a day.

    on       the day of the claim; a post-use subsidy is claimed with the application, for all
             invoices that were put forward
    """
    lines = _claimed_lines(desk, contract_id, on=on)
    numbers = {line.number for line in lines}
    until = max((line.period.ends_on for line in lines), default=on)
    seconds, metered, deducted = _metered(desk, programme, contract_id, until=until)
    evidence = Evidence(
        case=desk.year.case_of(contract_id, awards_on_contract=0),
        claimed_on=on,
        lines=lines,
        payments=tuple(p for p in desk.year.payments if p.invoice_number in numbers),
        claimed_before=standing.claimed_invoices(programme),
        supported_before=standing.supported(programme, contract_id),
        deducted=deducted,
        metered=metered,
        metered_seconds=seconds,
        meter=desk.year.programme.meter,
    )
    invoiced = Fen(sum(line.amount.amount for line in lines))
    return Proof(evidence=evidence, invoices=tuple(sorted(numbers)), invoiced=invoiced)


def unsettled(programme: Programme, contract_id: str, *, until: date) -> Fen:
    """Fen captured for a contract's use before a day that no claim has settled yet."""
    _, _, captured = standing.charged_on_contract(programme, contract_id, until=until)
    return max(captured - standing.settled(programme, contract_id), Fen(0))


def _claimed_lines(desk: Desk, contract_id: str, *, on: date) -> tuple[InvoiceLine, ...]:
    with_application = desk.scheme.settlement is Settlement.POST_USE_SUBSIDY
    return tuple(
        line
        for line in desk.year.invoices
        if line.contract_id == contract_id
        and line.claimed_on is not None
        and (with_application or line.claimed_on == on)
    )


def _metered(
    desk: Desk, programme: Programme, contract_id: str, *, until: date
) -> tuple[int, Fen, Fen]:
    """Card-seconds and fen of metered use before a day, and what the provider deducted for it."""
    if desk.scheme.settlement is Settlement.CLAIM_AND_DEDUCT:
        seconds, charged, _ = standing.charged_on_contract(programme, contract_id, until=until)
        return seconds, charged, unsettled(programme, contract_id, until=until)
    contract = desk.year.contracts[contract_id]
    if until <= contract.term.starts_on:
        return 0, Fen(0), Fen(0)
    period = Period(contract.term.starts_on, min(until, contract.term.ends_on))
    seconds, total = 0, Fen(0)
    for device_class, records in sorted(standing.usage_of(programme, contract_id).items()):
        order = Order(
            id=contract_id,
            contract_id=contract_id,
            provider_id=contract.provider_id,
            device_class=device_class,
            cards=0,
            gang_cards=0,
            card_hours=0,
            period=period,
        )
        for use in use_by_day(order, records, zone=desk.zone):
            price = desk.prices.price_on(contract.provider_id, device_class, use.day)
            seconds += use.used.count
            total += rate_use(use.used, price, CHARGE_ROUNDING)
    return seconds, total, Fen(0)
