"""Logs in the Standard Workload Format, as meter readings.

A line is a job of 18 numbers. Cards are field 5, the allocated processors, divided by how many
processors the log counts for a card; the account is field 13, the group. Nothing else in the format
tells of cards, so a log counts cards of one type.
source  the format's definition, version 2.2, of the Parallel Workloads Archive
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from evernormal.formats.meters.reading import CARDS_MAX, EPOCH_MAX, MeterReadings, Reading
from evernormal.formats.problems import Problem

_FIELDS = 18
_STATES: Mapping[int, str] = {
    -1: "UNKNOWN",
    0: "FAILED",
    1: "COMPLETED",
    2: "SWAPPED_OUT",
    3: "COMPLETED",
    4: "FAILED",
    5: "CANCELLED",
}
# Lines of a job's bursts between being swapped out; a line with 0 or 1 then sums them up.
_BURSTS = frozenset({2, 3, 4})


@dataclass(frozen=True, slots=True)
class SwfLog:
    """What is to be known about a log.

    file                 its name, for problems
    cluster              the data centre's name of the cluster
    card_type            which cards its processors are
    processors_per_card  how many allocated processors are a card, 1 or more
    """

    file: str
    cluster: str
    card_type: str
    processors_per_card: int = 1

    def problem(self, line: int, code: str, message: str, todo: str) -> Problem:
        """A problem of a line."""
        return Problem(self.file, line, None, code, message, todo)


class _Field(Enum):
    """The fields that are read, by their number in the format."""

    JOB = 1
    SUBMIT = 2
    WAIT = 3
    RUN = 4
    PROCESSORS = 5
    STATUS = 11
    GROUP = 13


@dataclass(frozen=True, slots=True)
class _Job:
    """A line. `fields` by their place in the format; -1 where the log does not know."""

    line: int
    fields: Mapping[_Field, int]

    def __getitem__(self, field: _Field) -> int:
        return self.fields[field]


def read_swf(text: str, log: SwfLog) -> MeterReadings:
    """Read a log.

    text     header comments that begin with ";", among them UnixStartTime (epoch seconds), and a
             line of at least 18 fields for each job
    returns  a reading for each job that ran, in the log's order; one for each burst of a job that
             was swapped out, and none for the line that sums them up
    """
    problems: list[Problem] = []
    epoch = _epoch(text, log, problems)
    if epoch is None:
        return MeterReadings((), 0, tuple(problems))
    jobs = list(_jobs(text, log, problems))
    in_bursts = {job[_Field.JOB] for job in jobs if job[_Field.STATUS] in _BURSTS}
    burst_ends: dict[int, int] = {}
    readings: list[Reading] = []
    without_cards = 0
    for job in jobs:
        if job[_Field.STATUS] not in _BURSTS and job[_Field.JOB] in in_bursts:
            continue  # its bursts are counted
        if job[_Field.RUN] <= 0 or job[_Field.PROCESSORS] == 0:
            without_cards += 1
            continue
        try:
            readings.append(_reading(job, log, epoch, burst_ends))
        except ValueError as error:
            message = f"Job {job[_Field.JOB]}: {error}."
            problems.append(log.problem(job.line, "swf.job", message, _JOB_ADVICE))
    return MeterReadings(tuple(readings), without_cards, tuple(problems))


def _reading(job: _Job, log: SwfLog, epoch: int, burst_ends: dict[int, int]) -> Reading:
    """The reading of a line.

    burst_ends  where each job's last burst ended, in seconds of the log: the next one waits from
                there, and has no time of submission
    raises      ValueError when the line does not tell when or on how many cards it ran
    """
    number, wait = job[_Field.JOB], max(job[_Field.WAIT], 0)
    asked = burst_ends.get(number, job[_Field.SUBMIT])
    if asked < 0:
        raise ValueError("it has no submit time")
    start = asked + wait
    end = start + job[_Field.RUN]
    if epoch + end > EPOCH_MAX:
        raise ValueError("it ends at no time of this age")
    cards, rest = divmod(job[_Field.PROCESSORS], log.processors_per_card)
    if job[_Field.PROCESSORS] < 0:
        raise ValueError("it ran, and field 5 does not tell on how many processors")
    if rest or cards > CARDS_MAX:
        raise ValueError(
            f"{job[_Field.PROCESSORS]} processors at {log.processors_per_card} a card are no "
            "number of cards"
        )
    if job[_Field.STATUS] in _BURSTS:
        burst_ends[number] = end
    group = job[_Field.GROUP]
    return Reading(
        line=job.line,
        cluster=log.cluster,
        job=str(number),
        account="" if group < 0 else str(group),
        card_type=log.card_type,
        cards=cards,
        starts_at=datetime.fromtimestamp(epoch + start, UTC),
        ends_at=datetime.fromtimestamp(epoch + end, UTC),
        state=_STATES.get(job[_Field.STATUS], "UNKNOWN"),
        is_final=True,
    )


def _epoch(text: str, log: SwfLog, problems: list[Problem]) -> int | None:
    """UnixStartTime of the header; None, and a problem, without it."""
    for line, row in enumerate(text.split("\n"), start=1):
        name, _, value = row.removeprefix(";").partition(":")
        if not row.startswith(";") or name.strip() != "UnixStartTime":
            continue
        words = value.split()
        number = _number(words[0]) if words else None
        if number is not None and 0 <= number <= EPOCH_MAX:
            return number
        message = "UnixStartTime is no time in epoch seconds."
        problems.append(log.problem(line, "swf.start_time", message, _EPOCH_ADVICE))
        return None
    message = "The header has no UnixStartTime, so nobody can tell when a job ran."
    problems.append(log.problem(1, "swf.start_time", message, _EPOCH_ADVICE))
    return None


def _jobs(text: str, log: SwfLog, problems: list[Problem]) -> Iterator[_Job]:
    for line, row in enumerate(text.split("\n"), start=1):
        words = row.split()
        if not words or row.lstrip().startswith(";"):
            continue
        if len(words) < _FIELDS:
            message = f"Has {len(words)} fields, not {_FIELDS}."
            problems.append(log.problem(line, "swf.field_count", message, _JOB_ADVICE))
            continue
        fields = {field: _number(words[field.value - 1]) for field in _Field}
        wrong = [field.value for field, number in fields.items() if number is None]
        if wrong:
            message = f"Field {_listed(wrong)} is no whole number."
            problems.append(log.problem(line, "swf.number", message, _JOB_ADVICE))
            continue
        yield _Job(line, {field: number or 0 for field, number in fields.items()})


def _number(word: str) -> int | None:
    """A whole number of at most 18 digits, -1 among them; None for anything else."""
    digits = word.removeprefix("-").removesuffix(".0")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):  # noqa: PLR2004 - int64
        return None
    return -int(digits) if word.startswith("-") else int(digits)


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(str(number) for number in numbers)


_EPOCH_ADVICE = 'Add the line "; UnixStartTime: N": the moment, in epoch seconds, of second 0.'
_JOB_ADVICE = "Correct the line: 18 numbers, -1 for what is not known."
