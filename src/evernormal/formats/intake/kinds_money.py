"""Cells that hold money: yuan as text in, whole fen out, and what people write instead."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from evernormal.domain.values import Fen
from evernormal.formats.intake.kinds import Kind, demand_half_width, read_slug
from evernormal.formats.problems import Unreadable

T = TypeVar("T")

_PLAIN = re.compile(r"[0-9]{1,13}(\.[0-9]{1,2})?")
_SEPARATED = re.compile(r"-?[0-9]{1,3}([,，][0-9]{3})+(\.[0-9]+)?")
_SIGNED = re.compile(r"(?:CNY|RMB|[¥￥$])\s*([0-9.,]+)|([0-9.,]+)\s*(?:CNY|RMB|元)")
_TEN_THOUSANDS = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)\s*万元?")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[Ee]\+?[0-9]{1,2}")
_DECIMALS = re.compile(r"[0-9]+\.([0-9]{2})([0-9]+)")


def _read_amount(text: str) -> Fen:
    if _PLAIN.fullmatch(text):
        return Fen.from_yuan(text)
    if not _SEPARATED.fullmatch(text):
        demand_half_width(text)
    raise _refusal(text)


def _read_positive(text: str) -> Fen:
    amount = _read_amount(text)
    if not amount.amount:
        raise Unreadable("money.zero", f'"{text}" is nothing.', "Write an amount above zero.")
    return amount


def _refusal(text: str) -> Unreadable:
    """Say which of the usual slips it is."""
    if text.startswith(("-", "−", "(")):
        return Unreadable(
            "money.negative",
            f'"{text}" is below zero.',
            "Write the amount without a sign; a cancelled invoice has the status VOID or RED.",
        )
    if _SEPARATED.fullmatch(text):
        plain = re.sub(r"[,，]", "", text)
        return Unreadable(
            "money.thousands", f'"{text}" has thousands separators.', _write(Decimal(plain))
        )
    return _refusal_of_form(text)


def _refusal_of_form(text: str) -> Unreadable:
    if match := _TEN_THOUSANDS.fullmatch(text):
        message = f'"{text}" is in units of 10,000 (万).'
        return Unreadable("money.ten_thousands", message, _write(Decimal(match[1]) * 10_000))
    if match := _SIGNED.fullmatch(text):
        plain = (match[1] or match[2]).replace(",", "")
        return Unreadable("money.currency_sign", f'"{text}" names a currency.', f"Write {plain}.")
    if _SCIENTIFIC.fullmatch(text):
        message = f'"{text}" is how a spreadsheet shows a large number.'
        return Unreadable("money.scientific", message, _write(Decimal(text)))
    if _DECIMALS.fullmatch(text):
        message = f'"{text}" has more than two decimals.'
        return Unreadable("money.decimals", message, "Write at most two decimals, as in 1234.50.")
    message = f'"{text}" is not an amount.'
    return Unreadable("money.form", message, "Write digits, as in 1234.50.")


def _write(amount: Decimal) -> str:
    return f"Write {amount:.2f}."


def _read_supports(text: str) -> dict[str, Fen]:
    """Amounts by programme; all that is wrong with them is told at once."""
    found: dict[str, Fen] = {}
    wrong: list[Unreadable] = []
    for entry in text.split(";"):
        name, sign, amount = entry.partition("=")
        if not sign:
            wrong.append(
                Unreadable(
                    "support.form",
                    f'"{entry.strip()}" has no amount.',
                    "Write programme=amount, as in national_voucher=300000.00.",
                )
            )
            continue
        programme = _tried(read_slug, name.strip(), wrong)
        fen = _tried(_read_positive, amount.strip(), wrong)
        if programme in found:
            message = f'"{programme}" stands twice.'
            wrong.append(Unreadable("support.repeated", message, "Add the two up."))
        elif programme is not None and fen is not None:
            found[programme] = fen
    if wrong:
        first, *others = wrong
        raise Unreadable(first.code, first.message, first.todo, others=others)
    return found


def _tried(read: Callable[[str], T], text: str, wrong: list[Unreadable]) -> T | None:
    try:
        return read(text)
    except Unreadable as refusal:
        wrong.append(refusal)
        return None


MONEY = Kind("yuan, 0 or more", "金额（元），可为 0", _read_amount)
POSITIVE_MONEY = Kind("yuan, above 0", "金额（元），大于 0", _read_positive)
SUPPORTS = Kind("word=yuan, `;` between two", "代号=金额（元），以 `;` 分隔", _read_supports)
