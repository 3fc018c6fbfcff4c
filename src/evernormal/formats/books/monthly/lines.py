"""A party's months: what its vouchers held, what was charged, and what it was owed."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from evernormal.domain.ledger import AccountKind, Phase, TransferCode, account_id
from evernormal.formats.books.rows import TransferRow, YearBooks

_POSTED = frozenset({Phase.SINGLE.value, Phase.POST.value})
"""Phases that move posted balances; what is on hold is still the voucher's."""

_Codes = dict[str, int]


@dataclass(frozen=True, slots=True)
class MonthLine:
    """One month of one party by the day of posting, in fen.

    month              as 2026-04
    voucher_*          value of its vouchers, with what is on hold:
                       opening + issued - captured + given back - lapsed = closing
    charge, correction the first charges of days, and later changes of them; voucher and copay are
                       the two parts of both together
    owed_*             what the programme owes it: opening + earned - earned back - paid = closing
    """

    month: str
    voucher_opening_fen: int
    issued_fen: int
    captured_fen: int
    given_back_fen: int
    lapsed_fen: int
    voucher_closing_fen: int
    charge_fen: int
    correction_fen: int
    voucher_fen: int
    copay_fen: int
    owed_opening_fen: int
    earned_fen: int
    earned_back_fen: int
    paid_fen: int
    owed_closing_fen: int


@dataclass(slots=True)
class _Month:
    """Sums of one month: transfers into and out of the party's accounts by code, and charges."""

    into_voucher: _Codes = field(default_factory=lambda: defaultdict(int))
    out_of_voucher: _Codes = field(default_factory=lambda: defaultdict(int))
    into_owed: _Codes = field(default_factory=lambda: defaultdict(int))
    out_of_owed: _Codes = field(default_factory=lambda: defaultdict(int))
    charge: int = 0
    correction: int = 0
    voucher: int = 0
    copay: int = 0


def month_lines(books: YearBooks, party: str) -> list[MonthLine]:
    """A party's months from its first posting or charge to its last, none left out.

    party    id of an applicant or a provider
    returns  in order; [] for a party to which nothing was posted
    """
    months: dict[date, _Month] = defaultdict(_Month)
    _add_transfers(months, books, party)
    _add_charges(months, books, party)
    if not months:
        return []
    lines: list[MonthLine] = []
    for month in _months(min(months), max(months)):
        last = lines[-1] if lines else None
        opening = (last.voucher_closing_fen, last.owed_closing_fen) if last else (0, 0)
        lines.append(_line(month, months.get(month) or _Month(), opening))
    return lines


def _add_transfers(months: dict[date, _Month], books: YearBooks, party: str) -> None:
    vouchers = {
        account_id(AccountKind.VOUCHER, voucher.voucher_id)
        for voucher in books.vouchers
        if voucher.holder_id == party
    }
    # Approval moves what is owed from one of the two to the other.
    owed = {account_id(kind, party) for kind in (AccountKind.ACCRUED, AccountKind.PAYABLE)}
    for row in _posted(books.journal):
        month = months[row.on.replace(day=1)] if _meets(row, vouchers | owed) else None
        if month is None:
            continue
        if row.credit in vouchers:
            month.into_voucher[row.code] += row.amount_fen
        if row.debit in vouchers:
            month.out_of_voucher[row.code] += row.amount_fen
        if row.credit in owed and row.debit not in owed:
            month.into_owed[row.code] += row.amount_fen
        if row.debit in owed and row.credit not in owed:
            month.out_of_owed[row.code] += row.amount_fen


def _add_charges(months: dict[date, _Month], books: YearBooks, party: str) -> None:
    charged: set[tuple[str, date, str]] = set()
    for row in books.charges:
        cell = (row.order_id, row.day, row.band)
        is_correction = cell in charged
        charged.add(cell)
        if party not in (row.applicant_id, row.provider_id):
            continue
        month = months[row.charged_on.replace(day=1)]
        if is_correction:
            month.correction += row.amount_fen
        else:
            month.charge += row.amount_fen
        month.voucher += row.voucher_fen
        month.copay += row.copay_fen


def _line(month: date, sums: _Month, opening: tuple[int, int]) -> MonthLine:
    given_back = sums.into_voucher[TransferCode.REVERSE.value]
    issued = sum(sums.into_voucher.values()) - given_back
    captured = sums.out_of_voucher[TransferCode.CAPTURE.value]
    lapsed = sum(sums.out_of_voucher.values()) - captured
    earned = sum(sums.into_owed.values())
    paid = sums.out_of_owed[TransferCode.PAY.value]
    earned_back = sum(sums.out_of_owed.values()) - paid
    voucher, owed = opening
    return MonthLine(
        month=f"{month:%Y-%m}",
        voucher_opening_fen=voucher,
        issued_fen=issued,
        captured_fen=captured,
        given_back_fen=given_back,
        lapsed_fen=lapsed,
        voucher_closing_fen=voucher + issued - captured + given_back - lapsed,
        charge_fen=sums.charge,
        correction_fen=sums.correction,
        voucher_fen=sums.voucher,
        copay_fen=sums.copay,
        owed_opening_fen=owed,
        earned_fen=earned,
        earned_back_fen=earned_back,
        paid_fen=paid,
        owed_closing_fen=owed + earned - earned_back - paid,
    )


def _posted(journal: Iterable[TransferRow]) -> Iterable[TransferRow]:
    return (row for row in journal if row.phase in _POSTED)


def _meets(row: TransferRow, accounts: set[str]) -> bool:
    return row.debit in accounts or row.credit in accounts


def _months(first: date, last: date) -> Iterable[date]:
    month = first
    while month <= last:
        yield month
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
