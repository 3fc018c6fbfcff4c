"""A started Slurm cluster, and the commands sent to it."""

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from evernormal.connectors.agent.slurm_commands import SlurmCommands

CLUSTER_SH = Path(__file__).parents[2] / "tools" / "slurm" / "cluster.sh"
# Present on every Debian, and not root: limits and tokens are for ordinary users.
USER = "games"
REST_USER = "daemon"
_BINARIES = ("slurmctld", "slurmdbd", "slurmd", "slurmrestd", "munged", "mariadbd", "sacctmgr")


def why_not() -> str:
    """Why no cluster can be started here; "" when one can."""
    if not os.environ.get("EVERNORMAL_SLURM"):
        return "takes a minute or two; set EVERNORMAL_SLURM=1 to run it on a real Slurm cluster"
    if os.geteuid() != 0:
        return "a Slurm cluster needs root: it makes device files and runs jobs as other users"
    missing = [name for name in _BINARIES if shutil.which(name) is None]
    return f"Slurm is not installed (no {', '.join(missing)})" if missing else ""


@dataclass(frozen=True, slots=True)
class RealCluster:
    """A cluster in a folder. `port` is the first of its ports."""

    root: Path
    port: int

    def start(self, *, card_nodes: str, job_submit: Path) -> None:
        """Start all daemons; the port of slurmrestd is four above the first."""
        env = os.environ | {
            "CLUSTER_PORT_BASE": str(self.port),
            "CLUSTER_CARD_NODES": card_nodes,
            "CLUSTER_JOB_SUBMIT": str(job_submit),
            "CLUSTER_REST": REST_USER,
        }
        subprocess.run([CLUSTER_SH, "start", self.root], env=env, check=True)

    def stop(self) -> None:
        """End all daemons."""
        subprocess.run([CLUSTER_SH, "stop", self.root], check=True)

    @property
    def balance_file(self) -> Path:
        """Where job_submit.lua looks."""
        return self.root / "etc" / "evernormal-balances.tsv"

    def env(self) -> dict[str, str]:
        """What Slurm's commands need to find this cluster."""
        lines = (self.root / "env").read_text().splitlines()
        pairs = (word.split("=", maxsplit=1) for line in lines for word in shlex.split(line)[1:])
        return dict(pairs)

    def commands(self) -> SlurmCommands:
        """The agent's own way to Slurm."""
        return SlurmCommands(environment={"SLURM_CONF": self.env()["SLURM_CONF"]})

    def ask(self, *command: str) -> str:
        """Run a command as root."""
        env = os.environ | self.env() | {"SLURM_TIME_FORMAT": "%s"}
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{shlex.join(command)}: {done.stdout}{done.stderr}"
        return done.stdout

    def add_accounts(self, *names: str) -> None:
        """Make accounts, with the user in each; slurmctld hears of them a moment later."""
        known = self.ask("sacctmgr", "-n", "-P", "show", "account", "format=account").split()
        for name in set(names) - set(known):
            self.ask("sacctmgr", "-i", "add", "account", name, "description=firm")
            command = ["sacctmgr", "-i", "add", "user", USER, f"account={name}"]
            self.ask(*command, "qos=normal,low,high")
        self.wait_for(lambda: all(name in self.ask("sshare", "-a", "-n") for name in names))

    def try_to_submit(self, *options: str, work: str = "sleep 2") -> tuple[str, str]:
        """Hand in a job as an ordinary user: its number, and what sbatch complained about."""
        command = ["runuser", "-u", USER, "--", "sbatch", "--parsable", "--chdir=/"]
        command += ["--output=/dev/null", *options]
        env = os.environ | self.env() | {"LC_ALL": "C.UTF-8"}
        script = f"#!/bin/bash\n{work}\n"
        done = subprocess.run(
            command, env=env, cwd="/", input=script, capture_output=True, text=True, check=False
        )
        return done.stdout.strip(), done.stderr

    def submit(self, *options: str, work: str = "sleep 2") -> str:
        """Hand in a job that is taken; give its number."""
        number, complaint = self.try_to_submit(*options, work=work)
        assert number, complaint
        return number

    def as_user(self, *command: str) -> str:
        """Run a command as the ordinary user; what it complained about."""
        env = os.environ | self.env()
        whole = ["runuser", "-u", USER, "--", *command]
        done = subprocess.run(whole, env=env, cwd="/", capture_output=True, text=True, check=False)
        return done.stderr.strip()

    def state_of(self, job: str) -> str:
        """The short state and the reason of a job that is known to slurmctld."""
        return self.ask("squeue", "-h", "-t", "all", "-j", job, "-o", "%t %r").strip()

    def cancel_all(self) -> None:
        """Leave no job behind."""
        self.ask("scancel", "--quiet", f"--user={USER}")
        self.wait_for(lambda: not self.ask("squeue", "-h"))

    def wait_for(self, is_so: Callable[[], bool], *, seconds: float = 30) -> None:
        """Wait until something is so."""
        give_up_at = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < give_up_at, "it did not come to be so in time"
            time.sleep(0.2)
