"""What a year's files ask of its scheme: rules must be in force on every day they are asked."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from evernormal.domain.policy import (
    CapacitySupport,
    Contract,
    EligibleCost,
    Form,
    PayeeRule,
    Pot,
    Rate,
    RoundingRule,
    Scheme,
    Settlement,
    Shortage,
    ShortageRule,
    TieredRate,
    TrancheRelease,
    Tranches,
    VoucherExtension,
    VoucherTerm,
)
from evernormal.formats.intake.programme_file import PROGRAMME_FILE
from evernormal.formats.intake.year_input import YearInput
from evernormal.formats.problems import Problem

_RATES: tuple[type[Form], ...] = (Rate, TieredRate, CapacitySupport)
_NEEDED: tuple[type[Form], ...] = (RoundingRule, PayeeRule, ShortageRule)


def scheme_problems(year: YearInput, *, scheme: Scheme) -> list[Problem]:
    """Name every application for which the scheme has no rules, and what its mode misses.

    year     checked in itself
    returns  problems with their file and what to do; [] when the year can run
    """
    checks: tuple[Callable[[YearInput, Scheme], Iterator[Problem]], ...] = (
        _money,
        _rules,
        _scores,
        _extensions,
        _reports,
        *_BY_MODE.get(scheme.settlement, ()),
    )
    problems = [problem for check in checks for problem in check(year, scheme)]
    if scheme.settlement.traits.is_deducted:
        problems += _without_orders(year, scheme)
    else:
        problems += _tranches_at_once(year, scheme)
    return problems


def _money(year: YearInput, scheme: Scheme) -> Iterator[Problem]:
    """The programme counts in the scheme's unit, and has no more than the scheme gives a year."""
    programme = year.programme
    if programme.unit is not scheme.unit:
        yield _problem(
            PROGRAMME_FILE,
            "unit",
            "programme.unit",
            f"the programme counts in {programme.unit.value}, {scheme.id} in {scheme.unit.value}.",
            f"Write {scheme.unit.value}, or name another scheme.",
        )
    pot = scheme.find(Pot, programme.closes_on)
    if pot is not None and programme.pot > pot[1].amount:
        yield _problem(
            PROGRAMME_FILE,
            "pot",
            "programme.pot_above_scheme",
            f"the year has {programme.pot.yuan}, {scheme.id} gives {pot[1].amount.yuan} a year.",
            "Correct the pot, or add a dated value to the scheme.",
        )
    if programme.unit.is_money and not programme.payment_days:
        yield _problem(
            PROGRAMME_FILE,
            "payment_day",
            "payment_day.missing",
            "nothing would ever be paid.",
            "Add a [[payment_day]].",
        )


def _rules(year: YearInput, scheme: Scheme) -> Iterator[Problem]:
    for contract in year.contracts.values():
        missing = _missing(scheme, contract.applied_on)
        if missing:
            yield _problem(
                "contracts.csv",
                "applied_on",
                "scheme.not_in_force",
                f"contract {contract.id} was applied for on {contract.applied_on}, "
                f"when scheme {scheme.id} has no rule of form {', '.join(missing)}.",
                "Correct the day, or add a dated value to the scheme.",
            )


def _missing(scheme: Scheme, on: date) -> list[str]:
    """The forms that a decision on a day needs and the scheme does not have in force."""
    needed = [*_NEEDED, *([VoucherTerm] if scheme.settlement.traits.has_voucher else [])]
    missing = [form.name for form in needed if scheme.find(form, on) is None]
    rates = [form for form in _RATES if scheme.find(form, on)]
    if not rates:
        missing.append(" or ".join(form.name for form in _RATES))
    if rates != [CapacitySupport] and scheme.find(EligibleCost, on) is None:
        missing.append(EligibleCost.name)
    return missing


def _scores(year: YearInput, scheme: Scheme) -> Iterator[Problem]:
    """What is ranked, or drawn among those with a score, needs scores, and a draw its seed."""
    found = [(c, scheme.find(ShortageRule, c.applied_on)) for c in year.contracts.values()]
    rules = [(contract, rule[1]) for contract, rule in found if rule is not None]
    for contract in (c for c, rule in rules if _asks_score(rule) and c.score is None):
        yield _problem(
            "contracts.csv",
            "score",
            "contract.no_score",
            f"contract {contract.id} has no score, but the scheme ranks applications.",
            "Enter the experts' score.",
        )
    is_drawn = any(rule.shortage is Shortage.LOTTERY for _, rule in rules)
    if is_drawn and not year.programme.lottery_seed:
        yield _problem(
            PROGRAMME_FILE,
            "lottery_seed",
            "programme.no_lottery_seed",
            "the scheme draws lots, and no seed was published.",
            'Publish a seed before the call ends and write lottery_seed = "...".',
        )


def _asks_score(rule: ShortageRule) -> bool:
    """A plain draw asks for none: every application has one lot."""
    bounds = (rule.least_score, rule.sure_score)
    return rule.shortage is Shortage.RANKED or any(bound is not None for bound in bounds)


def _extensions(year: YearInput, scheme: Scheme) -> Iterator[Problem]:
    for contract_id, granted_on in year.extensions:
        if scheme.find(VoucherExtension, year.contracts[contract_id].applied_on) is None:
            yield _problem(
                "extensions.csv",
                "contract_id",
                "extension.not_allowed",
                f"the voucher of {contract_id} was extended on {granted_on}, "
                f"but {scheme.id} allows no extension.",
                "Take the row out, or add a rule of form voucher_extension.",
            )


