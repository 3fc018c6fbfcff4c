"""The programme that is served: its writer, the key of its office, and what is counted."""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.requests import Request

from evernormal import clock
from evernormal.api.limits import WAITING_MAX
from evernormal.api.metrics import Metrics
from evernormal.api.problems import Problem, Refusal
from evernormal.api.writer import Writer
from evernormal.formats.signed_request import NotSigned, Question

LOG: Final = logging.getLogger("evernormal.api")


@dataclass(frozen=True, slots=True)
class ServedProgramme:
    """One programme that is served. `key` is the office's; `bodies` are read so many at once."""

    writer: Writer
    key: Ed25519PrivateKey
    metrics: Metrics = field(default_factory=Metrics)
    bodies: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(WAITING_MAX))

    @property
    def programme_id(self) -> str:
        """The programme that is served."""
        return self.writer.year.desk.programme_id

    def tell_fault(self, fault: Exception) -> None:
        """Write down what hindered a request; the asker is not told."""
        LOG.error("a request could not be served", exc_info=fault)


def asker_of(request: Request) -> str:
    """The provider that signed a question.

    raises   Problem
    """
    service = served_by(request)
    raw_path = request.scope.get("raw_path") or request.url.path.encode()
    question = Question(
        method=request.method,
        path=raw_path.decode("latin-1"),
        query=request.scope.get("query_string", b"").decode("latin-1"),
    )
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        return service.writer.year.asker_of(question, headers=headers, now=clock.now()).provider_id
    except NotSigned as refusal:
        raise Problem(Refusal.NOT_SIGNED) from refusal


def served_by(request: Request) -> ServedProgramme:
    """The service of a request for a programme.

    raises   Problem when another programme is asked for
    """
    service = request.app.state.service
    if not isinstance(service, ServedProgramme):
        raise TypeError("the app was made without a service")
    if request.path_params.get("programme", service.programme_id) != service.programme_id:
        raise Problem(Refusal.NOT_FOUND)
    return service
