"""A case worked under a scheme, in words: conditions, steps, what bound, what would change it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from evernormal.domain.audit import Json
from evernormal.domain.audit.facts import of_check, of_step
from evernormal.domain.award import Assessment
from evernormal.domain.award.counterfactual import Counterfactual, CounterfactualKind
from evernormal.domain.policy import Candidate, Scheme, ShortageRule
from evernormal.formats.explanation.clauses import in_language, view_of
from evernormal.formats.explanation.fact_words import change_in_words, fact_label, fact_value
from evernormal.formats.explanation.findings import Teller
from evernormal.formats.explanation.tree import Explanation, Line, Mark, sources_of
from evernormal.locale import Words


@dataclass(frozen=True, slots=True)
class WorkedCase:
    """A case and what the rules make of it.

    name             what the case is called; "" for facts given by hand
    on               the day that chooses the rule versions
    facts            what was stated, by the names of facts, as values of the domain
    """

    scheme: Scheme
    name: str
    on: date
    facts: Mapping[str, Any]
    assessment: Assessment
    counterfactuals: tuple[Counterfactual, ...]


@dataclass(frozen=True, slots=True)
class NoTurn:
    """A score below the least that has a turn, or none stated, and the rule that says so."""

    rule_id: str
    score: int | None
    least: int


def no_turn(worked: WorkedCase) -> NoTurn | None:
    """Find why a case has no turn at the pot; None where it has one, or none is asked for."""
    found = worked.scheme.find(ShortageRule, worked.on)
    if found is None or found[1].least_score is None:
        return None
    rule_id, rule = found
    score: int | None = worked.facts.get("score")
    admitted = rule.admits(Candidate("", worked.on, score))
    return None if admitted else NoTurn(rule_id, score, found[1].least_score)


@dataclass(frozen=True, slots=True)
class ToldRule:
    """One rule's part: its sentence with clause, and what would change it.

    amount     the amount after the step; "" for a condition
    """

    rule_id: str
    line: Line
    amount: str
    is_assumed: bool
    what_if: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """A worked case in the words of one language.

    verdict   whether it is eligible, and the amount
    limb      what bound
    turn      the rule that gives it no turn at the pot for its score; None where it has one
    facts     label and value of each fact stated
    """

    title: str
    scheme: str
    verdict: str
    limb: str
    turn: ToldRule | None
    facts: tuple[tuple[str, str], ...]
    checks: tuple[ToldRule, ...]
    steps: tuple[ToldRule, ...]
    unknown: tuple[str, ...]

    @property
    def failed(self) -> tuple[ToldRule, ...]:
        """The conditions that do not hold."""
        return tuple(check for check in self.checks if check.line.mark is Mark.FAILED)


def tell(worked: WorkedCase, words: Words) -> Telling:
    """Put a worked case into words.

    words    of the language, for amounts of the scheme's unit
    """
    return _Narrator(worked, words).tell()


def explanation_of(telling: Telling, words: Words, *, is_short: bool = False) -> Explanation:
    """A telling as a tree of lines, for `as_text`.

    is_short  without the facts and without the conditions that hold
    """
    checks = telling.failed if is_short else telling.checks
    facts = tuple(
        Line(words.say("explain.labelled", label=label, text=value))
        for label, value in telling.facts
    )
    lines = [
        Line(telling.verdict, Mark.RESULT),
        *([] if is_short else [Line(words.say("rules.stated"), children=facts)]),
        *_section("rules.conditions", checks, words),
        *_section("rules.working", telling.steps, words),
        Line(telling.limb),
        *([] if telling.turn is None else [telling.turn.line]),
    ]
    if telling.unknown:
        open_ends = tuple(Line(text) for text in telling.unknown)
        lines.append(Line(words.say("rules.not_stated_heading"), children=open_ends))
    sources = tuple(dict.fromkeys(sources_of(lines)))
    return Explanation(telling.title, telling.title, tuple(lines), sources)


def _section(key: str, rules: Iterable[ToldRule], words: Words) -> Iterator[Line]:
    children = tuple(_with_what_if(rule, words) for rule in rules)
    if children:
        yield Line(words.say(key), children=children)


def _with_what_if(rule: ToldRule, words: Words) -> Line:
    line = rule.line
    what_if = tuple(Line(words.say("counterfactual.aside", text=text)) for text in rule.what_if)
    return Line(line.text, line.mark, line.label, line.citation, (*line.children, *what_if))


_NO_NAMES = {"contract": "A", "provider": "A"}
"""A case of no one in particular has no numbers of its own."""


def _named(check: dict[str, Json]) -> dict[str, Json]:
    facts = check["facts"]
    own = facts if isinstance(facts, Mapping) else {}
    return {**check, "facts": {**own, **{k: v for k, v in _NO_NAMES.items() if k in own}}}


class _Narrator:
    """Tells one case in one language."""

    def __init__(self, worked: WorkedCase, words: Words) -> None:
        self._worked, self._words = worked, words
        self._teller = Teller(words=words, scheme=view_of(worked.scheme), day=worked.on)

    def tell(self) -> Telling:
        worked, words = self._worked, self._words
        title = in_language(worked.scheme.title, words)
        return Telling(
            title=worked.name or words.say("rules.own_case", scheme=title),
            scheme=title,
            verdict=self._verdict(),
            limb=words.say("explain.bound", label=self._limb()),
            turn=self._turn(),
            facts=tuple(
                (fact_label(name, words), fact_value(name, value, words))
                for name, value in worked.facts.items()
            ),
            checks=tuple(self._checks()),
            steps=tuple(self._steps()),
            unknown=tuple(in_language(entry.text, words) for entry in worked.scheme.unknown),
        )

    def _verdict(self) -> str:
        assessment, say = self._worked.assessment, self._words.say
        amount = assessment.entitlement.amount
        if not assessment.is_eligible:
            failed = sum(not check.passed for check in assessment.checks)
            return say("rules.not_eligible", failed=failed, entitled=amount)
        return say("rules.eligible" if amount.amount else "rules.nothing_due", entitled=amount)

    def _limb(self) -> str:
        return self._teller.limb(self._worked.assessment.entitlement.limb)

    def _turn(self) -> ToldRule | None:
        found = no_turn(self._worked)
        if found is None:
            return None
        line = self._teller.no_turn(found.rule_id, score=found.score, least=found.least)
        return self._told(found.rule_id, line, "")

    def _checks(self) -> Iterator[ToldRule]:
        for check in self._worked.assessment.checks:
            line = self._teller.check(_named(of_check(check)))
            yield self._told(check.rule_id, line, "")

    def _steps(self) -> Iterator[ToldRule]:
        entitlement = self._worked.assessment.entitlement
        facts = [of_step(step) for step in entitlement.steps]
        lines = self._teller.steps(facts, limb=entitlement.limb)
        for step, line in zip(entitlement.steps, lines, strict=True):
            yield self._told(step.rule_id, line, self._words.say("rules.money", v=step.after))
        found = self._teller.scheme.rounding_on(self._worked.on)
        if facts and found is not None:
            entitled = entitlement.amount
            rounding = self._teller.rounding(facts[-1], entitled_fen=entitled.amount)
            if rounding is not None:
                yield self._told(found[0], rounding, self._words.say("rules.money", v=entitled))

    def _told(self, rule_id: str, line: Line, amount: str) -> ToldRule:
        source = self._worked.scheme.get_rule(rule_id).on(self._worked.on).source
        what_if = tuple(
            say_counterfactual(told, self._worked.scheme, self._words)
            for told in self._worked.counterfactuals
            if told.rule_id == rule_id
        )
        return ToldRule(rule_id, line, amount, source.is_assumed, what_if)


def say_counterfactual(told: Counterfactual, scheme: Scheme, words: Words) -> str:
    """What would be given if one thing were otherwise, in a sentence."""
    facts: dict[str, object] = {
        "difference": abs(told.difference.amount),
        "entitled": told.entitled,
        "label": "" if told.label is None else in_language(told.label, words),
        **told.changes,
    }
    if "fact" in told.changes:
        name = str(told.changes["fact"])
        facts["fact"] = fact_label(name, words)
        facts["value"] = change_in_words(name, told.changes["value"], words)
    if "without" in told.changes:
        _, *others = str(told.changes["without"]).split()
        labels = [in_language(scheme.get_rule(rule_id).label, words) for rule_id in others]
        facts["others"] = words.listed(labels)
    if "more_fen" in told.changes:
        facts["cost_change"] = abs(int(told.changes["more_fen"] or 0))
    return words.say(f"counterfactual.{_variant(told)}", **facts)


def _variant(told: Counterfactual) -> str:
    """Which sentence of [counterfactual] says it."""
    way = "more" if told.difference.amount > 0 else "less"
    kind = told.kind.value.lower()
    match told.kind:
        case CounterfactualKind.CONDITION:
            return "condition_fact" if "fact" in told.changes else "condition"
        case CounterfactualKind.LIMIT:
            return "limit_together" if " " in str(told.changes["without"]) else "limit"
        case CounterfactualKind.BOUND:
            return f"bound_{'up' if int(told.changes['more_fen'] or 0) > 0 else 'down'}_{way}"
        case CounterfactualKind.TIER if told.label is None:
            return f"fact_{way}"
        case _:
            return f"{kind}_{way}"
