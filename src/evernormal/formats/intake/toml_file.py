"""TOML with places: where a key stands, and what a JSON Schema has against the document."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from difflib import get_close_matches
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from evernormal.formats.problems import Problem

Key = Sequence[str | int]

_SYNTAX = re.compile(r"(.*?) \(at (?:line ([0-9]+), column ([0-9]+)|end of document)\)", re.DOTALL)
_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.\-\s\"']+?)\s*\]\]?\s*(?:#.*)?")


def parse(text: str, *, file: str, problems: list[Problem]) -> dict[str, Any] | None:
    """Read TOML, dates and times as their ISO texts; None after a problem of syntax."""
    try:
        document = _plain(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        match = _SYNTAX.fullmatch(str(error))
        message, line, column = match.groups() if match else (str(error), None, None)
        problems.append(
            Problem(
                file,
                int(line) if line else text.count("\n") + 1,
                int(column) if column else None,
                "toml.syntax",
                f"Is not TOML: {message}.",
                "Correct it: texts stand in quotes, numbers without separators.",
            )
        )
        return None
    except (RecursionError, ValueError):
        # Nesting without end, or a number of thousands of digits.
        todo = "Write it as the input folder's reference shows."
        problems.append(Problem(file, 1, None, "toml.syntax", "Cannot be taken apart.", todo))
        return None
    return document if isinstance(document, dict) else None


def _plain(value: object) -> object:
    match value:
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return value


def schema_problems(
    document: Mapping[str, Any], schema: Mapping[str, Any], *, file: str, text: str
) -> Iterator[Problem]:
    """Give what a schema has against a document, each with its dotted key and line.

    Patterns are passed over: what a text holds is read, and refused, by its kind.
    """
    for error in Draft202012Validator(schema).iter_errors(document):
        if error.validator == "pattern":
            continue
        for key, code, message, todo in _findings(error):
            yield Problem(file, line_of(key, text), dotted(key), code, message, todo)


def _findings(error: ValidationError) -> Iterator[tuple[Key, str, str, str]]:
    path, wrong, asked = list(error.absolute_path), error.instance, error.validator_value
    match error.validator:
        case "additionalProperties":
            known = _properties(error)
            for name in sorted(set(_keys(wrong)) - known.keys()):
                yield (*path, name), "key.unknown", "Is not known.", _advice(name, set(known))
        case "required":
            # jsonschema gives one error for each missing name, and only its message tells which.
            name = next(n for n in _list(asked) if error.message.startswith(f"{n!r} "))
            todo = f"Add it: {_description(_properties(error).get(name), name)}."
            yield (*path, name), "key.missing", "Is missing.", todo
        case "enum" | "const":
            todo = f"Write {', '.join(_list(asked))}."
            yield path, "key.choice", f'"{wrong}" is not a choice.', todo
        case "minLength":
            yield path, "cell.blank", "Is blank.", "Write a text."
        case "type":
            names = " or ".join(_list(asked))
            todo = f'Write "{wrong}", in quotes.' if "string" in names else "Correct it."
            yield path, "key.type", f"{wrong!r} is not of type {names}.", todo
        case _:
            yield path, "key.value", f"{error.message}.", "Correct it."


def _keys(value: object) -> list[str]:
    return list(value) if isinstance(value, dict) else []


def _list(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _properties(error: ValidationError) -> Mapping[str, Any]:
    schema = error.schema
    return schema.get("properties", {}) if isinstance(schema, Mapping) else {}


def _description(part: Any, name: str) -> str:
    described = part.get("items", part) if isinstance(part, Mapping) else {}
    return str(described.get("description") or name)


def _advice(name: str, known: set[str]) -> str:
    near = get_close_matches(name.lower(), sorted(known), n=1)
    return f"Is {near[0]} meant?" if near else "Remove it, or see the input folder's reference."


def dotted(key: Key) -> str:
    """Write a key as people do: ["usage", 1, "file"] -> usage[2].file."""
    parts = "".join(f"[{k + 1}]" if isinstance(k, int) else f".{k}" for k in key)
    return parts.lstrip(".")


def line_of(key: Key, text: str) -> int:
    """Find the line of a key, or of the nearest table around it; 1 when there is none.

    key      e.g. ["usage", 1, "file"]: `file` in the second [[usage]]
    source   a search through the text: TOML's own reader keeps no places
    """
    sections = list(_sections(text))
    names = [part for part in key if isinstance(part, str)]
    for depth in range(len(names), -1, -1):
        section, rest = ".".join(names[:depth]), names[depth:]
        for line, body in _occurrences(sections, section, key):
            for number, content in body:
                if rest and re.match(rf"\s*[\"']?{re.escape(rest[0])}[\"']?\s*[=.]", content):
                    return number
            if section:
                return line
    return 1


def _sections(text: str) -> Iterator[tuple[str, int, list[tuple[int, str]]]]:
    """Give each table's name, the line of its header and its numbered lines."""
    name, line, body = "", 1, list[tuple[int, str]]()
    for number, content in enumerate(text.splitlines(), start=1):
        header = _HEADER.fullmatch(content)
        if header:
            yield name, line, body
            name, line, body = re.sub(r"[\s\"']", "", header[2]), number, []
        else:
            body.append((number, content))
    yield name, line, body


def _occurrences(
    sections: Sequence[tuple[str, int, list[tuple[int, str]]]], name: str, key: Key
) -> list[tuple[int, list[tuple[int, str]]]]:
    """Find the tables of a name: the one that the key's number tells, where it has one."""
    found = [(line, body) for section, line, body in sections if section == name]
    index = next((part for part in key if isinstance(part, int)), None)
    return found if index is None or len(found) <= 1 else found[index : index + 1]
