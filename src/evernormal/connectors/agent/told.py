"""What the platform was told already: so that each poll sends only what is new or changed."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from evernormal.formats.usage_batch import BatchReading, encode_reading

_DIGEST_HEX = 32
"""128 bits: with a million runs in the window, none is ever taken for another."""


class Told(Struct, frozen=True, array_like=True):
    """The last reading of a use that went into a batch. `ends_at` in epoch seconds."""

    digest: str
    ends_at: int
    is_final: bool
    revision: int


class AgentState(Struct, frozen=True, kw_only=True):
    """All that an agent remembers, as kept in the spool.

    cursor      epoch seconds up to which the meter was read; None before the first pull
    last_id_ms  milliseconds in the id of the last batch, so that ids go up when a clock goes back
    staged      ids of the batches of the last commit
    memory      what the source remembers
    told        by digest of the use
    """

    cursor: int | None = None
    last_id_ms: Annotated[int, Meta(ge=0)] = 0
    staged: tuple[str, ...] = ()
    memory: bytes = b""
    told: dict[str, Told] = {}


def read_state(data: bytes) -> AgentState:
    """The state of a spool; an empty one for b"".

    raises   ValueError when it is damaged
    """
    return msgspec.json.decode(data, type=AgentState) if data else AgentState()


def encode_state(state: AgentState) -> bytes:
    """The state's bytes, which `read_state` reads."""
    return msgspec.json.encode(state)


def news(
    readings: Iterable[BatchReading], told: Mapping[str, Told]
) -> tuple[list[BatchReading], dict[str, Told]]:
    """Find what the platform does not know yet.

    readings  of one pull; of two of the same use, the better one counts
    told      what it was told, by digest of the use
    returns   the readings to send, by start of use; and what it will have been told then. A final
              reading that says something else than the final one before is sent as a correction of
              it, with the next revision
    """
    best: dict[str, BatchReading] = {}
    for reading in readings:
        use = _digest(msgspec.json.encode(reading.key))
        if use not in best or _rank(reading) > _rank(best[use]):
            best[use] = reading
    fresh = []
    after = dict(told)
    for use, reading in best.items():
        sent = _as_sent(reading, told.get(use))
        if sent is not None:
            fresh.append(sent)
            after[use] = Told(_content(sent), sent.ends_at, sent.is_final, sent.revision)
    return sorted(fresh, key=lambda reading: (reading.starts_at, reading.key)), after


def prune(told: Mapping[str, Told], *, before: int) -> dict[str, Told]:
    """Forget uses that no later pull will show again.

    before   epoch seconds; whatever ended earlier is forgotten. Were it shown again after all, the
             platform would know that it has it
    """
    return {use: sent for use, sent in told.items() if sent.ends_at >= before}


def _as_sent(reading: BatchReading, before: Told | None) -> BatchReading | None:
    """The reading as it must be sent after an earlier one; None when it says nothing new."""
    if before is None:
        return reading
    if reading.revision <= before.revision:
        is_same = _content(reading) == before.digest
        if is_same or (before.is_final and not reading.is_final):
            return None
        revision = before.revision + 1 if before.is_final else before.revision
        return msgspec.structs.replace(reading, revision=revision)
    return reading


def _content(reading: BatchReading) -> str:
    """A digest of all that a reading says, whatever its revision."""
    return _digest(encode_reading(msgspec.structs.replace(reading, revision=0)))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_DIGEST_HEX]


def _rank(reading: BatchReading) -> tuple[int, bool, int, int, str, str]:
    """As the platform ranks two readings of a use (domain/metering/usage.py)."""
    return (
        reading.revision,
        reading.is_final,
        reading.ends_at,
        reading.cards,
        reading.account,
        reading.state,
    )
