"""Cells that hold keys and signatures, in base64."""

from base64 import b64decode, b64encode
from typing import Final

from evernormal.formats.intake.kinds import Kind
from evernormal.formats.problems import Unreadable

PUBLIC_KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64


def _read_bytes(text: str, *, count: int, code: str, what: str) -> bytes:
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        data = b""
    # The same bytes can be written in other letters; only one writing is ours.
    if len(data) != count or b64encode(data).decode("ascii") != text:
        message = f'"{text}" is not {what}: {count} bytes in base64.'
        raise Unreadable(code, message, "Copy it as the data centre's agent printed it.")
    return data


def _read_public_key(text: str) -> bytes:
    what = "an Ed25519 public key"
    return _read_bytes(text, count=PUBLIC_KEY_BYTES, code="key.form", what=what)


def _read_signature(text: str) -> str:
    what = "an Ed25519 signature"
    _read_bytes(text, count=SIGNATURE_BYTES, code="signature.form", what=what)
    return text


PUBLIC_KEY: Final = Kind("Ed25519 public key, base64", "Ed25519 公钥（base64）", _read_public_key)
SIGNATURE: Final = Kind("Ed25519 signature, base64", "Ed25519 签名（base64）", _read_signature)
