"""The key with which an office signs its checkpoints."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from evernormal.domain.errors import DomainError


class NotASigningKey(DomainError):
    """A file that holds no Ed25519 private key."""

    code = "keys.not_a_signing_key"

    def __init__(self, *, path: str) -> None:
        self.path = path
        super().__init__(f"{path} holds no Ed25519 private key in PEM form. Name another file.")


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The office's key; a new one is made, for the owner's eyes only, where there is none.

    raises   NotASigningKey
    """
    if not path.exists():
        _make(path)
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except ValueError as error:
        raise NotASigningKey(path=str(path)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise NotASigningKey(path=str(path))
    return key


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        # Whoever links first wins; nobody ever sees half a key.
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
