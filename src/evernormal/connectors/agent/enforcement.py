"""Enforcement: what a voucher still pays becomes a limit in Slurm, and a gate for new jobs.

Slurm lets a job start when what its account has used, what its running jobs may still use and what
the new job asks for stay within GrpTRESMins. The platform knows what the voucher still pays after
the use it has been told of. So the limit is the use it has been told of plus what is left; what ran
since is in Slurm's own counter, and comes off by itself.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec

from evernormal.connectors.agent.enforcement_balances import OPEN, Balance, Balances
from evernormal.connectors.agent.enforcement_file import Gate, encode_gates, write_whole
from evernormal.connectors.agent.enforcement_memory import (
    Memory,
    counted_before,
    keep_memory,
    read_memory,
)
from evernormal.connectors.agent.enforcement_slurm import AccountUse, SlurmLimits, setting_faults
from evernormal.connectors.agent.source import SourceAway
from evernormal.formats.meters.slurm import CARD_KINDS

log = logging.getLogger("evernormal.agent")

_MINUTE = 60
# What sacct names by its kind alone: cards without a type, and parts of cards.
WITHOUT_TYPE = CARD_KINDS


class Desk(Protocol):
    """What knows the balances."""

    def ask(self) -> Balances:
        """Ask once; raises SourceAway."""
        ...


@dataclass(frozen=True, slots=True)
class EnforcementRules:
    """What the data centre chose.

    resources              names of generic resources, such as "npu:ascend910b", by card type, where
                           they are not "gpu:" and the type
    memory_file            where to remember
    balance_file           what job_submit.lua reads; None for no gate
    refuse_after_seconds   no new job starts when the platform has been away for so long; None for
                           going on with the last limits
    cancel_after_seconds   running jobs are ended so long after their voucher closed; None for never
    """

    memory_file: Path
    resources: Mapping[str, str] = field(default_factory=dict)
    balance_file: Path | None = None
    refuse_after_seconds: int | None = None
    cancel_after_seconds: int | None = None

    def resource_of(self, card_type: str) -> str:
        """Slurm's name of the generic resource that cards of a type are."""
        named = card_type if card_type in WITHOUT_TYPE else f"gpu:{card_type}"
        return self.resources.get(card_type, named)


