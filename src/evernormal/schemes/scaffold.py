"""A scheme folder to fill in: every form of rule with its keys, and no blank that passes."""

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, get_args

from evernormal.domain.policy import (
    Cap,
    CapacitySupport,
    EligibleCost,
    Form,
    PayeeRule,
    Pot,
    Rate,
    RoundingRule,
    Settlement,
    ShortageRule,
    Unit,
    VoucherTerm,
)
from evernormal.domain.values import ratio_text
from evernormal.schemes.case_facts import AFTERWARDS, NEEDED, OPTIONAL
from evernormal.schemes.case_outcomes import OUTCOMES
from evernormal.schemes.forms import FORMS
from evernormal.schemes.kinds import Kind

_ID = re.compile(r"[a-z0-9_]+/[a-z0-9_]+/[0-9]{4}[a-z0-9_]*")
_RULE_IDS: Mapping[str, str] = {
    "allowed_use": "use",
    "applicant_type_in": "applicant_type",
    "applied_within": "call",
    "cap": "cap_year",
    "capacity_at_least": "scale",
    "cost_window": "window",
    "designated_classes": "designated",
    "facility_in": "facility",
    "filed": "filing",
    "funding_split": "funding",
    "idle_recall": "recall",
    "no_other_support": "other_support",
    "not_listed": "excluded",
    "one_award_per_contract": "once_per_contract",
    "one_side_only": "one_side",
    "provider_in": "provider_place",
    "provider_registered": "provider_listed",
    "rate": "share",
    "registered_in": "place",
    "reporting": "reports",
    "request_between": "request",
    "reserve_fund": "reserve",
    "sector_in": "sector",
    "size_in": "size",
    "stacking_cap": "stacking",
    "staff_at_most": "staff",
    "term_at_most": "term",
    "tiered_rate": "share",
    "unrelated_party": "unrelated",
    "upstream_award": "upstream",
    "voucher_term": "validity",
}
"""What the library calls the rule of a form; else it is called as the form."""

_BLANK = '""'
_LINE_MAX = 96

_HEAD = """\
# Illustrative, not legal advice.
# Fill every "" and every line that is missing, then run: evernormal rules check FOLDER
# It names whatever is still open. Forms and keys: docs/how-to/write-a-scheme.md
id = "{id}"
title = {{ en = "", zh = "" }}
issuer = {{ en = "", zh = "" }}
settlement = "{settlement}"
unit = "{unit}"
status = "illustrative"  # "verified" when a person compared every value with the original

# What the source does not state is said here, never filled in silently. Name the form, and leave
# its rule out, or give it a source with assumed = true:
# [[unknown]]
# en = "The source read does not state the pot."
# zh = "所读来源未载明资金总额。"
# form = "pot"

[[source]]
id = "text"
title = {{ en = "", zh = "" }}
issuer = {{ en = "", zh = "" }}
# read_on = the day on which you read it, as in 2026-03-01

# For values that no source states:
# [[source]]
# id = "assumption"
# title = {{ en = "Assumption of this illustration", zh = "本示例的假设" }}
# issuer = {{ en = "", zh = "" }}
# read_on = 2026-03-01
# assumed = true
"""

_CASES_HEAD = """\
# Worked cases: facts in, what the rules must say out. Run them: evernormal rules test FOLDER
# At least four that hit the scheme's own limits from both sides. Give each its source.
"""


def scaffold(
    scheme_id: str, settlement: Settlement, *, unit: Unit, ratio: Fraction | None = None
) -> dict[str, str]:
    """Write the files of a new scheme, for a person to fill.

    scheme_id   <country>/<place>/<year>, as `is_scheme_id` has it
    ratio       the rate, where it is known already
    returns     text by file name. `load_scheme` refuses the scheme, naming every place, until it
                is filled: text is blank, and the day of reading is missing
    """
    head = _HEAD.format(id=scheme_id, settlement=settlement.value, unit=unit.value)
    needed = [_rule(name, ratio=ratio) for name in _needed(settlement)]
    others = [
        _commented(_rule(name)) for name in FORMS if f'form = "{name}"' not in "".join(needed)
    ]
    rules = "\n".join(needed)
    guide = "\n".join(others)
    scheme = f"{head}\n{_RULES_TITLE}{rules}\n{_FORMS_TITLE}{guide}"
    return {"scheme.toml": scheme, "cases.toml": _cases()}


_RULES_TITLE = """\
# --- Rules that every scheme has. Where the source does not state one, write it under [[unknown]].

"""
_FORMS_TITLE = """\

# --- Every other form of rule. Take the number signs off those that the text has.

"""


