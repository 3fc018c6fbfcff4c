"""Scheme files: rules as dated, sourced data in TOML (docs/reference/scheme-file.md)."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from enum import Enum
from itertools import pairwise
from typing import Any

from evernormal.domain.policy import (
    DatedValue,
    EligibleCost,
    Payee,
    PayeeRule,
    Rate,
    RoundingRule,
    Rule,
    Scheme,
    Settlement,
    ShortageRule,
    Source,
    Text,
    VoucherTerm,
)
from evernormal.schemes.forms import FORMS, FormKeys
from evernormal.schemes.kinds import (
    Kind,
    day_kind,
    flag_kind,
    list_kind,
    read_table,
    table_kind,
    text_kind,
    unknown_word,
    word_kind,
)
from evernormal.schemes.problems import Place, SchemeProblem, SchemeProblems, find_lines

FILE_BYTES_MAX = 1_000_000
"""A city's rules are a few kilobytes; a megabyte bounds what a parser is fed."""

RULES_MAX = 200
VERSIONS_MAX = 200

_SCHEME_ID = re.compile(r"[a-z0-9_]+(?:/[a-z0-9_]+)+")
_RULE_ID = re.compile(r"[a-z][a-z0-9_]*")
_LINE = re.compile(r"at line ([0-9]+)")

_ALWAYS = (EligibleCost.name, Rate.name, RoundingRule.name, PayeeRule.name, ShortageRule.name)
_WITH_VOUCHER = (Settlement.REIMBURSE_VOUCHER, Settlement.CLAIM_AND_DEDUCT)


class Status(Enum):
    """Whether a person compared every value with the official original."""

    ILLUSTRATIVE = "illustrative"
    VERIFIED = "verified"


WORDS: Kind[Text] = table_kind({"en": text_kind(), "zh": text_kind()}, Text)
SOURCE: Kind[Source] = table_kind(
    {"title": WORDS, "clause": WORDS, "read_on": day_kind(), "verified": flag_kind()},
    Source,
)


def untouched(words: str) -> Kind[Any]:
    """Take a value as it is, to be read in a second step, when more is known."""
    return Kind(words, {}, lambda value, _place: value)


SCHEME_KEYS: Mapping[str, Kind[Any]] = {
    "id": text_kind(),
    "title": WORDS,
    "issuer": WORDS,
    "settlement": word_kind(Settlement),
    "status": word_kind(Status),
    "rule": untouched("a list, each under [[rule]]"),
    "unknown": list_kind(WORDS, most=RULES_MAX),
}
RULE_KEYS: Mapping[str, Kind[Any]] = {
    "id": text_kind(),
    "form": text_kind(),
    "label": WORDS,
    "from": untouched("a list, each under [[rule.from]]"),
}
VERSION_KEYS: Mapping[str, Kind[Any]] = {
    "date": day_kind(),
    "value": untouched("a table with the keys of the form"),
    "source": SOURCE,
}


def load_scheme(text: bytes, *, path: str) -> Scheme:
    """Read a scheme file.

    text     TOML in UTF-8
    path     the file's name, for messages only; nothing is opened
    raises   SchemeProblems with every mistake, each with file, line, place and what to do
    source   docs/reference/scheme-file.md
    """
    tables, place = parse(text, path=path)
    found = read_table(tables, place, SCHEME_KEYS, optional=frozenset({"unknown"}))
    rules = _rules(tables.get("rule"), place.at("rule"))
    if found is not None and not _SCHEME_ID.fullmatch(found["id"]):
        place.at("id").refuse('Write lower-case words between slashes, as in "cn/beijing/2023".')
    if found is not None:
        _check_whole(found, rules, place, declared=_declared_forms(tables.get("rule")))
    if found is None or place.problems:
        raise SchemeProblems(place.problems)
    return Scheme(
        id=found["id"],
        title=found["title"],
        issuer=found["issuer"],
        settlement=found["settlement"],
        rules=tuple(rules.values()),
        unknown=found.get("unknown", ()),
    )


def parse(text: bytes, *, path: str) -> tuple[dict[str, Any], Place]:
    """Read TOML bytes into tables, and the place at which their problems are named.

    raises   SchemeProblems when the bytes are too many, not UTF-8 or not TOML
    """
    if len(text) > FILE_BYTES_MAX:
        message = f"The file has {len(text)} bytes, the limit is {FILE_BYTES_MAX}. Split it."
        raise SchemeProblems([SchemeProblem(path, "", None, message)])
    try:
        words = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text[: error.start].count(b"\n") + 1
        message = f"Byte {error.start + 1} is not UTF-8. Save the file as UTF-8."
        raise SchemeProblems([SchemeProblem(path, "", line, message)]) from error
    try:
        tables = tomllib.loads(words)
    except tomllib.TOMLDecodeError as error:
        at = _LINE.search(str(error))
        raise SchemeProblems(
            [SchemeProblem(path, "", int(at.group(1)) if at else None, f"Not TOML: {error}.")]
        ) from error
    except (ValueError, RecursionError) as error:
        # Numbers of thousands of digits, and brackets in brackets without end.
        message = f"This cannot be read: {error}. Shorten it."
        raise SchemeProblems([SchemeProblem(path, "", None, message)]) from error
    return tables, Place(path=path, lines=find_lines(words))


