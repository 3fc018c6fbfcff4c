"""Orders as bytes: one way to write each, and every slip told at once."""

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evernormal.domain.audit.canonical import canonical_bytes
from evernormal.formats.order_request import OrderRequest, decode, encode, verify
from evernormal.formats.signed_request import SIGNATURE_HEADER, NotSigned
from evernormal.formats.usage_answer import BatchProblems
from tests.api.ordering import BUYERS, order_headers, order_of, request_of
from tests.api.year_folder import raw_key

TODAY = date(2026, 6, 15)
BODY = order_of("N1", today=TODAY)
IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,21}", fullmatch=True)


def problems_of(body: bytes) -> list[tuple[str, str]]:
    with pytest.raises(BatchProblems) as refusal:
        decode(body)
    return [(problem.place, problem.code) for problem in refusal.value.problems]


def changed(**fields: object) -> bytes:
    whole = {**msgspec.json.decode(BODY), **fields}
    return msgspec.json.encode({name: value for name, value in whole.items() if value is not None})


@given(
    order_id=IDS,
    site=st.sampled_from(["", "c1", "贵安"]),
    gangs=st.integers(1, 1_000),
    gang_cards=st.integers(1, 1_000),
    card_hours=st.integers(1, 999_999_999),
    days=st.integers(1, 400),
)
def test_what_is_written_is_canonical_and_reads_back(  # noqa: PLR0913, PLR0917 - an order's parts
    order_id: str, site: str, gangs: int, gang_cards: int, card_hours: int, days: int
) -> None:
    wanted: OrderRequest = request_of(
        order_id,
        today=TODAY,
        days=days,
        site=site,
        cards=gangs * gang_cards,
        gang_cards=gang_cards,
        card_hours=card_hours,
    )

    body = encode(wanted)

    assert decode(body) == wanted
    assert body == canonical_bytes(msgspec.json.decode(body))


def test_every_slip_is_told_at_once() -> None:
    body = changed(
        cards=12,
        ends_on="2026-06-14",
        made_at="2026-02-30T00:00:00Z",
        order="a b",
        plan=None,
        colour="red",
        card_hours=0,
    )

    assert problems_of(body) == [
        ("card_hours", "order.value"),
        ("order", "order.value"),
        ("plan", "order.missing"),
        ("'colour'", "order.unknown"),
        ("made_at", "order.value"),
        ("ends_on", "order.ends_before_start"),
        ("cards", "order.part_of_a_gang"),
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[]", "order.not_json"),
        (BODY.replace(b",", b", ", 1), "order.not_canonical"),
        (BODY.replace(b'{"', b'{"cards":1,"', 1), "order.not_canonical"),
        (b" " * 20_000, "order.too_large"),
    ],
)
def test_a_body_that_is_not_one_order_is_refused_as_a_whole(body: bytes, code: str) -> None:
    assert problems_of(body) == [("", code)]


def test_a_signature_is_of_these_bytes_and_this_key_alone() -> None:
    signature = order_headers(BODY)[SIGNATURE_HEADER]
    key, other = raw_key(BUYERS["x"]), raw_key(BUYERS["y"])

    verify(BODY, signature=signature, public_key=key)
    for body, public_key in ((BODY + b" ", key), (BODY, other)):
        with pytest.raises(NotSigned):
            verify(body, signature=signature, public_key=public_key)
