"""Words: exact figures, both languages, and nothing shown half-filled."""

import importlib
import inspect
import pkgutil
import re
import string
from enum import Enum
from pathlib import Path

import pytest

import evernormal
from evernormal.domain.allocation import (
    AllocationLimb,
    BoundKind,
    ChangeKind,
    Mechanism,
    Promise,
)
from evernormal.domain.audit import Act
from evernormal.domain.award import AwardReason
from evernormal.domain.errors import DomainError
from evernormal.domain.ledger import AccountKind, Overdraft, Phase, TransferCode
from evernormal.domain.policy import (
    ApplicantType,
    CapCount,
    CapScope,
    CostCategory,
    DeviceOrigin,
    FirmSize,
    Measure,
    Payee,
    Route,
    Settlement,
    Shortage,
    Side,
    TierBasis,
    Unit,
    Use,
)
from evernormal.domain.settlement import InvoiceStatus, MeterControl
from evernormal.domain.values import DayCount, Fen, NotMoney, RoundingMode
from evernormal.domain.voucher import HoldAlreadyResolved, HoldExceedsBalance, HoldState
from evernormal.locale import LANGS, Lang, MissingWord, Words, words


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (200_000_000, "2,000,000.00 yuan"),
        (-5, "−0.05 yuan"),
        ("76250000/9", "84,722.22… yuan"),
        (Fen(7), "0.07 yuan"),
    ],
)
def test_money_is_exact_or_says_that_more_digits_follow(value: object, written: str) -> None:
    texts = {"a": "{v:money}", "unit.CNY": "yuan"}
    assert Words("en", texts).say("a", v=value) == written


@pytest.mark.parametrize(
    ("ratio", "written"), [("1/5", "20 %"), ("1/8", "12.5 %"), ("1/3", "1/3"), ("2/1", "200 %")]
)
def test_a_ratio_is_percent_only_when_that_is_exact(ratio: str, written: str) -> None:
    assert Words("en", {"a": "{v:ratio}"}).say("a", v=ratio) == written


def test_days_lists_and_counted_nouns_follow_the_language() -> None:
    texts = {"a": "{d:date} {x:list} {n:s batch}"}
    facts = {"d": "2025-03-01", "x": "A B", "n": 2}

    assert Words("en", texts).say("a", **facts) == "2025-03-01 A, B 2 batches"
    assert Words("zh_Hans", texts).say("a", **facts) == "2025年3月1日 A、B 2 batches"


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("{gone}", {}),
        ("{v:money}", {"v": 1.5}),
        ("{v:money}", {"v": True}),
        ("{v:number}", {"v": "3"}),
        ("{v:colour}", {"v": 1}),
        ("{v:word type}", {"v": "ALIEN"}),
    ],
)
def test_what_cannot_be_said_fails_by_name(text: str, facts: dict[str, object]) -> None:
    with pytest.raises(MissingWord):
        Words("en", {"some.key": text}).say("some.key", **facts)


def test_a_text_that_is_not_there_fails_by_name() -> None:
    with pytest.raises(MissingWord, match=r"no\.such is not in en\.toml"):
        words("en").say("no.such")


@pytest.mark.parametrize(
    ("refusal", "english", "chinese"),
    [
        (
            HoldExceedsBalance(asked=Fen(500), available=Fen(100)),
            (
                "Cannot hold 5.00 yuan: only 1.00 yuan is available. "
                "Hold less, or void another hold first."
            ),
            "无法预占 5.00 元：可用余额仅 1.00 元。请减少金额，或先撤销其他预占。",
        ),
        (
            NotMoney(text="1,000"),
            (
                "“1,000” is not an amount. "
                "Write digits with at most two decimals, as in 1234567.89, without separators."
            ),
            "“1,000”不是金额。请写数字，最多两位小数，如 1234567.89，不带分隔符。",
        ),
        (
            HoldAlreadyResolved(hold_id="H-1", state=HoldState.EXPIRED),
            "Hold H-1 is expired already. Place a new hold.",
            "预占 H-1 已过期。请重新预占。",
        ),
        (
            Overdraft(account_id="POT", asked_fen=3, free_fen=2),
            "Account POT has 0.02 yuan free, 0.03 yuan were asked. Ask for less.",
            "账户 POT 可用 0.02 元，申请 0.03 元。请减少金额。",
        ),
    ],
)
def test_a_refusal_is_said_in_both_languages(
    refusal: DomainError, english: str, chinese: str
) -> None:
    assert words("en").refusal(refusal) == english
    assert words("zh_Hans").refusal(refusal) == chinese


