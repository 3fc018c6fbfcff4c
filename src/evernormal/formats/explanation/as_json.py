"""A worked case as JSON, for other programs: exact figures, and the words in both languages."""

import json
from typing import Any

from evernormal.domain.audit.facts import of_check, of_step
from evernormal.domain.policy import Text
from evernormal.formats.explanation.assessment import (
    Telling,
    ToldRule,
    WorkedCase,
    no_turn,
    tell,
)
from evernormal.locale import words


def assessment_as_json(worked: WorkedCase) -> str:
    """Write a worked case as JSON with a line break at the end.

    returns  amounts in fen, whole or as "a/b" where they are not; every rule with its clause and
             source; `text` in both languages
    source   docs/reference/command-line.md
    """
    unit = worked.scheme.unit.value
    tellings = {"en": tell(worked, words("en", unit)), "zh": tell(worked, words("zh_Hans", unit))}
    assessment = worked.assessment
    entitlement = assessment.entitlement
    told = {
        "scheme": worked.scheme.id,
        "title": _both(worked.scheme.title),
        "case": worked.name,
        "on": worked.on.isoformat(),
        "unit": unit,
        "eligible": assessment.is_eligible,
        "entitled_fen": entitlement.amount.amount,
        "support_fen": entitlement.amount.amount if assessment.is_eligible else 0,
        "limb": entitlement.limb,
        "verdict": {lang: telling.verdict for lang, telling in tellings.items()},
        "conditions": [
            {**_rule(worked, check.rule_id), **of_check(check), "text": text}
            for check, text in zip(assessment.checks, _texts(tellings, "checks"), strict=True)
        ],
        "steps": [
            {**_rule(worked, step.rule_id), **of_step(step), "text": text}
            # The last sentence, on rounding, is of no step of its own.
            for step, text in zip(entitlement.steps, _texts(tellings, "steps"), strict=False)
        ],
        "no_turn": _no_turn(worked, tellings),
        "counterfactuals": _counterfactuals(worked, tellings),
        "unknown": [{"form": u.form, **_both(u.text)} for u in worked.scheme.unknown],
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _both(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


def _rule(worked: WorkedCase, rule_id: str) -> dict[str, Any]:
    """A rule's name, and where its value in force comes from."""
    rule = worked.scheme.get_rule(rule_id)
    source = rule.on(worked.on).source
    return {
        "label": _both(rule.label),
        "clause": _both(source.clause),
        "source": {
            **_both(source.title),
            "read_on": source.read_on.isoformat(),
            "verified": source.verified,
            "assumed": source.is_assumed,
        },
    }


def _no_turn(worked: WorkedCase, tellings: dict[str, Telling]) -> dict[str, Any] | None:
    """The score that is too low, or not stated, for a turn at the pot."""
    found = no_turn(worked)
    if found is None:
        return None
    turns = {lang: telling.turn for lang, telling in tellings.items()}
    return {
        "rule": found.rule_id,
        **_rule(worked, found.rule_id),
        "score": found.score,
        "least_score": found.least,
        "text": {lang: turn.line.text for lang, turn in turns.items() if turn is not None},
    }


def _texts(tellings: dict[str, Telling], part: str) -> list[dict[str, str]]:
    """The sentence of each rule, by language."""
    by_lang: dict[str, tuple[ToldRule, ...]] = {
        lang: getattr(telling, part) for lang, telling in tellings.items()
    }
    count = len(by_lang["en"])
    return [{lang: rules[n].line.text for lang, rules in by_lang.items()} for n in range(count)]


def _counterfactuals(worked: WorkedCase, tellings: dict[str, Telling]) -> list[dict[str, Any]]:
    """Each counterfactual; its sentences stand beside its rule, in the same order."""
    said = {
        lang: {rule.rule_id: iter(rule.what_if) for rule in (*told.checks, *told.steps)}
        for lang, told in tellings.items()
    }
    return [
        {
            "kind": told.kind.value,
            "rule": told.rule_id,
            "difference_fen": told.difference.amount,
            "entitled_fen": told.entitled.amount,
            "changes": dict(told.changes),
            "tier": None if told.label is None else _both(told.label),
            "text": {lang: next(by_rule[told.rule_id]) for lang, by_rule in said.items()},
        }
        for told in worked.counterfactuals
    ]
