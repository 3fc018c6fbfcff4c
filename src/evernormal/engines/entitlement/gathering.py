"""From cases to columns, and from one row of columns back to a case with the same outcome."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np

from evernormal.domain.errors import DomainError
from evernormal.domain.policy import (
    Applicant,
    CapScope,
    Case,
    Contract,
    CostCategory,
    OtherSupport,
    Provider,
    SupportRequest,
    are_related,
)
from evernormal.domain.values import Fen, Period, Uscc
from evernormal.engines.entitlement.arrays import (
    BITS_MAX,
    NOT_STATED,
    DayColumn,
    IntColumn,
    WordColumn,
    WordSetColumn,
    code_of,
)
from evernormal.engines.entitlement.columns import CODES, CaseColumns

# Two codes with a right check character, of no firm in particular.
_BUYER, _SELLER = Uscc("91350100M000100Y43"), Uscc("91110000000000000E")
_SHARED = frozenset({"person:shared"})


class FactBeyondColumns(DomainError):
    """A whole number does not fit into a column."""

    code = "columns.fact_beyond"

    def __init__(self, *, row: int, fact: int) -> None:
        self.row, self.fact = row, fact
        super().__init__(
            f"{fact} in row {row} does not fit into 64 bits. Assess this case by itself."
        )


def columns_of(cases: Sequence[Case], requests: Sequence[SupportRequest]) -> CaseColumns:
    """The columns of cases and of what is asked for each.

    cases, requests [n], row by row about the same case
    returns  columns [n]; identities and owners are not kept, only whether the parties are related
    raises   FactBeyondColumns for a number that does not fit into 64 bits; ValueError for a request
             about another case
    """
    for row, (case, request) in enumerate(zip(cases, requests, strict=True)):
        if request.case is not case and request.case != case:
            raise ValueError(f"The request in row {row} is about another case: pair them by row.")
    applicants = [case.applicant for case in cases]
    providers = [case.provider for case in cases]
    contracts = [case.contract for case in cases]
    return CaseColumns(
        **_applicant_columns(applicants),
        **_provider_columns(providers),
        **_contract_columns(contracts),
        **_request_columns(requests),
        awards_on_contract=_figures(case.awards_on_contract for case in cases),
        awards_other_side=_figures(case.awards_other_side for case in cases),
        upstream=WordColumn.of([case.upstream for case in cases]),
        traits=WordSetColumn.of([case.applicant.traits | case.contract.traits for case in cases]),
        is_related=_flags(bool(are_related(case.applicant, case.provider)) for case in cases),
    )


def _applicant_columns(applicants: Sequence[Applicant]) -> dict[str, Any]:
    revenues = [NOT_STATED if a.revenue is None else a.revenue.amount for a in applicants]
    return {
        "founded_on": _days(a.founded_on for a in applicants),
        "last_dishonesty_on": _days(a.last_dishonesty_on for a in applicants),
        "applicant_type": _codes([a.type for a in applicants]),
        "size": _codes([a.size for a in applicants]),
        "place": WordColumn.of([a.place for a in applicants]),
        "sectors": WordSetColumn.of([a.sectors for a in applicants]),
        "filings": WordSetColumn.of([a.filings for a in applicants]),
        "lists": WordSetColumn.of([a.lists for a in applicants]),
        "staff": _figures(NOT_STATED if a.staff is None else a.staff for a in applicants),
        "revenue": _figures(revenues),
    }


def _provider_columns(providers: Sequence[Provider]) -> dict[str, Any]:
    measures = sorted({measure for p in providers for measure in p.scale})
    return {
        "is_registered": _flags(p.is_registered for p in providers),
        "is_connected": _flags(p.is_connected for p in providers),
        "provider_place": WordColumn.of([p.place for p in providers]),
        "facility": WordColumn.of([p.facility for p in providers]),
        "scale": {m: _figures(p.scale.get(m, 0) for p in providers) for m in measures},
    }


def _contract_columns(contracts: Sequence[Contract]) -> dict[str, Any]:
    programmes = [{support.programme for support in c.supports} for c in contracts]
    prices = [c.price_per_card_hour for c in contracts]
    return {
        "applied_on": _days(c.applied_on for c in contracts),
        "signed_on": _days(c.signed_on for c in contracts),
        "term_starts_on": _days(c.term.starts_on for c in contracts),
        "term_ends_on": _days(c.term.ends_on for c in contracts),
        "use": _codes([c.use for c in contracts]),
        "service": _codes([c.service for c in contracts]),
        "device_origin": _codes([c.device_origin for c in contracts]),
        "route": _codes([c.route for c in contracts]),
        "side": _codes([c.side for c in contracts]),
        "documents": WordSetColumn.of([c.documents for c in contracts]),
        "support_programmes": WordSetColumn.of(programmes),
        "has_other_support": _flags(c.has_other_support for c in contracts),
        "contract_cost": _figures(sum(f.amount for f in c.costs.values()) for c in contracts),
        "capacity_pflops": _figures(c.capacity_pflops for c in contracts),
        "price_per_card_hour": _figures(NOT_STATED if p is None else p.amount for p in prices),
    }


def _request_columns(requests: Sequence[SupportRequest]) -> dict[str, Any]:
    categories = [c for c in CostCategory if any(c in r.costs for r in requests)]
    scopes = [s for s in CapScope if any(s in r.already for r in requests)]
    return {
        "request_starts_on": _days(r.term.starts_on for r in requests),
        "request_ends_on": _days(r.term.ends_on for r in requests),
        "counted_on": _codes([r.counted_on for r in requests]),
        "firm_year_cost_before": _figures(r.firm_year_cost_before.amount for r in requests),
        "other_support": _figures(r.other_support.amount for r in requests),
        "costs": {c: _figures(r.costs.get(c, Fen(0)).amount for r in requests) for c in categories},
        "already": {s: _figures(r.already.get(s, Fen(0)).amount for r in requests) for s in scopes},
    }


def _figures(column: Iterable[int]) -> IntColumn:
    figures = list(column)
    try:
        return np.array(figures, dtype=np.int64)
    except OverflowError:
        beyond = ((row, fact) for row, fact in enumerate(figures) if fact.bit_length() > BITS_MAX)
        row, fact = next(beyond)
        raise FactBeyondColumns(row=row, fact=fact) from None


def _days(column: Iterable[date | None]) -> DayColumn:
    return np.array([0 if day is None else day.toordinal() for day in column], dtype=np.int32)


def _flags(column: Iterable[bool]) -> Any:
    return np.array(list(column), dtype=np.bool_)


def _codes(column: Sequence[Any]) -> Any:
    return np.array([code_of(member) for member in column], dtype=np.int8)


def case_at(columns: CaseColumns, row: int) -> Case:
    """A case to which every rule says what it says of the row. Names and identities are made up."""
    read = _reader(columns, row)
    has_link = _SHARED if columns.is_related[row] else frozenset[str]()
    last_dishonesty_on = int(columns.last_dishonesty_on[row])
    staff, revenue = int(columns.staff[row]), int(columns.revenue[row])
    applicant = Applicant(
        id="applicant",
        name="applicant",
        uscc=_BUYER,
        type=read("applicant_type"),
        size=read("size"),
        founded_on=read("founded_on"),
        place=read("place"),
        owners=has_link,
        last_dishonesty_on=date.fromordinal(last_dishonesty_on) if last_dishonesty_on else None,
        sectors=read("sectors"),
        filings=read("filings"),
        lists=read("lists"),
        traits=read("traits"),
        staff=None if staff == NOT_STATED else staff,
        revenue=None if revenue == NOT_STATED else Fen(revenue),
    )
    provider = Provider(
        id="provider",
        name="provider",
        uscc=_SELLER,
        is_registered=read("is_registered"),
        place=read("provider_place"),
        owners=has_link,
        facility=read("facility"),
        is_connected=read("is_connected"),
        scale={measure: int(sizes[row]) for measure, sizes in columns.scale.items()},
    )
    return Case(
        applicant,
        provider,
        _contract_at(columns, row),
        awards_on_contract=read("awards_on_contract"),
        awards_other_side=read("awards_other_side"),
        upstream=read("upstream"),
    )


def _contract_at(columns: CaseColumns, row: int) -> Contract:
    read = _reader(columns, row)
    price = read("price_per_card_hour")
    return Contract(
        id=f"row {row}",
        applicant_id="applicant",
        provider_id="provider",
        signed_on=read("signed_on"),
        term=Period(read("term_starts_on"), read("term_ends_on")),
        costs={CostCategory.COMPUTE: Fen(read("contract_cost"))},
        use=read("use"),
        has_other_support=read("has_other_support"),
        applied_on=read("applied_on"),
        service=read("service"),
        device_origin=read("device_origin"),
        route=read("route"),
        side=read("side"),
        documents=read("documents"),
        supports=tuple(OtherSupport(p, Fen(0)) for p in sorted(read("support_programmes"))),
        capacity_pflops=read("capacity_pflops"),
        price_per_card_hour=None if price == NOT_STATED else Fen(price),
    )


def request_at(columns: CaseColumns, row: int) -> SupportRequest:
    """A request to which every amount rule gives what it gives to the row."""
    read = _reader(columns, row)
    return SupportRequest(
        case=case_at(columns, row),
        costs={category: Fen(int(fen[row])) for category, fen in columns.costs.items()},
        term=Period(read("request_starts_on"), read("request_ends_on")),
        counted_on=read("counted_on"),
        already={scope: Fen(int(fen[row])) for scope, fen in columns.already.items()},
        firm_year_cost_before=Fen(read("firm_year_cost_before")),
        other_support=Fen(read("other_support")),
    )


def _reader(columns: CaseColumns, row: int) -> Callable[[str], Any]:
    def read(name: str) -> Any:
        column = getattr(columns, name)
        if isinstance(column, WordColumn):
            return column.words[column.codes[row]]
        if isinstance(column, WordSetColumn):
            return column.words_at(row)
        value = column[row].item()
        if name in CODES:
            return tuple(CODES[name][0])[value]
        return date.fromordinal(value) if name.endswith("_on") else value

    return read
