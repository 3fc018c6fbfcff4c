"""Write RECORDING.md: how a recording was made, and what an independent sum finds in it."""
# ruff: noqa: S603 - it runs dpkg-query and awk by name

from __future__ import annotations

import csv
import json
import subprocess
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workload import JSON_TAKEN_AT, PERIOD_ENDS_AT, SHANGHAI, STARTS_AT, TEXT_TAKEN_AT

if TYPE_CHECKING:
    from collections.abc import Iterable

HERE: Final = Path(__file__).resolve().parent
PERIOD_STARTS_AT: Final = datetime(2026, 3, 1, tzinfo=SHANGHAI)
PACKAGES: Final = ("slurm-wlm", "slurmdbd", "munge", "mariadb-server", "faketime")

NOTE: Final = """\
# The Slurm recording

Made by `python tools/slurm/record_usage.py {folder}`
in {seconds} seconds. Nothing in the two sacct files was changed by hand; this note is written by
the same command.

## What is real and what is not

Real: munge, MariaDB, slurmdbd, slurmctld, one slurmd per node, every job (an accepted `sbatch`, a
running process), every state, preemption, requeue and step, and sacct itself. Versions:

{packages}

Not real: the cards (character devices that swallow everything, so no utilisation), the size of
the nodes (`config_overrides`), the work (jobs wait), and **the clock**. libfaketime gives all
daemons and commands the machine's clock plus an offset kept in one file. It runs at its usual
speed while anything happens and is put forward, in leaps of up to 30 minutes, to the next moment
at which something will. So the times agree with one another to the second, but ten days took
minutes. Where Slurm acted during a leap (a start from the queue) the moment may lie up to a leap
late. A requeued job waits a day: Slurm lets its old credential lapse first, and `cred_expire` must
outlast the leaps. The database keeps the machine's clock; no recorded column comes from it.

Cluster `guian`, time zone Asia/Shanghai: `gpu-a[01-06]` 8 x a100, `gpu-h[01-04]` 8 x h100,
`npu-d[01-02]` 8 x ascend910b, `cpu-c01` without cards. From {starts} to {ends}.

## Files

| File | Command | Taken at (epoch) | Bytes | Job rows | Step rows |
|---|---|---|---|---|---|
{files}

Both print what lies in the accounting database at that moment, so the later file repeats the
earlier one. The text has epoch seconds by `SLURM_TIME_FORMAT=%s`; `--json` must do without it, or
sacct 22.05 finds no jobs. A run is (cluster, JobIDRaw, Start).

{overlap}

{span}

## Job rows by state

| State | JSON | Text |
|---|---|---|
{states}

## Rows worth a look

| Job name | What befell it |
|---|---|
| `low-h100`, `low-a100` | thrown out by `high-*`: a row PREEMPTED, another for the second run |
| `low-ascend910b` | RUNNING in the JSON; PREEMPTED, with a second run, in the text |
| `doomed`, `unlucky` | their node went down: NODE_FAIL, without and with a second run |
| `again` | `scontrol requeue`: first run REQUEUED |
| `paused-day`, `paused-night` | suspended for 2.5 hours, which ElapsedRaw leaves out |
| `never` | cancelled before it started: no Start, no AllocTRES |
| `sweep`, `score` | arrays: JobID `N_T`, JobIDRaw a number of its own |
| `pair` | heterogeneous: JobID `N+0` and `N+1` |
| `untyped` | asked for `gpu:3`; the type stands in AllocTRES only |
| `across-*`, `ends-just-before` | handed in around 2026-04-01 00:00; the queue decides the start |
| `after-*`, `still-running` | start in April; the last has no End in either file |
| `prepare-*` | no cards |

Account `otherfirm` belongs to no contract.

## Card-seconds held in March 2026, by account and type

[2026-03-01 00:00, 2026-04-01 00:00) Asia/Shanghai, from the text file, job rows only, every run,
Start to End (a suspended job keeps its cards):

```sh
awk -f tools/slurm/card_seconds.awk -v from={period_from} -v until={period_until} \\
    {text_path}
```

| Account | Type | Card-seconds | Card-hours |
|---|---|---|---|
{held}
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One job row of either file, as far as this note needs it."""

    key: tuple[str, int, int]
    state: str
    end: int


def read_text_rows(path: Path) -> list[dict[str, str]]:
    """Read parsable2 rows; sacct quotes nothing, so neither does this."""
    with path.open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows, delimiter="|", quoting=csv.QUOTE_NONE))


def seconds_of(column: str) -> int:
    """Read an epoch second; 0 for Unknown and None, as the JSON has it."""
    return int(column) if column.isdecimal() else 0


