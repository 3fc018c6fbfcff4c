"""Batches on the wire: one writing, read back whole, refused with all that is wrong."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from evernormal.domain.audit.canonical import canonical_bytes
from evernormal.formats.meters.reading import Reading
from evernormal.formats.problems import PROBLEMS_MAX
from evernormal.formats.signed_request import NotSigned
from evernormal.formats.usage_answer import (
    MORE,
    BatchProblem,
    BatchProblems,
    encode_problems,
    is_receipt,
    read_problems,
    receipt_facts,
)
from evernormal.formats.usage_batch import (
    BYTES_MAX,
    EPOCH_MAX,
    EPOCH_MIN,
    READINGS_MAX,
    BatchReading,
    UsageBatch,
    batch_reading,
    decode,
    encode,
    new_id,
    problems_of,
    sign,
    verify,
)

MADE_AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
START = 1_772_323_200
ID = "019ca8b2-7400-7c5a-9abc-0123456789ab"

LINE = st.text(st.characters(codec="utf-8"), max_size=12)
GOOD_LINE = st.text(st.sampled_from('aZ9._-/"\\<>é算力卡😀'), min_size=1, max_size=12)


def reading(**changes: Any) -> BatchReading:
    fields: dict[str, Any] = {
        "account": "lab1",
        "card_type": "a100",
        "cards": 4,
        "cluster": "hai",
        "ends_at": START + 3_600,
        "is_final": True,
        "job": "7_3",
        "revision": 0,
        "starts_at": START,
        "state": "COMPLETED",
    }
    return BatchReading(**(fields | changes))


def batch(*readings: BatchReading) -> UsageBatch:
    return UsageBatch(ID, "nanning-dc", MADE_AT, readings or (reading(),))


def wire(**changes: Any) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(encode(batch()))
    return whole | changes


def wire_reading(**changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(reading())
    return row | changes


def refused(body: bytes | dict[str, Any]) -> list[tuple[str, str]]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(BatchProblems) as refusal:
        decode(data)
    return [(problem.place, problem.code) for problem in refusal.value.problems]


@st.composite
def readings(draw: st.DrawFn) -> BatchReading:
    starts_at = draw(st.integers(EPOCH_MIN, EPOCH_MAX))
    revision = draw(st.integers(0, 3))
    return reading(
        account=draw(GOOD_LINE | st.just("")),
        card_type=draw(GOOD_LINE),
        cards=draw(st.integers(0 if revision else 1, 1_000_000)),
        cluster=draw(GOOD_LINE),
        starts_at=starts_at,
        ends_at=draw(st.integers(starts_at, EPOCH_MAX)),
        is_final=draw(st.booleans()),
        job=draw(GOOD_LINE),
        revision=revision,
    )


# --- What is written is read back -----------------------------------------------------------------


@given(st.lists(readings(), min_size=1, max_size=8, unique_by=lambda r: r.key))
def test_a_batch_is_canonical_json_and_is_read_back_as_it_was(found: list[BatchReading]) -> None:
    whole = batch(*found)
    body = encode(whole)

    assert body == canonical_bytes(json.loads(body))
    assert decode(body) == whole


def test_the_bytes_of_a_batch_never_change() -> None:
    """Other programs write them too: docs/reference/agent.md shows these."""
    assert encode(batch()).decode() == (
        '{"batch":"019ca8b2-7400-7c5a-9abc-0123456789ab","format":"evernormal-usage/1",'
        '"made_at":"2026-03-01T08:00:00Z","provider":"nanning-dc","readings":[{"account":"lab1",'
        '"card_type":"a100","cards":4,"cluster":"hai","ends_at":1772326800,"is_final":true,'
        '"job":"7_3","revision":0,"starts_at":1772323200,"state":"COMPLETED"}]}'
    )


def test_a_reading_keeps_all_it_says() -> None:
    original = Reading(
        line=3,
        cluster="hai",
        job="7",
        account="",
        card_type="shard",
        cards=2,
        starts_at=datetime.fromtimestamp(START, UTC),
        ends_at=datetime.fromtimestamp(START + 5, UTC),
        state="RUNNING",
        is_final=False,
        revision=2,
    )

    assert batch_reading(original).to_reading(3) == original


@given(st.integers(0, 2**48 - 2), st.binary(max_size=8), st.binary(max_size=8))
def test_ids_go_up_with_time_and_are_accepted(at_ms: int, one: bytes, other: bytes) -> None:
    first, second = (
        new_id(made_at_ms=at_ms, content=one),
        new_id(made_at_ms=at_ms + 1, content=other),
    )

    assert first < second
    assert decode(encode(UsageBatch(first, "dc", MADE_AT, (reading(),)))).id == first


# --- What is wrong --------------------------------------------------------------------------------


def test_everything_wrong_is_listed_with_its_place() -> None:
    body = wire(
        batch="7",
        format="evernormal-usage/2",
        made_at="2026-02-30T08:00:00Z",
        provider="a b",
        colour="red",
        readings=[
            wire_reading(),
            wire_reading(job="8", cards=1_000_001, starts_at=5, is_final="yes", weight=1),
            7,
            wire_reading(job="9", ends_at=START - 1),
            wire_reading(job="10", cards=0),
            wire_reading(),
            {name: value for name, value in wire_reading(job="11").items() if name != "state"},
            wire_reading(job="12", account=" lab1", cluster="", card_type="a\nb", state="done"),
        ],
    )

    assert refused(body) == [
        ("batch", "batch.value"),
        ("format", "batch.value"),
        ("provider", "batch.value"),
        ("'colour'", "batch.unknown"),
        ("made_at", "batch.value"),
        ("readings[1].cards", "batch.value"),
        ("readings[1].is_final", "batch.value"),
        ("readings[1].starts_at", "batch.value"),
        ("readings[1].'weight'", "batch.unknown"),
        ("readings[2]", "batch.value"),
        ("readings[6].state", "batch.missing"),
        ("readings[7].account", "batch.value"),
        ("readings[7].card_type", "batch.value"),
        ("readings[7].cluster", "batch.value"),
        ("readings[7].state", "batch.value"),
        ("readings[3].ends_at", "batch.order"),
        ("readings[4].cards", "batch.no_cards"),
        ("readings[5]", "batch.twice"),
    ]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"cards": 4.0}, "cards"),
        ({"cards": True}, "cards"),
        ({"cards": -1}, "cards"),
        ({"cards": "4"}, "cards"),
        ({"cards": None}, "cards"),
        ({"cards": 10**40}, "cards"),
        ({"revision": -1}, "revision"),
        ({"starts_at": EPOCH_MIN - 1}, "starts_at"),
        ({"ends_at": EPOCH_MAX + 1}, "ends_at"),
        ({"is_final": 1}, "is_final"),
        ({"state": "completed"}, "state"),
        ({"state": "A" * 41}, "state"),
        ({"job": "j" * 401}, "job"),
        ({"job": ""}, "job"),
        ({"job": "7\n"}, "job"),
        ({"account": "a" * 201}, "account"),
        ({"account": "lab\u2028"}, "account"),
        ({"card_type": "x" * 65}, "card_type"),
        ({"cluster": "\u00a0hai"}, "cluster"),
    ],
)
def test_a_value_beyond_its_limits_is_refused_alone(changes: dict[str, Any], place: str) -> None:
    assert refused(wire(readings=[wire_reading(**changes)])) == [
        (f"readings[0].{place}", "batch.value")
    ]


def test_no_cards_are_a_correction_only() -> None:
    assert decode(encode(batch(reading(cards=0, revision=1)))).readings[0].cards == 0
    assert problems_of(reading(cards=0)) != ()


def test_too_many_readings_or_bytes_or_none_are_refused() -> None:
    rows = [wire_reading(job=str(number)) for number in range(READINGS_MAX + 1)]

    assert refused(wire(readings=rows)) == [("readings", "batch.readings")]
    assert refused(wire(readings=[])) == [("readings", "batch.readings")]
    assert refused(b" " * (BYTES_MAX + 1)) == [("", "batch.too_large")]
    whole = canonical_bytes(wire(readings=rows[:-1]))
    assert len(decode(whole).readings) == READINGS_MAX


def test_another_writing_of_the_same_batch_is_refused() -> None:
    body = encode(batch())
    for other in (
        body + b"\n",
        body.replace(b'"cards":4', b'"cards": 4'),
        body.replace(b'"cards":4', b'"cards":1,"cards":4'),
        body.replace(b'"cards":4', b'"cards":"x","cards":4'),
        body.replace(b'"lab1"', b'"l\\u0061b1"'),
        json.dumps(dict(reversed(json.loads(body).items())), separators=(",", ":")).encode(),
    ):
        assert refused(other) == [("", "batch.not_canonical")]


def test_a_list_of_problems_ends_somewhere() -> None:
    rows = [wire_reading(job=str(n), cards=-1) for n in range(PROBLEMS_MAX + 10)]
    problems = refused(wire(readings=rows))

    assert len(problems) == PROBLEMS_MAX + 1
    assert problems[-1] == ("", MORE)


# --- Bad bytes ------------------------------------------------------------------------------------


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data: bytes) -> None:
    assert refused(data)


@pytest.mark.parametrize("data", [b"[" * 100_000, b'{"a":' * 100_000, b'{"a":1e999}', b"null"])
def test_deep_and_endless_bytes_are_refused(data: bytes) -> None:
    assert refused(data)


@given(st.data())
def test_a_damaged_batch_is_refused_or_is_another_whole_batch(data: st.DataObject) -> None:
    body = bytearray(encode(batch(reading(), reading(job="8"))))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place] = data.draw(st.integers(0, 255))
    try:
        found = decode(bytes(body))
    except BatchProblems as refusal:
        assert refusal.problems  # noqa: PT017 - either way is right
    else:
        assert encode(found) == bytes(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | LINE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(LINE, inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_the_quick_look_and_the_long_one_agree(data: st.DataObject) -> None:
    """Only what the quick decoder refuses is looked at field by field: then something is found."""
    row = wire_reading()
    for name in data.draw(st.lists(st.sampled_from(sorted(row)), max_size=2)):
        row[name] = data.draw(JSON)
    body = json.dumps(wire(readings=[row]), sort_keys=True, separators=(",", ":")).encode()
    try:
        found = decode(body)
    except BatchProblems as refusal:
        assert refusal.problems  # noqa: PT017 - either way is right
    else:
        assert problems_of(found.readings[0]) == ()


@given(LINE, st.integers(-5, 2_000_000), st.integers(0, 2**33))
def test_a_reading_is_fit_for_a_batch_just_when_a_batch_of_it_is_accepted(
    text: str, cards: int, ends_at: int
) -> None:
    found = reading(account=text, cards=cards, ends_at=ends_at)
    try:
        encode(batch(found))
    except BatchProblems as refusal:
        places = [p.place.removeprefix("readings[0].") for p in refusal.problems]
        assert [p.place.removeprefix("reading.") for p in problems_of(found)] == places
    else:
        assert problems_of(found) == ()


# --- Signatures -----------------------------------------------------------------------------------


def test_a_signature_holds_for_its_bytes_and_its_key_alone() -> None:
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    public, stranger = (
        k.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw) for k in (key, other)
    )
    body = encode(batch())
    signature = sign(body, key=key)["Evernormal-Signature"]

    verify(body, signature=signature, public_key=public)
    for bad in (
        {"signature": signature, "public_key": stranger},
        {"signature": "", "public_key": public},
        {"signature": signature.rstrip("="), "public_key": public},
        {"signature": signature + "\n", "public_key": public},
        {"signature": "é" + signature, "public_key": public},
        {"signature": b64encode(bytes(64)).decode(), "public_key": public},
        {"signature": signature, "public_key": b"short"},
    ):
        with pytest.raises(NotSigned):
            verify(body, **bad)  # type: ignore[arg-type]
    with pytest.raises(NotSigned):
        verify(body + b" ", signature=signature, public_key=public)


# --- Answers --------------------------------------------------------------------------------------


def test_a_receipt_names_the_batch_and_its_bytes() -> None:
    body = encode(batch())
    answer = json.dumps({"kept": 1, **receipt_facts(batch_id=ID, body=body)}).encode()

    assert is_receipt(answer, batch_id=ID, body=body)
    assert not is_receipt(answer, batch_id=ID, body=body + b" ")
    for other in (b"", b"<html>welcome</html>", b"[]", b"{}", answer[:-1]):
        assert not is_receipt(other, batch_id=ID, body=body)


def test_problems_come_through_the_answer() -> None:
    problems = (
        BatchProblem("readings[12].account", "usage.unknown_account", "Is not known.", "Ask."),
        BatchProblem("", "x.y", "No.", ""),
    )
    answer = json.dumps({"title": "Refused", "problems": encode_problems(problems)}).encode()

    assert read_problems(answer) == problems
    assert [problem.reading_index for problem in problems] == [12, None]
    assert problems[0].in_file("b.json").column == "readings[12].account"


@given(st.binary(max_size=60) | JSON.map(lambda v: json.dumps({"problems": v}).encode()))
def test_any_answer_gives_at_least_one_problem(answer: bytes) -> None:
    assert read_problems(answer)