@dataclass(slots=True)
class Enforcement:
    """The duty. `is_all_sent` tells whether the platform has all batches made so far."""

    desk: Desk
    slurm: SlurmLimits
    rules: EnforcementRules
    is_all_sent: Callable[[], bool]
    every_seconds: int = 30
    name: str = "enforcement"
    _memory: Memory = field(init=False)
    _at_pull: dict[str, dict[str, int]] | None = field(init=False, default=None)
    _cluster: str = field(init=False, default="")
    _noted: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        """Remember what was known before the agent ended.

        raises   SourceAway
        """
        self._memory = read_memory(self.rules.memory_file)

    def note_use(self, _until: datetime) -> None:
        """Note what Slurm has counted, just before the meter is read."""
        accounts = sorted({row.account for row in self._memory.balances.balances})
        try:
            use = self.slurm.read_use(accounts) if accounts else {}
        except SourceAway as error:
            log.warning("what accounts have used cannot be read: %s", error)
            return
        self._at_pull = {account: dict(found.used) for account, found in use.items()}

    def do(self, *, now: datetime) -> None:
        """Bring Slurm's limits and the gate to what the platform says now.

        raises   SourceAway when the platform or Slurm cannot be asked; the limits stay
        """
        if self._at_pull is not None and self.is_all_sent():
            self._keep(counted=self._at_pull)
            self._at_pull = None
        try:
            balances = self.desk.ask()
        except SourceAway:
            self._bear_absence(now)
            raise
        at = int(now.timestamp())
        self._keep(received_at=at, balances=balances, closed_since=self._closed_since(balances, at))
        gates = list(self._gates())
        self._write_gates(gates)
        self._set_limits(gates)
        self._cancel(gates, at)

    # --- The platform's answer --------------------------------------------------------------------

    def _gates(self) -> Iterator[Gate]:
        for row in self._memory.balances.balances:
            for card_type in row.card_types:
                yield Gate(
                    account=row.account,
                    resource=self.rules.resource_of(card_type),
                    state=row.state,
                    card_seconds=_remaining(row),
                    message_en=row.message.en,
                    message_zh=row.message.zh_Hans,
                )

    def _closed_since(self, balances: Balances, at: int) -> dict[str, int]:
        """Since when each account's resource is closed; those that are open are left out."""
        before = self._memory.closed_since
        closed = {}
        for row in balances.balances:
            for card_type in row.card_types:
                place = f"{row.account}/{self.rules.resource_of(card_type)}"
                if row.state != OPEN:
                    closed[place] = before.get(place, at)
                    if place not in before:
                        log.info("%s is closed to new jobs: %s", place, row.state)
                elif place in before:
                    log.info("%s is open to new jobs again", place)
        return closed

    # --- Slurm ------------------------------------------------------------------------------------

    def _write_gates(self, gates: list[Gate]) -> None:
        path, after = self.rules.balance_file, self.rules.refuse_after_seconds
        if path is None or self._memory.received_at is None:
            return
        good_until = None if after is None else self._memory.received_at + after
        try:
            write_whole(path, encode_gates(gates, good_until=good_until))
        except OSError as error:
            raise SourceAway(f"{path} cannot be written: {error}") from error

    def _set_limits(self, gates: list[Gate], *, is_frozen: bool = False) -> None:
        """Set what is not so already. A frozen account may use no more than it has used."""
        if not gates:
            return
        self._check_settings(gates)
        accounts = sorted({gate.account for gate in gates})
        use = self.slurm.read_use(accounts)
        failures = []
        for account in accounts:
            if account not in use:
                self._note(f"Slurm knows no account {account}, which the platform names")
                continue
            own = [gate for gate in gates if gate.account == account]
            try:
                self._set_account(account, use[account], own, is_frozen=is_frozen)
            except SourceAway as error:
                failures.append(f"{account}: {error}")
        if failures:
            raise SourceAway("limits could not be set: " + "; ".join(failures))

    def _set_account(
        self, account: str, use: AccountUse, gates: list[Gate], *, is_frozen: bool
    ) -> None:
        wanted = {}
        for gate in gates:
            resource = gate.resource
            if is_frozen:
                wanted[resource] = use.used.get(resource, 0)
                continue
            counted = counted_before(
                self._memory.counted, use.used, account=account, resource=resource
            )
            # Whole minutes, rounded down: a limit never lets through more than the voucher pays.
            wanted[resource] = counted + gate.card_seconds // _MINUTE
        changed = {name: n for name, n in wanted.items() if use.limits.get(name) != n}
        if not changed:
            return
        self.slurm.set_limits(account, cluster=self._cluster, minutes=changed)
        for name, minutes in sorted(changed.items()):
            before = use.limits.get(name, "none")
            used = use.used.get(name, 0)
            log.info(
                "limit of %s on %s: %s -> %d minutes, %d of them used",
                account,
                name,
                before,
                minutes,
                used,
            )

    def _cancel(self, gates: list[Gate], at: int) -> None:
        """End the running jobs of vouchers that closed long enough ago."""
        grace = self.rules.cancel_after_seconds
        if grace is None:
            return
        due: dict[str, set[str]] = {}
        for gate in gates:
            since = self._memory.closed_since.get(f"{gate.account}/{gate.resource}")
            if since is not None and at - since >= grace:
                due.setdefault(gate.account, set()).add(gate.resource)
        for account, resources in sorted(due.items()):
            for job, held in self.slurm.list_running(account):
                if held & resources:
                    log.info("job %s of %s is ended: its voucher is closed", job, account)
                    self.slurm.cancel(job)

    def _check_settings(self, gates: list[Gate]) -> None:
        """Read the cluster's name, and say what keeps limits from holding."""
        if self._cluster:
            return
        settings = self.slurm.read_settings()
        for fault in setting_faults(settings, sorted({gate.resource for gate in gates})):
            self._note(f"slurm.conf: {fault}")
        self._cluster = settings["ClusterName"]

    # --- Absence ----------------------------------------------------------------------------------

    def _bear_absence(self, now: datetime) -> None:
        """Keep the last limits; when they are too old, let no new job start."""
        after, received_at = self.rules.refuse_after_seconds, self._memory.received_at
        if after is None or received_at is None or now.timestamp() - received_at <= after:
            return
        log.warning("the platform has been away for too long: no new job may start")
        try:
            self._set_limits(list(self._gates()), is_frozen=True)
        except SourceAway as error:
            log.warning("the limits cannot be closed: %s", error)

    def _keep(self, **changes: object) -> None:
        memory = msgspec.structs.replace(self._memory, **changes)
        keep_memory(self.rules.memory_file, memory)
        self._memory = memory

    def _note(self, said: str) -> None:
        """Log a fault once: it shows at every round."""
        if said not in self._noted:
            self._noted.add(said)
            log.error("%s", said)


def _remaining(row: Balance) -> int:
    """Card-seconds that new jobs may ask for."""
    return row.remaining_card_seconds if row.state == OPEN else 0
