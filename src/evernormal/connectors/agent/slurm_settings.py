"""The tables [slurm] and [enforcement] of agent.toml: their schemas, and what is made of them."""

import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evernormal.connectors.agent.enforcement import Enforcement, EnforcementRules
from evernormal.connectors.agent.enforcement_balances import BalanceDesk
from evernormal.connectors.agent.enforcement_slurm import SlurmLimits
from evernormal.connectors.agent.settings import AgentSettings
from evernormal.connectors.agent.slurm import SlurmAccounting, SlurmSource
from evernormal.connectors.agent.slurm_commands import SlurmCommands
from evernormal.connectors.agent.slurm_rest import RestAddress, SlurmRest
from evernormal.connectors.agent.slurm_sacct import SacctCommand
from evernormal.formats.problems import InputProblems, Problem

_DAY: Final = 86_400
_TEXT: Final[Mapping[str, Any]] = {"type": "string", "minLength": 1}
_NAME = re.compile(r"[A-Za-z0-9_.:-]+")
_REST_URL = re.compile(r"https?://.+|http\+unix:/.+")

SLURM_SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": "the table [slurm]; empty for sacct on this machine",
    "additionalProperties": False,
    "properties": {
        "clusters": {
            "type": "array",
            "minItems": 1,
            "items": _TEXT,
            "description": "the clusters to meter; left out for all that sacct knows",
        },
        "rest_url": {**_TEXT, "description": "slurmrestd, instead of sacct"},
        "rest_user": {**_TEXT, "description": "the user of the token"},
        "rest_token_file": {**_TEXT, "description": "the file with the token"},
        "rest_ca_file": {**_TEXT, "description": "a PEM file of the authority of rest_url"},
        "timeout_seconds": {
            "type": "integer",
            "minimum": 1,
            "maximum": 3_600,
            "description": "how long Slurm may take to answer",
        },
    },
}
ENFORCEMENT_SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": "the table [enforcement]: limits and refusals in Slurm",
    "additionalProperties": False,
    "properties": {
        "resources": {
            "type": "object",
            "description": "Slurm's names by card type, where they do not begin with gpu:",
            "additionalProperties": _TEXT,
        },
        "every_seconds": {
            "type": "integer",
            "minimum": 1,
            "maximum": 60,
            "description": "how often balances are asked for",
        },
        "balance_file": {**_TEXT, "description": "the file that job_submit.lua reads"},
        "refuse_after_seconds": {
            "type": "integer",
            "minimum": 120,
            "maximum": 31 * _DAY,
            "description": "how long the platform may be away before new jobs are refused",
        },
        "cancel_after_seconds": {
            "type": "integer",
            "minimum": 0,
            "maximum": 31 * _DAY,
            "description": "how long jobs may go on after their voucher closed",
        },
    },
}


@dataclass(frozen=True, slots=True)
class SlurmSetup:
    """Makes the source, and the duty where agent.toml has a table [enforcement].

    folder   where relative paths of agent.toml begin
    now      the agent's clock
    """

    settings: AgentSettings
    folder: Path
    now: Callable[[], datetime]

    def check(self) -> None:
        """Look at what a schema cannot say.

        raises   InputProblems
        """
        table, enforcement = self._table(), self.settings.sections.get("enforcement", {})
        problems = []
        url = table.get("rest_url", "http://localhost")
        if not _REST_URL.fullmatch(url):
            todo = "Write http://host:6820, https://..., or http+unix:/path/of/socket."
            problems.append(_problem("slurm.rest_url", f'"{url}" is no address.', todo))
        named = {f"slurm.clusters[{i}]": name for i, name in enumerate(table.get("clusters", ()))}
        for card_type, name in enforcement.get("resources", {}).items():
            named[f"enforcement.resources.{card_type}"] = name
        for place, name in named.items():
            if not _NAME.fullmatch(name):
                todo = "Write it as Slurm does: letters, digits and _ . : - alone."
                problems.append(_problem(place, f'"{name}" is no name in Slurm.', todo))
        if problems:
            raise InputProblems(problems)

    def source(self, duty: Enforcement | None) -> SlurmSource:
        """Make the meter; the duty, if there is one, learns of every pull."""
        return SlurmSource(self._accounting(), on_pull=duty.note_use if duty else None)

    def duty(self, key: Ed25519PrivateKey) -> Enforcement | None:
        """Make the enforcement.

        raises   SourceAway when its memory cannot be read
        """
        table = self.settings.sections.get("enforcement")
        if table is None:
            return None
        waiting = self.settings.spool / "waiting"
        return Enforcement(
            desk=BalanceDesk(
                trusted=ssl.create_default_context(cafile=self.settings.platform.ca_file),
                platform=self.settings.platform,
                provider_id=self.settings.reach.provider_id,
                key=key,
                now=self.now,
            ),
            slurm=SlurmLimits(self._commands()),
            rules=EnforcementRules(
                resources=table.get("resources", {}),
                memory_file=self.settings.spool / "enforcement.json",
                balance_file=self._path(table, "balance_file"),
                refuse_after_seconds=table.get("refuse_after_seconds"),
                cancel_after_seconds=table.get("cancel_after_seconds"),
            ),
            is_all_sent=lambda: not any(waiting.glob("*.json")),
            every_seconds=table.get("every_seconds", 30),
        )

    def _accounting(self) -> SlurmAccounting:
        table = self._table()
        if "rest_url" not in table:
            return SacctCommand(self._commands(), tuple(table.get("clusters", ())))
        return SlurmRest(
            RestAddress(
                url=table["rest_url"],
                user=table.get("rest_user", ""),
                token_file=self._path(table, "rest_token_file"),
                ca_file=self._path(table, "rest_ca_file"),
                timeout_seconds=table.get("timeout_seconds", 120),
                clusters=tuple(table.get("clusters", ())),
            )
        )

    def _commands(self) -> SlurmCommands:
        return SlurmCommands(timeout_seconds=self._table().get("timeout_seconds", 120))

    def _table(self) -> Mapping[str, Any]:
        return self.settings.sections["slurm"]

    def _path(self, table: Mapping[str, Any], name: str) -> Path | None:
        return self.folder / table[name] if name in table else None


def _problem(place: str, message: str, todo: str) -> Problem:
    return Problem("agent.toml", None, place, "settings.value", message, todo)
