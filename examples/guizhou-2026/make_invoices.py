"""Write invoices.csv and payments.csv of this example from its recording, orders and prices.

    python examples/guizhou-2026/make_invoices.py

Run it after the recording was made anew. The provider bills each contract's rated charges of a
period and the user pays what the voucher does not; BILLS says where somebody did otherwise.
"""

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from evernormal.connectors.folder import read_folder
from evernormal.domain.allocation import Purse, allocate, peak_cards
from evernormal.domain.market import Order, PriceList, quote
from evernormal.domain.metering import UsageKey, UsageRecord, charges_due, meter, use_by_day
from evernormal.domain.values import Fen, Period, Rounding, RoundingMode
from evernormal.formats.intake import YearInput, read_year
from evernormal.formats.intake.columns import INVOICES, PAYMENTS

HERE: Final = Path(__file__).parent
PROVIDER: Final = "P-GUIAN"
# The scheme's share and rounding: schemes/cn/guizhou/2026.
SHARE: Final = Fraction(30, 100)
ROUNDING: Final = Rounding(RoundingMode.TRUNCATE)
DAYS_TO_PAY: Final = timedelta(days=4)


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice of a period: when it was issued and claimed, and what was odd about it.

    extra   fen billed beyond the rated charges; paid: whether the user paid the rest
    """

    contract_id: str
    period: Period
    issued_on: date
    claimed_on: date
    extra: int = 0
    is_paid: bool = True


MARCH: Final = Period.of_days(date(2026, 3, 23), date(2026, 3, 31))
APRIL: Final = Period.of_days(date(2026, 4, 1), date(2026, 4, 30))
IN_APRIL: Final = date(2026, 4, 3)
IN_MAY: Final = date(2026, 5, 6)
BILLS: Final = (
    Bill("GZ-01", MARCH, IN_APRIL, date(2026, 4, 10)),
    Bill("GZ-02", MARCH, IN_APRIL, date(2026, 4, 10)),
    Bill("GZ-03", MARCH, IN_APRIL, date(2026, 4, 13), extra=-200_00),
    Bill("GZ-04", MARCH, IN_APRIL, date(2026, 4, 13), extra=900_00),
    Bill("GZ-05", MARCH, IN_APRIL, date(2026, 4, 14), is_paid=False),
    Bill("GZ-06", MARCH, IN_APRIL, date(2026, 4, 14)),
    Bill("GZ-01", APRIL, IN_MAY, date(2026, 5, 12)),
    Bill("GZ-02", APRIL, IN_MAY, date(2026, 5, 12)),
)

Charged = Mapping[tuple[str, date], tuple[int, int]]


def read_without_bills() -> YearInput:
    """Read the folder as if nothing had been billed yet."""
    files = read_folder(HERE)
    for table in (INVOICES, PAYMENTS):
        files[table.file] = (",".join(c.name for c in table.columns) + "\n").encode()
    return read_year(files)


def holds(year: YearInput, prices: PriceList) -> dict[str, Fen]:
    """What is held for each order, in the order in which the contracts' users applied."""
    left = {
        contract.id: ROUNDING.to_fen(sum(f.amount for f in contract.costs.values()) * SHARE)
        for contract in year.contracts.values()
    }
    held: dict[str, Fen] = {}
    placed: dict[str, list[tuple[Period, int]]] = defaultdict(list)
    applied = {contract.id: contract.applied_on for contract in year.contracts.values()}
    for order in sorted(year.orders, key=lambda o: (applied[o.contract_id], o.contract_id)):
        pool = year.capacity[order.provider_id, order.device_class]
        booked = placed[order.device_class]
        price = prices.dearest_on(order.price_key, order.period.starts_on)
        quoted = quote(order, price=price, rate=SHARE, rounding=ROUNDING)
        given = allocate(
            order,
            free_cards=max(pool - peak_cards(booked, during=order.period), 0),
            purses=[Purse(part=quoted.voucher_part, available=left[order.contract_id])],
        )
        held[order.id] = given.holds[0]
        left[order.contract_id] -= given.holds[0]
        booked.append((order.period, given.cards))
    return held


def charged(year: YearInput) -> Charged:
    """Fen charged, and the voucher's part of it, by contract and day."""
    prices, zone = PriceList(year.prices, year.exchange_rates), ZoneInfo(year.programme.zone)
    held = holds(year, prices)
    records: dict[UsageKey, UsageRecord] = {}
    for file in year.usage:
        records |= {record.key: record for record in meter(records, file.records).kept}
    sums: dict[tuple[str, date], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for order in year.orders:
        own = used_for(order, year, records.values())
        uses = use_by_day(order, own, prices=prices, zone=zone)
        running, reached = 0, 0
        for charge in charges_due(order, uses, prices=prices, charged={}):
            running += charge.amount.amount
            before = reached
            reached = min(ROUNDING.to_fen(running * SHARE).amount, held[order.id].amount)
            total, part = sums[order.contract_id, charge.day]
            sums[order.contract_id, charge.day] = (
                total + charge.amount.amount,
                part + reached - before,
            )
    return sums


def used_for(
    order: Order, year: YearInput, records: Iterable[UsageRecord]
) -> Iterable[UsageRecord]:
    """The readings that an order is charged for."""
    return [
        record
        for record in records
        if year.meter_accounts.get((record.key.provider_id, record.account)) == order.contract_id
        and record.key.device_class == order.device_class
    ]


def number_of(bill: Bill) -> str:
    """A made-up number of 20 digits: year, region, channel and a serial that stays the same."""
    seed = f"{bill.contract_id} {bill.period.starts_on}".encode()
    return f"26522000{int(hashlib.sha256(seed).hexdigest(), 16) % 10**12:012d}"


def write(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV with plain line feeds."""
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    """Write both files."""
    year = read_without_bills()
    seller, sums = year.providers[PROVIDER].uscc, charged(year)
    invoices: list[Sequence[object]] = []
    payments: list[Sequence[object]] = []
    for bill in BILLS:
        buyer = year.applicants[year.contracts[bill.contract_id].applicant_id].uscc
        parts = [
            s for (c, day), s in sums.items() if c == bill.contract_id and bill.period.holds(day)
        ]
        amount = Fen(sum(total for total, _ in parts) + bill.extra)
        copay = amount - Fen(sum(part for _, part in parts))
        days = (bill.issued_on, bill.period.starts_on, bill.period.last_on)
        line = (1, bill.contract_id, "COMPUTE", amount.yuan, seller, buyer, *days)
        invoices.append((number_of(bill), *line, "NORMAL", bill.claimed_on))
        if bill.is_paid:
            paid_on = bill.issued_on + DAYS_TO_PAY
            row = (number_of(bill), buyer, seller, copay.yuan, paid_on)
            payments.append((f"GZP-{len(payments) + 1:02d}", *row))
    write("invoices.csv", [c.name for c in INVOICES.columns], invoices)
    write("payments.csv", [c.name for c in PAYMENTS.columns], payments)
    print(f"{len(invoices)} invoices and {len(payments)} payments written.")


if __name__ == "__main__":
    main()
