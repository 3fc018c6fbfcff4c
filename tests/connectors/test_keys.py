"""The signing key: made once, read again, and never a second one for the same books."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)

from evernormal.connectors.keys import KeyOutOfReach, NotASigningKey, OtherKey, signing_key
from evernormal.domain.audit import Checkpoint
from evernormal.formats import checkpoint
from tests.cli.forging import sign

HEAD = Checkpoint(log_id="nanning-2025", size=1, head="0" * 64)


def test_a_key_is_made_once_and_its_fingerprint_is_what_a_reader_sees(tmp_path: Path) -> None:
    path = tmp_path / "var" / "key.pem"

    made, again = signing_key(path, books=tmp_path), signing_key(path, books=tmp_path)

    assert (made.is_new, again.is_new) == (True, False)
    assert path.stat().st_mode & 0o777 == 0o600
    _, seen = checkpoint.read(checkpoint.sign(HEAD, key=again.private))
    assert made.fingerprint == again.fingerprint == seen


def test_books_are_signed_again_by_their_own_key(tmp_path: Path) -> None:
    key = signing_key(tmp_path / "key.pem", books=tmp_path)
    (tmp_path / "checkpoint.txt").write_bytes(checkpoint.sign(HEAD, key=key.private))

    assert signing_key(tmp_path / "key.pem", books=tmp_path).fingerprint == key.fingerprint


@pytest.mark.parametrize("is_there", [True, False])
def test_books_of_another_key_are_refused_and_no_new_key_is_made(
    is_there: bool,  # noqa: FBT001 - a case of the test
    tmp_path: Path,
) -> None:
    path = tmp_path / "key.pem"
    if is_there:
        signing_key(path, books=tmp_path)
    head = sign("nanning-2025", size=1, head="0" * 64)
    (tmp_path / "checkpoint.txt").write_bytes(head)

    with pytest.raises(OtherKey) as refusal:
        signing_key(path, books=tmp_path)

    assert refusal.value.signed_by == checkpoint.read(head)[1]
    assert path.exists() is is_there


def test_a_key_under_a_password_and_a_file_without_one_are_refused(tmp_path: Path) -> None:
    locked, text = tmp_path / "locked.pem", tmp_path / "text.pem"
    locked.write_bytes(
        Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
        )
    )
    text.write_bytes(b"no key")

    for path in (locked, text):
        with pytest.raises(NotASigningKey):
            signing_key(path, books=tmp_path)


def test_a_folder_in_which_no_key_can_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(KeyOutOfReach, match="Not a directory"):
        signing_key(tmp_path / "file" / "var" / "key.pem", books=tmp_path)
