"""The reference pages say what the loader reads, all of it."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from evernormal.domain.policy.amounts import AmountForm
from evernormal.domain.policy.conditions import Condition
from evernormal.domain.policy.terms import Term
from evernormal.schemes import library_path, list_schemes
from evernormal.schemes.cases import FACTS, OUTCOMES
from evernormal.schemes.file_schema import scheme_json_schema
from evernormal.schemes.forms import FORMS
from evernormal.schemes.scheme_file import RULE_KEYS, SCHEME_KEYS, SOURCE, VERSION_KEYS
from tests.schemes.sample import SCHEME

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = DOCS / "reference" / "scheme-file.md"
SCHEMA = DOCS / "reference" / "schemas" / "scheme.schema.json"
ROW = re.compile(r"^\| (?P<name>`[^|]*`) \| (?P<rest>.*) \|$", re.MULTILINE)
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


@pytest.mark.parametrize("form", FORMS)
def test_every_form_has_a_row_with_each_of_its_keys(form: str) -> None:
    row = rows("Forms")[form]

    assert [key for key in FORMS[form].keys if f"`{key}`" not in row] == []
    assert (row == "none") == (not FORMS[form].keys)


@pytest.mark.parametrize("form", FORMS)
def test_every_word_that_a_form_takes_is_in_its_row(form: str) -> None:
    kinds = [kind.schema for kind in FORMS[form].keys.values()]
    words = {w for schema in kinds for w in schema.get("items", schema).get("enum", ())}

    assert {word for word in words if f"`{word}`" not in rows("Forms")[form]} == set()


def test_every_key_fact_and_outcome_is_on_the_page() -> None:
    rule = rows("A rule")
    names = {name.removeprefix("rule.") for name in rule}
    cases = rows("Worked cases")

    assert SCHEME_KEYS.keys() - {"rule"} == rows("The head").keys()
    assert RULE_KEYS.keys() | VERSION_KEYS.keys() == names
    assert [k for k in SOURCE.schema["properties"] if f"`{k}`" not in rule["source"]] == []
    assert FACTS.keys() | OUTCOMES.keys() == cases.keys()


def test_every_rule_page_that_is_named_is_there() -> None:
    pages = {path.stem for path in (DOCS / "rules").glob("*.md")}

    assert pages >= {"conditions", "unrelated-party", "amounts", "rounding", "shortage"}
    assert pages >= {"settlement", "allocation", "metering", "rating", "matching", "ledger"}


def test_the_json_schema_on_file_is_the_loaders() -> None:
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == scheme_json_schema()


@pytest.mark.parametrize("scheme_id", list_schemes())
def test_the_library_meets_the_json_schema(scheme_id: str) -> None:
    text = library_path().joinpath(scheme_id, "scheme.toml").read_text(encoding="utf-8")

    jsonschema.Draft202012Validator.check_schema(scheme_json_schema())
    jsonschema.validate(as_json(tomllib.loads(text)), scheme_json_schema())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"20/100"', "0.2"),
        ("months = 12", "month = 12"),
        ('form = "rate"', 'form = "ratio"'),
        ("up_to = true", "up_to = true, extra = 1"),
        ('status = "illustrative"', 'status = "final"'),
        ("value = { months = 12 }\n", ""),
    ],
)
def test_the_json_schema_refuses_mistakes(old: str, new: str) -> None:
    assert old in SCHEME
    mistaken = as_json(tomllib.loads(SCHEME.replace(old, new)))

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(mistaken, scheme_json_schema())
