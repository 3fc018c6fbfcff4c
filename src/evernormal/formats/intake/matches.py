"""What awards of other programmes, and answers of providers, say about the folder's contracts."""

from collections.abc import Iterator, Mapping
from datetime import date

from evernormal.domain.market import ProviderAnswer
from evernormal.formats.intake.row import Row, Sheet
from evernormal.formats.problems import Problem


def match_problems(sheets: Mapping[str, Sheet]) -> Iterator[Problem]:
    """Give what is wrong with upstream awards and with providers' answers.

    sheets   by file name
    """
    yield from _upstream(sheets)
    for row in sheets["orders.csv"].rows:
        is_modified = row.find("answer", ProviderAnswer) is ProviderAnswer.MODIFIED
        has_hours = bool(row.texts.get("answered_card_hours"))
        if is_modified and not has_hours:
            message = "Is blank, but the provider modified the order."
            todo = "Enter the card-hours that the provider offers."
            yield row.problem("answered_card_hours", "order.answer_without_hours", message, todo)
        if has_hours and not is_modified:
            message = "The provider did not modify the order."
            todo = "Leave it blank, or write MODIFIED as the answer."
            yield row.problem("answered_card_hours", "order.hours_without_answer", message, todo)


def _upstream(sheets: Mapping[str, Sheet]) -> Iterator[Problem]:
    contracts = {row.texts.get("contract_id", ""): row for row in sheets["contracts.csv"].rows}
    first: dict[str, Row] = {}
    for row in sheets["upstream_awards.csv"].rows:
        contract_id = row.texts.get("contract_id", "")
        before = first.setdefault(contract_id, row)
        if before is not row:
            message = f"Contract {contract_id} has the award of line {before.line} already."
            todo = "Match a contract to one award."
            yield row.problem("contract_id", "upstream.twice", message, todo)
        contract = contracts.get(contract_id)
        programme = row.find("programme", str)
        if contract and programme in (contract.find("other_supports", dict) or {}):
            message = f'other_supports of contract {contract_id} names "{programme}" as well.'
            todo = "Name its support here only: else it would count twice."
            yield row.problem("programme", "upstream.named_twice", message, todo)
        applied_on = contract.find("applied_on", date) if contract else None
        decided_on = row.find("decided_on", date)
        if applied_on and decided_on and applied_on != decided_on:
            message = f"{decided_on} is not the day of application in contracts.csv, {applied_on}."
            todo = "What is matched without application is applied for on the day of the award."
            yield row.problem("decided_on", "upstream.other_day", message, todo)
