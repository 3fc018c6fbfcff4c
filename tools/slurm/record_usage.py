"""Record what sacct prints on a real Slurm cluster with make-believe cards.

    python tools/slurm/record_usage.py OUT_DIR        (as root, on Debian or Ubuntu; 5 to 9 minutes)

The cluster of `cluster.sh` is started on a clock of its own, the jobs of `workload.py` are run on
it, and sacct is asked twice. The clock goes at its usual speed while anything happens and is put
forward, for all daemons at once, to the next moment at which something will.
"""
# ruff: noqa: S603, S607 - it runs Slurm's own commands by name
# ruff: noqa: TID251 - it makes a clock, so it has to read the machine's

from __future__ import annotations

import argparse
import os
import pwd
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from recording_note import write_note
from workload import SHANGHAI, STARTS_AT, USERS, Event, PlannedJob, What, plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HERE: Final = Path(__file__).resolve().parent
JSON_NAME: Final = "sacct-2026-03.json"
TEXT_NAME: Final = "sacct-2026-03.txt"
RECORDED_SINCE: Final = "2026-03-01T00:00:00"
# Comment last: it is the one column a user may fill with anything, a bar included.
COLUMNS: Final = (
    "JobID,JobIDRaw,Cluster,Account,User,Partition,QOS,State,Submit,Eligible,Start,End,ElapsedRaw,"
    "Suspended,AllocNodes,AllocTRES,ReqTRES,NodeList,ExitCode,TimelimitRaw,JobName,Comment"
)
# munge refuses a credential older than an hour, so no message may see more than this go by.
LEAP_SECONDS_MAX: Final = 1_800
LEAP_PAUSE_SECONDS: Final = 0.08
POLL_SECONDS: Final = 0.15
SETTLE_SECONDS_MAX: Final = 6.0
# slurmctld hands the starts of queued jobs to slurmdbd every 5 seconds, on the machine's clock.
HANDED_OVER_SECONDS: Final = 12

# bash hides its environment from libfaketime, so a job reads the offset itself; `read -t` on a
# pipe that nobody writes to is a wait without a new process.
JOB_SCRIPT: Final = """#!/bin/bash
exec 9<> <(:)
read_clock() { read -r offset <"$FAKETIME_TIMESTAMP_FILE"; now=$((EPOCHSECONDS + ${offset:-0})); }
read_clock
end=$((now + WORK_SECONDS))
if [ "$HAS_STEP" = 1 ]; then
    LD_PRELOAD=$CLOCK_LIBRARY srun --job-name=warm-up bash -c 'exec true'
fi
while read_clock; ((now < end)); do read -rt 0.15 -u 9 || :; done
exit "$EXIT_CODE"
"""


class Clock:
    """The cluster's clock: the machine's, plus the offset in a file that libfaketime reads."""

    def __init__(self, path: Path, starts_at: datetime) -> None:
        self.path = path
        self._set(round(starts_at.timestamp() - time.time()))

    def now(self) -> datetime:
        """Give the time on the cluster."""
        return datetime.fromtimestamp(time.time() + self.offset, SHANGHAI)

    def advance_to(self, at: datetime) -> None:
        """Put the clock forward in leaps; a moment that has gone by is left alone."""
        while (ahead := int((at - self.now()).total_seconds()) + 1) > 0:
            self._set(self.offset + min(ahead, LEAP_SECONDS_MAX))
            time.sleep(LEAP_PAUSE_SECONDS)

    def _set(self, offset: int) -> None:
        self.offset = offset
        draft = self.path.with_suffix(".draft")
        draft.write_text(f"{offset:+d}\n")
        draft.chmod(0o644)
        # In one move: a daemon that reads an empty file would be back in the machine's time.
        draft.replace(self.path)


