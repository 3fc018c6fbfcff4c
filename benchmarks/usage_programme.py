"""A made-up programme year of claim-and-deduct, with as many orders as one asks for.

It is written as a folder of files and read as any office's folder is, so that what is measured
stands on vouchers and holds which the acts themselves made. Fictional office, firms and figures.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
from usage_generator import CLASSES, UsagePlan

from evernormal.actions.desk import Desk
from evernormal.actions.year import work_until
from evernormal.domain.market import PriceList
from evernormal.domain.metering import UsageKey, UsageRecord
from evernormal.domain.values.identity import uscc_check_character
from evernormal.formats.intake import read_year
from evernormal.formats.intake.year_input import UsageFile
from evernormal.schemes import read_library_scheme

SCHEME = "cn/guizhou/2026"
APPLIED_ON = date(2026, 3, 20)
STARTS_ON, MONTH_ENDS_ON, YEAR_ENDS_ON = date(2026, 4, 1), date(2026, 5, 1), date(2026, 12, 31)
# Cards, gang and card-hours: with prices of a fen or two, a hold outlasts seven months with a
# million readings to an order, so that every batch has something to post.
_SIZE = (100_000, 1, 23_000_000)
_BANK = ("交通银行贵阳国库支行", "301701019655")
_PROGRAMME = """
id = "{id}"
scheme = "cn/guizhou/2026"
year = 2026
pot = "140000000.00"
unit = "CNY"
timezone = "Asia/Shanghai"
opens_on = 2026-03-19
closes_on = 2026-12-31

[office]
name = "示例算力券管理办公室"
uscc = "{uscc}"
bank_name = "交通银行贵阳国库支行"
bank_code = "301701019655"
bank_account = "8105976908598637697"
prepares = "示例甲"
approves = "示例乙"

