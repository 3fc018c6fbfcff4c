"""The audit log: one record an act, chained by hashes over a canonical byte form."""

from evernormal.domain.audit.canonical import Json, NotCanonical, canonical_bytes
from evernormal.domain.audit.record import (
    GENESIS,
    Act,
    AuditRecord,
    BrokenChain,
    Checkpoint,
    checkpoint_of,
    follow,
    record_of,
    verify_chain,
)

__all__ = [
    "GENESIS",
    "Act",
    "AuditRecord",
    "BrokenChain",
    "Checkpoint",
    "Json",
    "NotCanonical",
    "canonical_bytes",
    "checkpoint_of",
    "follow",
    "record_of",
    "verify_chain",
]
