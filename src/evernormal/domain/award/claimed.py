"""What a claim gives under an award, however the cost is split into claims."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction

from evernormal.domain.award.assessment import amount_rules
from evernormal.domain.policy import (
    AmountForm,
    Cap,
    CapacitySupport,
    CostCategory,
    EligibleCost,
    Entitlement,
    Fact,
    MinimumSpend,
    Rate,
    RateForm,
    RoundingRule,
    Scheme,
    Step,
    SupportRequest,
    TieredRate,
    entitle,
)
from evernormal.domain.values import Fen, Rounding, RoundingMode

Rules = list[tuple[str, AmountForm]]


def entitle_claim(
    scheme: Scheme,
    *,
    request: SupportRequest,
    costs_before: Mapping[CostCategory, Fen],
    share: Fraction,
    on: date,
) -> Entitlement:
    """What a claim gives: all cost evidenced so far at the award's share, less what came before.

    Tiers and floors were decided by the award on the contract's whole cost, and its share holds
    for every claim. Other public support is set off against all cost together. So the same
    evidence gives the same sum in one claim or in many; only caps count each claim by itself.

    request       costs of this claim, in fen
    costs_before  fen by category on which the contract's earlier claims rest
    share         what the award gave of the cost, before caps
    on            the day that chooses the rule versions: the day of application
    raises        UnknownRule
    source        docs/rules/settlement.md
    """
    rules = amount_rules(scheme, on)
    _, rounding = scheme.get(RoundingRule, on)
    if any(isinstance(form, CapacitySupport) for _, form in rules):
        return entitle(rules, request=request, rounding=rounding)
    of_cost = [(i, f) for i, f in _at(share, rules) if not isinstance(f, MinimumSpend | Cap)]
    caps = [(i, f) for i, f in rules if isinstance(f, Cap)]
    so_far = replace(request, costs=_together(request.costs, costs_before))
    whole = entitle(of_cost, request=so_far, rounding=rounding)
    steps, left = whole.steps, whole.amount
    if costs_before:
        earlier = entitle(
            of_cost, request=replace(request, costs=costs_before), rounding=rounding
        ).amount
        left = whole.amount - earlier
        steps = (*steps, _less(whole.amount, earlier))
    capped = entitle(caps, request=request, rounding=rounding, start=Fraction(left.amount))
    return Entitlement(
        amount=capped.amount,
        limb=capped.limb or whole.limb,
        steps=(*steps, *capped.steps),
    )


def entitle_deducted(
    scheme: Scheme, *, request: SupportRequest, on: date, captured: Fen, charged: Fen
) -> Entitlement:
    """What a provider may claim for use whose support was captured as it was charged.

    The rate is the one at which the use was captured, so that evidence for all that was charged
    gives all that was captured, to the fen; caps apply as ever.

    captured  fen captured for the claimed use
    charged   fen charged for it; nothing charged gives nothing
    """
    share = Fraction(captured.amount, max(charged.amount, 1))
    kept = (EligibleCost, Rate, Cap)
    rules = [(i, f) for i, f in _at(share, amount_rules(scheme, on)) if isinstance(f, kept)]
    cut = RoundingRule(Rounding(RoundingMode.TRUNCATE), at_each_step=False)
    return entitle(rules, request=request, rounding=cut)


def _at(share: Fraction, rules: Rules) -> Rules:
    """The rules with the share in the place of what gives it, still a ceiling where it is one."""
    return [
        (rule_id, Rate(share, is_ceiling=_is_ceiling(form)) if isinstance(form, RateForm) else form)
        for rule_id, form in rules
    ]


def _is_ceiling(form: AmountForm) -> bool:
    return isinstance(form, Rate | TieredRate) and form.is_ceiling


def _together(
    one: Mapping[CostCategory, Fen], other: Mapping[CostCategory, Fen]
) -> dict[CostCategory, Fen]:
    categories = [category for category in CostCategory if category in one or category in other]
    return {c: one.get(c, Fen(0)) + other.get(c, Fen(0)) for c in categories}


def _less(whole: Fen, earlier: Fen) -> Step:
    before, after = Fraction(whole.amount), Fraction(whole.amount - earlier.amount)
    facts: dict[str, Fact] = {"earlier_fen": earlier.amount}
    return Step("match.earlier_claims", "earlier_claims", before, after, after, facts)
