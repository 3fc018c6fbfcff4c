"""What the folder's tables say about each other: references, order of days, one thing once.

Each check looks only at cells that could be read, so that one cause gives one problem.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from evernormal.domain.settlement import MeterControl
from evernormal.domain.values import Fen, Uscc
from evernormal.formats.intake.columns import COST_COLUMNS
from evernormal.formats.intake.folder import Folder
from evernormal.formats.intake.matches import match_problems
from evernormal.formats.intake.programme_file import ProgrammeFile
from evernormal.formats.intake.purchases import contract_rows, contracts_and_purchases
from evernormal.formats.intake.row import Row, Sheet
from evernormal.formats.problems import Problem

_REFERENCES: Final = (
    ("contracts.csv", "applicant_id", "applicants.csv", "applicant_id"),
    ("contracts.csv", "provider_id", "providers.csv", "provider_id"),
    ("purchases.csv", "contract_id", "contracts.csv", "contract_id"),
    ("purchases.csv", "provider_id", "providers.csv", "provider_id"),
    ("capacity.csv", "provider_id", "providers.csv", "provider_id"),
    ("withdrawals.csv", "provider_id", "providers.csv", "provider_id"),
    ("payments.csv", "invoice_number", "invoices.csv", "invoice_number"),
    ("prices.csv", "provider_id", "providers.csv", "provider_id"),
    ("upstream_awards.csv", "contract_id", "contracts.csv", "contract_id"),
    ("reports.csv", "contract_id", "contracts.csv", "contract_id"),
    ("extensions.csv", "contract_id", "contracts.csv", "contract_id"),
)
_DAYS_OF_ACTS: Final = (
    ("contracts.csv", "applied_on"),
    ("invoices.csv", "claimed_on"),
    ("orders.csv", "ordered_on"),
    ("quotes.csv", "quoted_on"),
    ("reports.csv", "accepted_on"),
    ("extensions.csv", "granted_on"),
    ("order_changes.csv", "changed_on"),
    ("withdrawals.csv", "told_on"),
)
_OF_CONTRACT_OR_PURCHASE: Final = ("quotes.csv", "orders.csv", "invoices.csv")
_SAME_ON_AN_INVOICE: Final = ("seller_uscc", "buyer_uscc", "issued_on", "status", "claimed_on")


def relation_problems(folder: Folder) -> Iterator[Problem]:
    """Give every contradiction between tables, orders and usage apart."""
    yield from _unknown_references(folder)
    yield from _repeated_parties(folder.sheets)
    yield from _shared_accounts(folder.sheets)
    yield from _contracts(folder)
    yield from _invoices(folder)
    yield from _payments(folder.sheets, contracts_and_purchases(folder))
    yield from _days_outside(folder)
    yield from match_problems(folder.sheets)


def by_text(sheet: Sheet, column: str) -> dict[str, Row]:
    """The first row with each text in a column."""
    rows: dict[str, Row] = {}
    for row in sheet.rows:
        rows.setdefault(row.texts.get(column, ""), row)
    rows.pop("", None)
    return rows


def _unknown_references(folder: Folder) -> Iterator[Problem]:
    for file, column, target_file, target_column in _REFERENCES:
        target = folder.sheets[target_file]
        if not target.is_whole:
            continue
        known = by_text(target, target_column)
        for row in folder.sheets[file].rows:
            value = row.find(column, str)
            if value is not None and value not in known:
                message = f'"{value}" is not in {target_file}.'
                todo = f"Correct it, or add the row to {target_file}."
                yield row.problem(column, "reference.unknown", message, todo)
    yield from _unknown_contracts(folder)
    if folder.programme is not None:
        yield from _unknown_meters(folder.programme, folder.sheets["providers.csv"])


def _unknown_contracts(folder: Folder) -> Iterator[Problem]:
    """What is bought and billed is of a contract, or of a purchase that one's award pays."""
    if not all(folder.sheets[file].is_whole for file in ("contracts.csv", "purchases.csv")):
        return
    known = contracts_and_purchases(folder)
    for file in _OF_CONTRACT_OR_PURCHASE:
        for row in folder.sheets[file].rows:
            value = row.find("contract_id", str)
            if value is not None and value not in known:
                message = f'"{value}" is not in contracts.csv.'
                todo = "Correct it, or add the row to contracts.csv, or to purchases.csv."
                yield row.problem("contract_id", "reference.unknown", message, todo)


