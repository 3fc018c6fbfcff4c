"""The agent's source for Prometheus: range queries of a card exporter's series, one after another.

Windows follow one another without a gap and without overlap: what a card held at the end of one is
carried into the next, so that a run keeps its start. So a pull begins where the last one that was
kept ended, whatever `since` says.
"""

import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from evernormal.connectors.agent.source import Pulled, SourceAway
from evernormal.formats.meters.card_runs import CardRun
from evernormal.formats.meters.prometheus import Pull, read_matrix
from evernormal.formats.meters.reading import Reading
from evernormal.formats.problems import Problem

# Prometheus refuses a query of more than 11,000 points a series.
POINTS_MAX: Final = 11_000
ANSWER_BYTES_MAX: Final = 256 * 1024 * 1024
_TIMEOUT_SECONDS: Final = 60
_SHOWN_MAX: Final = 300


def _text(said: str) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "description": said}


def _count(said: str, *, least: int, most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": most, "description": said}


PROMETHEUS_SECTION: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": "the table [prometheus], with url and cluster",
    "additionalProperties": False,
    "required": ["url", "cluster"],
    "properties": {
        "url": _text("the address of Prometheus"),
        "cluster": _text("the cluster's name"),
        "query": _text("what selects the series"),
        "account_label": _text("the label that names the buyer"),
        "step_seconds": _count("seconds from sample to sample", least=1, most=3_600),
        "delay_seconds": _count("how late a sample may be stored", least=0, most=86_400),
        "chunk_seconds": _count("how much time one query reads", least=1, most=7 * 86_400),
        "ca_file": _text("a PEM file of the authority of its certificate"),
        "token_file": _text("a file with a bearer token"),
    },
}


@dataclass(frozen=True, slots=True)
class PrometheusSettings:
    """The table [prometheus]. `token_file` is read anew with each question: tokens are renewed."""

    url: str
    cluster: str
    query: str = "DCGM_FI_DEV_GPU_UTIL"
    account_label: str = ""
    step_seconds: int = 30
    delay_seconds: int = 60
    chunk_seconds: int = 3_600
    ca_file: Path | None = None
    token_file: Path | None = None


def prometheus_settings(section: Mapping[str, Any], *, folder: Path) -> PrometheusSettings:
    """Read a table that its schema has checked.

    folder   where relative paths begin
    """
    paths = {name: folder / section[name] for name in ("ca_file", "token_file") if name in section}
    return PrometheusSettings(**{**section, **paths})


class _Memory(msgspec.Struct, frozen=True):
    """Up to when samples were read, in epoch seconds, and the runs that were open then."""

    until: int
    open: list[CardRun]


