"""An application's assessment and award, and a claim's decision, in words."""

from collections.abc import Iterator
from datetime import date

from evernormal.formats.explanation.findings import Teller, conditions_of
from evernormal.formats.explanation.reading import (
    ActRecord,
    Facts,
    each_of,
    facts_of,
    text_of,
    texts_of,
    whole_of,
)
from evernormal.formats.explanation.tree import Line, Mark
from evernormal.locale import Words


def applied_on(act: ActRecord) -> date:
    """The day that chose the rule versions of an assessment."""
    return date.fromisoformat(text_of(act.facts, "applied_on"))


def tell_assessment(act: ActRecord, teller: Teller) -> Iterator[Line]:
    """Who applied with what, every condition, the evidence of mode B, and every step."""
    words, facts = teller.words, act.facts
    yield Line(
        words.say(
            "explain.applied",
            **{name: facts.get(name) for name in ("applicant", "contract", "provider")},
            applied_on=facts.get("applied_on"),
            costs=costs_text(facts_of(facts, "costs"), words),
        )
    )
    yield _conditions(facts, teller)
    evidence = facts_of(facts, "evidence")
    if evidence:
        yield _evidence(evidence, teller)
    entitled_fen = whole_of(facts, "entitled_fen")
    key = "explain.amount" if facts.get("eligible") is True else "explain.amount_ineligible"
    yield Line(
        words.say(key, entitled_fen=entitled_fen),
        Mark.RESULT,
        children=tuple(_amount(facts, teller)),
    )


def tell_award(act: ActRecord, teller: Teller) -> Iterator[Line]:
    """What was granted out of what, and why."""
    words, facts = teller.words, act.facts
    shortage = str(facts.get("shortage") or "FIRST_COME")
    reason = text_of(facts, "reason")
    sentence = words.say(
        f"decided.{reason}", **{**facts, "shortage": words.word("shortage", shortage)}
    )
    yield Line(
        words.say("explain.award", award=facts.get("award"), amount_fen=facts.get("amount_fen")),
        Mark.RESULT,
        label=words.word("reason", reason),
        children=(Line(sentence),),
    )


def tell_claim(act: ActRecord, teller: Teller) -> Iterator[Line]:
    """The match, the rules' steps, the ceilings and what was approved."""
    words, facts = teller.words, act.facts
    names = ("claim", "contract", "payee", "claimed_on")
    yield Line(words.say("explain.claimed", **{name: facts.get(name) for name in names}))
    yield _match(facts, teller)
    if each_of(facts, "steps"):
        entitled_fen = whole_of(facts, "entitled_fen")
        yield Line(
            words.say("explain.claim_amount", entitled_fen=entitled_fen),
            Mark.RESULT,
            children=tuple(_steps(facts, teller)),
        )
    ceilings = each_of(facts, "ceilings")
    if ceilings:
        yield Line(words.say("explain.ceilings"), children=tuple(_ceilings(facts, teller)))
    approved_fen = whole_of(facts, "approved_fen")
    key = "explain.approved" if approved_fen else "explain.refused"
    yield Line(
        words.say(key, approved_fen=approved_fen),
        Mark.RESULT,
        children=(_limb(facts, teller),),
    )
    if facts.get("cut_fen"):
        yield Line(words.say("explain.cut", cut_fen=facts.get("cut_fen")))


def costs_text(costs: Facts, words: Words) -> str:
    """Costs by category in one line."""
    return words.listed(
        [
            words.say("explain.cost", category=category, amount_fen=amount)
            for category, amount in sorted(costs.items())
        ]
    )


def _conditions(facts: Facts, teller: Teller) -> Line:
    checks, failed = conditions_of(facts)
    key = "explain.conditions_failed" if failed else "explain.conditions"
    return Line(
        teller.words.say(key, count=len(checks), failed=failed),
        Mark.FAILED if failed else Mark.PASSED,
        children=tuple(teller.check(check) for check in checks),
    )


def _evidence(evidence: Facts, teller: Teller) -> Line:
    checks, failed = conditions_of(evidence)
    children = [teller.check(check) for check in checks]
    children += teller.steps(each_of(evidence, "match_steps"), limb="")
    matched = sum(whole_of(facts_of(evidence, "matched_fen"), c) for c in _matched(evidence))
    key = _match_key(checks, failed, otherwise="explain.evidence")
    return Line(
        teller.words.say(
            key,
            matched_fen=matched,
            invoices=texts_of(evidence, "invoices"),
            failed=failed,
            count=len(checks),
        ),
        Mark.FAILED if failed else Mark.PASSED,
        children=tuple(children),
    )


_UNBILLED = {"upstream_present": "upstream", "capacity_measured": "capacity"}
"""The first check of a match where nobody bills, and what the support rests on instead."""


def _match_key(checks: list[Facts], failed: int, *, otherwise: str) -> str:
    """Which words say how a match went."""
    rests_on = _UNBILLED.get(text_of(checks[0], "form")) if checks else None
    if rests_on is None:
        return otherwise
    return f"explain.matching_{rests_on}{'_failed' if failed else ''}"


def _matched(facts: Facts) -> list[str]:
    return sorted(facts_of(facts, "matched_fen"))


def _match(facts: Facts, teller: Teller) -> Line:
    checks, failed = conditions_of(facts)
    matched = facts_of(facts, "matched_fen")
    invoiced = "explain.matching_failed" if failed else "explain.matching"
    key = _match_key(checks, failed, otherwise=invoiced)
    children = [teller.check(check) for check in checks]
    children += teller.steps(each_of(facts, "match_steps"), limb="")
    return Line(
        teller.words.say(
            key,
            matched_fen=sum(whole_of(matched, category) for category in matched),
            failed=failed,
            count=len(checks),
        ),
        Mark.FAILED if failed else Mark.PASSED,
        children=tuple(children),
    )


def _amount(facts: Facts, teller: Teller) -> Iterator[Line]:
    yield from _steps(facts, teller)
    yield _limb(facts, teller)


def _steps(facts: Facts, teller: Teller) -> Iterator[Line]:
    steps = each_of(facts, "steps")
    yield from teller.steps(steps, limb=text_of(facts, "limb"))
    if steps:
        rounding = teller.rounding(steps[-1], entitled_fen=whole_of(facts, "entitled_fen"))
        if rounding is not None:
            yield rounding


def _limb(facts: Facts, teller: Teller) -> Line:
    label = teller.limb(text_of(facts, "limb"))
    return Line(teller.words.say("explain.bound", label=label), Mark.BOUND)


def _ceilings(facts: Facts, teller: Teller) -> Iterator[Line]:
    for ceiling in each_of(facts, "ceilings"):
        limb = text_of(ceiling, "limb")
        yield Line(
            teller.words.say(
                "explain.ceiling", limb=teller.limb(limb), left_fen=ceiling.get("left_fen")
            ),
            Mark.BOUND if limb == facts.get("limb") else Mark.STEP,
        )
