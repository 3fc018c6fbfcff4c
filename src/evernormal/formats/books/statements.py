"""Statements: what one party is told about its year, as a table of dated lines with a balance."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from evernormal.domain.audit import Act
from evernormal.domain.ledger import AccountKind, Phase, account_id
from evernormal.domain.policy import Unit
from evernormal.formats.books.rows import TransferRow, YearBooks
from evernormal.formats.books.tables import encode_table


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One event of a party: what it is, what it moved, and what stands after it, in fen."""

    on: date
    what: str
    reference: str
    quantity_card_seconds: int = 0
    awarded_fen: int = 0
    charge_fen: int = 0
    voucher_fen: int = 0
    copay_fen: int = 0
    approved_fen: int = 0
    paid_fen: int = 0
    owed_to_party_fen: int = 0


def encode_statements(books: YearBooks, *, unit: Unit = Unit.CNY) -> dict[str, bytes]:
    """A statement file for every applicant and provider that something happened to.

    unit     what the scheme counts in
    returns  bytes by file name `statements/<party>.csv`
    """
    parties = sorted(
        {d.applicant_id for d in books.decisions}
        | {d.provider_id for d in books.decisions}
        | {c.payee_id for c in books.claims}
    )
    return {
        f"statements/{party}.csv": encode_table(StatementLine, lines_of(books, party), unit=unit)
        for party in parties
    }


def lines_of(books: YearBooks, party: str) -> list[StatementLine]:
    """The lines of one party's statement, in order of days."""
    events = [*_decided(books, party), *_charged(books, party), *_moved(books, party)]
    owed, lines = 0, []
    for line in sorted(events, key=lambda event: event.on):
        owed += line.approved_fen - line.paid_fen
        lines.append(replace(line, owed_to_party_fen=owed))
    return lines


def _decided(books: YearBooks, party: str) -> Iterator[StatementLine]:
    decided_on = {
        act.facts["award"]: act.at.date() for act in books.acts if act.act == Act.AWARD.value
    }
    for row in books.decisions:
        if row.applicant_id == party:
            day = decided_on[row.award_id]
            yield StatementLine(day, "AWARD", row.award_id, awarded_fen=row.awarded_fen)
    for voucher in books.vouchers:
        if voucher.holder_id == party and voucher.lapsed_fen:
            yield StatementLine(
                voucher.lapses_on, "LAPSE", voucher.voucher_id, awarded_fen=-voucher.lapsed_fen
            )


def _charged(books: YearBooks, party: str) -> Iterator[StatementLine]:
    for row in books.charges:
        if party in (row.applicant_id, row.provider_id):
            yield StatementLine(
                row.day,
                "CHARGE",
                row.charge_id,
                quantity_card_seconds=row.used_seconds,
                charge_fen=row.amount_fen,
                voucher_fen=row.voucher_fen,
                copay_fen=row.copay_fen,
            )


def _moved(books: YearBooks, party: str) -> Iterator[StatementLine]:
    payable = account_id(AccountKind.PAYABLE, party)
    for row in books.journal:
        if row.phase != Phase.SINGLE.value:
            continue
        if row.credit == payable:
            yield StatementLine(row.on, row.code, _subject(row), approved_fen=row.amount_fen)
        if row.debit == payable:
            yield StatementLine(row.on, row.code, _subject(row), paid_fen=row.amount_fen)


def _subject(row: TransferRow) -> str:
    return row.act_key.split("/", 1)[1]
