"""Gathering what a claim rests on from the office's files and the meter."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from evernormal.actions.desk import Desk
from evernormal.actions.requests import case_of
from evernormal.domain.market import Order
from evernormal.domain.metering import charges_due, use_by_day
from evernormal.domain.policy import Case, Check, ClaimDocuments, Fact, Settlement
from evernormal.domain.settlement import (
    Evidence,
    InvoiceLine,
    Match,
    match_capacity,
    match_evidence,
    match_upstream,
    with_check,
)
from evernormal.domain.values import Fen, Period
from evernormal.store.models import Charge, Programme
from evernormal.store.queries import standing
from evernormal.store.queries.readings import usage_of

_NOTHING = Fen(0)


@dataclass(frozen=True, slots=True)
class Meter:
    """Use in the periods of a claim: card-seconds, fen it is worth, fen deducted for it."""

    seconds: int
    worth: Fen
    deducted: Fen
    charges: tuple[Charge, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """What a claim rests on.

    match           what the evidence supports
    invoices        their numbers, and `invoiced` their sum in fen
    deducted        fen captured for the claimed use; `metered` fen that the meter values it at
    charges         the charges it settles
    upstream_award  the other programme's award it rests on, or ""
    """

    match: Match
    invoices: tuple[str, ...] = ()
    invoiced: Fen = _NOTHING
    deducted: Fen = _NOTHING
    metered: Fen = _NOTHING
    charges: tuple[Charge, ...] = ()
    upstream_award: str = ""


def proof_of(desk: Desk, programme: Programme, contract_id: str, *, on: date) -> Proof:
    """All that is known about a contract's claim of a day, with the papers the scheme asks for.

    on       the day of the claim; without a voucher it is claimed with the application, for all
             invoices that were put forward
    """
    case = case_of(desk, programme, contract_id)
    match desk.scheme.settlement:
        case Settlement.CAPACITY_AWARD:
            proof = Proof(match_capacity(case))
        case Settlement.AUTOMATIC_MATCH:
            proof = _upstream(desk, programme, case)
        case _:
            proof = _billed(desk, programme, case, on=on)
    papers = desk.scheme.find(ClaimDocuments, case.contract.applied_on)
    if papers is None:
        return proof
    return replace(proof, match=with_check(proof.match, _papers(*papers, case)))


def _papers(rule_id: str, rule: ClaimDocuments, case: Case) -> Check:
    missing = rule.missing(case.contract.documents)
    facts: dict[str, Fact] = {
        "documents": " ".join(sorted(rule.documents)),
        "missing": " ".join(missing),
    }
    return Check(rule_id=rule_id, form=rule.name, passed=not missing, facts=facts)


def _upstream(desk: Desk, programme: Programme, case: Case) -> Proof:
    record = desk.year.upstream.get(case.contract.id)
    award_id = record.id if record else None
    before = standing.matched_upstream(programme)
    match = match_upstream(case, upstream_award_id=award_id, matched_before=before)
    return Proof(match, upstream_award=award_id or "")


def _billed(desk: Desk, programme: Programme, case: Case, *, on: date) -> Proof:
    """Contract, invoices, payments and meter of a claim."""
    contract_id = case.contract.id
    lines = _claimed_lines(desk, contract_id, on=on)
    numbers = {line.number for line in lines}
    periods = sorted({line.period for line in lines})
    if desk.scheme.settlement.traits.is_deducted:
        meter = _charged(programme, contract_id, periods)
    else:
        meter = _metered(desk, programme, contract_id, periods)
    evidence = Evidence(
        case=case,
        claimed_on=on,
        lines=lines,
        payments=tuple(p for p in desk.year.payments if p.invoice_number in numbers),
        claimed_before=standing.claimed_invoices(programme),
        supported_before=standing.supported(programme, contract_id),
        deducted=meter.deducted,
        metered=meter.worth,
        metered_seconds=meter.seconds,
        meter=desk.year.programme.meter,
    )
    invoiced = Fen(sum(line.amount.amount for line in lines))
    return Proof(
        match_evidence(evidence),
        invoices=tuple(sorted(numbers)),
        invoiced=invoiced,
        deducted=meter.deducted,
        metered=meter.worth,
        charges=meter.charges,
    )


def _claimed_lines(desk: Desk, contract_id: str, *, on: date) -> tuple[InvoiceLine, ...]:
    with_application = desk.scheme.settlement is Settlement.POST_USE_SUBSIDY
    return tuple(
        line
        for line in desk.year.invoices
        if line.contract_id == contract_id
        and line.claimed_on is not None
        and (with_application or line.claimed_on == on)
    )


def _charged(programme: Programme, contract_id: str, periods: Sequence[Period]) -> Meter:
    """Claim and deduct: the charges of the invoiced days that no claim has settled."""
    charges = standing.list_unsettled(programme, contract_id, periods=periods)
    return Meter(
        # Corrections of other days are set off in money; they do not unmake the use of these.
        seconds=sum(each.used_seconds for each in charges if _holds(periods, each.day)),
        worth=Fen(max(sum(charge.amount_fen for charge in charges), 0)),
        deducted=Fen(sum(charge.voucher_fen for charge in charges)),
        charges=tuple(charges),
    )


def _metered(
    desk: Desk, programme: Programme, contract_id: str, periods: Sequence[Period]
) -> Meter:
    """Otherwise: what was used in the invoiced periods, less what earlier claims for them took.

    An earlier claim counts where its periods meet these, or those of another that counts, with
    all of its use and all its cost, so that the order of claims for other months changes nothing
    (docs/rules/matching.md).
    """
    within, taken = set(periods), Fen(0)
    period_of = {line.number: line.period for line in desk.year.invoices}
    apart = [
        ({period_of[number] for number in invoices}, compute)
        for invoices, compute in standing.list_sound_claims(programme, contract_id)
    ]
    while met := [claim for claim in apart if _meet(claim[0], within)]:
        apart = [claim for claim in apart if claim not in met]
        for theirs, compute in met:
            within |= theirs
            taken += compute
    used = _use_by_day(desk, programme, contract_id)
    seconds = sum(s for day, (s, _) in used.items() if _holds(periods, day))
    worth = Fen(sum(fen for day, (_, fen) in used.items() if _holds(within, day)))
    return Meter(seconds=seconds, worth=max(worth - taken, Fen(0)), deducted=Fen(0))


def _use_by_day(desk: Desk, programme: Programme, contract_id: str) -> dict[date, tuple[int, int]]:
    """Card-seconds, and fen at list price, of a contract's use on each day of its term."""
    contract = desk.year.contract(contract_id)
    used: dict[date, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for device_class, records in sorted(usage_of(programme, contract_id).items()):
        order = Order(
            id=contract_id,
            contract_id=contract_id,
            provider_id=contract.provider_id,
            device_class=device_class,
            cards=0,
            gang_cards=0,
            card_hours=0,
            period=contract.term,
        )
        uses = use_by_day(order, records, prices=desk.prices, zone=desk.zone)
        for charge in charges_due(order, uses, prices=desk.prices, charged={}):
            seconds, fen = used[charge.day]
            used[charge.day] = (seconds + charge.used_seconds, fen + charge.amount.amount)
    return used


def _meet(these: Collection[Period], those: Collection[Period]) -> bool:
    return any(a.overlap(b) for a in these for b in those)


def _holds(periods: Collection[Period], day: date) -> bool:
    return any(period.holds(day) for period in periods)
