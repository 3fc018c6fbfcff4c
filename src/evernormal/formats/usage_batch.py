"""Batches of meter readings as bytes: what a data centre's agent signs and the platform takes in.

One body is one batch: accepted whole, or refused whole with every problem listed. There is one way
to write it (canonical JSON), so that its hash and its signature mean one thing everywhere.
source  docs/reference/agent.md
"""

import hashlib
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, get_type_hints

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Meta, Struct

from evernormal.formats.body_fields import NOT_CANONICAL, decoded, field_problems
from evernormal.formats.meters.reading import Reading
from evernormal.formats.signed_request import sign_body, verify_body
from evernormal.formats.usage_answer import BatchProblem, BatchProblems

FORMAT: Final = "evernormal-usage/1"
MEDIA_TYPE: Final = "application/vnd.evernormal.usage+json"

# Two minutes of a cluster of 10,000 jobs; the platform holds one batch in memory at a time.
READINGS_MAX: Final = 20_000
# 20,000 readings take some 5 MB. The same limit stands in front of the reader, in the service.
BYTES_MAX: Final = 8 * 1024 * 1024
# Three times the largest cluster there is, as in formats/slurm.py.
CARDS_MAX: Final = 1_000_000
REVISION_MAX: Final = 1_000_000
# 2000-01-01 and 2100-01-01: before the first there was no card, after the last a slip of digits.
EPOCH_MIN: Final = 946_684_800
EPOCH_MAX: Final = 4_102_444_800

# On one line, and without blanks around it: a name that looks like another one must be that one.
_LINE = r"\A(?!\s)[^\x00-\x1f\x7f-\x9f\u2028\u2029]+(?<!\s)\Z"
_LINE_OR_NONE = rf"\A\Z|{_LINE}"
_STATE = r"\A[A-Z][A-Z0-9_]{0,39}\Z"
_PROVIDER = r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,21}\Z"
_UUID7 = r"\A[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z"
_SECOND = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z"

_Second = Annotated[int, Meta(ge=EPOCH_MIN, le=EPOCH_MAX)]