class PrometheusSource:
    """One Prometheus. It must hold the series of one cluster's cards alone, or the query select."""

    def __init__(self, settings: PrometheusSettings) -> None:
        """Get ready; nothing is asked before the first pull.

        raises   SourceAway when the file of the authority cannot be read
        """
        self._settings = settings
        try:
            trusted = ssl.create_default_context(cafile=settings.ca_file)
        except OSError as error:
            raise SourceAway(f"{settings.ca_file}: {error}") from error
        self._client = httpx.Client(
            verify=trusted, timeout=_TIMEOUT_SECONDS, follow_redirects=False, trust_env=False
        )

    def pull(self, *, since: datetime, until: datetime, memory: bytes) -> Pulled:
        """Read the samples between the last pull and `until`, but none that may still come late.

        raises   SourceAway, also when the answer is not the whole truth
        """
        step = self._settings.step_seconds
        known = _recalled(memory, since, step)
        end = self._end(known.until, int(until.timestamp()))
        readings: dict[tuple[str, str, datetime], Reading] = {}
        problems: list[Problem] = []
        runs, at, without_cards = tuple(known.open), known.until, 0
        while at < end:
            stop = min(at + self._chunk_seconds(), end)
            pull = Pull(
                file=f"{self._settings.url} {at}-{stop}",
                cluster=self._settings.cluster,
                starts_at=datetime.fromtimestamp(at, UTC),
                ends_at=datetime.fromtimestamp(stop, UTC),
                step_seconds=step,
                account_label=self._settings.account_label,
            )
            told = read_matrix(self._matrix(at, stop), pull, runs)
            # A run that was open at the end of one chunk is told again, longer, by the next.
            readings |= {(r.job, r.card_type, r.starts_at): r for r in told.read.readings}
            problems += told.read.problems
            without_cards = max(without_cards, told.read.without_cards)
            runs, at = told.open, stop
        return Pulled(
            tuple(readings.values()),
            tuple(problems),
            read_until=datetime.fromtimestamp(at, UTC),
            without_cards=without_cards,
            memory=msgspec.json.encode(_Memory(at, list(runs)), enc_hook=str),
        )

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _end(self, start: int, until: int) -> int:
        """The end of the window: whole steps after its start, on Prometheus's own clock."""
        step = self._settings.step_seconds
        latest = self._now() - self._settings.delay_seconds
        wanted = start + -(-(until - start) // step) * step
        return wanted if wanted <= latest else start + (latest - start) // step * step

    def _chunk_seconds(self) -> int:
        step = self._settings.step_seconds
        # Both ends of a range are points.
        return max(1, min(self._settings.chunk_seconds // step, POINTS_MAX - 1)) * step

    def _now(self) -> int:
        answer = self._ask("query", {"query": "time()"})
        try:
            return int(float(json.loads(answer)["data"]["result"][1]))
        except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
            raise SourceAway(f"it does not tell its time: {answer[:_SHOWN_MAX]!r}") from error

    def _matrix(self, start: int, end: int) -> str:
        words = {
            "query": self._settings.query,
            "start": str(start),
            "end": str(end),
            "step": str(self._settings.step_seconds),
        }
        answer = self._ask("query_range", words)
        return answer.decode("utf-8", errors="replace")

    def _ask(self, what: str, words: Mapping[str, str]) -> bytes:
        url = f"{self._settings.url.rstrip('/')}/api/v1/{what}"
        try:
            with self._client.stream(
                "POST", url, data=dict(words), headers=self._headers()
            ) as response:
                answer = _whole(response.iter_bytes, url)
        except (httpx.HTTPError, OSError) as error:
            raise SourceAway(f"{url}: {type(error).__name__}: {error}") from error
        shown = answer[:_SHOWN_MAX].decode("utf-8", errors="replace")
        if response.status_code != httpx.codes.OK:
            raise SourceAway(f"{url}: HTTP {response.status_code}: {shown}")
        _demand_whole_truth(answer, url, shown)
        return answer

    def _headers(self) -> dict[str, str]:
        path = self._settings.token_file
        if path is None:
            return {}
        return {"Authorization": f"Bearer {path.read_text(encoding='utf-8').strip()}"}


class _Envelope(msgspec.Struct):
    """What stands around an answer's data."""

    status: str
    warnings: list[str] = []


def _demand_whole_truth(answer: bytes, url: str, shown: str) -> None:
    """Refuse what is no answer, and one of which a store behind Prometheus left out a part."""
    try:
        envelope = msgspec.json.decode(answer, type=_Envelope)
    except (ValueError, RecursionError) as error:
        raise SourceAway(f"{url} gives no answer of Prometheus: {shown}") from error
    if envelope.status != "success":
        raise SourceAway(f"{url}: {shown}")
    if envelope.warnings:
        raise SourceAway(f"{url} warns that its answer is not whole: {envelope.warnings}")


def _whole(parts: Callable[[], Any], url: str) -> bytes:
    """Read an answer of a sane size."""
    answer = bytearray()
    for part in parts():
        answer += part
        if len(answer) > ANSWER_BYTES_MAX:
            raise SourceAway(f"{url} answers more than {ANSWER_BYTES_MAX} bytes: lower the chunk")
    return bytes(answer)


def _recalled(memory: bytes, since: datetime, step: int) -> _Memory:
    if not memory:
        return _Memory(int(since.timestamp()) // step * step, [])
    try:
        return msgspec.json.decode(memory, type=_Memory, dec_hook=_fraction)
    except ValueError as error:
        raise SourceAway(f"what was kept of the last pull is damaged: {error}") from error


def _fraction(kind: type, value: object) -> object:
    if kind is Fraction and isinstance(value, str):
        return Fraction(value)
    raise NotImplementedError(kind)
