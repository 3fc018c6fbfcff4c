"""One byte form for every value, so that a hash means one thing everywhere and for ever."""

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from evernormal.domain.errors import DomainError

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"


class NotCanonical(DomainError):
    """A value that has no canonical form, such as a float."""

    code = "audit.not_canonical"

    def __init__(self, *, place: str, value: object) -> None:
        self.place, self.value = place, value
        super().__init__(
            f"{place} holds {value!r}. Audit facts are text, whole numbers, true, false, null, "
            "lists and objects: write a fraction as a text like 1/3."
        )


def canonical_bytes(value: Json) -> bytes:
    """The canonical form: JSON in UTF-8, keys sorted, no blanks, whole numbers only.

    raises   NotCanonical
    source   RFC 8785 with the number type narrowed to integers (docs/reference/audit-log.md)
    """
    ordered = _ordered(value, place="$")
    return json.dumps(ordered, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _ordered(value: object, *, place: str) -> object:
    """The same value in plain lists and dicts, keys by UTF-16 code units as the RFC wants."""
    match value:
        case bool() | int() | None:
            return value
        case str():
            return _text(value, place=place)
        case Mapping():
            names = [_text(key, place=place) for key in value]
            names.sort(key=lambda name: name.encode("utf-16-be"))
            return {name: _ordered(value[name], place=f"{place}.{name}") for name in names}
        case list() | tuple():
            return [_ordered(item, place=f"{place}[{i}]") for i, item in enumerate(value)]
        case _:
            raise NotCanonical(place=place, value=value)


def _text(value: object, *, place: str) -> str:
    """A text that can be written: half of a surrogate pair cannot."""
    if not isinstance(value, str) or any("\ud800" <= c <= "\udfff" for c in value):
        raise NotCanonical(place=place, value=value)
    return value