class BatchReading(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One reading of a batch. The fields are in the order of canonical JSON: do not move them.

    account              "" when the meter tells none
    starts_at, ends_at   epoch seconds
    cards                0 only in a correction, that is with a revision above 0: there was no use
    """

    account: Annotated[str, Meta(pattern=_LINE_OR_NONE, max_length=200)]
    card_type: Annotated[str, Meta(pattern=_LINE, max_length=64)]
    cards: Annotated[int, Meta(ge=0, le=CARDS_MAX)]
    cluster: Annotated[str, Meta(pattern=_LINE, max_length=128)]
    ends_at: _Second
    is_final: bool
    # A pod's namespace, name and uid: 63, 253 and 36 characters.
    job: Annotated[str, Meta(pattern=_LINE, max_length=400)]
    revision: Annotated[int, Meta(ge=0, le=REVISION_MAX)]
    starts_at: _Second
    state: Annotated[str, Meta(pattern=_STATE)]

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What makes two readings of one provider the same use."""
        return self.cluster, self.job, self.card_type, self.starts_at

    def to_reading(self, line: int) -> Reading:
        """The reading as the readers of files give it.

        line     its place in the batch, from 1
        """
        return Reading(
            line=line,
            cluster=self.cluster,
            job=self.job,
            account=self.account,
            card_type=self.card_type,
            cards=self.cards,
            starts_at=datetime.fromtimestamp(self.starts_at, UTC),
            ends_at=datetime.fromtimestamp(self.ends_at, UTC),
            state=self.state,
            is_final=self.is_final,
            revision=self.revision,
        )


@dataclass(frozen=True, slots=True)
class UsageBatch:
    """What an agent sends at once. `id` is a UUID of version 7; `made_at` counts whole seconds."""

    id: str
    provider_id: str
    made_at: datetime
    readings: tuple[BatchReading, ...]


# --- Writing --------------------------------------------------------------------------------------


def batch_reading(reading: Reading) -> BatchReading:
    """A reading as batches carry it; parts of a second are cut off at both ends."""
    return BatchReading(
        account=reading.account,
        card_type=reading.card_type,
        cards=reading.cards,
        cluster=reading.cluster,
        ends_at=int(reading.ends_at.timestamp()),
        is_final=reading.is_final,
        job=reading.job,
        revision=reading.revision,
        starts_at=int(reading.starts_at.timestamp()),
        state=reading.state,
    )


def encode_reading(reading: BatchReading) -> bytes:
    """A reading's part of the body."""
    return msgspec.json.encode(reading)


def new_id(*, made_at_ms: int, content: bytes) -> str:
    """Make the id of a batch: ids of later moments sort after those of earlier ones.

    made_at_ms  milliseconds since 1970, below 2**48; no two batches of an agent share one
    content     what the batch carries: the rest of the id is its hash, so no dice are needed
    source      RFC 9562, version 7
    """
    tail = int.from_bytes(hashlib.sha256(content).digest()[:10])
    value = (made_at_ms << 80) | tail
    value = value & ~(0xF << 76) | (0x7 << 76)
    return str(uuid.UUID(int=value & ~(0x3 << 62) | (0x2 << 62)))


def encode(batch: UsageBatch) -> bytes:
    """Write a batch.

    returns  canonical JSON (domain/audit/canonical.py)
    raises   BatchProblems when it is not what `decode` accepts
    """
    body = msgspec.json.encode(
        _Body(
            batch=batch.id,
            format=FORMAT,
            made_at=batch.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            provider=batch.provider_id,
            readings=list(batch.readings),
        )
    )
    decode(body)
    return body


def problems_of(reading: BatchReading) -> tuple[BatchProblem, ...]:
    """What would have a batch refused for one reading, by itself."""
    body = encode_reading(reading)
    if decoded(msgspec.Raw(body), BatchReading) == reading:
        return tuple(_contradictions(reading, "reading"))
    fields = {name: msgspec.Raw(msgspec.json.encode(getattr(reading, name))) for name in _FIELDS}
    return tuple(_field_problems(fields, prefix="reading."))


# --- Reading --------------------------------------------------------------------------------------


def decode(body: bytes) -> UsageBatch:
    """Read a batch.

    raises   BatchProblems, with everything that is wrong
    """
    if len(body) > BYTES_MAX:
        message = f"Has {len(body)} bytes."
        raise BatchProblems([_whole("too_large", message, f"Send at most {BYTES_MAX} at once.")])
    try:
        wire = _DECODER.decode(body)
        made_at = _moment(wire.made_at)
    except (ValueError, RecursionError):
        # A name that stands there twice is read otherwise by each of the two looks.
        raise BatchProblems(_all_problems(body) or [_not_canonical()]) from None
    if problems := list(_relations(wire.readings)):
        raise BatchProblems(problems)
    if _ENCODER.encode(wire) != body:
        raise BatchProblems([_not_canonical()])
    return UsageBatch(wire.batch, wire.provider, made_at, tuple(wire.readings))


# --- Signing --------------------------------------------------------------------------------------


def sign(body: bytes, *, key: Ed25519PrivateKey) -> dict[str, str]:
    """The headers that sign a batch."""
    return sign_body(body, key=key)


def verify(body: bytes, *, signature: str, public_key: bytes) -> None:
    """Check the signature of a batch.

    raises   NotSigned
    """
    verify_body(body, signature=signature, public_key=public_key)


# --- Looking for everything that is wrong ---------------------------------------------------------


class _Body(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    batch: Annotated[str, Meta(pattern=_UUID7)]
    format: Annotated[str, Meta(pattern=rf"\A{re.escape(FORMAT)}\Z")]
    made_at: Annotated[str, Meta(pattern=_SECOND)]
    provider: Annotated[str, Meta(pattern=_PROVIDER)]
    readings: Annotated[list[BatchReading], Meta(min_length=1, max_length=READINGS_MAX)]


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(_Body)
_BODY_FIELDS: Final[Mapping[str, Any]] = get_type_hints(_Body, include_extras=True)
_FIELDS: Final[Mapping[str, Any]] = get_type_hints(BatchReading, include_extras=True)

_TODO: Final[Mapping[str, str]] = {
    "batch": "Write a UUID of version 7 in small letters.",
    "format": f"Write {FORMAT}.",
    "made_at": "Write an instant in UTC to the second: 2026-01-31T08:00:00Z.",
    "provider": "Write the provider's id in the programme.",
    "readings": f"Send 1 to {READINGS_MAX} readings in a list.",
    "cards": f"Write a whole number of cards up to {CARDS_MAX}.",
    "starts_at": "Write epoch seconds between the years 2000 and 2100.",
    "ends_at": "Write epoch seconds between the years 2000 and 2100.",
    "is_final": "Write true or false.",
    "revision": f"Write a whole number up to {REVISION_MAX}.",
    "state": "Write one word of up to 40 capital letters, digits and _.",
    "account": "Write up to 200 characters on one line, without blanks around them.",
    "card_type": "Write 1 to 64 characters on one line, without blanks around them.",
    "cluster": "Write 1 to 128 characters on one line, without blanks around them.",
    "job": "Write 1 to 400 characters on one line, without blanks around them.",
}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _all_problems(body: bytes) -> list[BatchProblem]:
    """Look at every field by itself: the quick decoder stops at the first that is wrong."""
    try:
        fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (ValueError, RecursionError) as error:
        return [_whole("not_json", f"Is no JSON object: {error}.", NOT_CANONICAL)]
    outer = {name: kind for name, kind in _BODY_FIELDS.items() if name != "readings"}
    rows = fields.pop("readings", None)
    found = list(field_problems(fields, outer, _TODO, code="batch"))
    text = decoded(fields.get("made_at"), _BODY_FIELDS["made_at"])
    if isinstance(text, str) and not _is_moment(text):
        message = f"{text} is no moment of a calendar."
        found.append(BatchProblem("made_at", "batch.value", message, _TODO["made_at"]))
    return found + _reading_problems(rows)


def _reading_problems(raw: msgspec.Raw | None) -> list[BatchProblem]:
    rows: Any = None if raw is None else decoded(raw, list[msgspec.Raw])
    if not isinstance(rows, list) or not 1 <= len(rows) <= READINGS_MAX:
        said = f"Has {len(rows)} readings." if isinstance(rows, list) else "Is missing or no list."
        return [BatchProblem("readings", "batch.readings", said, _TODO["readings"])]
    found: list[BatchProblem] = []
    whole: dict[int, BatchReading] = {}
    for index, row in enumerate(rows):
        fields = decoded(row, dict[str, msgspec.Raw])
        place = f"readings[{index}]"
        if not isinstance(fields, dict):
            todo = "Write an object with the fields of a reading."
            found.append(BatchProblem(place, "batch.value", "Is no object.", todo))
            continue
        problems = list(_field_problems(fields, prefix=f"{place}."))
        found += problems
        reading = None if problems else decoded(row, BatchReading)
        if isinstance(reading, BatchReading):
            whole[index] = reading
    return found + list(_relations(whole.values(), indices=list(whole)))


def _field_problems(fields: Mapping[str, msgspec.Raw], *, prefix: str) -> Iterator[BatchProblem]:
    return field_problems(fields, _FIELDS, _TODO, code="batch", prefix=prefix)


def _is_moment(text: str) -> bool:
    try:
        _moment(text)
    except ValueError:
        return False
    return True


def _relations(
    readings: Iterable[BatchReading], *, indices: Sequence[int] | None = None
) -> Iterator[BatchProblem]:
    """What is wrong between the fields of a reading, and between readings."""
    seen: dict[tuple[str, str, str, int], int] = {}
    number: Callable[[int], int] = indices.__getitem__ if indices is not None else int
    for position, reading in enumerate(readings):
        if reading.ends_at < reading.starts_at or (not reading.cards and not reading.revision):
            yield from _contradictions(reading, f"readings[{number(position)}]")
        first = seen.setdefault(reading.key, position)
        if first != position:
            message = f"Is the same use as readings[{number(first)}]."
            todo = "Send the one that counts."
            place = f"readings[{number(position)}]"
            yield BatchProblem(place, "batch.twice", message, todo)


def _contradictions(reading: BatchReading, place: str) -> Iterator[BatchProblem]:
    if reading.ends_at < reading.starts_at:
        message = f"Ends {reading.starts_at - reading.ends_at} s before it starts."
        yield BatchProblem(f"{place}.ends_at", "batch.order", message, "Correct one of the two.")
    if not reading.cards and not reading.revision:
        todo = "Leave it out; only a correction (revision above 0) says that there was no use."
        yield BatchProblem(f"{place}.cards", "batch.no_cards", "Is use of no card.", todo)


def _whole(code: str, message: str, todo: str) -> BatchProblem:
    return BatchProblem("", f"batch.{code}", message, todo)


def _not_canonical() -> BatchProblem:
    return _whole("not_canonical", "Is not canonical JSON.", NOT_CANONICAL)
