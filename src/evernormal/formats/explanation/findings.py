"""Checks and steps in words, each with its rule's name and clause."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from evernormal.domain.audit import Json
from evernormal.domain.policy import Unit
from evernormal.formats.explanation.clauses import SchemeView, citation_of, in_language
from evernormal.formats.explanation.reading import Facts, each_of, facts_of, text_of
from evernormal.formats.explanation.tree import Line, Mark
from evernormal.locale import Words

_OWN_RULES = "match."
"""Rules of the office's own match, which no scheme holds, begin with this."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Puts findings into words, by the clauses in force on one day."""

    words: Words
    scheme: SchemeView
    day: date

    def check(self, check: Facts) -> Line:
        """One condition, held or not."""
        passed = check.get("passed") is True
        form, rule_id = text_of(check, "form"), text_of(check, "rule")
        facts = facts_of(check, "facts")
        key = f"check.{form}.{'passed' if passed else 'failed'}"
        if not passed and _is_something_unstated(facts):
            unstated = f"check.{form}.unstated"
            key = unstated if self.words.knows(unstated) else key
        sentence = self.words.say(key, **facts)
        mark = Mark.PASSED if passed else Mark.FAILED
        return self._ruled(sentence, mark, rule_id, own=f"check.{form}.label")

    def steps(self, steps: Iterable[Facts], *, limb: str) -> Iterable[Line]:
        """Steps of an amount in order; the one that bound is marked."""
        for step in steps:
            rule_id = text_of(step, "rule")
            mark = Mark.BOUND if rule_id == limb else Mark.STEP
            own = f"step.{text_of(step, 'form')}.label"
            yield self._ruled(self.step_sentence(step), mark, rule_id, own=own)

    def step_sentence(self, step: Facts) -> str:
        """A step's formula with its numbers."""
        form = text_of(step, "form")
        numbers = {name: step.get(name) for name in ("before", "exact", "after")}
        facts = {**facts_of(step, "facts"), **numbers}
        if text_of(step, "rule").startswith(_OWN_RULES):
            return self.words.say(f"step.{form}.sentence", **facts)
        key = _VARIANTS[form](facts)
        sentence = self.words.say(f"step.{key}", rounded=self._rounded(facts), **facts)
        if form == "tiered_rate" and facts.get("measure") == "FIRM_YEAR_COST":
            return self.words.say("step.measured_on_year", sentence=sentence, **facts)
        return sentence

    def rounding(self, last: Facts, *, entitled_fen: int) -> Line | None:
        """How the last step's result became whole units, where the scheme has a rounding rule."""
        found = self.scheme.rounding_on(self.day)
        if found is None:
            return None
        rule_id, rounding = found
        before = last.get("after")
        is_coin = self.words.unit is Unit.CNY and self.words.knows(f"coin.{rounding.unit_fen}")
        key = f"step.rounding{'' if is_coin else '_by'}{'_exact' if before == entitled_fen else ''}"
        sentence = self.words.say(
            key, before=before, after=entitled_fen, mode=rounding.mode, unit_fen=rounding.unit_fen
        )
        return self._ruled(sentence, Mark.STEP, rule_id, own="")

    def no_turn(self, rule_id: str, *, score: int | None, least: int) -> Line:
        """Why an application has no turn at the pot, where scores decide."""
        key = "no_score" if score is None else "no_turn"
        sentence = self.words.say(f"rules.{key}", score=score, least=least)
        return self._ruled(sentence, Mark.FAILED, rule_id, own="")

    def limb(self, limb: str) -> str:
        """The name of what bound: a rule's label, or a word for what is no rule."""
        clause = self.scheme.clause_of(limb, self.day)
        if clause is not None:
            return in_language(clause.label, self.words)
        return self.words.word("limb", limb.lower() or "none")

    def label_of(self, rule_id: str, form: str = "") -> str:
        """The name of a rule, of the scheme or of the office's own match."""
        clause = self.scheme.clause_of(rule_id, self.day)
        if clause is not None:
            return in_language(clause.label, self.words)
        name = form or rule_id.removeprefix(_OWN_RULES)
        table = "check" if self.words.knows(f"check.{name}.label") else "step"
        return self.words.say(f"{table}.{name}.label")

    def clause_of(self, rule_id: str) -> str:
        """The clause that a rule of the scheme stands in; "" for a rule of the office's own."""
        clause = self.scheme.clause_of(rule_id, self.day)
        return in_language(clause.clause, self.words) if clause else ""

    def _ruled(self, sentence: str, mark: Mark, rule_id: str, *, own: str) -> Line:
        clause = self.scheme.clause_of(rule_id, self.day)
        if clause is None:
            label = self.words.say(own) if own else ""
            return Line(sentence, mark, label=label)
        return Line(
            sentence,
            mark,
            label=in_language(clause.label, self.words),
            citation=citation_of(clause, self.words),
        )

    def _rounded(self, facts: Facts) -> str:
        """The words for a step whose result was rounded before it went on; else nothing."""
        if facts["exact"] == facts["after"]:
            return ""
        found = self.scheme.rounding_on(self.day)
        if found is None:
            return self.words.say("step.changed", after=facts["after"])
        return self.words.say("step.rounded", after=facts["after"], mode=found[1].mode)


