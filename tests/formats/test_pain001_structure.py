"""Each structural rule of the payment file catches a file that breaks it, and names the remedy."""

import tomllib
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from evernormal.formats.pain001 import (
    BankAccount,
    CreditTransfer,
    Party,
    PaymentFile,
    PaymentFileProblems,
    check,
    decode,
    encode,
)
from evernormal.formats.pain001_structure import PROBLEMS_MAX
from evernormal.formats.pain001_xml import BYTES_MAX, ELEMENTS_MAX

BUREAU = Party(name="示例市数据局", uscc="91350100M000100Y43")
PROVIDER = Party(name="示例算力有限公司 <A&B>", uscc="91350100M000100Y43")
TREASURY = BankAccount("3301-0001", "示例市数据局", "示例银行营业部", "102331000017")
SHOP = BankAccount("622200010002", "示例算力有限公司", "示例银行二支行", "103331000025")
SOUND = PaymentFile(
    message_id="EN-2026-0001",
    created_at=datetime(2026, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=8))),
    execute_on=date(2026, 3, 2),
    initiator=BUREAU,
    debtor=BUREAU,
    debtor_account=TREASURY,
    batch_id="BATCH-7",
    transfers=(
        CreditTransfer("CLAIM-1", 1_234_56, PROVIDER, SHOP, "算力券兑付 CLAIM-1"),
        CreditTransfer("CLAIM-2", 5, PROVIDER, SHOP, ""),
    ),
)
MESSAGE = "/Document/CstmrCdtTrfInitn"
HEADER, PAYMENT = f"{MESSAGE}/GrpHdr", f"{MESSAGE}/PmtInf"
FIRST, SECOND = f"{PAYMENT}/CdtTrfTxInf[1]", f"{PAYMENT}/CdtTrfTxInf[2]"


def found(data: bytes) -> list[tuple[str, str]]:
    return [(problem.path, problem.message) for problem in check(data)]


CASES: list[dict[str, str]] = tomllib.loads(
    Path(__file__).with_name("pain001_broken.toml").read_text(encoding="utf-8")
)["case"]


@pytest.mark.parametrize("case", CASES, ids=[case["rule"] for case in CASES])
def test_a_broken_file_is_caught_with_its_place_and_remedy(case: dict[str, str]) -> None:
    text = encode(SOUND).decode()
    assert case["old"] in text
    data = text.replace(case["old"], case["new"], 1).encode()

    assert found(data) == [(case["path"], case["message"])]
    with pytest.raises(PaymentFileProblems) as refusal:
        decode(data)
    assert list(refusal.value.problems) == check(data)


def test_a_sound_file_has_no_problem() -> None:
    assert check(encode(SOUND)) == []


def test_a_problem_names_line_and_column() -> None:
    data = encode(SOUND).replace(b"TRF", b"CHK")

    (problem,) = check(data)
    assert str(problem) == (
        "line 25, column 7: /Document/CstmrCdtTrfInitn/PmtInf/PmtMtd: "
        "Is 'CHK'. Only credit transfers: write TRF."
    )


def test_all_problems_come_at_once() -> None:
    data = encode(SOUND)
    for old, new in ((b"BATCH-7", b""), (b"TRF", b"CHK"), (b">0.05<", b">0.06<")):
        data = data.replace(old, new)

    assert [problem.path for problem in check(data)] == [
        f"{PAYMENT}/PmtInfId",
        f"{PAYMENT}/PmtMtd",
        f"{HEADER}/CtrlSum",
        f"{PAYMENT}/CtrlSum",
    ]


def test_an_entity_is_never_expanded() -> None:
    bomb = b'<!DOCTYPE Document [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>\n<Document'
    data = encode(SOUND).replace(b"<Document", bomb).replace(b"BATCH-7", b"&b;")

    assert found(data) == [("/", "Has a DOCTYPE, which can hide entities. Remove it.")]


def test_bytes_that_are_not_utf_8_are_refused() -> None:
    data = encode(SOUND).decode().encode("gb18030")

    assert found(data) == [
        ("/", "Is not well-formed UTF-8 XML (not well-formed (invalid token)). Export it again.")
    ]


def test_a_hint_to_the_schema_and_comments_are_let_pass() -> None:
    hint = (
        b'<Document xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        b'xsi:schemaLocation="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09 pain.001.001.09.xsd"'
    )
    data = encode(SOUND).replace(b"<Document", hint).replace(b"BATCH", b"BAT<!-- 1 -->CH")

    assert decode(data) == SOUND


def test_the_moment_may_be_written_with_z() -> None:
    data = encode(SOUND).replace(b"T09:30:00+08:00", b"T01:30:00Z")

    assert decode(data) == SOUND


def test_sizes_are_limited() -> None:
    too_many = b"<a>" + b"<b/>" * ELEMENTS_MAX + b"</a>"

    assert found(b" " * (BYTES_MAX + 1)) == [
        ("/", f"Has {BYTES_MAX + 1} bytes, at most {BYTES_MAX} allowed. Split the file.")
    ]
    assert found(too_many) == [("/", f"Has more than {ELEMENTS_MAX} elements. Split the file.")]


def test_a_hopeless_file_gives_a_list_that_says_it_is_cut() -> None:
    data = encode(SOUND).replace(b"<PmtMtd>", b"<x/>" * (PROBLEMS_MAX + 5) + b"<PmtMtd>")
    problems = found(data)

    assert (
        problems[:-1] == [(f"{PAYMENT}/x", "Is not used in this file. Remove it.")] * PROBLEMS_MAX
    )
    assert problems[-1] == (
        "/",
        f"Has more than {PROBLEMS_MAX} problems. Correct these and check again.",
    )
