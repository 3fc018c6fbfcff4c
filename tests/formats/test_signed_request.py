"""Signed questions: what was signed is asked, by its key, now; everything else is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from evernormal.formats.signed_request import (
    CLOCKS_APART_MAX,
    DATE_HEADER,
    SIGNATURE_HEADER,
    NotSigned,
    Question,
    sign_request,
    verify_request,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
NOW = datetime(2026, 11, 23, 4, 5, 6, tzinfo=UTC)
ASKED = Question("GET", "/v1/programmes/gz-2026/balances", "provider=P-GUIAN")
SIGNED = sign_request(ASKED, at=NOW, key=KEY)


@pytest.mark.parametrize("apart", [timedelta(0), CLOCKS_APART_MAX, -CLOCKS_APART_MAX])
def test_a_question_holds_while_its_date_is_near(apart: timedelta) -> None:
    lower = {name.lower(): value for name, value in SIGNED.items()}

    verify_request(ASKED, headers=SIGNED, public_key=PUBLIC, now=NOW + apart)
    verify_request(ASKED, headers=lower, public_key=PUBLIC, now=NOW + apart)


def test_the_same_question_has_the_same_headers() -> None:
    assert SIGNED[DATE_HEADER] == "2026-11-23T04:05:06+00:00"
    assert sign_request(ASKED, at=NOW, key=KEY) == SIGNED


@pytest.mark.parametrize(
    "other",
    [
        Question("POST", ASKED.path, ASKED.query),
        Question(ASKED.method, f"{ASKED.path}/", ASKED.query),
        Question(ASKED.method, ASKED.path, "provider=P-OTHER"),
        Question(ASKED.method, f"{ASKED.path}\ud800", ASKED.query),
    ],
)
def test_another_question_does_not_hold(other: Question) -> None:
    with pytest.raises(NotSigned):
        verify_request(other, headers=SIGNED, public_key=PUBLIC, now=NOW)


@pytest.mark.parametrize(
    "changed",
    [
        {DATE_HEADER: "2026-11-23T04:05:07+00:00"},
        {DATE_HEADER: "2026-11-23T04:05:06"},
        {DATE_HEADER: "9999-12-31T23:59:59-12:00"},
        {DATE_HEADER: "soon"},
        {DATE_HEADER: ""},
        {SIGNATURE_HEADER: SIGNED[SIGNATURE_HEADER].swapcase()},
        {SIGNATURE_HEADER: "%"},
        {SIGNATURE_HEADER: ""},
    ],
)
def test_a_changed_header_does_not_hold(changed: dict[str, str]) -> None:
    with pytest.raises(NotSigned):
        verify_request(ASKED, headers=SIGNED | changed, public_key=PUBLIC, now=NOW)


def test_an_old_or_early_question_and_another_key_do_not_hold() -> None:
    late = CLOCKS_APART_MAX + timedelta(seconds=1)
    for now in (NOW + late, NOW - late):
        with pytest.raises(NotSigned):
            verify_request(ASKED, headers=SIGNED, public_key=PUBLIC, now=now)
    for key in (bytes(32), b"short"):
        with pytest.raises(NotSigned):
            verify_request(ASKED, headers=SIGNED, public_key=key, now=NOW)