def conditions_of(act_facts: Facts) -> tuple[list[Facts], int]:
    """The checks of an act, and how many of them failed."""
    checks = each_of(act_facts, "checks")
    return checks, sum(check.get("passed") is not True for check in checks)


def _is_something_unstated(facts: Facts) -> bool:
    return any(value is None or value == "" for value in facts.values())


def _exact(value: Json) -> Fraction:
    return Fraction(value) if isinstance(value, int | str) else Fraction(0)


def _eligible_cost(facts: Facts) -> str:
    return "eligible_cost_part" if facts.get("left_out_fen") else "eligible_cost"


def _net_of_tax(_facts: Facts) -> str:
    return "net_of_tax"


def _cost_window(facts: Facts) -> str:
    before, exact = _exact(facts["before"]), _exact(facts["exact"])
    if exact == 0:
        return "cost_window_none"
    return "cost_window_all" if exact == before else "cost_window"


def _minimum_spend(facts: Facts) -> str:
    measure = "_year" if facts.get("measure") == "FIRM_YEAR_COST" else ""
    return f"minimum_spend{measure}_{'reached' if facts.get('reached') is True else 'missed'}"


def _rate(facts: Facts) -> str:
    return "rate_ceiling" if facts.get("is_ceiling") is True else "rate"


def _tiered_rate(facts: Facts) -> str:
    ceiling = "_ceiling" if facts.get("is_ceiling") is True else ""
    if facts.get("basis") == "MARGINAL" and facts.get("parts"):
        return f"tiered_rate_parts{ceiling}"
    return f"tiered_rate{ceiling}" if facts.get("tier") else "tiered_rate_none"


def _capacity_support(_facts: Facts) -> str:
    return "capacity_support"


def _stacking_cap(facts: Facts) -> str:
    return f"stacking_cap{_bound(facts)}"


def _cap(facts: Facts) -> str:
    match facts.get("counted_on"):
        case "OTHER_CASE":
            return "cap_other_case"
        case "OTHER":
            return "cap_other_act"
        case _:
            scope = "_claim" if facts.get("scope") == "CLAIM" else ""
            return f"cap{scope}{_bound(facts)}"


def _bound(facts: Facts) -> str:
    return "_bound" if _exact(facts["exact"]) < _exact(facts["before"]) else ""


_VARIANTS = {
    "eligible_cost": _eligible_cost,
    "net_of_tax": _net_of_tax,
    "cost_window": _cost_window,
    "minimum_spend": _minimum_spend,
    "rate": _rate,
    "tiered_rate": _tiered_rate,
    "capacity_support": _capacity_support,
    "stacking_cap": _stacking_cap,
    "cap": _cap,
}
"""Which sentence of [step] says a form's step: it depends on what the numbers did."""
