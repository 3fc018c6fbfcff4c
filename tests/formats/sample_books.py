"""The books of the sample year, act by act, with the domain deciding each of them."""

from datetime import date
from fractions import Fraction

from evernormal.domain.allocation import Purse, allocate
from evernormal.domain.audit import facts as facts_of
from evernormal.domain.award import Assessed, Assessment, AwardDecision, assess, grant
from evernormal.domain.ledger import posting
from evernormal.domain.market import Order, UnitPrice, quote
from evernormal.domain.metering import CHARGE_ROUNDING
from evernormal.domain.policy import CapCount, Case, SupportRequest
from evernormal.domain.values import Fen, Period
from evernormal.domain.voucher import (
    Hold,
    HoldPlaced,
    Voucher,
    issue,
)
from evernormal.formats.books.rows import (
    DecisionRow,
    VoucherRow,
    YearBooks,
)
from tests.formats.sample_acts import PRICE, Year
from tests.formats.sample_scheme import SCHEME
from tests.formats.sample_settlement import claim, expire, lapse, pay
from tests.formats.sample_use import use
from tests.formats.sample_year import (
    DEVICE_CLASSES,
    YEAR,
    pending_of,
    sample_input,
)

_HALF = Fraction(1, 2)


def sample_books() -> YearBooks:
    """Run the sample year to its close."""
    year = Year()
    _open(year)
    for contract in sorted(sample_input().contracts.values(), key=lambda c: (c.applied_on, c.id)):
        _decide(year, contract.id)
    for number, contract_id in enumerate(("K01", "K02", "K03", "K04", "K08")):
        _order(year, contract_id, number)
    use(year, 4)
    use(year, 5)
    expire(year, "K04")
    use(year, 6)
    for contract_id in ("K01", "K02", "K03", "K08"):
        claim(year, contract_id)
    pay(year)
    lapse(year, "K04")
    return YearBooks(
        acts=tuple(year.log.acts),
        decisions=tuple(year.decisions),
        vouchers=tuple(_voucher_row(v) for v in year.vouchers.values()),
        charges=tuple(year.charges),
        claims=tuple(year.claims),
        usage=tuple(year.usage),
        batches=tuple(year.batches),
        journal=tuple(year.log.journal),
        accounts=year.log.accounts(),
    )


def _open(year: Year) -> None:
    programme = sample_input().programme
    facts: facts_of.Facts = {
        "scheme": SCHEME.id,
        "scheme_file": {"sha256": "5c" * 32, "blocks": ""},
        "year": YEAR,
        "pot_fen": programme.pot.amount,
        "unit": "CNY",
        "inputs": {"programme.toml": {"sha256": "ab" * 32, "blocks": ""}},
    }
    moves = [posting.of_appropriation(programme.pot)]
    year.log.act("OPEN_PROGRAMME", "open", programme.opens_on, facts, moves)


def _decide(year: Year, contract_id: str) -> None:
    case = sample_input().case_of(contract_id, awards_on_contract=0)
    on = case.contract.applied_on
    request = SupportRequest(
        case=case,
        costs=case.contract.costs,
        term=case.contract.term,
        counted_on=CapCount.AWARD,
    )
    assessment = assess(SCHEME, case=case, request=request, on=on)
    year.log.act(
        "ASSESS",
        f"assess:{contract_id}",
        on,
        {
            **facts_of.of_assessment(assessment),
            "decision": f"D-{contract_id}",
            "provider": case.provider.id,
            "applied_on": on.isoformat(),
            "costs": {c.value: f.amount for c, f in case.contract.costs.items()},
            "firm_year_before_fen": 0,
            "firm_before_fen": 0,
            "evidence": None,
        },
    )
    pot = Fen(year.log.ledger.accounts["POT"].free)
    assessed = Assessed(
        contract_id=contract_id,
        applicant_id=case.applicant.id,
        is_eligible=assessment.is_eligible,
        entitled=assessment.entitlement.amount,
    )
    award = grant(assessed, pot=pot)
    facts = {**facts_of.of_award(award), "shortage": "FIRST_COME"}
    year.log.act("AWARD", f"award:{contract_id}", on, facts, [posting.of_award(award)])
    year.decisions.append(_decision_row(assessment, award, case))
    if award.is_granted:
        _issue(year, award, on=on)


