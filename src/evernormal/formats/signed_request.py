"""Signed requests: who asks or sends shows by a key who it is.

What is sent, a batch of usage or an order, is signed over its own bytes. A question has no body, so
what it asks and when it asks is signed instead.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from evernormal.domain.audit.canonical import NotCanonical, canonical_bytes
from evernormal.domain.errors import DomainError
from evernormal.formats.checkpoint import fingerprint

KEY_HEADER: Final = "Evernormal-Key"
DATE_HEADER: Final = "Evernormal-Date"
SIGNATURE_HEADER: Final = "Evernormal-Signature"

CLOCKS_APART_MAX: Final = timedelta(minutes=5)
"""How far the clocks of a provider and of the platform may be apart."""


class NotSigned(DomainError):
    """A request without a signature that holds. Why is not said: a forger learns nothing."""

    code = "request.not_signed"

    def __init__(self) -> None:
        super().__init__(
            "The request is not signed by a key that is registered for the provider. "
            "Check the key, the clock, and that nothing changes the request on its way."
        )


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    method   upper case
    path     as it stands in the request line, per cent signs and all, without the query
    query    what comes after the question mark; "" without one
    """

    method: str
    path: str
    query: str = ""

    def signed_bytes(self, date: str) -> bytes:
        """The bytes under the signature of a question that is asked at a date."""
        return canonical_bytes(
            {"method": self.method, "path": self.path, "query": self.query, "date": date}
        )


def sign_body(body: bytes, *, key: Ed25519PrivateKey) -> dict[str, str]:
    """The headers that sign a body."""
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {
        KEY_HEADER: fingerprint(public),
        SIGNATURE_HEADER: b64encode(key.sign(body)).decode("ascii"),
    }


def verify_body(body: bytes, *, signature: str, public_key: bytes) -> None:
    """Check the signature of a body.

    signature   as in the header: base64 of 64 bytes
    public_key  32 bytes
    raises      NotSigned
    """
    try:
        signed = b64decode(signature, validate=True)
        if b64encode(signed).decode("ascii") != signature:
            # The same bytes can be written in other letters; only one writing is ours.
            raise NotSigned
        Ed25519PublicKey.from_public_bytes(public_key).verify(signed, body)
    except (ValueError, InvalidSignature) as error:
        raise NotSigned from error


def sign_request(question: Question, *, at: datetime, key: Ed25519PrivateKey) -> dict[str, str]:
    """The headers that sign a question.

    at       instant with zone: now
    source   docs/reference/http-api.md
    """
    date = at.astimezone(UTC).isoformat(timespec="seconds")
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {
        KEY_HEADER: fingerprint(public),
        DATE_HEADER: date,
        SIGNATURE_HEADER: b64encode(key.sign(question.signed_bytes(date))).decode("ascii"),
    }


def verify_request(
    question: Question, *, headers: Mapping[str, str], public_key: bytes, now: datetime
) -> None:
    """Check the signature of a question, and that it was asked just now.

    headers     by the names above, in letters of either case
    public_key  32 bytes
    raises      NotSigned
    """
    lower = {name.lower(): value for name, value in headers.items()}
    date, signature = lower.get(DATE_HEADER.lower(), ""), lower.get(SIGNATURE_HEADER.lower(), "")
    try:
        at = datetime.fromisoformat(date)
        if at.tzinfo is None or abs(now - at) > CLOCKS_APART_MAX:
            raise NotSigned
        signed = b64decode(signature, validate=True)
        key = Ed25519PublicKey.from_public_bytes(public_key)
        key.verify(signed, question.signed_bytes(date))
    except (ValueError, OverflowError, InvalidSignature, NotCanonical) as error:
        raise NotSigned from error
