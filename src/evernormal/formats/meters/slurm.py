"""What Slurm's `sacct` prints, as meter readings: `--json` and `--parsable2`.

A reading is one run of one job on one type of card. Cards are the job's total over its nodes, as
AllocTRES gives them. Steps are parts of a job that is counted already, so they are left out.
source  sacct(1) of Slurm 22.05 (data parser 0.0.38) and the wrapped numbers of later ones
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from evernormal.formats.meters.reading import CARDS_MAX, MeterReadings, Reading, moments_of
from evernormal.formats.meters.slurm_json import jobs_of
from evernormal.formats.problems import Problem

# Kinds of generic resource that are cards or parts of cards, by the name that their plugin or
# operator gives them. A part is a type of its own with a price of its own: "shard", "mps".
CARD_KINDS = frozenset({"gpu", "npu", "mlu", "dcu", "gcu", "shard", "mps"})
# A job that was resized is not among them: what it was before has its end, and stays as it is.
_STILL_RUNNING = frozenset({"RUNNING", "SUSPENDED", "COMPLETING", "STOPPED"})
_NOT_STARTED = frozenset({"PENDING", "CONFIGURING"})
_NEEDED_COLUMNS = ("Cluster", "Account", "State", "Start", "End", "AllocTRES")
_NONE = frozenset({"", "0", "Unknown", "None", "N/A", "INVALID"})
_ELAPSED = re.compile(r"(?:([0-9]+)-)?(?:([0-9]+):)?([0-9]+):([0-9]+)(?:\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class _Job:
    """A job row of either form, in the words of --parsable2. `cards` by type.

    submit   "" where the file does not tell
    """

    line: int
    name: str
    cluster: str
    account: str
    state: str
    submit: str
    start: str
    end: str
    held_seconds: int | None
    cards: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Sacct:
    """What is to be known about a file of sacct.

    file    its name, for problems
    zone    where times without offset are local
    kinds   which generic resources are cards
    """

    file: str
    zone: tzinfo
    kinds: frozenset[str] = CARD_KINDS

    def problem(self, line: int, code: str, message: str, todo: str = "") -> Problem:
        """A problem of a line."""
        return Problem(self.file, line, None, code, message, todo or _EXPORT_ADVICE)


def read_sacct_json(text: str, sacct: Sacct) -> MeterReadings:
    """Read `sacct --json`, or what slurmrestd's /slurmdb/v0.0.38/jobs answers: the same.

    text     the whole file
    returns  readings in the file's order; problems with the line where the job begins
    """
    problems: list[Problem] = []
    return _readings(_json_rows(text, sacct, problems), sacct, problems)


def read_sacct_parsable2(text: str, sacct: Sacct) -> MeterReadings:
    """Read `sacct --parsable2` with its header line.

    text     the whole file; `|` between fields, nothing quoted. A last column that users fill
             (Comment, JobName and the like) may itself hold bars
    returns  readings in the file's order
    """
    problems: list[Problem] = []
    return _readings(_text_rows(text, sacct, problems), sacct, problems)


def _readings(rows: Iterable[_Job], sacct: Sacct, problems: list[Problem]) -> MeterReadings:
    readings: list[Reading] = []
    without_cards = 0
    for row in rows:
        if not row.cards or row.start in _NONE or row.state in _NOT_STARTED:
            without_cards += 1
            continue
        if row.state == "RESIZING" and not row.submit:
            message = f"Job {row.name} was resized, and without Submit its parts cannot be told."
            problems.append(sacct.problem(row.line, "slurm.resized", message, _COLUMNS_ADVICE))
            continue
        try:
            readings += _readings_of(row, sacct.zone)
        except (ValueError, OverflowError) as error:
            message = f"Job {row.name}: {error}."
            problems.append(sacct.problem(row.line, "slurm.time", message))
    return MeterReadings(tuple(readings), without_cards, tuple(problems))


def _readings_of(job: _Job, zone: tzinfo) -> Iterator[Reading]:
    """Give a job's readings: one for each type of card.

    raises   ValueError when a time cannot be read, or the end is before the start
    """
    starts_at, ends_at = _span(job, zone)
    if job.submit not in _NONE:
        # A job that was resized keeps its start in the accounts, and what it is from then on counts
        # as submitted at that moment; what it was before has a row that ends there.
        starts_at = max(starts_at, moments_of(job.submit, zone)[0])
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


def _span(job: _Job, zone: tzinfo) -> tuple[datetime, datetime]:
    """Start and end of a job.

    raises   ValueError when they cannot be told. Where clocks were put back a local time has two
             meanings: the one that fits what elapsed is meant, and two that fit are refused
    """
    starts = moments_of(job.start, zone)
    held = None if job.held_seconds is None else timedelta(seconds=job.held_seconds)
    if job.end in _NONE:
        if held is None:
            raise ValueError("it has neither an end nor an elapsed time")
        spans = [(start, start + held) for start in starts]
    else:
        ends = moments_of(job.end, zone)
        spans = [(start, end) for start in starts for end in ends]
        if len(spans) > 1:
            spans = [span for span in spans if span[1] - span[0] == held]
    if len(spans) != 1:
        raise ValueError(
            "its local times are of an hour that clocks repeated; set SLURM_TIME_FORMAT=%s"
        )
    return spans[0]


# --- --json ---------------------------------------------------------------------------------------


def _json_rows(text: str, sacct: Sacct, problems: list[Problem]) -> Iterator[_Job]:
    for job in jobs_of(text, file=sacct.file, problems=problems):
        try:
            tres = [f"{i.kind}/{i.name}={i.count}" if i.name else "" for i in job.allocated()]
            yield _Job(
                line=job.line,
                name=job.name(),
                cluster=job.text("cluster"),
                account=job.account(),
                state=_state(job.state()),
                submit=str(job.seconds("submission") or ""),
                start=str(job.seconds("start") or 0),
                end=str(job.seconds("end") or 0),
                held_seconds=(job.seconds("elapsed") or 0) + (job.seconds("suspended") or 0),
                cards=cards_of(",".join(tres), sacct.kinds),
            )
        except ValueError as error:
            message = f"The job is not whole: {error}."
            problems.append(sacct.problem(job.line, "slurm.job", message))


# --- --parsable2 ----------------------------------------------------------------------------------


def _text_rows(text: str, sacct: Sacct, problems: list[Problem]) -> Iterator[_Job]:
    lines = text.splitlines() if "\r" in text else text.split("\n")
    names = lines[0].split("|")
    missing = [name for name in _NEEDED_COLUMNS if name not in names]
    if not {"JobID", "JobIDRaw"} & set(names):
        missing.append("JobID")
    if missing:
        message = f"The header line has no {', '.join(missing)}."
        problems.append(sacct.problem(1, "slurm.columns", message, _COLUMNS_ADVICE))
        return
    for line, row in enumerate(lines[1:], start=2):
        if not row:
            continue
        # With the split limited, the last column keeps any bars that a user wrote into it.
        fields = row.split("|", len(names) - 1)
        if len(fields) != len(names):
            message = f"Has {len(fields)} fields, not {len(names)}."
            problems.append(sacct.problem(line, "slurm.field_count", message))
            continue
        values = dict(zip(names, fields, strict=True))
        name = values.get("JobID") or values.get("JobIDRaw", "")
        if "." in name:
            continue  # a step: its job's own row holds the cards
        try:
            yield _text_row(line, name, values, sacct.kinds)
        except ValueError as error:
            problems.append(sacct.problem(line, "slurm.job", f"The row is not whole: {error}."))


def _text_row(line: int, name: str, row: Mapping[str, str], kinds: frozenset[str]) -> _Job:
    if not name or not row["Cluster"]:
        raise ValueError("it has no JobID or no Cluster")
    elapsed = _seconds(row.get("ElapsedRaw") or row.get("Elapsed", ""))
    suspended = _seconds(row.get("Suspended", ""))
    return _Job(
        line=line,
        name=name,
        cluster=row["Cluster"],
        account=row["Account"],
        state=_state(row["State"]),
        submit=row.get("Submit", ""),
        start=row["Start"],
        end=row["End"],
        held_seconds=None if elapsed is None else elapsed + (suspended or 0),
        cards=cards_of(row["AllocTRES"], kinds),
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


def cards_of(tres: str, kinds: frozenset[str] = CARD_KINDS) -> dict[str, int]:
    """The cards in a list of trackable resources, by type.

    tres     e.g. "billing=8,cpu=8,gres/gpu:a100=4,gres/gpu=4,node=2": totals over all nodes
    kinds    which generic resources are cards
    returns  {"a100": 4}: typed entries beat the untyped total; what that total has beyond them
             is of the kind's own name, "gpu" or "shard"
    raises   ValueError when a count is no number
    """
    typed: dict[str, int] = {}
    total: dict[str, int] = {}
    for entry in tres.split(","):
        name, _, count = entry.partition("=")
        kind, _, card_type = name.removeprefix("gres/").partition(":")
        if not name.startswith("gres/") or kind not in kinds:
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
    "--format=JobID,Cluster,Account,State,Submit,Start,End,ElapsedRaw,Suspended,AllocTRES."
)
_EXPORT_ADVICE = "Run sacct again; if it prints the same, correct the job in Slurm's accounting."
