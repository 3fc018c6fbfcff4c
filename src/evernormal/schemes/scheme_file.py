"""Scheme files: rules as dated, sourced data in TOML (docs/reference/scheme-file.md)."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from evernormal.domain.policy import (
    DatedValue,
    Rule,
    Scheme,
    Settlement,
    Source,
    Text,
    Unit,
    Unknown,
)
from evernormal.schemes.forms import FORMS, FormKeys
from evernormal.schemes.kinds import (
    Kind,
    day_kind,
    flag_kind,
    list_kind,
    read_table,
    slug_kind,
    table_kind,
    text_kind,
    unknown_word,
    word_kind,
    words_kind,
)
from evernormal.schemes.problems import Place, SchemeProblem, SchemeProblems, find_lines
from evernormal.schemes.whole import Status, check_whole

FILE_BYTES_MAX = 1_000_000
"""A city's rules are a few kilobytes; a megabyte bounds what a parser is fed."""

LINE_CHARACTERS_MAX = 20_000
NAME_PARTS_MAX = 50  # as in _LONG_NAME
"""The parser's time grows with the square of the parts of a dotted name."""

RULES_MAX = 200
SOURCES_MAX = 50
VERSIONS_MAX = 200

_SCHEME_ID = re.compile(r"[a-z0-9_]+(?:/[a-z0-9_]+)+")
_RULE_ID = re.compile(r"[a-z][a-z0-9_]*")
_LONG_NAME = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){50}""")
_LINE = re.compile(r"at line ([0-9]+)")


def untouched(words: str) -> Kind[Any]:
    """Take a value as it is, to be read in a second step, when more is known."""
    return Kind(words, {}, lambda value, _place: value)


def _unknown(en: str, zh: str, form: str = "") -> Unknown:
    return Unknown(text=Text(en=en, zh=zh), form=form)


WORDS = words_kind()
CLAUSE = words_kind(en="Article 3", zh="第三条")
UNKNOWN: Kind[Unknown] = table_kind(
    {
        "en": text_kind("The source does not state the pot."),
        "zh": text_kind("所读来源未载明资金总额。"),
        "form": slug_kind(),
    },
    _unknown,
    optional=frozenset({"form"}),
)
SCHEME_KEYS: Mapping[str, Kind[Any]] = {
    "id": text_kind("cn/beijing/2023"),
    "title": WORDS,
    "issuer": WORDS,
    "settlement": word_kind(Settlement),
    "unit": word_kind(Unit),
    "status": word_kind(Status),
    "source": untouched("a list, each under [[source]]"),
    "rule": untouched("a list, each under [[rule]]"),
    "unknown": list_kind(UNKNOWN, most=RULES_MAX),
}
SCHEME_OPTIONAL = frozenset({"unknown"})
SOURCE_KEYS: Mapping[str, Kind[Any]] = {
    "id": slug_kind(),
    "title": WORDS,
    "issuer": WORDS,
    "read_on": day_kind(),
    "assumed": flag_kind(),
}
SOURCE_OPTIONAL = frozenset({"assumed"})
RULE_KEYS: Mapping[str, Kind[Any]] = {
    "id": text_kind("cap_year"),
    "form": text_kind("rate"),
    "label": words_kind(en="At most 2 million a year", zh="每年最高200万元"),
    "from": untouched("a list, each under [[rule.from]]"),
}
VERSION_KEYS: Mapping[str, Kind[Any]] = {
    "date": day_kind(),
    "value": untouched("a table with the keys of the form"),
    "source": slug_kind(),
    "clause": CLAUSE,
    "verified": flag_kind(),
}
VERSION_OPTIONAL = frozenset({"value", "verified"})

Sources = Mapping[str, Mapping[str, Any]]
"""What was read of each source, by its id."""


def load_scheme(text: bytes, *, path: str) -> Scheme:
    """Read a scheme file.

    text     TOML in UTF-8
    path     the file's name, for messages only; nothing is opened
    raises   SchemeProblems with every mistake, each with file, line, place and what to do
    source   docs/reference/scheme-file.md
    """
    return read_scheme(*parse(text, path=path))


def read_scheme(tables: dict[str, Any], place: Place) -> Scheme:
    """Make the scheme of a file's tables.

    place    where the tables stand, to name their problems at
    raises   SchemeProblems with every mistake
    """
    found = read_table(tables, place, SCHEME_KEYS, optional=SCHEME_OPTIONAL)
    sources = _sources(tables.get("source"), place.at("source"))
    rules = _rules(tables.get("rule"), place.at("rule"), sources=sources)
    if found is not None and not _SCHEME_ID.fullmatch(found["id"]):
        place.at("id").refuse('Write lower-case words between slashes, as in "cn/beijing/2023".')
    if found is not None:
        check_whole(found, rules, place, declared=_declared_forms(tables.get("rule")))
    if not place.problems:
        _refuse_idle_sources(tables, place.at("source"))
    if found is None or place.problems:
        raise SchemeProblems(place.problems)
    return Scheme(
        id=found["id"],
        title=found["title"],
        issuer=found["issuer"],
        settlement=found["settlement"],
        rules=tuple(rules.values()),
        unknown=found.get("unknown", ()),
        unit=found["unit"],
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
    _refuse_long_lines(words, path)
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


def _refuse_long_lines(words: str, path: str) -> None:
    """Refuse what would keep the parser busy for minutes.

    raises   SchemeProblems with every such line
    """
    problems = []
    for number, line in enumerate(words.split("\n"), start=1):
        if len(line) > LINE_CHARACTERS_MAX:
            message = f"The line has {len(line)} characters, the limit is {LINE_CHARACTERS_MAX}."
            problems.append(SchemeProblem(path, "", number, f"{message} Break it."))
        elif _LONG_NAME.search(line):
            message = f"A name has more than {NAME_PARTS_MAX} parts between dots. Shorten it."
            problems.append(SchemeProblem(path, "", number, message))
    if problems:
        raise SchemeProblems(problems)


def _sources(value: object, place: Place) -> Sources:
    """Read the sources that can be read; whatever cannot is told to the place."""
    if value is None:
        return {}
    if not isinstance(value, list) or not 1 <= len(value) <= SOURCES_MAX:
        place.refuse(f"Write each source under [[source]], 1 to {SOURCES_MAX} of them.")
        return {}
    sources: dict[str, Mapping[str, Any]] = {}
    for number, table in enumerate(value):
        name = table.get("id") if isinstance(table, dict) else None
        at = place.at(number, name=name if isinstance(name, str) else None)
        found = read_table(table, at, SOURCE_KEYS, optional=SOURCE_OPTIONAL)
        if found is not None and found["id"] in sources:
            at.at("id").refuse(f"Another source has the id {found['id']!r}. Rename one of them.")
        elif found is not None:
            sources[found["id"]] = found
        elif isinstance(name, str):
            sources.setdefault(name, {})
    return sources


def _refuse_idle_sources(tables: Mapping[str, Any], place: Place) -> None:
    """A source that no value names is a slip in one of the two. All else was read and is right."""
    named = {version["source"] for rule in tables["rule"] for version in rule["from"]}
    for number, source in enumerate(tables["source"]):
        if source["id"] not in named:
            place.at(number, name=source["id"]).refuse(
                "No value names this source. Take it out, or correct the value that means it."
            )


def _rules(value: object, place: Place, *, sources: Sources) -> dict[int, Rule]:
    """Read the rules that can be read, by number; whatever cannot is told to the place."""
    if value is None:
        return {}
    if not isinstance(value, list) or len(value) > RULES_MAX:
        place.refuse(f"Write each rule under [[rule]], at most {RULES_MAX} of them.")
        return {}
    rules = {}
    seen: dict[str, set[str]] = {"id": set(), "form": set()}
    reader = _Versions(sources)
    for number, table in enumerate(value):
        name = table.get("id") if isinstance(table, dict) else None
        at = place.at(number, name=name if isinstance(name, str) else None)
        found = read_table(table, at, RULE_KEYS)
        versions = reader.read(table, at.at("from"), form_keys=_form_keys(table, at))
        if found is not None:
            _check_names(found, at, seen=seen)
        if found is not None and versions:
            rules[number] = Rule(found["id"], found["label"], tuple(versions))
    return rules


def _check_names(found: Mapping[str, Any], place: Place, *, seen: Mapping[str, set[str]]) -> None:
    """Check that a rule's id is a word, and that neither id nor form stands twice.

    Only forms that say so, such as caps, may stand several times: of two others, the second term
    would silently do nothing, and the second rate or window would be applied on top of the first.
    """
    if not _RULE_ID.fullmatch(found["id"]):
        place.at("id").refuse('Write a lower-case word with underscores, as in "cap_year".')
    repeats = found["form"] in FORMS and FORMS[found["form"]].repeats
    for key, known in seen.items():
        if found[key] in known and not (key == "form" and repeats):
            place.at(key).refuse(f"Another rule has the {key} {found[key]!r}. Keep one of them.")
        known.add(found[key])


def _form_keys(table: object, place: Place) -> FormKeys | None:
    name = table.get("form") if isinstance(table, dict) else None
    if isinstance(name, str) and name not in FORMS:
        place.at("form").refuse(unknown_word(name, "form", FORMS))
    return FORMS.get(name) if isinstance(name, str) else None


class _Versions:
    """Reads the dated values of rules, given the sources that they may name."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def read(self, table: object, place: Place, *, form_keys: FormKeys | None) -> list[DatedValue]:
        value = table.get("from") if isinstance(table, dict) else None
        if value is None:
            return []
        if not isinstance(value, list) or not 1 <= len(value) <= VERSIONS_MAX:
            place.refuse(
                f"Write each dated value under [[rule.from]], 1 to {VERSIONS_MAX} of them."
            )
            return []
        read = [self._one(v, place.at(n), form_keys=form_keys) for n, v in enumerate(value)]
        days = [v.get("date") if isinstance(v, dict) else None for v in value]
        for number, (earlier, later) in enumerate(pairwise(days), start=1):
            if type(earlier) is date and type(later) is date and later <= earlier:
                place.at(number).at("date").refuse(
                    f"{later} does not come after {earlier}. Put the versions in order of days."
                )
        return [version for version in read if version is not None]

    def _one(self, value: object, place: Place, *, form_keys: FormKeys | None) -> DatedValue | None:
        found = read_table(value, place, VERSION_KEYS, optional=VERSION_OPTIONAL)
        source = self._source(found, place) if found is not None else None
        if form_keys is None or not isinstance(value, dict):
            return None
        form = form_keys.read(value.get("value", {}), place.at("value"))
        if found is None or form is None or source is None:
            return None
        return DatedValue(starts_on=found["date"], form=form, source=source)

    def _source(self, found: Mapping[str, Any], place: Place) -> Source | None:
        source = self._sources.get(found["source"])
        if source is None and not self._sources:
            message = f"There is no source {found['source']!r}. Add a [[source]] with this id."
            place.at("source").refuse(message)
        elif source is None:
            place.at("source").refuse(unknown_word(found["source"], "source", self._sources))
        if not source:
            return None
        return Source(
            title=source["title"],
            issuer=source["issuer"],
            clause=found["clause"],
            read_on=source["read_on"],
            verified=found.get("verified", False),
            is_assumed=source.get("assumed", False),
        )


def _declared_forms(value: object) -> dict[str, int]:
    """Number of the rule by form, also of rules that could not be read."""
    rules = value if isinstance(value, list) else []
    return {str(rule.get("form")): n for n, rule in enumerate(rules) if isinstance(rule, dict)}
