"""What the platform says every account may still use."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import quote, urlsplit

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Meta, Struct

from evernormal.connectors.agent.sender import Platform
from evernormal.connectors.agent.source import SourceAway
from evernormal.formats.signed_request import Question, sign_request

OPEN = "OPEN"
"""The one state in which new jobs may start; whatever else the platform says closes."""
_SHOWN_MAX = 300
_ANSWER_BYTES_MAX = 16 * 1024 * 1024


class Message(Struct, frozen=True):
    """What a user is told whose job is refused."""

    en: str = ""
    zh_Hans: str = ""  # noqa: N815 - the name in the answer


class Balance(Struct, frozen=True):
    """What one account may still use of one device class.

    card_types               the data centre's own names of the class
    remaining_card_seconds   what the voucher still pays, at the dearest price of the day
    state                    OPEN, SPENT, EXPIRED or NOT_ISSUED
    """

    account: str
    card_types: tuple[str, ...]
    remaining_card_seconds: Annotated[int, Meta(ge=0)]
    state: str
    message: Message = Message()


class Balances(Struct, frozen=True):
    """One answer of the platform, whole.

    source   docs/reference/http-api.md
    """

    at: str
    balances: tuple[Balance, ...]


@dataclass(frozen=True, slots=True)
class BalanceDesk:
    """Asks the platform for the balances of this provider's customers.

    trusted   whose certificates count
    now       the agent's clock: a question is signed with its time
    """

    trusted: ssl.SSLContext
    platform: Platform
    provider_id: str
    key: Ed25519PrivateKey
    now: Callable[[], datetime]

    def ask(self) -> Balances:
        """Ask once.

        raises   SourceAway when there is no whole answer; nothing of half an answer is used
        """
        provider = quote(self.provider_id, safe="")
        programme = quote(self.platform.programme_id, safe="")
        base = self.platform.url.rstrip("/")
        path = f"{urlsplit(base).path}/v1/programmes/{programme}/balances"
        question = Question("GET", path, f"provider={provider}")
        url = f"{base.removesuffix(urlsplit(base).path)}{path}?{question.query}"
        headers = {"Accept": "application/json"}
        headers |= sign_request(question, at=self.now(), key=self.key)
        try:
            response = httpx.get(
                url,
                headers=headers,
                verify=self.trusted,
                timeout=self.platform.timeout_seconds,
                trust_env=False,
            )
        except httpx.HTTPError as error:
            raise SourceAway(f"the platform is away: {type(error).__name__}: {error}") from error
        if response.status_code != httpx.codes.OK:
            said = response.text[:_SHOWN_MAX].strip()
            raise SourceAway(f"the platform gives no balances: HTTP {response.status_code}: {said}")
        if len(response.content) > _ANSWER_BYTES_MAX:
            raise SourceAway("the platform's list of balances is too long")
        try:
            return msgspec.json.decode(response.content, type=Balances)
        except ValueError as error:
            raise SourceAway(f"the platform's balances cannot be read: {error}") from error
