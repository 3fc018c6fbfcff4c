"""Slurm's own limits and counters: what accounts have used, and how much more they may."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from evernormal.connectors.agent.slurm_commands import NotChanged, SlurmCommands
from evernormal.connectors.agent.source import SourceAway

# Longer argument lists than this are near the kernel's limit.
_ACCOUNTS_MAX: Final = 1_000
_SETTING = re.compile(r"^(\w+)\s*= ?(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class AccountUse:
    """One account, in minutes by generic resource ("gpu:a100"), as slurmctld has them now.

    used     what it has counted, rounded down
    limits   the GrpTRESMins in force, of generic resources alone
    """

    used: Mapping[str, int]
    limits: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SlurmLimits:
    """Reads and sets GrpTRESMins of a cluster's accounts."""

    commands: SlurmCommands = field(default_factory=SlurmCommands)

    def read_settings(self) -> dict[str, str]:
        """The settings of slurmctld.

        raises   SourceAway
        """
        return dict(_SETTING.findall(self.commands.ask("scontrol", "show", "config")))

    def read_use(self, accounts: Sequence[str]) -> dict[str, AccountUse]:
        """What accounts have used; one that the cluster does not know is left out.

        raises   SourceAway
        """
        found = {}
        for start in range(0, len(accounts), _ACCOUNTS_MAX):
            names = ",".join(accounts[start : start + _ACCOUNTS_MAX])
            columns = "Account,User,GrpTRESMins,GrpTRESRaw"
            printed = self.commands.ask("sshare", "-P", "-n", "-A", names, "-o", columns)
            for line in printed.splitlines():
                account, user, limits, used = line.split("|")
                if not user:
                    found[account.strip()] = AccountUse(minutes_of(used), minutes_of(limits))
        return found

    def set_limits(self, account: str, *, cluster: str, minutes: Mapping[str, int]) -> None:
        """Set limits of one account, and leave its others as they are.

        minutes  by generic resource, >= 0
        raises   SourceAway, also when the cluster does not know the account or a resource
        """
        text = ",".join(f"gres/{name}={count}" for name, count in sorted(minutes.items()))
        where = ["where", f"name={account}", f"cluster={cluster}"]
        try:
            self.commands.ask(
                "sacctmgr", "-i", "modify", "account", *where, "set", f"GrpTRESMins={text}"
            )
        except NotChanged as error:
            raise SourceAway(f"sacctmgr knows no account {account} on {cluster}") from error

    def list_running(self, account: str) -> Iterator[tuple[str, frozenset[str]]]:
        """The jobs of an account that hold resources: number, and the names of its resources.

        raises   SourceAway
        """
        columns = "JobID:40,tres-alloc:4000"
        states = "RUNNING,SUSPENDED"
        printed = self.commands.ask("squeue", "-h", "-A", account, "-t", states, "-O", columns)
        for line in printed.splitlines():
            job, allocated = line[:40].strip(), line[40:].strip()
            yield job, frozenset(minutes_of(allocated))

    def cancel(self, job: str) -> None:
        """End a job. One that is over already is no failure.

        raises   SourceAway
        """
        self.commands.ask("scancel", "--quiet", job)


def minutes_of(tres: str) -> dict[str, int]:
    """The generic resources in a list such as "cpu=3,gres/gpu=4,gres/gpu:a100=4", by name."""
    found = {}
    for entry in tres.split(","):
        name, _, count = entry.partition("=")
        if name.startswith("gres/") and count.isdecimal():
            found[name.removeprefix("gres/")] = int(count)
    return found


def setting_faults(settings: Mapping[str, str], resources: Sequence[str]) -> Iterator[str]:
    """What in slurm.conf keeps limits from holding, each with what to write instead.

    settings   as `read_settings` gives them
    resources  that limits are set on, e.g. "gpu:a100"
    """
    enforced = settings.get("AccountingStorageEnforce", "").split(",")
    if "limits" not in enforced and "safe" not in enforced:
        yield "Slurm does not enforce limits: set AccountingStorageEnforce=limits,safe."
    elif "safe" not in enforced:
        yield (
            "Slurm ends running jobs when a limit is reached: "
            "set AccountingStorageEnforce=limits,safe to let jobs start only when they can end."
        )
    if not settings.get("PriorityType", "").endswith("multifactor"):
        yield "Slurm counts no use: set PriorityType=priority/multifactor."
    if settings.get("PriorityDecayHalfLife", "00:00:00") != "00:00:00":
        yield "Counted use fades: set PriorityDecayHalfLife=0."
    if settings.get("PriorityUsageResetPeriod", "NONE") != "NONE":
        yield "Counted use is forgotten from time to time: set PriorityUsageResetPeriod=NONE."
    counted = settings.get("AccountingStorageTRES", "").split(",")
    for name in resources:
        if f"gres/{name}" not in counted:
            yield f"Slurm does not count gres/{name}: add it to AccountingStorageTRES."
