"""The reference pages say what the loader reads, all of it."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from evernormal.domain.policy.amounts import AmountForm
from evernormal.domain.policy.conditions import Condition
from evernormal.domain.policy.terms import Term
from evernormal.schemes import library_path, list_schemes
from evernormal.schemes.case_facts import AFTERWARDS, FACTS, NEEDED, OPTIONAL
from evernormal.schemes.case_outcomes import OUTCOMES
from evernormal.schemes.file_schema import scheme_json_schema
from evernormal.schemes.form_keys.selectors import SELECTOR
from evernormal.schemes.forms import FORMS
from evernormal.schemes.kinds import table_schema
from evernormal.schemes.scheme_file import (
    RULE_KEYS,
    SCHEME_KEYS,
    SOURCE_KEYS,
    UNKNOWN,
    VERSION_KEYS,
)
from tests.schemes.sample import CAP, SCHEME, rule

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = DOCS / "reference" / "scheme-file.md"
SCHEMA = DOCS / "reference" / "schemas" / "scheme.schema.json"
ROW = re.compile(r"^\| (?P<name>`[^|]*`) \| (?P<rest>.*) \|$", re.MULTILINE)
VALIDATOR = jsonschema.Draft202012Validator(scheme_json_schema())
QUOTED = re.compile(r"`([^`]+)`")


def rows(section: str) -> dict[str, str]:
    """Give the rest of each table row of a section by each name that its first cell quotes."""
    page = REFERENCE.read_text(encoding="utf-8")
    text = next(part for part in page.split("\n## ") if part.startswith(section))
    return {
        name.strip("[]"): row["rest"]
        for row in ROW.finditer(text)
        for name in QUOTED.findall(row["name"])
    }


def as_json(value: Any) -> Any:
    """Turn TOML tables into what a JSON Schema is asked about."""
    return json.loads(json.dumps(value, default=str))


def test_the_loader_reads_every_form_of_the_domain() -> None:
    forms = [*get_args(Condition), *get_args(AmountForm), *get_args(Term)]

    assert list(FORMS) == [form.name for form in forms]


def parts(schema: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Give every key at any depth, and whether it must be there; not the keys of a selector."""
    properties = schema.get("properties", {})
    if schema == SELECTOR.schema or properties.keys() == {"en", "zh"}:
        return
    for key, inner in properties.items():
        yield key, key in schema["required"]
        yield from parts(inner)
    if "items" in schema:
        yield from parts(schema["items"])


def words(schema: Mapping[str, Any]) -> set[str]:
    """Give every word of a list at any depth; not those of a selector."""
    if schema == SELECTOR.schema:
        return set()
    inner = [*schema.get("properties", {}).values(), schema.get("items", {})]
    return set(schema.get("enum", ())).union(*(words(part) for part in inner if part))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_has_a_row_with_each_of_its_keys(form: str) -> None:
    row, keys = rows("Forms")[form], FORMS[form]
    schema = table_schema(keys.keys, optional=keys.optional)
    named = set(QUOTED.findall(row))

    lacking = {key if needed else f"[{key}]" for key, needed in parts(schema)} - named
    assert lacking == set()
    assert (row == "none") == (not keys.keys)
    assert row.endswith("Repeats") == keys.repeats


@pytest.mark.parametrize("form", FORMS)
def test_every_word_that_a_form_takes_is_in_its_row(form: str) -> None:
    taken = set().union(*(words(kind.schema) for kind in FORMS[form].keys.values()))

    assert taken - set(QUOTED.findall(rows("Forms")[form])) == set()


def test_every_test_of_a_selector_has_a_row_with_its_words() -> None:
    tests, on_page = SELECTOR.schema["properties"], rows("Selectors")

    assert tests.keys() == on_page.keys()
    for test, schema in tests.items():
        assert words(schema) - set(QUOTED.findall(on_page[test])) == set()


