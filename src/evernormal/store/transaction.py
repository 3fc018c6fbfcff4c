"""One act, one transaction, one audit record."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction as database_transaction

from evernormal.domain.audit import GENESIS, Act, Json, record_of
from evernormal.domain.audit.facts import of_transfers
from evernormal.domain.errors import DomainError
from evernormal.domain.ledger import Transfer
from evernormal.domain.ledger.posting import Move, numbered
from evernormal.store import ledger
from evernormal.store.models import AuditRecord, Programme


class UnknownProgramme(DomainError):
    """A programme that was never opened."""

    code = "programme.unknown"

    def __init__(self, *, programme_id: str) -> None:
        self.programme_id = programme_id
        super().__init__(f"Programme {programme_id} is not open. Run it first.")


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

        key    the act's name, unique in the log
        by     who acts
        at     instant in the programme's zone; its date is the transfers' date
        moves  what the posting rules made of the act's facts, in order
        raises the ledger's refusals; then nothing is written
        """
        if self.record is not None:
            raise AssertionError(f"{key}: an act has one audit record, {self.record.key}")
        transfers = numbered(moves, act_key=key, on=at.date())
        self.record = self._append_record(act, key=key, by=by, at=at, facts=facts, made=transfers)
        ledger.post(self.programme, transfers, act=self.record)
        return self.record

    def _append_record(  # noqa: PLR0913 - an audit record has these parts, by law 10
        self,
        act: Act,
        *,
        key: str,
        by: str,
        at: datetime,
        facts: Mapping[str, Json],
        made: tuple[Transfer, ...],
    ) -> AuditRecord:
        last = AuditRecord.objects.filter(programme=self.programme).order_by("-number").first()
        record = record_of(
            log_id=self.programme.id,
            number=last.number + 1 if last else 1,
            previous=last.hash if last else GENESIS,
            act=act,
            key=key,
            actor=by,
            at=at,
            facts={**facts, "transfers": of_transfers(made)} if made else facts,
        )
        return AuditRecord.objects.create(
            programme=self.programme,
            number=record.number,
            key=record.key,
            body=record.body.decode("utf-8"),
            hash=record.hash,
        )


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