@dataclass(slots=True)
class Cluster:
    """A started cluster and the commands sent to it."""

    folder: Path
    clock: Clock
    made_users: list[str] = field(default_factory=list)

    @property
    def root(self) -> Path:
        """The folder that cluster.sh fills."""
        return self.folder / "cluster"

    def start(self) -> None:
        """Start all daemons, on this cluster's clock."""
        env = {**os.environ, "CLUSTER_CLOCK": str(self.clock.path)}
        subprocess.run([HERE / "cluster.sh", "start", self.root], env=env, check=True)

    def stop(self) -> None:
        """End all daemons, and remove the system users that were made."""
        if (self.root / "env").exists():
            subprocess.run([HERE / "cluster.sh", "stop", self.root], check=True)
        for user in self.made_users:
            subprocess.run(["userdel", user], check=True)
        self.made_users.clear()

    def env(self) -> dict[str, str]:
        """Give the environment in which Slurm's commands find this cluster and its clock."""
        lines = (self.root / "env").read_text().splitlines()
        pairs = (word.split("=", maxsplit=1) for line in lines for word in shlex.split(line)[1:])
        return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **dict(pairs)}

    def ask(self, *command: str) -> str:
        """Run a Slurm command as root and give what it printed, times in epoch seconds."""
        env = self.env()
        # With it, `sacct -S ... --json` cannot read its own times: it answers with no jobs at all
        # (Slurm 22.05). The JSON has epoch seconds anyway.
        if "--json" not in command:
            env["SLURM_TIME_FORMAT"] = "%s"
        done = subprocess.run(command, env=env, check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{shlex.join(command)}: {done.stderr.strip()}")
        return done.stdout

    def add_people(self) -> None:
        """Make the accounts, and a system user for each of their people."""
        present = {entry.pw_name for entry in pwd.getpwall()}
        for account, users in USERS.items():
            self.ask("sacctmgr", "-i", "add", "account", account, "description=firm")
            for user in users:
                if user not in present:
                    command = ["useradd", "--no-create-home", "--shell", "/usr/sbin/nologin", user]
                    subprocess.run(command, check=True)
                    self.made_users.append(user)
                qos = "qos=normal,low,high"
                self.ask("sacctmgr", "-i", "add", "user", user, f"account={account}", qos)
        time.sleep(2)  # slurmctld hears of a new account about a second later

    def submit(self, job: PlannedJob) -> str:
        """Hand a job in as its user; give its number."""
        env = self.env()
        env |= {
            "CLOCK_LIBRARY": env["LD_PRELOAD"],
            "WORK_SECONDS": str(job.work_seconds),
            "EXIT_CODE": str(job.exit_code),
            "HAS_STEP": str(int(job.has_step)),
        }
        handed_on = "PATH,SLURM_CONF,TZ,FAKETIME_TIMESTAMP_FILE,FAKETIME_NO_CACHE,NO_FAKE_STAT"
        handed_on += ",FAKETIME_DONT_FAKE_MONOTONIC,CLOCK_LIBRARY,WORK_SECONDS,EXIT_CODE,HAS_STEP"
        command = ["sbatch", "--parsable", "--chdir=/tmp", "--output=/dev/null"]
        command += [f"--export={handed_on}", f"--job-name={job.name}", f"--account={job.account}"]
        command += [f"--time={job.limit_minutes}", *job.options]
        done = subprocess.run(
            command,
            env=env,
            cwd="/tmp",  # noqa: S108 - the same on every machine, as a recording should be
            user=job.user,
            group=job.user,
            extra_groups=[],
            input=JOB_SCRIPT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"sbatch refused {job.name}: {done.stderr.strip()}")
        return done.stdout.strip()

    def queue(self) -> list[tuple[str, str, str]]:
        """List (job name, state, start) of all jobs that are not over."""
        rows = self.ask("squeue", "-h", "-r", "-o", "%j|%t|%S").splitlines()
        return [(name, state, start) for name, state, start in (row.split("|") for row in rows)]


@dataclass(slots=True)
class Recorder:
    """Walks through the events and the ends of jobs, whichever comes first."""

    cluster: Cluster
    out: Path
    jobs: dict[str, PlannedJob] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)

    def run(self, events: Sequence[Event]) -> None:
        """Carry out all events, each at its moment on the cluster's clock."""
        clock = self.cluster.clock
        pending = list(events)
        while pending:
            due_at = min((end for end in self.ends() if end > clock.now()), default=pending[0].at)
            clock.advance_to(min(due_at, pending[0].at))
            while pending and pending[0].at <= clock.now():
                event = pending.pop(0)
                print(f"{clock.now():%m-%d %H:%M:%S} {event.what.value} {event.target}", flush=True)
                self.do(event)
            self.settle()

    def ends(self) -> Iterator[datetime]:
        """Give when each running job should be over."""
        for name, state, start in self.cluster.queue():
            if state == "R" and start.isdecimal():
                held = timedelta(seconds=self.jobs[name].held_seconds_max)
                yield datetime.fromtimestamp(int(start), SHANGHAI) + held

    def settle(self) -> None:
        """Wait, at the clock's usual speed, until Slurm has done all that is due."""
        before: object = None
        give_up_at = time.monotonic() + SETTLE_SECONDS_MAX
        while time.monotonic() < give_up_at:
            time.sleep(POLL_SECONDS)
            queue = self.cluster.queue()
            is_over = all(end > self.cluster.clock.now() for end in self.ends())
            if is_over and queue == before and all(state != "CG" for _, state, _ in queue):
                return
            before = queue

    def do(self, event: Event) -> None:
        """Carry out one event."""
        ask, target = self.cluster.ask, event.target
        match event.what:
            case What.SUBMIT:
                assert event.job is not None, event  # noqa: S101 - a plan's mistake is a bug
                self.jobs[target] = event.job
                self.numbers[target] = self.cluster.submit(event.job)
            case What.CANCEL:
                ask("scancel", self.numbers[target])
            case What.SUSPEND | What.RESUME | What.REQUEUE:
                ask("scontrol", event.what.value, self.numbers[target])
            case What.NODE_DOWN:
                ask("scontrol", "update", f"nodename={target}", "state=down", "reason=power")
            case What.NODE_UP:
                ask("scontrol", "update", f"nodename={target}", "state=resume")
            case What.TAKE_JSON:
                self.save(JSON_NAME, "--json")
            case What.TAKE_TEXT:
                self.save(TEXT_NAME, "--parsable2", f"--format={COLUMNS}")

    def save(self, name: str, *options: str) -> None:
        """Keep what sacct prints, to the byte, once all starts are in the database."""
        time.sleep(HANDED_OVER_SECONDS)
        printed = self.cluster.ask("sacct", "-D", "-a", "-S", RECORDED_SINCE, *options)
        (self.out / name).write_text(printed)


