"""What support rests on where nobody bills: another programme's award, or measured capacity."""

from collections.abc import Collection
from fractions import Fraction

from evernormal.domain.policy import Case, Check, Fact, Step
from evernormal.domain.settlement.matching import Match


def match_upstream(
    case: Case, *, upstream_award_id: str | None, matched_before: Collection[str]
) -> Match:
    """Rest on the award of another programme, which decided on the cost already.

    upstream_award_id  its number; None: there is none
    matched_before     numbers that earlier support rests on
    returns            the cost that the other programme accepted; nothing when a check failed
    source             docs/rules/matching.md
    """
    missing = set() if upstream_award_id else {case.contract.id}
    twice = {upstream_award_id or ""} & set(matched_before)
    checks = (_check("upstream_present", missing), _check("upstream_matched_once", twice))
    cost = Fraction(sum(fen.amount for fen in case.contract.costs.values()))
    facts: dict[str, Fact] = {"upstream": case.upstream, "upstream_award": upstream_award_id}
    step = Step("match.accepted_upstream", "accepted_upstream", cost, cost, cost, facts)
    is_sound = all(check.passed for check in checks)
    return Match(checks=checks, steps=(step,), costs=case.contract.costs if is_sound else {})


def match_capacity(case: Case) -> Match:
    """Rest on a capacity that was measured.

    source   docs/rules/matching.md
    """
    missing = set() if case.contract.capacity_pflops else {case.contract.id}
    return Match(checks=(_check("capacity_measured", missing),), steps=(), costs={})


def _check(name: str, failing: Collection[str]) -> Check:
    facts: dict[str, Fact] = {"failing": " ".join(sorted(failing))}
    return Check(rule_id=f"match.{name}", form=name, passed=not failing, facts=facts)
