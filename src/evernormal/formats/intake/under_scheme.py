"""What a year's files ask of its scheme: rules must be in force on every day they are asked."""

from evernormal.domain.policy import (
    EligibleCost,
    Form,
    PayeeRule,
    Rate,
    RoundingRule,
    Scheme,
    Settlement,
    ShortageRule,
    VoucherTerm,
)
from evernormal.formats.intake.year_input import YearInput
from evernormal.formats.problems import Problem

_NEEDED = (EligibleCost, Rate, RoundingRule, PayeeRule, ShortageRule)


def scheme_problems(year: YearInput, *, scheme: Scheme) -> list[Problem]:
    """Name every application for which the scheme has no rules, and what its mode misses.

    year     checked in itself
    returns  problems with their file and what to do; [] when the year can run
    """
    needed: list[type[Form]] = [*_NEEDED]
    if scheme.settlement is not Settlement.POST_USE_SUBSIDY:
        needed.append(VoucherTerm)
    problems = []
    for contract in year.contracts.values():
        missing = [f.name for f in needed if scheme.find(f, contract.applied_on) is None]
        if missing:
            problems.append(
                Problem(
                    file="contracts.csv",
                    line=None,
                    column="applied_on",
                    code="scheme.not_in_force",
                    message=(
                        f"contract {contract.id} was applied for on {contract.applied_on}, "
                        f"when scheme {scheme.id} has no rule of form {', '.join(missing)}."
                    ),
                    todo="Correct the day, or add a dated value to the scheme.",
                )
            )
    if scheme.settlement is Settlement.CLAIM_AND_DEDUCT:
        problems += _without_orders(year)
    if scheme.settlement is Settlement.POST_USE_SUBSIDY:
        problems += _issued_later(year)
    return problems


def _without_orders(year: YearInput) -> list[Problem]:
    """A voucher that is deducted as cards are used needs an order to be held for."""
    ordered = {order.contract_id for order in year.orders}
    return [
        Problem(
            file="orders.csv",
            line=None,
            column="contract_id",
            code="order.missing",
            message=f"contract {contract_id} has no order, so nothing can be held or charged.",
            todo="Add a row for each device class that the contract uses.",
        )
        for contract_id in sorted(year.contracts.keys() - ordered)
    ]


def _issued_later(year: YearInput) -> list[Problem]:
    """A subsidy after use is applied for with its invoices, so none can be issued later."""
    late = {
        (line.number, line.contract_id, line.issued_on)
        for line in year.invoices
        if line.claimed_on is not None
        and line.issued_on > year.contracts[line.contract_id].applied_on
    }
    return [
        Problem(
            file="invoices.csv",
            line=None,
            column="issued_on",
            code="invoice.after_application",
            message=(
                f"invoice {number} was issued on {issued_on}: the application of "
                f"{year.contracts[contract_id].applied_on} for contract {contract_id} cannot "
                "rest on an invoice issued later."
            ),
            todo="Correct the day, leave claimed_on blank, or correct applied_on in contracts.csv.",
        )
        for number, contract_id, issued_on in sorted(late)
    ]
