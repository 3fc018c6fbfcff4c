"""Domain facts in the canonical form in which audit records keep them."""

from collections.abc import Iterable
from fractions import Fraction

from evernormal.domain.allocation import Allocation
from evernormal.domain.audit.canonical import Json
from evernormal.domain.award import Assessment, AwardDecision
from evernormal.domain.ledger import Transfer
from evernormal.domain.market import Quote
from evernormal.domain.metering import Charge
from evernormal.domain.policy import Check, Entitlement, Step
from evernormal.domain.settlement import ClaimDecision, PaymentBatch
from evernormal.domain.values import ratio_text

Facts = dict[str, Json]


def of_check(check: Check) -> Facts:
    """A condition's outcome with what it compared."""
    return {
        "rule": check.rule_id,
        "form": check.form,
        "passed": check.passed,
        "facts": dict(check.facts),
    }


def of_step(step: Step) -> Facts:
    """A rule's step; amounts are fen, exact ones written as a ratio."""
    return {
        "rule": step.rule_id,
        "form": step.form,
        "before": exact(step.before),
        "exact": exact(step.exact),
        "after": exact(step.after),
        "facts": dict(step.facts),
    }


def exact(amount: Fraction) -> Json:
    """Whole fen as a number, anything else as a ratio in lowest terms."""
    return amount.numerator if amount.denominator == 1 else ratio_text(amount)


def of_entitlement(entitlement: Entitlement) -> Facts:
    """Every step and the limb that bound."""
    return {
        "entitled_fen": entitlement.amount.amount,
        "limb": entitlement.limb,
        "steps": [of_step(step) for step in entitlement.steps],
    }


def of_assessment(assessment: Assessment) -> Facts:
    """Every check and every step."""
    return {
        "contract": assessment.contract_id,
        "applicant": assessment.applicant_id,
        "eligible": assessment.is_eligible,
        "checks": [of_check(check) for check in assessment.checks],
        **of_entitlement(assessment.entitlement),
    }


def of_award(award: AwardDecision) -> Facts:
    """What was granted out of what, and why."""
    return {
        "award": award.award_id,
        "contract": award.contract_id,
        "applicant": award.applicant_id,
        "reason": award.reason.value,
        "asked_fen": award.asked.amount,
        "amount_fen": award.amount.amount,
        "pot_before_fen": award.pot_before.amount,
    }


def of_quote(quote: Quote) -> Facts:
    """The order's price at the list, the voucher's part and the co-pay."""
    return {
        "price_fen_per_card_hour": quote.price_fen_per_card_hour.amount,
        "listed_fen": quote.listed.amount,
        "voucher_part_fen": quote.voucher_part.amount,
        "copay_fen": quote.copay.amount,
        **of_currency(quote.currency, quote.exchange),
    }


def of_allocation(allocation: Allocation) -> Facts:
    """Cards given and what bound them."""
    return {"cards": allocation.cards, "limb": allocation.limb.value}


def of_charge(charge: Charge, *, voucher_fen: int) -> Facts:
    """A day's charge and the part of it that the voucher pays.

    The band is left out where it is the rest of the day, the currency where it is the unit.
    """
    return {
        "day": charge.day.isoformat(),
        **({"band": charge.band} if charge.band else {}),
        "used_seconds": charge.used_seconds,
        "price_fen_per_card_hour": charge.price_fen_per_card_hour.amount,
        "amount_fen": charge.amount.amount,
        "voucher_fen": voucher_fen,
        **of_currency(charge.currency, charge.exchange),
    }


def of_currency(currency: str, exchange: Fraction) -> Facts:
    """The currency of a price and its rate, left out where it is the programme's unit."""
    return {"currency": currency, "exchange_rate": ratio_text(exchange)} if currency else {}


def of_claim(claim: ClaimDecision) -> Facts:
    """The match, the rules' steps, the ceilings and the result."""
    return {
        "claim": claim.claim_id,
        "contract": claim.contract_id,
        "payee": claim.payee_id,
        "claimed_on": claim.claimed_on.isoformat(),
        "checks": [of_check(check) for check in claim.match.checks],
        "match_steps": [of_step(step) for step in claim.match.steps],
        "matched_fen": {
            category.value: cost.amount for category, cost in claim.match.costs.items()
        },
        "steps": [of_step(step) for step in claim.entitlement.steps],
        "entitled_fen": claim.entitlement.amount.amount,
        "ceilings": [{"limb": c.limb, "left_fen": c.left.amount} for c in claim.ceilings],
        "approved_fen": claim.approved.amount,
        "limb": claim.limb,
    }


def of_batch(batch: PaymentBatch) -> Facts:
    """Who prepared and approved, and every instruction."""
    return {
        "batch": batch.id,
        "prepared_by": batch.prepared_by,
        "approved_by": batch.approved_by,
        "approved_on": batch.approved_on.isoformat(),
        "execute_on": batch.execute_on.isoformat(),
        "total_fen": batch.total.amount,
        "instructions": [
            {
                "instruction": i.id,
                "claim": i.claim_id,
                "payee": i.payee_id,
                "amount_fen": i.amount.amount,
            }
            for i in batch.instructions
        ],
    }


def of_transfers(transfers: Iterable[Transfer]) -> list[Json]:
    """Every transfer that the act posted."""
    return [
        {
            "id": t.id,
            "debit": t.debit,
            "credit": t.credit,
            "amount_fen": t.amount,
            "phase": t.phase.value,
            "code": t.code.value,
            "pending": t.pending_id,
        }
        for t in transfers
    ]
