"""Facts of a case in words: what each is called, and how its value is written."""

from collections.abc import Mapping
from datetime import date
from enum import Enum

from evernormal.domain.policy.findings import Fact
from evernormal.domain.values import Fen, Period
from evernormal.locale import Words

_TABLES = {
    "applicant_type": "type",
    "size": "size",
    "use": "use",
    "service": "category",
    "cost": "category",
    "device_origin": "origin",
    "route": "route",
    "side": "side",
    "counted_on": "count",
    "already": "scope",
    "clawed_back_for": "rules.clawback",
}
"""The table of words for the codes of a fact, or for the parts of one."""

_MONEY = ("revenue", "cost", "price_per_card_hour")
_DAYS = ("founded_on", "signed_on", "applied_on", "term", "last_dishonesty_on")


def fact_label(name: str, words: Words) -> str:
    """What a fact is called; `cost.COMPUTE` by both its parts."""
    top, _, part = name.partition(".")
    label = words.word("rules.fact", top)
    if not part:
        return label
    key = f"{_TABLES[top]}.{part}" if top in _TABLES else f"rules.part.{part}"
    return words.say("rules.part_of", fact=label, part=words.say(key))


def fact_value(name: str, value: object, words: Words) -> str:
    """A fact's value, as the domain holds it."""
    match value:
        case Enum():
            return words.word(_TABLES[name], value.value)
        case Mapping():
            return _entries(name, value, words)
        case tuple() | list():
            return words.listed([str(item) for item in value])
        case Period():
            return words.say("rules.period", first=value.starts_on, last=value.last_on)
        case _:
            return _one(value, words)


def _one(value: object, words: Words) -> str:
    match value:
        case Fen():
            return words.say("rules.money", v=value)
        case date():
            return words.say("rules.day", v=value)
        case bool():
            return words.say("rules.yes" if value else "rules.no")
        case int():
            return words.say("rules.count", v=value)
        case _:
            return str(value)


def _entries(name: str, entries: Mapping[object, object], words: Words) -> str:
    shown = []
    for key, value in entries.items():
        code = key.value if isinstance(key, Enum) else key
        label = words.word(_TABLES[name], code) if isinstance(key, Enum) else str(code)
        shown.append(f"{label} {fact_value(name, value, words)}")
    return words.listed(shown)


def change_in_words(name: str, value: Fact, words: Words) -> str:
    """What a fact would be, as a counterfactual states it: codes, days as text, money in fen."""
    top = name.partition(".")[0]
    if value is None or value == "":
        return words.say("rules.none")
    if isinstance(value, bool):
        return words.say("rules.yes" if value else "rules.no")
    if top in _MONEY:
        return words.say("rules.money", v=value)
    if top in _DAYS:
        return words.say("rules.day", v=value)
    if top in _TABLES:
        return words.word(_TABLES[top], value)
    return words.say("rules.count", v=value) if isinstance(value, int) else str(value)
