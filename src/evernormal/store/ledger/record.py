"""The audit record of a batch."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from evernormal.domain.audit import Act, AuditRecord, Json, record_of
from evernormal.engines.posting import Outcome, Posted, Transfers


@dataclass(frozen=True, slots=True)
class BatchAct:
    """What the audit log says of a batch beside its transfers.

    key  the batch's name, unique in the log: a batch that comes again gets the first answer
    by   who acts
    at   instant in the programme's zone
    """

    act: Act
    key: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a programme's audit log; number 0 and GENESIS where it is empty."""

    log_id: str
    number: int
    hash: str


def record_of_batch(
    head: Head, batch: Transfers, new: Transfers, act: BatchAct, posted: Posted | None = None
) -> AuditRecord:
    """The record that comes after the head of the log.

    batch   what was asked
    new     what entered the books
    posted  how the sets ended; None where there is one and it was posted
    """
    facts: dict[str, Json] = {
        "batch_sha256": sha256_of(batch),
        "transfers": int(batch.size),
        "sets": 1 if posted is None else int(posted.outcome.size),
        "posted": int(new.size),
        "posted_sha256": sha256_of(new),
        "refused": [] if posted is None else _refused(posted),
    }
    return record_of(
        log_id=head.log_id,
        number=head.number + 1,
        previous=head.hash,
        act=act.act,
        key=act.key,
        actor=act.by,
        at=act.at,
        facts=facts,
    )


def _refused(posted: Posted) -> list[Json]:
    """Number, outcome and facts of every refused set."""
    columns = (posted.at, posted.account, posted.asked, posted.free)
    return [
        [
            number,
            Outcome(int(posted.outcome[number])).name,
            *(int(column[number]) for column in columns),
        ]
        for number in posted.refused.tolist()
    ]


def sha256_of(records: Transfers) -> str:
    """The hash of some records as their bytes are kept."""
    return hashlib.sha256(records.tobytes()).hexdigest()
