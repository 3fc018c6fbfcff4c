"""Checkpoints as text: the head of a log, signed with Ed25519, readable by people and programs."""

import hashlib
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from evernormal.domain.audit import Checkpoint
from evernormal.domain.errors import DomainError

_TITLE = "evernormal checkpoint 1"
_LINES = 6
_SIZE = re.compile(r"[1-9][0-9]{0,17}")


class NotACheckpoint(DomainError):
    """A text that is not a checkpoint of ours, or not signed by the key that it names."""

    code = "checkpoint.not_signed"

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The checkpoint does not hold: {reason} Get it again from its publisher.")


def sign(checkpoint: Checkpoint, *, key: Ed25519PrivateKey) -> bytes:
    """Write a checkpoint and sign it.

    returns  six lines: title, log, size, head, public key, signature of the first five
    source   docs/reference/audit-log.md
    """
    public = _raw(key.public_key()).hex()
    body = "\n".join(
        [
            _TITLE,
            f"log {checkpoint.log_id}",
            f"size {checkpoint.size}",
            f"head {checkpoint.head}",
            f"key {public}",
            "",
        ]
    ).encode()
    return body + f"signature {key.sign(body).hex()}\n".encode()


def read(data: bytes) -> tuple[Checkpoint, str]:
    """Read a checkpoint and check its signature with the key that it names.

    returns  the checkpoint, and the fingerprint of the key: compare it with the published one
    raises   NotACheckpoint
    """
    try:
        lines = data.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise NotACheckpoint(reason="it is not plain text.") from error
    if len(lines) != _LINES + 1 or lines[0] != _TITLE or lines[-1]:
        raise NotACheckpoint(reason="it has not the six lines of a checkpoint.")
    names = ("log", "size", "head", "key", "signature")
    values = {}
    for name, line in zip(names, lines[1:_LINES], strict=True):
        if not line.startswith(f"{name} "):
            raise NotACheckpoint(reason=f"the line of its {name} is damaged.")
        values[name] = line.removeprefix(f"{name} ")
    _verify(data, key=values["key"], signature=values["signature"])
    if not _SIZE.fullmatch(values["size"]):
        raise NotACheckpoint(reason="its size is not a number of records.")
    checkpoint = Checkpoint(log_id=values["log"], size=int(values["size"]), head=values["head"])
    return checkpoint, fingerprint(bytes.fromhex(values["key"]))


def fingerprint(public_key: bytes) -> str:
    """Sixteen characters that stand for a public key."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def _verify(data: bytes, *, key: str, signature: str) -> None:
    body = data[: data.rindex(b"signature ")]
    try:
        signed = bytes.fromhex(signature)
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signed, body)
    except (InvalidSignature, ValueError) as error:
        raise NotACheckpoint(reason="its signature does not fit its text.") from error
    if signature != signed.hex():
        # The same bytes can be written in other letters; only one writing is ours.
        raise NotACheckpoint(reason="its signature is not in lower-case hexadecimal.")


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
