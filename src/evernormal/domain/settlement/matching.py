"""The four-way match: contract, invoice, payment and meter must tell one story."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from evernormal.domain.policy import Check, CostCategory, Fact, Step
from evernormal.domain.settlement.evidence import (
    BankPayment,
    Evidence,
    InvoiceLine,
    InvoiceStatus,
    MeterControl,
)
from evernormal.domain.values import Fen, Rounding, RoundingMode

_DOWN = Rounding(RoundingMode.TRUNCATE)


@dataclass(frozen=True, slots=True)
class Match:
    """What the evidence supports: checks that all must pass, and cost after each limit."""

    checks: tuple[Check, ...]
    steps: tuple[Step, ...]
    costs: Mapping[CostCategory, Fen]

    @property
    def is_sound(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)


def match_evidence(evidence: Evidence) -> Match:
    """Compare contract, invoices, payments and meter.

    returns  every check, also after one failed; and the cost by category, in whole fen, that
             is invoiced, paid, within the contract and metered: each limit can only lower it.
             Nothing when a check failed.
    source   docs/rules/matching.md
    """
    checks = tuple(_checks(evidence))
    costs, steps = _limited(evidence)
    sound = all(check.passed for check in checks)
    return Match(checks=checks, steps=tuple(steps), costs=costs if sound else {})


def with_check(match: Match, check: Check) -> Match:
    """The match with one check more; nothing is supported when it failed."""
    return Match(
        checks=(*match.checks, check),
        steps=match.steps,
        costs=match.costs if check.passed else {},
    )


def _checks(evidence: Evidence) -> Iterable[Check]:
    lines, payments, contract = evidence.lines, evidence.payments, evidence.case.contract
    buyer, seller = evidence.case.applicant.uscc, evidence.case.provider.uscc
    numbers = {line.number for line in lines}
    yield _check("invoice_present", set() if lines else {contract.id})
    yield _check(
        "invoice_normal", {i.number for i in lines if i.status is not InvoiceStatus.NORMAL}
    )
    yield _check(
        "invoice_parties", {i.number for i in lines if (i.seller, i.buyer) != (seller, buyer)}
    )
    yield _check(
        "invoice_in_contract",
        {
            i.number
            for i in lines
            if i.period.overlap(contract.term) is None or i.issued_on < contract.signed_on
        },
    )
    yield _check("invoice_claimed_once", numbers & evidence.claimed_before)
    yield _check(
        "payment_parties", {p.id for p in payments if (p.payer, p.payee) != (buyer, seller)}
    )
    yield _check("payment_made", _unpaid(evidence))
    if evidence.meter is not MeterControl.NOT_REQUIRED:
        unmetered = set() if evidence.metered_seconds else {contract.id}
        yield _check("meter_present", unmetered)


def _check(name: str, failing: set[str]) -> Check:
    facts: dict[str, Fact] = {"failing": " ".join(sorted(failing))}
    return Check(rule_id=f"match.{name}", form=name, passed=not failing, facts=facts)


def _unpaid(evidence: Evidence) -> set[str]:
    """Invoices on which the buyer paid nothing by the day of the claim, though something was due.

    What the provider deducted for the voucher leaves nothing due only when it covers everything.
    """
    if evidence.deducted.amount >= sum(line.amount.amount for line in evidence.lines):
        return set()
    paid = {p.invoice_number for p in _in_time(evidence)}
    return {line.number for line in evidence.lines} - paid


def _in_time(evidence: Evidence) -> list[BankPayment]:
    return [p for p in evidence.payments if p.paid_on <= evidence.claimed_on]


def _limited(evidence: Evidence) -> tuple[dict[CostCategory, Fen], list[Step]]:
    invoiced = _sum_by_category(evidence.lines)
    paid = _paid_by_category(evidence)
    contracted = {category: min(cost, _left(evidence, category)) for category, cost in paid.items()}
    metered = dict(contracted)
    if evidence.meter is MeterControl.LIMIT and CostCategory.COMPUTE in metered:
        metered[CostCategory.COMPUTE] = min(metered[CostCategory.COMPUTE], evidence.metered)
    amounts = [_total(costs) for costs in (invoiced, paid, contracted, metered)]
    names = ("invoiced", "paid", "contracted", "metered")
    facts: tuple[dict[str, Fact], ...] = (
        {"invoices": " ".join(sorted({line.number for line in evidence.lines}))},
        {"paid_fen": _paid(evidence).amount, "deducted_fen": evidence.deducted.amount},
        {"contract": evidence.case.contract.id},
        {"metered_fen": evidence.metered.amount, "control": evidence.meter.value},
    )
    steps = [
        Step(f"match.{name}", name, Fraction(before), Fraction(after), Fraction(after), fact)
        for name, before, after, fact in zip(
            names, [amounts[0], *amounts], amounts, facts, strict=False
        )
    ]
    return metered, steps


def _sum_by_category(lines: Iterable[InvoiceLine]) -> dict[CostCategory, Fen]:
    sums: dict[CostCategory, Fen] = defaultdict(lambda: Fen(0))
    for line in lines:
        sums[line.category] += line.amount
    return dict(sums)


def _paid(evidence: Evidence) -> Fen:
    return Fen(sum(p.amount.amount for p in _in_time(evidence)))


def _paid_by_category(evidence: Evidence) -> dict[CostCategory, Fen]:
    """Each invoice line as far as its own invoice was paid; deductions count for all alike."""
    totals: dict[str, int] = defaultdict(int)
    for line in evidence.lines:
        totals[line.number] += line.amount.amount
    paid: dict[str, int] = defaultdict(int)
    for payment in _in_time(evidence):
        paid[payment.invoice_number] += payment.amount.amount
    deducted = Fraction(evidence.deducted.amount, max(sum(totals.values()), 1))
    exact: dict[CostCategory, Fraction] = defaultdict(Fraction)
    for line in evidence.lines:
        share = Fraction(paid[line.number], max(totals[line.number], 1)) + deducted
        exact[line.category] += line.amount.amount * min(share, Fraction(1))
    return {category: _DOWN.to_fen(amount) for category, amount in exact.items()}


def _left(evidence: Evidence, category: CostCategory) -> Fen:
    """What the contract still allows for a category."""
    contracted = evidence.case.contract.costs.get(category, Fen(0))
    return max(contracted - evidence.supported_before.get(category, Fen(0)), Fen(0))


def _total(costs: Mapping[CostCategory, Fen]) -> int:
    return sum(cost.amount for cost in costs.values())
