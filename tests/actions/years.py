"""Whole years, one for each way in which support is given."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from evernormal.domain.market import ProviderAnswer
from evernormal.domain.metering import UsageRecord
from evernormal.domain.policy import (
    AppliedWithin,
    CapacitySupport,
    ClaimDocuments,
    DesignatedClasses,
    IdleRecall,
    OneSideOnly,
    OtherSupport,
    Route,
    Settlement,
    Shortage,
    ShortageRule,
    Side,
    StackingCap,
    Tranche,
    TrancheRelease,
    Tranches,
    VoucherExtension,
)
from evernormal.domain.values import Fen, Period
from evernormal.formats.intake.year_input import UpstreamRecord
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


def building() -> Year:
    """Capacity of one facility for both of its sides, and one whose papers are missing."""
    sound = {"capacity_pflops": 10, "documents": frozenset({"report"})}
    return Year(
        settlement=Settlement.CAPACITY_AWARD,
        rules=(
            ("per_pflops", CapacitySupport(Fen(1_001))),
            ("one_side", OneSideOnly()),
            ("papers", ClaimDocuments(("report",))),
        ),
        contracts=(
            contract(1, **sound, facility_id="F1", side=Side.SUPPLY),
            contract(2, **sound, facility_id="F1", applied_on=D(2026, 1, 20)),
            contract(3, capacity_pflops=20, facility_id="F2"),
            contract(4, **sound, facility_id="F3", applied_on=FEB),
        ),
        payment_days=(D(2026, 2, 1), D(2026, 3, 25)),
    )


def matching() -> Year:
    """Three contracts matched to another programme, two of them to the same award."""
    awards = {1: "UP-1", 2: "UP-2", 3: "UP-1"}
    days = {1: APPLIED_ON, 2: APPLIED_ON, 3: FEB}
    return Year(
        settlement=Settlement.AUTOMATIC_MATCH,
        rules=(("stacking", StackingCap(Fraction(7, 10))),),
        contracts=tuple(
            contract(
                n,
                applied_on=days[n],
                route=Route.MATCHED,
                supports=(OtherSupport("province", Fen(30_000)),),
            )
            for n in awards
        ),
        upstream=tuple(
            UpstreamRecord(award, "province", f"C{n}", days[n], Fen(100_000), Fen(30_000))
            for n, award in awards.items()
        ),
        payment_days=(D(2026, 2, 20),),
    )


def discounting() -> Year:
    """A bill for two classes of card, of which one is designated."""
    line = invoice("F1", D(2026, 3, 20), amount=Fen(4_000))
    year = deducting()
    return replace(
        year,
        settlement=Settlement.INVOICE_DISCOUNT,
        rules=(("classes", DesignatedClasses(("910B",))),),
        orders=(*year.orders, small_order(2, contract_id="C1", device_class="A100")),
        usage=(usage_file("1", FEB, record("1", ends=4, cards=1)),),
        invoices=(line,),
        payments=(payment_of(line, 2_000),),
    )


def lending() -> Year:
    """In kind: a recall that feeds a second award, an answer, an order of its own day, longer."""
    first = small_order(1, card_hours=40, answer=ProviderAnswer.DECLINED)
    second = small_order(2, contract_id="C1", card_hours=40, ordered_on=D(2026, 1, 20))
    return Year(
        settlement=Settlement.IN_KIND,
        ratio=Fraction(1),
        pot=150_000,
        months=1,
        rules=(("idle", IdleRecall(20)), ("longer", VoucherExtension(1, 1))),
        contracts=(contract(1), contract(2), contract(3, applied_on=D(2026, 2, 3))),
        orders=(first, second, small_order(3, card_hours=10), small_order(4, contract_id="C2")),
        usage=(usage_file("1", D(2026, 1, 29), before_february()),),
        extensions=(("C1", D(2026, 2, 1)), ("C1", D(2026, 2, 5)), ("C2", D(2026, 2, 5))),
    )


def before_february() -> UsageRecord:
    return record("1", starts=-120, ends=-118, cards=1)


def granting() -> Year:
    """Credits by rank, half of each after a report, of which one comes late and one too often."""
    halves = Tranches(tuple(Tranche(Fraction(1, 2), on) for on in TrancheRelease))
    term = Period(D(2026, 1, 1), D(2026, 12, 31))
    return Year(
        settlement=Settlement.EXCHANGED_CREDITS,
        shortage=ShortageRule(Shortage.RANKED, least_score=60),
        ratio=Fraction(1),
        pot=220_001,
        months=1,
        rules=(CALL, ("halves", halves)),
        contracts=tuple(
            contract(n, term=term, score=score, applied_on=D(2026, 1, 10 + n))
            for n, score in ((1, 70), (2, 90), (3, 61), (4, 59))
        ),
        orders=(
            small_order(2, card_hours=50),
            small_order(1, card_hours=60),
            small_order(5, contract_id="C2", card_hours=49, ordered_on=D(2026, 2, 20)),
        ),
        usage=(usage_file("1", FEB, record("1", ends=3, account="lab-2", cards=1)),),
        reports=(("C2", D(2026, 2, 14)), ("C2", D(2026, 2, 16)), ("C3", D(2026, 3, 2))),
    )


YEARS = {
    "meter": metering(),
    "deduct": deducting(),
    "reimburse": reimbursing(),
    "subsidise first come": subsidising(),
    "subsidise pro rata": subsidising(Shortage.PRO_RATA),
    "share": sharing(),
    "capacity": building(),
    "match": matching(),
    "discount": discounting(),
    "in kind": lending(),
    "credits": granting(),
    "late payment day": replace(reimbursing(), payment_days=(D(2026, 2, 1), D(2026, 2, 20))),
}