def text_runs(rows: Iterable[dict[str, str]]) -> list[Run]:
    """Give the job rows of the text file."""
    return [
        Run(
            (row["Cluster"], int(row["JobIDRaw"]), seconds_of(row["Start"])),
            row["State"].split()[0],
            seconds_of(row["End"]),
        )
        for row in rows
        if "." not in row["JobID"]
    ]


def json_runs(jobs: Iterable[dict[str, Any]]) -> list[Run]:
    """Give the jobs of the JSON file."""
    return [
        Run(
            # null for a job that never started
            (job["cluster"], job["job_id"], job["time"]["start"] or 0),
            job["state"]["current"],
            job["time"]["end"],
        )
        for job in jobs
    ]


def describe_overlap(early: list[Run], late: list[Run]) -> str:
    """Say how the two files repeat and complete each other."""
    late_by_key = {run.key: run for run in late}
    both = [(run, late_by_key[run.key]) for run in early if run.key in late_by_key]
    same = sum(a == b for a, b in both)
    finished = sum(a.state in {"RUNNING", "SUSPENDED"} and b.end > 0 for a, b in both)
    return (
        f"{len(both)} runs are in both files, {same} of them with the same state and end; "
        f"{finished} were\nrunning in the JSON and are over in the text. "
        f"{len(early) - len(both)} are only in the JSON, {len(late) - len(both)} only in the text."
    )


def describe_span(runs: list[Run]) -> str:
    """Say from when to when the runs go, and how many cross a midnight or the period's end."""
    spans = [
        (datetime.fromtimestamp(start, SHANGHAI), datetime.fromtimestamp(run.end, SHANGHAI))
        for run in runs
        if (start := run.key[2]) and run.end
    ]
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    at_night = sum(start.date() < end.date() for start, end in spans)
    at_period_end = sum(start < PERIOD_ENDS_AT < end for start, end in spans)
    return (
        f"In the text, the first run starts at {first:%Y-%m-%d %H:%M:%S}, the last ends at "
        f"{last:%Y-%m-%d %H:%M:%S};\n{at_night} runs cross a local midnight, "
        f"{at_period_end} of them the period's end."
    )


def table(rows: Iterable[Iterable[object]]) -> str:
    """Lay out Markdown table rows."""
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)


def sum_held(text: Path) -> str:
    """Run the awk program that the note names, and lay out what it finds."""
    program, window = HERE / "card_seconds.awk", (PERIOD_STARTS_AT, PERIOD_ENDS_AT)
    start, end = (int(at.timestamp()) for at in window)
    command = ["awk", "-f", str(program), "-v", f"from={start}", "-v", f"until={end}", str(text)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rows = [line.split("|") for line in printed.splitlines()]
    total = sum(int(seconds) for _, _, seconds in rows)
    body = [(*row, f"{int(row[2]) / 3600:,.2f}") for row in rows]
    return table([*body, ("**all**", "", total, f"{total / 3600:,.2f}")])


def write_note(out: Path, json_name: str, text_name: str, seconds: int) -> None:
    """Write RECORDING.md beside the two files, from what stands in them."""
    jobs = json.loads((out / json_name).read_text())["jobs"]
    rows = read_text_rows(out / text_name)
    early, late = json_runs(jobs), text_runs(rows)
    steps = (sum(len(job["steps"]) for job in jobs), len(rows) - len(late))
    early_states = Counter(run.state for run in early)
    late_states = Counter(run.state for run in late)
    asked = "sacct -D -a -S 2026-03-01T00:00:00"
    files = [
        (f"`{name}`", f"`{asked} {form}`", int(at.timestamp()), (out / name).stat().st_size, n, m)
        for name, form, at, n, m in (
            (json_name, "--json", JSON_TAKEN_AT, len(early), steps[0]),
            (text_name, "--parsable2 --format=...", TEXT_TAKEN_AT, len(late), steps[1]),
        )
    ]
    packages = ["dpkg-query", "-W", "-f", "- ${Package} ${Version}\n", *PACKAGES]
    versions = subprocess.run(packages, check=True, capture_output=True, text=True).stdout
    folder = Path("examples/guizhou-2026/usage")
    note = NOTE.format(
        folder=folder,
        seconds=seconds,
        packages=versions.rstrip(),
        starts=f"{STARTS_AT:%Y-%m-%d %H:%M}",
        ends=f"{TEXT_TAKEN_AT:%Y-%m-%d %H:%M}",
        files=table(files),
        overlap=describe_overlap(early, late),
        span=describe_span(late),
        states=table(
            (state, early_states[state], late_states[state])
            for state in sorted(early_states | late_states)
        ),
        period_from=int(PERIOD_STARTS_AT.timestamp()),
        period_until=int(PERIOD_ENDS_AT.timestamp()),
        text_path=folder / text_name,
        held=sum_held(out / text_name),
    )
    (out / "RECORDING.md").write_text(note)
