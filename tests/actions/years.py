"""Whole years, one for each way in which support is given."""

from dataclasses import replace
from datetime import date

from evernormal.domain.policy import AppliedWithin, Settlement, Shortage
from evernormal.domain.values import Fen
from tests.actions.office import (
    APPLIED_ON,
    Year,
    invoice,
    payment_of,
    small_order,
    usage_file,
)
from tests.domain.sample import contract, record

D = date
FEB, MARCH = D(2026, 2, 10), D(2026, 3, 10)
CALL = ("call", AppliedWithin(D(2026, 1, 1), D(2026, 1, 31)))


def deducting() -> Year:
    """Two files of usage, a correction down in the second, a claim and a payment."""
    first = usage_file("1", FEB, record("1", ends=2, cards=1, final=False), record("2", cards=1))
    second = usage_file("2", MARCH, record("1", ends=1, cards=1))
    line = invoice("F1", D(2026, 3, 20), amount=Fen(2_000))
    return Year(
        orders=(small_order(card_hours=20),),
        usage=(first, second),
        invoices=(line,),
        payments=(payment_of(line, 1_000),),
        payment_days=(D(2026, 2, 1), D(2026, 3, 25)),
    )


def reimbursing() -> Year:
    first, second = invoice("F1", FEB, amount=Fen(60_000)), invoice("F2", MARCH, amount=Fen(50_000))
    return Year(
        settlement=Settlement.REIMBURSE_VOUCHER,
        invoices=(first, second),
        payments=(payment_of(first), payment_of(second)),
        payment_days=(D(2026, 2, 1), D(2026, 3, 25)),
    )


def subsidising(shortage: Shortage = Shortage.FIRST_COME) -> Year:
    line = invoice("F1", APPLIED_ON, amount=Fen(60_000), issued_on=D(2026, 1, 5))
    return Year(
        settlement=Settlement.POST_USE_SUBSIDY,
        shortage=shortage,
        rules=(CALL,),
        invoices=(line,),
        payments=(payment_of(line),),
        payment_days=(D(2026, 2, 1),),
    )


def sharing() -> Year:
    return Year(
        shortage=Shortage.PRO_RATA,
        rules=(CALL,),
        pot=100_001,
        contracts=tuple(contract(n, applied_on=D(2026, 1, 10 + n)) for n in (1, 2, 3)),
    )


def metering() -> Year:
    """A first file without anything of ours, then use of two orders, then a late correction."""
    contracts = (contract(1), contract(2))
    one, two = record("1", ends=2, cards=1, final=False), record("2", cards=1, account="lab-2")
    return Year(
        contracts=contracts,
        orders=(small_order(1), small_order(2)),
        months=2,
        usage=(
            usage_file("1", D(2026, 2, 5), replace(one, account="stranger", key=two.key)),
            usage_file("2", FEB, one, record("3", cards=1, account="lab-2")),
            usage_file("3", D(2026, 3, 13), record("1", cards=1)),
        ),
    )


YEARS = {
    "meter": metering(),
    "deduct": deducting(),
    "reimburse": reimbursing(),
    "subsidise first come": subsidising(),
    "subsidise pro rata": subsidising(Shortage.PRO_RATA),
    "share": sharing(),
    "late payment day": replace(reimbursing(), payment_days=(D(2026, 2, 1), D(2026, 2, 20))),
}
