"""Slurm's accounting, asked through slurmrestd: over TCP with a token, or over a socket."""

import json
import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from evernormal.connectors.agent.slurm import slurm_moment
from evernormal.connectors.agent.source import SourceAway
from evernormal.formats.meters.reading import MeterReadings
from evernormal.formats.meters.slurm import Sacct, read_sacct_json

NOTHING_FOUND: Final = 9003
"""The error number with which slurmrestd says that no job fits (22.05)."""
_JOBS_PATH = re.compile(r"/slurmdb/v0\.0\.([0-9]+)/jobs/?")
_SHOWN_MAX = 300


@dataclass(frozen=True, slots=True)
class RestAddress:
    """Where slurmrestd listens, and as whom to ask.

    url             "http://host:6820", or "http+unix:/run/slurmrestd/socket"
    user            who asks: the token's user; over a socket the agent's own user counts
    token_file      holds the token, alone or as `scontrol token` prints it. It is read at every
                    question, because tokens run out
    ca_file         PEM of the authority of an https address; None for those the system trusts
    clusters        those to meter; none for slurmrestd's own
    """

    url: str
    user: str = ""
    token_file: Path | None = None
    ca_file: Path | None = None
    timeout_seconds: int = 120
    clusters: Sequence[str] = ()


class SlurmRest:
    """Asks slurmrestd. The version of its interface is found out at the first question."""

    def __init__(self, address: RestAddress) -> None:
        self._address = address
        socket = address.url.removeprefix("http+unix:") if "+unix:" in address.url else None
        transport = httpx.HTTPTransport(uds=socket) if socket else None
        self._client = httpx.Client(
            base_url="http://localhost" if socket else address.url,
            transport=transport,
            verify=ssl.create_default_context(cafile=address.ca_file),
            timeout=address.timeout_seconds,
            trust_env=False,
        )
        self._version = ""

    def read_jobs(self, *, since: datetime, until: datetime) -> MeterReadings:
        """All runs of all accounts that overlap a window, requeued runs too.

        raises   SourceAway
        """
        path = f"/slurmdb/{self._found_version()}/jobs"
        query = {"start_time": slurm_moment(since), "end_time": slurm_moment(until)}
        if self._address.clusters:
            query["cluster"] = ",".join(self._address.clusters)
        text = self._get(path, query)
        problem = _refusal(_object(text))
        if problem:
            raise SourceAway(f"slurmrestd: {problem}")
        return read_sacct_json(text, Sacct(file="slurmrestd", zone=UTC))

    def count_waiting(self) -> int | None:
        """How many records slurmctld has not handed to slurmdbd; None when it cannot be asked."""
        try:
            told = _object(self._get(f"/slurm/{self._found_version()}/diag", {}))
        except SourceAway:
            return None
        statistics = told.get("statistics")
        count = statistics.get("dbd_agent_queue_size") if isinstance(statistics, dict) else None
        return count if isinstance(count, int) else None

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _found_version(self) -> str:
        """The newest version of the interface that slurmrestd serves, such as "v0.0.38"."""
        if not self._version:
            paths = _object(self._get("/openapi/v3", {})).get("paths")
            found = [_JOBS_PATH.fullmatch(path) for path in paths or ()]
            numbers = [int(match[1]) for match in found if match]
            if not numbers:
                raise SourceAway("slurmrestd serves no accounting: start it with openapi/dbv0.0.38")
            self._version = f"v0.0.{max(numbers)}"
        return self._version

    def _get(self, path: str, query: Mapping[str, str]) -> str:
        try:
            response = self._client.get(path, params=query, headers=self._headers())
        except (httpx.HTTPError, OSError) as error:
            self._version = ""  # slurmrestd may come back as another version
            raise SourceAway(f"slurmrestd: {type(error).__name__}: {error}") from error
        if response.status_code != httpx.codes.OK:
            shown = _refusal(_object_or_none(response.text)) or response.text[:_SHOWN_MAX]
            raise SourceAway(f"slurmrestd: HTTP {response.status_code}: {shown}")
        return response.text

    def _headers(self) -> dict[str, str]:
        path = self._address.token_file
        if path is None:
            return {}
        try:
            token = path.read_text(encoding="ascii").strip().removeprefix("SLURM_JWT=")
        except (OSError, UnicodeDecodeError) as error:
            raise SourceAway(f"the token in {path} cannot be read: {error}") from error
        return {"X-SLURM-USER-NAME": self._address.user, "X-SLURM-USER-TOKEN": token}


def _object(text: str) -> Mapping[str, Any]:
    told = _object_or_none(text)
    if not told:
        raise SourceAway(f"slurmrestd answered no JSON object: {text[:_SHOWN_MAX]}")
    return told


def _object_or_none(text: str) -> Mapping[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _refusal(told: Mapping[str, Any]) -> str:
    """What slurmrestd complains about; "" when it does not."""
    listed = told.get("errors")
    errors = [error for error in listed if isinstance(error, dict)] if listed else []
    words = [
        str(error.get("description") or error.get("error") or error)
        for error in errors
        if error.get("error_number") != NOTHING_FOUND
    ]
    return "; ".join(words)[:_SHOWN_MAX]
