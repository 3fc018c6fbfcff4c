"""Usage and charges of the sample year."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from evernormal.domain.audit import facts as facts_of
from evernormal.domain.ledger import Phase, TransferCode
from evernormal.domain.ledger.posting import Move
from evernormal.domain.market import Order
from evernormal.domain.metering import CHARGE_ROUNDING, Charge, rate_use
from evernormal.domain.values import CardSeconds, Fen
from evernormal.domain.voucher import (
    HoldCaptured,
)
from evernormal.formats.books.rows import (
    ChargeRow,
    UsageRow,
)
from tests.formats.sample_acts import PRICE, Year
from tests.formats.sample_year import (
    YEAR,
    sample_input,
)


def use(year: Year, month: int) -> None:
    """A month's readings as one batch, then the charges of each order that ran."""
    on = date(YEAR, month + 1, 2)
    batch = f"U-{month:02d}"
    running = [o for o in year.orders.values() if o.contract_id != "K04"]
    facts: facts_of.Facts = {
        "batch": batch,
        "file": f"usage/2026-{month:02d}.json",
        "sha256": f"{month:02d}" * 32,
        "provider": "P1",
        "records": 31 * len(running),
        "kept": 30 * len(running),
        "duplicates": len(running),
        "without_cards": 3,
        "others": {"hpc_course": 12},
    }
    year.log.act("ACCEPT_USAGE", f"usage:{batch}", on, facts)
    for order in running:
        _charge(year, order, batch=batch, month=month)


def _charge(year: Year, order: Order, *, batch: str, month: int) -> None:
    voucher = year.vouchers[f"V-{order.contract_id}"]
    before = sum(c.amount_fen for c in year.charges if c.order_id == order.id)
    captured_before = sum(c.voucher_fen for c in year.charges if c.order_id == order.id)
    charges = [_day_charge(year, order, date(YEAR, month, day)) for day in range(1, 29)]
    charged = before + sum(c.amount.amount for c in charges)
    captured = min(charged // 2, voucher.held.amount + captured_before)
    rows, spread, on = [], captured - captured_before, date(YEAR, month + 1, 2)
    for charge in charges:
        part = min(charge.amount.amount // 2 + 1, spread)
        spread -= part
        charge_id = f"CH-{order.id}-{charge.day:%Y%m%d}-1"
        rows.append({**facts_of.of_charge(charge, voucher_fen=part), "charge": charge_id})
        row = _charge_row(order, charge, charge_id, part)
        year.charges.append(replace(row, charged_on=on, batch=batch))
    _capture(year, order, captured - captured_before)
    held = year.vouchers[voucher.id].held
    facts: facts_of.Facts = {
        "order": order.id,
        "contract": order.contract_id,
        "batch": batch,
        "rate": "1/2",
        "charges": rows,
        "charged_before_fen": before,
        "charged_fen": charged,
        "captured_before_fen": captured_before,
        "captured_fen": captured,
        "hold_left_fen": held.amount,
    }
    moves = [
        Move(
            f"VOUCHER:{voucher.id}",
            f"ACCRUED:{order.provider_id}",
            Fen(captured - captured_before),
            TransferCode.CAPTURE,
            Phase.POST,
            year.pending[order.id],
        ),
        Move(
            f"VOUCHER:{voucher.id}",
            f"ACCRUED:{order.provider_id}",
            held,
            TransferCode.HOLD,
            Phase.PENDING,
        ),
    ]
    made = year.log.act("CHARGE", f"charge:{order.id}:{batch}", on, facts, moves)
    year.pending[order.id] = next((t.id for t in made if t.phase.value == "PENDING"), "")


def _capture(year: Year, order: Order, amount: int) -> None:
    voucher_id = f"V-{order.contract_id}"
    year.change(voucher_id, HoldCaptured("", voucher_id, Fen(amount), Fen(0)))


def _day_charge(year: Year, order: Order, day: date) -> Charge:
    """A day's use, busier in the week, for up to the order's cards."""
    hours = (6, 19, 21, 23, 20, 17, 5)[day.weekday()]
    cards = order.cards * (1 + day.month % 3) // 4
    seconds = cards * (hours * 3_600 + 137 * day.day)
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    year.usage.append(
        UsageRow(
            provider_id=order.provider_id,
            cluster="c1",
            job=f"{order.id}-{day:%m%d}",
            device_class=order.device_class,
            account=order.contract_id.lower(),
            contract_id=order.contract_id,
            cards=cards,
            starts_at=start,
            ends_at=start + timedelta(seconds=seconds // cards),
            card_seconds=seconds,
            state="COMPLETED",
            is_final=True,
            file="usage.json",
            line=len(year.usage) + 1,
        )
    )
    price = PRICE[order.device_class]
    amount = rate_use(CardSeconds(seconds), price, CHARGE_ROUNDING)
    return Charge(order.id, order.device_class, day, seconds, price, amount)


def _charge_row(order: Order, charge: Charge, charge_id: str, voucher_fen: int) -> ChargeRow:
    contract = sample_input().contracts[order.contract_id]
    return ChargeRow(
        charge_id=charge_id,
        order_id=order.id,
        contract_id=order.contract_id,
        applicant_id=contract.applicant_id,
        provider_id=order.provider_id,
        voucher_id=f"V-{order.contract_id}",
        award_id=f"A-{order.contract_id}",
        device_class=order.device_class,
        day=charge.day,
        band=charge.band,
        used_seconds=charge.used_seconds,
        price_fen_per_card_hour=charge.price_fen_per_card_hour.amount,
        amount_fen=charge.amount.amount,
        voucher_fen=voucher_fen,
        copay_fen=charge.amount.amount - voucher_fen,
        charged_on=charge.day,
        batch="",
    )
