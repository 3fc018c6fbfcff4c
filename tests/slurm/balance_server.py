"""A platform that answers one question: what may every account still use."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from evernormal import clock
from evernormal.formats.signed_request import NotSigned, Question, verify_request

Row = Mapping[str, object]


def row(account: str, seconds: int, *, card_type: str = "a100", state: str = "OPEN") -> Row:
    """One row of the answer. A state but OPEN has a message for users."""
    return {
        "account": account,
        "device_class": card_type.upper(),
        "card_types": [card_type],
        "order": "O-1",
        "voucher": "V-1",
        "state": state,
        "remaining_fen": seconds,
        "remaining_card_seconds": seconds,
        "starts_on": "2026-01-01",
        "lapses_on": "2027-01-01",
        "message": {"en": f"The voucher V-1 is {state}.", "zh_Hans": "算力券 V-1 不可用。"},
    }


@dataclass(slots=True)
class BalanceServer:
    """Gives `rows` to whoever signs with the key; `is_away` lets it fail as a gateway does."""

    url: str
    key: Ed25519PrivateKey
    rows: list[Row] = field(default_factory=list)
    is_away: bool = False
    answered: int = 0

    def answer(self, question: Question, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """The status and the body."""
        if self.is_away:
            return 502, b"<html>Bad gateway</html>"
        public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        try:
            verify_request(question, headers=headers, public_key=public, now=clock.now())
        except NotSigned:
            return 401, b"{}"
        if (question.path, question.query) != ("/v1/programmes/P/balances", "provider=PR-1"):
            return 404, b"{}"
        self.answered += 1
        return 200, json.dumps({"at": clock.now().isoformat(), "balances": self.rows}).encode()


@contextmanager
def balance_server() -> Iterator[BalanceServer]:
    """Run the server on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            status, body = told.answer(Question("GET", path, query), dict(self.headers))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told = BalanceServer(f"http://127.0.0.1:{server.server_port}", Ed25519PrivateKey.generate())
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()
