"""The audit log as a file: one line a record, its hash, a blank, its canonical body."""

import json
from datetime import datetime

from evernormal.formats.books.rows import ActRow


def encode_log(records: list[tuple[bytes, str]]) -> bytes:
    """Write the log of (canonical body, hash) pairs, in order."""
    return b"".join(digest.encode() + b" " + body + b"\n" for body, digest in records)


def decode_log(data: bytes) -> list[tuple[bytes, str]]:
    """Read an audit log back; a line without a hash gets an empty one, which no check accepts."""
    pairs = []
    for line in data.split(b"\n")[:-1]:
        digest, _, body = line.partition(b" ")
        pairs.append((body, digest.decode("ascii", "replace")))
    return pairs


def decode_act(body: bytes, digest: str) -> ActRow:
    """One record, decoded."""
    record = json.loads(body)
    return ActRow(
        number=record["number"],
        act=record["act"],
        key=record["key"],
        actor=record["actor"],
        at=datetime.fromisoformat(record["at"]),
        facts=record["facts"],
        hash=digest,
    )