def _decision_row(assessment: Assessment, award: AwardDecision, case: Case) -> DecisionRow:
    contract_id, on = case.contract.id, case.contract.applied_on
    return DecisionRow(
        decision_id=f"D-{contract_id}",
        contract_id=contract_id,
        applicant_id=case.applicant.id,
        provider_id=case.provider.id,
        applied_on=on,
        is_eligible=assessment.is_eligible,
        failed_rules=tuple(c.rule_id for c in assessment.checks if not c.passed),
        entitled_fen=assessment.entitlement.amount.amount,
        limb=assessment.entitlement.limb,
        reason=award.reason.value,
        award_id=award.award_id,
        awarded_fen=award.amount.amount,
    )


def _issue(year: Year, award: AwardDecision, *, on: date) -> None:
    issued = issue(award, on=on, valid_months=6)
    voucher = issued.voucher
    facts: facts_of.Facts = {
        "voucher": voucher.id,
        "award": award.award_id,
        "holder": voucher.holder_id,
        "face_fen": voucher.face.amount,
        "issued_on": on.isoformat(),
        "lapses_on": voucher.lapses_on.isoformat(),
    }
    moves = [posting.of_issue(issued)]
    year.log.act("ISSUE_VOUCHER", f"issue:{award.contract_id}", on, facts, moves)
    year.vouchers[voucher.id] = voucher


def _order(year: Year, contract_id: str, number: int) -> None:
    contract = sample_input().contracts[contract_id]
    voucher = year.vouchers[f"V-{contract_id}"]
    device_class = DEVICE_CLASSES[number % 2]
    order = Order(
        id=f"O-{contract_id}",
        contract_id=contract_id,
        provider_id=contract.provider_id,
        device_class=device_class,
        cards=64 - 8 * number,
        gang_cards=8,
        card_hours=voucher.face.amount * 9 // 5 // PRICE[device_class].amount,
        period=Period(date(YEAR, 4, 1), date(YEAR, 7, 1)),
    )
    _, rounding = SCHEME.rules[14], CHARGE_ROUNDING
    quoted = quote(order, price=UnitPrice(PRICE[device_class]), rate=_HALF, rounding=rounding)
    purse = Purse(part=quoted.voucher_part, available=voucher.available)
    given = allocate(order, free_cards=96, purses=[purse])
    hold = Hold(f"H-{order.id}-1", voucher.id, order.id, given.holds[0], order.period.ends_on)
    placed = HoldPlaced(hold.id, voucher.id, order.id, hold.amount, hold.expires_on)
    facts: facts_of.Facts = {
        "hold": hold.id,
        "voucher": voucher.id,
        "order": order.id,
        "contract": contract_id,
        "payee": order.provider_id,
        "amount_fen": hold.amount.amount,
        "expires_on": hold.expires_on.isoformat(),
        "quote": facts_of.of_quote(quoted),
        "allocation": facts_of.of_allocation(given),
    }
    made = year.log.act(
        "PLACE_HOLD",
        f"hold:{hold.id}",
        date(YEAR, 3, 28),
        facts,
        [posting.of_hold(placed, payee_id=order.provider_id)],
    )
    year.orders[order.id], year.pending[order.id] = order, pending_of(made)
    year.change(voucher.id, placed)


def _voucher_row(voucher: Voucher) -> VoucherRow:
    return VoucherRow(
        voucher_id=voucher.id,
        award_id=voucher.award_id,
        holder_id=voucher.holder_id,
        issued_on=voucher.issued_on,
        lapses_on=voucher.lapses_on,
        face_fen=voucher.face.amount,
        available_fen=voucher.available.amount,
        held_fen=voucher.held.amount,
        captured_fen=voucher.captured.amount,
        lapsed_fen=voucher.lapsed.amount,
    )
