"""A receiving platform for the agent's tests: a real HTTP server with durable storage.

It keeps each accepted body as a file, answers a batch that it has with the first answer, and can be
told to behave as networks and servers do on a bad day.
"""

import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from evernormal.domain.errors import DomainError
from evernormal.formats.usage_answer import BatchProblem, BatchProblems, encode_problems
from evernormal.formats.usage_batch import MEDIA_TYPE, UsageBatch, decode, verify

_UNKEPT = {
    "500": 500,
    "401": 401,
    "404": 404,
    "wait": 503,
    "drop": 200,
    "page": 200,
    "redirect": 302,
}

Refusal = Callable[[UsageBatch], list[BatchProblem]]


class Receiver:
    """What the server knows and how it behaves.

    whims        for the next requests, one each, then "" for ever: "cut" (half an answer after the
                 batch was kept), "drop" (no answer, nothing kept), "late", "500", "401", "404",
                 "page" (a gateway's page with 200), "redirect", or "wait" (503 and Retry-After)
    refusal      gives what is wrong with a batch
    public_key   32 bytes; without it no signature is checked
    """

    def __init__(self, folder: Path, *, public_key: bytes = b"") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.public_key = folder, public_key
        self.whims: Iterator[str] = iter(())
        self.refusal: Refusal = lambda _batch: []
        self.requests: list[tuple[str, int]] = []
        self.url = ""
        self._guard = threading.Lock()

    def bodies(self) -> list[bytes]:
        """Every accepted body, in the order of ids."""
        return [path.read_bytes() for path in sorted(self.folder.glob("*.json"))]

    def batches(self) -> list[UsageBatch]:
        return [decode(body) for body in self.bodies()]

    def take(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        with self._guard:
            whim = next(self.whims, "")
            status, answer = self._kept(request, body, whim)
            self.requests.append((whim, status))
        _reply(request, status, answer, whim)

    def _kept(
        self, request: BaseHTTPRequestHandler, body: bytes, whim: str
    ) -> tuple[int, dict[str, Any]]:
        if whim in _UNKEPT:
            return _UNKEPT[whim], {"title": "A bad day"}
        if request.headers["Content-Type"] != MEDIA_TYPE:
            return 415, {"title": "Another type"}
        if self.public_key:
            try:
                signature = request.headers["Evernormal-Signature"]
                verify(body, signature=signature, public_key=self.public_key)
            except DomainError as refusal:
                return 403, {"title": str(refusal)}
        try:
            batch = decode(body)
            problems = tuple(self.refusal(batch))
        except BatchProblems as refusal:
            batch, problems = None, refusal.problems
        if batch is None or problems:
            return 422, {"title": "Refused", "problems": encode_problems(problems)}
        return self._store(batch.id, body)

    def _store(self, batch_id: str, body: bytes) -> tuple[int, dict[str, Any]]:
        path = self.folder / f"{batch_id}.json"
        answer = {"batch": batch_id, "sha256": hashlib.sha256(body).hexdigest()}
        if path.exists():
            is_same = path.read_bytes() == body
            return (200, answer) if is_same else (409, {"title": "The id is taken"})
        path.write_bytes(body)
        return 201, answer


def _reply(request: BaseHTTPRequestHandler, status: int, answer: dict[str, Any], whim: str) -> None:
    body = json.dumps(answer).encode()
    if whim == "drop":
        request.connection.shutdown(socket.SHUT_RDWR)
        request.close_connection = True
        return
    if whim == "late":
        time.sleep(0.05)
    if whim == "page":
        body = b"<html>Please sign in to this network.</html>"
    request.send_response(status)
    if whim == "redirect":
        request.send_header("Location", "/elsewhere")
    if whim == "wait":
        request.send_header("Retry-After", "7")
    kind = "application/problem+json" if status in {409, 415, 422} else "application/json"
    request.send_header("Content-Type", kind)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    if whim == "cut":
        request.wfile.write(body[: len(body) // 2])
        request.wfile.flush()
        request.connection.shutdown(socket.SHUT_RDWR)
        request.close_connection = True
        return
    request.wfile.write(body)


@contextmanager
def receiving(receiver: Receiver, *, port: int = 0) -> Iterator[Receiver]:
    """Serve until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            receiver.take(self)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        server.daemon_threads = True
        receiver.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
