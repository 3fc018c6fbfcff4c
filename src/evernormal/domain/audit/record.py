"""Audit records and their chain."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from evernormal.domain.audit.canonical import Json, canonical_bytes
from evernormal.domain.errors import DomainError

GENESIS = "0" * 64
"""What the first record of a log names as the hash before it."""


class Act(Enum):
    """Everything that can happen in a programme's year, in the order of a day's work."""

    OPEN_PROGRAMME = "OPEN_PROGRAMME"
    EXPIRE_HOLD = "EXPIRE_HOLD"
    LAPSE_VOUCHER = "LAPSE_VOUCHER"
    ASSESS = "ASSESS"
    AWARD = "AWARD"
    ISSUE_VOUCHER = "ISSUE_VOUCHER"
    RELEASE_TRANCHE = "RELEASE_TRANCHE"
    EXTEND_VOUCHER = "EXTEND_VOUCHER"
    RECALL_VOUCHER = "RECALL_VOUCHER"
    CLEAR_ROUND = "CLEAR_ROUND"
    QUOTE = "QUOTE"
    PLACE_HOLD = "PLACE_HOLD"
    PROMOTE_ORDER = "PROMOTE_ORDER"
    WITHDRAW_CARDS = "WITHDRAW_CARDS"
    AMEND_ORDER = "AMEND_ORDER"
    CANCEL_ORDER = "CANCEL_ORDER"
    ACCEPT_USAGE = "ACCEPT_USAGE"
    CHARGE = "CHARGE"
    DECIDE_CLAIM = "DECIDE_CLAIM"
    PAY_BATCH = "PAY_BATCH"
    CLOSE_BOOKS = "CLOSE_BOOKS"


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One act, by one actor, at one time, with every fact it rests on and made.

    number  1, 2, 3 ... within the log
    key     names the act: the same key is the same act, however often it is tried
    body    the canonical bytes that are hashed
    """

    log_id: str
    number: int
    key: str
    body: bytes
    hash: str


class BrokenChain(DomainError):
    """A record is missing, altered, out of order or not the one that was signed for."""

    code = "audit.broken_chain"

    def __init__(self, *, number: int, reason: str) -> None:
        self.number, self.reason = number, reason
        super().__init__(f"Audit record {number}: {reason}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: whoever holds it can tell whether a later copy still begins with it."""

    log_id: str
    size: int
    head: str


def record_of(  # noqa: PLR0913 - an audit record has these parts, by law 10
    *,
    log_id: str,
    number: int,
    previous: str,
    act: Act,
    key: str,
    actor: str,
    at: datetime,
    facts: Mapping[str, Json],
) -> AuditRecord:
    """Make the record of an act.

    previous  hash of the record before, GENESIS for the first
    at        instant with zone
    facts     inputs and results, canonical
    raises    NotCanonical
    source    docs/reference/audit-log.md
    """
    body = canonical_bytes(
        {
            "log": log_id,
            "number": number,
            "previous": previous,
            "act": act.value,
            "key": key,
            "actor": actor,
            "at": at.isoformat(),
            "facts": facts,
        }
    )
    return AuditRecord(log_id=log_id, number=number, key=key, body=body, hash=_hash(body))


def checkpoint_of(records: Iterable[AuditRecord], *, log_id: str) -> Checkpoint:
    """The head of a log of one or more records, in order."""
    size, head = 0, GENESIS
    for record in records:
        size, head = record.number, record.hash
    return Checkpoint(log_id=log_id, size=size, head=head)


def follow(lines: Iterable[tuple[bytes, str]]) -> Iterator[tuple[int, str]]:
    """Walk (body, hash) pairs and name what does not hold: (number, reason). Nothing: all holds."""
    previous = GENESIS
    for number, (body, claimed) in enumerate(lines, start=1):
        if _hash(body) != claimed:
            yield number, "its content does not give its hash; the content or the hash was changed."
        if f'"number":{number},"previous":"{previous}"'.encode() not in body:
            yield number, "it does not follow the record before it; one was removed or moved."
        previous = claimed


def verify_chain(lines: Iterable[tuple[bytes, str]], *, checkpoint: Checkpoint) -> None:
    """Check a whole log against its checkpoint.

    lines    (body, hash) of every record in order
    raises   BrokenChain, naming the first record that does not hold
    """
    pairs = tuple(lines)
    for number, reason in follow(pairs):
        raise BrokenChain(number=number, reason=reason)
    head = pairs[-1][1] if pairs else GENESIS
    if len(pairs) != checkpoint.size:
        reason = f"the log has {len(pairs)} records, the checkpoint {checkpoint.size}."
        raise BrokenChain(number=min(len(pairs), checkpoint.size) + 1, reason=reason)
    if head != checkpoint.head:
        reason = "its hash is not the head that the checkpoint names."
        raise BrokenChain(number=len(pairs), reason=reason)


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
