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
    VERSION_KEYS,
    VERSIONS_MAX,
)

SCHEMA_ID = "urn:evernormal:scheme-file:1"


def scheme_json_schema() -> dict[str, Any]:
    """Describe a scheme file as JSON Schema (draft 2020-12).

    returns  a schema that is met by every file `load_scheme` accepts. The loader asks for more:
             order of versions, forms that must be there, agreement of payee and settlement.
    """
    scheme = table_schema(SCHEME_KEYS, optional=frozenset({"unknown"}))
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
        "items": table_schema(VERSION_KEYS, optional=frozenset({"value"})),
        "minItems": 1,
        "maxItems": VERSIONS_MAX,
    }
    rule["allOf"] = [_value_of(form) for form in FORMS]
    return rule


def _value_of(form: str) -> dict[str, Any]:
    """A rule of this form has values with these keys."""
    version: dict[str, Any] = {"properties": {"value": table_schema(FORMS[form].keys)}}
    if FORMS[form].keys:
        version["required"] = ["value"]
    return {
        "if": {"properties": {"form": {"const": form}}},
        "then": {"properties": {"from": {"items": version}}},
    }
