"""Closing the books: the year's files are made, and the last record names every one of them."""

import hashlib

from evernormal.actions.desk import Desk
from evernormal.actions.standing_orders import with_standing_orders
from evernormal.domain.audit import Act, Checkpoint
from evernormal.formats.books.files import encode_books
from evernormal.store.queries.books import read_books, read_log
from evernormal.store.transaction import transaction


def close_books(desk: Desk) -> dict[str, bytes]:
    """Make the year's files and record their digests.

    returns  bytes by path, without the log and its checkpoint
    """
    desk = with_standing_orders(desk)
    programme = desk.year.programme
    books = read_books(programme.id, zone=desk.zone, award_contract=desk.year.award_contract)
    # The files show the year before it was closed, so that making them again gives the same.
    before = tuple(act for act in books.acts if act.act != Act.CLOSE_BOOKS.value)
    files = encode_books(
        books.with_acts(before),
        year=desk.year,
        scheme=desk.scheme,
        scheme_bytes=desk.scheme_bytes,
    )
    with transaction(programme.id) as tx:
        if not tx.is_done(Act.CLOSE_BOOKS.value):
            digests = {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}
            tx.append(
                Act.CLOSE_BOOKS,
                key=Act.CLOSE_BOOKS.value,
                by=programme.office.approves,
                at=desk.at(programme.closes_on),
                facts={"files": dict(sorted(digests.items()))},
            )
    return files


def log_of(desk: Desk) -> tuple[list[tuple[bytes, str]], Checkpoint]:
    """The whole audit log and its head."""
    records = read_log(desk.programme_id)
    head = records[-1][1]
    return records, Checkpoint(log_id=desk.programme_id, size=len(records), head=head)
