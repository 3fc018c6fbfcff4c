"""A small programme year of twelve applications, made by the domain's own functions.

Claim and deduct: vouchers pay half the price of card-hours, the providers claim. Everything that a
year can hold happens once: refusals of several kinds, a cut award, an exhausted pot, a cap that
binds, a lapse, an expired hold, a corrected day, a claim whose evidence does not match.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from itertools import count

from evernormal.domain.audit import Json
from evernormal.domain.audit.facts import of_transfers
from evernormal.domain.ledger import Account, Phase, Transfer
from evernormal.domain.ledger import Books as Ledger
from evernormal.domain.ledger.account import AccountKind
from evernormal.domain.ledger.posting import Move, numbered
from evernormal.domain.market import Price
from evernormal.domain.policy import (
    Applicant,
    ApplicantType,
    Contract,
    CostCategory,
    FirmSize,
    Provider,
    Unit,
    Use,
)
from evernormal.domain.settlement import MeterControl
from evernormal.domain.values import (
    Fen,
    Period,
    Uscc,
    uscc_check_character,
)
from evernormal.formats.books.rows import AccountRow, ActRow, TransferRow
from evernormal.formats.intake.year_input import Office, PaymentDay, Programme, YearInput
from evernormal.formats.pain001 import BankAccount
from tests.formats.sample_scheme import SCHEME

YEAR = 2026
DEVICE_CLASSES = ("ASCEND-910B-64G", "H20-96G")


def uscc(number: int) -> Uscc:
    body = f"9152010{number:010d}"
    return Uscc(body + uscc_check_character(body))


# name, type, place, last dishonesty, use, provider, signed on, months, compute yuan, applied on
_FIRMS = (
    ("黔灵智算科技有限公司", "ENTERPRISE", "520115", None, "TRAINING", 0, "0110", 12, 1_840_000),
    (
        "云岩图灵医学影像有限公司",
        "ENTERPRISE",
        "520103",
        None,
        "FINE_TUNING",
        1,
        "0122",
        6,
        764_300,
    ),
    (
        "贵安新区星河大模型有限公司",
        "ENTERPRISE",
        "520100",
        None,
        "TRAINING",
        0,
        "0203",
        12,
        4_200_000,
    ),
    ("花溪农业遥感研究院", "INSTITUTE", "520111", None, "INFERENCE", 1, "0130", 6, 388_000),
    (
        "南明语音技术有限公司",
        "ENTERPRISE",
        "520102",
        "20241108",
        "INFERENCE",
        0,
        "0201",
        6,
        520_000,
    ),
    ("遵义数字文旅有限公司", "ENTERPRISE", "520302", None, "INFERENCE", 1, "0205", 9, 610_000),
    ("观山湖机器人有限公司", "ENTERPRISE", "520115", None, "TRAINING", 2, "0211", 10, 930_000),
    ("白云工业质检有限公司", "ENTERPRISE", "520113", None, "FINE_TUNING", 0, "0216", 12, 1_276_400),
    ("乌当生物信息有限公司", "ENTERPRISE", "520112", None, "SCIENCE", 1, "0220", 13, 702_000),
    (
        "贵阳城市大脑运营有限公司",
        "ENTERPRISE",
        "520115",
        None,
        "TRAINING",
        0,
        "0225",
        12,
        2_650_000,
    ),
    ("清镇小微智能工坊", "ENTERPRISE", "520181", None, "INFERENCE", 1, "0302", 3, 41_500),
    (
        "修文跨境电商算法有限公司",
        "ENTERPRISE",
        "520123",
        None,
        "FINE_TUNING",
        0,
        "0310",
        8,
        860_000,
    ),
)


def _day(text: str) -> date:
    return date(YEAR, int(text[:2]), int(text[2:]))


def _applicants() -> dict[str, Applicant]:
    found = {}
    for number, firm in enumerate(_FIRMS, start=1):
        dishonest = None
        if firm[3]:
            dishonest = date.fromisoformat(firm[3])
        found[f"S{number:02d}"] = Applicant(
            id=f"S{number:02d}",
            name=firm[0],
            uscc=uscc(number),
            type=ApplicantType(firm[1]),
            size=FirmSize.SMALL,
            founded_on=date(2021, 5, 1),
            place=firm[2],
            owners=frozenset({"person:wu-lei"} if number == 7 else {f"person:{number}"}),
            last_dishonesty_on=dishonest,
        )
    return found


def _providers() -> dict[str, Provider]:
    names = ("贵安智算中心有限公司", "黔云高性能计算有限公司", "小石桥机房有限公司")
    return {
        f"P{i}": Provider(
            id=f"P{i}",
            name=name,
            uscc=uscc(900 + i),
            is_registered=i != 3,
            place="520100",
            owners=frozenset({"person:wu-lei"} if i == 3 else set()),
        )
        for i, name in enumerate(names, start=1)
    }


def _contracts() -> dict[str, Contract]:
    found = {}
    for number, firm in enumerate(_FIRMS, start=1):
        signed_on = _day(firm[6])
        ends = date(
            YEAR + (signed_on.month + firm[7] - 1) // 12,
            (signed_on.month + firm[7] - 1) % 12 + 1,
            1,
        )
        found[f"K{number:02d}"] = Contract(
            id=f"K{number:02d}",
            applicant_id=f"S{number:02d}",
            provider_id=f"P{firm[5] + 1}",
            signed_on=signed_on,
            term=Period(signed_on.replace(day=1), ends),
            costs={
                CostCategory.COMPUTE: Fen(firm[8] * 100),
                CostCategory.NETWORK: Fen(12_000_00),
            },
            use=Use(firm[4]),
            has_other_support=False,
            applied_on=date(YEAR, 3, 2 + number) if number < 12 else date(YEAR, 7, 4),
        )
    return found


def _account(number: int, holder: str) -> BankAccount:
    return BankAccount(f"52050100{number:011d}", holder, "贵阳银行", "313701098010")


def sample_input() -> YearInput:
    """What the office of the sample year has in its hands, as far as a report reads it."""
    applicants, providers = _applicants(), _providers()
    names = {
        **{a.id: a.name for a in applicants.values()},
        **{p.id: p.name for p in providers.values()},
    }
    office = Office("样例市大数据局", uscc(999), _account(1, "样例市财政局"), "li.min", "zhao.yan")
    programme = Programme(
        id="sample-2026",
        scheme_id=SCHEME.id,
        year=YEAR,
        pot=Fen(3_600_000_00),
        unit=Unit.CNY,
        zone="Asia/Shanghai",
        opens_on=date(YEAR, 2, 1),
        closes_on=date(YEAR, 12, 31),
        office=office,
        meter=MeterControl.LIMIT,
        payment_days=(PaymentDay(date(YEAR, 6, 10), date(YEAR, 6, 12)),),
    )
    return YearInput(
        programme=programme,
        applicants=applicants,
        providers=providers,
        accounts={i: _account(n, name) for n, (i, name) in enumerate(names.items(), start=70_001)},
        contracts=_contracts(),
        meter_accounts={},
        orders=(),
        capacity={},
        invoices=(),
        payments=(),
        prices=tuple(
            Price(p, c, date(YEAR, 1, 1), None, Fen(price))
            for p in ("P1", "P2")
            for c, price in zip(DEVICE_CLASSES, (880, 1_290), strict=True)
        ),
        usage=(),
        upstream={},
        reports=(),
        extensions=(),
        files={"programme.toml": b""},
    )


@dataclass
class Log:
    """Acts, journal and ledger, kept together as the actions keep them."""

    acts: list[ActRow] = field(default_factory=list)
    journal: list[TransferRow] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    _numbers: Iterable[int] = field(default_factory=lambda: count(1))

    def act(
        self, act: str, key: str, on: date, facts: Mapping[str, Json], moves: Iterable[Move] = ()
    ) -> tuple[Transfer, ...]:
        transfers = numbered(moves, act_key=key, on=on)
        for transfer in transfers:
            for name in (transfer.debit, transfer.credit):
                self.ledger.open_account(name, AccountKind(name.split(":")[0]))
        self.ledger.post(transfers)
        for t in transfers:
            self.journal.append(
                TransferRow(
                    number=len(self.journal) + 1,
                    transfer_id=t.id,
                    on=t.on,
                    debit=t.debit,
                    credit=t.credit,
                    amount_fen=t.amount,
                    phase=t.phase.value,
                    code=t.code.value,
                    pending_id=t.pending_id or "",
                    act_key=key,
                )
            )
        self.acts.append(
            ActRow(
                number=len(self.acts) + 1,
                act=act,
                key=key,
                actor="office",
                at=datetime.combine(on, time(9), tzinfo=UTC),
                facts={**facts, "transfers": of_transfers(transfers)},
                hash=hashlib.sha256(f"{len(self.acts)}{key}".encode()).hexdigest(),
            )
        )
        return transfers

    def accounts(self) -> tuple[AccountRow, ...]:
        rows: list[Account] = sorted(self.ledger.accounts.values(), key=lambda a: a.id)
        return tuple(
            AccountRow(
                a.id,
                a.kind.value,
                a.debits_pending,
                a.debits_posted,
                a.credits_pending,
                a.credits_posted,
            )
            for a in rows
        )


def pending_of(transfers: Iterable[Transfer]) -> str:
    """The id of the pending transfer among an act's transfers."""
    return next(t.id for t in transfers if t.phase is Phase.PENDING)
