"""The job objects of `sacct --json`, each with the line it begins on.

Numbers may be plain or wrapped ({"set": true, "infinite": false, "number": 7}), a state may be a
word or a list of words: both occur, by the version of Slurm's data parser.
"""

import json
import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass

from evernormal.formats.problems import Problem

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Allocated:
    """One entry of a job's allocated resources."""

    kind: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class JobObject:
    """One element of the `jobs` array. Its methods raise ValueError naming what is not there."""

    line: int
    fields: Mapping[str, object]

    def text(self, key: str) -> str:
        """A text."""
        value = self.fields.get(key)
        if not isinstance(value, str):
            raise ValueError(f"it has no text {key}")  # noqa: TRY004 - one refusal a job
        return value

    def account(self) -> str:
        """The account; a job outside accounting has none, as --parsable2 writes it."""
        return "" if self.fields.get("account") is None else self.text("account")

    def name(self) -> str:
        """The job's number as sacct's JobID column writes it."""
        array, het = self._part("array"), self._part("het")
        parent, task = _number(array.get("job_id")), _number(array.get("task_id"))
        if parent and task is not None:
            return f"{parent}_{task}"
        leader = _number(het.get("job_id"))
        if leader:
            return f"{leader}+{_number(het.get('job_offset')) or 0}"
        number = _number(self.fields.get("job_id"))
        if number is None:
            raise ValueError("it has no job_id")
        return str(number)

    def state(self) -> str:
        """The current state."""
        current = self._part("state").get("current")
        word = current[0] if isinstance(current, list) and current else current
        if not isinstance(word, str):
            raise ValueError("it has no state")  # noqa: TRY004 - one refusal a job
        return word

    def seconds(self, key: str) -> int | None:
        """A number of the job's `time`; `suspended` may be an object of its own."""
        value = self._part("time").get(key)
        if isinstance(value, Mapping) and "seconds" in value:
            value = value["seconds"]
        return _number(value)

    def allocated(self) -> Iterator[Allocated]:
        """Allocated resources: totals over the job's nodes."""
        entries = self._part("tres").get("allocated")
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, Mapping) and entry.get("type") == "gres":
                count = _number(entry.get("count"))
                if count is None:
                    raise ValueError(f"its {entry.get('name')} has no count")
                yield Allocated("gres", str(entry.get("name") or ""), count)

    def _part(self, key: str) -> Mapping[str, object]:
        value = self.fields.get(key)
        return value if isinstance(value, Mapping) else {}


def jobs_of(text: str, *, file: str, problems: list[Problem]) -> Iterator[JobObject]:
    """Walk over the `jobs` array, counting lines as it goes.

    text     the whole file
    file     its name, for problems: text that is not JSON ends the walk with one
    """
    try:
        is_found = yield from _walk(text)
    except json.JSONDecodeError as error:
        problems.append(
            Problem(
                file,
                error.lineno,
                error.colno,
                "json.syntax",
                f"Is not JSON: {error.msg}.",
                "Save what sacct --json prints, whole and unchanged.",
            )
        )
        return
    except (RecursionError, ValueError):
        # Python's reader refuses numbers of thousands of digits with a plain ValueError.
        problems.append(_not_sacct(file, "Is nested too deeply, or holds an endless number."))
        return
    if not is_found:
        problems.append(_not_sacct(file, "Has no list of jobs."))


def _walk(text: str) -> Generator[JobObject, None, bool]:
    """Give each job, reading the document once; True at the end when `jobs` was there."""
    position = _expect(text, _skip(text, 0), "{")
    is_found = False
    while text[position : position + 1] != "}":
        key, position = _DECODER.raw_decode(text, position)
        position = _expect(text, _skip(text, position), ":")
        if key == "jobs" and text[position : position + 1] == "[":
            is_found = True
            position = yield from _elements(text, position)
        else:
            _, position = _DECODER.raw_decode(text, position)
        position = _after_value(text, position, "}")
    if _skip(text, position + 1) != len(text):
        raise json.JSONDecodeError("Something follows the end", text, position + 1)
    return is_found


def _elements(text: str, position: int) -> Generator[JobObject, None, int]:
    """Give each element of an array; the place after it at the end."""
    line, counted = 1, 0
    position = _skip(text, position + 1)
    while text[position : position + 1] != "]":
        line += text.count("\n", counted, position)
        counted = position
        value, position = _DECODER.raw_decode(text, position)
        yield JobObject(line, value if isinstance(value, Mapping) else {})
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


def _number(value: object) -> int | None:
    if isinstance(value, Mapping):
        value = value.get("number") if value.get("set") else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _not_sacct(file: str, message: str) -> Problem:
    todo = "Save what sacct --json prints, whole and unchanged."
    return Problem(file, 1, None, "slurm.json", message, todo)
