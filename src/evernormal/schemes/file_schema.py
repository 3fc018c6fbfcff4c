"""The layout of a scheme file as JSON Schema, made from the tables that the loader uses.

TOML dates are native; as JSON they are text such as "2025-03-01".
"""

from typing import Any

from evernormal.schemes.forms import FORMS
from evernormal.schemes.kinds import table_schema
from evernormal.schemes.scheme_file import (
    RULE_KEYS,
    RULES_MAX,
    SCHEME_KEYS,
    SCHEME_OPTIONAL,
    SOURCE_KEYS,
    SOURCE_OPTIONAL,
    SOURCES_MAX,
    VERSION_KEYS,
    VERSION_OPTIONAL,
    VERSIONS_MAX,
)

SCHEMA_ID = "urn:evernormal:scheme-file:2"


def scheme_json_schema() -> dict[str, Any]:
    """Describe a scheme file as JSON Schema (draft 2020-12).

    returns  a schema that is met by every file `load_scheme` accepts. The loader asks for more:
             order of versions, forms that must be there, agreement of payee and settlement.
    """
    scheme = table_schema(SCHEME_KEYS, optional=SCHEME_OPTIONAL)
    scheme["properties"]["source"] = {
        "type": "array",
        "items": table_schema(SOURCE_KEYS, optional=SOURCE_OPTIONAL),
        "minItems": 1,
        "maxItems": SOURCES_MAX,
    }
    scheme["properties"]["rule"] = {"type": "array", "items": _rule(), "maxItems": RULES_MAX}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "Evernormal scheme file",
        **scheme,
    }


def _rule() -> dict[str, Any]:
    rule = table_schema(RULE_KEYS)
    rule["properties"]["form"] = {"enum": list(FORMS)}
    rule["properties"]["from"] = {
        "type": "array",
        "items": table_schema(VERSION_KEYS, optional=VERSION_OPTIONAL),
        "minItems": 1,
        "maxItems": VERSIONS_MAX,
    }
    rule["allOf"] = [_value_of(form) for form in FORMS]
    return rule


def _value_of(form: str) -> dict[str, Any]:
    """A rule of this form has values with these keys."""
    keys, optional = FORMS[form].keys, FORMS[form].optional
    version: dict[str, Any] = {"properties": {"value": table_schema(keys, optional=optional)}}
    if keys:
        version["required"] = ["value"]
    return {
        "if": {"properties": {"form": {"const": form}}},
        "then": {"properties": {"from": {"items": version}}},
    }
