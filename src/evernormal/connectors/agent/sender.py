"""Sending batches to the platform, and telling from its answer what to do with them."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evernormal.formats import usage_batch
from evernormal.formats.usage_answer import (
    ANSWER_BYTES_MAX,
    PROBLEM_MEDIA_TYPE,
    BatchProblem,
    is_receipt,
    read_problems,
)

_TAKEN = frozenset({200, 201})
_FORBIDDEN = frozenset({401, 403})
_REFUSED = frozenset({400, 409, 413, 415, 422})
_SHOWN_MAX = 300
_WAIT_SECONDS_MAX = 3_600


class Verdict(Enum):
    """What an answer means for a batch."""

    TAKEN = "TAKEN"
    REFUSED = "REFUSED"
    FORBIDDEN = "FORBIDDEN"
    AWAY = "AWAY"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of sending a batch.

    said          for the log
    problems      why it was refused
    wait_seconds  how long the platform asks to be left alone; None when it does not say
    """

    verdict: Verdict
    said: str
    problems: tuple[BatchProblem, ...] = ()
    wait_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Platform:
    """Where batches go.

    url              https, or http on this machine alone
    ca_file          PEM of the authority that the platform's certificate must come from; None for
                     those that the system trusts
    timeout_seconds  for each step of a request, and ten times as much for all of it
    """

    url: str
    programme_id: str
    timeout_seconds: int
    ca_file: Path | None = None

    @property
    def batches_url(self) -> str:
        """Where batches are sent to."""
        return f"{self.url.rstrip('/')}/v1/programmes/{self.programme_id}/usage-batches"


class Sender:
    """Sends batches over one kept-up connection. Make one with `open_sender`."""

    def __init__(
        self,
        client: httpx.Client,
        platform: Platform,
        key: Ed25519PrivateKey,
        ticks: Callable[[], float],
    ) -> None:
        self._client, self._platform, self._key, self._ticks = client, platform, key, ticks

    def send(self, batch_id: str, body: bytes) -> Answer:
        """Send a batch once.

        returns  TAKEN only on a receipt for these very bytes; REFUSED only when the platform itself
                 said so; AWAY for everything that another try may mend
        """
        headers = {"Content-Type": usage_batch.MEDIA_TYPE, "Accept": "application/json"}
        headers |= usage_batch.sign(body, key=self._key)
        url = self._platform.batches_url
        try:
            with self._client.stream("POST", url, content=body, headers=headers) as response:
                answer = self._read(response)
        except httpx.HTTPError as error:
            return Answer(Verdict.AWAY, f"{type(error).__name__}: {error}")
        return _judge(response, answer, batch_id=batch_id, body=body)

    def _read(self, response: httpx.Response) -> bytes:
        """Read an answer that may drip or never end."""
        give_up_at = self._ticks() + 10 * self._platform.timeout_seconds
        parts, size = [], 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > ANSWER_BYTES_MAX or self._ticks() > give_up_at:
                raise httpx.ReadError("the answer is too long or too slow")
        return b"".join(parts)


@contextmanager
def open_sender(
    platform: Platform, *, key: Ed25519PrivateKey, ticks: Callable[[], float]
) -> Iterator[Sender]:
    """Make a sender.

    ticks    seconds on a clock that never goes back
    raises   OSError when the file of the authority cannot be read
    """
    trusted = ssl.create_default_context(cafile=platform.ca_file)
    # What the environment says about proxies and passwords is not for an agent to guess.
    with httpx.Client(
        verify=trusted,
        timeout=platform.timeout_seconds,
        follow_redirects=False,
        trust_env=False,
    ) as client:
        yield Sender(client, platform, key, ticks)


def _judge(response: httpx.Response, answer: bytes, *, batch_id: str, body: bytes) -> Answer:
    status = response.status_code
    shown = answer[:_SHOWN_MAX].decode("utf-8", errors="replace").strip()
    said = f"HTTP {status}: {shown}" if shown else f"HTTP {status}"
    if status in _TAKEN:
        if is_receipt(answer, batch_id=batch_id, body=body):
            return Answer(Verdict.TAKEN, f"HTTP {status}")
        return Answer(Verdict.AWAY, f"{said} is no receipt for the batch; is the address right?")
    if status in _FORBIDDEN:
        return Answer(Verdict.FORBIDDEN, said)
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    # A gateway in between refuses too; only the platform itself does it in this form.
    if status in _REFUSED and media_type == PROBLEM_MEDIA_TYPE:
        problems = read_problems(answer)
        return Answer(Verdict.REFUSED, f"HTTP {status}: {problems[0]}", problems)
    return Answer(Verdict.AWAY, said, wait_seconds=_wait_asked(response))


def _wait_asked(response: httpx.Response) -> int | None:
    text = response.headers.get("Retry-After", "")
    is_count = text.isascii() and text.isdigit() and len(text) <= len(str(_WAIT_SECONDS_MAX))
    return min(int(text), _WAIT_SECONDS_MAX) if is_count else None