def test_every_key_fact_and_outcome_is_on_the_page() -> None:
    rule_keys = {name.removeprefix("rule.") for name in rows("A rule")}
    cases = rows("Worked cases")

    assert SCHEME_KEYS.keys() == rows("The head").keys()
    assert SOURCE_KEYS.keys() == rows("A source").keys()
    assert UNKNOWN.schema["properties"].keys() == rows("What is not stated").keys()
    assert RULE_KEYS.keys() | VERSION_KEYS.keys() == rule_keys
    assert FACTS.keys() | OUTCOMES.keys() == cases.keys()


def test_every_word_of_the_head_and_of_the_cases_is_on_the_page() -> None:
    head, tables = rows("The head"), ROW.finditer(REFERENCE.read_text(encoding="utf-8"))
    on_page = {name for row in tables for name in QUOTED.findall(row[0])}
    for key in ("settlement", "unit", "status"):
        named = {name.strip('"') for name in QUOTED.findall(head[key])}
        assert words(SCHEME_KEYS[key].schema) - named == set()
    kinds = [*FACTS.values(), *OUTCOMES.values()]

    assert set().union(*(words(kind.schema) for kind in kinds)) - on_page == set()


def test_facts_stand_under_what_is_said_of_them() -> None:
    tables = REFERENCE.read_text(encoding="utf-8").split("| Fact | Written as |")[1:]
    found = [
        [name for row in ROW.finditer(table.split("\n\n")[0]) for name in QUOTED.findall(row[1])]
        for table in tables
    ]

    assert found == [list(NEEDED), list(OPTIONAL), list(AFTERWARDS)]


def test_every_rule_page_that_is_named_is_there() -> None:
    pages = {path.stem for path in (DOCS / "rules").glob("*.md")}

    assert pages >= {"conditions", "unrelated-party", "amounts", "rounding", "shortage"}
    assert pages >= {"settlement", "allocation", "metering", "rating", "matching", "ledger"}
    assert pages >= {"selectors", "stacking", "funding", "voucher-terms", "duties"}


def test_the_json_schema_on_file_is_the_loaders() -> None:
    jsonschema.Draft202012Validator.check_schema(scheme_json_schema())

    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == scheme_json_schema()


@pytest.mark.parametrize("scheme_id", list_schemes())
def test_the_library_meets_the_json_schema(scheme_id: str) -> None:
    text = library_path().joinpath(scheme_id, "scheme.toml").read_text(encoding="utf-8")

    VALIDATOR.validate(as_json(tomllib.loads(text)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"20/100"', "0.2"),
        ("months = 12", "month = 12"),
        ('form = "rate"', 'form = "ratio"'),
        ("up_to = true", "up_to = true, extra = 1"),
        ('status = "illustrative"', 'status = "final"'),
        ("value = { months = 12 }\n", ""),
        ('unit = "CNY"', 'unit = "RMB"'),
        ('source = "notice"', 'source = { title = "Notice 1" }'),
        ('issuer = { en = "City", zh = "市" }\nread_on', "read_on"),
        ('form = "pot"', 'forms = "pot"'),
        ('"FIRST_COME"', '"LOTTERY", least = 3'),
    ],
)
def test_the_json_schema_refuses_mistakes(old: str, new: str) -> None:
    assert old in SCHEME
    mistaken = as_json(tomllib.loads(SCHEME.replace(old, new)))

    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(mistaken)


@pytest.mark.parametrize(
    "more",
    [
        rule("cap", "cap", CAP),
        rule("cap", "cap", CAP.replace("amount = 1", 'amount = "0.01", counted_on = ["CLAIM"]')),
        rule("pot", "pot", "{ amount = 9 }"),
    ],
)
def test_the_json_schema_takes_forms_with_and_without_their_optional_keys(more: str) -> None:
    VALIDATOR.validate(as_json(tomllib.loads(SCHEME + more)))
