"""The job objects of `sacct --json`, each with the line it begins on.

Numbers may be plain or wrapped ({"set": true, "infinite": false, "number": 7}), a state may be a
word or a list of words: both occur, by the version of Slurm's data parser.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evernormal.formats.meters.json_elements import Source, elements_of
from evernormal.formats.problems import Problem


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
    advice = "Save what sacct --json prints, whole and unchanged."
    source = Source(file, ("jobs",), "slurm.json", advice)
    for line, fields in elements_of(text, source, problems):
        yield JobObject(line, fields)


def _number(value: object) -> int | None:
    if isinstance(value, Mapping):
        value = value.get("number") if value.get("set") else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