def _rules(value: object, place: Place) -> dict[int, Rule]:
    """Read the rules that can be read, by number; whatever cannot is told to the place."""
    if value is None:
        return {}
    if not isinstance(value, list) or len(value) > RULES_MAX:
        place.refuse(f"Write each rule under [[rule]], at most {RULES_MAX} of them.")
        return {}
    rules = {}
    seen: dict[str, set[str]] = {"id": set(), "form": set()}
    for number, table in enumerate(value):
        name = table.get("id") if isinstance(table, dict) else None
        at = place.at(number, name=name if isinstance(name, str) else None)
        found = read_table(table, at, RULE_KEYS)
        versions = _versions(table, at.at("from"), form_keys=_form_keys(table, at))
        if found is not None:
            _check_names(found, at, seen=seen)
        if found is not None and versions:
            rules[number] = Rule(found["id"], found["label"], tuple(versions))
    return rules


def _check_names(found: Mapping[str, Any], place: Place, *, seen: Mapping[str, set[str]]) -> None:
    """Check that a rule's id is a word, and that neither id nor form stands twice.

    A form stands once: of two, the second term would silently do nothing, and the second rate or
    window would be applied on top of the first.
    """
    if not _RULE_ID.fullmatch(found["id"]):
        place.at("id").refuse('Write a lower-case word with underscores, as in "cap_year".')
    for key, known in seen.items():
        if found[key] in known:
            place.at(key).refuse(f"Another rule has the {key} {found[key]!r}. Keep one of them.")
        known.add(found[key])


def _form_keys(table: object, place: Place) -> FormKeys | None:
    name = table.get("form") if isinstance(table, dict) else None
    if isinstance(name, str) and name not in FORMS:
        place.at("form").refuse(unknown_word(name, "form", FORMS))
    return FORMS.get(name) if isinstance(name, str) else None


def _versions(table: object, place: Place, *, form_keys: FormKeys | None) -> list[DatedValue]:
    value = table.get("from") if isinstance(table, dict) else None
    if value is None:
        return []
    if not isinstance(value, list) or not 1 <= len(value) <= VERSIONS_MAX:
        place.refuse(f"Write each dated value under [[rule.from]], 1 to {VERSIONS_MAX} of them.")
        return []
    read = [_version(v, place.at(n), form_keys=form_keys) for n, v in enumerate(value)]
    days = [v.get("date") if isinstance(v, dict) else None for v in value]
    for number, (earlier, later) in enumerate(pairwise(days), start=1):
        if type(earlier) is date and type(later) is date and later <= earlier:
            place.at(number).at("date").refuse(
                f"{later} does not come after {earlier}. Put the versions in order of days."
            )
    return [version for version in read if version is not None]


def _version(value: object, place: Place, *, form_keys: FormKeys | None) -> DatedValue | None:
    optional = frozenset({"value"})
    found = read_table(value, place, VERSION_KEYS, optional=optional)
    if form_keys is None or not isinstance(value, dict):
        return None
    form = form_keys.read(value.get("value", {}), place.at("value"))
    if found is None or form is None:
        return None
    return DatedValue(starts_on=found["date"], form=form, source=found["source"])


def _declared_forms(value: object) -> dict[str, int]:
    """Number of the rule by form, also of rules that could not be read."""
    rules = value if isinstance(value, list) else []
    return {str(rule.get("form")): n for n, rule in enumerate(rules) if isinstance(rule, dict)}


def _check_whole(
    found: Mapping[str, Any],
    rules: Mapping[int, Rule],
    place: Place,
    *,
    declared: Mapping[str, int],
) -> None:
    """Check what no single rule can show: the forms that must be there, and that they agree."""
    settlement: Settlement = found["settlement"]
    needs_voucher = settlement in _WITH_VOUCHER
    needed = (*_ALWAYS, VoucherTerm.name) if needs_voucher else _ALWAYS
    at = place.at("rule")
    for form in needed:
        if form not in declared:
            at.refuse(f'No rule has the form {form}. Add one: form = "{form}".')
    if not needs_voucher and VoucherTerm.name in declared:
        number = declared[VoucherTerm.name]
        at.at(number, name=rules[number].id if number in rules else None).refuse(
            f"Settlement {settlement.value} has no voucher. Take this rule out."
        )
    _check_payee(rules, at, settlement=settlement)
    _check_first_days(rules, at, needed=needed)
    unread = [r.id for r in rules.values() if not all(v.source.verified for v in r.versions)]
    if found["status"] is Status.VERIFIED and unread:
        place.at("status").refuse(
            f"Rules not verified: {', '.join(unread)}. Write illustrative, or compare them with "
            "the official original and set verified = true."
        )


def _check_payee(rules: Mapping[int, Rule], place: Place, *, settlement: Settlement) -> None:
    payee = Payee.PROVIDER if settlement is Settlement.CLAIM_AND_DEDUCT else Payee.APPLICANT
    for number, rule in rules.items():
        for version in rule.versions:
            if isinstance(version.form, PayeeRule) and version.form.payee is not payee:
                place.at(number, name=rule.id).refuse(
                    f"Settlement {settlement.value} pays the {payee.value}. "
                    "Change the payee or the settlement."
                )


def _check_first_days(rules: Mapping[int, Rule], place: Place, *, needed: Sequence[str]) -> None:
    """From the first day of the rate on, every form that is needed must have a value."""
    first = {rule.versions[0].form.name: rule.versions[0].starts_on for rule in rules.values()}
    since = first.get(Rate.name, date.max)
    for number, rule in rules.items():
        version = rule.versions[0]
        if version.form.name in needed and version.starts_on > since:
            place.at(number, name=rule.id).refuse(
                f"It starts on {version.starts_on}, after the rate, which starts on {since}. "
                "Give it an earlier dated value."
            )
