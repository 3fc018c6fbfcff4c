"""Opening a programme year."""

import hashlib

from django.db import transaction as database_transaction

from evernormal.actions.desk import Desk
from evernormal.domain.audit import Act, Json
from evernormal.domain.errors import DomainError
from evernormal.domain.ledger.posting import of_appropriation
from evernormal.formats.intake.register import is_received
from evernormal.store.models import Programme
from evernormal.store.transaction import transaction

BLOCK_BYTES = 1024
"""Inputs are digested in blocks of this size, so that a changed byte can be placed."""


class OtherInputs(DomainError):
    """The books of this programme were opened on other input files."""

    code = "programme.other_inputs"

    def __init__(self, *, programme_id: str) -> None:
        self.programme_id = programme_id
        super().__init__(
            f"The books of {programme_id} were opened on other input files. "
            "Books are never rewritten: choose another --out folder or database, "
            "or put the earlier files back."
        )


def open_programme(desk: Desk) -> None:
    """Open the books: which rules, which pot, which files.

    raises   OtherInputs when they are open on other files
    """
    programme = desk.year.programme
    digest = inputs_digest(desk)
    with database_transaction.atomic():
        row, _ = Programme.objects.get_or_create(
            id=programme.id,
            defaults={
                "scheme_id": desk.scheme.id,
                "inputs_digest": digest,
                "opened_on": programme.opens_on,
            },
        )
        if row.inputs_digest != digest:
            raise OtherInputs(programme_id=programme.id)
        with transaction(programme.id) as tx:
            if tx.is_done(Act.OPEN_PROGRAMME.value):
                return
            tx.append(
                Act.OPEN_PROGRAMME,
                key=Act.OPEN_PROGRAMME.value,
                by=programme.office.prepares,
                at=desk.at(programme.opens_on),
                facts=_facts(desk),
                moves=[of_appropriation(programme.pot)],
            )


def inputs_digest(desk: Desk) -> str:
    """One digest over the scheme file and all files that the office put in."""
    total = hashlib.sha256(desk.scheme_bytes)
    for path, data in _inputs(desk):
        total.update(f"\n{path}\n{hashlib.sha256(data).hexdigest()}".encode())
    return total.hexdigest()


def _inputs(desk: Desk) -> list[tuple[str, bytes]]:
    """What the books are opened on: all files but those that come in while the year runs.

    Each batch that comes in has its digest in the act that accepts it.
    """
    return sorted((path, d) for path, d in desk.year.files.items() if not is_received(path))


def digest_of(data: bytes) -> dict[str, Json]:
    """A file's digest, and a short one for each of its blocks."""
    blocks = [data[i : i + BLOCK_BYTES] for i in range(0, len(data), BLOCK_BYTES)]
    return {
        "sha256": hashlib.sha256(data).hexdigest(),
        "blocks": "".join(hashlib.sha256(block).hexdigest()[:8] for block in blocks),
    }


def _facts(desk: Desk) -> dict[str, Json]:
    programme = desk.year.programme
    return {
        "scheme": desk.scheme.id,
        "scheme_file": digest_of(desk.scheme_bytes),
        "settlement": desk.scheme.settlement.value,
        "year": programme.year,
        "pot_fen": programme.pot.amount,
        "unit": programme.unit.value,
        "zone": programme.zone,
        "meter": programme.meter.value,
        "inputs": {path: digest_of(data) for path, data in _inputs(desk)},
    }
