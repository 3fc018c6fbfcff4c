"""The reference page and the published schema say what the reader does."""

import json
import tomllib
from pathlib import Path

from jsonschema import Draft202012Validator

from evernormal.formats.intake.programme_schema import PROGRAMME_SCHEMA
from evernormal.formats.intake.reference import column_tables
from evernormal.formats.intake.toml_file import parse

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
PAGE = (REFERENCE / "input-folder.md").read_text(encoding="utf-8")


def test_the_page_has_the_column_tables_that_the_reader_uses() -> None:
    assert column_tables() in PAGE


def test_the_published_schema_is_the_one_that_is_applied() -> None:
    published = (REFERENCE / "schemas" / "programme.schema.json").read_text(encoding="utf-8")

    assert json.loads(published) == PROGRAMME_SCHEMA
    Draft202012Validator.check_schema(PROGRAMME_SCHEMA)


def test_the_page_shows_a_programme_that_the_schema_takes() -> None:
    shown = PAGE.split("```toml\n")[1].split("```")[0]

    document = parse(shown, file="programme.toml", problems=[])
    assert list(Draft202012Validator(PROGRAMME_SCHEMA).iter_errors(document)) == []
    required = PROGRAMME_SCHEMA["properties"]
    assert isinstance(required, dict)
    assert tomllib.loads(shown).keys() == required.keys()
