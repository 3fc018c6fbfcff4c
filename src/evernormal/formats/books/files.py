"""All files of a year's books, from its rows: the same rows give the same bytes."""

from evernormal.domain.policy import Scheme
from evernormal.formats.books.focus import encode_charges
from evernormal.formats.books.funding import funding_of
from evernormal.formats.books.monthly import encode_monthly
from evernormal.formats.books.paths import INPUTS_FOLDER, REPORT_FILE, SCHEME_FILE
from evernormal.formats.books.payments import encode_payments
from evernormal.formats.books.report import render_report
from evernormal.formats.books.rows import (
    AccountRow,
    ChargeRow,
    ClaimRow,
    DecisionRow,
    FundingRow,
    TransferRow,
    UsageRow,
    VoucherRow,
    YearBooks,
)
from evernormal.formats.books.statements import encode_statements
from evernormal.formats.books.tables import encode_table
from evernormal.formats.intake.year_input import YearInput


def encode_books(
    books: YearBooks, *, year: YearInput, scheme: Scheme, scheme_bytes: bytes
) -> dict[str, bytes]:
    """Every file but the log and its checkpoint, which come after them and name them.

    returns  bytes by path below the output folder
    """
    unit = scheme.unit
    contracts = {**year.contracts, **year.purchases}
    funding = funding_of(books.charges, contracts=contracts, scheme=scheme)
    return {
        "decisions.csv": encode_table(DecisionRow, books.decisions, unit=unit),
        "vouchers.csv": encode_table(VoucherRow, books.vouchers, unit=unit),
        "usage.csv": encode_table(UsageRow, books.usage, unit=unit),
        "charges.csv": encode_table(ChargeRow, books.charges, unit=unit),
        "charge-funding.csv": encode_table(FundingRow, funding, unit=unit),
        "claims.csv": encode_table(ClaimRow, books.claims, unit=unit),
        "journal.csv": encode_table(TransferRow, books.journal, unit=unit),
        "accounts.csv": encode_table(AccountRow, books.accounts, unit=unit),
        **encode_statements(books, unit=unit),
        **encode_monthly(books, year=year, unit=unit),
        **encode_charges(books, year=year, scheme=scheme),
        **encode_payments(books, year=year),
        REPORT_FILE: render_report(books, year=year, scheme=scheme),
        SCHEME_FILE: scheme_bytes,
        **{f"{INPUTS_FOLDER}{path}": data for path, data in year.files.items()},
    }
