"""One act, one transaction, one audit record."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction as database_transaction

from evernormal.domain.audit import GENESIS, Act, Json, record_of
from evernormal.domain.audit import AuditRecord as Record
from evernormal.domain.audit.facts import of_transfers
from evernormal.domain.errors import DomainError
from evernormal.domain.ledger import Transfer
from evernormal.domain.ledger.posting import Move, numbered
from evernormal.store import ledger
from evernormal.store.bulk import insert_rows, new_ids
from evernormal.store.models import AuditRecord, Programme


class UnknownProgramme(DomainError):
    """A programme that was never opened."""

    code = "programme.unknown"

    def __init__(self, *, programme_id: str) -> None:
        self.programme_id = programme_id
        super().__init__(f"Programme {programme_id} is not open. Run it first.")


@dataclass(frozen=True, slots=True)
class Planned:
    """An act that is decided and not yet written.

    key    the act's name, unique in the log
    by     who acts
    at     instant in the programme's zone; its date is the transfers' date
    moves  what the posting rules made of the act's facts, in order
    """

    act: Act
    key: str
    by: str
    at: datetime
    facts: Mapping[str, Json]
    moves: Sequence[Move] = ()

    @property
    def transfers(self) -> tuple[Transfer, ...]:
        """The moves as numbered transfers."""
        return numbered(self.moves, act_key=self.key, on=self.at.date())


class Transaction:
    """What an act may do to the tables of its programme, all of it or nothing."""

    def __init__(self, programme: Programme) -> None:
        """Start with no record written yet."""
        self.programme = programme
        self.record: AuditRecord | None = None
        self.has_nothing_to_do = False

    def is_done(self, key: str) -> bool:
        """Whether the act was done before; doing it again then changes nothing."""
        self.record = AuditRecord.objects.filter(programme=self.programme, key=key).first()
        return self.record is not None

    def leave_as_is(self) -> None:
        """Say that there is nothing to do, so that the missing record is no mistake."""
        self.has_nothing_to_do = True

    def done_among(self, keys: Collection[str]) -> frozenset[str]:
        """Those of some acts that were done before."""
        rows = AuditRecord.objects.filter(programme=self.programme, key__in=keys)
        return frozenset(rows.values_list("key", flat=True))

    def append(  # noqa: PLR0913 - an act is these parts, and each call names them
        self,
        act: Act,
        *,
        key: str,
        by: str,
        at: datetime,
        facts: Mapping[str, Json],
        moves: Iterable[Move] = (),
    ) -> AuditRecord:
        """Write the act's record and post its transfers; an act does this exactly once.

        The parts are those of Planned.

        raises the ledger's refusals; then nothing is written
        """
        (record,) = self.append_all([Planned(act, key, by, at, facts, tuple(moves))])
        return record

    def append_all(self, plans: Sequence[Planned]) -> list[AuditRecord]:
        """Write the records of acts that are done together, and post their transfers, in order.

        raises the ledger's refusals; then nothing is written
        """
        if self.record is not None:
            raise AssertionError(f"{plans[0].key}: an act has one audit record, {self.record.key}")
        made = [plan.transfers for plan in plans]
        records = self._insert(self._records(plans, made))
        self.record = records[-1]
        ids = (record.pk for record in records)
        ledger.post_many(self.programme, list(zip(ids, made, strict=True)))
        return records

    def _records(
        self, plans: Sequence[Planned], made: Sequence[tuple[Transfer, ...]]
    ) -> Iterator[Record]:
        last = AuditRecord.objects.filter(programme=self.programme).order_by("-number").first()
        number, previous = (last.number, last.hash) if last else (0, GENESIS)
        for plan, transfers in zip(plans, made, strict=True):
            number += 1
            posted = {"transfers": of_transfers(transfers)} if transfers else {}
            record = record_of(
                log_id=self.programme.id,
                number=number,
                previous=previous,
                act=plan.act,
                key=plan.key,
                actor=plan.by,
                at=plan.at,
                facts={**plan.facts, **posted},
            )
            previous = record.hash
            yield record

    def _insert(self, made: Iterable[Record]) -> list[AuditRecord]:
        columns = ("programme_id", "number", "key", "body", "hash")
        rows = [(self.programme.id, r.number, r.key, r.body.decode("utf-8"), r.hash) for r in made]
        ids = new_ids("audit_record", len(rows))
        insert_rows(
            "audit_record",
            ("id", *columns),
            [(id_, *row) for id_, row in zip(ids, rows, strict=True)],
        )
        return [
            AuditRecord(id=id_, **dict(zip(columns, row, strict=True)))
            for id_, row in zip(ids, rows, strict=True)
        ]


@contextmanager
def transaction(programme_id: str) -> Iterator[Transaction]:
    """Begin an act on a programme: its row is locked, so acts of one programme have one order.

    raises   UnknownProgramme
    """
    with database_transaction.atomic():
        programme = Programme.objects.select_for_update().filter(id=programme_id).first()
        if programme is None:
            raise UnknownProgramme(programme_id=programme_id)
        tx = Transaction(programme)
        yield tx
        if tx.record is None and not tx.has_nothing_to_do:
            raise AssertionError(f"an act on {programme_id} wrote no audit record")