def _unknown_meters(programme: ProgrammeFile, providers: Sheet) -> Iterator[Problem]:
    known = by_text(providers, "provider_id")
    for entry in programme.usage() if providers.is_whole else ():
        if entry.provider_id is not None and entry.provider_id not in known:
            yield programme.problem(
                "usage",
                entry.index,
                "provider",
                code="reference.unknown",
                message=f'"{entry.provider_id}" is not in providers.csv.',
                todo="Correct it, or add the row to providers.csv.",
            )


def _repeated_parties(sheets: Mapping[str, Sheet]) -> Iterator[Problem]:
    """One organisation under two ids would have two ceilings; one id for two, two accounts."""
    for file in ("applicants.csv", "providers.csv"):
        first: dict[Uscc, Row] = {}
        for row in sheets[file].rows:
            uscc = row.find("uscc", Uscc)
            before = first.setdefault(uscc, row) if uscc else row
            if before is not row and before.texts != row.texts:
                message = f"{uscc} is on line {before.line} under another id."
                todo = "Keep one row for one organisation."
                yield row.problem("uscc", "uscc.repeated", message, todo)
    providers = by_text(sheets["providers.csv"], "provider_id")
    for applicant_id, row in by_text(sheets["applicants.csv"], "applicant_id").items():
        if applicant_id in providers:
            message = f'"{applicant_id}" is a provider\'s id too.'
            yield row.problem("applicant_id", "id.shared", message, "Give one of them another id.")


def _shared_accounts(sheets: Mapping[str, Sheet]) -> Iterator[Problem]:
    """Refuse one bank account for two organisations: one would be paid the other's money."""
    first: dict[tuple[str, str], tuple[str, Row]] = {}
    for file, id_column in (("applicants.csv", "applicant_id"), ("providers.csv", "provider_id")):
        for row in sheets[file].rows:
            bank, account = row.find("bank_code", str), row.find("bank_account", str)
            if bank is None or account is None:
                continue
            party = row.texts.get(id_column, "")
            holder, before = first.setdefault((bank, account.replace("-", "")), (party, row))
            # An organisation may both buy and sell, and a repeated one is refused as such.
            is_same = party == holder or row.texts.get("uscc") == before.texts.get("uscc")
            if is_same:
                continue
            message = (
                f"{party} would be paid to the account of {holder}, "
                f"line {before.line} of {before.file}."
            )
            todo = "Ask both for their account and correct one of the two."
            yield row.problem("bank_account", "account.shared", message, todo)


# --- Contracts ------------------------------------------------------------------------------------


def _contracts(folder: Folder) -> Iterator[Problem]:
    for row in folder.sheets["contracts.csv"].rows:
        yield from _order(row, "ends_on", "starts_on", "contract.ends_before_start")
        yield from _order(row, "applied_on", "signed_on", "contract.applied_before_signed")
        yield from _costs(row)
        yield from _supports(row)
    yield from _meter_accounts(folder)


def _meter_accounts(folder: Folder) -> Iterator[Problem]:
    needs_meter = _needs_meter(folder.programme)
    metered: dict[tuple[str, str], Row] = {}
    for row in contract_rows(folder):
        account = row.find("meter_account", str)
        provider_id = row.find("provider_id", str)
        if needs_meter and not row.texts.get("meter_account"):
            message = "Is blank, but the programme looks at the meter."
            todo = "Enter the name under which the provider meters this contract."
            yield row.problem("meter_account", "contract.no_meter_account", message, todo)
        if account and provider_id:
            before = metered.setdefault((provider_id, account), row)
            if before is not row and before.texts.get("contract_id") != row.texts.get(
                "contract_id"
            ):
                message = f'"{account}" at {provider_id} is the contract of line {before.line}.'
                todo = "Have each contract metered under a name of its own."
                yield row.problem("meter_account", "contract.shared_meter_account", message, todo)


