"""The fields of a JSON body, one by one: the quick decoder stops at the first that is wrong."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from evernormal.formats.usage_answer import BatchProblem

NOT_CANONICAL: Final = "Write it in UTF-8 with sorted names, without blanks, and each name once."
"""What to do about a body that is not canonical JSON."""


def field_problems(
    fields: Mapping[str, msgspec.Raw],
    kinds: Mapping[str, Any],
    todo: Mapping[str, str],
    *,
    code: str,
    prefix: str = "",
) -> Iterator[BatchProblem]:
    """Give every field that is missing, not of its kind, or not known.

    fields  as they were written, by name
    kinds   what msgspec takes, by name
    todo    what to write, by name
    code    first word of the problems' codes
    prefix  of the problems' places
    """
    for name, kind in kinds.items():
        place = f"{prefix}{name}"
        if name not in fields:
            yield BatchProblem(place, f"{code}.missing", "Is missing.", todo[name])
            continue
        said = _refusal(fields[name], kind)
        if said:
            yield BatchProblem(place, f"{code}.value", said, todo[name])
    for name in sorted(fields.keys() - kinds.keys()):
        place = f"{prefix}{name[:40]!a}"
        yield BatchProblem(place, f"{code}.unknown", "Is not known.", "Leave it out.")


def decoded(raw: msgspec.Raw | None, kind: object) -> object:
    """A value of a kind, or None."""
    try:
        return None if raw is None else msgspec.json.decode(raw, type=kind)
    except (ValueError, RecursionError):
        return None


def _refusal(raw: msgspec.Raw, kind: object) -> str:
    """What is wrong with one value; "" for nothing."""
    try:
        msgspec.json.decode(raw, type=kind)
    except (ValueError, RecursionError):
        # What was written helps to find it; a megabyte of it does not.
        shown = bytes(raw)[:60].decode("utf-8", errors="replace")
        return f"{shown!r} cannot be that."
    return ""