def refusals() -> list[type[DomainError]]:
    """Every refusal that the package defines."""
    for module in pkgutil.walk_packages(evernormal.__path__, "evernormal."):
        if module.name.split(".")[1] in {"domain", "formats", "schemes"}:
            importlib.import_module(module.name)
    found, waiting = [], [DomainError]
    while waiting:
        waiting += (children := waiting.pop().__subclasses__())
        found += [
            c for c in children if "code" in vars(c) and c.__module__.startswith("evernormal.")
        ]
    return found


def test_a_refusal_carries_every_fact_that_its_words_name() -> None:
    kinds = refusals()
    assert len(kinds) > 25
    for kind in kinds:
        carried = set(re.findall(r"self\.([a-z_]+)", inspect.getsource(kind)))
        for lang in LANGS:
            text = words(lang).text(f"refusal.{kind.code}")
            named = {name for _, name, _, _ in string.Formatter().parse(text) if name}
            assert named <= carried, f"{kind.code} in {lang}: {named - carried}"


KEY_IN_CODE = re.compile(r'\b(?:say|text)\(\s*"([a-z_]+(?:\.[a-zA-Z_]+)+)"[,)]')


def test_every_text_that_the_code_names_is_there() -> None:
    root = Path(evernormal.__path__[0])
    sources = [path for path in root.rglob("*") if path.suffix in {".py", ".j2"}]
    named = {m[1] for path in sources for m in KEY_IN_CODE.finditer(path.read_text("utf-8"))}
    assert {"explain.applied", "report.note", "run.done"} <= named
    for lang in LANGS:
        assert [key for key in sorted(named) if not words(lang).knows(key)] == []


TABLES: list[tuple[type[Enum], str]] = [
    (Act, "act"),
    (AccountKind, "account"),
    (AllocationLimb, "limb"),
    (ApplicantType, "type"),
    (AwardReason, "reason"),
    (BoundKind, "bound"),
    (AwardReason, "decided"),
    (CapCount, "count"),
    (CapScope, "scope"),
    (ChangeKind, "change"),
    (ChangeKind, "no_change"),
    (CostCategory, "category"),
    (DayCount, "day_count"),
    (DeviceOrigin, "origin"),
    (FirmSize, "size"),
    (HoldState, "hold_state"),
    (InvoiceStatus, "invoice_status"),
    (Measure, "measure"),
    (Mechanism, "mechanism"),
    (MeterControl, "control"),
    (Payee, "payee"),
    (Phase, "phase"),
    (Promise, "promise"),
    (RoundingMode, "rounding"),
    (Route, "route"),
    (Settlement, "settlement"),
    (Shortage, "shortage"),
    (Side, "side"),
    (TierBasis, "basis"),
    (TransferCode, "transfer"),
    (Unit, "unit"),
    (Use, "use"),
]


@pytest.mark.parametrize(("enum", "table"), TABLES)
@pytest.mark.parametrize("lang", LANGS)
def test_every_code_has_a_word(enum: type[Enum], table: str, lang: Lang) -> None:
    codes = [code.value for code in enum]
    if table == "limb":
        codes = [code.lower() for code in codes]

    assert [code for code in codes if not words(lang).knows(f"{table}.{code}")] == []


@pytest.mark.parametrize("lang", LANGS)
def test_a_text_for_support_in_kind_stands_in_for_one_that_is_there(lang: Lang) -> None:
    own = words(lang, unit="CARD_HOUR")
    keys = [key for key in own.list_keys() if key.startswith("in_kind.")]

    assert len(keys) > 50
    assert [key for key in keys if not own.knows(key.removeprefix("in_kind."))] == []


def test_a_fact_in_both_languages_is_named_once() -> None:
    facts = {"met_en": "a small firm", "met_zh": "小微企业"}

    assert Words("en", {"a": "{met}"}).say("a", **facts) == "a small firm"
    assert Words("zh_Hans", {"a": "{met}"}).say("a", **facts) == "小微企业"
