"""Agents and received batches in a folder: checked again, each problem where it stands."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evernormal.formats.intake import InputProblems, read_year
from evernormal.formats.intake.register import BATCHES, Receipt
from evernormal.formats.signed_request import SIGNATURE_HEADER
from evernormal.formats.usage_batch import decode
from tests.api.year_folder import (
    KEYS,
    body_of,
    key_of,
    public_text,
    reading,
    signed,
    year_files,
)

TODAY = date(2026, 6, 15)
AT = datetime(2026, 6, 15, 4, 0, 0, 1, tzinfo=UTC)
Files = dict[str, bytes]


def batch_file(body: bytes) -> str:
    return BATCHES.path_of("P1", decode(body).id)


def receipt(body: bytes, *, at: datetime = AT, **other: str) -> Receipt:
    values = {
        "file": batch_file(body),
        "sender_id": "P1",
        "key": key_of("a"),
        "signature": signed(body)[SIGNATURE_HEADER],
        **other,
    }
    return Receipt(received_at=at, **values)


ONE = body_of(reading("1", until=AT), made_at=AT, salt="1")
TWO = body_of(reading("2", until=AT), made_at=AT, salt="2")


def folder(*receipts: Receipt, **more: bytes) -> Files:
    bodies = {batch_file(body): body for body in (ONE, TWO)}
    register = BATCHES.header + b"".join(r.encode() for r in receipts)
    named = {path: body for path, body in bodies.items() if any(r.file == path for r in receipts)}
    return {**year_files(TODAY), BATCHES.file: register, **named, **more}


def problems_of(files: Files) -> list[tuple[str, int | None, str]]:
    with pytest.raises(InputProblems) as refusal:
        read_year(files)
    return [(p.file, p.line, p.code) for p in refusal.value.problems]


def test_received_batches_are_usage_files_in_the_order_in_which_they_came() -> None:
    later = AT.replace(hour=5)
    files = folder(receipt(TWO), receipt(ONE, at=later))

    year = read_year(files)

    assert [(f.path, f.received_at) for f in year.usage] == [
        (batch_file(TWO), AT),
        (batch_file(ONE), later),
    ]
    first = year.usage[0]
    assert (first.provider_id, first.signed_by, first.lines) == ("P1", key_of("a"), (1,))
    assert first.records[0].key.device_class == "A100-80G"
    assert [agent.provider_id for agent in year.agents] == ["P1", "P2"]


LATE = AT.replace(year=2027)
SLIPS: dict[str, tuple[Callable[[], Files], list[tuple[str, int | None, str]]]] = {
    "no file": (
        lambda: {k: v for k, v in folder(receipt(ONE)).items() if k != batch_file(ONE)},
        [(BATCHES.file, 2, "file.missing")],
    ),
    "a file that no line names": (
        lambda: folder(receipt(ONE), **{batch_file(TWO): TWO}),
        [(batch_file(TWO), None, "received.unregistered")],
    ),
    "another provider's key": (
        lambda: folder(receipt(ONE, key=key_of("b"))),
        [(BATCHES.file, 2, "received.unknown_key")],
    ),
    "another batch's signature": (
        lambda: folder(receipt(ONE, signature=signed(TWO)[SIGNATURE_HEADER])),
        [(BATCHES.file, 2, "received.not_signed")],
    ),
    "no signature at all": (
        lambda: folder(receipt(ONE, signature="AAAA")),
        [(BATCHES.file, 2, "signature.form")],
    ),
    "a changed body": (
        lambda: folder(receipt(ONE), **{batch_file(ONE): ONE.replace(b'"cards":8', b'"cards":1')}),
        [(BATCHES.file, 2, "received.not_signed")],
    ),
    "another batch under its name": (
        lambda: folder(
            receipt(ONE, signature=signed(TWO)[SIGNATURE_HEADER]), **{batch_file(ONE): TWO}
        ),
        [(BATCHES.file, 2, "received.other_batch")],
    ),
    "lines out of order": (
        lambda: folder(receipt(ONE), receipt(TWO)),
        [(BATCHES.file, 3, "received.order")],
    ),
    "a line twice": (
        lambda: folder(receipt(ONE), receipt(ONE, at=AT.replace(hour=5))),
        [(BATCHES.file, 3, "row.repeated")],
    ),
    "after the year": (
        lambda: folder(receipt(ONE, at=LATE)),
        [(BATCHES.file, 2, "usage.received_outside")],
    ),
    "readings that ended long after": (
        lambda: folder(receipt(ONE, at=AT.replace(hour=3))),
        [(batch_file(ONE), 1, "usage.after_receipt")],
    ),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_received_batch_that_does_not_fit_is_refused_where_it_stands(slip: str) -> None:
    files, problems = SLIPS[slip]

    assert problems_of(files()) == problems


def programme(*lines: str) -> Files:
    files = year_files(TODAY)
    text = files["programme.toml"].decode() + "\n" + "\n".join(lines) + "\n"
    return {**files, "programme.toml": text.encode()}


def test_agents_with_wrong_keys_providers_and_days_are_refused_line_by_line() -> None:
    other = public_text(Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32))
    files = programme(
        "[[agent]]",
        'provider = "P7"',
        f'public_key = "{public_text(KEYS["a"])}"',
        "device_classes = {}",
        "[[agent]]",
        'provider = "P1"',
        'public_key = "AAAA"',
        "device_classes = {}",
        "[[agent]]",
        'provider = "P1"',
        f'public_key = "{other}"',
        "device_classes = {}",
        "starts_on = 2026-06-02",
        "ends_on = 2026-06-01",
    )
    before = year_files(TODAY)["programme.toml"].count(b"\n") + 1

    assert problems_of(files) == [
        ("programme.toml", before + 2, "reference.unknown"),
        ("programme.toml", before + 3, "agent.key_repeated"),
        ("programme.toml", before + 7, "key.form"),
        ("programme.toml", before + 14, "agent.ends_before_start"),
    ]


def test_a_year_may_do_without_agents_and_batches() -> None:
    files = year_files(TODAY)
    files["programme.toml"] = files["programme.toml"].split(b"[[agent]]")[0]

    year = read_year(files)

    assert (year.agents, year.usage) == ((), ())
