"""The elements of one array in a JSON document, each with the line it begins on."""

import json
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass

from evernormal.formats.problems import Problem

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Source:
    """Which document is read: its file, and what to do when it is not what it should be.

    path     keys from the top to the array, e.g. ("data", "result")
    code     of the problem when there is no such array
    advice   what to do then
    """

    file: str
    path: Sequence[str]
    code: str
    advice: str

    @property
    def name(self) -> str:
        """The array's place, e.g. data.result."""
        return ".".join(self.path)

    def problem(self, line: int, code: str, message: str, column: int | None = None) -> Problem:
        """A problem of the document."""
        return Problem(self.file, line, column, code, message, self.advice)


def elements_of(
    text: str, source: Source, problems: list[Problem]
) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Walk over an array, counting lines as it goes.

    text     the whole document; text that is not JSON ends the walk with one problem
    returns  the line and the object of each element; {} for one that is no object
    """
    try:
        is_found = yield from _walk(text, source.path)
    except json.JSONDecodeError as error:
        message = f"Is not JSON: {error.msg}."
        problems.append(source.problem(error.lineno, "json.syntax", message, error.colno))
        return
    except (RecursionError, ValueError):
        # Python's reader refuses numbers of thousands of digits with a plain ValueError.
        message = "Is nested too deeply, or holds an endless number."
        problems.append(source.problem(1, source.code, message))
        return
    if not is_found:
        problems.append(source.problem(1, source.code, f"Has no list {source.name}."))


_Walk = Generator[tuple[int, Mapping[str, object]], None, bool]


def _walk(text: str, path: Sequence[str]) -> _Walk:
    """Give each element, reading the document once; True at the end when the array was there."""
    is_found, position = yield from _members(text, _skip(text, 0), path)
    if position != len(text):
        raise json.JSONDecodeError("Something follows the end", text, position)
    return is_found


def _members(
    text: str, position: int, path: Sequence[str]
) -> Generator[tuple[int, Mapping[str, object]], None, tuple[bool, int]]:
    """Go through an object, into the member that leads to the array."""
    position = _expect(text, position, "{")
    is_found = False
    while text[position : position + 1] != "}":
        key, position = _DECODER.raw_decode(text, position)
        position = _expect(text, _skip(text, position), ":")
        opens = text[position : position + 1]
        if key == path[0] and opens == "[" and len(path) == 1:
            is_found = True
            position = yield from _elements(text, position)
        elif key == path[0] and opens == "{" and len(path) > 1:
            is_inside, position = yield from _members(text, position, path[1:])
            is_found = is_found or is_inside
        else:
            _, position = _DECODER.raw_decode(text, position)
        position = _after_value(text, position, "}")
    return is_found, _skip(text, position + 1)


def _elements(text: str, position: int) -> Generator[tuple[int, Mapping[str, object]], None, int]:
    """Give each element of an array; the place after it at the end."""
    line, counted = 1, 0
    position = _skip(text, position + 1)
    while text[position : position + 1] != "]":
        line += text.count("\n", counted, position)
        counted = position
        value, position = _DECODER.raw_decode(text, position)
        yield line, value if isinstance(value, Mapping) else {}
        position = _after_value(text, position, "]")
    return position + 1


def _after_value(text: str, position: int, end: str) -> int:
    """Go over the comma after a value, or stop at the end of what holds it."""
    position = _skip(text, position)
    if text[position : position + 1] == end:
        return position
    return _expect(text, position, ",")


def _expect(text: str, position: int, character: str) -> int:
    if text[position : position + 1] != character:
        raise json.JSONDecodeError(f"Expecting '{character}'", text, position)
    return _skip(text, position + 1)


def _skip(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position
