"""A forger's tools: books rewritten so that every hash fits, signed with a key of his own."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.life.shelf import CHECKPOINT, LOG

Record = dict[str, Any]
Files = dict[str, bytes]
BLOCK_BYTES = 1024


def records_of(files: Mapping[str, bytes]) -> list[Record]:
    """Every body of the log, decoded."""
    return [json.loads(line.split(b" ", 1)[1]) for line in files[LOG].split(b"\n")[:-1]]


def find(records: list[Record], key: str) -> Record:
    """The one record with this key."""
    (found,) = (record for record in records if record.get("key") == key)
    return found


def forge(files: Mapping[str, bytes], change: Callable[[Files, list[Record]], None]) -> Files:
    """Change files and records, then make every digest, link and signature fit again."""
    forged, records = dict(files), records_of(files)
    change(forged, records)
    inputs = find(records, "OPEN_PROGRAMME")["facts"]
    inputs["scheme_file"] = _digest(forged["scheme/scheme.toml"])
    inputs["inputs"] = {path: _digest(forged[f"inputs/{path}"]) for path in inputs["inputs"]}
    named = find(records, "CLOSE_BOOKS")["facts"]["files"]
    for path in named:
        named[path] = hashlib.sha256(forged[path]).hexdigest()
    forged[LOG], head = _chain(records)
    forged[CHECKPOINT] = sign(records[0]["log"], size=len(records), head=head)
    return forged


def sign(log_id: str, *, size: int | str, head: str) -> bytes:
    """Write a checkpoint, signed with a key that nobody published."""
    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"forger").digest())
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    text = f"evernormal checkpoint 1\nlog {log_id}\nsize {size}\nhead {head}\nkey {public}\n"
    return f"{text}signature {key.sign(text.encode()).hex()}\n".encode()


def write(files: Mapping[str, bytes], folder: Path) -> Path:
    """Lay files down in a folder."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def _chain(records: list[Record]) -> tuple[bytes, str]:
    lines, previous = [], "0" * 64
    for number, record in enumerate(records, start=1):
        record |= {"number": number, "previous": previous}
        body = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        previous = hashlib.sha256(body.encode()).hexdigest()
        lines.append(f"{previous} {body}\n")
    return "".join(lines).encode(), previous


def _digest(data: bytes) -> dict[str, str]:
    blocks = [data[at : at + BLOCK_BYTES] for at in range(0, len(data), BLOCK_BYTES)]
    short = "".join(hashlib.sha256(block).hexdigest()[:8] for block in blocks)
    return {"sha256": hashlib.sha256(data).hexdigest(), "blocks": short}