def _needs_meter(programme: ProgrammeFile | None) -> bool:
    meter = programme.find("controls", "meter") if programme else None
    return meter is not None and meter != MeterControl.NOT_REQUIRED.value


def _costs(row: Row) -> Iterator[Problem]:
    names = [name for name, _, _ in COST_COLUMNS.values()]
    costs = [row.find(name, Fen) for name in names]
    is_read = all(name in row.values or not row.texts.get(name) for name in names)
    if row.find("capacity_pflops", int):
        return
    if is_read and not any(cost and cost.amount for cost in costs):
        message, todo = "The contract has no price in any category.", "Enter its price."
        yield row.problem("compute_yuan", "contract.no_price", message, todo)


def _supports(row: Row) -> Iterator[Problem]:
    """Refuse a contract that names other support and says that it has none."""
    named = row.find("other_supports", dict)
    if named and row.find("other_support", bool) is False:
        message = f"Is no, but other_supports names {', '.join(named)}."
        todo = "Write yes, or leave other_supports blank."
        yield row.problem("other_support", "contract.support_denied", message, todo)


def _order(row: Row, later: str, earlier: str, code: str) -> Iterator[Problem]:
    first, last = row.find(earlier, date), row.find(later, date)
    if first and last and last < first:
        message = f"{last} is before {earlier}, {first}."
        yield row.problem(later, code, message, "Correct one of the two.")


# --- Invoices and payments ------------------------------------------------------------------------


def _invoices(folder: Folder) -> Iterator[Problem]:
    first: dict[str, Row] = {}
    for row in folder.sheets["invoices.csv"].rows:
        yield from _order(row, "period_ends_on", "period_starts_on", "invoice.ends_before_start")
        yield from _order(row, "claimed_on", "issued_on", "invoice.claimed_before_issued")
        number = row.find("invoice_number", str)
        before = first.setdefault(number, row) if number else row
        if before is row or before.texts.get("line") == row.texts.get("line"):
            continue
        contract_id, known = row.texts.get("contract_id"), before.texts.get("contract_id")
        if contract_id and known and contract_id != known:
            message = f"Invoice {number} is for {known} on line {before.line}."
            todo = "An invoice is for one contract: correct the number or the contract."
            yield row.problem("contract_id", "invoice.two_contracts", message, todo)
            continue
        for column in _SAME_ON_AN_INVOICE:
            if row.texts.get(column) != before.texts.get(column):
                message = f"Differs from line {before.line} of the same invoice."
                todo = "Enter the same in all its lines."
                yield row.problem(column, "invoice.lines_differ", message, todo)


def _payments(sheets: Mapping[str, Sheet], contracts: Mapping[str, Row]) -> Iterator[Problem]:
    """Refuse money that moved before there was the contract it is said to be paid for."""
    invoices = by_text(sheets["invoices.csv"], "invoice_number")
    for row in sheets["payments.csv"].rows:
        invoice = invoices.get(row.find("invoice_number", str) or "")
        contract = contracts.get(invoice.find("contract_id", str) or "") if invoice else None
        paid_on = row.find("paid_on", date)
        signed_on = contract.find("signed_on", date) if contract else None
        if contract and paid_on and signed_on and paid_on < signed_on:
            contract_id = contract.texts["contract_id"]
            message = f"{paid_on} is before contract {contract_id} was signed, {signed_on}."
            todo = "Correct the day, the invoice number, or signed_on in contracts.csv."
            yield row.problem("paid_on", "payment.before_contract", message, todo)


def _days_outside(folder: Folder) -> Iterator[Problem]:
    programme = folder.programme
    opens_on = programme.find("opens_on") if programme else None
    closes_on = programme.find("closes_on") if programme else None
    if opens_on is None or closes_on is None or closes_on < opens_on:
        return
    for file, column in _DAYS_OF_ACTS:
        for row in folder.sheets[file].rows:
            day = row.find(column, date)
            if day and not opens_on <= day <= closes_on:
                message = f"{day} is outside the programme, {opens_on} to {closes_on}."
                todo = "Correct it, or the programme's days."
                yield row.problem(column, "day.outside_programme", message, todo)
