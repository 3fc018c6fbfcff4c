"""Parties, contracts and rules for tests, each with a value that passes unless told otherwise."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

from evernormal.domain.market import Order
from evernormal.domain.metering import UsageKey, UsageRecord
from evernormal.domain.policy import (
    Applicant,
    ApplicantType,
    CapCount,
    Case,
    Contract,
    CostCategory,
    DatedValue,
    EligibleCost,
    FirmSize,
    Form,
    Provider,
    Rate,
    RoundingRule,
    Rule,
    Source,
    SupportRequest,
    Text,
    Use,
)
from evernormal.domain.values import (
    Fen,
    Period,
    Rounding,
    RoundingMode,
    Uscc,
    uscc_check_character,
)

YEAR = 2026
START = date(YEAR, 1, 1)


def uscc(number: int) -> Uscc:
    body = f"9152010{number:010d}"
    return Uscc(body + uscc_check_character(body))


def applicant(number: int = 1, **changes: Any) -> Applicant:
    plain = Applicant(
        id=f"S{number}",
        name=f"Firm {number}",
        uscc=uscc(number),
        type=ApplicantType.ENTERPRISE,
        size=FirmSize.SMALL,
        founded_on=date(2020, 5, 1),
        place="520115",
        owners=frozenset({f"person:{number}"}),
        last_dishonesty_on=None,
    )
    return replace(plain, **changes)


def provider(number: int = 1, **changes: Any) -> Provider:
    plain = Provider(
        id=f"P{number}",
        name=f"Data centre {number}",
        uscc=uscc(900 + number),
        is_registered=True,
        place="520100",
        owners=frozenset(),
    )
    return replace(plain, **changes)


def contract(number: int = 1, **changes: Any) -> Contract:
    """A contract of firm `number` with data centre 1: the whole year, 1,000 yuan of compute."""
    plain = Contract(
        id=f"C{number}",
        applicant_id=f"S{number}",
        provider_id="P1",
        signed_on=START,
        term=Period(START, date(YEAR + 1, 1, 1)),
        costs={CostCategory.COMPUTE: Fen(100_000)},
        use=Use.TRAINING,
        has_other_support=False,
        applied_on=date(YEAR, 1, 10),
    )
    return replace(plain, **changes)


def case(**changes: Any) -> Case:
    plain = Case(applicant(), provider(), contract(), awards_on_contract=0)
    return replace(plain, **changes)


def request(fen: int = 1_000, **changes: Any) -> SupportRequest:
    """So many fen of compute, over the plain contract's term, at its award."""
    asked = changes.get("case", case())
    plain = SupportRequest(
        case=asked,
        costs={CostCategory.COMPUTE: Fen(fen)},
        term=asked.contract.term,
        counted_on=CapCount.AWARD,
    )
    return replace(plain, **changes)


def rule(rule_id: str, form: Form, *, since: date = START) -> Rule:
    source = Source(
        title=Text("Test notice", "测试通知"),
        issuer=Text("City", "市"),
        clause=Text(rule_id, rule_id),
        read_on=since,
        verified=False,
    )
    return Rule(rule_id, Text(rule_id, rule_id), (DatedValue(since, form, source),))


def amount_rules(ratio: Fraction = Fraction(1, 2)) -> tuple[tuple[str, Form], ...]:
    """The least that turns cost into support: compute at a ratio, cut to the fen."""
    return (
        ("cost", EligibleCost((CostCategory.COMPUTE, CostCategory.MODEL_SERVICE))),
        ("share", Rate(ratio, is_ceiling=False)),
        ("rounding", RoundingRule(Rounding(RoundingMode.TRUNCATE), at_each_step=False)),
    )


def order(number: int = 1, **changes: Any) -> Order:
    plain = Order(
        id=f"O{number}",
        contract_id=f"C{number}",
        provider_id="P1",
        device_class="910B",
        cards=8,
        gang_cards=8,
        card_hours=100,
        period=Period(START, date(YEAR + 1, 1, 1)),
    )
    return replace(plain, **changes)


def at(hours: float) -> datetime:
    """An instant so many hours after the first midnight of February, in UTC."""
    return datetime(YEAR, 2, 1, tzinfo=UTC) + timedelta(hours=hours)


def record(
    job: str = "1", *, starts: float = 0, ends: float = 1, final: bool = True, **changes: Any
) -> UsageRecord:
    """A reading of account lab-1 at data centre 1, times in hours after `at(0)`."""
    plain = UsageRecord(
        key=UsageKey("P1", "main", job, "910B", at(starts)),
        account="lab-1",
        cards=8,
        ends_at=at(ends),
        is_final=final,
        state="COMPLETED" if final else "RUNNING",
    )
    return replace(plain, **changes)
