"""A small programme year, made in Python, for tests of the acts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from django.db import transaction as database_transaction

from evernormal.actions.desk import Desk
from evernormal.domain.market import Order, Price, PriceList
from evernormal.domain.metering import UsageRecord
from evernormal.domain.policy import (
    Contract,
    CostCategory,
    Form,
    PayeeRule,
    Provider,
    Scheme,
    Settlement,
    Shortage,
    ShortageRule,
    Text,
    Unit,
    VoucherTerm,
)
from evernormal.domain.settlement import BankPayment, InvoiceLine, InvoiceStatus, MeterControl
from evernormal.domain.values import Fen, Period
from evernormal.formats.intake.year_input import (
    Office,
    PaymentDay,
    Programme,
    UpstreamRecord,
    UsageFile,
    YearInput,
)
from evernormal.formats.pain001 import BankAccount
from tests.domain.sample import amount_rules, applicant, contract, order, provider, rule, uscc

OPENS_ON, CLOSES_ON = date(2026, 1, 5), date(2026, 3, 27)
APPLIED_ON = date(2026, 1, 10)
PRICE = Fen(1_000)
BANK = BankAccount("6222", "x", "y", "313701098010")
OFFICE = Office("Bureau", uscc(999), BANK, "li", "zhao")


@dataclass
class Year:
    """What differs from test to test; `desk` makes the year of it."""

    settlement: Settlement = Settlement.CLAIM_AND_DEDUCT
    shortage: Shortage | ShortageRule = Shortage.FIRST_COME
    lottery_seed: str = ""
    pot: int = 10_000_000
    months: int = 12
    ratio: Fraction = Fraction(1, 2)
    meter: MeterControl = MeterControl.NOT_REQUIRED
    rules: tuple[tuple[str, Form], ...] = ()
    contracts: tuple[Contract, ...] = (contract(1),)
    orders: tuple[Order, ...] = ()
    cards: int = 64
    usage: tuple[UsageFile, ...] = ()
    invoices: tuple[InvoiceLine, ...] = ()
    payments: tuple[BankPayment, ...] = ()
    payment_days: tuple[date, ...] = ()
    upstream: tuple[UpstreamRecord, ...] = ()
    reports: tuple[tuple[str, date], ...] = ()
    extensions: tuple[tuple[str, date], ...] = ()
    providers: tuple[Provider, ...] = (provider(1),)
    office: Office = OFFICE
    closes_on: date = CLOSES_ON
    rules_since: date = date(2026, 1, 1)
    changed: dict[str, Any] = field(default_factory=dict)

    def scheme(self) -> Scheme:
        shortage = self.shortage
        validity = [("validity", VoucherTerm(self.months))]
        forms = (
            *amount_rules(self.ratio),
            # The last of those who may be paid: with a capacity award, the side that claims.
            ("payee", PayeeRule(self.settlement.traits.payees[-1])),
            *(validity if self.settlement.traits.has_voucher else ()),
            (
                "shortage",
                shortage if isinstance(shortage, ShortageRule) else ShortageRule(shortage),
            ),
            *self.rules,
        )
        return Scheme(
            id="test",
            title=Text("Test", "试"),
            issuer=Text("Test", "试"),
            settlement=self.settlement,
            rules=tuple(rule(i, form, since=self.rules_since) for i, form in forms),
            unknown=(),
            unit=self.unit,
        )

    @property
    def unit(self) -> Unit:
        return Unit.CNY if self.settlement.traits.pays_money else Unit.CREDIT

    def programme(self) -> Programme:
        return Programme(
            id="prog",
            scheme_id="test",
            year=2026,
            pot=Fen(self.pot),
            unit=self.unit,
            zone="Asia/Shanghai",
            opens_on=OPENS_ON,
            closes_on=self.closes_on,
            office=self.office,
            meter=self.meter,
            payment_days=tuple(PaymentDay(d, d + timedelta(2)) for d in self.payment_days),
            lottery_seed=self.lottery_seed,
        )

    def desk(self) -> Desk:
        firms = [applicant(int(c.applicant_id[1:])) for c in self.contracts]
        prices = tuple(
            Price(p.id, device_class, date(2025, 1, 1), None, PRICE)
            for p in self.providers
            for device_class in ("910B", "A100")
        )
        year = YearInput(
            programme=self.programme(),
            applicants={a.id: a for a in firms},
            providers={p.id: p for p in self.providers},
            accounts=dict.fromkeys((*(p.id for p in self.providers), *(a.id for a in firms)), BANK),
            contracts={c.id: c for c in self.contracts},
            meter_accounts={(c.provider_id, f"lab-{c.id[1:]}"): c.id for c in self.contracts},
            orders=self.orders,
            capacity={(p.provider_id, p.device_class): self.cards for p in prices},
            invoices=self.invoices,
            payments=self.payments,
            prices=prices,
            usage=self.usage,
            upstream={record.contract_id: record for record in self.upstream},
            reports=self.reports,
            extensions=self.extensions,
            files={"programme.toml": b"test"},
        )
        return Desk(
            year=replace(year, **self.changed),
            scheme=self.scheme(),
            scheme_bytes=b"rules",
            prices=PriceList(prices),
        )


def small_order(number: int = 1, **changes: Any) -> Order:
    """An order whose voucher part at half of `PRICE` is 1,000 fen."""
    values: dict[str, Any] = {"cards": 8, "gang_cards": 1, "card_hours": 2}
    return order(number, **{**values, **changes})


def usage_file(name: str, day: date, *records: UsageRecord, received: time = time(1)) -> UsageFile:
    """A file of data centre 1; 01:00 UTC is the hour at which the office opens."""
    return UsageFile(
        path=f"usage/{name}.json",
        provider_id="P1",
        received_at=datetime.combine(day, received, tzinfo=UTC),
        sha256="0" * 64,
        records=records,
        lines=tuple(range(1, len(records) + 1)),
        without_cards=0,
    )


def invoice(number: str, claimed_on: date, **changes: Any) -> InvoiceLine:
    plain = InvoiceLine(
        number=number,
        line=1,
        contract_id="C1",
        category=CostCategory.COMPUTE,
        amount=Fen(1_000),
        seller=uscc(901),
        buyer=uscc(1),
        issued_on=date(2026, 1, 20),
        period=Period(date(2026, 1, 1), date(2026, 4, 1)),
        status=InvoiceStatus.NORMAL,
        claimed_on=claimed_on,
    )
    return replace(plain, **changes)


def payment_of(line: InvoiceLine, fen: int | None = None) -> BankPayment:
    amount = line.amount if fen is None else Fen(fen)
    paid_on = line.claimed_on or line.issued_on
    return BankPayment(f"B-{line.number}", line.number, line.buyer, line.seller, amount, paid_on)


@contextmanager
def rolled_back() -> Iterator[None]:
    """Undo everything at the end: the append-only tables cannot be emptied."""
    with database_transaction.atomic():
        yield
        database_transaction.set_rollback(True)
