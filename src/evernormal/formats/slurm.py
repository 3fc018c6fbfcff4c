"""What Slurm's `sacct` prints, as meter readings: `--json` and `--parsable2`.

A reading is one run of one job on one type of card. Cards are the job's total over its nodes, as
AllocTRES gives them. Steps are parts of a job that is counted already, so they are left out.
source  sacct(1) of Slurm 22.05 (data parser 0.0.38) and the wrapped numbers of later ones
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from evernormal.formats.problems import Problem
from evernormal.formats.slurm_json import JobObject, jobs_of

# Kinds of generic resource that are cards, by the name their plugin or operator gives them.
CARD_KINDS = frozenset({"gpu", "npu", "mlu", "dcu"})
# Three times the largest cluster there is.
CARDS_MAX = 1_000_000
_STILL_RUNNING = frozenset({"RUNNING", "SUSPENDED", "COMPLETING", "RESIZING", "STOPPED"})
_NOT_STARTED = frozenset({"PENDING", "CONFIGURING"})
_NEEDED_COLUMNS = ("Cluster", "Account", "State", "Start", "End", "AllocTRES")
_NONE = frozenset({"", "0", "Unknown", "None", "N/A", "INVALID"})
_ELAPSED = re.compile(r"(?:([0-9]+)-)?(?:([0-9]+):)?([0-9]+):([0-9]+)(?:\.[0-9]+)?")
# Beyond this an epoch second is no year that a calendar of four digits has.
_EPOCH_MAX = 7_258_118_400


@dataclass(frozen=True, slots=True)
class Reading:
    """One run on one type of card.

    job        as sacct's JobID: "7", an array's "7_3", a heterogeneous job's "7+1"
    card_type  the type of AllocTRES, e.g. "a100"; the kind ("gpu") where no type is recorded
    ends_at    end of the run, or of what had elapsed when it was read
    """

    line: int
    cluster: str
    job: str
    account: str
    card_type: str
    cards: int
    starts_at: datetime
    ends_at: datetime
    state: str
    is_final: bool


@dataclass(frozen=True, slots=True)
class SacctReadings:
    """All readings of a file; how many rows used no card; what could not be read."""

    readings: tuple[Reading, ...]
    without_cards: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Job:
    """A job row of either form, in the words of --parsable2. `cards` by type."""

    line: int
    name: str
    cluster: str
    account: str
    state: str
    start: str
    end: str
    held_seconds: int | None
    cards: Mapping[str, int]


def read_sacct_json(text: str, *, file: str, zone: tzinfo) -> SacctReadings:
    """Read `sacct --json`.

    text     the whole file
    file     its name, for problems
    zone     where times without offset are local
    returns  readings in the file's order; problems with the line where the job begins
    """
    problems: list[Problem] = []
    rows = _json_rows(jobs_of(text, file=file, problems=problems), file, problems)
    return _readings(rows, file=file, zone=zone, problems=problems)


def read_sacct_parsable2(text: str, *, file: str, zone: tzinfo) -> SacctReadings:
    """Read `sacct --parsable2` with its header line.

    text     the whole file; `|` between fields, nothing quoted. A last column that users fill
             (Comment, JobName and the like) may itself hold bars
    file     its name, for problems
    zone     where times without offset are local
    returns  readings in the file's order
    """
    problems: list[Problem] = []
    rows = _text_rows(text, file, problems)
    return _readings(rows, file=file, zone=zone, problems=problems)


def _readings(
    rows: Iterable["_Job"], *, file: str, zone: tzinfo, problems: list[Problem]
) -> SacctReadings:
    readings: list[Reading] = []
    without_cards = 0
    for row in rows:
        if not row.cards or row.start in _NONE or row.state in _NOT_STARTED:
            without_cards += 1
            continue
        try:
            readings += _readings_of(row, zone)
        except (ValueError, OverflowError) as error:
            problems.append(_problem(file, row.line, "slurm.time", f"Job {row.name}: {error}."))
    return SacctReadings(tuple(readings), without_cards, tuple(problems))


def _readings_of(job: _Job, zone: tzinfo) -> Iterator[Reading]:
    """Give a job's readings: one for each type of card.

    raises   ValueError when a time cannot be read, or the end is before the start
    """
    starts_at = _moment(job.start, zone)
    if job.end not in _NONE:
        ends_at = _moment(job.end, zone)
    elif job.held_seconds is not None:
        ends_at = starts_at + timedelta(seconds=job.held_seconds)
    else:
        raise ValueError("it has neither an end nor an elapsed time")
    if ends_at < starts_at:
        raise ValueError(f"it ends {ends_at.isoformat()}, before its start")
    is_final = job.end not in _NONE and job.state not in _STILL_RUNNING
    for card_type, cards in sorted(job.cards.items()):
        yield Reading(
            line=job.line,
            cluster=job.cluster,
            job=job.name,
            account=job.account,
            card_type=card_type,
            cards=cards,
            starts_at=starts_at,
            ends_at=ends_at,
            state=job.state,
            is_final=is_final,
        )


def _moment(text: str, zone: tzinfo) -> datetime:
    """Read epoch seconds, or an ISO time; the result is in UTC, so that both forms compare."""
    if text.isascii() and text.isdigit():
        if int(text) > _EPOCH_MAX:
            raise ValueError(f'"{text}" is no time of this age')
        return datetime.fromtimestamp(int(text), UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f'"{text}" is no time') from error
    local = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return local.astimezone(UTC)


# --- --json ---------------------------------------------------------------------------------------


def _json_rows(jobs: Iterable[JobObject], file: str, problems: list[Problem]) -> Iterator[_Job]:
    for job in jobs:
        try:
            tres = [f"{i.kind}/{i.name}={i.count}" if i.name else "" for i in job.allocated()]
            yield _Job(
                line=job.line,
                name=job.name(),
                cluster=job.text("cluster"),
                account=job.account(),
                state=_state(job.state()),
                start=str(job.seconds("start") or 0),
                end=str(job.seconds("end") or 0),
                held_seconds=(job.seconds("elapsed") or 0) + (job.seconds("suspended") or 0),
                cards=cards_of(",".join(tres)),
            )
        except ValueError as error:
            message = f"The job is not whole: {error}."
            problems.append(_problem(file, job.line, "slurm.job", message))


# --- --parsable2 ----------------------------------------------------------------------------------


def _text_rows(text: str, file: str, problems: list[Problem]) -> Iterator[_Job]:
    lines = text.splitlines() if "\r" in text else text.split("\n")
    names = lines[0].split("|")
    missing = [name for name in _NEEDED_COLUMNS if name not in names]
    if not {"JobID", "JobIDRaw"} & set(names):
        missing.append("JobID")
    if missing:
        message = f"The header line has no {', '.join(missing)}."
        problems.append(_problem(file, 1, "slurm.columns", message, _COLUMNS_ADVICE))
        return
    for line, row in enumerate(lines[1:], start=2):
        if not row:
            continue
        # With the split limited, the last column keeps any bars that a user wrote into it.
        fields = row.split("|", len(names) - 1)
        if len(fields) != len(names):
            message = f"Has {len(fields)} fields, not {len(names)}."
            problems.append(_problem(file, line, "slurm.field_count", message))
            continue
        values = dict(zip(names, fields, strict=True))
        name = values.get("JobID") or values["JobIDRaw"]
        if "." in name:
            continue  # a step: its job's own row holds the cards
        try:
            yield _text_row(line, name, values)
        except ValueError as error:
            problems.append(_problem(file, line, "slurm.job", f"The row is not whole: {error}."))


def _text_row(line: int, name: str, row: Mapping[str, str]) -> _Job:
    elapsed = _seconds(row.get("ElapsedRaw") or row.get("Elapsed", ""))
    suspended = _seconds(row.get("Suspended", ""))
    return _Job(
        line=line,
        name=name,
        cluster=row["Cluster"],
        account=row["Account"],
        state=_state(row["State"]),
        start=row["Start"],
        end=row["End"],
        held_seconds=None if elapsed is None else elapsed + (suspended or 0),
        cards=cards_of(row["AllocTRES"]),
    )


def _seconds(text: str) -> int | None:
    """Read ElapsedRaw, or [D-]HH:MM:SS; None when nothing is there."""
    if text in _NONE and text != "0":
        return None
    if text.isascii() and text.isdigit():
        return int(text)
    match = _ELAPSED.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is no duration')
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


# --- Both -----------------------------------------------------------------------------------------


def cards_of(tres: str) -> dict[str, int]:
    """The cards in a list of trackable resources, by type.

    tres     e.g. "billing=8,cpu=8,gres/gpu:a100=4,gres/gpu=4,node=2": totals over all nodes
    returns  {"a100": 4}: typed entries beat the untyped total; what that total has beyond them
             is of type "gpu"
    raises   ValueError when a count is no number
    """
    typed: dict[str, int] = {}
    total: dict[str, int] = {}
    for entry in tres.split(","):
        name, _, count = entry.partition("=")
        kind, _, card_type = name.removeprefix("gres/").partition(":")
        if not name.startswith("gres/") or kind not in CARD_KINDS:
            continue
        if not (count.isascii() and count.isdigit()):
            raise ValueError(f'"{entry}" has no whole number of cards')
        if int(count) > CARDS_MAX:
            raise ValueError(f'"{entry}" is more cards than any cluster has')
        if card_type:
            typed[card_type] = typed.get(card_type, 0) + int(count)
            total.setdefault(kind, 0)
            total[kind] -= int(count)
        else:
            total[kind] = total.get(kind, 0) + int(count)
    return {name: n for name, n in (typed | total).items() if n > 0}


def _state(words: str) -> str:
    """The state's first word: "CANCELLED by 1000" is CANCELLED."""
    first: Sequence[str] = words.split()
    if not first:
        raise ValueError("it has no state")
    return first[0].rstrip("+").upper()


_COLUMNS_ADVICE = (
    "Run sacct --parsable2 with "
    "--format=JobID,Cluster,Account,State,Start,End,ElapsedRaw,Suspended,AllocTRES."
)
_EXPORT_ADVICE = "Run sacct again; if it prints the same, correct the job in Slurm's accounting."


def _problem(file: str, line: int, code: str, message: str, todo: str = _EXPORT_ADVICE) -> Problem:
    return Problem(file, line, None, code, message, todo)
