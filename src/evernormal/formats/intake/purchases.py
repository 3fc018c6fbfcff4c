"""Purchases: contracts with further providers that the voucher of an award pays too."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from evernormal.formats.intake.folder import Folder
from evernormal.formats.intake.row import Row, Sheet
from evernormal.formats.problems import Problem


def contracts_and_purchases(folder: Folder) -> dict[str, Row]:
    """The first row with each id of a contract or purchase, as a row of contracts.csv.

    A purchase has its own id and provider, and the buyer of the contract whose award pays it.
    """
    found: dict[str, Row] = {}
    for row in contract_rows(folder):
        found.setdefault(row.texts.get("contract_id", ""), row)
    found.pop("", None)
    return found


def contract_rows(folder: Folder) -> list[Row]:
    """Every row of contracts.csv and purchases.csv, the latter as rows of contracts.csv."""
    contracts = _by_id(folder.sheets["contracts.csv"], "contract_id")
    purchases = folder.sheets["purchases.csv"].rows
    bought = [
        _as_contract(row, contracts.get(row.texts.get("contract_id", ""))) for row in purchases
    ]
    return [*folder.sheets["contracts.csv"].rows, *bought]


def purchase_problems(folder: Folder) -> Iterator[Problem]:
    """Give what is wrong with purchases, apart from unknown references."""
    contracts = _by_id(folder.sheets["contracts.csv"], "contract_id")
    first: dict[tuple[str, str], Row] = {}
    for row in folder.sheets["purchases.csv"].rows:
        yield from _days(row)
        yield from _twice(row, first)
        purchase_id = row.find("purchase_id", str)
        if purchase_id in contracts:
            message = f'"{purchase_id}" is a contract\'s id too.'
            yield row.problem("purchase_id", "id.shared", message, "Give it another id.")
        yield from _parties(row, contracts)


def _twice(row: Row, first: dict[tuple[str, str], Row]) -> Iterator[Problem]:
    """Refuse two purchases of one award with one provider: an order could be of either."""
    contract_id, provider_id = row.find("contract_id", str), row.find("provider_id", str)
    if not contract_id or not provider_id:
        return
    before = first.setdefault((contract_id, provider_id), row)
    is_other = before.texts.get("purchase_id") != row.texts.get("purchase_id")
    if before is not row and is_other:
        message = f"Line {before.line} is a purchase of {provider_id} under {contract_id} too."
        todo = "Make one row of the two: its term is from the first day to the last."
        yield row.problem("provider_id", "purchase.twice", message, todo)


def _parties(row: Row, contracts: Mapping[str, Row]) -> Iterator[Problem]:
    contract = contracts.get(row.texts.get("contract_id", ""))
    provider_id = row.find("provider_id", str)
    if contract is not None and provider_id and provider_id == contract.find("provider_id", str):
        message = f"Contract {contract.texts['contract_id']} is with {provider_id} itself."
        todo = "Take the row out: orders of that provider name the contract."
        yield row.problem("provider_id", "purchase.of_own_provider", message, todo)
    applied_on = contract.find("applied_on", date) if contract else None
    ends_on = row.find("ends_on", date)
    if applied_on and ends_on and ends_on < applied_on:
        message = f"{ends_on} is before the application of {applied_on}."
        todo = "Correct the day: the voucher that is to pay does not exist yet."
        yield row.problem("ends_on", "purchase.over_before_award", message, todo)


def _days(row: Row) -> Iterator[Problem]:
    first, last = row.find("starts_on", date), row.find("ends_on", date)
    if first and last and last < first:
        message = f"{last} is before starts_on, {first}."
        yield row.problem(
            "ends_on", "contract.ends_before_start", message, "Correct one of the two."
        )


def _by_id(sheet: Sheet, column: str) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for row in sheet.rows:
        rows.setdefault(row.texts.get(column, ""), row)
    rows.pop("", None)
    return rows


def _as_contract(row: Row, paid_by: Row | None) -> Row:
    texts = {**row.texts, "contract_id": row.texts.get("purchase_id", "")}
    values = {**row.values}
    values.pop("contract_id", None)
    if "purchase_id" in values:
        values["contract_id"] = values["purchase_id"]
    if paid_by is not None:
        texts["applicant_id"] = paid_by.texts.get("applicant_id", "")
        values["applicant_id"] = paid_by.values.get("applicant_id")
    return replace(row, texts=texts, values=values)