[controls]
meter = "LIMIT"
"""


@dataclass(frozen=True, slots=True)
class ProgrammePlan:
    """How many orders of what.

    ends_on  the day after the orders' last
    """

    id: str
    plan: UsagePlan
    ends_on: date = MONTH_ENDS_ON

    def files(self) -> dict[str, bytes]:
        """The folder."""
        orders = [self.plan.order(number) for number in range(self.plan.orders)]
        providers = sorted({provider for _, provider, _, _ in orders})
        programme = _PROGRAMME.format(id=self.id, uscc=_uscc(9_000_000))
        return {
            "programme.toml": programme.encode(),
            **self._parties(len(orders), providers),
            **self._market(providers),
            **self._deals(orders),
            "invoices.csv": _sheet(
                "invoice_number,line,contract_id,category,amount_yuan,seller_uscc,buyer_uscc,"
                "issued_on,period_starts_on,period_ends_on,status,claimed_on",
                (),
            ),
            "payments.csv": _sheet(
                "payment_id,invoice_number,payer_uscc,payee_uscc,amount_yuan,paid_on", ()
            ),
        }

    def _parties(self, applicants: int, providers: Sequence[str]) -> dict[str, bytes]:
        return {
            "applicants.csv": _sheet(
                "applicant_id,name,uscc,type,size,founded_on,place,owners,last_dishonesty_on,"
                "bank_name,bank_code,bank_account",
                (self._applicant(number) for number in range(applicants)),
            ),
            "providers.csv": _sheet(
                "provider_id,name,uscc,registered,place,owners,bank_name,bank_code,bank_account",
                (self._provider(number, name) for number, name in enumerate(providers)),
            ),
        }

    def _market(self, providers: Sequence[str]) -> dict[str, bytes]:
        """Capacity, and prices that change once within the month."""
        return {
            "capacity.csv": _sheet(
                "provider_id,device_class,cards",
                ([name, kind, 10**9 - 1] for name in providers for kind in CLASSES),
            ),
            "prices.csv": _sheet(
                "provider_id,device_class,starts_on,ends_on,price_yuan_per_card_hour",
                (
                    [name, kind, *price]
                    for name in providers
                    for kind in CLASSES
                    for price in (
                        (date(2026, 1, 1), date(2026, 4, 15), "0.02"),
                        (date(2026, 4, 16), None, "0.01"),
                    )
                ),
            ),
        }

    def _deals(self, orders: Sequence[tuple[str, str, str, str]]) -> dict[str, bytes]:
        """A contract and an order each."""
        last = self.ends_on - timedelta(1)
        return {
            "contracts.csv": _sheet(
                "contract_id,applicant_id,provider_id,signed_on,starts_on,ends_on,compute_yuan,"
                "storage_yuan,network_yuan,security_yuan,support_yuan,model_service_yuan,use,"
                "other_support,applied_on,meter_account",
                (self._contract(number, order) for number, order in enumerate(orders)),
            ),
            "orders.csv": _sheet(
                "order_id,contract_id,device_class,cards,gang_cards,card_hours,starts_on,ends_on",
                (
                    [f"O{contract[1:]}", contract, kind, *_SIZE, STARTS_ON, last]
                    for contract, _, _, kind in orders
                ),
            ),
        }

    def desk(self, batches: Sequence[UsageFile] = ()) -> Desk:
        """The year with some batches of usage, as its officers see it."""
        year = replace(read_year(self.files()), usage=tuple(batches))
        scheme, scheme_bytes = read_library_scheme(SCHEME)
        prices = PriceList(year.prices, year.exchange_rates)
        return Desk(year=year, scheme=scheme, scheme_bytes=scheme_bytes, prices=prices)

    def opened(self) -> Desk:
        """The year up to the day on which use begins: vouchers issued, orders held."""
        desk = self.desk()
        opens_at = datetime(2026, 3, 31, 12, tzinfo=UTC)
        work_until(desk, until=opens_at, progress=lambda _: None)
        return desk

    @staticmethod
    def _applicant(number: int) -> list[object]:
        account = f"62220000{number:010}"
        facts = ["ENTERPRISE", "MEDIUM", date(2018, 5, 9), "520115", f"person:{number}", ""]
        return [f"F-{number:05}", f"示例企业{number:05}", _uscc(number), *facts, *_BANK, account]

    @staticmethod
    def _provider(number: int, name: str) -> list[object]:
        facts = ["yes", "520111", f"person:provider-{number}"]
        uscc, account = _uscc(8_000_000 + number), f"62230000{number:010}"
        return [name, f"示例智算中心{number}", uscc, *facts, *_BANK, account]

    @staticmethod
    def _contract(number: int, order: tuple[str, str, str, str]) -> list[object]:
        contract, provider, account, _ = order
        dates = [date(2026, 3, 20), STARTS_ON, YEAR_ENDS_ON]
        costs = ["460000.00", "", "", "", "", ""]
        facts = ["TRAINING", "no", APPLIED_ON, account]
        return [contract, f"F-{number:05}", provider, *dates, *costs, *facts]


def batch_of(
    name: str, provider: str, records: Sequence[UsageRecord] = (), *, minute: int = 0
) -> UsageFile:
    """A batch of a provider's readings, received late in the year, so many minutes after noon."""
    received_at = datetime(2026, 12, 29, 4, tzinfo=UTC) + timedelta(minutes=minute)
    return UsageFile(
        path=name,
        provider_id=provider,
        received_at=received_at,
        sha256=name.encode().hex().ljust(64, "0")[:64],
        records=tuple(records),
        lines=tuple(range(1, len(records) + 1)),
        without_cards=0,
    )


def records_of(rows: pl.DataFrame) -> list[UsageRecord]:
    """Generated rows as what a reader of meters makes of its file."""
    return [
        UsageRecord(
            key=UsageKey(
                provider_id=row["provider"],
                cluster=row["cluster"],
                job=row["job"],
                device_class=row["device_class"],
                starts_at=datetime.fromtimestamp(row["starts_at"], tz=UTC),
            ),
            account=row["account"],
            cards=row["cards"],
            ends_at=datetime.fromtimestamp(row["ends_at"], tz=UTC),
            is_final=row["is_final"],
            state=row["state"],
        )
        for row in rows.filter(pl.col("weight") > 0).iter_rows(named=True)
    ]


def _uscc(number: int) -> str:
    body = f"91520100MA{number:07}"
    return body + uscc_check_character(body)


def _sheet(head: str, rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    sheet = csv.writer(text, lineterminator="\n")
    sheet.writerow(head.split(","))
    sheet.writerows(["" if cell is None else str(cell) for cell in row] for row in rows)
    return text.getvalue().encode()
