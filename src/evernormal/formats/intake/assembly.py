"""The tables of a folder without problems, as the values that the year is run on."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date
from typing import Any, TypeVar

from evernormal.domain.market import Order, OrderChange, ProviderAnswer, QuoteRequest
from evernormal.domain.policy import (
    Applicant,
    Contract,
    CostCategory,
    DeviceOrigin,
    OtherSupport,
    Provider,
    Route,
    Side,
)
from evernormal.domain.settlement import BankPayment, InvoiceLine
from evernormal.domain.values import Fen, Period
from evernormal.domain.voucher import voucher_of_contract
from evernormal.formats.intake.columns import COST_COLUMNS
from evernormal.formats.intake.folder import Folder, unit_of
from evernormal.formats.intake.order_changes import order_change_of
from evernormal.formats.intake.price_relations import price_of, rate_of
from evernormal.formats.intake.programme import programme_of
from evernormal.formats.intake.programme_file import ProgrammeFile
from evernormal.formats.intake.purchases import contract_rows
from evernormal.formats.intake.quotes import quotes_of
from evernormal.formats.intake.row import Row
from evernormal.formats.intake.usage import Meter
from evernormal.formats.intake.withdrawals import withdrawal_of
from evernormal.formats.intake.year_input import UpstreamRecord, UsageFile, YearInput
from evernormal.formats.pain001 import BankAccount

T = TypeVar("T")


def assemble(folder: Folder, programme: ProgrammeFile, files: Mapping[str, bytes]) -> YearInput:
    """Turn checked rows into domain values.

    folder   without any problem: every required cell was read and every reference leads somewhere
    """
    unit = unit_of(programme)
    rows = {name: sheet.rows for name, sheet in folder.sheets.items()}
    upstream = {
        record.contract_id: record for record in map(_upstream, rows["upstream_awards.csv"])
    }
    contracts = [
        _contract(row, upstream.get(_v(row)["contract_id"])) for row in rows["contracts.csv"]
    ]
    purchases = _purchases(rows["purchases.csv"], {c.id: c for c in contracts})
    provider_of = {c.id: c.provider_id for c in (*contracts, *purchases.values())}
    quotes = quotes_of(rows["quotes.csv"], provider_of)
    return YearInput(
        programme=programme_of(programme),
        applicants={a.id: a for a in map(_applicant, rows["applicants.csv"])},
        providers={p.id: p for p in map(_provider, rows["providers.csv"])},
        accounts=_accounts(rows),
        contracts={contract.id: contract for contract in contracts},
        meter_accounts=_meter_accounts(folder),
        orders=_orders(folder, provider_of, {asked.id: asked for asked in quotes}),
        burn_priority=dict(_burn_priorities(rows["contracts.csv"])),
        capacity=_capacity(rows["capacity.csv"]),
        invoices=tuple(_invoice(row) for row in rows["invoices.csv"]),
        payments=tuple(_payment(row) for row in rows["payments.csv"]),
        prices=_sound(price_of(row, unit=unit) for row in rows["prices.csv"]),
        exchange_rates=_sound(rate_of(row) for row in rows["exchange_rates.csv"]),
        usage=tuple(usage_file_of(meter) for meter in folder.meters),
        upstream=upstream,
        reports=_reports(rows["reports.csv"]),
        extensions=tuple(
            (_v(row)["contract_id"], _v(row)["granted_on"]) for row in rows["extensions.csv"]
        ),
        files=dict(files),
        agents=folder.agents,
        buyers=folder.buyers,
        received_orders=folder.received_orders,
        purchases=purchases,
        paid_by={_v(row)["purchase_id"]: _v(row)["contract_id"] for row in rows["purchases.csv"]},
        order_changes=_order_changes(rows["order_changes.csv"]),
        quotes=quotes,
        withdrawals=tuple(
            withdrawal_of(row, closes_on=programme.find("closes_on"))
            for row in rows["withdrawals.csv"]
        ),
    )


def _accounts(rows: Mapping[str, Iterable[Row]]) -> dict[str, BankAccount]:
    return {
        **{_v(row)["applicant_id"]: _account(row) for row in rows["applicants.csv"]},
        **{_v(row)["provider_id"]: _account(row) for row in rows["providers.csv"]},
    }


def _meter_accounts(folder: Folder) -> dict[tuple[str, str], str]:
    return {
        (_v(row)["provider_id"], _v(row)["meter_account"]): _v(row)["contract_id"]
        for row in contract_rows(folder)
        if "meter_account" in row.values
    }


def _capacity(rows: Iterable[Row]) -> dict[tuple[str, str], int]:
    return {(_v(row)["provider_id"], _v(row)["device_class"]): _v(row)["cards"] for row in rows}


def _reports(rows: Iterable[Row]) -> tuple[tuple[str, date], ...]:
    return tuple(sorted((_v(row)["contract_id"], _v(row)["accepted_on"]) for row in rows))


def _order_changes(rows: Iterable[Row]) -> tuple[OrderChange, ...]:
    """In the order in which the office is told of them."""
    changes = map(order_change_of, rows)
    return tuple(sorted(changes, key=lambda change: (change.changed_on, change.order_id)))


def _burn_priorities(contracts: Iterable[Row]) -> Iterator[tuple[str, int]]:
    for row in contracts:
        if "burn_priority" in row.values:
            yield voucher_of_contract(_v(row)["contract_id"]), _v(row)["burn_priority"]


def _v(row: Row) -> Mapping[str, Any]:
    """The row's values, whose types the column table gives."""
    return row.values


