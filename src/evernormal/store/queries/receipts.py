"""What became of a received batch of usage: told from the log, so that it can be told again."""

import json
from dataclasses import dataclass
from datetime import datetime

from evernormal.domain.audit import Act, Checkpoint
from evernormal.store.models import AuditRecord, Charge, Programme, UsageBatch


@dataclass(frozen=True, slots=True)
class TakenBatch:
    """A batch that was accepted.

    number       of its audit record
    at           when it was received, in the programme's own time
    kept         readings that said something new; `duplicates` those that did not
    charged_fen  what was charged at once for what it said, less what was taken back
    """

    number: int
    sha256: str
    at: datetime
    records: int
    kept: int
    duplicates: int
    charged_fen: int


def find_taken(programme_id: str, path: str) -> TakenBatch | None:
    """The batch of a path, or None where it was not accepted (yet)."""
    key = f"{Act.ACCEPT_USAGE.value}/{path}"
    row = AuditRecord.objects.filter(programme_id=programme_id, key=key).first()
    if row is None:
        return None
    record = json.loads(row.body)
    facts = record["facts"]
    return TakenBatch(
        number=row.number,
        sha256=facts["sha256"],
        at=datetime.fromisoformat(record["at"]),
        records=facts["records"],
        kept=facts["kept"],
        duplicates=facts["duplicates"],
        charged_fen=_charged_at_once(programme_id, path, row.number),
    )


def _charged_at_once(programme_id: str, path: str, number: int) -> int:
    """Fen charged by the acts that followed an acceptance without another between them.

    An order that is placed later is charged for the batch then; that is not part of the answer.
    """
    rows = Charge.objects.filter(programme_id=programme_id, batch__batch_id=path)
    total, expected = 0, number
    for act, amount in rows.order_by("act__number").values_list("act__number", "amount_fen"):
        if act > expected + 1:
            break
        total, expected = total + amount, act
    return total


def list_taken(programme_id: str) -> list[str]:
    """The paths of all accepted batches, in the order in which they came."""
    rows = UsageBatch.objects.filter(programme_id=programme_id).order_by("id")
    return list(rows.values_list("batch_id", flat=True))


def last_act_at(programme_id: str) -> datetime | None:
    """The instant of the last recorded act, or None before the opening."""
    row = AuditRecord.objects.filter(programme_id=programme_id).order_by("-number").first()
    return None if row is None else datetime.fromisoformat(json.loads(row.body)["at"])


def log_head(programme_id: str) -> Checkpoint | None:
    """The head of a programme's log, or None before the opening."""
    row = AuditRecord.objects.filter(programme_id=programme_id).order_by("-number").first()
    if row is None:
        return None
    return Checkpoint(log_id=programme_id, size=row.number, head=row.hash)


def is_closed(programme_id: str) -> bool:
    """Whether the books of a programme were closed."""
    rows = AuditRecord.objects.filter(programme_id=programme_id, key=Act.CLOSE_BOOKS.value)
    return rows.exists()


def count_programmes() -> int:
    """How many programmes the database knows: a question that shows that it answers."""
    return Programme.objects.count()
