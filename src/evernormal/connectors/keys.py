"""The key with which an office signs its checkpoints."""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from evernormal.domain.errors import DomainError
from evernormal.formats import checkpoint
from evernormal.formats.books.paths import CHECKPOINT_FILE


class NotASigningKey(DomainError):
    """A file that holds no Ed25519 private key."""

    code = "keys.not_a_signing_key"

    def __init__(self, *, path: str) -> None:
        self.path = path
        super().__init__(f"{path} holds no Ed25519 private key in PEM form. Name another file.")


class KeyOutOfReach(DomainError):
    """The system does not let the program read or make the key."""

    code = "keys.out_of_reach"

    def __init__(self, *, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(
            f"The signing key {path} cannot be read or made: {reason}. "
            "Correct the permissions of its folder, or name another file."
        )


class OtherKey(DomainError):
    """The folder's books are signed by another key than the one in use."""

    code = "keys.other_key"

    def __init__(self, *, path: str, folder: str, signed_by: str) -> None:
        self.path, self.folder, self.signed_by = path, folder, signed_by
        super().__init__(
            f"The books in {folder} are signed by key {signed_by}; {path} is not that key. "
            "Name the file of that key with --signing-key, or another folder as --out."
        )


@dataclass(frozen=True, slots=True)
class OfficeKey:
    """The key, the fingerprint that stands for it in public, and whether it was made just now."""

    private: Ed25519PrivateKey
    fingerprint: str
    is_new: bool


def signing_key(path: Path, *, books: Path) -> OfficeKey:
    """The office's key; a new one is made, for the owner's eyes only, where there is none.

    path     file in PEM form
    books    folder that the key is to sign; where its books are signed, by this key and no other
    raises   NotASigningKey; KeyOutOfReach; OtherKey, before a new key is made
    """
    signed_by = _signer(books)
    try:
        is_new = not path.exists()
        if is_new and signed_by:
            raise OtherKey(path=str(path), folder=str(books), signed_by=signed_by)
        if is_new:
            _make(path)
        private = _load(path)
    except OSError as error:
        raise KeyOutOfReach(path=str(path), reason=error.strerror or str(error)) from error
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    key = OfficeKey(private, checkpoint.fingerprint(public), is_new)
    if signed_by and signed_by != key.fingerprint:
        raise OtherKey(path=str(path), folder=str(books), signed_by=signed_by)
    return key


def provider_key(path: Path, *, can_be_made: bool) -> OfficeKey:
    """The key with which a provider's agent signs what it sends.

    path         file in PEM form
    can_be_made  whether a new one is made where there is none
    raises       NotASigningKey; KeyOutOfReach
    """
    try:
        is_new = can_be_made and not path.exists()
        if is_new:
            _make(path)
        private = _load(path)
    except OSError as error:
        raise KeyOutOfReach(path=str(path), reason=error.strerror or str(error)) from error
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return OfficeKey(private, checkpoint.fingerprint(public), is_new)


def _signer(books: Path) -> str:
    """Fingerprint of the key that signed the books in a folder; "" where none did."""
    try:
        return checkpoint.read((books / CHECKPOINT_FILE).read_bytes())[1]
    except FileNotFoundError:
        return ""
    except OSError as error:
        path = str(books / CHECKPOINT_FILE)
        raise KeyOutOfReach(path=path, reason=error.strerror or str(error)) from error


def _load(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
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