def _applicant(row: Row) -> Applicant:
    v = _v(row)
    return Applicant(
        id=v["applicant_id"],
        name=v["name"],
        uscc=v["uscc"],
        type=v["type"],
        size=v["size"],
        founded_on=v["founded_on"],
        place=v["place"],
        owners=v.get("owners", frozenset()),
        last_dishonesty_on=v.get("last_dishonesty_on"),
        sectors=v.get("sectors", frozenset()),
        filings=v.get("filings", frozenset()),
        lists=v.get("lists", frozenset()),
        traits=v.get("traits", frozenset()),
        staff=v.get("staff"),
        revenue=v.get("revenue_yuan"),
        group=v.get("group", ""),
    )


def _provider(row: Row) -> Provider:
    v = _v(row)
    return Provider(
        id=v["provider_id"],
        name=v["name"],
        uscc=v["uscc"],
        is_registered=v["registered"],
        place=v["place"],
        owners=v.get("owners", frozenset()),
        facility=v.get("facility", ""),
        is_connected=v.get("connected", False),
        scale=v.get("scale", {}),
    )


def _account(row: Row) -> BankAccount:
    v = _v(row)
    return BankAccount(v["bank_account"], v["name"], v["bank_name"], v["bank_code"])


def _contract(row: Row, upstream: UpstreamRecord | None) -> Contract:
    """The contract of a row; matched to another programme, its cost is what that accepted."""
    v = _v(row)
    costs: dict[Any, Fen] = {
        category: v[name] for category, (name, _, _) in COST_COLUMNS.items() if name in v
    }
    supports = dict(v.get("other_supports", {}))
    if upstream is not None:
        costs = {v.get("service", CostCategory.COMPUTE): upstream.cost}
        supports[upstream.programme] = upstream.support
    return Contract(
        id=v["contract_id"],
        applicant_id=v["applicant_id"],
        provider_id=v["provider_id"],
        signed_on=v["signed_on"],
        term=Period.of_days(v["starts_on"], v["ends_on"]),
        costs={category: cost for category, cost in costs.items() if cost.amount},
        use=v["use"],
        has_other_support=v["other_support"],
        applied_on=v["applied_on"],
        service=v.get("service", CostCategory.COMPUTE),
        device_origin=v.get("device_origin", DeviceOrigin.UNDECLARED),
        route=Route.MATCHED if upstream else Route.APPLIED,
        side=v.get("side", Side.DEMAND),
        traits=v.get("traits", frozenset()),
        documents=v.get("documents", frozenset()),
        supports=tuple(OtherSupport(name, amount) for name, amount in supports.items()),
        capacity_pflops=v.get("capacity_pflops", 0),
        facility_id=v.get("facility_id", ""),
        score=v.get("score"),
        price_per_card_hour=v.get("price_yuan_per_card_hour"),
    )