def _reports(year: YearInput, scheme: Scheme) -> Iterator[Problem]:
    """A report is there to release a part of an award, which only a voucher can take up."""
    for contract_id, accepted_on in year.reports:
        if _parts_on_report(scheme, year.contracts[contract_id].applied_on) is None:
            yield _problem(
                "reports.csv",
                "contract_id",
                "report.no_tranches",
                f"the report of {contract_id} of {accepted_on} releases nothing: "
                f"{scheme.id} gives no part of an award on a report.",
                "Take the row out, or add a rule of form tranches.",
            )


def _parts_on_report(scheme: Scheme, on: date) -> Tranches | None:
    found = scheme.find(Tranches, on)
    waits = found and any(part.on is TrancheRelease.REPORT for part in found[1].parts)
    return found[1] if found and waits else None


def _tranches_at_once(year: YearInput, scheme: Scheme) -> Iterator[Problem]:
    """Where no orders draw on a voucher, a later part of an award could not wait for its report."""
    days = {contract.applied_on for contract in year.contracts.values()}
    if any(_parts_on_report(scheme, day) for day in days):
        yield _problem(
            PROGRAMME_FILE,
            "scheme",
            "scheme.tranches_not_carried_out",
            f"{scheme.id} gives a part of an award after a report, which is not carried out for "
            f"settlement {scheme.settlement.value}: all of it would be given at once.",
            "Choose a settlement with orders, or take the tranches out of the scheme.",
        )


def _without_orders(year: YearInput, _scheme: Scheme) -> Iterator[Problem]:
    """A voucher that is deducted as cards are used needs an order to be held for.

    Who has a key may order while the year runs.
    """
    buyers = {buyer.applicant_id for buyer in year.buyers}
    ordered = {order.contract_id for order in year.orders}
    ordered |= {c.id for c in year.contracts.values() if c.applicant_id in buyers}
    for contract_id in sorted(year.contracts.keys() - ordered):
        yield _problem(
            "orders.csv",
            "contract_id",
            "order.missing",
            f"contract {contract_id} has no order, so nothing can be held or charged.",
            "Add a row for each device class that the contract uses.",
        )


def _issued_later(year: YearInput, _scheme: Scheme) -> Iterator[Problem]:
    """A subsidy after use is applied for with its invoices, so none can be issued later."""
    late = {
        (line.number, line.contract_id, line.issued_on)
        for line in year.invoices
        if line.claimed_on is not None
        and line.issued_on > year.contracts[line.contract_id].applied_on
    }
    for number, contract_id, issued_on in sorted(late):
        yield _problem(
            "invoices.csv",
            "issued_on",
            "invoice.after_application",
            f"invoice {number} was issued on {issued_on}: the application of "
            f"{year.contracts[contract_id].applied_on} for contract {contract_id} cannot "
            "rest on an invoice issued later.",
            "Correct the day, leave claimed_on blank, or correct applied_on in contracts.csv.",
        )


def _unmeasured(year: YearInput, _scheme: Scheme) -> Iterator[Problem]:
    """A capacity award needs a measured capacity of a named facility."""
    for contract in year.contracts.values():
        yield from _demand(contract, bool(contract.capacity_pflops), "capacity_pflops")
        yield from _demand(contract, bool(contract.facility_id), "facility_id")


def _demand(contract: Contract, is_there: bool, column: str) -> Iterable[Problem]:  # noqa: FBT001
    if not is_there:
        yield _problem(
            "contracts.csv",
            column,
            "contract.no_capacity",
            f"contract {contract.id} has no {column}, but capacity is what is supported.",
            "Enter what the third party measured, and where.",
        )


def _unmatched(year: YearInput, scheme: Scheme) -> Iterator[Problem]:
    """What comes without application comes from an award of another programme."""
    for contract_id in sorted(year.contracts.keys() - year.upstream.keys()):
        yield _problem(
            "upstream_awards.csv",
            "contract_id",
            "upstream.missing",
            f"contract {contract_id} has no award of another programme, which {scheme.id} matches.",
            "Add the award's row, or take the contract out.",
        )


def _unbilled(year: YearInput, scheme: Scheme) -> Iterator[Problem]:
    """Where nobody bills, an invoice in the folder would be looked at by nobody."""
    numbers = sorted({line.number for line in year.invoices})
    if numbers:
        yield _problem(
            "invoices.csv",
            "invoice_number",
            "invoice.not_looked_at",
            f"{scheme.id} rests on no invoices: nothing looks at {len(numbers)} of them.",
            "Take their rows out of invoices.csv and payments.csv.",
        )


_BY_MODE: dict[Settlement, tuple[Callable[[YearInput, Scheme], Iterator[Problem]], ...]] = {
    Settlement.POST_USE_SUBSIDY: (_issued_later,),
    Settlement.CAPACITY_AWARD: (_unmeasured, _unbilled),
    Settlement.AUTOMATIC_MATCH: (_unmatched, _unbilled),
    Settlement.IN_KIND: (_unbilled,),
    Settlement.EXCHANGED_CREDITS: (_unbilled,),
}


def _problem(file: str, column: str, code: str, message: str, todo: str) -> Problem:
    return Problem(file=file, line=None, column=column, code=code, message=message, todo=todo)