def is_scheme_id(text: str) -> bool:
    """Whether a text is <country>/<place>/<year>, in lower case."""
    return _ID.fullmatch(text) is not None


def _needed(settlement: Settlement) -> list[str]:
    forms: list[type[Form]] = [EligibleCost, Rate, Cap, RoundingRule, PayeeRule, Pot, ShortageRule]
    if settlement is Settlement.CAPACITY_AWARD:
        forms[:2] = [CapacitySupport]
    names = [form.name for form in forms]
    return [*names, VoucherTerm.name] if settlement.traits.has_voucher else names


def _rule(form: str, *, ratio: Fraction | None = None) -> str:
    """One rule with blanks; what each key of its value holds stands below it."""
    keys, optional = FORMS[form].keys, FORMS[form].optional
    lines = [f"# {line}" for line in _wrapped(_MEANINGS[form])]
    rule_id = _RULE_IDS.get(form, form)
    lines += ["[[rule]]", f'id = "{rule_id}"', f'form = "{form}"']
    lines += ['label = { en = "", zh = "" }', ""]
    lines += ["[[rule.from]]", 'date = ""  # the first day on which it holds, as in 2026-03-01']
    wanted = {key: _BLANK for key in keys if key not in optional}
    if form == Rate.name and ratio is not None:
        wanted["ratio"] = f'"{ratio_text(ratio)}"'
    if keys:
        value = ", ".join(f"{key} = {blank}" for key, blank in wanted.items())
        lines.append(f"value = {{ {value} }}")
    for key, kind in keys.items():
        may = ", may be left out" if key in optional else ""
        lines += [f"#   {line}" for line in _wrapped(f"{key}{may}: {_written(kind)}")]
    lines += ['source = "text"', 'clause = { en = "", zh = "" }', ""]
    return "\n".join(lines)


def _written(kind: Kind[Any]) -> str:
    """How a value is written; of a table, its keys are named with theirs."""
    table = _table_of(kind.schema)
    if table is None:
        return kind.words
    keys = table.get("properties", {})
    return f"{kind.words}; " + "; ".join(f"{key}: {_short(schema)}" for key, schema in keys.items())


def _table_of(schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    schema = schema.get("items", schema)
    return schema if schema.get("type") == "object" and "properties" in schema else None


def _short(schema: Mapping[str, Any]) -> str:
    """What a key of a table holds, from its JSON Schema."""
    match schema:
        case {"enum": words}:
            return " or ".join(f'"{word}"' for word in words)
        case {"type": "array", "items": items}:
            return f"[ {_short(items)} ]"
        case {"type": "object", "properties": properties}:
            return "{ " + ", ".join(properties) + " }"
        case {"pattern": pattern} if "/" in str(pattern):
            return 'a ratio such as "20/100"'
        case {"anyOf": _}:
            return "an amount"
        case _:
            return _SHORT[str(schema.get("type"))]


_SHORT = {"integer": "a whole number", "object": "{ name = number }", "string": "text"}


def _meaning(form: type[Any]) -> str:
    first = (form.__doc__ or "").strip().splitlines()[0]
    return f"{first.partition('. ')[0].rstrip('.')}."


_MEANINGS = {form.name: _meaning(form) for form in get_args(Form)}


def _wrapped(text: str) -> Iterator[str]:
    line = ""
    for word in text.split():
        if line and len(line) + len(word) + 1 > _LINE_MAX:
            yield line
            line = f"  {word}"
        else:
            line = f"{line} {word}" if line else word
    yield line


def _commented(text: str) -> str:
    return "\n".join(f"# {line}".rstrip() for line in text.splitlines()) + "\n"


def _cases() -> str:
    given = "\n".join(f"{name} = {_BLANK}  # {kind.words}" for name, kind in NEEDED.items())
    facts = "\n".join(_facts({**OPTIONAL, **AFTERWARDS}))
    outcomes = "\n".join(_facts(OUTCOMES))
    return (
        f"{_CASES_HEAD}\n[given]\n{given}\n"
        f"# Facts that may be left out; not stated is no, none or nothing:\n{facts}\n\n"
        '[[case]]\nname = ""\nsource = ""\n\n[case.given]\n\n'
        f"[case.then]\n# At least one of:\n{outcomes}\n"
    )


def _facts(kinds: Mapping[str, Kind[Any]]) -> Iterator[str]:
    for name, kind in kinds.items():
        yield from (f"# {line}" for line in _wrapped(f"{name} = {kind.words}"))