def refuse_traces(out: Path, folder: Path) -> None:
    """Stop if a file names this machine or a folder of it."""
    traces = re.compile(rf"\b{re.escape(socket.gethostname())}\b|{re.escape(str(folder))}|/root/")
    for name in (JSON_NAME, TEXT_NAME):
        for number, line in enumerate((out / name).read_text().splitlines(), start=1):
            if traces.search(line.replace("\\/", "/")):
                raise RuntimeError(f"{name}:{number} names this machine: {line.strip()}")


def record(out: Path) -> None:
    """Start the cluster, run the plan, save the files into `out`, and take the cluster down."""
    out.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="guian-"))
    folder.chmod(0o755)  # the jobs of ordinary users read the clock in it
    clock = Clock(folder / "clock", STARTS_AT)
    cluster = Cluster(folder, clock)
    began = time.monotonic()
    try:
        cluster.start()
        cluster.add_people()
        Recorder(cluster, out).run(plan())
        refuse_traces(out, folder)
    finally:
        cluster.stop()
    write_note(out, JSON_NAME, TEXT_NAME, round(time.monotonic() - began))
    shutil.rmtree(folder)


def main() -> int:
    """Read the command line, record, and say where the files are."""
    parser = argparse.ArgumentParser(description="Record sacct's output on a real Slurm cluster.")
    parser.add_argument("out", type=Path, metavar="OUT_DIR")
    out: Path = parser.parse_args().out.resolve()
    if os.geteuid() != 0:
        print("record_usage.py needs root: it makes device files and users.", file=sys.stderr)
        return 2
    record(out)
    print(f"Recorded into {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
