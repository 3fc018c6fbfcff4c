"""What differs between two schemes: rules that came, went, or have other values."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import Any

from evernormal.domain.policy import Bound, DatedValue, Rule, Scheme, Text
from evernormal.domain.values import Fen, Period, Rounding, ratio_text


class ChangeKind(Enum):
    """How a rule differs. REDATED: the same values in the same order, from other days on."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    CHANGED = "CHANGED"
    REDATED = "REDATED"


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that differs, with the versions that only the old or only the new scheme has."""

    kind: ChangeKind
    rule_id: str
    label: Text
    old: tuple[DatedValue, ...]
    new: tuple[DatedValue, ...]


def changes_between(old: Scheme, new: Scheme) -> tuple[RuleChange, ...]:
    """List the rules that differ in a value or in a date; rules are the same by their id.

    A rule that differs only in its words or sources is not listed.

    returns  in the order of the new scheme; rules that went come last
    """
    before = {rule.id: rule for rule in old.rules}
    after = {rule.id: rule for rule in new.rules}
    found = [_change(before.get(rule.id), rule) for rule in new.rules]
    found += [
        RuleChange(ChangeKind.REMOVED, rule.id, rule.label, rule.versions, ())
        for rule in old.rules
        if rule.id not in after
    ]
    return tuple(change for change in found if change is not None)


def _change(old: Rule | None, new: Rule) -> RuleChange | None:
    if old is None:
        return RuleChange(ChangeKind.ADDED, new.id, new.label, (), new.versions)
    gone = tuple(v for v in old.versions if not _is_among(v, new))
    come = tuple(v for v in new.versions if not _is_among(v, old))
    if not gone and not come:
        return None
    same = [v.form for v in old.versions] == [v.form for v in new.versions]
    kind = ChangeKind.REDATED if same else ChangeKind.CHANGED
    return RuleChange(kind, new.id, new.label, gone, come)


def _is_among(value: DatedValue, rule: Rule) -> bool:
    return any(
        value.starts_on == other.starts_on and value.form == other.form for other in rule.versions
    )


def stated_value(form: Any) -> dict[str, Any]:
    """A form's value as plain data, under the keys of a scheme file.

    returns  fields by key, without those left at their default; amounts and days as text, ratios
             as "a/b" in lowest terms
    """
    found: dict[str, Any] = {}
    for field in fields(form):
        value = getattr(form, field.name)
        is_default = field.default is not MISSING and value == field.default
        if is_default or value in ((), {}, None):
            continue
        if isinstance(value, Bound):
            found[_BOUNDS[field.name, value.is_inside]] = value.amount.yuan
        elif isinstance(value, Rounding | Period):
            # A file has their parts beside the other keys.
            found |= _plain(value)
        else:
            found[_KEYS.get(field.name, field.name)] = _plain(value)
    return found


_KEYS = {"is_ceiling": "up_to", "spend": "amount", "alternatives": "any_of"}
_BOUNDS = {
    ("low", True): "at_least",
    ("low", False): "above",
    ("high", True): "at_most",
    ("high", False): "below",
}
_PLAIN: tuple[tuple[type[Any], Callable[[Any], Any]], ...] = (
    (Fen, lambda value: value.yuan),
    (Fraction, ratio_text),
    (Enum, lambda value: value.value),
    (date, lambda value: value.isoformat()),
    (Text, lambda value: {"en": value.en, "zh": value.zh}),
    (Period, lambda v: {"first": v.starts_on.isoformat(), "last": v.last_on.isoformat()}),
    (Mapping, lambda value: {str(_plain(key)): _plain(item) for key, item in value.items()}),
    (tuple, lambda value: [_plain(item) for item in value]),
)


def _plain(value: Any) -> Any:
    for kind, write in _PLAIN:
        if isinstance(value, kind):
            return write(value)
    return stated_value(value) if is_dataclass(value) else value


def value_lines(form: Any, lang: str) -> list[str]:
    """A form's value in lines: the first has the form and its single values, then one a part.

    lang     "en" or "zh": which words of a label are shown
    """
    stated = stated_value(form)
    parts = {key: value for key, value in stated.items() if _is_parts(value)}
    single = {key: value for key, value in stated.items() if key not in parts}
    first = f"{form.name}: {_shown(single, lang)}" if single else str(form.name)
    return [first, *(_shown(part, lang) for value in parts.values() for part in value)]


def _is_parts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _shown(value: Any, lang: str) -> str:
    match value:
        case {"en": str(), "zh": str()}:
            return f"“{value[lang]}”"
        case dict():
            return ", ".join(f"{key} = {_nested(entry, lang)}" for key, entry in value.items())
        case list():
            return f"[{', '.join(_shown(item, lang) for item in value)}]"
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def _nested(value: Any, lang: str) -> str:
    is_text = isinstance(value, dict) and value.keys() == {"en", "zh"}
    shown = _shown(value, lang)
    return f"{{ {shown} }}" if isinstance(value, dict) and not is_text else shown