def _purchases(rows: Iterable[Row], contracts: Mapping[str, Contract]) -> dict[str, Contract]:
    """What is bought of further providers under the application of a contract."""
    return {
        _v(row)["purchase_id"]: replace(
            contracts[_v(row)["contract_id"]],
            id=_v(row)["purchase_id"],
            provider_id=_v(row)["provider_id"],
            signed_on=_v(row)["signed_on"],
            term=Period.of_days(_v(row)["starts_on"], _v(row)["ends_on"]),
        )
        for row in rows
    }


def _upstream(row: Row) -> UpstreamRecord:
    v = _v(row)
    return UpstreamRecord(
        id=v["upstream_award_id"],
        programme=v["programme"],
        contract_id=v["contract_id"],
        decided_on=v["decided_on"],
        cost=v["cost_yuan"],
        support=v["support_yuan"],
    )


def _orders(
    folder: Folder, provider_of: Mapping[str, str], quotes: Mapping[str, QuoteRequest]
) -> tuple[Order, ...]:
    """Those of the office, then those that came in while the year ran."""
    of_office = [_order(row, provider_of, quotes) for row in folder.sheets["orders.csv"].rows]
    return (*of_office, *(received.order for received in folder.received_orders))


def _order(row: Row, provider_of: Mapping[str, str], quotes: Mapping[str, QuoteRequest]) -> Order:
    v = _v(row)
    quoted = quotes.get(v.get("quote_id", ""))
    return Order(
        id=v["order_id"],
        contract_id=v["contract_id"],
        provider_id=provider_of[v["contract_id"]],
        device_class=v["device_class"],
        cards=v["cards"],
        gang_cards=v["gang_cards"],
        card_hours=v["card_hours"],
        period=Period.of_days(v["starts_on"], v["ends_on"]),
        answer=v.get("answer", ProviderAnswer.APPROVED),
        answered_card_hours=v.get("answered_card_hours", 0),
        ordered_on=v.get("ordered_on"),
        site=v.get("site", ""),
        plan=v.get("plan", ""),
        further_contracts=v.get("further_contracts", ()),
        also_classes=v.get("also_classes", ()),
        waits_until=v.get("waits_until"),
        priority=v.get("priority", 0),
        quote_id=quoted.id if quoted else "",
        quoted_on=quoted.quoted_on if quoted else None,
    )


def _invoice(row: Row) -> InvoiceLine:
    v = _v(row)
    return InvoiceLine(
        number=v["invoice_number"],
        line=v["line"],
        contract_id=v["contract_id"],
        category=v["category"],
        amount=v["amount_yuan"],
        seller=v["seller_uscc"],
        buyer=v["buyer_uscc"],
        issued_on=v["issued_on"],
        period=Period.of_days(v["period_starts_on"], v["period_ends_on"]),
        status=v["status"],
        claimed_on=v.get("claimed_on"),
    )


def _payment(row: Row) -> BankPayment:
    v = _v(row)
    return BankPayment(
        id=v["payment_id"],
        invoice_number=v["invoice_number"],
        payer=v["payer_uscc"],
        payee=v["payee_uscc"],
        amount=v["amount_yuan"],
        paid_on=v["paid_on"],
    )


def _sound(values: Iterable[T | None]) -> tuple[T, ...]:
    """Values of rows that were found to be sound."""
    found = tuple(values)
    if any(value is None for value in found):
        raise AssertionError("a row that was refused is used")
    return tuple(value for value in found if value is not None)


def usage_file_of(meter: Meter) -> UsageFile:
    """A usage file whose readings were found to be sound."""
    entry = meter.entry
    if entry.provider_id is None or entry.received_at is None:
        raise AssertionError(f"{meter.path} has no provider or day of receipt")
    return UsageFile(
        path=meter.path,
        provider_id=entry.provider_id,
        received_at=entry.received_at.astimezone(UTC),
        sha256=meter.sha256,
        records=tuple(meter.record_of(reading) for reading in meter.readings),
        lines=tuple(reading.line for reading in meter.readings),
        without_cards=meter.without_cards,
        signed_by=meter.signed_by,
    )
