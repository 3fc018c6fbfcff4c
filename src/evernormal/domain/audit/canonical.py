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
    ordered = _ordered(value, place=_WHOLE)
    return json.dumps(ordered, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


_WHOLE = ("$",)
_AS_IT_IS = frozenset({int, bool, type(None)})


def _ordered(value: object, *, place: tuple[str | int, ...]) -> object:
    """The same value in plain lists and dicts, keys by UTF-16 code units as the RFC wants.

    place  the way to the value, put into words only when there is something to say of it
    """
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if kind is str:
        return _text(value, place=place)
    match value:
        case Mapping():
            names = sorted([_text(key, place=place) for key in value], key=_utf16)
            return {name: _ordered(value[name], place=(*place, name)) for name in names}
        case list() | tuple():
            return [_ordered(item, place=(*place, i)) for i, item in enumerate(value)]
        case int():
            return value
        case str():
            return _text(value, place=place)
        case _:
            raise NotCanonical(place=_words(place), value=value)


def _words(place: tuple[str | int, ...]) -> str:
    """A place as people write it: $.charges[3].day."""
    return "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" if number else part
        for number, part in enumerate(place)
    )


def _text(value: object, *, place: tuple[str | int, ...]) -> str:
    """A text that can be written: half of a surrogate pair cannot."""
    # Most texts are ASCII, and asking costs nothing: the interpreter knows it of each.
    if isinstance(value, str) and (
        value.isascii() or not any("\ud800" <= c <= "\udfff" for c in value)
    ):
        return value
    raise NotCanonical(place=_words(place), value=value)


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be")
